//! Whether what an instruction costs grows with how many others there are: one
//! life of a trader, a keeper and a provider, with the same keys in the same
//! market, among few positions and markets and among many.

mod books;
mod life;

use crate::decimal::{quote, size};
use crate::market::MarketId;
use crate::trade::Trader;
use crate::world::{Options, ProgramError, World};

pub use books::{Holdings, SideSums};
pub use life::Step;

/// What else there is besides the people that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Positions of others in the market, with vaults of their own.
    pub positions: u64,
    /// Markets of the exchange, that one included.
    pub markets: u16,
}

/// What the columns of the comparison are for.
pub const CROWDS: [Crowd; 4] = [
    Crowd { positions: 1, markets: 1 },
    Crowd { positions: 1, markets: 1_000 },
    Crowd { positions: 100_000, markets: 1 },
    Crowd { positions: 100_000, markets: 1_000 },
];

/// Whole quote units that each of the people has.
const FUNDS: u64 = 1_000_000;

/// A market at a price of 150 with others' positions in it, and the people
/// that are measured.
pub struct Stage {
    pub world: World,
    pub market: MarketId,
    /// Positions of others, on both sides.
    others: u64,
    trader: Trader,
    keeper: Trader,
    provider: Trader,
}

impl Stage {
    /// One market; `holdings` is what the `positions` add up to on each side.
    pub fn new(positions: u64, holdings: &Holdings) -> Result<Self, ProgramError> {
        let mut world = World::with(Options { signatures: false, logs: false, ..Options::default() })?;
        let builder = world.market("SOL-PERP").price("150").confidence("0.05");
        let builder = builder.liquidity(holdings.liquidity).params(|params| {
            params.max_open_interest_long = quote("1_000_000_000");
            params.max_open_interest_short = quote("1_000_000_000");
            // So deep that no book moves a fill far from the index price.
            params.skew_scale = size("1_000_000_000");
        });
        let market = builder.build();
        // Before anything that is not in every world, so that keys are the same.
        let mut person = || {
            let person = world.trader(FUNDS);
            world.tokens_of(market, &person);
            world.shares_of(market, &person);
            person
        };
        let (trader, keeper, provider) = (person(), person(), person());
        holdings.spread(&mut world, market, positions);
        Ok(Self { world, market, others: holdings.sides() * positions, trader, keeper, provider })
    }

    /// Adds empty markets until there are so many.
    fn add_markets(&mut self, total: u16) {
        while self.world.markets.len() < usize::from(total) {
            self.world.market("OTHER-PERP").build();
        }
    }

    /// What each step of the life takes. The books are shown to be right
    /// before and after, and then all is as it was before.
    ///
    /// # Panics
    /// Where a step is refused, does something else than it is called, or
    /// leaves the books wrong.
    pub fn measure(&mut self) -> Vec<Step> {
        let before = (self.world.svm.clone(), self.world.markets.clone());
        self.check("before");
        let steps = self.live();
        self.check("after");
        (self.world.svm, self.world.markets) = before;
        steps
    }

    /// The books of the measured market are right, and the others' positions
    /// and nothing else open in it. The other markets have nothing in them.
    fn check(&mut self, when: &str) {
        let empty = self.world.markets.split_off(1);
        let books = self.world.check_books().unwrap_or_else(|wrong| panic!("{when}: {wrong}"));
        assert_eq!(books.markets[0].open_positions, self.others, "{when}");
        self.world.markets.extend(empty);
    }
}

/// A step in each of the [`CROWDS`], and over random books.
#[derive(Clone, Debug)]
pub struct Growth {
    pub step: &'static str,
    pub units: [u64; CROWDS.len()],
    /// Least and most over the random books.
    pub random: (u64, u64),
}

impl Growth {
    /// Whether it costs the same in every crowd.
    pub fn is_flat(&self) -> bool {
        self.units.iter().all(|units| *units == self.units[0])
    }
}

/// Measures every step in every crowd, and over so many random books.
pub fn compare(random_books: u64) -> Result<Vec<Growth>, ProgramError> {
    let mut columns: Vec<Vec<Step>> = Vec::new();
    for same in CROWDS.chunk_by(|a, b| a.positions == b.positions) {
        let mut stage = Stage::new(same[0].positions, &Holdings::even())?;
        for Crowd { markets, .. } in same {
            stage.add_markets(*markets);
            columns.push(stage.measure());
        }
    }
    let mut random = vec![(u64::MAX, 0); columns[0].len()];
    for seed in 0..random_books {
        let steps = Stage::new(1, &Holdings::random(seed))?.measure();
        for ((least, most), Step { units, .. }) in random.iter_mut().zip(steps) {
            (*least, *most) = (units.min(*least), units.max(*most));
        }
    }
    let row = |(index, random): (usize, (u64, u64))| {
        let steps: [Step; CROWDS.len()] = std::array::from_fn(|column| columns[column][index]);
        assert!(steps.iter().all(|step| step.name == steps[0].name), "the same steps in every crowd");
        Growth { step: steps[0].name, units: steps.map(|step| step.units), random }
    };
    Ok(random.into_iter().enumerate().map(row).collect())
}
