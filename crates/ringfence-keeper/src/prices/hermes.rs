//! Pyth's price service over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{FeedId, PriceSource, PriceUpdate};

/// What one answer may be large: a few feeds are a few kilobytes.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

pub struct Hermes {
    client: reqwest::Client,
    endpoint: String,
    api_key: Option<String>,
    timeout: Duration,
}

#[derive(Deserialize)]
struct Answer {
    binary: Binary,
}

#[derive(Deserialize)]
struct Binary {
    data: Vec<String>,
}

impl Hermes {
    /// `api_key` goes out as a bearer token, and into no log.
    pub fn new(endpoint: &str, api_key: Option<String>, timeout: Duration) -> Self {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Self { client: reqwest::Client::new(), endpoint, api_key, timeout }
    }

    /// `which` is "latest" or a moment; none where the service knows of no
    /// price then.
    async fn ask(&self, which: &str, feeds: &[FeedId]) -> Result<Option<Answer>, String> {
        let mut url = format!("{}/v2/updates/price/{which}?encoding=base64&parsed=false", self.endpoint);
        for feed in feeds {
            url.push_str("&ids[]=");
            feed.iter().for_each(|byte| url.push_str(&format!("{byte:02x}")));
        }
        let mut request = self.client.get(url).timeout(self.timeout);
        if let Some(key) = &self.api_key {
            request = request.bearer_auth(key);
        }
        let told = |error: reqwest::Error| error.without_url().to_string();
        let answer = request.send().await.map_err(told)?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = answer.error_for_status().map_err(told)?;
        if answer.content_length().is_some_and(|length| length > MAX_ANSWER_BYTES) {
            return Err("the answer is too long".into());
        }
        answer.json().await.map(Some).map_err(told)
    }

    async fn updates(&self, which: &str, feeds: &[FeedId]) -> Result<Vec<PriceUpdate>, String> {
        let Some(answer) = self.ask(which, feeds).await? else { return Ok(Vec::new()) };
        let mut updates = Vec::with_capacity(feeds.len());
        for text in &answer.binary.data {
            let bytes = STANDARD.decode(text).map_err(|error| format!("not base64: {error}"))?;
            let decoded = PriceUpdate::decode_all(&bytes).ok_or("not a price update of a known version")?;
            updates.extend(decoded.into_iter().filter(|update| feeds.contains(&update.feed_id)));
        }
        Ok(updates)
    }
}

#[async_trait]
impl PriceSource for Hermes {
    async fn latest(&self, feeds: &[FeedId]) -> Result<Vec<PriceUpdate>, String> {
        self.updates("latest", feeds).await
    }

    async fn first(&self, feed: &FeedId, since: i64) -> Result<Option<PriceUpdate>, String> {
        let updates = self.updates(&since.to_string(), core::slice::from_ref(feed)).await?;
        Ok(updates.into_iter().next())
    }
}
