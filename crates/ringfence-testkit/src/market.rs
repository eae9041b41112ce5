//! Markets and their feeds.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::{Market, MarketParams, MarketStatus, OracleConfig, OracleKind};
use ringfence_client::{CreateMarketArgs, MarketAccounts, instructions, pda};
use solana_signer::Signer;

use crate::decimal;
use crate::pyth::{self, PythPrice};
use crate::tokens::MintKind;
use crate::tx::{Failure, Receipt};
use crate::world::World;

/// Index into `World::markets`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MarketId(pub usize);

/// What a feed says, in the program's price unit (10^-10 quote).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    pub price: u64,
    pub confidence: u64,
    pub ema: u64,
    pub publish_time: i64,
}

/// A market of the world, and what is needed to act on it.
#[derive(Clone, Debug)]
pub struct MarketHandle {
    pub accounts: MarketAccounts,
    pub mint: MintKind,
    pub kind: OracleKind,
    pub feed_id: [u8; 32],
    pub feed: Feed,
}

/// Parameters of a sober 20x market with 6-decimals collateral: initial 5 %,
/// maintenance 2.5 %, liquidation fee 1 % (half of it the keeper's, at least
/// 0.10), fees 5 bp each way (10 % insurance, 10 % protocol), a reserve of
/// 100 % of the entry notional, an hour until LP shares come out.
pub fn default_params() -> MarketParams {
    MarketParams {
        skew_scale: decimal::size("10000000"),
        max_open_interest_long: decimal::quote("10000000"),
        max_open_interest_short: decimal::quote("10000000"),
        min_position_notional: decimal::quote("10"),
        min_keeper_reward: decimal::quote("0.1"),
        initial_margin_ppm: 50_000,
        maintenance_margin_ppm: 25_000,
        liquidation_fee_ppm: 10_000,
        keeper_share_ppm: 500_000,
        open_fee_ppm: 500,
        close_fee_ppm: 500,
        insurance_share_ppm: 100_000,
        protocol_share_ppm: 100_000,
        referrer_share_ppm: 0,
        reserve_factor_ppm: 1_000_000,
        max_utilisation_ppm: 800_000,
        borrow_base_ppm: 20_000,
        borrow_kink_ppm: 800_000,
        borrow_slope1_ppm: 100_000,
        borrow_slope2_ppm: 1_000_000,
        max_funding_rate_ppm: 10_000,
        max_funding_velocity_ppm: 100_000,
        liquidity_cooldown_seconds: 3_600,
        min_order_delay_seconds: 0,
        delayed_only: 0,
        reserved: [0; 7],
    }
}

/// Limits that suit a sponsored feed: 60 s to open, 120 s to close, 300 s to
/// liquidate; confidence 0.5 %, 1 %, 2 %; at most 30 % from the average.
pub fn default_oracle() -> OracleConfig {
    OracleConfig {
        feed_id: [0; 32],
        account: Pubkey::default(),
        max_age_open: 60,
        max_age_reduce: 120,
        max_age_liquidate: 300,
        max_confidence_open_ppm: 5_000,
        max_confidence_ppm: 10_000,
        max_confidence_liquidate_ppm: 20_000,
        max_divergence_ppm: 300_000,
        kind: OracleKind::PythPull as u8,
        reserved: [0; 3],
    }
}

pub struct MarketBuilder<'a> {
    world: &'a mut World,
    name: [u8; 16],
    kind: OracleKind,
    pinned: bool,
    mint: MintKind,
    mint_key: Option<Pubkey>,
    quote_decimals: u8,
    size_decimals: u8,
    price: u64,
    confidence: u64,
    liquidity: u64,
    params: MarketParams,
    oracle: OracleConfig,
}

impl<'a> MarketBuilder<'a> {
    pub(crate) fn new(world: &'a mut World, name: &str) -> Self {
        let mut bytes = [0; 16];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Self {
            world,
            name: bytes,
            kind: OracleKind::PythPull,
            pinned: true,
            mint: MintKind::Token,
            mint_key: None,
            quote_decimals: 6,
            size_decimals: 9,
            price: decimal::price("150"),
            confidence: 0,
            liquidity: 0,
            params: default_params(),
            oracle: default_oracle(),
        }
    }

    /// First price, as a decimal.
    pub fn price(mut self, text: &str) -> Self {
        self.price = decimal::price(text);
        self
    }

    /// Confidence of the first prices, as a decimal.
    pub fn confidence(mut self, text: &str) -> Self {
        self.confidence = decimal::price(text);
        self
    }

    /// Liquidity that a first provider puts in, in whole quote units.
    pub fn liquidity(mut self, whole: u64) -> Self {
        self.liquidity = whole;
        self
    }

    /// A legacy push feed in place of a pull feed.
    pub fn push(mut self) -> Self {
        self.kind = OracleKind::PythPush;
        self
    }

    /// Any update account of the feed, in place of the pinned one.
    pub fn unpinned(mut self) -> Self {
        self.pinned = false;
        self
    }

    pub fn mint(mut self, kind: MintKind) -> Self {
        self.mint = kind;
        self
    }

    /// Collateral of an existing mint.
    pub fn mint_key(mut self, key: Pubkey, kind: MintKind) -> Self {
        self.mint_key = Some(key);
        self.mint = kind;
        self
    }

    pub fn decimals(mut self, size: u8, quote: u8) -> Self {
        (self.size_decimals, self.quote_decimals) = (size, quote);
        self
    }

    pub fn params(mut self, change: impl FnOnce(&mut MarketParams)) -> Self {
        change(&mut self.params);
        self
    }

    pub fn oracle(mut self, change: impl FnOnce(&mut OracleConfig)) -> Self {
        change(&mut self.oracle);
        self
    }

    /// Creates the market; panics where the program refuses it.
    pub fn build(self) -> MarketId {
        self.try_build().unwrap_or_else(|failure| panic!("create_market: {failure:#?}"))
    }

    pub fn try_build(mut self) -> Result<MarketId, Failure> {
        let oracle_key = self.world.new_key().pubkey();
        let feed_id = match self.kind {
            OracleKind::PythPush => oracle_key.to_bytes(),
            OracleKind::PythPull => self.world.new_key().pubkey().to_bytes(),
        };
        self.oracle.kind = self.kind as u8;
        self.oracle.feed_id = feed_id;
        self.oracle.account = if self.pinned { oracle_key } else { Pubkey::default() };
        let mint = match self.mint_key {
            Some(key) => key,
            None => self.world.create_mint(&self.mint, self.quote_decimals),
        };
        let args = CreateMarketArgs {
            name: self.name,
            size_decimals: self.size_decimals,
            oracle: self.oracle,
            params: self.params,
        };
        let index = self.world.exchange().market_count;
        let key = pda::market(index);
        let admin = self.world.admin.insecure_clone();
        let create = instructions::create_market(admin.pubkey(), index, mint, self.mint.program(), args);
        self.world.send(&[create], &[&admin])?;

        let feed = Feed {
            price: self.price,
            confidence: self.confidence,
            ema: self.price,
            publish_time: self.world.now(),
        };
        let accounts = MarketAccounts::new(key, &self.world.read_market(&key), oracle_key);
        self.world.markets.push(MarketHandle { accounts, mint: self.mint, kind: self.kind, feed_id, feed });
        let market = MarketId(self.world.markets.len() - 1);
        self.world.set_feed(market, feed);
        if self.liquidity > 0 {
            let amount = self.liquidity * 10u64.pow(u32::from(self.quote_decimals));
            let provider = self.world.trader_of(market, amount);
            self.world.add_liquidity(market, &provider, amount)?;
        }
        Ok(market)
    }
}

impl World {
    /// Starts the description of a market.
    pub fn market(&mut self, name: &str) -> MarketBuilder<'_> {
        MarketBuilder::new(self, name)
    }

    pub fn market_key(&self, market: MarketId) -> Pubkey {
        self.markets[market.0].accounts.market
    }

    pub fn market_state(&self, market: MarketId) -> Market {
        self.read_market(&self.market_key(market))
    }

    /// Publishes a price now, its average with it, the confidence as before.
    pub fn set_price(&mut self, market: MarketId, price: u64) {
        let feed = self.markets[market.0].feed;
        self.set_feed(market, Feed { price, ema: price, publish_time: self.now(), ..feed });
    }

    /// Publishes the same price again, now.
    pub fn refresh(&mut self, market: MarketId) {
        let feed = self.markets[market.0].feed;
        self.set_feed(market, Feed { publish_time: self.now(), ..feed });
    }

    /// Moves the clock and publishes every market's price again.
    pub fn advance(&mut self, seconds: i64) {
        self.warp(seconds);
        for market in 0..self.markets.len() {
            self.refresh(MarketId(market));
        }
    }

    /// Publishes exactly this.
    pub fn set_feed(&mut self, market: MarketId, feed: Feed) {
        let slot = self.slot();
        let handle = &mut self.markets[market.0];
        handle.feed = feed;
        let signed = |value: u64| i64::try_from(value).expect("a price that Pyth can hold");
        let price = PythPrice {
            price: signed(feed.price),
            confidence: feed.confidence,
            ema: signed(feed.ema),
            exponent: -10,
            publish_time: feed.publish_time,
            previous_publish_time: feed.publish_time - 1,
            slot,
        };
        let account = pyth::account(handle.kind, &handle.feed_id, &price);
        let key = handle.accounts.oracle;
        self.svm.set_account(key, account).expect("oracle account");
    }

    pub fn set_status(&mut self, market: MarketId, status: MarketStatus) -> Result<Receipt, Failure> {
        let admin = self.admin.insecure_clone();
        let key = self.market_key(market);
        self.send(&[instructions::set_status(admin.pubkey(), key, status)], &[&admin])
    }
}
