//! An exchange, its markets and their liquidity, by the transactions that an
//! operator would send.

use ringfence_client::Pubkey;
use ringfence_client::accounts::{Market, decode};
use ringfence_client::{
    AddLiquidityArgs, CreateMarketArgs, InitializeExchangeArgs, MarketAccounts, instructions, pda,
};
use solana_keypair::Keypair;
use solana_signer::Signer;
use spl_associated_token_account_interface::address::get_associated_token_address;

use crate::Options;
use crate::collateral;
use crate::error::{SendError, StartError};
use crate::keys::Keys;
use crate::market::{LISTINGS, Listing, MarketInfo};
use crate::validator::Chain;

/// What each of the keys has to trade with, atoms.
const ALLOWANCE: u64 = 1_000_000_000_000;

/// Names the step of the set-up that failed.
fn at<T>(step: impl Into<String>, result: Result<T, SendError>) -> Result<T, StartError> {
    result.map_err(|error| StartError::Setup { step: step.into(), error })
}

/// Mint, allowances, exchange and markets; no market has a price yet.
pub(crate) fn exchange(
    chain: &Chain,
    keys: &Keys,
    mint: &Keypair,
    options: &Options,
) -> Result<Vec<MarketInfo>, StartError> {
    let admin = &keys.admin;
    let pools =
        (LISTINGS.len() as u64).checked_mul(options.liquidity).and_then(|sum| sum.checked_add(ALLOWANCE));
    let funds = pools.ok_or_else(|| StartError::Options("more liquidity than a mint can issue".into()))?;
    at("create the mint", collateral::create_mint(chain, admin, mint))?;
    for (name, key) in keys.named() {
        let amount = if name == "provider" { funds } else { ALLOWANCE };
        let airdrop = collateral::airdrop(chain, admin, mint.pubkey(), key.pubkey(), amount);
        at(format!("fund {name}"), airdrop)?;
    }
    let args = InitializeExchangeArgs {
        admin: admin.pubkey(),
        guardian: keys.guardian.pubkey(),
        treasury: keys.treasury.pubkey(),
        timelock_seconds: options.timelock_seconds,
    };
    let initialize = instructions::initialize_exchange(admin.pubkey(), args);
    at("initialize the exchange", chain.send(&[initialize], &[admin]))?;
    LISTINGS
        .iter()
        .zip(0..)
        .map(|(listing, index)| {
            let pinned = !options.unpinned.contains(&usize::from(index));
            let args = listing.create_args(pinned, options.cooldown_seconds);
            create_market(chain, admin, mint, (listing, args), index)
        })
        .collect()
}

fn create_market(
    chain: &Chain,
    admin: &Keypair,
    mint: &Keypair,
    (listing, args): (&Listing, CreateMarketArgs),
    index: u16,
) -> Result<MarketInfo, StartError> {
    let step = || format!("create the market {}", listing.name);
    let token_program = spl_token_interface::ID;
    let create = instructions::create_market(admin.pubkey(), index, mint.pubkey(), token_program, args);
    at(step(), chain.send(&[create], &[admin]))?;
    let key = pda::market(index);
    let market = read_market(chain, key).ok_or_else(|| SendError::NotSent("no market account".into()));
    let accounts = MarketAccounts::new(key, &at(step(), market)?, listing.oracle());
    let Listing { name, feed_id, size_decimals, .. } = *listing;
    Ok(MarketInfo { name: name.into(), index, accounts, size_decimals, feed_id })
}

fn read_market(chain: &Chain, key: Pubkey) -> Option<Market> {
    let account = chain.write(move |svm| svm.get_account(&key).ok().flatten());
    decode(&account?.data)
}

/// Puts `amount` atoms into the pool of a market that has a price; the shares
/// can be claimed after the cool-down.
pub(crate) fn add_liquidity(
    chain: &Chain,
    provider: &Keypair,
    market: &MarketInfo,
    amount: u64,
) -> Result<(), StartError> {
    let (key, accounts) = (provider.pubkey(), &market.accounts);
    let tokens = get_associated_token_address(&key, &accounts.collateral_mint);
    let args = AddLiquidityArgs { id: 0, amount, min_shares: 0 };
    let deposit = instructions::add_liquidity(accounts, key, tokens, args);
    at(format!("add liquidity to {}", market.name), chain.send(&[deposit], &[provider]))?;
    Ok(())
}
