//! The whole life of positions with collateral of either token program, of
//! different decimals, and with either kind of feed: the same numbers.

use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use ringfence_client::state::Side;
use ringfence_testkit::{MintKind, World, price, quote, size};

use crate::support::free_of_charges;

/// A market's mint, its decimals, those of its sizes, and whether its feed is
/// a push feed.
struct Setting {
    mint: MintKind,
    quote_decimals: u8,
    size_decimals: u8,
    push: bool,
}

impl Setting {
    /// Atoms of a decimal.
    fn quote(&self, text: &str) -> u64 {
        rescale(quote(text), 6, self.quote_decimals)
    }

    /// Size units of a decimal.
    fn size(&self, text: &str) -> u64 {
        rescale(size(text), 9, self.size_decimals)
    }
}

fn rescale(units: u64, from: u8, to: u8) -> u64 {
    let scaled = u128::from(units) * 10u128.pow(to.into());
    assert_eq!(scaled % 10u128.pow(from.into()), 0, "not a number of {to} decimals");
    u64::try_from(scaled / 10u128.pow(from.into())).unwrap()
}

fn live(setting: &Setting) {
    let mut world = World::new();
    let mut builder = world
        .market("SOL-PERP")
        .mint(setting.mint.clone())
        .decimals(setting.size_decimals, setting.quote_decimals)
        .price("100")
        .liquidity(100_000);
    if setting.push {
        builder = builder.push();
    }
    let market = builder
        .params(free_of_charges)
        .params(|params| {
            params.skew_scale = setting.size("1000");
            params.max_open_interest_long = setting.quote("1000000");
            params.max_open_interest_short = setting.quote("1000000");
            // so that a liquidation leaves nothing open
            params.min_position_notional = setting.quote("990");
            params.min_keeper_reward = setting.quote("0.1");
        })
        .build();
    let (alice, bob, keeper) = (world.trader(1_000), world.trader(1_000), world.trader(0));
    let ten = setting.size("10");

    // entry 1005, fee 0.5025
    let long = world.open(market, &alice, 0, Side::Long, ten, setting.quote("200")).unwrap();
    world.add_margin(market, &alice, long, setting.quote("10.5")).unwrap();
    assert_eq!(world.position(long).margin, setting.quote("209.9975"));
    world.check_books().unwrap();

    // 110 × (1 + 15/1000) = 111.65 for 10 more, and the same for selling them:
    // entry 1005 + 1116.5, half of it 1060.75; gain 55.75; fee 0.55825 twice
    world.set_price(market, price("110"));
    world.increase(market, &alice, long, ten, 0).unwrap();
    assert_eq!(world.position(long).margin, setting.quote("209.43925"));
    assert_eq!(world.position(long).entry_notional, setting.quote("2121.5"));
    world.decrease(market, &alice, long, ten).unwrap();
    assert_eq!(world.position(long).margin, setting.quote("264.631"));
    assert_eq!(world.position(long).reserve, setting.quote("1060.75"));
    world.remove_margin(market, &alice, long, setting.quote("100")).unwrap();
    world.check_books().unwrap();

    // short at 110 × (1 + 5/1000) = 110.55: entry 1105.5, fee 0.55275. At 115:
    // equity 69.44725 − 44.5 = 24.94725 under 40.25; settled at what buying 10
    // from a skew of 0 fills at, 115 × (1 + 5/1000) = 115.575: loss 50.25; fee
    // 11.5, half of it the keeper's; 69.44725 − 50.25 − 11.5 are left
    let short = world.open(market, &bob, 0, Side::Short, ten, setting.quote("70")).unwrap();
    world.set_price(market, price("115"));
    world.liquidate(market, &keeper, short).unwrap();
    assert_eq!(world.wealth(market, &keeper), setting.quote("5.75"));
    assert_eq!(world.position(short).margin, setting.quote("7.69725"));
    world.check_books().unwrap();

    // 115 × (1 + 5/1000) = 115.575: gain 1155.75 − 1060.75 = 95, fee 0.577875
    world.close(market, &alice, long).unwrap();
    world.close(market, &bob, short).unwrap();
    // 1000 − 200 − 10.5 + 100 + (164.631 + 95 − 0.577875)
    assert_eq!(world.wealth(market, &alice), setting.quote("1148.553125"));
    assert_eq!(world.wealth(market, &bob), setting.quote("937.69725"));

    // the pool: 100000 − 55.75 − 95 + 50.25, all trading fees (2.749625), half
    // of the liquidation's (5.75)
    let books = world.check_books().unwrap();
    assert_eq!(books.markets[0].pool_vault, setting.quote("99907.999625"));
    assert_eq!((books.markets[0].open_positions, books.markets[0].reserved), (0, 0));
    assert_eq!(books.markets[0].vaults, 0);
}

#[test]
fn of_the_token_program() {
    for (quote_decimals, size_decimals) in [(6, 9), (8, 9), (9, 6), (6, 4), (8, 12)] {
        live(&Setting { mint: MintKind::Token, quote_decimals, size_decimals, push: false });
    }
}

#[test]
fn of_token_2022() {
    use ExtensionType::{InterestBearingConfig, MetadataPointer, ScaledUiAmount};
    for extensions in
        [vec![], vec![MetadataPointer], vec![InterestBearingConfig, MetadataPointer], vec![ScaledUiAmount]]
    {
        for quote_decimals in [6, 8] {
            let mint = MintKind::Token2022(extensions.clone());
            live(&Setting { mint, quote_decimals, size_decimals: 9, push: false });
        }
    }
}

#[test]
fn priced_by_a_push_feed() {
    for mint in [MintKind::Token, MintKind::Token2022(vec![])] {
        live(&Setting { mint, quote_decimals: 6, size_decimals: 9, push: true });
    }
}
