//! Margin calls, to the log and to a webhook.

use std::time::Duration;

use ringfence_client::state::Side;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::book::MarginCall;
use crate::submit::Backoff;

/// Calls that may wait for a slow webhook; beyond that they are only logged.
const QUEUE: usize = 1_024;
const ATTEMPTS: u32 = 5;
const TIMEOUT: Duration = Duration::from_secs(5);

/// What the webhook is sent, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    pub kind: &'static str,
    pub market: String,
    pub position: String,
    pub owner: String,
    pub side: &'static str,
    /// 10^-10 quote.
    pub mark: u64,
    /// 10^-10 quote.
    pub liquidation_price: u64,
    /// Quote atoms.
    pub margin: u64,
}

impl Notice {
    pub fn new(market: &str, call: &MarginCall) -> Self {
        Self {
            kind: "margin_call",
            market: market.to_owned(),
            position: call.position.to_string(),
            owner: call.owner.to_string(),
            side: match call.side {
                Side::Long => "long",
                Side::Short => "short",
            },
            mark: call.mark,
            liquidation_price: call.liquidation_price,
            margin: call.margin,
        }
    }
}

/// Delivers notices in the background, so that no webhook holds the keeper up.
#[derive(Clone)]
pub struct Alerts {
    webhook: Option<mpsc::Sender<Notice>>,
}

impl Alerts {
    pub fn new(webhook_url: Option<String>) -> Self {
        Self { webhook: webhook_url.map(spawn_delivery) }
    }

    pub fn send(&self, notice: Notice) {
        tracing::warn!(
            market = notice.market,
            position = notice.position,
            owner = notice.owner,
            side = notice.side,
            mark = notice.mark,
            liquidation_price = notice.liquidation_price,
            "margin call"
        );
        if let Some(webhook) = &self.webhook
            && webhook.try_send(notice).is_err()
        {
            tracing::error!("webhook is behind: a margin call was only logged");
        }
    }
}

fn spawn_delivery(url: String) -> mpsc::Sender<Notice> {
    let (sender, mut receiver) = mpsc::channel::<Notice>(QUEUE);
    tokio::spawn(async move {
        let client = reqwest::Client::new();
        while let Some(notice) = receiver.recv().await {
            deliver(&client, &url, &notice).await;
        }
    });
    sender
}

async fn deliver(client: &reqwest::Client, url: &str, notice: &Notice) {
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(10));
    for _ in 0..ATTEMPTS {
        let answer = client.post(url).timeout(TIMEOUT).json(notice).send().await;
        match answer.and_then(reqwest::Response::error_for_status) {
            Ok(_) => return,
            Err(error) => {
                // The address may hold a secret.
                tracing::warn!(error = %error.without_url(), "webhook failed");
                tokio::time::sleep(backoff.next()).await;
            }
        }
    }
    tracing::error!(position = notice.position, "webhook given up for this margin call");
}
