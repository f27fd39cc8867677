//! A vault for tests: a key stream of SHA-256 bound to the place, with a digest as tag. Good enough to see whether a
//! secret shows, moves or opens with the wrong key; no cipher for anything else.

use domain::port::vault::{ExposeSecret, Place, Sealed, SecretString, Vault, VaultError};
use sha2::{Digest, Sha256};

pub struct TestVault {
    /// The first one seals; all open.
    pub keys: Vec<&'static str>,
}

fn stream(key: &str, place: Place, nonce: &[u8], length: usize) -> Vec<u8> {
    let block = |n: u64| {
        let place = format!("{}{}{}", place.tenant, place.row, place.column);
        Sha256::new().chain_update(key).chain_update(place).chain_update(nonce).chain_update(n.to_le_bytes()).finalize().to_vec()
    };
    (0..).flat_map(block).take(length).collect()
}

fn mixed(text: &[u8], stream: &[u8]) -> Vec<u8> {
    text.iter().zip(stream).map(|(a, b)| a ^ b).collect()
}

impl Vault for TestVault {
    fn seal(&self, place: Place, secret: &SecretString, nonce: [u8; 24]) -> Sealed {
        let key = self.keys[0];
        let text = secret.expose_secret().as_bytes();
        let stream = stream(key, place, &nonce, text.len() + 32);
        let tag = Sha256::digest([&stream[text.len()..], text].concat());
        Sealed { key_id: key.into(), bytes: [&nonce[..], &tag, &mixed(text, &stream)].concat() }
    }

    fn open(&self, place: Place, sealed: &Sealed) -> Result<SecretString, VaultError> {
        if !self.knows(&sealed.key_id) {
            return Err(VaultError::UnknownKey(sealed.key_id.clone()));
        }
        let (nonce, rest) = sealed.bytes.split_at(24);
        let (tag, hidden) = rest.split_at(32);
        let stream = stream(&sealed.key_id, place, nonce, hidden.len() + 32);
        let text = mixed(hidden, &stream);
        if Sha256::digest([&stream[text.len()..], &text].concat()).as_slice() != tag {
            return Err(VaultError::Broken);
        }
        Ok(String::from_utf8(text).unwrap().into())
    }

    fn current(&self) -> &str {
        self.keys[0]
    }

    fn knows(&self, key_id: &str) -> bool {
        self.keys.contains(&key_id)
    }
}
