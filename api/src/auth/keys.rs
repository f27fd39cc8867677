//! One key per purpose, made from the installation's signing key: a signature for one purpose is worth nothing for
//! another.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The keys of this room.
#[derive(Clone)]
pub struct Keys {
    /// Signs access tokens.
    pub(crate) access: [u8; 32],
    /// Signs links to files.
    pub(crate) links: [u8; 32],
    /// Seals cursors.
    pub(crate) cursors: [u8; 32],
}

impl Keys {
    /// Makes the keys; every process of an installation makes the same ones.
    pub fn new(signing_key: &[u8; 32]) -> Self {
        Self {
            access: derive(signing_key, "dunwell access token"),
            links: derive(signing_key, "dunwell link"),
            cursors: derive(signing_key, "dunwell cursor"),
        }
    }
}

fn derive(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    sign(key, purpose).finalize().into_bytes().into()
}

/// The signature of a text, to be compared in constant time or written down.
pub(crate) fn sign(key: &[u8; 32], text: &str) -> Hmac<Sha256> {
    // A key that is shorter than a block counts as filled up with zeros (RFC 2104).
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(text.as_bytes());
    mac
}
