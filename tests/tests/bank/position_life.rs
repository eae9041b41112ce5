//! The whole life of two positions on a real bank, every number worked by
//! hand: SOL at 100, 6-decimals collateral, no confidence interval, the
//! testkit's default parameters (initial 5 %, maintenance 2.5 %, liquidation
//! fee 1 %, half of it the keeper's, fees 5 bp of which insurance and protocol
//! get 10 % each, a reserve of 100 %, a skew scale of 10,000,000 SOL), but
//! neither funding nor borrow, so that time costs nothing, and a smallest
//! position of 390, so that a liquidation leaves nothing of 4 SOL open.

use ringfence_client::events::Event;
use ringfence_client::state::{MarketParams, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, OpenPositionArgs,
    RemoveLiquidityArgs, RingfenceError, instructions, pda,
};
use ringfence_testkit::market::default_params;
use ringfence_testkit::{price, quote, size};
use solana_signer::Signer;

use crate::stage::{FUNDS, POOL, Stage};

#[tokio::test]
async fn a_long_and_a_short_live_and_end_on_a_real_bank() {
    let mut stage = Stage::new().await;
    stage.set_up_market(params()).await;
    stage.provide_liquidity().await;
    let lamports = stage.wallets().await;

    stage.open_long().await;
    stage.open_short().await;
    stage.pay_rent(lamports).await;
    stage.change_margin().await;
    stage.refuse_a_stale_price().await;
    stage.increase_long().await;
    stage.decrease_long().await;
    stage.liquidate_short().await;
    stage.close_long().await;
    stage.claim_the_rest().await;
    assert_eq!(stage.wallets().await, lamports, "the rent of all four accounts is back, to the lamport");
    stage.withdraw_liquidity().await;
    stage.nothing_is_lost().await;
}

fn params() -> MarketParams {
    MarketParams {
        min_position_notional: quote("390"),
        borrow_base_ppm: 0,
        borrow_slope1_ppm: 0,
        borrow_slope2_ppm: 0,
        max_funding_rate_ppm: 0,
        max_funding_velocity_ppm: 0,
        ..default_params()
    }
}

impl Stage {
    /// 1,000,000.000000 for as many shares, of which 1,000 atoms are locked.
    async fn provide_liquidity(&mut self) {
        let provider = self.provider.key.insecure_clone();
        let add = instructions::add_liquidity(
            &self.accounts,
            provider.pubkey(),
            self.provider.tokens,
            AddLiquidityArgs { id: 0, amount: POOL, min_shares: POOL - 1_000 },
        );
        let event = expect_event!(self.event(add, &provider).await, LiquidityAdded);
        assert_eq!((event.shares, event.lp_shares), (999_999_999_000, POOL));
        assert_eq!(self.bank.tokens(self.provider.shares).await, 0);
        assert_eq!(self.bank.tokens(self.accounts.pool_vault).await, POOL);
        self.refused(self.claim_shares(), &provider, RingfenceError::CooldownNotElapsed).await;
    }

    /// 10 SOL: skew impact (0 + 10 / 2) / 10^7, so 100 × (1 + 5 × 10^-7) =
    /// 100.00005 a SOL and 1,000.0005 in all. Fee 5 bp = 0.50000025, up to
    /// 0.500001, of which floor(10 %) = 0.050000 each to two, the rest to LPs.
    async fn open_long(&mut self) {
        let alice = self.alice.key.insecure_clone();
        let args = OpenPositionArgs {
            id: 7,
            side: Side::Long,
            size: size("10"),
            margin: quote("210"),
            acceptable_price: price("100.00005"),
        };
        let open = instructions::open_position(&self.accounts, alice.pubkey(), self.alice.tokens, None, args);
        let event = expect_event!(self.event(open, &alice).await, PositionOpened);
        assert_eq!((event.fill_price, event.entry_notional), (price("100.00005"), 1_000_000_500));
        assert_eq!((event.reserve, event.fee), (1_000_000_500, 500_001));
        let parts = event.fee_parts;
        assert_eq!((parts.liquidity, parts.insurance, parts.protocol), (400_001, 50_000, 50_000));
        assert_eq!((event.generation, event.margin), (1, 209_499_999));
        assert_eq!(self.vault(&self.alice).await, 209_499_999);
    }

    /// 4 SOL: impact (10 − 4 / 2) / 10^7, so 100.00008 and 400.00032. Fee
    /// 0.20000016, up to 0.200001.
    async fn open_short(&mut self) {
        let bob = self.bob.key.insecure_clone();
        let args = OpenPositionArgs {
            id: 7,
            side: Side::Short,
            size: size("4"),
            margin: quote("60"),
            acceptable_price: price("100.00008"),
        };
        let open = instructions::open_position(&self.accounts, bob.pubkey(), self.bob.tokens, None, args);
        let event = expect_event!(self.event(open, &bob).await, PositionOpened);
        assert_eq!((event.fill_price, event.entry_notional), (price("100.00008"), 400_000_320));
        assert_eq!((event.fee, event.generation, event.margin), (200_001, 2, 59_799_999));
        let market = self.market().await;
        assert_eq!(market.liquidity, POOL + 400_001 + 160_001);
        assert_eq!((market.insurance, market.protocol_fees), (70_000, 70_000));
        assert_eq!(market.reserved, 1_000_000_500 + 400_000_320);
    }

    async fn wallets(&self) -> [u64; 2] {
        [self.bank.lamports(self.alice.pubkey()).await, self.bank.lamports(self.bob.pubkey()).await]
    }

    /// Each owner has paid for a Position (8 + 344 bytes) and a token account.
    async fn pay_rent(&self, before: [u64; 2]) {
        let paid = self.bank.rent(352).await + self.bank.rent(165).await;
        assert_eq!(self.wallets().await, before.map(|lamports| lamports - paid));
    }

    /// Bob pays 50 into Alice's position; she takes 9.499999 out and keeps 250.
    async fn change_margin(&mut self) {
        self.bank.warp(30).await;
        self.publish("102").await;
        let (alice, bob) = (self.alice.key.insecure_clone(), self.bob.key.insecure_clone());
        let position = self.position_key(&self.alice);
        let program = self.accounts.token_program;
        let add = instructions::add_margin(program, position, bob.pubkey(), self.bob.tokens, quote("50"));
        let event = expect_event!(self.event(add, &bob).await, MarginAdded);
        assert_eq!((event.payer, event.margin), (bob.pubkey(), 259_499_999));

        let remove = |amount| {
            instructions::remove_margin(&self.accounts, position, alice.pubkey(), self.alice.tokens, amount)
        };
        // Initial margin at 102 is 5 % of 1,020 = 51: 208.499999 may go, no more.
        let (beyond, wanted) = (remove(quote("208.5")), remove(quote("9.499999")));
        self.refused(beyond, &alice, RingfenceError::BelowInitialMargin).await;
        let event = expect_event!(self.event(wanted, &alice).await, MarginRemoved);
        assert_eq!((event.amount, event.margin), (9_499_999, 250_000_000));
        assert_eq!(self.vault(&self.alice).await, 250_000_000);
    }

    /// A price may be 60 s old to add risk.
    async fn refuse_a_stale_price(&mut self) {
        self.bank.warp(61).await;
        let alice = self.alice.key.insecure_clone();
        let increase = self.increase();
        self.refused(increase, &alice, RingfenceError::OracleStale).await;
        self.publish("102").await;
    }

    fn increase(&self) -> ringfence_client::Instruction {
        let (position, owner) = (self.position_key(&self.alice), self.alice.pubkey());
        let args = IncreasePositionArgs {
            size: size("2"),
            margin: quote("20"),
            acceptable_price: price("102.0000714"),
        };
        instructions::increase_position(&self.accounts, position, owner, self.alice.tokens, None, args)
    }

    /// 2 SOL: skew 10 − 4, impact (6 + 1) / 10^7, so 102.0000714 and
    /// 204.0001428, up to 204.000143. Fee 0.1020000715, up to 0.102001.
    async fn increase_long(&mut self) {
        let (alice, increase) = (self.alice.key.insecure_clone(), self.increase());
        let event = expect_event!(self.event(increase, &alice).await, PositionIncreased);
        assert_eq!((event.fill_price, event.entry_notional), (price("102.0000714"), 204_000_143));
        // 250 + 20 − 0.102001.
        assert_eq!((event.fee, event.margin), (102_001, 269_897_999));
        let position = self.position(&self.alice).await;
        assert_eq!((position.size, position.entry_notional), (size("12"), 1_204_000_643));
        assert_eq!(position.reserve, 1_204_000_643);
    }

    /// 3 of 12 SOL at 104: skew 8, impact (8 − 1.5) / 10^7, so 104.0000676.
    /// Proceeds 312.0002028, down to 312.000202, less floor(1,204.000643 / 4)
    /// = 301.000160 makes 11.000042. Fee 5 bp of 312.000203 up: 0.156001.
    async fn decrease_long(&mut self) {
        self.bank.warp(10).await;
        self.publish("104").await;
        let alice = self.alice.key.insecure_clone();
        let decrease = instructions::decrease_position(
            &self.accounts,
            self.position_key(&self.alice),
            alice.pubkey(),
            None,
            DecreasePositionArgs { size: size("3"), acceptable_price: price("104.0000676") },
        );
        let event = expect_event!(self.event(decrease, &alice).await, PositionDecreased);
        assert_eq!((event.fill_price, event.entry_notional), (price("104.0000676"), 301_000_160));
        assert_eq!((event.gain, event.loss, event.fee), (11_000_042, 0, 156_001));
        // 269.897999 + 11.000042 − 0.156001.
        assert_eq!(event.margin, 280_742_040);
        assert_eq!(self.vault(&self.alice).await, 280_742_040);
    }

    /// Bob's equity 59.799999 + 400.00032 − 4 P is below 3.5 % of 4 P from
    /// P = 459.800319 / 4.14 = 111.0628… on. It is judged at 112
    /// and settled at what buying 4 from a skew of 5 fills at, (5 + 4 / 2) /
    /// 10^7 above: 112.0000784. 448.0003136, up to 448.000314, makes the loss
    /// 47.999994; fee 1 % of 448 = 4.48, half of it the keeper's; 7.320005 is
    /// left.
    async fn liquidate_short(&mut self) {
        let keeper = self.keeper.key.insecure_clone();
        let position = self.position_key(&self.bob);
        let liquidate =
            instructions::liquidate(&self.accounts, position, keeper.pubkey(), self.keeper.tokens);
        self.bank.warp(20).await;
        self.publish("111").await;
        self.refused(liquidate.clone(), &keeper, RingfenceError::NotLiquidatable).await;
        let untouched = self.bank.account(self.position_key(&self.alice)).await;

        self.publish("112").await;
        let event = expect_event!(self.event(liquidate, &keeper).await, PositionLiquidated);
        assert_eq!((event.notional, event.maintenance), (448_000_000, 15_680_000));
        assert_eq!((event.equity, event.loss), (11_800_319, 47_999_994));
        assert_eq!((event.keeper_from_vault, event.insurance_fee), (2_240_000, 2_240_000));
        assert_eq!((event.keeper_from_insurance, event.bad_debt, event.margin), (0, 0, 7_320_005));
        assert_eq!(self.bank.tokens(self.keeper.tokens).await, 2_240_000);
        assert_eq!(self.vault(&self.bob).await, 7_320_005);
        // The long's account and vault are as they were.
        assert_eq!(self.bank.account(self.position_key(&self.alice)).await, untouched);
        assert_eq!(self.vault(&self.alice).await, 280_742_040);
    }

    /// 9 SOL at 112: skew 9, impact (9 − 4.5) / 10^7, so 112.0000504. Proceeds
    /// 1,008.0004536, down to 1,008.000453, less the 903.000483 that is left
    /// of the entry makes 104.999970. Fee 0.504000227, up to 0.504001.
    async fn close_long(&mut self) {
        let alice = self.alice.key.insecure_clone();
        let (position, tokens) = (self.position_key(&self.alice), self.alice.tokens);
        let args = ClosePositionArgs { acceptable_price: price("112.0000504") };
        let close =
            instructions::close_position(&self.accounts, position, alice.pubkey(), tokens, None, args);
        let events = self.bank.send(close, &alice).await.expect("it goes through");
        let [decreased, closed] = <[Event; 2]>::try_from(events).expect("two events");
        let decreased = expect_event!(decreased, PositionDecreased);
        assert_eq!((decreased.entry_notional, decreased.gain), (903_000_483, 104_999_970));
        assert_eq!(decreased.fee, 504_001);
        // 280.742040 + 104.999970 − 0.504001.
        let closed = expect_event!(closed, PositionClosed);
        assert_eq!((closed.payout, closed.surplus), (385_238_009, 0));
        assert_eq!(closed.realised_pnl, 11_000_042 + 104_999_970);
        assert_eq!(closed.fees_paid, 500_001 + 102_001 + 156_001 + 504_001);
        self.is_gone(position).await;
        // 1,000 − 210 + 9.499999 − 20 + 385.238009.
        assert_eq!(self.bank.tokens(tokens).await, 1_164_738_008);
    }

    /// Bob takes 2.320005 of what the liquidation left, then closes for the
    /// other 5; no price is needed, however old the last one.
    async fn claim_the_rest(&mut self) {
        self.bank.warp(3_600).await;
        let bob = self.bob.key.insecure_clone();
        let (position, tokens) = (self.position_key(&self.bob), self.bob.tokens);
        let part = quote("2.320005");
        let remove = instructions::remove_margin(&self.accounts, position, bob.pubkey(), tokens, part);
        assert_eq!(expect_event!(self.event(remove, &bob).await, MarginRemoved).margin, 5_000_000);

        let args = ClosePositionArgs { acceptable_price: 0 };
        let close = instructions::close_position(&self.accounts, position, bob.pubkey(), tokens, None, args);
        let closed = expect_event!(self.event(close, &bob).await, PositionClosed);
        // The liquidation has given it a new generation, the third of the market.
        assert_eq!((closed.payout, closed.generation), (5_000_000, 3));
        self.is_gone(position).await;
        // 1,000 − 60 − 50 + 7.320005.
        assert_eq!(self.bank.tokens(tokens).await, 897_320_005);
    }

    /// The pool: 1,000,000 + 0.560002 (opening fees) + 0.081601 − 11.000042 +
    /// 0.124801 + 47.999994 − 104.999970 + 0.403201 = 999,933.169587. All
    /// shares but the locked 1,000 are worth
    /// floor(999,933,169,587 × (10^12 − 1,000) / 10^12) = 999,933,168,587.
    async fn withdraw_liquidity(&mut self) {
        let market = self.market().await;
        assert_eq!((market.liquidity, market.reserved), (999_933_169_587, 0));
        assert_eq!((market.insurance, market.protocol_fees), (2_386_200, 146_200));

        // The hour's cool-down is over; the shares come out and the rent goes home.
        let provider = self.provider.key.insecure_clone();
        let deposit = pda::liquidity_deposit(&self.accounts.market, &provider.pubkey(), 0);
        let rent = self.bank.account(deposit).await.expect("the deposit").lamports;
        let lamports = self.bank.account(provider.pubkey()).await.expect("the provider").lamports;
        let event = expect_event!(self.event(self.claim_shares(), &provider).await, SharesClaimed);
        assert_eq!((event.shares, event.provider), (999_999_999_000, provider.pubkey()));
        assert_eq!(self.bank.tokens(self.provider.shares).await, 999_999_999_000);
        assert_eq!(self.bank.account(deposit).await, None);
        let after = self.bank.account(provider.pubkey()).await.expect("the provider").lamports;
        assert_eq!(after, lamports + rent);

        self.publish("112").await;
        let remove = instructions::remove_liquidity(
            &self.accounts,
            provider.pubkey(),
            self.provider.tokens,
            self.provider.shares,
            RemoveLiquidityArgs { shares: 999_999_999_000, min_amount: 999_933_168_587 },
        );
        let event = expect_event!(self.event(remove, &provider).await, LiquidityRemoved);
        assert_eq!((event.amount, event.liquidity, event.lp_shares), (999_933_168_587, 1_000, 1_000));
        assert_eq!(self.bank.tokens(self.provider.tokens).await, 999_933_168_587);
    }

    /// What came in is all there: with the four people, or in the pool vault,
    /// where it is the locked shares', insurance and the protocol's.
    async fn nothing_is_lost(&self) {
        let pool = self.bank.tokens(self.accounts.pool_vault).await;
        assert_eq!(pool, 1_000 + 2_386_200 + 146_200);
        let mut total = pool;
        for person in [&self.provider, &self.alice, &self.bob, &self.keeper] {
            total += self.bank.tokens(person.tokens).await;
        }
        assert_eq!(total, POOL + 2 * FUNDS);
    }
}
