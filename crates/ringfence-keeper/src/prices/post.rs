//! Posting a signed price in full verification: the guardians' message is
//! written into an account of the Wormhole receiver and verified there, in two
//! transactions that need no market; the third posts the price, and liquidates
//! or executes an order by it.

use ringfence_client::state::OracleConfig;
use ringfence_client::{AccountMeta, Instruction, Pubkey};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::PriceUpdate;

const WORMHOLE: Pubkey = Pubkey::from_str_const("HDwcJBJXjL9FpJ7UBsYBtaDjsBUhuLCUYoz3zr8SWWaQ");
const RECEIVER: Pubkey = Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
const SYSTEM_PROGRAM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");

const INIT_ENCODED_VAA: [u8; 8] = [209, 193, 173, 25, 91, 202, 181, 218];
const WRITE_ENCODED_VAA: [u8; 8] = [199, 208, 110, 177, 150, 76, 118, 42];
const VERIFY_ENCODED_VAA_V1: [u8; 8] = [103, 56, 177, 229, 240, 103, 68, 73];
const CLOSE_ENCODED_VAA: [u8; 8] = [48, 221, 174, 198, 231, 7, 152, 38];
const POST_UPDATE: [u8; 8] = [133, 95, 207, 175, 11, 79, 118, 44];

/// Discriminator, status, write authority, version, length.
const ENCODED_VAA_HEADER: u64 = 46;
/// What of a message the first transaction can carry.
const FIRST_PART: usize = 700;
/// Lamports per byte of rent exemption, and the bytes that every account has.
const RENT_PER_BYTE: u64 = 6_960;
const ACCOUNT_OVERHEAD: u64 = 128;

/// Verifying thirteen guardians' signatures takes about 330,000 units.
const VERIFY_UNITS: u32 = 500_000;
const WRITE_UNITS: u32 = 40_000;
const POST_UNITS: u32 = 80_000;

/// What has to be sent to have a price on chain.
pub struct Post {
    /// Each a transaction of its own, in this order, with its units.
    pub before: Vec<(Vec<Instruction>, u32)>,
    /// To go into one transaction with what reads the price.
    pub instructions: Vec<Instruction>,
    pub units: u32,
    /// Where the price will be.
    pub oracle: Pubkey,
    /// Signs the first transaction.
    pub message_account: Keypair,
    /// Signs the last one.
    pub price_account: Keypair,
}

/// Builds posts on behalf of one fee payer.
pub struct Poster {
    payer: Pubkey,
    treasury_id: u8,
}

impl Poster {
    pub fn new(payer: Pubkey, treasury_id: u8) -> Self {
        Self { payer, treasury_id }
    }

    /// The keeper's own price account of a feed: the same at every start, so
    /// that its rent is paid once. Only who holds `signer` can derive it.
    pub fn price_account(signer: &Keypair, feed_id: &[u8; 32]) -> Keypair {
        Self::account(signer, b"ringfence-keeper price account", feed_id)
    }

    /// Another one, for the first price since a moment: it is older than what
    /// may lie in the former, and must not take its place.
    pub fn first_price_account(signer: &Keypair, feed_id: &[u8; 32]) -> Keypair {
        Self::account(signer, b"ringfence-keeper first price account", feed_id)
    }

    fn account(signer: &Keypair, purpose: &[u8], feed_id: &[u8; 32]) -> Keypair {
        let signature = signer.sign_message(&[purpose, feed_id].concat());
        let mut seed = [0; 32];
        seed.copy_from_slice(&signature.as_ref()[..32]);
        Keypair::new_from_array(seed)
    }

    /// None for a market that is pinned to an account which is not the keeper's.
    pub fn post(&self, signer: &Keypair, config: &OracleConfig, update: &PriceUpdate) -> Option<Post> {
        self.post_to(Self::price_account(signer, &config.feed_id), config, update)
    }

    /// The same to the account for first prices.
    pub fn post_first(&self, signer: &Keypair, config: &OracleConfig, update: &PriceUpdate) -> Option<Post> {
        self.post_to(Self::first_price_account(signer, &config.feed_id), config, update)
    }

    fn post_to(&self, price_account: Keypair, config: &OracleConfig, update: &PriceUpdate) -> Option<Post> {
        let oracle = price_account.pubkey();
        if config.account != Pubkey::default() && config.account != oracle {
            return None;
        }
        let message_account = Keypair::new();
        let message = message_account.pubkey();
        let (first, rest) = update.vaa.split_at(update.vaa.len().min(FIRST_PART));
        let mut verify = Vec::new();
        if !rest.is_empty() {
            verify.push(self.write(message, FIRST_PART, rest));
        }
        verify.push(self.verify(message, guardian_set_index(&update.vaa)?));
        Some(Post {
            before: vec![
                (
                    vec![
                        self.create(message, update.vaa.len() as u64),
                        self.wormhole(message, INIT_ENCODED_VAA.to_vec()),
                        self.write(message, 0, first),
                    ],
                    WRITE_UNITS,
                ),
                (verify, VERIFY_UNITS),
            ],
            instructions: vec![self.post_update(message, oracle, update), self.close(message)],
            units: POST_UNITS,
            oracle,
            message_account,
            price_account,
        })
    }

    fn create(&self, account: Pubkey, length: u64) -> Instruction {
        let space = length + ENCODED_VAA_HEADER;
        let lamports = (ACCOUNT_OVERHEAD + space) * RENT_PER_BYTE;
        let mut data = 0u32.to_le_bytes().to_vec();
        data.extend(lamports.to_le_bytes());
        data.extend(space.to_le_bytes());
        data.extend(WORMHOLE.to_bytes());
        let accounts = vec![AccountMeta::new(self.payer, true), AccountMeta::new(account, true)];
        Instruction { program_id: SYSTEM_PROGRAM, accounts, data }
    }

    fn wormhole(&self, account: Pubkey, data: Vec<u8>) -> Instruction {
        let accounts = vec![AccountMeta::new_readonly(self.payer, true), AccountMeta::new(account, false)];
        Instruction { program_id: WORMHOLE, accounts, data }
    }

    fn write(&self, account: Pubkey, index: usize, part: &[u8]) -> Instruction {
        let mut data = WRITE_ENCODED_VAA.to_vec();
        data.extend((index as u32).to_le_bytes());
        data.extend((part.len() as u32).to_le_bytes());
        data.extend(part);
        self.wormhole(account, data)
    }

    fn verify(&self, account: Pubkey, guardian_set: u32) -> Instruction {
        let mut instruction = self.wormhole(account, VERIFY_ENCODED_VAA_V1.to_vec());
        let set = Pubkey::find_program_address(&[b"GuardianSet", &guardian_set.to_be_bytes()], &WORMHOLE).0;
        instruction.accounts.push(AccountMeta::new_readonly(set, false));
        instruction
    }

    /// The rent of the message goes back to the payer.
    fn close(&self, account: Pubkey) -> Instruction {
        let accounts = vec![AccountMeta::new(self.payer, true), AccountMeta::new(account, false)];
        Instruction { program_id: WORMHOLE, accounts, data: CLOSE_ENCODED_VAA.to_vec() }
    }

    fn post_update(&self, message: Pubkey, oracle: Pubkey, update: &PriceUpdate) -> Instruction {
        let derive = |seeds: &[&[u8]]| Pubkey::find_program_address(seeds, &RECEIVER).0;
        let mut data = POST_UPDATE.to_vec();
        data.extend((update.message.len() as u32).to_le_bytes());
        data.extend(&update.message);
        data.extend((update.proof.len() as u32).to_le_bytes());
        data.extend(update.proof.iter().flatten());
        data.push(self.treasury_id);
        let accounts = vec![
            AccountMeta::new(self.payer, true),
            AccountMeta::new_readonly(message, false),
            AccountMeta::new_readonly(derive(&[b"config"]), false),
            AccountMeta::new(derive(&[b"treasury", &[self.treasury_id]]), false),
            AccountMeta::new(oracle, true),
            AccountMeta::new_readonly(SYSTEM_PROGRAM, false),
            AccountMeta::new_readonly(self.payer, true),
        ];
        Instruction { program_id: RECEIVER, accounts, data }
    }
}

/// Bytes 1 to 4 of a message, big-endian.
fn guardian_set_index(vaa: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*vaa.get(1..)?.first_chunk::<4>()?))
}
