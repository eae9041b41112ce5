//! The program's events as people and programs read them.

pub mod orders;

use ringfence_client::Pubkey;
use ringfence_client::event::{FeeParts, PositionLiquidated};
use ringfence_client::events::Event;
use ringfence_client::state::{MarketStatus, Side};
use ringfence_math::Price;

use super::amount::{self, Units};
use super::record::Record;
use super::time;

/// An event's name and numbers. Without units, raw integers.
pub fn record(event: &Event, units: Option<Units>) -> Record {
    let told = Teller { units };
    Record::default().with("event", name(event)).and(told.fields(event))
}

/// The same as indented lines under its name.
pub fn lines(event: &Event, units: Option<Units>) -> Vec<String> {
    let told = Teller { units };
    let mut lines = vec![format!("  {}", title(event))];
    lines.extend(told.fields(event).lines().into_iter().map(|line| format!("    {line}")));
    lines
}

/// `PositionOpened`, as the IDL has it.
fn name(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}

/// `Position opened`.
fn title(event: &Event) -> String {
    let mut title = String::new();
    for letter in name(event).chars() {
        if letter.is_uppercase() && !title.is_empty() {
            title.push(' ');
            title.extend(letter.to_lowercase());
        } else {
            title.push(letter);
        }
    }
    title
}

pub fn side(side: Side) -> &'static str {
    match side {
        Side::Long => "long",
        Side::Short => "short",
    }
}

pub fn status(status: MarketStatus) -> &'static str {
    match status {
        MarketStatus::Active => "active",
        MarketStatus::ReduceOnly => "reduce-only",
        MarketStatus::Paused => "paused",
        MarketStatus::Settling => "settling",
    }
}

/// A key, or none for the default one.
pub fn optional(key: &Pubkey) -> Option<String> {
    (*key != Pubkey::default()).then(|| key.to_string())
}

/// A name without its padding.
pub fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).trim_end_matches('\0').to_owned()
}

struct Teller {
    units: Option<Units>,
}

impl Teller {
    fn quote(&self, atoms: impl Into<i128>) -> String {
        let atoms = atoms.into();
        self.units.map_or_else(|| atoms.to_string(), |units| units.quote(atoms))
    }

    fn size(&self, size: u64) -> String {
        self.units.map_or_else(|| size.to_string(), |units| units.size(size))
    }

    fn price(&self, price: u64) -> String {
        amount::price(Price(price))
    }

    fn fee(&self, fee: u64, parts: &FeeParts) -> Record {
        Record::default()
            .with("fee", self.quote(fee))
            .with("fee_to_pool", self.quote(parts.liquidity))
            .with("fee_to_insurance", self.quote(parts.insurance))
            .with("fee_to_protocol", self.quote(parts.protocol))
            .with("fee_to_referrer", self.quote(parts.referrer))
    }

    fn fields(&self, event: &Event) -> Record {
        let record = Record::default();
        match event {
            Event::PositionOpened(e) => record
                .with("position", e.position.to_string())
                .with("side", side(e.side))
                .with("size", self.size(e.size))
                .with("index_price", self.price(e.oracle.price))
                .with("fill_price", self.price(e.fill_price))
                .with("entry_notional", self.quote(e.entry_notional))
                .with("largest_gain", self.quote(e.reserve))
                .with("paid_in", self.quote(e.deposit))
                .and(self.fee(e.fee, &e.fee_parts))
                .with("margin", self.quote(e.margin))
                .with("referral", optional(&e.referral)),
            Event::PositionIncreased(e) => record
                .with("position", e.position.to_string())
                .with("size_added", self.size(e.size))
                .with("index_price", self.price(e.oracle.price))
                .with("fill_price", self.price(e.fill_price))
                .with("notional_added", self.quote(e.entry_notional))
                .with("paid_in", self.quote(e.deposit))
                .and(self.fee(e.fee, &e.fee_parts))
                .with("margin", self.quote(e.margin)),
            Event::PositionDecreased(e) => record
                .with("position", e.position.to_string())
                .with("size_closed", self.size(e.size))
                .with("index_price", self.price(e.oracle.price))
                .with("fill_price", self.price(e.fill_price))
                .with("gain", self.quote(e.gain))
                .with("loss", self.quote(e.loss))
                .with("funding", self.quote(e.funding))
                .with("borrow", self.quote(e.borrow))
                .and(self.fee(e.fee, &e.fee_parts))
                .with("fee_forgiven", self.quote(e.fee_forgiven))
                .with("bad_debt", self.quote(e.bad_debt))
                .with("margin", self.quote(e.margin)),
            Event::PositionClosed(e) => record
                .with("position", e.position.to_string())
                .with("owner", e.owner.to_string())
                .with("paid_out", self.quote(e.payout))
                .with("of_which_donations", self.quote(e.surplus))
                .with("realised_pnl", self.quote(e.realised_pnl))
                .with("fees_paid", self.quote(e.fees_paid)),
            Event::MarginAdded(e) => record
                .with("position", e.position.to_string())
                .with("paid_in", self.quote(e.amount))
                .with("margin", self.quote(e.margin)),
            Event::MarginRemoved(e) => record
                .with("position", e.position.to_string())
                .with("paid_out", self.quote(e.amount))
                .with("margin", self.quote(e.margin)),
            Event::PositionLiquidated(e) => self.liquidated(e),
            Event::PositionCapped(e) => record
                .with("position", e.position.to_string())
                .with("size_closed", self.size(e.size))
                .with("gain", self.quote(e.gain))
                .with("margin", self.quote(e.margin)),
            Event::DelegateChanged(e) => {
                record.with("position", e.position.to_string()).with("delegate", optional(&e.delegate))
            }
            Event::FundingAccrued(e) => record
                .with("market", e.market.to_string())
                .with("index_price", self.price(e.oracle.price))
                .with("accrued_at", time::utc(e.accrued_at)),
            _ => self.order_fields(event),
        }
    }

    fn liquidated(&self, e: &PositionLiquidated) -> Record {
        let reward = i128::from(e.keeper_from_vault) + i128::from(e.keeper_from_insurance);
        Record::default()
            .with("position", e.position.to_string())
            .with("owner", e.owner.to_string())
            .with("size_closed", self.size(e.size))
            .with("size_left", self.size(e.remaining_size))
            .with("judged_at_price", self.price(e.price))
            .with("settled_at_price", self.price(e.settled_at))
            .with("equity", self.quote(e.equity))
            .with("maintenance", self.quote(e.maintenance))
            .with("gain", self.quote(e.gain))
            .with("loss", self.quote(e.loss))
            .with("keeper_reward", self.quote(reward))
            .with("of_which_insurance", self.quote(e.keeper_from_insurance))
            .with("fee_to_insurance", self.quote(e.insurance_fee))
            .with("bad_debt", self.quote(e.bad_debt))
            .with("margin", self.quote(e.margin))
    }

    fn pool_fields(&self, event: &Event) -> Record {
        let record = Record::default();
        match event {
            Event::LiquidityAdded(e) => record
                .with("deposit", e.deposit.to_string())
                .with("id", e.id)
                .with("paid_in", self.quote(e.amount))
                .with("shares", self.quote(e.shares))
                .with("claimable_from", time::utc(e.unlocks_at))
                .with("pool_liquidity", self.quote(e.liquidity)),
            Event::SharesClaimed(e) => record
                .with("deposit", e.deposit.to_string())
                .with("provider", e.provider.to_string())
                .with("shares", self.quote(e.shares)),
            Event::LiquidityRemoved(e) => record
                .with("shares", self.quote(e.shares))
                .with("paid_out", self.quote(e.amount))
                .with("pool_liquidity", self.quote(e.liquidity)),
            Event::InsuranceFunded(e) => record
                .with("market", e.market.to_string())
                .with("paid_in", self.quote(e.amount))
                .with("insurance", self.quote(e.insurance)),
            Event::ProtocolFeesCollected(e) => record
                .with("market", e.market.to_string())
                .with("treasury", e.treasury.to_string())
                .with("fees_paid_out", self.quote(e.fees))
                .with("insurance_paid_out", self.quote(e.insurance)),
            Event::ReferralCreated(e) => {
                record.with("referral", e.referral.to_string()).with("referrer", e.referrer.to_string())
            }
            Event::ReferralFeesClaimed(e) => record
                .with("referral", e.referral.to_string())
                .with("referrer", e.referrer.to_string())
                .with("paid_out", self.quote(e.amount))
                .with("closed", e.closed),
            _ => self.governance_fields(event),
        }
    }

    fn governance_fields(&self, event: &Event) -> Record {
        let record = Record::default();
        match event {
            Event::ExchangeInitialized(e) => record
                .with("admin", e.admin.to_string())
                .with("guardian", optional(&e.guardian))
                .with("treasury", e.treasury.to_string())
                .with("timelock_seconds", e.timelock_seconds),
            Event::MarketCreated(e) => record
                .with("market", e.market.to_string())
                .with("name", text(&e.name))
                .with("index", e.index)
                .with("collateral_mint", e.collateral_mint.to_string())
                .with("lp_mint", e.lp_mint.to_string()),
            Event::StatusChanged(e) => record
                .with("market", e.market.to_string())
                .with("before", status(e.before))
                .with("after", status(e.after)),
            Event::AdminNominated(e) => {
                record.with("admin", e.admin.to_string()).with("nominee", optional(&e.nominee))
            }
            Event::AdminAccepted(e) => {
                record.with("before", e.before.to_string()).with("admin", e.admin.to_string())
            }
            Event::ParamsProposed(e) => record
                .with("market", e.market.to_string())
                .with("proposer", e.proposer.to_string())
                .with("applicable_from", time::utc(e.eta)),
            Event::ParamsApplied(e) => record.with("market", e.market.to_string()),
            Event::ParamsCancelled(e) => {
                record.with("market", e.market.to_string()).with("authority", e.authority.to_string())
            }
            Event::SettlementAnnounced(e) => record
                .with("market", e.market.to_string())
                .with("settles_at", time::utc(e.settles_at))
                .with("before", status(e.before))
                .with("after", status(e.after)),
            Event::MarketSettled(e) => record
                .with("market", e.market.to_string())
                .with("settlement_price", self.price(e.settlement_price))
                .with("settled_at", time::utc(e.settled_at)),
            Event::MarketClosed(e) => record
                .with("market", e.market.to_string())
                .with("treasury", e.treasury.to_string())
                .with("paid_to_treasury", self.quote(e.amount)),
            Event::MarketMigrated(e) => {
                record.with("market", e.market.to_string()).with("from", e.from).with("to", e.to)
            }
            Event::PositionMigrated(e) => {
                record.with("position", e.position.to_string()).with("from", e.from).with("to", e.to)
            }
            // The others are told above.
            _ => record,
        }
    }
}
