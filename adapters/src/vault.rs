//! Secrets at rest under a ring of keys: one that seals, and any number of older ones that still open.
//!
//! The cipher is XChaCha20-Poly1305: its 192-bit nonce may be drawn at random without a counter, and the place of a
//! secret (tenant, row, column) is bound to it, so that a sealed secret copied elsewhere does not open. Keys are known
//! by the beginning of their SHA-256: a key that is missing after a restore is told apart from a changed secret.
//! Where keys come from is configuration's business; when rows are sealed anew with the current key is the domain's.

#[cfg(test)]
mod tests;

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use domain::port::vault::{ExposeSecret, Place, Sealed, SecretString, Vault, VaultError};
use secrecy::zeroize::{Zeroize, Zeroizing};
use sha2::{Digest, Sha256};

/// Bytes of the nonce, which precede the ciphertext.
const NONCE_BYTES: usize = 24;

/// Begins what a secret is bound to; a new way to write the place gets another one.
const BOUND_TO: &[u8] = b"dunwell vault 1";

/// A key and the name that sealed secrets know it by.
struct Key {
    /// The first eight hex digits of its SHA-256. Two keys that share them are both tried.
    id: String,
    /// Wipes its key when dropped.
    cipher: XChaCha20Poly1305,
}

/// A [`Vault`] over keys that this process holds.
pub struct KeyringVault {
    current: Key,
    old: Vec<Key>,
}

impl KeyringVault {
    /// A vault that seals with `current` and opens with all of them. Keys are 32 random bytes; the caller wipes its own
    /// copies.
    pub fn new(mut current: [u8; 32], old: &[[u8; 32]]) -> Self {
        let ring = Self { current: Key::new(&current), old: old.iter().map(Key::new).collect() };
        current.zeroize();
        ring
    }

    fn keys(&self, id: &str) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.old).filter(move |key| key.id == id)
    }
}

impl Key {
    fn new(bytes: &[u8; 32]) -> Self {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let [a, b, c, d, ..] = digest;
        Self { id: format!("{:08x}", u32::from_be_bytes([a, b, c, d])), cipher: XChaCha20Poly1305::new(bytes.into()) }
    }
}

/// Only the keys' names: a cipher's memory is the key.
impl fmt::Debug for KeyringVault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old: Vec<&str> = self.old.iter().map(|key| key.id.as_str()).collect();
        out.debug_struct("KeyringVault").field("current", &self.current.id).field("old", &old).finish()
    }
}

impl Vault for KeyringVault {
    fn seal(&self, place: Place, secret: &SecretString, nonce: [u8; NONCE_BYTES]) -> Sealed {
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &bound_to(place) };
        let ciphertext = self.current.cipher.encrypt(&XNonce::from(nonce), payload).expect("the cipher's limit is 256 GiB");
        Sealed { key_id: self.current.id.clone(), bytes: [nonce.as_slice(), &ciphertext].concat() }
    }

    fn open(&self, place: Place, sealed: &Sealed) -> Result<SecretString, VaultError> {
        if !self.knows(&sealed.key_id) {
            return Err(VaultError::UnknownKey(sealed.key_id.clone()));
        }
        let (nonce, ciphertext) = sealed.bytes.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Broken)?;
        let aad = bound_to(place);
        let opened = self
            .keys(&sealed.key_id)
            .find_map(|key| key.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: &aad }).ok())
            .map(Zeroizing::new)
            .ok_or(VaultError::Broken)?;
        // Copied at its exact length: shrinking a buffer in place may leave the secret behind in freed memory.
        std::str::from_utf8(&opened).map(SecretString::from).map_err(|_| VaultError::Broken)
    }

    fn current(&self) -> &str {
        &self.current.id
    }

    fn knows(&self, key_id: &str) -> bool {
        self.keys(key_id).next().is_some()
    }
}

/// The place in bytes. The ids' lengths are fixed and the column comes last, so that no two places read alike.
fn bound_to(place: Place) -> Vec<u8> {
    [BOUND_TO, place.tenant.0.as_bytes(), place.row.as_bytes(), place.column.as_bytes()].concat()
}
