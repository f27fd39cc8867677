//! Secrets that are handed out once: 32 random bytes behind the id of what they open. Only the digest is stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Entropy;

/// Bytes of chance in a token.
const SECRET_BYTES: usize = 32;

/// Bytes of the id in front.
const ID_BYTES: usize = 16;

/// A new token for what the id names, and its digest.
pub(super) fn make(entropy: &dyn Entropy, id: Uuid) -> (String, Vec<u8>) {
    let mut bytes = [0u8; ID_BYTES + SECRET_BYTES];
    bytes[..ID_BYTES].copy_from_slice(id.as_bytes());
    entropy.fill(&mut bytes[ID_BYTES..]);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let digest = digest(&token);
    (token, digest)
}

/// What a token opens, by what it says itself; whether it does is decided by the digest.
pub(super) fn read(token: &str) -> Option<(Uuid, Vec<u8>)> {
    // 48 bytes are exactly 64 characters; nothing longer is decoded.
    if token.len() != (ID_BYTES + SECRET_BYTES) / 3 * 4 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let id = Uuid::from_slice(bytes.get(..ID_BYTES)?).ok()?;
    Some((id, digest(token)))
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (index, byte) in (0u8..).zip(buffer) {
                *byte = index;
            }
        }
    }

    #[test]
    fn a_token_names_its_row_and_reads_back_to_its_digest() {
        let id = Uuid::from_u128(42);
        let (token, digest) = make(&Counting, id);
        assert_eq!(token.len(), 64);
        assert_eq!(read(&token), Some((id, digest)));
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let (token, _) = make(&Counting, Uuid::nil());
        for bad in ["", "x", &token[1..], &format!("{token}A"), &token.replace('A', "*"), &"é".repeat(32)] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
