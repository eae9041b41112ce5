//! What is counted, in the names that Prometheus scrapes.

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

pub struct Metrics {
    registry: Registry,
    pub ticks: IntCounter,
    pub tick_seconds: Histogram,
    pub work: IntCounterVec,
    pub attempts: IntCounterVec,
    pub skipped_unprofitable: IntCounter,
    pub reward_atoms: IntCounterVec,
    pub margin_calls: IntCounter,
    pub resyncs: IntCounterVec,
    pub rpc_failures: IntCounterVec,
    pub updates: IntCounter,
    pub positions: IntGaugeVec,
    pub orders: IntGaugeVec,
    pub blind_markets: IntGaugeVec,
    pub in_flight: IntGauge,
    pub resting: IntGauge,
    pub connected: IntGauge,
    pub slot: IntGauge,
    pub balance_lamports: IntGauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new().expect("metric names are constants, each used once")
    }
}

impl Metrics {
    fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str| -> prometheus::Result<IntCounter> {
            let metric = IntCounter::new(format!("ringfence_keeper_{name}"), help)?;
            registry.register(Box::new(metric.clone()))?;
            Ok(metric)
        };
        let counters = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntCounterVec> {
            let metric = IntCounterVec::new(Opts::new(format!("ringfence_keeper_{name}"), help), labels)?;
            registry.register(Box::new(metric.clone()))?;
            Ok(metric)
        };
        let gauge = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let metric = IntGauge::new(format!("ringfence_keeper_{name}"), help)?;
            registry.register(Box::new(metric.clone()))?;
            Ok(metric)
        };
        let gauges = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntGaugeVec> {
            let metric = IntGaugeVec::new(Opts::new(format!("ringfence_keeper_{name}"), help), labels)?;
            registry.register(Box::new(metric.clone()))?;
            Ok(metric)
        };
        let tick_seconds = Histogram::with_opts(
            HistogramOpts::new("ringfence_keeper_tick_seconds", "Time to judge one market at one price.")
                .buckets(prometheus::exponential_buckets(1e-6, 4.0, 10)?),
        )?;
        registry.register(Box::new(tick_seconds.clone()))?;
        Ok(Self {
            ticks: counter("ticks_total", "Markets judged.")?,
            tick_seconds,
            work: counters("work_total", "Pieces of work by kind and verdict.", &["kind", "verdict"])?,
            attempts: counters("attempts_total", "Transactions signed, by kind of work.", &["kind"])?,
            skipped_unprofitable: counter(
                "skipped_unprofitable_total",
                "Liquidations and orders whose reward is below cost.",
            )?,
            reward_atoms: counters(
                "reward_atoms_total",
                "Rewards of confirmed liquidations and orders.",
                &["market"],
            )?,
            margin_calls: counter("margin_calls_total", "Positions that came near their liquidation price.")?,
            resyncs: counters("resyncs_total", "Snapshots begun, by reason.", &["reason"])?,
            rpc_failures: counters("rpc_failures_total", "Calls that failed, by call.", &["call"])?,
            updates: counter("updates_total", "Notifications received.")?,
            positions: gauges("positions", "Positions known.", &["market"])?,
            orders: gauges("orders", "Orders known.", &["market"])?,
            blind_markets: gauges("market_blind", "1 where a market has no usable price.", &["market"])?,
            in_flight: gauge("in_flight", "Pieces of work under way.")?,
            resting: gauge("resting", "Positions and orders left alone for a while.")?,
            connected: gauge("connected", "1 while subscribed.")?,
            slot: gauge("slot", "Newest slot heard of.")?,
            balance_lamports: gauge("balance_lamports", "What the fee payer has.")?,
            registry,
        })
    }

    /// The text format of Prometheus.
    pub fn render(&self) -> String {
        let mut text = Vec::new();
        // Writing into memory does not fail.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}
