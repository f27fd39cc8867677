//! Cursors are sealed: opaque to clients and bound to the tenant and to the list that they were made for. One of
//! another tenant, of another ordering, or made up, is refused.

use async_graphql::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::TenantId;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use super::{access, error::bad_input};

/// Bytes of the seal: enough against guessing, short enough for a URL.
const SEAL_BYTES: usize = 16;

/// Longest cursor that is looked at.
const MAX_CURSOR_BYTES: usize = 2_000;

/// The key that seals cursors; all processes of an installation share it.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl CursorKey {
    /// A key made from the installation's signing key.
    pub fn new(signing_key: [u8; 32]) -> Self {
        Self(signing_key)
    }
}

/// Seals and opens the cursors of one list of one tenant.
#[derive(Clone)]
pub struct Seal {
    key: CursorKey,
    tenant: TenantId,
    list: String,
}

impl Seal {
    /// For the viewer's tenant; `list` names the list and its ordering.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when nobody is signed in.
    pub fn of(ctx: &Context<'_>, list: impl Into<String>) -> async_graphql::Result<Self> {
        Ok(Self { key: ctx.data::<CursorKey>()?.clone(), tenant: access::viewer(ctx)?.tenant, list: list.into() })
    }

    /// Spells a place in the list.
    ///
    /// # Errors
    ///
    /// When the place cannot be written, which is a bug.
    pub fn close<T: Serialize>(&self, place: &T) -> async_graphql::Result<String> {
        let payload = serde_json::to_vec(place)?;
        let mut bytes = self.mac(&payload).finalize().into_bytes()[..SEAL_BYTES].to_vec();
        bytes.extend(payload);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a place that [`Seal::close`] spelled for the same list and tenant.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for anything else.
    pub fn open<T: DeserializeOwned>(&self, cursor: &str) -> async_graphql::Result<T> {
        self.read(cursor).ok_or_else(|| bad_input("this cursor was not made by this list; start again without one"))
    }

    fn read<T: DeserializeOwned>(&self, cursor: &str) -> Option<T> {
        if cursor.len() > MAX_CURSOR_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (seal, payload) = bytes.split_at_checked(SEAL_BYTES)?;
        self.mac(payload).verify_truncated_left(seal).ok()?;
        serde_json::from_slice(payload).ok()
    }

    fn mac(&self, payload: &[u8]) -> Hmac<Sha256> {
        let mut key = [0_u8; 64];
        key[..32].copy_from_slice(&self.key.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&key.into());
        mac.update(b"dunwell cursor 1");
        mac.update(self.tenant.0.as_bytes());
        mac.update(&(self.list.len() as u64).to_be_bytes());
        mac.update(self.list.as_bytes());
        mac.update(payload);
        mac
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use uuid::Uuid;

    fn seal(tenant: u128, list: &str) -> Seal {
        Seal { key: CursorKey([7; 32]), tenant: TenantId(Uuid::from_u128(tenant)), list: list.into() }
    }

    #[test]
    fn a_cursor_is_only_good_for_its_tenant_and_its_list() {
        let cursor = seal(1, "cases").close(&(5_i64, "x")).unwrap();
        assert_eq!(seal(1, "cases").open::<(i64, String)>(&cursor).unwrap(), (5, "x".into()));
        assert!(seal(2, "cases").open::<(i64, String)>(&cursor).is_err());
        assert!(seal(1, "invoices").open::<(i64, String)>(&cursor).is_err());
        let other = Seal { key: CursorKey([8; 32]), ..seal(1, "cases") };
        assert!(other.open::<(i64, String)>(&cursor).is_err());
    }

    #[test]
    fn a_changed_cursor_is_refused() {
        let cursor = seal(1, "cases").close(&5_i64).unwrap();
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(seal(1, "cases").open::<i64>(&String::from_utf8(changed).unwrap()).is_err(), "{at}");
        }
        for bad in ["", "AAAA", "é", "====", &"A".repeat(5_000)] {
            assert!(seal(1, "cases").open::<i64>(bad).is_err(), "{bad:?}");
        }
    }
}
