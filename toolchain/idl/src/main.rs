//! Writes `idl/ringfence.json`, or checks it, with Anchor's own IDL builder:
//! the very output of `anchor idl build`, without the Anchor CLI. With it the
//! part of `ringfence-client` that follows from the IDL.
//!
//! ```text
//! cargo run --release -p ringfence-idl              # write
//! cargo run --release -p ringfence-idl -- --check   # exit 1 where it differs
//! ```

mod client;

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anchor_lang_idl::{build::IdlBuilder, types::Idl};
use anyhow::{Context, Result, bail};
use clap::Parser;

const PROGRAM: &str = "programs/ringfence";
const CLIENT: &str = "crates/ringfence-client/src/generated";
/// Cargo reads it before `RUSTFLAGS`.
const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
const REGENERATE: &str = "cargo run --release -p ringfence-idl";

/// Write the program's IDL as `anchor idl build` does, and the client's types;
/// or check the committed ones.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Write nothing: exit 1 unless the file is what the program's source gives
    #[arg(long)]
    check: bool,
    /// The program's crate [default: programs/ringfence of this repository]
    #[arg(long, value_name = "DIR")]
    program: Option<PathBuf>,
    /// The IDL file [default: idl/ringfence.json of this repository]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The client's generated folder [default: that of this repository; none
    /// where another program or file is named]
    #[arg(long, value_name = "DIR")]
    client: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    if env::var_os("RUSTUP_TOOLCHAIN").is_some() || env::var_os(FLAGS).is_none() {
        return rerun_in_plain_environment();
    }
    let is_own = args.program.is_none() && args.output.is_none();
    let client = match args.client {
        None if is_own => Some(in_repository(CLIENT)?),
        given => given,
    };
    let program = args.program.map_or_else(|| in_repository(PROGRAM), Ok)?;
    let output = args.output.map_or_else(|| in_repository("idl/ringfence.json"), Ok)?;

    let built = build(&program)?;
    let mut files = vec![(output, built.json)];
    if let Some(folder) = client {
        let generated = client::generate(&built.idl, &program, &in_repository("")?)?;
        files.extend(generated.into_iter().map(|(name, text)| (folder.join(name), text)));
    }
    let mut code = ExitCode::SUCCESS;
    for (path, text) in files {
        if args.check {
            if !check(&path, &text)? {
                code = ExitCode::FAILURE;
            }
        } else {
            write(&path, &text)?;
            println!("{} written", path.display());
        }
    }
    Ok(code)
}

struct Built {
    idl: Idl,
    /// Pretty, with a trailing newline.
    json: String,
}

fn build(program: &Path) -> Result<Built> {
    let program =
        program.canonicalize().with_context(|| format!("no program crate at {}", program.display()))?;
    // Release, and the library alone: what the repository's other builds have
    // compiled already, in the same target directory.
    let cargo_args = ["--release", "--lib"].map(String::from).to_vec();
    let idl = IdlBuilder::new().program_path(program).resolution(true).cargo_args(cargo_args).build()?;
    let mut json = serde_json::to_string_pretty(&idl)?;
    json.push('\n');
    Ok(Built { idl, json })
}

/// `path` under the nearest directory upwards that holds the program.
fn in_repository(path: &str) -> Result<PathBuf> {
    let here = env::current_dir()?;
    here.ancestors()
        .find(|dir| dir.join(PROGRAM).join("Cargo.toml").is_file())
        .map(|root| root.join(path))
        .with_context(|| format!("no {PROGRAM} above {}", here.display()))
}

/// Replaces the file at once, so that a failure leaves the old one whole.
fn write(output: &Path, text: &str) -> Result<()> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let partial = output.with_added_extension("partial");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&partial, text))
        .and_then(|()| fs::rename(&partial, output))
        .with_context(|| format!("cannot write {}", output.display()))
}

/// Whether the file is what was built.
fn check(output: &Path, built: &str) -> Result<bool> {
    let file = output.display();
    let committed = match fs::read_to_string(output) {
        Ok(committed) => committed,
        Err(error) => bail!("cannot read {file}: {error}; `{REGENERATE}` writes it"),
    };
    let Some(difference) = first_difference(&committed, built) else {
        println!("{file} is up to date");
        return Ok(true);
    };
    eprintln!("error: {file} is not what the program's source gives; {difference}");
    eprintln!("`{REGENERATE}` regenerates it: commit the result.");
    Ok(false)
}

/// Where `committed` and `built` part, in words; `None` where they are equal.
fn first_difference(committed: &str, built: &str) -> Option<String> {
    if committed == built {
        return None;
    }
    let (mut old, mut new) = (committed.lines(), built.lines());
    let mut number = 1;
    loop {
        match (old.next(), new.next()) {
            (None, None) => return Some("they differ in line endings alone".into()),
            (old, new) if old == new => number += 1,
            (old, new) => {
                let show = |line: Option<&str>| line.unwrap_or("(end of file)").to_owned();
                return Some(format!(
                    "first difference, line {number}:\n  committed: {}\n  built:     {}",
                    show(old),
                    show(new)
                ));
            }
        }
    }
}

/// Starts this program anew in an environment that anchor-lang-idl 0.2.0 can
/// work in, with the cargo that started it at the head of `PATH`.
///
/// - Where `RUSTUP_TOOLCHAIN` is set, and under `cargo run` rustup sets it, the
///   builder runs `cargo "+{toolchain}"`, braces and all, which fails.
/// - It sets `RUSTFLAGS`, which would have all of Anchor compiled anew;
///   `CARGO_ENCODED_RUSTFLAGS` goes before that, so the flags of every other
///   build stand.
/// - Its tests print the IDL's parts: one thread keeps their order.
fn rerun_in_plain_environment() -> Result<ExitCode> {
    let mut command = Command::new(env::current_exe()?);
    command.args(env::args_os().skip(1)).env_remove("RUSTUP_TOOLCHAIN").env("RUST_TEST_THREADS", "1");
    if env::var_os(FLAGS).is_none() {
        let flags = env::var("RUSTFLAGS").unwrap_or_default();
        let flags: Vec<&str> = flags.split_whitespace().collect();
        command.env(FLAGS, flags.join("\x1f"));
    }
    if let Some(cargo) = env::var_os("CARGO") {
        command.env("PATH", path_led_by(Path::new(&cargo))?);
    }
    let status = command.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// `PATH` with the folder of `executable` at its head.
fn path_led_by(executable: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = executable.parent().map(Path::to_path_buf).into_iter().chain(env::split_paths(&path));
    Ok(env::join_paths(folders)?)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn equal_files_have_no_difference() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        let difference = first_difference("a\nb\nc\n", "a\nx\ny\n").expect("they differ");
        assert!(difference.contains("line 2:\n  committed: b\n  built:     x"), "{difference}");
    }

    #[test]
    fn a_file_cut_short_differs_at_its_end() {
        let difference = first_difference("a\n", "a\nb\n").expect("they differ");
        assert!(difference.contains("line 2:\n  committed: (end of file)"), "{difference}");
    }

    #[test]
    fn a_missing_trailing_newline_is_a_difference() {
        let difference = first_difference("a", "a\n").expect("they differ");
        assert!(difference.contains("line endings"), "{difference}");
    }
}
