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
                tokio::time::sleep(backoff.pause()).await;
            }
        }
    }
    tracing::error!(position = notice.position, "webhook given up for this margin call");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::http::StatusCode;
    use axum::routing::post;
    use ringfence_client::Pubkey;

    use super::*;

    #[tokio::test]
    async fn a_call_is_delivered_once_however_often_the_webhook_fails_before() {
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = bodies.clone();
        let answer = move |body: String| async move {
            let mut seen = seen.lock().unwrap();
            seen.push(body);
            if seen.len() < 3 { StatusCode::BAD_GATEWAY } else { StatusCode::NO_CONTENT }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
        let router = axum::Router::new().route("/hook", post(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });

        let call = MarginCall {
            position: Pubkey::new_unique(),
            owner: Pubkey::new_unique(),
            side: Side::Short,
            mark: 7,
            liquidation_price: 8,
            margin: 9,
        };
        Alerts::new(Some(url)).send(Notice::new("SOL-PERP", &call));
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if bodies.lock().unwrap().len() >= 3 {
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let bodies = bodies.lock().unwrap();
        assert_eq!(bodies.len(), 3, "not again after it was taken");
        let body: serde_json::Value = serde_json::from_str(&bodies[2]).expect("json");
        assert_eq!(body["kind"], "margin_call");
        assert_eq!(body["position"], call.position.to_string());
        assert_eq!((&body["side"], &body["liquidation_price"]), (&"short".into(), &8.into()));
    }
}
