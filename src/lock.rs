//! The embedded database belongs to one process: a lock file in its folder says so, and ends with the process however
//! it dies.

use std::{fs::File, path::Path};

use anyhow::{Context, bail};

/// Held as long as the process uses the folder.
pub struct FolderLock(#[expect(dead_code, reason = "holding it is its use")] File);

/// Takes the folder for this process.
///
/// # Errors
///
/// When another process has it, or the folder cannot be written.
pub fn take(folder: &Path) -> anyhow::Result<FolderLock> {
    let path = folder.join("dunwell.lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!("another dunwell uses the folder {}; stop it, choose another --data, or move to PostgreSQL", folder.display())
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}
