//! `/metrics` and `/healthz` on loopback.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::metrics::Metrics;

/// Signs of life.
pub struct Pulse {
    started: Instant,
    /// Milliseconds since the start; the last answer from the cluster.
    last: AtomicU64,
    synced: AtomicBool,
    limit: Duration,
}

impl Pulse {
    pub fn new(limit: Duration) -> Self {
        Self { started: Instant::now(), last: AtomicU64::new(0), synced: AtomicBool::new(false), limit }
    }

    /// The cluster has answered.
    pub fn beat(&self) {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    /// Everything has been read at least once.
    pub fn set_synced(&self) {
        self.synced.store(true, Ordering::Relaxed);
    }

    /// Err with the reason where the keeper is not doing its work.
    pub fn check(&self) -> Result<(), String> {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        let silent = self.started.elapsed().saturating_sub(last);
        if !self.synced.load(Ordering::Relaxed) {
            Err("not synced: no snapshot has been read yet".into())
        } else if silent > self.limit {
            Err(format!("the cluster has not answered for {} s", silent.as_secs()))
        } else {
            Ok(())
        }
    }
}

#[derive(Clone)]
struct Shared {
    metrics: Arc<Metrics>,
    pulse: Arc<Pulse>,
}

/// Serves until `shutdown` is done.
pub async fn serve(
    listener: TcpListener,
    metrics: Arc<Metrics>,
    pulse: Arc<Pulse>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/metrics", get(|State(shared): State<Shared>| async move { shared.metrics.render() }))
        .route("/healthz", get(healthz))
        .with_state(Shared { metrics, pulse });
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

async fn healthz(State(shared): State<Shared>) -> (StatusCode, String) {
    match shared.pulse.check() {
        Ok(()) => (StatusCode::OK, "ok\n".into()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}
