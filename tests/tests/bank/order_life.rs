//! A position that is opened with both its ends in one transaction, closed by a
//! stranger, and cleaned up by another: every number worked by hand. SOL at 100,
//! no confidence interval, the testkit's default parameters, but time costs
//! nothing.

use ringfence_client::event::OrderEnd;
use ringfence_client::events::Event;
use ringfence_client::state::{MarketParams, Order, OrderKind, OrderTerms, Side};
use ringfence_client::{
    ClosePositionArgs, OpenPositionArgs, Pubkey, RingfenceError, compute, instructions, pda,
};
use ringfence_testkit::market::default_params;
use ringfence_testkit::{price, quote, size};
use ringfence_tests::bank::{MAX_TRANSACTION_SIZE, is};
use solana_signer::Signer;

use crate::stage::{FUNDS, Stage};

fn params() -> MarketParams {
    MarketParams {
        borrow_base_ppm: 0,
        borrow_slope1_ppm: 0,
        borrow_slope2_ppm: 0,
        max_funding_rate_ppm: 0,
        max_funding_velocity_ppm: 0,
        ..default_params()
    }
}

impl Stage {
    fn order(&self, id: u8) -> Pubkey {
        pda::order(&self.position_key(&self.alice), id)
    }

    /// Closes all of Alice's long at this price, for a tenth.
    fn end(&self, kind: OrderKind, trigger: &str, cancels: u8) -> OrderTerms {
        OrderTerms {
            kind,
            size: 0,
            margin: 0,
            share_ppm: 1_000_000,
            trigger_price: price(trigger),
            acceptable_price: price("90"),
            reward: quote("0.1"),
            expires_at: self.bank.now() + 3_600,
            cancels: Some(cancels),
        }
    }

    /// Ten SOL on a margin of 200: fee 0.500001 of 1,000.0005, at 100.00005.
    async fn open_with_both_ends(&mut self) {
        let alice = self.alice.key.insecure_clone();
        let (accounts, position, tokens) = (self.accounts, self.position_key(&self.alice), self.alice.tokens);
        let place =
            |id, terms| instructions::place_order(&accounts, position, alice.pubkey(), tokens, id, terms);
        let open = OpenPositionArgs {
            id: 7,
            side: Side::Long,
            size: size("10"),
            margin: quote("200"),
            acceptable_price: price("101"),
        };
        let bundle = [
            instructions::open_position(&accounts, alice.pubkey(), tokens, None, open),
            place(0, self.end(OrderKind::TakeProfit, "110", 1)),
            place(1, self.end(OrderKind::StopLoss, "95", 0)),
        ];
        let done = self.bank.transact(&compute::with_budget(&bundle, 0), &[&alice], None).await;
        let done = done.expect("all three");
        assert!(done.size <= MAX_TRANSACTION_SIZE, "{} bytes", done.size);
        assert_eq!(done.events.len(), 3, "{:?}", done.events);
        assert_eq!(self.bank.tokens(tokens).await, FUNDS - 200_200_000);
        assert_eq!(self.position(&self.alice).await.margin, 199_499_999);
        for id in [0, 1] {
            assert_eq!(self.bank.tokens(pda::order_escrow(&self.order(id))).await, 100_000);
        }
    }

    /// The keeper, who has nothing to do with it, may at 95 and not above.
    async fn stop_out(&mut self) {
        let keeper = self.keeper.key.insecure_clone();
        let (key, accounts, tokens) = (self.order(1), self.accounts, self.keeper.tokens);
        let order: Order = self.bank.read(key).await;
        let execute = instructions::execute_order(&accounts, key, &order, keeper.pubkey(), tokens, None);
        self.bank.warp(30).await;
        self.publish("95.0000000001").await;
        self.refused(execute.clone(), &keeper, RingfenceError::OrderNotTriggered).await;
        self.bank.warp(1).await;
        self.publish("95").await;
        let events = self.bank.send(execute.clone(), &keeper).await.expect("it is triggered");
        let [Event::PositionDecreased(closed), Event::OrderExecuted(executed)] = &events[..] else {
            panic!("{events:?}");
        };
        // 95 × (1 + (10 ÷ 2) ÷ 10,000,000), of which 10 are 50.000025 less than
        // the entry; 5 bp of 950.000475 are 0.4750002375, rounded up.
        assert_eq!(executed.fill_price, price("95.0000475"));
        assert_eq!((closed.loss, closed.fee, closed.bad_debt), (50_000_025, 475_001, 0));
        assert_eq!((executed.reward, executed.to_vault, executed.executor), (100_000, 0, keeper.pubkey()));
        assert_eq!(self.bank.tokens(tokens).await, 100_000);
        let position = self.position(&self.alice).await;
        assert_eq!((position.size, position.margin), (0, 149_024_973));
        assert_eq!(self.accounts_at(&[key, order.escrow]).await, [None, None]);
        let again = self.bank.send(execute, &keeper).await;
        assert!(again.is_err(), "it is gone");
    }

    /// The take-profit is void: Bob sends it home, and cannot keep it.
    async fn clean_up(&mut self) {
        let bob = self.bob.key.insecure_clone();
        let (key, program) = (self.order(0), self.accounts.token_program);
        let order: Order = self.bank.read(key).await;
        let cancel = |tokens| instructions::cancel_order(program, key, &order, bob.pubkey(), tokens);
        let (his, hers) = (cancel(self.bob.tokens), cancel(self.alice.tokens));
        // With all units: a refusal logs both keys.
        let refused = compute::with_limit(&[his], compute::MAX_LIMIT, 0);
        let error = self.bank.transact(&refused, &[&bob], None).await.expect_err("his own");
        assert!(is(&error, RingfenceError::UnsafePayeeAccount), "{error:?}");
        let event = expect_event!(self.event(hers, &bob).await, OrderCancelled);
        assert_eq!((event.end, event.refund), (OrderEnd::Void, 100_000));
        assert_eq!(self.accounts_at(&[key, order.escrow]).await, [None, None]);
    }

    async fn close_the_rest(&mut self) {
        let alice = self.alice.key.insecure_clone();
        let position = self.position_key(&self.alice);
        let (accounts, tokens) = (self.accounts, self.alice.tokens);
        let args = ClosePositionArgs { acceptable_price: 0 };
        let close = instructions::close_position(&accounts, position, alice.pubkey(), tokens, None, args);
        let event = expect_event!(self.event(close, &alice).await, PositionClosed);
        assert_eq!(event.payout, 149_024_973);
        // 1,000 − 200 − 0.2 + 0.1 + 149.024973
        assert_eq!(self.bank.tokens(tokens).await, 948_924_973);
        self.is_gone(position).await;
    }
}

#[tokio::test]
async fn a_stop_loss_is_executed_by_a_stranger_on_a_real_bank() {
    let mut stage = Stage::new().await;
    stage.set_up_market(params()).await;
    stage.fill_pool().await;
    let lamports = stage.bank.lamports(stage.alice.pubkey()).await;

    stage.open_with_both_ends().await;
    let rent = |bytes| stage.bank.rent(bytes);
    // A position of 352 bytes, two orders of 280, and three token accounts.
    let held = rent(352).await + 2 * rent(280).await + 3 * rent(165).await;
    assert_eq!(stage.bank.lamports(stage.alice.pubkey()).await, lamports - held);
    stage.stop_out().await;
    stage.clean_up().await;
    stage.close_the_rest().await;
    assert_eq!(stage.bank.lamports(stage.alice.pubkey()).await, lamports, "all the rent is home");
}
