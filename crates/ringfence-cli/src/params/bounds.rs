//! The program's bounds, said so that a person finds what to change. The last
//! word is the program's own `validate`; the tests hold the two together.

use anyhow::Result;
use ringfence_client::state::{MarketParams, OracleConfig};
use ringfence_math::{PPM, Ppm, Quote};

use super::keys::{KEYS, Unit, key};
use super::{MarketSpec, Origin, Overrides, Refusal, program};
use crate::simulation::CONFIDENCE_PPM;

impl Overrides {
    /// Errors: [`Refusal`], naming keys, bounds and lines.
    pub(super) fn check(&self, spec: &MarketSpec) -> Result<()> {
        self.check_each(spec)?;
        if !spec.params.instant_open() {
            return self.refuse("instant_open", "false: a replay's traders open at once, nobody could open");
        }
        self.check_together(&spec.params)?;
        self.check_order(&spec.oracle)?;
        let (cooldown, age) = (spec.params.liquidity_cooldown_seconds, spec.oracle.max_age_open);
        if cooldown < program::least_cooldown(&spec.oracle) {
            let (cooldown, age) = ([("liquidity_cooldown_seconds", cooldown)], [("max_age_open", age)]);
            return self.refuse_pair(&cooldown, "must be at least 3 s more than", &age);
        }
        // A feed of its own is given to the market when it is made.
        let oracle = OracleConfig { feed_id: [1; 32], ..spec.oracle };
        program::validate(&spec.params, &oracle)
            .map_err(|error| Refusal(format!("the program refuses the market: {error}")).into())
    }

    fn check_each(&self, spec: &MarketSpec) -> Result<()> {
        for key in &KEYS {
            let value = match key.get {
                Some(get) => get(&spec.params, &spec.oracle),
                None if self.origin(key.name) == Origin::Default => continue,
                None => spec.params.skew_scale,
            };
            // What was typed, where the field was too narrow for it.
            let typed = self.number(key.name).unwrap_or(value);
            if value < key.low || value > key.high {
                let (name, unit, bounds) = (key.name, key.unit, key.bounds());
                return self
                    .refuse(name, &format!("{} is not {bounds} {}", unit.readable(typed), unit.name()));
            }
        }
        Ok(())
    }

    fn check_together(&self, params: &MarketParams) -> Result<()> {
        let (initial, maintenance, fee) =
            (params.initial_margin_ppm, params.maintenance_margin_ppm, params.liquidation_fee_ppm);
        let engine = u64::from(maintenance) + u64::from(fee);
        if engine >= u64::from(initial) {
            return self.refuse_pair(
                &[("maintenance_margin_ppm", maintenance), ("liquidation_fee_ppm", fee)],
                &format!("together {} must be below", Unit::Ppm.readable(engine)),
                &[("initial_margin_ppm", initial)],
            );
        }
        let keeper = params.keeper_share_ppm;
        let kept = u64::from(fee) * u64::from(PPM.saturating_sub(keeper));
        if kept < u64::from(params.close_fee_ppm) * u64::from(PPM) {
            return self.refuse_pair(
                &[("liquidation_fee_ppm", fee), ("keeper_share_ppm", keeper)],
                &format!(
                    "leave {} ppm of the fee to insurance, which must be at least",
                    Unit::Ppm.readable(kept / u64::from(PPM))
                ),
                &[("close_fee_ppm", params.close_fee_ppm)],
            );
        }
        let parts = [
            ("insurance_share_ppm", params.insurance_share_ppm),
            ("protocol_share_ppm", params.protocol_share_ppm),
            ("referrer_share_ppm", params.referrer_share_ppm),
        ];
        let shares: u64 = parts.iter().map(|(_, share)| u64::from(*share)).sum();
        let most = ringfence_client::constants::MAX_NON_LP_FEE_SHARE_PPM;
        if shares > u64::from(most) {
            let [shares, most] = [shares, u64::from(most)].map(|ppm| Unit::Ppm.readable(ppm));
            return self.refuse_pair(&parts, &format!("together {shares} must be at most {most}"), &[]);
        }
        let backing = Quote(params.min_position_notional).ppm_floor(Ppm(initial));
        if backing.is_ok_and(|backing| backing.0 < params.min_keeper_reward) {
            let [least, reward] = [params.min_position_notional, params.min_keeper_reward]
                .map(|atoms| Unit::Quote.readable(atoms));
            let (one, other) = ("min_position_notional", "min_keeper_reward");
            let (by_one, by_other) = (self.origin(one), self.origin(other));
            return Err(Refusal(format!(
                "{one} {least} ({by_one}) × initial_margin_ppm {} ({}) must be at least {other} {reward} ({by_other})",
                Unit::Ppm.readable(u64::from(initial)),
                self.origin("initial_margin_ppm"),
            ))
            .into());
        }
        Ok(())
    }

    /// A limit that reduces risk is no stricter than one that adds it.
    fn check_order(&self, oracle: &OracleConfig) -> Result<()> {
        let ages = [
            ("max_age_open", oracle.max_age_open),
            ("max_age_reduce", oracle.max_age_reduce),
            ("max_age_liquidate", oracle.max_age_liquidate),
        ];
        let widths = [
            ("max_confidence_open_ppm", oracle.max_confidence_open_ppm),
            ("max_confidence_ppm", oracle.max_confidence_ppm),
            ("max_confidence_liquidate_ppm", oracle.max_confidence_liquidate_ppm),
        ];
        for pair in ages.windows(2).chain(widths.windows(2)) {
            if pair[0].1 > pair[1].1 {
                return self.refuse_pair(&pair[..1], "must be at most", &pair[1..]);
            }
        }
        let (name, limit) = widths[0];
        if u64::from(limit) < CONFIDENCE_PPM {
            let limit = Unit::Ppm.readable(u64::from(limit));
            return self.refuse(
                name,
                &format!("{limit} is below {CONFIDENCE_PPM}, the confidence of the replay's feed: nobody could open"),
            );
        }
        Ok(())
    }

    fn refuse(&self, name: &str, why: &str) -> Result<()> {
        Err(Refusal(match self.origin(name) {
            Origin::Default => format!("{name}: {why}"),
            origin => format!("{origin}: {name}: {why}"),
        })
        .into())
    }

    /// Two sides of a comparison, each with who set it.
    fn refuse_pair(&self, left: &[(&str, u32)], how: &str, right: &[(&str, u32)]) -> Result<()> {
        let list = |side: &[(&str, u32)]| {
            let named = side.iter().map(|(name, value)| {
                let unit = key(name).map_or(Unit::Ppm, |key| key.unit);
                format!("{name} {} ({})", unit.readable(u64::from(*value)), self.origin(name))
            });
            named.collect::<Vec<_>>().join(", ")
        };
        let text = format!("{} {how} {}", list(left), list(right));
        Err(Refusal(text.trim_end().to_owned()).into())
    }
}
