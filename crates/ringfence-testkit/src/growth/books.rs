//! Positions written directly, and the market's books with them.

use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use ringfence_client::Discriminator;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::constants::POSITION_VERSION;
use ringfence_client::state::Side;
use ringfence_client::{PROGRAM_ID, pda};
use solana_account::Account;

use crate::market::MarketId;
use crate::pyth::account_of;
use crate::random::Random;
use crate::tokens::{read_mint, token_account};
use crate::world::World;

/// What the positions of one side add up to; money in atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideSums {
    pub size: u64,
    pub entry_notional: u64,
    pub margin: u64,
    pub reserve: u64,
}

/// What all positions of a market add up to, and the indices they pay by.
#[derive(Clone, Copy, Debug)]
pub struct Holdings {
    pub long: SideSums,
    /// Nothing for no shorts.
    pub short: SideSums,
    /// Of the pool, in whole quote units.
    pub liquidity: u64,
    pub funding_rate: i64,
    /// The market's, and those at which every position entered.
    pub funding_index: i128,
    pub entry_funding_index: i128,
    pub borrow_index: u128,
    pub entry_borrow_index: u128,
}

impl Holdings {
    /// 10,000 SOL long, entered at 150 with a margin of a fifth, in a pool of
    /// 100 million: divides into 100,000 equal positions of 0.1 SOL, so that
    /// the sums are the same however many there are.
    pub fn even() -> Self {
        let long = SideSums {
            size: 10_000_000_000_000,
            entry_notional: 1_500_000_000_000,
            margin: 300_000_000_000,
            reserve: 1_500_000_000_000,
        };
        Self {
            long,
            short: SideSums::default(),
            liquidity: 100_000_000,
            funding_rate: 1_000_000_000_000_000,
            funding_index: 25_000_000_000_000_000,
            entry_funding_index: 24_900_000_000_000_000,
            borrow_index: 30_000_000_000_000_000,
            entry_borrow_index: 29_000_000_000_000_000,
        }
    }

    /// Both sides between one and a million SOL, entered between 100 and 200,
    /// in a pool that reserves a third to a half for them; indices as after
    /// months, positions of the last days.
    pub fn random(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let (long, short) = (side(random), side(random));
        let reserved = long.reserve + short.reserve;
        let atoms = random.between(reserved * 2, reserved * 3) + 10_000_000_000_000;
        let signed =
            |random: &mut Random, most: u64| i128::from(random.below(2 * most + 1)) - i128::from(most);
        let rate = signed(random, 10_000_000_000_000_000);
        let funding_index = signed(random, 100_000_000_000_000_000);
        let entry_borrow_index = u128::from(random.below(100_000_000_000_000_000));
        Self {
            long,
            short,
            liquidity: atoms / 1_000_000,
            funding_rate: i64::try_from(rate).expect("a rate within its clamp"),
            funding_index,
            entry_funding_index: funding_index + signed(random, 1_000_000_000_000_000),
            borrow_index: entry_borrow_index + u128::from(random.below(10_000_000_000_000_000)),
            entry_borrow_index,
        }
    }

    /// Sides on which there is anything.
    pub fn sides(&self) -> u64 {
        [self.long, self.short].iter().map(|sums| u64::from(sums.size > 0)).sum()
    }

    /// Writes `count` equal positions of each side with their vaults, and what
    /// they add up to into the market's books and the mint's supply.
    ///
    /// # Panics
    /// Where a sum does not divide by `count`.
    pub(super) fn spread(&self, world: &mut World, market: MarketId, count: u64) {
        let accounts = world.markets[market.0].accounts;
        let mut random = Random::new(0x5eed);
        let mut generation = world.market_state(market).next_generation;
        for (side, sums) in [(Side::Long, self.long), (Side::Short, self.short)] {
            if sums.size == 0 {
                continue;
            }
            let share = sums.divided(count);
            for _ in 0..count {
                // Nobody: the owners of others do nothing here.
                let owner = Pubkey::new_from_array(std::array::from_fn(|_| random.number() as u8));
                let key = pda::position(&accounts.market, &owner, 0);
                let position = self.position(side, share, accounts.market, owner, key, generation);
                generation += 1;
                let vault =
                    token_account(accounts.token_program, accounts.collateral_mint, key, share.margin, false);
                world.svm.set_account(position.vault, vault).expect("vault");
                world.svm.set_account(key, account(&position)).expect("position");
            }
        }
        self.record(world, market, count, generation);
        let mut mint = world.svm.get_account(&accounts.collateral_mint).expect("mint");
        let supply = read_mint(&mint).expect("mint").supply + self.long.margin + self.short.margin;
        mint.data[36..44].copy_from_slice(&supply.to_le_bytes());
        world.svm.set_account(accounts.collateral_mint, mint).expect("mint");
    }

    fn position(
        &self,
        side: Side,
        share: SideSums,
        market: Pubkey,
        owner: Pubkey,
        key: Pubkey,
        generation: u64,
    ) -> Position {
        let mut position = Position::zeroed();
        (position.version, position.side) = (POSITION_VERSION, side as u8);
        (position.market, position.owner) = (market, owner);
        position.vault = pda::position_vault(&key);
        (position.size, position.entry_notional) = (share.size, share.entry_notional);
        (position.margin, position.reserve) = (share.margin, share.reserve);
        position.generation = generation;
        position.entry_funding_index.set(self.entry_funding_index);
        position.entry_borrow_index.set(self.entry_borrow_index);
        position
    }

    fn record(&self, world: &mut World, market: MarketId, count: u64, next_generation: u64) {
        let key = world.market_key(market);
        world.edit::<Market>(&key, |market| {
            for (book, sums) in [(&mut market.long, self.long), (&mut market.short, self.short)] {
                (book.open_interest, book.entry_notional) = (sums.size, sums.entry_notional);
                book.positions = if sums.size > 0 { count } else { 0 };
                book.funding_basis.set(i128::from(sums.size) * self.entry_funding_index);
            }
            market.reserved = self.long.reserve + self.short.reserve;
            market.borrow_basis.set(u128::from(market.reserved) * self.entry_borrow_index);
            market.funding_rate = self.funding_rate;
            market.funding_index.set(self.funding_index);
            market.borrow_index.set(self.borrow_index);
            market.position_accounts = self.sides() * count;
            market.next_generation = next_generation;
        });
    }
}

fn side(random: &mut Random) -> SideSums {
    // As likely to be small as to be large: 2^30 (1.07 SOL) to 2^50.
    let size = (1 << random.between(30, 49)) + random.below(1 << 30);
    // Of 10^-9 SOL at 100 to 200, in 10^-6.
    let entry_notional = size / 1_000 * random.between(100, 200);
    SideSums { size, entry_notional, margin: entry_notional / 5, reserve: entry_notional }
}

impl SideSums {
    fn divided(self, count: u64) -> Self {
        let part = |sum: u64| {
            assert!(sum.is_multiple_of(count), "{sum} does not divide by {count}");
            sum / count
        };
        Self {
            size: part(self.size),
            entry_notional: part(self.entry_notional),
            margin: part(self.margin),
            reserve: part(self.reserve),
        }
    }
}

fn account(position: &Position) -> Account {
    let mut data = Position::DISCRIMINATOR.to_vec();
    data.extend_from_slice(bytemuck::bytes_of(position));
    account_of(PROGRAM_ID, data)
}
