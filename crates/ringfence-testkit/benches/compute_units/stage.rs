//! A market with a pool, and random traders on it.

use std::fmt;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::Instruction;
use ringfence_client::events::Event;
use ringfence_client::state::{Market, Side};
use ringfence_testkit::{MarketId, MintKind, Options, ProgramError, Trader, World, price, quote, size, wire};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Whole quote units that the pool and every trader start with.
const POOL: u64 = 100_000_000;
const FUNDS: u64 = 1_000_000;
/// Rent of an empty account: the least that a transfer can leave somewhere.
const AHEAD: u64 = 890_880;
/// Seconds between what a path needs and the path itself.
pub const WAIT: i64 = 10;

/// Which oracle and which token program a market uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A pinned pull feed, SPL Token: what most markets will be.
    Common,
    /// Any update account of a pull feed, SPL Token.
    Unpinned,
    /// A legacy push feed, SPL Token.
    Push,
    /// A pinned pull feed, Token-2022 with a metadata pointer.
    Token2022,
}

impl Setting {
    pub fn is_spl_token(self) -> bool {
        self != Self::Token2022
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Common => "pull feed, SPL Token",
            Self::Unpinned => "pull feed not pinned, SPL Token",
            Self::Push => "push feed, SPL Token",
            Self::Token2022 => "pull feed, Token-2022",
        })
    }
}

/// An instruction ready to be sent, who signs it, and what an event of it must
/// show for the path to be the one it is called.
pub struct Call {
    pub instruction: Instruction,
    pub signer: Keypair,
    pub proof: Option<fn(&Event) -> bool>,
}

impl Call {
    pub fn new(instruction: Instruction, signer: &Keypair) -> Self {
        Self { instruction, signer: signer.insecure_clone(), proof: Some(|_| true) }
    }

    pub fn proven_by(self, proof: fn(&Event) -> bool) -> Self {
        Self { proof: Some(proof), ..self }
    }

    /// Of a program that records none.
    pub fn without_event(self) -> Self {
        Self { proof: None, ..self }
    }

    /// Bytes on the wire as the only instruction of a legacy transaction that
    /// its signer pays for.
    pub fn transaction_bytes(&self) -> usize {
        wire::transaction_bytes(std::slice::from_ref(&self.instruction), &self.signer.pubkey())
    }
}

/// A position and its owner.
pub struct Held {
    pub owner: Trader,
    pub position: Pubkey,
    pub side: Side,
    pub size: u64,
    pub margin: u64,
}

pub struct Stage {
    pub world: World,
    pub market: MarketId,
    pub setting: Setting,
    random: StdRng,
    pristine: Market,
}

impl Stage {
    pub fn new(setting: Setting) -> Result<Self, ProgramError> {
        // Unsigned: signatures cost no compute units, and checking them takes time.
        let mut world = World::with(Options { signatures: false, logs: false, ..Options::default() })?;
        let market = create_market(&mut world, setting, POOL);
        let pristine = world.market_state(market);
        Ok(Self { world, market, setting, random: StdRng::seed_from_u64(0x5eed), pristine })
    }

    /// Another market of the same kind, with this much liquidity.
    pub fn another_market(&mut self, liquidity: u64) -> MarketId {
        create_market(&mut self.world, self.setting, liquidity)
    }

    pub fn random(&mut self, range: std::ops::RangeInclusive<u64>) -> u64 {
        self.random.random_range(range)
    }

    /// Sends every address that a call will make something at less than its
    /// rent: anybody can.
    pub fn send_lamports_ahead(&mut self, call: &Call) {
        for meta in call.instruction.accounts.iter().filter(|meta| meta.is_writable && !meta.is_signer) {
            if self.world.svm.get_account(&meta.pubkey).is_none() {
                self.world.svm.airdrop(&meta.pubkey, AHEAD).expect("an airdrop");
            }
        }
    }

    /// Lets time pass before a call, so that the market has to be accrued by
    /// it, at the same price.
    pub fn wait(&mut self) {
        self.world.advance(WAIT);
    }

    /// A random price, and parameters as they were: what an earlier sample
    /// may have changed.
    pub fn reset(&mut self) {
        let params = self.pristine.params;
        self.world.edit::<Market>(&self.world.market_key(self.market), |market| market.params = params);
        let start = self.random(price("100")..=price("200"));
        self.world.set_price(self.market, start);
    }

    pub fn trader(&mut self) -> Trader {
        let trader = self.world.trader(FUNDS);
        self.world.tokens_of(self.market, &trader);
        self.world.shares_of(self.market, &trader);
        trader
    }

    /// A random size, and a margin that gives it this leverage at most.
    pub fn stake(&mut self, leverage: u64) -> (u64, u64) {
        let amount = self.random(size("1")..=size("20"));
        // At the highest starting price, 200: size 10^-9, quote 10^-6.
        (amount, amount * 200 / 1_000 / leverage)
    }

    pub fn id(&mut self) -> u16 {
        self.random.random()
    }

    /// A new owner's position at this leverage at most, under a random id.
    pub fn open(&mut self, side: Side, leverage: u64) -> Held {
        let (owner, id) = (self.trader(), self.id());
        let (size, margin) = self.stake(leverage);
        let position = self.world.open(self.market, &owner, id, side, size, margin).expect("open");
        Held { owner, position, side, size, margin }
    }

    /// Moves the price for (+) or against (−) a side, in thousandths.
    pub fn move_price(&mut self, side: Side, thousandths: i64) {
        let signed = if side == Side::Long { thousandths } else { -thousandths };
        let factor = u64::try_from(1_000 + signed).expect("a price above zero");
        let now = self.world.markets[self.market.0].feed.price;
        self.world.set_price(self.market, now / 1_000 * factor);
    }

    /// Shifts liquidity to insurance, or the other way, until there is this
    /// much of it. The pool vault holds both, so the books still balance.
    pub fn set_insurance(&mut self, amount: u64) {
        self.world.edit::<Market>(&self.world.market_key(self.market), |market| {
            market.liquidity = market.liquidity + market.insurance - amount;
            market.insurance = amount;
        });
    }

    /// A fifth of each trading fee is the referrer's.
    pub fn share_with_referrers(&mut self) {
        self.world.edit::<Market>(&self.world.market_key(self.market), |market| {
            market.params.referrer_share_ppm = 200_000;
        });
    }

    /// Raises the keeper's minimum.
    pub fn set_min_keeper_reward(&mut self, amount: u64) {
        self.world.edit::<Market>(&self.world.market_key(self.market), |market| {
            market.params.min_keeper_reward = amount;
        });
    }

    /// Whatever a liquidation leaves open is too small from now on.
    pub fn liquidate_only_wholes(&mut self) {
        self.world.edit::<Market>(&self.world.market_key(self.market), |market| {
            market.params.min_position_notional = u64::MAX;
        });
    }

    /// Positions opened from now on reserve no more than 5 % of their entry.
    pub fn reserve_little(&mut self) {
        self.world.edit::<Market>(&self.world.market_key(self.market), |market| {
            market.params.reserve_factor_ppm = 50_000;
        });
    }

    /// A position all of which has just been liquidated, with something left.
    pub fn liquidated(&mut self, side: Side) -> Held {
        let held = self.open(side, 10);
        self.fall_below_maintenance(&held);
        self.liquidate_only_wholes();
        let keeper = self.trader();
        self.world.liquidate(self.market, &keeper, held.position).expect("liquidate");
        held
    }

    /// Moves the price to where the position is just liquidatable.
    pub fn fall_below_maintenance(&mut self, held: &Held) {
        let market = self.world.market_state(self.market);
        let position = self.world.position(held.position);
        let mark = ringfence_client::health::liquidation_price(&market, &position)
            .expect("arithmetic")
            .expect("a price that liquidates");
        // The interval's edge is what counts: a little further than its width.
        let beyond = mark.0 / 1_000;
        let index = if held.side == Side::Long { mark.0 - beyond } else { mark.0 + beyond };
        self.world.set_price(self.market, index);
    }
}

fn create_market(world: &mut World, setting: Setting, liquidity: u64) -> MarketId {
    let builder = world.market("SOL-PERP").price("150").confidence("0.05").liquidity(liquidity);
    let builder = builder.params(|params| {
        params.max_open_interest_long = quote("1_000_000_000");
        params.max_open_interest_short = quote("1_000_000_000");
    });
    match setting {
        Setting::Common => builder,
        Setting::Unpinned => builder.unpinned(),
        Setting::Push => builder.push(),
        Setting::Token2022 => builder.mint(MintKind::Token2022(vec![ExtensionType::MetadataPointer])),
    }
    .build()
}
