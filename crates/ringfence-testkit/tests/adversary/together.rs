//! Instructions that each keep the rules, together in one transaction.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::{MarketStatus, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, Instruction,
    OpenPositionArgs, ProposeParamsArgs, RemoveLiquidityArgs, instructions,
};
use ringfence_testkit::{MarketId, Trader, World, quote, size};
use solana_signer::Signer;

use crate::stage::{Source, Stage};
use crate::support::{Row, act, goes, never, shallow};

/// A market at 100, and a long of alice: 10 for 1,005, 99.4975 of margin left
/// after the fee. 5 % of the notional of 1,000 have to stay, which leaves out
/// the 5 that the position has lost by its own impact on the way in.
struct Desk {
    world: World,
    market: MarketId,
    alice: Trader,
    other: Trader,
    position: Pubkey,
}

impl Desk {
    fn new() -> Self {
        let mut world = World::quick();
        let market = shallow(&mut world, "SOL-PERP").build();
        let [alice, other] = [(); 2].map(|()| world.trader(10_000));
        let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("100"));
        let position = position.expect("an opening");
        Self { world, market, alice, other, position }
    }

    fn remove(&mut self, amount: &str) -> Instruction {
        self.world.remove_margin_ix(self.market, &self.alice, self.position, quote(amount))
    }

    fn decrease(&mut self, by: &str) -> Instruction {
        let args = DecreasePositionArgs { size: size(by), acceptable_price: 0 };
        self.world.decrease_ix(self.market, &self.alice, self.position, args)
    }

    fn increase(&mut self, by: &str, margin: &str) -> Instruction {
        let args = IncreasePositionArgs { size: size(by), margin: quote(margin), acceptable_price: u64::MAX };
        self.world.increase_ix(self.market, &self.alice, self.position, args)
    }

    fn open(&mut self, id: u16, margin: &str) -> Instruction {
        let args = OpenPositionArgs {
            id,
            side: Side::Long,
            size: size("10"),
            margin: quote(margin),
            acceptable_price: u64::MAX,
        };
        self.world.open_ix(self.market, &self.alice, args)
    }

    fn close(&mut self, id: u16) -> Instruction {
        let position = self.world.position_key(self.market, &self.alice, id);
        let args = ClosePositionArgs { acceptable_price: 0 };
        self.world.close_ix(self.market, &self.alice, position, args)
    }

    fn never(&mut self, played: &str, transaction: &[Instruction], error: &str) -> Row {
        never(&mut self.world, played, transaction, error)
    }

    /// What the transaction has cost alice, in atoms, once all is closed;
    /// compared with closing at once.
    fn cost(&mut self, played: &str, transaction: &[Instruction], answer: &str) -> (Row, u64) {
        let close = self.close(0);
        let all = |desk: &mut Self, first: &[Instruction]| {
            let before = (desk.world.svm.clone(), desk.world.markets.clone());
            let row = goes(&mut desk.world, played, &[first, std::slice::from_ref(&close)].concat(), answer);
            desk.world.check_books().expect("books");
            let wealth = desk.world.wealth(desk.market, &desk.alice);
            (desk.world.svm, desk.world.markets) = before;
            (row, wealth)
        };
        let (_, without) = all(self, &[]);
        let (row, with) = all(self, transaction);
        (row, without.checked_sub(with).expect("nothing is gained"))
    }
}

fn margin() -> Vec<Row> {
    let mut desk = Desk::new();
    let (remove, half, grow) = (desk.remove("60"), desk.decrease("5"), desk.increase("5", "0"));
    let half_again = desk.remove("30");
    let mut rows = vec![
        // 99.4975 − 60 − 5 of loss does not cover 50
        desk.never(
            "remove_margin, decrease_position that would allow it",
            std::slice::from_ref(&remove),
            "BelowInitialMargin",
        ),
        desk.never(
            "decrease_position, remove_margin, increase_position back",
            &[half.clone(), remove.clone(), grow],
            "BelowInitialMargin",
        ),
        desk.never(
            "remove_margin twice, each half of too much",
            &[half_again.clone(), half_again],
            "BelowInitialMargin",
        ),
    ];
    // filled at 101.5: of 100, 0.5075 go and 15 are lost; 44.49 would be left
    let second = desk.world.position_key(desk.market, &desk.alice, 1);
    let open = desk.open(1, "100");
    let take = desk.world.remove_margin_ix(desk.market, &desk.alice, second, quote("40"));
    rows.push(desk.never(
        "open_position, remove_margin below its initial margin",
        &[open, take],
        "BelowInitialMargin",
    ));
    // 25 for a notional of 500: 39 are enough
    rows.push(goes(
        &mut desk.world,
        "decrease_position, remove_margin",
        &[half, remove],
        "60 are out, and the rest covers the initial margin of what is left",
    ));
    let state = desk.world.position(desk.position);
    // the half of 5 that was sold at 100 × (1 + 7.5/1000) has gained 1.25
    assert_eq!(
        (state.size, state.margin),
        (size("5"), quote("99.4975") + quote("1.25") - 251_875 - quote("60"))
    );
    desk.world.check_books().expect("books");
    rows
}

fn round_trips() -> Vec<Row> {
    let mut desk = Desk::new();
    let transaction = [desk.increase("5", "0"), desk.decrease("5")];
    // both are filled at 100 × (1 + 12.5/1000) = 101.25: two fees of 0.253125
    let (row, cost) = desk.cost("increase_position, decrease_position", &transaction, "costs both fees");
    assert_eq!(cost, 506_250);
    let mut rows = vec![row];
    let transaction = [desk.open(1, "100"), desk.close(1)];
    // both are filled at 100 × (1 + 15/1000) = 101.5: two fees of 0.5075
    let (row, cost) = desk.cost("open_position, close_position", &transaction, "costs both fees");
    assert_eq!(cost, 1_015_000);
    rows.push(row);
    let open = desk.open(1, "100");
    rows.push(desk.never("open_position twice with one id", &[open.clone(), open], "AccountAlreadyInUse"));
    rows
}

fn delegates() -> Vec<Row> {
    let mut desk = Desk::new();
    let delegate = desk.other.pubkey();
    let name = |key| instructions::set_delegate(desk.position, desk.alice.pubkey(), key);
    let (appoint, dismiss) = (name(delegate), name(Pubkey::default()));
    let mut take = desk.remove("1");
    take.accounts[0].pubkey = delegate;
    let mut close = desk.close(0);
    close.accounts[0].pubkey = delegate;
    let mut sell = desk.decrease("1");
    sell.accounts[0].pubkey = delegate;
    let mut buy = desk.increase("1", "1");
    buy.accounts[0].pubkey = delegate;
    let (own_close, reopen) = (desk.close(0), desk.open(0, "100"));
    vec![
        desk.never(
            "set_delegate, remove_margin by the delegate",
            &[appoint.clone(), take],
            "NotPositionOwner",
        ),
        desk.never(
            "set_delegate, close_position by the delegate",
            &[appoint.clone(), close],
            "NotPositionOwner",
        ),
        desk.never(
            "set_delegate, increase_position by the delegate with the owner's tokens",
            &[appoint.clone(), buy],
            "OwnerMismatch",
        ),
        desk.never(
            "set_delegate, set_delegate to nobody, decrease_position by the first",
            &[appoint.clone(), dismiss, sell.clone()],
            "NotOwnerOrDelegate",
        ),
        desk.never(
            "set_delegate, close_position, open_position again, decrease_position by the delegate",
            &[appoint, own_close, reopen, sell],
            "NotOwnerOrDelegate",
        ),
    ]
}

fn liquidity() -> Vec<Row> {
    let mut desk = Desk::new();
    let (world, market) = (&mut desk.world, desk.market);
    let args = AddLiquidityArgs { id: 0, amount: quote("1000"), min_shares: 0 };
    let deposit = world.add_liquidity_ix(market, &desk.other, args);
    let claim = world.claim_shares_ix(market, &desk.other, 0);
    let args = RemoveLiquidityArgs { shares: 1, min_amount: 0 };
    let remove = world.remove_liquidity_ix(market, &desk.other, args);
    let mut rows = vec![
        never(world, "add_liquidity, claim_shares", &[deposit.clone(), claim.clone()], "CooldownNotElapsed"),
        never(
            world,
            "add_liquidity, remove_liquidity unclaimed",
            &[deposit.clone(), remove],
            "InsufficientShares",
        ),
    ];
    world.send(&[deposit], &[]).expect("a deposit");
    world.advance(3_600);
    rows.push(never(
        world,
        "claim_shares twice",
        &[claim.clone(), claim.clone()],
        "AccountOwnedByWrongProgram",
    ));
    let shares = world.read_deposit(&world.deposit_key(market, &desk.other, 0)).expect("a deposit").shares;
    let all = world.remove_liquidity_ix(market, &desk.other, RemoveLiquidityArgs { shares, min_amount: 0 });
    rows.push(never(
        world,
        "claim_shares, remove_liquidity of all, remove_liquidity of all again",
        &[claim, all.clone(), all],
        "InsufficientShares",
    ));
    rows
}

fn keepers() -> Vec<Row> {
    let mut stage = Stage::new(Source::PinnedPull);
    let twice = |stage: &mut Stage, name: &str, error: &str| {
        let instruction = act(stage, name);
        never(&mut stage.world, &format!("{name} twice"), &[instruction.clone(), instruction], error)
    };
    let mut rows = vec![
        twice(&mut stage, "liquidate", "PositionEmpty"),
        twice(&mut stage, "close_at_cap", "PositionEmpty"),
        twice(&mut stage, "close_settled", "AccountOwnedByWrongProgram"),
        twice(&mut stage, "close_market", "AccountOwnedByWrongProgram"),
        twice(&mut stage, "collect_protocol_fees", "NothingToCollect"),
        twice(&mut stage, "claim_referral_fees", "NothingToCollect"),
        twice(&mut stage, "settle_market", "MarketSettling"),
        twice(&mut stage, "migrate_market", "NothingToMigrate"),
        twice(&mut stage, "migrate_position", "NothingToMigrate"),
        twice(&mut stage, "accept_admin", "NotPendingAdmin"),
        twice(&mut stage, "apply_params", "AccountOwnedByWrongProgram"),
        twice(&mut stage, "create_referral", "AccountAlreadyInUse"),
    ];
    let liquidate = act(&stage, "liquidate");
    let (market, position) = (stage.market, crate::support::account_of("liquidate", "position", &liquidate));
    let top_up = stage.world.add_margin_ix(market, &stage.alice, position, quote("1000"));
    let [margin, late] = [0, 1].map(|_| top_up.clone());
    rows.push(never(
        &mut stage.world,
        "add_margin, liquidate",
        &[margin, liquidate.clone()],
        "NotLiquidatable",
    ));
    rows.push(never(&mut stage.world, "liquidate, add_margin", &[liquidate, late], "PositionEmpty"));
    rows
}

fn governance() -> Vec<Row> {
    let mut stage = Stage::new(Source::PinnedPull);
    let (world, market) = (&stage.world, stage.market);
    let (admin, guardian, key) = (world.admin.pubkey(), world.guardian.pubkey(), world.market_key(market));
    let state = world.market_state(market);
    let args = || ProposeParamsArgs { params: state.params, oracle: state.oracle };
    let propose = instructions::propose_params(admin, key, args());
    let apply = instructions::apply_params(admin, key);
    let cancel = instructions::cancel_params(guardian, admin, key);
    let fresh = act(&stage, "propose_params");
    let twin = crate::support::account_of("propose_params", "market", &fresh);
    let apply_fresh = instructions::apply_params(admin, twin);
    let notice = world.now() + 86_400;
    let announce = world.announce_settlement_ix(market, notice);
    let settle = world.settle_market_ix(market);
    let accept = act(&stage, "accept_admin");
    let heir = accept.accounts[0].pubkey;
    let nominate = |nominee| instructions::nominate_admin(admin, nominee);
    let (other, status) = (stage.attacker.pubkey(), |status| instructions::set_status(guardian, key, status));
    let late = stage.world.announce_settlement_ix(stage.ending, notice);
    let late_settle = act(&stage, "settle_market");
    let admin_status = instructions::set_status(admin, key, MarketStatus::Paused);
    let (open, remove) = (act(&stage, "open_position"), act(&stage, "remove_margin"));
    let cases: Vec<(&str, Vec<Instruction>, &str)> = vec![
        ("propose_params, apply_params", vec![fresh.clone(), apply_fresh], "TimelockNotElapsed"),
        ("propose_params twice", vec![fresh.clone(), fresh], "AccountAlreadyInUse"),
        ("cancel_params, apply_params", vec![cancel.clone(), apply.clone()], "AccountOwnedByWrongProgram"),
        (
            "cancel_params, propose_params, apply_params: the time waited counts for nothing",
            vec![cancel, propose, apply],
            "TimelockNotElapsed",
        ),
        ("announce_settlement, settle_market", vec![announce, settle], "NoticeNotElapsed"),
        (
            "announce_settlement again once the notice is over, settle_market",
            vec![late, late_settle],
            "NoticeNotElapsed",
        ),
        (
            "nominate_admin of another, accept_admin by the one before",
            vec![nominate(other), accept.clone()],
            "NotPendingAdmin",
        ),
        (
            "nominate_admin, accept_admin by another",
            vec![nominate(heir), instructions::accept_admin(other)],
            "NotPendingAdmin",
        ),
        (
            "accept_admin, set_status by the admin before",
            vec![accept.clone(), admin_status.clone()],
            "NotAdminOrGuardian",
        ),
        ("accept_admin, nominate_admin by the admin before", vec![accept, nominate(admin)], "NotAdmin"),
        (
            "set_status to paused by the guardian, set_status to active by the guardian",
            vec![status(MarketStatus::Paused), status(MarketStatus::Active)],
            "GuardianCannotRelax",
        ),
        ("set_status to paused, open_position", vec![admin_status.clone(), open], "MarketNotActive"),
        ("set_status to paused, remove_margin", vec![admin_status, remove], "MarketPaused"),
    ];
    let play = |(played, transaction, error): (&str, Vec<Instruction>, &str)| {
        never(&mut stage.world, played, &transaction, error)
    };
    cases.into_iter().map(play).collect()
}

pub fn rows() -> Vec<Row> {
    [margin(), round_trips(), delegates(), liquidity(), keepers(), governance()]
        .into_iter()
        .flatten()
        .collect()
}
