//! The people, their accounts, and the bank they meet on.

use anchor_lang::prelude::Pubkey;
use ringfence_client::events::Event;
use ringfence_client::state::{Exchange, Market, MarketParams, OracleConfig, OracleKind, Position};
use ringfence_client::{
    AddLiquidityArgs, CreateMarketArgs, InitializeExchangeArgs, Instruction, MarketAccounts, RingfenceError,
    instructions, pda,
};
use ringfence_testkit::market::default_oracle;
use ringfence_testkit::tokens::{mint_account, token_account};
use ringfence_testkit::{MintKind, price};
use ringfence_tests::bank::{Bank, is, key, wallet};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// A wallet and its token accounts.
pub struct Person {
    pub key: Keypair,
    pub tokens: Pubkey,
    pub shares: Pubkey,
}

impl Person {
    pub fn new(number: u8) -> Self {
        let at = |offset| key(number + offset).pubkey();
        Self { key: key(number), tokens: at(1), shares: at(2) }
    }

    pub fn pubkey(&self) -> Pubkey {
        self.key.pubkey()
    }
}

/// Who takes part, and where.
pub struct Stage {
    pub bank: Bank,
    pub admin: Keypair,
    pub provider: Person,
    pub alice: Person,
    pub bob: Person,
    pub keeper: Person,
    pub accounts: MarketAccounts,
}

/// Atoms that the provider and each trader start with.
pub const POOL: u64 = 1_000_000_000_000;
pub const FUNDS: u64 = 1_000_000_000;

impl Stage {
    pub async fn new() -> Self {
        let (admin, mint, feed) = (key(1), key(2).pubkey(), key(3).pubkey());
        let [provider, alice, bob, keeper] = [10, 20, 30, 40].map(Person::new);
        let market = pda::market(0);
        let accounts = MarketAccounts {
            market,
            collateral_mint: mint,
            pool_vault: pda::pool_vault(&market),
            lp_mint: pda::lp_mint(&market),
            token_program: MintKind::Token.program(),
            oracle: feed,
        };
        let supply = POOL + 2 * FUNDS;
        let mut genesis = vec![
            (admin.pubkey(), wallet()),
            (mint, mint_account(&MintKind::Token, admin.pubkey(), 6, supply)),
        ];
        for (person, amount) in [(&provider, POOL), (&alice, FUNDS), (&bob, FUNDS), (&keeper, 0)] {
            let account = |mint, amount| -> Account {
                token_account(accounts.token_program, mint, person.pubkey(), amount, false)
            };
            genesis.push((person.pubkey(), wallet()));
            genesis.push((person.tokens, account(mint, amount)));
            genesis.push((person.shares, account(accounts.lp_mint, 0)));
        }
        let bank = Bank::start(admin.pubkey(), genesis).await;
        Self { bank, admin, provider, alice, bob, keeper, accounts }
    }

    pub async fn publish(&mut self, text: &str) {
        self.bank.publish(self.accounts.oracle, price(text)).await;
    }

    /// Sends what must succeed, with one event to show for it.
    pub async fn event(&mut self, instruction: Instruction, signer: &Keypair) -> Event {
        let mut events = self.bank.send(instruction, signer).await.expect("it goes through");
        assert_eq!(events.len(), 1, "{events:?}");
        events.remove(0)
    }

    pub async fn refused(&mut self, instruction: Instruction, signer: &Keypair, expected: RingfenceError) {
        let error = self.bank.send(instruction, signer).await.expect_err("it is refused");
        assert!(is(&error, expected), "expected {expected:?}, got {error:?}");
    }

    /// The exchange, its treasury the provider, and a market; Alice may not.
    pub async fn set_up_market(&mut self, params: MarketParams) {
        let admin = self.admin.insecure_clone();
        let args = InitializeExchangeArgs {
            admin: admin.pubkey(),
            guardian: self.keeper.pubkey(),
            treasury: self.provider.pubkey(),
            timelock_seconds: 86_400,
        };
        // The upgrade authority alone may: Alice may not.
        let alice = self.alice.key.insecure_clone();
        let usurped = instructions::initialize_exchange(alice.pubkey(), args);
        self.refused(usurped, &alice, RingfenceError::NotUpgradeAuthority).await;
        let event = self.event(instructions::initialize_exchange(admin.pubkey(), args), &admin).await;
        assert_eq!(expect_event!(event, ExchangeInitialized).admin, admin.pubkey());
        assert_eq!(self.bank.read::<Exchange>(pda::exchange()).await.market_count, 0);

        let args = CreateMarketArgs {
            name: *b"SOL-PERP\0\0\0\0\0\0\0\0",
            size_decimals: 9,
            oracle: OracleConfig {
                feed_id: self.accounts.oracle.to_bytes(),
                account: self.accounts.oracle,
                kind: OracleKind::PythPull as u8,
                ..default_oracle()
            },
            params,
        };
        let (mint, program) = (self.accounts.collateral_mint, self.accounts.token_program);
        let create = instructions::create_market(admin.pubkey(), 0, mint, program, args);
        let event = expect_event!(self.event(create, &admin).await, MarketCreated);
        assert_eq!((event.market, event.index), (self.accounts.market, 0));
        assert_eq!(self.bank.read::<Exchange>(pda::exchange()).await.market_count, 1);
        self.publish("100").await;
    }

    pub fn claim_shares(&self) -> Instruction {
        let provider = self.provider.key.pubkey();
        instructions::claim_shares(&self.accounts, provider, 0, self.provider.shares)
    }

    pub async fn market(&self) -> Market {
        self.bank.read(self.accounts.market).await
    }

    pub async fn position(&self, person: &Person) -> Position {
        self.bank.read(self.position_key(person)).await
    }

    pub fn position_key(&self, person: &Person) -> Pubkey {
        pda::position(&self.accounts.market, &person.pubkey(), 7)
    }

    pub async fn vault(&self, person: &Person) -> u64 {
        self.bank.tokens(pda::position_vault(&self.position_key(person))).await
    }

    /// A pool of all that the provider has, at a price of 100.
    pub async fn fill_pool(&mut self) {
        let provider = self.provider.key.insecure_clone();
        let args = AddLiquidityArgs { id: 0, amount: POOL, min_shares: 0 };
        let add = instructions::add_liquidity(&self.accounts, provider.pubkey(), self.provider.tokens, args);
        self.event(add, &provider).await;
    }

    /// What is at these addresses, whole.
    pub async fn accounts_at(&self, keys: &[Pubkey]) -> Vec<Option<Account>> {
        let mut accounts = Vec::new();
        for key in keys {
            accounts.push(self.bank.account(*key).await);
        }
        accounts
    }

    pub async fn is_gone(&self, position: Pubkey) {
        let both = [position, pda::position_vault(&position)];
        assert_eq!(self.accounts_at(&both).await, [None, None]);
    }
}
