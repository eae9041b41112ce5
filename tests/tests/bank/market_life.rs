//! The whole life of a market, from the exchange to the closing of its accounts,
//! with fees, funding, borrow and a referrer, over epochs. What counts here is
//! that everything is possible, that every lamport of rent comes home, and that
//! no atom is lost; the numbers of trades are position_life's.

use ringfence_client::events::Event;
use ringfence_client::state::{MarketParams, ParamsProposal, Position, Referral, Side};
use ringfence_client::{
    ClosePositionArgs, Instruction, OpenPositionArgs, ProposeParamsArgs, RemoveLiquidityArgs, RingfenceError,
    instructions, pda,
};
use ringfence_testkit::market::default_params;
use ringfence_testkit::{quote, size};
use solana_signer::Signer;

use crate::stage::{FUNDS, POOL, Stage};

const DAY: i64 = 86_400;
/// About what an epoch takes on mainnet.
const EPOCH: i64 = 2 * DAY;

fn params() -> MarketParams {
    MarketParams { referrer_share_ppm: 100_000, min_position_notional: quote("390"), ..default_params() }
}

#[tokio::test]
async fn a_market_lives_and_leaves_nothing_behind() {
    let mut stage = Stage::new().await;
    let start = stage.all_lamports().await;
    stage.set_up_market(params()).await;
    stage.provide().await;
    stage.trade().await;
    stage.charge_over_an_epoch().await;
    stage.liquidate_bob().await;
    stage.govern().await;
    stage.settle().await;
    stage.close_positions().await;
    stage.pay_out().await;
    stage.close().await;
    stage.is_over(start).await;
}

impl Stage {
    /// Admin and people, in this order.
    async fn all_lamports(&self) -> [u64; 5] {
        let [provider, alice, bob, keeper] =
            [&self.provider, &self.alice, &self.bob, &self.keeper].map(|person| person.pubkey());
        let mut all = [0; 5];
        for (slot, key) in all.iter_mut().zip([self.admin.pubkey(), provider, alice, bob, keeper]) {
            *slot = self.bank.lamports(key).await;
        }
        all
    }

    /// Deposits; an epoch later the shares come out, the rent with them.
    async fn provide(&mut self) {
        let before = self.all_lamports().await;
        self.fill_pool().await;
        assert!(self.all_lamports().await[1] < before[1]);
        let provider = self.provider.key.insecure_clone();
        self.refused(self.claim_shares(), &provider, RingfenceError::CooldownNotElapsed).await;
        self.bank.warp_epochs(1, EPOCH).await;
        self.event(self.claim_shares(), &provider).await;
        assert_eq!(self.all_lamports().await, before, "the deposit's rent is back");
        self.publish("100").await;
    }

    /// Alice is 10 long, brought by the keeper; Bob 4 short.
    async fn trade(&mut self) {
        let keeper = self.keeper.key.insecure_clone();
        let before = self.all_lamports().await;
        let market = self.accounts.market;
        self.event(instructions::create_referral(market, keeper.pubkey()), &keeper).await;
        let referral = pda::referral(&market, &keeper.pubkey());
        for (long, margin) in [(true, quote("400")), (false, quote("60"))] {
            let (person, side) = if long { (&self.alice, Side::Long) } else { (&self.bob, Side::Short) };
            let args = OpenPositionArgs {
                id: 7,
                side,
                size: if long { size("10") } else { size("4") },
                margin,
                acceptable_price: if long { u64::MAX } else { 0 },
            };
            let (key, tokens) = (person.key.insecure_clone(), person.tokens);
            let referral = long.then_some(referral);
            let open = instructions::open_position(&self.accounts, key.pubkey(), tokens, referral, args);
            self.event(open, &key).await;
        }
        let position = self.bank.rent(Position::SIZE).await + self.bank.rent(165).await;
        let referral = self.bank.rent(Referral::SIZE).await;
        let paid = [0, 0, position, position, referral];
        let after = self.all_lamports().await;
        assert_eq!(std::array::from_fn(|index| before[index] - after[index]), paid);
    }

    /// An epoch is two days: the indices move at the next touch, and by nothing
    /// at a second touch in the same second.
    async fn charge_over_an_epoch(&mut self) {
        let before = self.market().await;
        self.bank.warp_epochs(1, EPOCH).await;
        let accrue = instructions::accrue(&self.accounts);
        let keeper = self.keeper.key.insecure_clone();
        self.refused(accrue.clone(), &keeper, RingfenceError::OracleStale).await;
        self.publish("100").await;
        self.event(accrue.clone(), &keeper).await;
        let after = self.market().await;
        assert_eq!(after.accrued_at, self.bank.now());
        assert!(after.accrued_at - before.accrued_at >= EPOCH);
        assert!(after.borrow_index.get() > before.borrow_index.get());
        // The longs are the heavier side: they pay, and the rate has risen.
        assert!(after.funding_index.get() > before.funding_index.get());
        assert!(after.funding_rate > before.funding_rate);
    }

    /// Bob's 60 are 15 % of 400: at 113 he has about 7 left of the 15.8 that he needs.
    async fn liquidate_bob(&mut self) {
        self.publish("113").await;
        let keeper = self.keeper.key.insecure_clone();
        let position = self.position_key(&self.bob);
        let liquidate =
            instructions::liquidate(&self.accounts, position, keeper.pubkey(), self.keeper.tokens);
        let event = expect_event!(self.event(liquidate, &keeper).await, PositionLiquidated);
        assert_eq!((event.remaining_size, event.bad_debt), (0, 0));
        assert_eq!(self.bank.tokens(self.keeper.tokens).await, event.keeper_from_vault);
        assert!(event.funding > 0 && event.borrow > 0, "the epoch was charged: {event:?}");
    }

    /// A change waits for its timelock, of a day; its rent comes back.
    async fn govern(&mut self) {
        let (admin, before) = (self.admin.insecure_clone(), self.all_lamports().await);
        let market = self.accounts.market;
        let state = self.market().await;
        let mut args = ProposeParamsArgs { params: state.params, oracle: state.oracle };
        args.params.open_fee_ppm = 400;
        self.event(instructions::propose_params(admin.pubkey(), market, args), &admin).await;
        let rent = self.bank.rent(ParamsProposal::SIZE).await;
        assert_eq!(self.all_lamports().await[0], before[0] - rent);
        let apply = instructions::apply_params(admin.pubkey(), market);
        self.refused(apply.clone(), &admin, RingfenceError::TimelockNotElapsed).await;
        self.bank.warp_epochs(1, EPOCH).await;
        self.bank.send(apply, &admin).await.expect("after the timelock");
        assert_eq!(self.market().await.params.open_fee_ppm, 400);
        assert_eq!(self.all_lamports().await, before);
    }

    /// Announced a day ahead; settled by anyone at a price from then on.
    async fn settle(&mut self) {
        let admin = self.admin.insecure_clone();
        let at = self.bank.now() + DAY;
        let announce = instructions::announce_settlement(admin.pubkey(), self.accounts.market, at);
        self.bank.send(announce, &admin).await.expect("it is announced");
        self.bank.warp(DAY).await;
        let settle = instructions::settle_market(&self.accounts);
        self.refused(settle.clone(), &admin, RingfenceError::OracleStale).await;
        self.publish("112").await;
        self.bank.send(settle, &admin).await.expect("it is settled");
        assert_eq!(self.market().await.settlement_price, 1_120_000_000_000);
    }

    /// Alice's by whoever comes, Bob's rest by himself.
    async fn close_positions(&mut self) {
        let admin = self.admin.insecure_clone();
        let (alice, position) = (self.alice.pubkey(), self.position_key(&self.alice));
        let close = instructions::close_settled(&self.accounts, position, alice, self.alice.tokens);
        self.bank.send(close, &admin).await.expect("anyone closes it");
        self.is_gone(position).await;
        assert!(self.bank.tokens(self.alice.tokens).await > FUNDS + quote("100"), "10 SOL won 12 each");

        let (bob, position) = (self.bob.key.insecure_clone(), self.position_key(&self.bob));
        let args = ClosePositionArgs { acceptable_price: 0 };
        let close =
            instructions::close_position(&self.accounts, position, bob.pubkey(), self.bob.tokens, None, args);
        self.event(close, &bob).await;
        self.is_gone(position).await;
    }

    /// The referrer, the provider, the treasury, in this order; each gets all of
    /// what is his.
    async fn pay_out(&mut self) {
        let (keeper, provider) = (self.keeper.key.insecure_clone(), self.provider.key.insecure_clone());
        let fees = self.market().await.referral_fees;
        // A tenth of 5 bp of 1,000.0005, of the opening alone: settlement takes no fee.
        assert_eq!(fees, 50_000);
        let before = self.bank.tokens(self.keeper.tokens).await;
        let claim = instructions::claim_referral_fees(&self.accounts, keeper.pubkey(), self.keeper.tokens);
        self.bank.send(claim, &keeper).await.expect("the referrer is paid");
        assert_eq!(self.bank.tokens(self.keeper.tokens).await, before + fees);
        let referral = pda::referral(&self.accounts.market, &keeper.pubkey());
        assert_eq!(self.bank.account(referral).await, None);

        let early = instructions::close_market(&self.accounts, self.admin.pubkey(), self.provider.tokens);
        self.refused(early, &provider, RingfenceError::MarketNotEmpty).await;
        let shares = self.bank.tokens(self.provider.shares).await;
        let args = RemoveLiquidityArgs { shares, min_amount: 0 };
        let (tokens, lp) = (self.provider.tokens, self.provider.shares);
        let remove = instructions::remove_liquidity(&self.accounts, provider.pubkey(), tokens, lp, args);
        let state = self.market().await;
        let event = expect_event!(self.event(remove, &provider).await, LiquidityRemoved);
        // floor(liquidity × all but the locked thousand)
        let part = u128::from(state.liquidity) * u128::from(shares) / u128::from(state.lp_shares);
        assert_eq!(u128::from(event.amount), part);

        let before = self.bank.tokens(tokens).await;
        let collect = instructions::collect_protocol_fees(&self.accounts, tokens);
        self.bank.send(collect, &provider).await.expect("the treasury is paid");
        let paid = self.bank.tokens(tokens).await - before;
        assert_eq!(paid, state.protocol_fees + state.insurance, "nothing is left to insure");
    }

    async fn close(&mut self) {
        let close = self.close_market();
        let admin = self.admin.insecure_clone();
        let before = self.bank.lamports(admin.pubkey()).await;
        let (market, vault) = (self.accounts.market, self.accounts.pool_vault);
        let rent = self.bank.lamports(market).await + self.bank.lamports(vault).await;
        self.event(close, &admin).await;
        assert_eq!(self.accounts_at(&[market, vault]).await, [None, None]);
        assert_eq!(self.bank.lamports(admin.pubkey()).await, before + rent);
    }

    fn close_market(&self) -> Instruction {
        instructions::close_market(&self.accounts, self.admin.pubkey(), self.provider.tokens)
    }

    /// All lamports are where they were, but for the exchange, which stays, and
    /// the LP mint, which the token program does not close. All atoms are the people's.
    async fn is_over(&self, start: [u64; 5]) {
        let stays =
            self.bank.lamports(pda::exchange()).await + self.bank.lamports(self.accounts.lp_mint).await;
        let [admin, people @ ..] = self.all_lamports().await;
        assert_eq!((admin, &people[..]), (start[0] - stays, &start[1..]));
        let mut total = 0;
        for person in [&self.provider, &self.alice, &self.bob, &self.keeper] {
            total += self.bank.tokens(person.tokens).await;
        }
        assert_eq!(total, POOL + 2 * FUNDS);
    }
}
