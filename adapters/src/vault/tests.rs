//! What the vault promises, each promise broken once.

use domain::port::vault::{ExposeSecret, Place, Sealed, SecretString, Vault, VaultError};
use entity::TenantId;
use proptest::{prop_assert_eq, proptest};
use uuid::Uuid;

use super::KeyringVault;

const KEY: [u8; 32] = [7; 32];
const OLD_KEY: [u8; 32] = [8; 32];
const NONCE: [u8; 24] = [3; 24];
const HERE: Place = Place { tenant: TenantId(Uuid::from_u128(1)), row: Uuid::from_u128(2), column: "credentials" };

fn vault() -> KeyringVault {
    KeyringVault::new(KEY, &[])
}

fn sealed(text: &str) -> Sealed {
    vault().seal(HERE, &SecretString::from(text), NONCE)
}

fn open(vault: &KeyringVault, place: Place, sealed: &Sealed) -> Result<String, VaultError> {
    vault.open(place, sealed).map(|secret| secret.expose_secret().to_owned())
}

proptest! {
    #[test]
    fn what_was_sealed_opens_again(text in ".{0,200}", nonce: [u8; 24]) {
        let sealed = vault().seal(HERE, &SecretString::from(text.as_str()), nonce);
        prop_assert_eq!(open(&vault(), HERE, &sealed), Ok(text));
    }
}

#[test]
fn a_sealed_secret_opens_in_no_other_place() {
    let sealed = sealed("token");
    for place in [
        Place { tenant: TenantId(Uuid::from_u128(9)), ..HERE },
        Place { row: Uuid::from_u128(9), ..HERE },
        Place { column: "credential", ..HERE },
        Place { tenant: TenantId(HERE.row), row: HERE.tenant.0, ..HERE },
    ] {
        assert_eq!(open(&vault(), place, &sealed), Err(VaultError::Broken), "{place:?}");
    }
}

#[test]
fn no_flipped_bit_and_no_cut_opens() {
    let whole = sealed("token");
    for bit in 0..whole.bytes.len() * 8 {
        let mut changed = whole.clone();
        changed.bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&vault(), HERE, &changed), Err(VaultError::Broken), "bit {bit}");
    }
    for length in 0..whole.bytes.len() {
        let cut = Sealed { bytes: whole.bytes[..length].to_vec(), ..whole.clone() };
        assert_eq!(open(&vault(), HERE, &cut), Err(VaultError::Broken), "{length} bytes");
    }
}

#[test]
fn a_missing_key_is_told_apart_from_a_changed_secret() {
    let sealed = sealed("token");
    let other = KeyringVault::new(OLD_KEY, &[]);
    assert!(!other.knows(&sealed.key_id));
    assert_eq!(open(&other, HERE, &sealed), Err(VaultError::UnknownKey(sealed.key_id)));
}

#[test]
fn a_wrong_key_under_the_right_name_opens_nothing() {
    let renamed = Sealed { key_id: KeyringVault::new(OLD_KEY, &[]).current().to_owned(), ..sealed("token") };
    assert_eq!(open(&KeyringVault::new(KEY, &[OLD_KEY]), HERE, &renamed), Err(VaultError::Broken));
}

#[test]
fn an_old_key_opens_and_the_new_one_seals() {
    let before = KeyringVault::new(OLD_KEY, &[]).seal(HERE, &SecretString::from("token"), NONCE);
    let both = KeyringVault::new(KEY, &[OLD_KEY]);
    assert_eq!(open(&both, HERE, &before), Ok("token".into()));

    let after = both.seal(HERE, &SecretString::from("token"), NONCE);
    assert_eq!(after.key_id, both.current());
    assert_ne!(after.key_id, before.key_id);
    assert_eq!(open(&vault(), HERE, &after), Ok("token".into()), "the old key is no longer needed");
}

#[test]
fn a_key_is_named_by_the_beginning_of_its_digest() {
    // SHA-256 of 32 zero bytes is 66687aad…
    assert_eq!(KeyringVault::new([0; 32], &[]).current(), "66687aad");
}

#[test]
fn the_same_secret_never_looks_the_same() {
    let vault = vault();
    let secret = SecretString::from("token");
    let (one, two) = (vault.seal(HERE, &secret, [1; 24]), vault.seal(HERE, &secret, [2; 24]));
    assert_ne!(one.bytes[24..], two.bytes[24..]);
    assert_eq!(&one.bytes[..24], &[1; 24], "the nonce goes with it");
}

#[test]
fn nothing_that_prints_shows_a_secret_or_a_key() {
    let vault = KeyringVault::new(*b"CANARY-KEY-CANARY-KEY-CANARY-KEY", &[*b"CANARY-OLD-CANARY-OLD-CANARY-OLD"]);
    let secret = SecretString::from("CANARY-TEXT");
    let sealed = vault.seal(HERE, &secret, NONCE);
    assert!(!sealed.bytes.windows(6).any(|window| window == b"CANARY"));
    let error = vault.open(Place { column: "x", ..HERE }, &sealed).map(|_| ());
    let printed = format!("{vault:?} {vault:#?} {secret:?} {error:?} {:?}", vault.open(HERE, &sealed));
    // As text, as bytes in decimal and as bytes in hex.
    for canary in ["CANARY", "67, 65, 78", "43414e"] {
        assert!(!printed.contains(canary), "{printed}");
    }
}
