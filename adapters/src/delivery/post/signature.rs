//! Signatures of webhooks: HMAC-SHA256 as hexadecimal digits, compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Whether these digits sign these bytes. An empty key signs nothing.
pub(super) fn is_signed(key: &SecretString, pieces: &[&[u8]], digits: &str) -> bool {
    let key = key.expose_secret();
    let (false, Some(told)) = (key.is_empty(), from_hex(digits.trim())) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
    for piece in pieces {
        mac.update(piece);
    }
    mac.verify_slice(&told).is_ok()
}

fn from_hex(digits: &str) -> Option<[u8; 32]> {
    let bytes = digits.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(out)
}

/// The digits that sign these bytes, for tests.
#[cfg(test)]
pub(super) fn digits(key: &str, pieces: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    for piece in pieces {
        mac.update(piece);
    }
    domain::digest::hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let digits = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let key = SecretString::from("Jefe");
        assert!(is_signed(&key, &[b"what do ya want ", b"for nothing?"], digits));
        assert!(is_signed(&key, &[b"what do ya want for nothing?"], &digits.to_uppercase()));
        assert!(!is_signed(&key, &[b"what do ya want for nothing!"], digits));
        for wrong in ["", &digits[..62], &format!("{digits}00"), &digits.replace('5', "g"), "ä"] {
            assert!(!is_signed(&key, &[b"what do ya want for nothing?"], wrong), "{wrong}");
        }
        assert!(!is_signed(&SecretString::from(""), &[b""], digits), "without a key nothing is believed");
    }
}
