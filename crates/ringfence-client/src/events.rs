//! Decoding of events from the inner instructions that carry them.

use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::{AnchorDeserialize, Discriminator};
use ringfence::events::*;

macro_rules! events {
    ($($name:ident),* $(,)?) => {
        /// Every event of the program.
        #[derive(Debug, Clone)]
        #[allow(clippy::large_enum_variant)]
        pub enum Event { $($name($name)),* }

        /// Decodes the data of an inner instruction of the program that was
        /// emitted by `emit_cpi!`; none for anything else.
        pub fn decode(data: &[u8]) -> Option<Event> {
            let data = data.strip_prefix(EVENT_IX_TAG_LE)?;
            $(
                if let Some(mut body) = data.strip_prefix($name::DISCRIMINATOR) {
                    return $name::deserialize(&mut body).ok().map(Event::$name);
                }
            )*
            None
        }
    };
}

events!(
    ExchangeInitialized,
    MarketCreated,
    StatusChanged,
    LiquidityAdded,
    SharesClaimed,
    LiquidityRemoved,
    PositionOpened,
    PositionIncreased,
    PositionDecreased,
    PositionClosed,
    MarginAdded,
    MarginRemoved,
    PositionLiquidated,
    PositionCapped,
    FundingAccrued,
    InsuranceFunded,
    ProtocolFeesCollected,
    AdminNominated,
    AdminAccepted,
    ParamsProposed,
    ParamsApplied,
    ParamsCancelled,
    DelegateChanged,
    ReferralCreated,
    ReferralFeesClaimed,
    SettlementAnnounced,
    MarketSettled,
    MarketClosed,
    MarketMigrated,
    PositionMigrated,
);
