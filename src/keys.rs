//! Keys of this installation: the one that signs sessions and links, the ones that seal the keys of providers at rest.

use std::path::{Path, PathBuf};

use adapters::vault::KeyringVault;
use anyhow::Context;
use domain::{digest::hex, port::vault::Vault};
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::DatabaseConnection;
use sha2::Sha256;

use crate::{
    clock::OsEntropy,
    config::{self, Config},
};

/// The ring of keys that seals secrets. Without a key of its own it is derived from the secret key, so that a small
/// installation has one key to keep.
///
/// # Errors
///
/// A key that is none.
pub fn vault(config: &Config, signing_key: &[u8; 32]) -> anyhow::Result<KeyringVault> {
    let current = match config::secret("vault_key", config.vault_key.as_ref(), config.vault_key_file.as_deref())? {
        Some(text) => decode(&text).context("vault_key must be 64 hexadecimal digits; make one with `openssl rand -hex 32`")?,
        None => derived(signing_key),
    };
    let mut old: Vec<[u8; 32]> = Vec::with_capacity(config.vault_old_keys.len() + 1);
    // A variable that is set to nothing, and blanks behind commas, are no keys.
    for text in config.vault_old_keys.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        old.push(decode(text).context("each of vault_old_keys must be 64 hexadecimal digits")?);
    }
    // What was sealed before the vault got a key of its own.
    old.push(derived(signing_key));
    Ok(KeyringVault::new(current, &old))
}

fn derived(signing_key: &[u8; 32]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(signing_key).expect("HMAC takes keys of any length");
    mac.update(b"dunwell vault 1");
    mac.finalize().into_bytes().into()
}

/// Refuses to start when something is sealed with a key that is not here: it would be lost at the next writing.
///
/// # Errors
///
/// Names the keys that are missing.
pub async fn check(db: &DatabaseConnection, vault: &dyn Vault) -> anyhow::Result<()> {
    let unknown = domain::credential::unknown_keys(db, vault).await?;
    anyhow::ensure!(
        unknown.is_empty(),
        "the keys of accounting systems in this database are sealed with {}, which is not configured: set vault_key or vault_old_keys",
        unknown.join(", ")
    );
    Ok(())
}

/// The key that signs sessions and links: given, or made at first start and kept beside the embedded database.
///
/// # Errors
///
/// A key that is none, or none where many processes must share one.
pub fn signing(config: &Config, may_be_made: bool) -> anyhow::Result<[u8; 32]> {
    use domain::Entropy;
    if let Some(text) = config::secret("secret_key", config.secret_key.as_ref(), config.secret_key_file.as_deref())? {
        return decode(&text).context("secret_key must be 64 hexadecimal digits; make one with `openssl rand -hex 32`");
    }
    anyhow::ensure!(
        may_be_made,
        "on PostgreSQL all processes share one key: set DUNWELL_SECRET_KEY (64 hexadecimal digits, `openssl rand -hex 32`)"
    );
    let path: PathBuf = config.data.join("secret.key");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return decode(text.trim()).with_context(|| format!("{} is not a key of ours", path.display()));
    }
    let mut key = [0u8; 32];
    OsEntropy.fill(&mut key);
    write_private(&path, &hex(&key)).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(key)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn decode(text: &str) -> anyhow::Result<[u8; 32]> {
    anyhow::ensure!(text.len() == 64 && text.is_ascii(), "not 64 hexadecimal digits");
    let mut key = [0u8; 32];
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits)?, 16)?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_and_read() {
        let key = [0xa7; 32];
        assert_eq!(decode(&hex(&key)).ok(), Some(key));
        assert!(decode("abc").is_err());
        assert!(decode(&"g".repeat(64)).is_err());
    }
}
