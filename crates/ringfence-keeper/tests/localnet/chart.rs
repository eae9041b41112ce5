//! What lies on the chain, read over the RPC without the keeper's code; who
//! is to be liquidated; and whether the books balance.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_client::Pubkey;
use ringfence_client::accounts::{LiquidityDeposit, Market, Position, Referral, decode};
use ringfence_client::state::Side;
use ringfence_client::{PROGRAM_ID, health};
use ringfence_math::Price;
use serde_json::json;
use solana_rpc_client::rpc_client::RpcClient;
use solana_rpc_client_api::request::RpcRequest;
use solana_rpc_client_api::response::RpcKeyedAccount;

/// Accounts that one call may ask for.
const ACCOUNTS_PER_CALL: usize = 100;

/// Confidence of every price of a localnet: one part in 10,000.
const CONFIDENCE: u64 = 10_000;

/// A judgement has to be the same this much later, in seconds, so that it
/// does not depend on when within a step the program is asked.
const LATER: i64 = 60;

/// Every account of the program.
pub struct Chart {
    pub markets: BTreeMap<Pubkey, Market>,
    pub positions: BTreeMap<Pubkey, Position>,
    deposits: Vec<LiquidityDeposit>,
    referrals: Vec<Referral>,
}

impl Chart {
    pub fn read(rpc: &RpcClient) -> Self {
        let params = json!([PROGRAM_ID.to_string(), { "encoding": "base64", "commitment": "confirmed" }]);
        let found: Vec<RpcKeyedAccount> =
            rpc.send(RpcRequest::GetProgramAccounts, params).expect("the program's accounts");
        let mut chart = Self {
            markets: BTreeMap::new(),
            positions: BTreeMap::new(),
            deposits: Vec::new(),
            referrals: Vec::new(),
        };
        for account in found {
            let key: Pubkey = account.pubkey.parse().expect("an address");
            let data = account.account.data.decode().expect("base64");
            if let Some(market) = decode(&data) {
                chart.markets.insert(key, market);
            } else if let Some(position) = decode(&data) {
                chart.positions.insert(key, position);
            } else if let Some(deposit) = decode(&data) {
                chart.deposits.push(deposit);
            } else if let Some(referral) = decode(&data) {
                chart.referrals.push(referral);
            }
        }
        chart
    }

    /// The positions that the program would liquidate at `prices` (by market
    /// index), charges counted up to `now`. Panics where a judgement is not
    /// the same a little later.
    pub fn liquidatable(&self, now: i64, prices: &[Price]) -> BTreeSet<Pubkey> {
        let judged = |(key, position): (&Pubkey, &Position)| {
            let market = &self.markets[&position.market];
            let price = prices[usize::from(market.index)];
            let [at_once, later] = [now, now + LATER].map(|at| judge(market, position, at, price));
            assert_eq!(at_once, later, "{key} is too near to its liquidation price for this test");
            at_once.then_some(*key)
        };
        self.positions.iter().filter_map(judged).collect()
    }

    /// Whether a position's account is the same, byte for byte, in both.
    pub fn agrees(&self, other: &Self, key: &Pubkey) -> bool {
        let bytes = |chart: &Self| chart.positions.get(key).map(|it| bytemuck::bytes_of(it).to_vec());
        bytes(self) == bytes(other)
    }

    /// Recomputes what each market says of itself from its positions and from
    /// the tokens that lie in the vaults.
    pub fn assert_books(&self, rpc: &RpcClient) {
        let vaults = self.positions.values().map(|position| position.vault);
        let keys: Vec<Pubkey> = vaults.chain(self.markets.values().map(|market| market.pool_vault)).collect();
        let held = balances(rpc, &keys);
        for (key, market) in &self.markets {
            let own: Vec<&Position> = self.positions.values().filter(|it| it.market == *key).collect();
            for position in &own {
                assert_eq!(held[&position.vault], position.margin, "vault of {position:?}");
            }
            for side in [Side::Long, Side::Short] {
                let of_side = || own.iter().filter(|position| position.side == side as u8);
                let book = market.side(side);
                let interest: u64 = of_side().map(|position| position.size).sum();
                let entry: u64 = of_side().map(|position| position.entry_notional).sum();
                let open = of_side().filter(|position| !position.is_empty()).count() as u64;
                assert_eq!(book.open_interest, interest, "open interest, {side:?}");
                assert_eq!(book.entry_notional, entry, "entry notional, {side:?}");
                assert_eq!(book.positions, open, "open positions, {side:?}");
            }
            let reserved: u64 = own.iter().map(|position| position.reserve).sum();
            assert_eq!(market.reserved, reserved, "reserved");
            assert!(market.reserved <= market.liquidity, "every gain is funded");
            assert_eq!(market.position_accounts, own.len() as u64, "position accounts");
            let pool = market.liquidity + market.insurance + market.protocol_fees + market.referral_fees;
            // Nobody has donated anything: exactly.
            assert_eq!(held[&market.pool_vault], pool, "pool vault");
            let deposits = self.deposits.iter().filter(|deposit| deposit.market == *key);
            assert_eq!(deposits.map(|deposit| deposit.shares).sum::<u64>(), market.unclaimed_shares);
            let referrals = self.referrals.iter().filter(|referral| referral.market == *key);
            assert_eq!(referrals.map(|referral| referral.fees).sum::<u64>(), market.referral_fees);
        }
    }
}

fn judge(market: &Market, position: &Position, now: i64, price: Price) -> bool {
    if position.is_empty() {
        return false;
    }
    let market = health::accrued(market, now, price).expect("charges");
    let confidence = Price(price.0 / CONFIDENCE);
    let mark = health::liquidation_mark(&market, position, price, confidence).expect("a mark");
    health::health(&market, position, mark).expect("health").is_liquidatable()
}

/// Tokens in each of `accounts`.
fn balances(rpc: &RpcClient, accounts: &[Pubkey]) -> BTreeMap<Pubkey, u64> {
    let mut held = BTreeMap::new();
    for part in accounts.chunks(ACCOUNTS_PER_CALL) {
        let found = rpc.get_multiple_accounts(part).expect("the vaults");
        for (key, account) in part.iter().zip(found) {
            let data = account.expect("a token account").data;
            // Mint 32, owner 32, amount 8.
            held.insert(*key, u64::from_le_bytes(data[64..72].try_into().expect("8 bytes")));
        }
    }
    held
}
