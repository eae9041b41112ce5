//! What is kept of a position: what its health depends on, and where it lies.

use bytemuck::Zeroable;
use ringfence_client::Pubkey;
use ringfence_client::state::{I128, Position, Side, U128};

/// When something was true on chain. Notifications carry a slot only, so
/// within one slot the later arrival wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    pub slot: u64,
    pub arrival: u64,
}

/// Which of the ladders a record lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In wait.
    Armed,
    /// In wait, its margin call made.
    Called,
    /// Out of the ladders: being worked on, in quarantine, or empty.
    Parked,
}

/// What only positions with orders, a delegate or a referrer have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rare {
    delegate: Pubkey,
    referral: Pubkey,
    void_orders: [u64; 4],
    committed_until: i64,
}

impl Rare {
    /// None where there is nothing of it, as in most positions: a pointer is
    /// all that those pay.
    fn of(position: &Position) -> Option<Box<Self>> {
        let rare = Self {
            delegate: position.delegate,
            referral: position.referral,
            void_orders: position.void_orders,
            committed_until: position.committed_until,
        };
        let none = Self {
            delegate: Pubkey::default(),
            referral: Pubkey::default(),
            void_orders: [0; 4],
            committed_until: 0,
        };
        (rare != none).then(|| Box::new(rare))
    }
}

/// A position in 216 bytes. Its market is the index's own.
#[derive(Clone, Debug)]
pub struct Record {
    pub key: Pubkey,
    pub owner: Pubkey,
    pub size: u64,
    pub entry_notional: u64,
    pub margin: u64,
    pub reserve: u64,
    pub generation: u64,
    entry_funding_index: I128,
    entry_borrow_index: U128,
    rare: Option<Box<Rare>>,
    pub stamp: Stamp,
    pub(super) liquidation_rung: i64,
    pub(super) cap_rung: i64,
    pub id: u16,
    version: u8,
    side: u8,
    pub(super) place: Place,
}

impl Record {
    pub fn new(key: Pubkey, position: &Position, stamp: Stamp) -> Self {
        Self {
            key,
            owner: position.owner,
            size: position.size,
            entry_notional: position.entry_notional,
            margin: position.margin,
            reserve: position.reserve,
            generation: position.generation,
            entry_funding_index: position.entry_funding_index,
            entry_borrow_index: position.entry_borrow_index,
            rare: Rare::of(position),
            stamp,
            liquidation_rung: 0,
            cap_rung: 0,
            id: position.id,
            version: position.version,
            side: position.side,
            place: Place::Parked,
        }
    }

    /// The position for the program's own arithmetic. Its market, its vault and
    /// lifetime totals are left empty: nothing is computed from them.
    pub fn position(&self) -> Position {
        let mut position = Position::zeroed();
        position.version = self.version;
        position.side = self.side;
        position.id = self.id;
        position.owner = self.owner;
        position.size = self.size;
        position.entry_notional = self.entry_notional;
        position.margin = self.margin;
        position.reserve = self.reserve;
        position.generation = self.generation;
        position.entry_funding_index = self.entry_funding_index;
        position.entry_borrow_index = self.entry_borrow_index;
        if let Some(rare) = &self.rare {
            position.delegate = rare.delegate;
            position.referral = rare.referral;
            position.void_orders = rare.void_orders;
            position.committed_until = rare.committed_until;
        }
        position
    }

    pub fn side(&self) -> Option<Side> {
        Side::from_byte(self.side).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    pub fn place(&self) -> Place {
        self.place
    }
}
