//! Any bytes as any account or event: the client reads them or says that it
//! cannot, just as the program's own types do.
#![no_main]

use anchor_lang::Discriminator;
use libfuzzer_sys::fuzz_target;
use ringfence::state as program;
use ringfence_client::accounts::{self, decode};
use ringfence_client::events;

macro_rules! account {
    ($data:expr, $($name:ident),*) => {$(
        let client = decode::<accounts::$name>($data);
        let body = $data.strip_prefix(program::$name::DISCRIMINATOR);
        let expected = body.filter(|body| body.len() == size_of::<program::$name>());
        assert_eq!(client.as_ref().map(bytemuck::bytes_of), expected);
        // and with the right discriminator and length, whatever the rest is
        let mut whole = program::$name::DISCRIMINATOR.to_vec();
        whole.extend($data.iter().chain(std::iter::repeat(&0)).take(size_of::<program::$name>()));
        let client = decode::<accounts::$name>(&whole).expect("an account");
        assert_eq!(bytemuck::bytes_of(&client), &whole[8..]);
    )*};
}

fuzz_target!(|data: &[u8]| {
    account!(data, Exchange, LiquidityDeposit, Market, Order, ParamsProposal, Position, Referral);
    // the numbers of a market and a position may be anything: views answer or refuse
    if let Some(bytes) = data.get(..size_of::<accounts::Position>() + size_of::<accounts::Market>()) {
        let (position, market) = bytes.split_at(size_of::<accounts::Position>());
        let position: accounts::Position = bytemuck::pod_read_unaligned(position);
        let market: accounts::Market = bytemuck::pod_read_unaligned(market);
        let price = ringfence_math::Price(market.accepted.price);
        let _ = ringfence_client::health::health(&market, &position, price);
        let _ = ringfence_client::health::accrued(&market, market.accepted.publish_time, price);
    }
    let _ = events::decode(data);
    let mut event = events::EVENT_TAG.to_vec();
    event.extend(data);
    let _ = events::decode(&event);
});
