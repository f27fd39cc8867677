//! Secrets at rest: sealed before they reach a row, opened for one call.

use entity::TenantId;
pub use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

/// Where a sealed secret rests. It is bound to this place: moved to another tenant, row or column it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The tenant that owns it.
    pub tenant: TenantId,
    /// The row's id.
    pub row: Uuid,
    /// The column's name.
    pub column: &'static str,
}

/// A secret as it rests in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which key sealed it.
    pub key_id: String,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// Why a sealed secret does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key that sealed it is not configured here.
    #[error("sealed with key {0}, which is not configured")]
    UnknownKey(String),
    /// It was changed, or belongs to another place.
    #[error("the sealed secret does not belong here or was changed")]
    Broken,
}

/// Characters of a key that people are shown to know it by.
const HINT_CHARS: usize = 4;

/// The end of a key; none of one that is so short that its end would give it away.
pub fn hint(key: &str) -> Option<String> {
    let hidden = key.chars().count().checked_sub(HINT_CHARS).filter(|hidden| *hidden >= 2 * HINT_CHARS)?;
    Some(key.chars().skip(hidden).collect())
}

/// Seals and opens. No I/O: it may be called inside a transaction.
pub trait Vault: Send + Sync + 'static {
    /// Seals with the current key. The nonce is 24 fresh random bytes, never used again.
    fn seal(&self, place: Place, secret: &SecretString, nonce: [u8; 24]) -> Sealed;

    /// Opens.
    ///
    /// # Errors
    ///
    /// [`VaultError`]; nothing of the secret is in it.
    fn open(&self, place: Place, sealed: &Sealed) -> Result<SecretString, VaultError>;

    /// The id of the key that seals now.
    fn current(&self) -> &str;

    /// Whether what this key sealed can be opened.
    fn knows(&self, key_id: &str) -> bool;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_keys_show_their_end() {
        assert_eq!(hint("0123456789äbcd").as_deref(), Some("äbcd"));
        assert_eq!(hint("123456789012").as_deref(), Some("9012"));
        assert_eq!((hint("12345678901"), hint("")), (None, None));
    }
}
