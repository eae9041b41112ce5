//! Every account of every instruction, replaced by another's: by what is most
//! like the right one, which is what an attacker would pass.

mod margin;
mod open;
mod runner;
mod trades;

use anchor_lang::prelude::Pubkey;
use ringfence_client::MarketAccounts;
use ringfence_client::state::Side;
use ringfence_testkit::{MarketId, Trader, World, quote, size};
use solana_signer::Signer;

use crate::support::easy;

/// Three markets and who trades in them.
struct Stage {
    world: World,
    /// The market under test.
    market: MarketId,
    own: MarketAccounts,
    /// Another market of the same collateral.
    twin: MarketAccounts,
    /// A market of another collateral.
    other: MarketAccounts,
    alice: Trader,
    bob: Trader,
    alices_tokens: Pubkey,
    bobs_tokens: Pubkey,
    /// Alice's, in the market under test, and its vault.
    position: Pubkey,
    vault: Pubkey,
    /// Alice's second one there.
    second: Pubkey,
    seconds_vault: Pubkey,
    /// Alice's in the twin.
    in_twin: Pubkey,
    in_twins_vault: Pubkey,
    /// Bob's in the market under test.
    bobs: Pubkey,
    bobs_vault: Pubkey,
    /// A token account that belongs to alice's position, but is not its vault.
    near_vault: Pubkey,
    /// Alice's token account of the other collateral.
    other_tokens: Pubkey,
    /// Bytes of alice's token account, the market, the position under a program
    /// of the attacker's.
    fake_tokens: Pubkey,
    fake_market: Pubkey,
    fake_position: Pubkey,
    /// Bob's referral in the market under test, which all positions in it
    /// name; alice's own there; and bob's in the twin.
    referral: Pubkey,
    others_referral: Pubkey,
    twins_referral: Pubkey,
    fake_referral: Pubkey,
    /// No account at all.
    nothing: Pubkey,
}

impl Stage {
    fn new() -> Self {
        let (mut world, market) = easy();
        let own = world.markets[market.0].accounts;
        let kind = world.markets[market.0].mint.clone();
        let twin = world.market("TWIN-PERP").price("100").mint_key(own.collateral_mint, kind);
        let twin = twin.liquidity(100_000).build();
        let other = world.market("OTHER-PERP").price("100").liquidity(100_000).build();
        let (alice, bob) = (world.trader(10_000), world.trader(10_000));
        let referral = world.create_referral(market, &bob).unwrap();
        let others_referral = world.create_referral(market, &alice).unwrap();
        let twins_referral = world.create_referral(twin, &bob).unwrap();
        let mut open = |market_id: MarketId, trader: &Trader, id| {
            let (size, margin) = (size("10"), quote("80"));
            let referral = if market_id == twin { twins_referral } else { referral };
            if market_id == other {
                return world.open(market_id, trader, id, Side::Long, size, margin).unwrap();
            }
            world.open_referred(market_id, trader, id, Side::Long, size, margin, referral).unwrap()
        };
        let position = open(market, &alice, 0);
        let second = open(market, &alice, 1);
        let in_twin = open(twin, &alice, 0);
        let bobs = open(market, &bob, 0);
        open(other, &alice, 0);
        let alices_tokens = world.tokens_of(market, &alice);
        let vault = |position| world.position(position).vault;
        Self {
            vault: vault(position),
            seconds_vault: vault(second),
            in_twins_vault: vault(in_twin),
            bobs_vault: vault(bobs),
            near_vault: world.create_token_account(own.collateral_mint, position, 0),
            alices_tokens,
            bobs_tokens: world.tokens_of(market, &bob),
            other_tokens: world.tokens_of(other, &alice),
            fake_tokens: impostor(&mut world, alices_tokens),
            fake_market: impostor(&mut world, own.market),
            fake_position: impostor(&mut world, position),
            fake_referral: impostor(&mut world, referral),
            referral,
            others_referral,
            twins_referral,
            nothing: world.new_key().pubkey(),
            twin: world.markets[twin.0].accounts,
            other: world.markets[other.0].accounts,
            world,
            market,
            own,
            alice,
            bob,
            position,
            second,
            in_twin,
            bobs,
        }
    }
}

/// The same bytes at another address, under another program.
fn impostor(world: &mut World, key: Pubkey) -> Pubkey {
    let mut account = world.svm.get_account(&key).unwrap();
    account.owner = world.new_key().pubkey();
    let copy = world.new_key().pubkey();
    world.svm.set_account(copy, account).unwrap();
    copy
}
