//! The faucet: a small HTTP server on loopback that issues collateral, sets
//! prices, and says where everything is.
//!
//! | request | body | answer |
//! | --- | --- | --- |
//! | `GET /` | | the [`Manifest`] |
//! | `POST /airdrop` | `{"owner": "…", "amount": "1000.5"}` | `{"token_account": "…", "signature": "…"}` |
//! | `POST /price` | `{"market": "SOL-PERP", "price": "120.25"}` | `{}`; the price is held there, with a `"confidence"` where one is given |
//! | `POST /halt` | `{"market": "SOL-PERP"}` | `{}`; the price is published no more, with `"age": 90` as of 90 s ago |
//! | `POST /release` | `{"market": "SOL-PERP"}` | `{}`; the price is published and moves again |
//!
//! What is wrong with a request comes back as `{"error": "…"}` with status
//! 400 (404 for an unknown path or market, 500 where the validator failed).

use std::net::TcpListener;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ringfence_client::Pubkey;
use ringfence_client::decimal;
use ringfence_math::{PRICE_DECIMALS, Price};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::runtime::Handle;

use crate::collateral::{self, MINT_DECIMALS};
use crate::error::{SendError, StartError};
use crate::keys::Keys;
use crate::manifest::Manifest;
use crate::publisher::Feeds;
use crate::validator::Chain;

/// Whole units of collateral that one airdrop may be.
const MOST: u64 = 1_000_000_000;

const BODY_LIMIT: usize = 4_096;

/// What the handlers work on.
pub(crate) struct Faucet {
    pub chain: Chain,
    pub feeds: Feeds,
    pub keys: Arc<Keys>,
    pub mint: Pubkey,
    /// Names of the markets, by index.
    pub markets: Vec<String>,
    /// Set when everything is ready.
    pub manifest: OnceLock<Manifest>,
}

impl Faucet {
    pub fn airdrop(&self, owner: Pubkey, atoms: u64) -> Result<(Pubkey, String), SendError> {
        let (account, signature) =
            collateral::airdrop(&self.chain, &self.keys.admin, self.mint, owner, atoms)?;
        Ok((account, signature.to_string()))
    }
}

/// Serves on `listener` until the runtime ends.
pub(crate) fn serve(runtime: &Handle, listener: TcpListener, faucet: Arc<Faucet>) -> Result<(), StartError> {
    let failed = |error: std::io::Error| StartError::Validator(format!("faucet: {error}"));
    listener.set_nonblocking(true).map_err(failed)?;
    let _guard = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    let router = Router::new()
        .route("/", get(manifest))
        .route("/airdrop", post(airdrop).options(preflight))
        .route("/price", post(price).options(preflight))
        .route("/halt", post(halt).options(preflight))
        .route("/release", post(release).options(preflight))
        .fallback(|| async { refusal(StatusCode::NOT_FOUND, "no such path") })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(faucet);
    runtime.spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            log::error!("the faucet stopped: {error}");
        }
    });
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AirdropRequest {
    owner: String,
    amount: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceRequest {
    market: String,
    price: String,
    confidence: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HaltRequest {
    market: String,
    age: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseRequest {
    market: String,
}

/// Refused where it is too long.
type Body = Result<Bytes, BytesRejection>;

type Handled = Result<Response, Refusal>;

/// Why a request was not served.
struct Refusal {
    status: StatusCode,
    cause: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(self.status, &json!({ "error": self.cause }))
    }
}

async fn manifest(State(faucet): State<Arc<Faucet>>) -> Handled {
    let manifest = faucet.manifest.get();
    let manifest = manifest.ok_or_else(|| refusal(StatusCode::SERVICE_UNAVAILABLE, "not ready yet"))?;
    Ok(answer(StatusCode::OK, &json!(manifest)))
}

async fn airdrop(State(faucet): State<Arc<Faucet>>, body: Body) -> Handled {
    let request: AirdropRequest = parse(body)?;
    let owner: Pubkey = request.owner.parse().map_err(|_| bad("`owner` is not an address"))?;
    let atoms = decimal::parse_positive(&request.amount, MINT_DECIMALS).map_err(bad)?;
    if atoms > MOST * 10u64.pow(u32::from(MINT_DECIMALS)) {
        return Err(bad(format!("at most {MOST} at once")));
    }
    let (token_account, signature) =
        blocking(move || faucet.airdrop(owner, atoms)).await?.map_err(failure)?;
    Ok(answer(StatusCode::OK, &json!({ "token_account": token_account.to_string(), "signature": signature })))
}

async fn price(State(faucet): State<Arc<Faucet>>, body: Body) -> Handled {
    let request: PriceRequest = parse(body)?;
    let market = market(&faucet, &request.market)?;
    let price = decimal::parse_positive(&request.price, PRICE_DECIMALS).map_err(bad)?;
    let confidence = request.confidence.map(|text| decimal::parse_positive(&text, PRICE_DECIMALS));
    let confidence = confidence.transpose().map_err(bad)?;
    if !blocking(move || faucet.feeds.set(market, Price(price), confidence)).await? {
        return Err(bad(format!("`{}` is more than a Pyth account can hold", request.price)));
    }
    Ok(answer(StatusCode::OK, &json!({})))
}

async fn halt(State(faucet): State<Arc<Faucet>>, body: Body) -> Handled {
    let request: HaltRequest = parse(body)?;
    let market = market(&faucet, &request.market)?;
    blocking(move || faucet.feeds.halt(market, request.age)).await?;
    Ok(answer(StatusCode::OK, &json!({})))
}

async fn release(State(faucet): State<Arc<Faucet>>, body: Body) -> Handled {
    let request: ReleaseRequest = parse(body)?;
    let market = market(&faucet, &request.market)?;
    blocking(move || faucet.feeds.release(market)).await?;
    Ok(answer(StatusCode::OK, &json!({})))
}

/// Browsers ask before they post JSON to another origin.
async fn preflight() -> Response {
    let mut response = answer(StatusCode::NO_CONTENT, &json!({}));
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    response
}

fn market(faucet: &Faucet, name: &str) -> Result<usize, Refusal> {
    faucet.markets.iter().position(|market| market == name).ok_or_else(|| {
        let known = faucet.markets.join(", ");
        refusal(StatusCode::NOT_FOUND, format!("no market `{name}`; there are {known}"))
    })
}

/// The chain is waited for by blocking, which async threads must not.
async fn blocking<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(run).await;
    done.map_err(|error| refusal(StatusCode::INTERNAL_SERVER_ERROR, error))
}

fn parse<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let body = body.map_err(|rejection| refusal(rejection.status(), rejection.body_text()))?;
    serde_json::from_slice(&body).map_err(bad)
}

fn bad(cause: impl ToString) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, cause)
}

fn failure(error: SendError) -> Refusal {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, error)
}

fn refusal(status: StatusCode, cause: impl ToString) -> Refusal {
    Refusal { status, cause: cause.to_string() }
}

/// JSON, readable from any page: there is nothing here to steal.
fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (status, headers, format!("{body}\n")).into_response()
}
