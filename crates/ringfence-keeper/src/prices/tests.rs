use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ringfence_client::MarketAccounts;
use ringfence_client::instructions;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::*;
use crate::fixtures;

pub const FEED: FeedId = [0xab; 32];

/// 13 guardians' signatures of 66 bytes, a header of 6, a body of 51 and a root of 37.
const MESSAGE_BYTES: usize = 6 + 13 * 66 + 51 + 37;

/// Written by the format's description, not by the decoder's code.
pub fn transfer_format(feed: FeedId, price: i64, publish_time: i64) -> Vec<u8> {
    let mut vaa = vec![1, 0, 0, 0, 4, 13];
    vaa.resize(MESSAGE_BYTES, 7);
    let mut message = vec![0];
    message.extend(feed);
    message.extend(price.to_be_bytes());
    message.extend(250_000_000u64.to_be_bytes());
    message.extend((-8i32).to_be_bytes());
    message.extend(publish_time.to_be_bytes());
    message.extend((publish_time - 1).to_be_bytes());
    message.extend((price + 1).to_be_bytes());
    message.extend(9u64.to_be_bytes());
    let mut bytes = b"PNAU".to_vec();
    bytes.extend([1, 0, 2, 0xee, 0xee, 0]);
    bytes.extend((vaa.len() as u16).to_be_bytes());
    bytes.extend(&vaa);
    bytes.push(1);
    bytes.extend((message.len() as u16).to_be_bytes());
    bytes.extend(&message);
    bytes.push(10);
    bytes.extend([3; 200]);
    bytes
}

#[test]
fn a_price_update_is_read_as_the_program_will_read_it() {
    let updates = PriceUpdate::decode_all(&transfer_format(FEED, 15_012_345_678, 77)).expect("decodes");
    let [update] = &updates[..] else { panic!("one update") };
    assert_eq!((update.feed_id, update.publish_time, update.exponent), (FEED, 77, -8));
    assert_eq!((update.vaa.len(), update.proof.len(), update.message.len()), (MESSAGE_BYTES, 10, 85));
    // 150.12345678 and 2.5, at ten decimals.
    let reading = update.reading(5).expect("positive");
    assert_eq!((reading.price, reading.confidence), (Price(1_501_234_567_800), Price(25_000_000_000)));
    assert_eq!((reading.publish_time, reading.slot), (77, 5));
    let negative = PriceUpdate { price: -1, ..update.clone() };
    assert_eq!(negative.reading(5), None);
}

#[test]
fn what_is_cut_short_or_of_another_kind_is_refused() {
    let whole = transfer_format(FEED, 1, 1);
    for length in 0..whole.len() {
        assert_eq!(PriceUpdate::decode_all(&whole[..length]), None, "{length} bytes");
    }
    let mut other = whole;
    other[4] = 2;
    assert_eq!(PriceUpdate::decode_all(&other), None, "another major version");
}

/// Paths and keys that a stub was asked with.
type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// A stub of the service, which wants the key `secret`.
async fn stub() -> (String, Asked) {
    let asked = Asked::default();
    let seen = asked.clone();
    let answer = move |uri: Uri, headers: HeaderMap| async move {
        let key = headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut seen = seen.lock().unwrap();
        seen.push((uri.to_string(), key.clone()));
        if key.as_deref() != Some("Bearer secret") {
            return (StatusCode::FORBIDDEN, String::new());
        }
        let data = STANDARD.encode(transfer_format(FEED, 15_000_000_000, 1));
        (StatusCode::OK, format!("{{\"binary\":{{\"encoding\":\"base64\",\"data\":[\"{data}\"]}}}}"))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let none = || async { StatusCode::NOT_FOUND };
    let router = Router::new()
        .route("/v2/updates/price/latest", get(answer.clone()))
        .route("/v2/updates/price/1", get(answer))
        .route("/v2/updates/price/2", get(none));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/"), asked)
}

#[tokio::test]
async fn hermes_is_asked_for_the_feeds_with_the_key() {
    let (endpoint, asked) = stub().await;
    let hermes = Hermes::new(&endpoint, Some("secret".into()), Duration::from_secs(5));
    let updates = hermes.latest(&[FEED]).await.expect("a price");
    assert_eq!(updates.len(), 1);
    let asked = asked.lock().unwrap()[0].0.clone();
    assert!(asked.contains(&"ab".repeat(32)) && asked.contains("encoding=base64"), "{asked}");
    // Feeds that were not asked for are left out.
    assert!(hermes.latest(&[[1; 32]]).await.expect("an answer").is_empty());
}

/// The stub's update is of the moment 1, the one before it of the moment 0.
#[tokio::test]
async fn hermes_is_asked_for_the_first_price_since_a_moment() {
    let (endpoint, asked) = stub().await;
    let hermes = Hermes::new(&endpoint, Some("secret".into()), Duration::from_secs(5));
    let update = hermes.first(&FEED, 1).await.expect("an answer").expect("a price");
    assert!(update.is_first(1) && !update.is_first(0) && !update.is_first(2));
    assert!(asked.lock().unwrap()[0].0.contains(&"ab".repeat(32)));
    assert_eq!(hermes.first(&FEED, 2).await, Ok(None), "not there yet is no failure");
    assert!(hermes.first(&[1; 32], 1).await.expect("an answer").is_none(), "another feed");
}

#[tokio::test]
async fn a_refused_key_and_a_dead_endpoint_are_told_without_the_address() {
    let (endpoint, _) = stub().await;
    let hermes = Hermes::new(&endpoint, None, Duration::from_secs(5));
    let error = hermes.latest(&[FEED]).await.expect_err("forbidden");
    assert!(error.contains("403") && !error.contains("127.0.0.1"), "{error}");
    let dead = Hermes::new("http://127.0.0.1:1", None, Duration::from_secs(5));
    assert!(dead.latest(&[FEED]).await.is_err());
}

/// 1,232 bytes are what a packet holds.
#[test]
fn a_post_fits_its_transactions_and_the_last_has_room_for_what_it_is_for() {
    let signer = Keypair::new();
    let payer = signer.pubkey();
    let update = PriceUpdate::decode_all(&transfer_format(FEED, 1, 1)).expect("decodes").remove(0);
    let (key, mut market) = fixtures::market(0);
    market.oracle.account = ringfence_client::Pubkey::default();
    let post = Poster::new(payer, 0).post(&signer, &market.oracle, &update).expect("not pinned");
    let accounts = MarketAccounts::new(key, &market, post.oracle);
    let fresh = ringfence_client::Pubkey::new_unique;
    let mut liquidates = post.instructions.clone();
    liquidates.push(instructions::liquidate(&accounts, fresh(), payer, fresh()));
    let order = ringfence_client::state::Order {
        position: fresh(),
        trader: fresh(),
        escrow: fresh(),
        ..Default::default()
    };
    let mut executes = post.instructions;
    let execute = instructions::execute_order(&accounts, fresh(), &order, payer, fresh(), Some(fresh()));
    executes.push(execute);
    let budget = solana_compute_budget_interface::ComputeBudgetInstruction::set_compute_unit_price(1);
    for mut instructions in
        post.before.into_iter().map(|(instructions, _)| instructions).chain([liquidates, executes])
    {
        instructions.insert(0, budget.clone());
        instructions.insert(0, budget.clone());
        let transaction = Transaction::new_with_payer(&instructions, Some(&payer));
        let signatures = usize::from(transaction.message.header.num_required_signatures);
        let bytes = 1 + 64 * signatures + transaction.message.serialize().len();
        assert!(bytes <= 1_232, "{bytes} bytes");
    }
}

#[test]
fn a_market_pinned_to_another_account_is_not_posted_for() {
    let signer = Keypair::new();
    let update = PriceUpdate::decode_all(&transfer_format(FEED, 1, 1)).expect("decodes").remove(0);
    let (_, mut market) = fixtures::market(0);
    let poster = Poster::new(signer.pubkey(), 0);
    assert!(poster.post(&signer, &market.oracle, &update).is_none());
    market.oracle.account = Poster::price_account(&signer, &market.oracle.feed_id).pubkey();
    assert!(poster.post(&signer, &market.oracle, &update).is_some());
}
