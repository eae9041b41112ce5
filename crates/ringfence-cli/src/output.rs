//! Standard output and files, written whole or not at all.

use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Prints text and a line break. A reader that has gone away is no error:
/// `ringfence … | head` ends quietly.
pub fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

/// Whether standard output is a terminal that shows colours, and nobody has
/// asked for none (no-color.org).
pub fn takes_colour() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
    io::stdout().is_terminal() && !is_set("NO_COLOR") && !dumb
}

/// Writes a file by way of a neighbour with a temporary name, creating its
/// folder: nobody ever sees half of it.
pub fn write_file(path: &Path, contents: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let temporary = temporary_name(path);
    fs::write(&temporary, contents).and_then(|()| fs::rename(&temporary, path)).with_context(|| {
        let _ = fs::remove_file(&temporary);
        cannot()
    })
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_its_folder_made() {
        let folder = std::env::temp_dir().join(format!("ringfence-output-{}", std::process::id()));
        let path = folder.join("deeper/chart.svg");
        write_file(&path, "first").unwrap();
        write_file(&path, "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file stays");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named() {
        let folder = std::env::temp_dir().join(format!("ringfence-output-dir-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let error = write_file(&folder, "text").unwrap_err();
        assert!(format!("{error:#}").starts_with(&format!("cannot write {}", folder.display())));
        let parent = folder.parent().unwrap();
        assert!(!temporary_name(&folder).exists(), "nothing half-written is left in {}", parent.display());
        fs::remove_dir_all(folder).unwrap();
    }
}
