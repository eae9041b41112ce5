//! Instructions: every account with its role, and the data.

use bytemuck::Zeroable;
use ringfence_client::state::{Order, OrderKind, OrderTerms, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, CreatePositionArgs, DecreasePositionArgs, IncreasePositionArgs,
    Instruction, MarketAccounts, OpenPositionArgs, Pubkey, RemoveLiquidityArgs, instructions, pda,
};

use crate::page::{Page, Row};
use crate::row;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// Name, data, and each account as its address and role: 0 read, 1 written, 2
/// and 3 the same of a signer.
fn written(name: &str, instruction: &Instruction) -> Row {
    let data: String = instruction.data.iter().map(|byte| format!("{byte:02x}")).collect();
    let accounts = instruction.accounts.iter().map(|account| {
        format!("{}:{}", account.pubkey, 2 * u8::from(account.is_signer) + u8::from(account.is_writable))
    });
    row![name, data].into_iter().chain(accounts).collect()
}

#[test]
fn builders() {
    let at = pda::market(3);
    let market = MarketAccounts {
        market: at,
        collateral_mint: key(1),
        pool_vault: pda::pool_vault(&at),
        lp_mint: pda::lp_mint(&at),
        token_program: key(2),
        oracle: key(3),
    };
    // Who acts, his token account, his shares, and a referral.
    let (actor, purse, shares, referral) = (key(4), key(5), key(6), Some(key(7)));
    let position = pda::position(&at, &actor, 258);
    let order = pda::order(&position, 9);
    let mut placed = Order::zeroed();
    (placed.trader, placed.position, placed.escrow) = (key(8), position, pda::order_escrow(&order));
    let terms = OrderTerms {
        kind: OrderKind::StopLoss,
        size: 0,
        margin: 0,
        share_ppm: 250_000,
        trigger_price: 11,
        acceptable_price: 12,
        reward: 13,
        expires_at: 14,
        cancels: Some(15),
    };
    let acceptable_price = 1_502_500_000_000;
    let open = OpenPositionArgs { id: 258, side: Side::Short, size: 21, margin: 22, acceptable_price };
    let create = CreatePositionArgs { id: 258, side: Side::Long };
    let increase = IncreasePositionArgs { size: 23, margin: 24, acceptable_price };
    let decrease = DecreasePositionArgs { size: 25, acceptable_price };
    let close = ClosePositionArgs { acceptable_price };
    let add = AddLiquidityArgs { id: 259, amount: 26, min_shares: 27 };
    let remove = RemoveLiquidityArgs { shares: 28, min_amount: 29 };
    let built = [
        ("openPosition", instructions::open_position(&market, actor, purse, None, open)),
        ("openReferred", instructions::open_position(&market, actor, purse, referral, open)),
        ("createPosition", instructions::create_position(&market, actor, referral, create)),
        (
            "increasePosition",
            instructions::increase_position(&market, position, actor, purse, None, increase),
        ),
        ("decreasePosition", instructions::decrease_position(&market, position, actor, referral, decrease)),
        ("closePosition", instructions::close_position(&market, position, actor, purse, None, close)),
        ("addMargin", instructions::add_margin(market.token_program, position, actor, purse, 30)),
        ("removeMargin", instructions::remove_margin(&market, position, actor, purse, 31)),
        ("liquidate", instructions::liquidate(&market, position, actor, purse)),
        ("closeAtCap", instructions::close_at_cap(&market, position, actor)),
        ("closeSettled", instructions::close_settled(&market, position, actor, purse)),
        ("setDelegate", instructions::set_delegate(position, actor, key(8))),
        ("placeOrder", instructions::place_order(&market, position, actor, purse, 9, terms)),
        ("cancelOrder", instructions::cancel_order(market.token_program, order, &placed, actor, purse)),
        ("executeOrder", instructions::execute_order(&market, order, &placed, actor, purse, referral)),
        ("accrue", instructions::accrue(&market)),
        ("addLiquidity", instructions::add_liquidity(&market, actor, purse, add)),
        ("claimShares", instructions::claim_shares(&market, actor, 259, shares)),
        ("removeLiquidity", instructions::remove_liquidity(&market, actor, purse, shares, remove)),
    ];
    let mut page = Page::default();
    page.group("instructions", built.iter().map(|(name, instruction)| written(name, instruction)).collect());
    page.check("instructions.json");
}
