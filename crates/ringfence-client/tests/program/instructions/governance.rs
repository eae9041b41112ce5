//! The exchange, a market from its creation to its end, and migrations.

use anchor_lang::system_program;
use bytemuck::cast;
use ringfence::{accounts, instruction};
use ringfence_client::state::MarketStatus;
use ringfence_client::{instructions as ix, pda};

use super::*;

/// Each builder's instruction beside Anchor's.
pub fn pairs() -> Vec<Pair> {
    vec![
        pair(
            "accept_admin",
            ix::accept_admin(key("nominee")),
            &accounts::AcceptAdmin {
                nominee: key("nominee"),
                exchange: pda::exchange(),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::AcceptAdmin {},
        ),
        pair(
            "announce_settlement",
            ix::announce_settlement(key("admin"), key("market"), -6),
            &accounts::AnnounceSettlement {
                admin: key("admin"),
                exchange: pda::exchange(),
                market: key("market"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::AnnounceSettlement { settles_at: -6 },
        ),
        pair(
            "apply_params",
            ix::apply_params(key("proposer"), key("market")),
            &accounts::ApplyParams {
                proposer: key("proposer"),
                market: key("market"),
                proposal: pda::params_proposal(&key("market")),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::ApplyParams {},
        ),
        pair(
            "cancel_params",
            ix::cancel_params(key("authority"), key("proposer"), key("market")),
            &accounts::CancelParams {
                authority: key("authority"),
                exchange: pda::exchange(),
                proposer: key("proposer"),
                market: key("market"),
                proposal: pda::params_proposal(&key("market")),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::CancelParams {},
        ),
        pair(
            "close_market",
            ix::close_market(&market(), key("admin"), key("treasury_token_account")),
            &accounts::CloseMarket {
                exchange: pda::exchange(),
                admin: key("admin"),
                treasury_token_account: key("treasury_token_account"),
                market: key("market"),
                proposal: pda::params_proposal(&key("market")),
                pool_vault: key("pool_vault"),
                lp_mint: key("lp_mint"),
                token_program: key("token_program"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::CloseMarket {},
        ),
        pair(
            "collect_protocol_fees",
            ix::collect_protocol_fees(&market(), key("treasury_token_account")),
            &accounts::CollectProtocolFees {
                exchange: pda::exchange(),
                treasury_token_account: key("treasury_token_account"),
                market: key("market"),
                pool_vault: key("pool_vault"),
                token_program: key("token_program"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::CollectProtocolFees {},
        ),
        pair(
            "create_market",
            ix::create_market(
                key("admin"),
                INDEX,
                key("collateral_mint"),
                key("token_program"),
                ringfence_client::CreateMarketArgs {
                    name: *b"NAME-OF-A-MARKET",
                    size_decimals: 9,
                    oracle: oracle(),
                    params: params(),
                },
            ),
            &accounts::CreateMarket {
                admin: key("admin"),
                exchange: pda::exchange(),
                market: pda::market(INDEX),
                collateral_mint: key("collateral_mint"),
                pool_vault: pda::pool_vault(&pda::market(INDEX)),
                lp_mint: pda::lp_mint(&pda::market(INDEX)),
                token_program: key("token_program"),
                system_program: system_program::ID,
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::CreateMarket {
                args: ringfence::CreateMarketArgs {
                    name: *b"NAME-OF-A-MARKET",
                    size_decimals: 9,
                    oracle: cast(oracle()),
                    params: cast(params()),
                },
            },
        ),
        pair(
            "fund_insurance",
            ix::fund_insurance(&market(), key("payer"), key("payer_token_account"), 10),
            &accounts::FundInsurance {
                payer: key("payer"),
                payer_token_account: key("payer_token_account"),
                market: key("market"),
                pool_vault: key("pool_vault"),
                token_program: key("token_program"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::FundInsurance { amount: 10 },
        ),
        pair(
            "initialize_exchange",
            ix::initialize_exchange(
                key("authority"),
                ringfence_client::InitializeExchangeArgs {
                    admin: key("admin"),
                    guardian: key("guardian"),
                    treasury: key("treasury"),
                    timelock_seconds: 14,
                },
            ),
            &accounts::InitializeExchange {
                authority: key("authority"),
                exchange: pda::exchange(),
                ringfence: ringfence::ID,
                program_data: pda::program_data(),
                system_program: system_program::ID,
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::InitializeExchange {
                args: ringfence::InitializeExchangeArgs {
                    admin: key("admin"),
                    guardian: key("guardian"),
                    treasury: key("treasury"),
                    timelock_seconds: 14,
                },
            },
        ),
        pair(
            "migrate_market",
            ix::migrate_market(key("market")),
            &accounts::MigrateMarket {
                market: key("market"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::MigrateMarket {},
        ),
        pair(
            "migrate_position",
            ix::migrate_position(key("market"), key("position")),
            &accounts::MigratePosition {
                market: key("market"),
                position: key("position"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::MigratePosition {},
        ),
        pair(
            "nominate_admin",
            ix::nominate_admin(key("admin"), key("nominee")),
            &accounts::NominateAdmin {
                admin: key("admin"),
                exchange: pda::exchange(),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::NominateAdmin { nominee: key("nominee") },
        ),
        pair(
            "propose_params",
            ix::propose_params(
                key("admin"),
                key("market"),
                ringfence_client::ProposeParamsArgs { params: params(), oracle: oracle() },
            ),
            &accounts::ProposeParams {
                admin: key("admin"),
                exchange: pda::exchange(),
                market: key("market"),
                proposal: pda::params_proposal(&key("market")),
                system_program: system_program::ID,
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::ProposeParams {
                args: ringfence::ProposeParamsArgs { params: cast(params()), oracle: cast(oracle()) },
            },
        ),
        pair(
            "set_status",
            ix::set_status(key("authority"), key("market"), MarketStatus::Paused),
            &accounts::SetStatus {
                authority: key("authority"),
                exchange: pda::exchange(),
                market: key("market"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::SetStatus { status: ringfence::state::MarketStatus::Paused },
        ),
        pair(
            "settle_market",
            ix::settle_market(&market()),
            &accounts::SettleMarket {
                market: key("market"),
                oracle: key("oracle"),
                event_authority: pda::event_authority(),
                program: ringfence::ID,
            },
            &instruction::SettleMarket {},
        ),
    ]
}
