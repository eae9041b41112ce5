//! Markets, shown.

use anyhow::Result;
use ringfence_client::state::{MarketStatus, ParamsProposal};
use ringfence_client::{Pubkey, pda};
use ringfence_math::{self as math, FundingRate, INDEX_DECIMALS, Quote, Size};
use serde_json::{Map, Value};

use super::params::{self, Parameters};
use crate::decimal;
use crate::operate::lookup::{self, Listed, Present};
use crate::operate::record::{self, Record};
use crate::operate::{Session, amount, effects, time};

/// A rate per day of 18 decimals, as a percentage.
fn daily(rate: FundingRate) -> String {
    let percent = i128::from(rate.0) * 100;
    format!("{}%", decimal::format_readable(percent, INDEX_DECIMALS, 6))
}

fn status(listed: &Listed) -> &'static str {
    MarketStatus::from_byte(listed.market.status).map_or("unknown", effects::status)
}

/// Notional of one side at the index price, rounded up.
fn notional(present: &Present, size: u64) -> Quote {
    let scale = present.market.scale().ok();
    let notional = scale.and_then(|scale| math::notional_ceil(Size(size), present.reading.price, scale).ok());
    notional.unwrap_or(Quote(u64::MAX))
}

fn row(listed: &Listed, present: &Present) -> Record {
    let (market, units) = (&present.market, listed.units());
    let utilisation = math::utilisation_ppm(Quote(market.reserved), Quote(market.liquidity));
    Record::default()
        .with("index", market.index)
        .with("name", listed.name())
        .with("status", status(listed))
        .with("price", amount::price(present.reading.price))
        .with("longs", units.size(market.long.open_interest))
        .with("shorts", units.size(market.short.open_interest))
        .with("funding_per_day", daily(FundingRate(market.funding_rate)))
        .with("liquidity", units.quote(market.liquidity))
        .with(
            "utilisation",
            utilisation.map_or_else(|_| "over 100%".to_owned(), |ppm| amount::percent(ppm.0)),
        )
        .with("market", listed.key.to_string())
}

pub fn list(session: &Session) -> Result<()> {
    let mut rows = Vec::new();
    for listed in lookup::markets(&session.connection)? {
        let present = listed.present(&session.connection, None)?;
        rows.push(row(&listed, &present));
    }
    record::list(&rows, "No markets yet: the admin makes one with `ringfence market create`.", session.format)
}

pub fn show(session: &Session, wanted: &str, oracle: Option<Pubkey>) -> Result<()> {
    let connection = &session.connection;
    let listed = lookup::market(connection, wanted)?;
    let present = listed.present(connection, oracle)?;
    let (market, units) = (&present.market, listed.units());
    let reading = &present.reading;
    let proposal = connection.read::<ParamsProposal>(&pda::params_proposal(&listed.key))?;
    let mut shown = row(&listed, &present)
        .with("price_source", present.source.name())
        .with("price_age", time::span(present.now - reading.publish_time))
        .with("confidence", amount::price(reading.confidence))
        .with("longs_notional", units.quote(notional(&present, market.long.open_interest).0))
        .with("shorts_notional", units.quote(notional(&present, market.short.open_interest).0))
        .with("long_positions", market.long.positions)
        .with("short_positions", market.short.positions)
        .with("position_accounts", market.position_accounts)
        .with("reserved", units.quote(market.reserved))
        .with("insurance", units.quote(market.insurance))
        .with("protocol_fees", units.quote(market.protocol_fees))
        .with("referral_fees", units.quote(market.referral_fees))
        .with("lifetime_bad_debt", units.quote(market.bad_debt))
        .with("shares", units.quote(market.lp_shares))
        .with("accrued_at", time::utc(market.accrued_at))
        .with("version", market.version)
        .with("collateral_mint", market.collateral_mint.to_string())
        .with("token_program", market.token_program.to_string())
        .with("pool_vault", market.pool_vault.to_string())
        .with("lp_mint", market.lp_mint.to_string())
        .with("oracle", effects::optional(&market.oracle.account))
        .with("feed", market.oracle.feed_id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    if market.is_settling() {
        shown = shown
            .with("settlement_price", amount::price(math::Price(market.settlement_price)))
            .with("settled_at", time::utc(market.settled_at));
    }
    if market.settles_at > 0 && !market.is_settling() {
        shown = shown.with("settles_at", time::utc(market.settles_at));
    }
    if let Some(proposal) = &proposal {
        shown = shown.with("proposal_applicable_from", time::utc(proposal.eta));
    }
    let current = Parameters { params: market.params, oracle: market.oracle };
    let mut values = Map::new();
    for (name, value) in params::listed(&current, units) {
        values.insert(name.to_owned(), Value::String(value));
    }
    if session.format != crate::operate::Format::Display {
        return record::show(&shown.with("parameters", Value::Object(values)), session.format);
    }
    let mut lines = shown.lines();
    lines.push("Parameters:".to_owned());
    lines.extend(params::listed(&current, units).map(|(name, value)| format!("  {name:<30} {value}")));
    record::print(&(), &lines, session.format)
}
