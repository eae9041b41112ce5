//! The embedded validator: surfpool's runloop on a thread of its own, its RPC
//! and websocket servers on loopback.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use ringfence_client::Pubkey;
use ringfence_client::{Instruction, PROGRAM_ID, pda};
use ringfence_testkit::pyth::account_of;
use solana_account::Account;
use solana_clock::Clock;
use solana_keypair::{Keypair, Signature};
use solana_message::Message;
use solana_sdk_ids::bpf_loader_upgradeable;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction::versioned::VersionedTransaction;
use surfpool_core::runloops::start_local_surfnet_runloop;
use surfpool_core::surfnet::locker::SurfnetSvmLocker;
use surfpool_core::surfnet::svm::{SurfnetSvm, SurfnetSvmConfig};
use surfpool_types::{
    BlockProductionMode, RpcConfig, SimnetCommand, SimnetConfig, SimnetEvent, SurfpoolConfig,
    TransactionStatusEvent,
};
use tokio::runtime::Handle;

use crate::error::{SendError, ShutdownError, StartError};

/// What the servers may take to close.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(1_500);

/// What a transaction may take that waits for nothing but its turn.
const SEND_LIMIT: Duration = Duration::from_secs(10);

const COMPUTE_BUDGET: Pubkey = Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");

/// The most that a transaction may use.
const MAX_COMPUTE_UNITS: u32 = 1_400_000;

pub(crate) struct Validator {
    pub chain: Chain,
    servers_closed: Receiver<()>,
    alive: Arc<AtomicBool>,
    runloop: Option<JoinHandle<()>>,
}

/// Access to the chain from any thread.
#[derive(Clone)]
pub(crate) struct Chain {
    locker: SurfnetSvmLocker,
    commands: Sender<SimnetCommand>,
    slot: Duration,
    /// Transactions sent, to tell equal ones apart.
    sent: Arc<AtomicU32>,
}

impl Validator {
    /// Starts with the program of `bytecode` deployed, `authority` its upgrade
    /// authority, and `accounts` in place. Returns when the servers answer.
    pub fn start(
        runtime: &Handle,
        ports: (u16, u16),
        slot: Duration,
        program: &Path,
        authority: Pubkey,
        accounts: Vec<(Pubkey, Account)>,
    ) -> Result<Self, StartError> {
        let slot_time = u64::try_from(slot.as_millis()).unwrap_or(u64::MAX).max(1);
        let failed = |error: &dyn std::fmt::Display| StartError::Validator(error.to_string());
        let svm_config = SurfnetSvmConfig {
            slot_time,
            // Replays every transaction instruction by instruction: not for a
            // chain that bots hammer.
            instruction_profiling_enabled: false,
            ..SurfnetSvmConfig::default()
        };
        let (mut svm, events, geyser) = SurfnetSvm::new(svm_config).map_err(|error| failed(&error))?;
        // The program first: what comes after may take its time.
        for (key, account) in deployed(program, authority)? {
            svm.set_account(&key, account)
                .map_err(|error| StartError::Program { path: program.into(), cause: error.to_string() })?;
        }
        for (key, account) in accounts {
            svm.set_account(&key, account).map_err(|error| failed(&error))?;
        }

        let (rpc_port, ws_port) = ports;
        let config = SurfpoolConfig {
            simnets: vec![SimnetConfig {
                offline_mode: true,
                remote_rpc_url: None,
                slot_time,
                block_production_mode: BlockProductionMode::Clock,
                instruction_profiling_enabled: false,
                ..SimnetConfig::default()
            }],
            rpc: RpcConfig {
                bind_host: Ipv4Addr::LOCALHOST.to_string(),
                bind_port: rpc_port,
                ws_port,
                ..RpcConfig::default()
            },
            ..SurfpoolConfig::default()
        };
        let (commands, received) = unbounded();
        let locker = SurfnetSvmLocker::new(svm);
        let alive = Arc::new(AtomicBool::new(true));
        let runloop = {
            let (runtime, locker, commands) = (runtime.clone(), locker.clone(), commands.clone());
            let alive = Arc::clone(&alive);
            named("validator", move || {
                let future = start_local_surfnet_runloop(locker, config, commands, received, geyser);
                if let Err(error) = runtime.block_on(future) {
                    log::error!("the validator stopped: {error}");
                }
                alive.store(false, Ordering::Release);
            })?
        };
        let (servers_closed, ready) = watch(events, Arc::clone(&alive))?;
        let started = ready.recv().unwrap_or_else(|_| Err("it stopped while starting".into()));
        started.map_err(StartError::Validator)?;
        let slot = Duration::from_millis(slot_time);
        let chain = Chain { locker, commands, slot, sent: Arc::default() };
        Ok(Self { chain, servers_closed, alive, runloop: Some(runloop) })
    }

    /// False once the runloop or a server has stopped.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Stops the runloop and waits until both ports are free.
    pub fn stop(mut self) -> Result<(), ShutdownError> {
        self.chain.terminate();
        for _ in 0..2 {
            self.servers_closed.recv_timeout(SHUTDOWN_LIMIT).map_err(|_| ShutdownError)?;
        }
        self.runloop.take().map_or(Ok(()), |runloop| runloop.join().map_err(|_| ShutdownError))
    }
}

impl Drop for Validator {
    fn drop(&mut self) {
        self.chain.terminate();
    }
}

impl Chain {
    /// Asks the runloop to end, and does not wait.
    pub fn terminate(&self) {
        // Nobody to receive it: ended already.
        let _ = self.commands.send(SimnetCommand::Terminate(None));
    }

    /// Runs on the chain's state, nothing else running on it meanwhile.
    pub fn write<T: Send + 'static>(&self, change: impl FnOnce(&mut SurfnetSvm) -> T + Send + Sync) -> T {
        // The lock blocks by tokio's means, which panic on a thread that
        // drives a single-threaded runtime: the caller's may be one.
        thread::scope(|scope| {
            let writer = scope.spawn(|| self.locker.with_svm_writer(change));
            writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    pub fn clock(&self) -> Clock {
        self.write(|svm| svm.inner.get_sysvar::<Clock>())
    }

    /// Writes accounts whose content depends on the clock, after bringing the
    /// clock back to the machine's where the validator has been late with its
    /// slots: it counts slots, not seconds.
    pub fn write_accounts(
        &self,
        accounts: impl FnOnce(&Clock) -> Vec<(Pubkey, Account)> + Send + Sync,
    ) -> Result<(), String> {
        let slot_time = u64::try_from(self.slot.as_millis()).unwrap_or(u64::MAX);
        self.write(move |svm| {
            let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let machine = u64::try_from(machine.as_millis()).unwrap_or(u64::MAX);
            // The next slot adds its own time.
            svm.updated_at = svm.updated_at.max(machine.saturating_sub(slot_time));
            for (key, account) in accounts(&svm.inner.get_sysvar::<Clock>()) {
                svm.set_account(&key, account).map_err(|error| error.to_string())?;
            }
            Ok(())
        })
    }

    /// Executes a transaction in its turn, signatures checked; the first
    /// signer pays.
    pub fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Signature, SendError> {
        let payer = signers.first().ok_or_else(|| SendError::NotSent("nobody signs".into()))?;
        let blockhash = self.write(|svm| svm.latest_blockhash());
        let instructions = self.distinct(instructions);
        let message = Message::new(&instructions, Some(&payer.pubkey()));
        let mut transaction = Transaction::new_unsigned(message);
        transaction.try_sign(signers, blockhash).map_err(|error| SendError::NotSent(error.to_string()))?;
        let signature = transaction.signatures[0];
        let (status, outcome) = unbounded();
        let transaction = VersionedTransaction::from(transaction);
        let command = SimnetCommand::ProcessTransaction(None, transaction, status, true, None);
        self.commands.send(command).map_err(|_| SendError::NotSent("the validator has stopped".into()))?;
        match outcome.recv_timeout(SEND_LIMIT) {
            Ok(TransactionStatusEvent::Success(_)) => Ok(signature),
            Ok(
                TransactionStatusEvent::ExecutionFailure((error, meta))
                | TransactionStatusEvent::SimulationFailure((error, meta)),
            ) => Err(SendError::Failed { error, logs: meta.logs }),
            Ok(TransactionStatusEvent::VerificationFailure(cause)) => Err(SendError::NotSent(cause)),
            Err(_) => Err(SendError::NotSent("the validator does not answer".into())),
        }
    }

    /// Within a slot, a transaction that equals an earlier one is refused as
    /// processed already: each gets another compute limit, none of which binds.
    fn distinct(&self, instructions: &[Instruction]) -> Vec<Instruction> {
        if instructions.iter().any(|instruction| instruction.program_id == COMPUTE_BUDGET) {
            return instructions.to_vec();
        }
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let limit = MAX_COMPUTE_UNITS - number % 100_000;
        // SetComputeUnitLimit(u32)
        let data = [&[2], &limit.to_le_bytes()[..]].concat();
        let limit = Instruction { program_id: COMPUTE_BUDGET, accounts: Vec::new(), data };
        std::iter::once(limit).chain(instructions.iter().cloned()).collect()
    }
}

/// The two accounts of a deployed program. Errors name the file.
fn deployed(path: &Path, authority: Pubkey) -> Result<[(Pubkey, Account); 2], StartError> {
    let failed = |cause: String| StartError::Program { path: path.into(), cause };
    let bytecode = fs::read(path).map_err(|error| failed(error.to_string()))?;
    if !bytecode.starts_with(b"\x7fELF") {
        return Err(failed("not an ELF file".into()));
    }
    // Bincode: u32 tag, u64 slot, Option<Pubkey>; the bytecode at byte 45.
    let mut data = vec![3, 0, 0, 0];
    data.extend(0u64.to_le_bytes());
    data.push(1);
    data.extend(authority.as_ref());
    data.extend(bytecode);
    let program_data = account_of(bpf_loader_upgradeable::ID, data);
    // Tag, address of the program data.
    let mut data = vec![2, 0, 0, 0];
    data.extend(pda::program_data().as_ref());
    let program = Account { executable: true, ..account_of(bpf_loader_upgradeable::ID, data) };
    // In this order: the loader looks for the bytecode when it sees the program.
    Ok([(pda::program_data(), program_data), (PROGRAM_ID, program)])
}

type Started = Result<(), String>;

/// Drains the validator's events, which would otherwise fill up and hold it
/// back. The first receiver gets one message for each server that closed, the
/// second one when the servers answer, or cannot.
fn watch(
    events: Receiver<SimnetEvent>,
    alive: Arc<AtomicBool>,
) -> Result<(Receiver<()>, Receiver<Started>), StartError> {
    let (closed, servers_closed) = bounded(2);
    let (started, ready) = bounded::<Started>(1);
    named("validator-events", move || {
        for event in events {
            match event {
                SimnetEvent::CoreStarted(_) => tell(&started, Ok(())),
                SimnetEvent::Aborted(cause) => {
                    alive.store(false, Ordering::Release);
                    tell(&started, Err(cause));
                }
                SimnetEvent::Shutdown => {
                    alive.store(false, Ordering::Release);
                    tell(&started, Err("a server closed while starting".into()));
                    tell(&closed, ());
                }
                SimnetEvent::ErrorLog(_, text) => log::warn!("validator: {text}"),
                SimnetEvent::WarnLog(_, text) => log::debug!("validator: {text}"),
                _ => {}
            }
        }
    })?;
    Ok((servers_closed, ready))
}

/// For whoever still listens, and has not been told already.
fn tell<T>(listener: &Sender<T>, message: T) {
    let _ = listener.try_send(message);
}

fn named(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StartError> {
    let thread = thread::Builder::new().name(name.into()).spawn(run);
    thread.map_err(|error| StartError::Validator(error.to_string()))
}

/// A pair of loopback ports: the RPC's and the websocket's, which clients take
/// to be the next one unless told otherwise. 0 stands for any free one.
pub(crate) fn ports(rpc: u16, ws: u16) -> Result<(u16, u16), StartError> {
    const ATTEMPTS: usize = 64;
    if rpc != 0 && ws != 0 && rpc == ws {
        return Err(StartError::Port { purpose: "--ws-port", port: ws, cause: "the RPC has it".into() });
    }
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let (first, rpc_port) = listen(rpc, "--rpc-port")?;
        let wanted = if ws == 0 { rpc_port.checked_add(1).unwrap_or(0) } else { ws };
        match listen(wanted, "--ws-port") {
            Ok((second, ws_port)) => {
                drop((first, second));
                return Ok((rpc_port, ws_port));
            }
            // Another pair may be free, where any will do.
            Err(error) if rpc == 0 && ws == 0 => last = Some(error),
            Err(_) if ws == 0 => return Ok((rpc_port, listen(0, "--ws-port")?.1)),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| StartError::Validator("no free ports".into())))
}

/// Binds a loopback port; `flag` is how another one can be asked for.
pub(crate) fn listen(port: u16, flag: &'static str) -> Result<(TcpListener, u16), StartError> {
    let failed = |error: std::io::Error| {
        let cause = match error.kind() {
            std::io::ErrorKind::AddrInUse => "in use".into(),
            _ => error.to_string(),
        };
        StartError::Port { purpose: flag, port, cause }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}
