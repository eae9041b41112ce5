//! A take-profit and a stop-loss that are placed with the position.

use anyhow::{Result, ensure};
use clap::Args;
use ringfence_client::Pubkey;
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_math::PPM;

use super::terms::{LIFETIME, default_slippage, direction};
use crate::operate::lookup::Listed;
use crate::operate::{Session, amount};

/// What closes the position later, whole; one ends the other.
#[derive(Args, Debug)]
pub struct AttachArgs {
    /// Also place an order that closes it in gain at this index price
    #[arg(long, value_name = "PRICE")]
    take_profit: Option<String>,
    /// Also place an order that closes it in loss at this index price
    #[arg(long, value_name = "PRICE")]
    stop_loss: Option<String>,
}

/// The orders to attach, with their numbers from `first` on.
///
/// Error: a price that is reached already, so that it would close at once.
pub fn attached(
    session: &Session,
    listed: &Listed,
    side: Side,
    args: &AttachArgs,
    oracle: Option<Pubkey>,
    first: u8,
) -> Result<Vec<(u8, OrderTerms)>> {
    let wanted = [
        (OrderKind::TakeProfit, "--take-profit", &args.take_profit),
        (OrderKind::StopLoss, "--stop-loss", &args.stop_loss),
    ];
    let wanted = wanted.into_iter().filter_map(|(kind, flag, text)| Some((kind, flag, text.as_ref()?)));
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let present = listed.present(&session.connection, oracle)?;
    let index = present.reading.price;
    let pair = wanted.len() == 2;
    let mut orders = Vec::new();
    for (place, (kind, flag, text)) in wanted.into_iter().enumerate() {
        let trigger = amount::parse_price(flag, text)?;
        let above = kind.triggers_above(side);
        let reached = if above { index >= trigger } else { index <= trigger };
        ensure!(
            !reached,
            "{flag}: the index price is {}, it must be {} that, or the position would be closed at once",
            amount::price(index),
            if above { "above" } else { "below" }
        );
        let (id, partner) = if place == 0 { (first, first + 1) } else { (first + 1, first) };
        let acceptable = amount::acceptable(trigger, direction(kind, side), default_slippage(kind))?;
        let terms = OrderTerms {
            kind,
            size: 0,
            margin: 0,
            share_ppm: PPM,
            trigger_price: trigger.0,
            acceptable_price: acceptable.0,
            reward: listed.market.params.min_keeper_reward,
            expires_at: present.now.saturating_add(LIFETIME),
            cancels: pair.then_some(partner),
        };
        orders.push((id, terms));
    }
    Ok(orders)
}
