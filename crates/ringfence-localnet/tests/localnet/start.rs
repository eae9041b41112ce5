//! Starting, what is there then, and stopping.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use ringfence_client::accounts::{Exchange, Market};
use ringfence_client::pda;
use ringfence_client::state::MarketStatus;
use ringfence_localnet::{Crash, Localnet, Options, StartError};
use ringfence_testkit::pyth::RECEIVER;
use solana_signer::Signer;

use crate::support::{Folder, options, read, rpc, start, update, whole};

#[test]
fn an_exchange_and_three_markets_are_ready_within_five_seconds() {
    let begin = Instant::now();
    let localnet = start(Options::default());
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());

    let rpc = rpc(localnet.rpc_url());
    let keys = localnet.keys();
    let exchange: Exchange = read(&rpc, &pda::exchange());
    assert_eq!(exchange.market_count, 3);
    assert_eq!(exchange.admin, keys.admin.pubkey());
    assert_eq!(exchange.guardian, keys.guardian.pubkey());
    assert_eq!(exchange.treasury, keys.treasury.pubkey());

    let expected = [("SOL-PERP", whole(150)), ("BTC-PERP", whole(60_000)), ("ETH-PERP", whole(3_000))];
    assert_eq!(localnet.markets().len(), expected.len());
    for (index, (name, price)) in expected.into_iter().enumerate() {
        let info = &localnet.markets()[index];
        assert_eq!((info.name.as_str(), usize::from(info.index)), (name, index));
        let market: Market = read(&rpc, &pda::market(info.index));
        assert!(market.name.starts_with(name.as_bytes()));
        assert_eq!(market.collateral_mint, localnet.mint());
        assert_eq!(market.oracle.feed_id, info.feed_id);
        assert_eq!(market.oracle.account, info.accounts.oracle);
        assert_eq!(market.status, MarketStatus::Active as u8);
        assert_eq!(market.liquidity, 10_000_000_000_000);
        let pool = rpc.get_token_account_balance(&market.pool_vault).unwrap();
        assert_eq!(pool.amount, "10000000000000");
        assert_eq!(rpc.get_account(&info.accounts.oracle).unwrap().owner, RECEIVER);
        assert_eq!(update(&rpc, &info.accounts.oracle).price, price);
        assert_eq!(localnet.price(index), price);
    }
    for (name, key) in keys.named() {
        assert!(rpc.get_balance(&key.pubkey()).unwrap() >= 9_000_000_000, "{name} has SOL");
    }
}

#[test]
fn the_program_is_deployed_under_the_admin() {
    let localnet = start(options());
    let rpc = rpc(localnet.rpc_url());
    let program = rpc.get_account(&ringfence_client::PROGRAM_ID).unwrap();
    assert!(program.executable);
    let data = rpc.get_account_data(&pda::program_data()).unwrap();
    assert_eq!(data[12], 1, "there is an upgrade authority");
    assert_eq!(data[13..45], localnet.keys().admin.pubkey().to_bytes());
    let bytecode = std::fs::read(Options::default().program).unwrap();
    assert_eq!(data[45..45 + bytecode.len()], bytecode);
}

#[test]
fn two_run_side_by_side_and_a_stopped_one_frees_its_ports() {
    let (first, second) = (start(options()), start(options()));
    first.set_price(0, whole(120));
    assert_eq!(update(&rpc(first.rpc_url()), &first.markets()[0].accounts.oracle).price, whole(120));
    assert_eq!(update(&rpc(second.rpc_url()), &second.markets()[0].accounts.oracle).price, whole(150));

    let urls = [first.rpc_url(), first.ws_url()].map(|url| url.split_once("//").unwrap().1.to_owned());
    let begin = Instant::now();
    first.shutdown().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    for url in urls {
        TcpListener::bind(&url).unwrap_or_else(|error| panic!("{url}: {error}"));
    }
    assert!(second.is_alive());
    assert!(rpc(second.rpc_url()).get_slot().is_ok());
}

#[test]
fn the_websocket_port_follows_the_rpcs_and_nothing_listens_beyond_loopback() {
    let localnet = start(options());
    let port = |url: &str| url.rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
    assert_eq!(port(localnet.ws_url()), port(localnet.rpc_url()) + 1);
    // Another address of loopback would be answered by a server on 0.0.0.0.
    for url in [localnet.rpc_url(), localnet.ws_url(), localnet.faucet_url()] {
        assert!(std::net::TcpStream::connect(("127.0.0.1", port(url))).is_ok(), "{url}");
        assert!(std::net::TcpStream::connect(("127.0.0.2", port(url))).is_err(), "{url}");
    }
}

#[test]
fn a_missing_program_says_how_to_build_it() {
    let folder = Folder::new("program");
    let missing = folder.join("missing.so");
    let error = Localnet::start(Options { program: missing.clone(), ..options() }).unwrap_err();
    let message = error.to_string();
    assert!(message.contains(missing.to_str().unwrap()), "{message}");
    assert!(message.contains("toolchain/build programs/ringfence"), "{message}");

    let text = folder.file("text.so", "not a program");
    let error = Localnet::start(Options { program: text, ..options() }).unwrap_err();
    assert!(matches!(&error, StartError::Program { cause, .. } if cause == "not an ELF file"), "{error}");

    let broken = folder.file("broken.so", "\x7fELF and nothing else");
    let error = Localnet::start(Options { program: broken, ..options() }).unwrap_err();
    assert!(matches!(error, StartError::Program { .. }), "{error}");
}

#[test]
fn a_port_in_use_is_named_with_the_flag_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (flag, options) in [
        ("--rpc-port", Options { rpc_port: port, ..options() }),
        ("--ws-port", Options { ws_port: port, ..options() }),
        ("--faucet-port", Options { faucet_port: port, ..options() }),
    ] {
        let message = Localnet::start(options).unwrap_err().to_string();
        let expected =
            format!("port {port} of 127.0.0.1: in use; choose another with {flag} (0: any free one)");
        assert_eq!(message, expected);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let crash = Some(Crash { fall_ppm: 1_000_000, after: Duration::ZERO });
    for (options, expected) in [
        (Options { crash, ..options() }, "a crash must leave something"),
        (Options { slot: Duration::ZERO, ..options() }, "slots and publications need some time between them"),
        (Options { liquidity: u64::MAX / 2, ..options() }, "more liquidity than a mint can issue"),
    ] {
        assert_eq!(Localnet::start(options).unwrap_err().to_string(), expected);
    }
}
