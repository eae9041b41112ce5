//! What traders, keepers and providers send, as signed transactions.

use std::collections::HashSet;

use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use ringfence_client::accounts::Order;
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, Instruction,
    MarketAccounts, OpenPositionArgs, instructions as of, pda,
};
use ringfence_testkit::{MintKind, price, quote, size};
use solana_keypair::Keypair;
use solana_message::{Hash, Message, SimpleAddressLoader, VersionedMessage};
use solana_runtime_transaction::runtime_transaction::RuntimeTransaction;
use solana_signer::Signer;
use solana_transaction::sanitized::{MessageHash, SanitizedTransaction};
use solana_transaction::versioned::VersionedTransaction;

/// A transaction as a block producer has it once it has parsed it.
pub type Parsed = RuntimeTransaction<SanitizedTransaction>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    AddMargin,
    RemoveMargin,
    PlaceOrder,
    OpenPosition,
    IncreasePosition,
    DecreasePosition,
    ClosePosition,
    ExecuteOrder,
    LiquidatePart,
    LiquidateWhole,
    Accrue,
    AddLiquidity,
}

use Kind::*;

/// Every kind, with its instruction and path in docs/compute-units.md.
pub const KINDS: [(Kind, &str, &str); 12] = [
    (AddMargin, "add_margin", "by the owner"),
    (RemoveMargin, "remove_margin", "long, unrealised loss"),
    (PlaceOrder, "place_order", "stop-loss of an open position"),
    (OpenPosition, "open_position", "long"),
    (IncreasePosition, "increase_position", "long, with margin"),
    (DecreasePosition, "decrease_position", "long, part, loss"),
    (ClosePosition, "close_position", "long, loss"),
    (ExecuteOrder, "execute_order", "stop-loss, all of a long"),
    (LiquidatePart, "liquidate", "long, part of it"),
    (LiquidateWhole, "liquidate", "long, solvent"),
    (Accrue, "accrue", "open positions on both sides"),
    (AddLiquidity, "add_liquidity", "open positions on both sides"),
];

impl Kind {
    pub fn label(self) -> &'static str {
        match self {
            LiquidatePart => "liquidate, in part",
            LiquidateWhole => "liquidate, as a whole",
            _ => KINDS.iter().find(|(kind, ..)| *kind == self).expect("every kind is listed").1,
        }
    }
}

/// Who sends it, and what for.
pub struct Party {
    pub on: MarketAccounts,
    /// Signs and pays the fee.
    pub signer: Keypair,
    /// The signer's, of the collateral.
    pub tokens: Pubkey,
    /// The signer, but for liquidations and orders, which are somebody else's.
    pub owner: Pubkey,
}

impl Party {
    /// The `number`th of a market, with accounts of his own.
    pub fn new(kind: Kind, on: MarketAccounts, number: usize) -> Self {
        let seed = |purpose: u8| {
            let mut seed = [purpose; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            seed[8..16].copy_from_slice(&on.market.as_ref()[..8]);
            seed
        };
        let signer = Keypair::new_from_array(seed(1));
        let by_others = matches!(kind, ExecuteOrder | LiquidatePart | LiquidateWhole);
        let owner = if by_others { Pubkey::new_from_array(seed(2)) } else { signer.pubkey() };
        Self { on, signer, tokens: Pubkey::new_from_array(seed(3)), owner }
    }

    pub fn position(&self) -> Pubkey {
        pda::position(&self.on.market, &self.owner, 0)
    }

    pub fn instruction(&self, kind: Kind) -> Instruction {
        let (on, who, tokens, position) = (&self.on, self.signer.pubkey(), self.tokens, self.position());
        let (size, amount, acceptable_price) = (size("0.5"), quote("10"), 0);
        match kind {
            AddMargin => of::add_margin(on.token_program, position, who, tokens, amount),
            RemoveMargin => of::remove_margin(on, position, who, tokens, amount),
            PlaceOrder => of::place_order(on, position, who, tokens, 0, stop_loss()),
            OpenPosition => {
                let (id, side, margin) = (0, Side::Long, quote("100"));
                let args = OpenPositionArgs { id, side, size, margin, acceptable_price: u64::MAX };
                of::open_position(on, who, tokens, None, args)
            }
            IncreasePosition => {
                let args = IncreasePositionArgs { size, margin: amount, acceptable_price: u64::MAX };
                of::increase_position(on, position, who, tokens, None, args)
            }
            DecreasePosition => of::decrease_position(
                on,
                position,
                who,
                None,
                DecreasePositionArgs { size, acceptable_price },
            ),
            ClosePosition => {
                of::close_position(on, position, who, tokens, None, ClosePositionArgs { acceptable_price })
            }
            ExecuteOrder => {
                let key = pda::order(&position, 0);
                let order = Order {
                    position,
                    trader: self.owner,
                    escrow: pda::order_escrow(&key),
                    ..Order::zeroed()
                };
                of::execute_order(on, key, &order, who, tokens, None)
            }
            LiquidatePart | LiquidateWhole => of::liquidate(on, position, who, tokens),
            Accrue => of::accrue(on),
            AddLiquidity => {
                of::add_liquidity(on, who, tokens, AddLiquidityArgs { id: 0, amount, min_shares: 0 })
            }
        }
    }

    /// These instructions in one transaction, signed, as a producer parses it.
    pub fn sign(&self, instructions: &[Instruction]) -> Parsed {
        let message = Message::new_with_blockhash(
            instructions,
            Some(&self.signer.pubkey()),
            &Hash::new_from_array([1; 32]),
        );
        let signed = VersionedTransaction::try_new(VersionedMessage::Legacy(message), &[&self.signer]);
        // None of the reserved keys, which no lock is given to write, is asked to be written.
        let parsed = Parsed::try_create(
            signed.expect("one signer"),
            MessageHash::Compute,
            Some(false),
            SimpleAddressLoader::Disabled,
            &HashSet::new(),
            true,
        );
        parsed.expect("a transaction that can be parsed")
    }
}

/// The stop-loss of all of a long at 145.
pub fn stop_loss() -> OrderTerms {
    OrderTerms {
        kind: OrderKind::StopLoss,
        size: 0,
        margin: 0,
        share_ppm: 1_000_000,
        trigger_price: price("145"),
        acceptable_price: 0,
        reward: quote("1"),
        // 2100-01-01T00:00:00Z
        expires_at: 4_102_444_800,
        cancels: None,
    }
}

/// The accounts of the market of this index, all in one collateral.
pub fn market(index: u16) -> MarketAccounts {
    let market = pda::market(index);
    let [low, high] = index.to_le_bytes();
    let mut feed = [4; 32];
    (feed[0], feed[1]) = (low, high);
    MarketAccounts {
        market,
        collateral_mint: Pubkey::new_from_array([5; 32]),
        pool_vault: pda::pool_vault(&market),
        lp_mint: pda::lp_mint(&market),
        token_program: MintKind::Token.program(),
        oracle: Pubkey::new_from_array(feed),
    }
}
