//! The program on Agave's own bank, through the client's builders: rent, clock
//! and epochs, compute limits, sizes of transactions, several instructions in one.

/// The event, or a failure that shows which other one it was.
macro_rules! expect_event {
    ($event:expr, $kind:ident) => {
        match $event {
            Event::$kind(event) => event,
            other => panic!("expected {}, got {other:?}", stringify!($kind)),
        }
    };
}

mod bundles;
mod compute_limits;
mod market_life;
mod order_life;
mod position_life;
mod rent;
mod sizes;
mod stage;
