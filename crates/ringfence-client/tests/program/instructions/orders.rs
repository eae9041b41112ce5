//! Orders, and the positions that are created for them.

use anchor_lang::system_program;
use ringfence::{accounts, instruction, state as program};
use ringfence_client::state::{Order, OrderKind, OrderTerms, Side};
use ringfence_client::{instructions as ix, pda};

use super::*;

/// Number of an order.
const ORDER: u8 = 0x9a;

fn order_key() -> Pubkey {
    pda::order(&key("position"), ORDER)
}

/// As it lies on the chain: only its own addresses count.
fn order() -> Order {
    Order { position: key("position"), trader: key("trader"), escrow: key("escrow"), ..numbered(1) }
}

/// Each builder's instruction beside Anchor's.
pub fn pairs() -> Vec<Pair> {
    let create_args = ringfence_client::CreatePositionArgs { id: ID, side: Side::Short };
    let created = pda::position(&key("market"), &key("owner"), ID);
    let (escrow, escrow_bump) = pda::order_escrow_and_bump(&order_key());
    vec![
        pair(
            "create_position",
            ix::create_position(&market(), key("owner"), Some(key("referral")), create_args),
            &accounts::CreatePosition {
                owner: key("owner"),
                market: key("market"),
                position: created,
                position_vault: pda::position_vault(&created),
                referral: Some(key("referral")),
                collateral_mint: key("collateral_mint"),
                token_program: key("token_program"),
                system_program: system_program::ID,
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::CreatePosition {
                args: ringfence::CreatePositionArgs { id: ID, side: program::Side::Short },
            },
        ),
        pair(
            "place_order",
            ix::place_order(
                &market(),
                key("position"),
                key("trader"),
                key("trader_token_account"),
                ORDER,
                terms(),
            ),
            &accounts::PlaceOrder {
                trader: key("trader"),
                trader_token_account: key("trader_token_account"),
                market: key("market"),
                position: key("position"),
                order: order_key(),
                escrow,
                collateral_mint: key("collateral_mint"),
                token_program: key("token_program"),
                system_program: system_program::ID,
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::PlaceOrder {
                args: ringfence::PlaceOrderArgs { id: ORDER, escrow_bump, terms: their_terms() },
            },
        ),
        pair(
            "cancel_order",
            ix::cancel_order(
                key("token_program"),
                key("order"),
                &order(),
                key("canceller"),
                key("trader_token_account"),
            ),
            &accounts::CancelOrder {
                canceller: key("canceller"),
                trader: key("trader"),
                trader_token_account: key("trader_token_account"),
                position: key("position"),
                order: key("order"),
                escrow: key("escrow"),
                token_program: key("token_program"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::CancelOrder {},
        ),
        pair(
            "execute_order",
            ix::execute_order(
                &market(),
                key("order"),
                &order(),
                key("executor"),
                key("executor_token_account"),
                Some(key("referral")),
            ),
            &accounts::ExecuteOrder {
                executor: key("executor"),
                executor_token_account: key("executor_token_account"),
                market: key("market"),
                position: key("position"),
                position_vault: pda::position_vault(&key("position")),
                order: key("order"),
                escrow: key("escrow"),
                trader: key("trader"),
                referral: Some(key("referral")),
                pool_vault: key("pool_vault"),
                oracle: key("oracle"),
                token_program: key("token_program"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::ExecuteOrder {},
        ),
    ]
}

/// Every field another number.
fn terms() -> OrderTerms {
    OrderTerms {
        kind: OrderKind::Stop,
        size: 1,
        margin: 2,
        share_ppm: 3,
        trigger_price: 4,
        acceptable_price: 5,
        reward: 6,
        expires_at: 7,
        cancels: Some(8),
    }
}

fn their_terms() -> program::OrderTerms {
    program::OrderTerms {
        kind: program::OrderKind::Stop,
        size: 1,
        margin: 2,
        share_ppm: 3,
        trigger_price: 4,
        acceptable_price: 5,
        reward: 6,
        expires_at: 7,
        cancels: Some(8),
    }
}
