//! Keys to a provider: sealed at rest, opened for one call, renewed by one process at a time.
//!
//! One row holds one set of keys, however many integrations use it: a provider that gives a new set with each renewal
//! makes every copy of the old one worthless. What lends and renews is [`access`]; making and replacing keys is done by
//! the use cases of [`crate::integration`]; [`reseal`] writes every row anew after the vault's key was changed. The
//! instants here are the machine's: keys run out by the provider's clock, not by the product's moved one.

mod access;
mod refuse;
mod renew;
mod reseal;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{TenantId, credential};
use uuid::Uuid;

pub use access::access;
pub use reseal::{Resealed, reseal, unknown_keys};
pub(crate) use store::{insert, remove_unused, replace};

use crate::{
    clock::to_micros,
    env::Env,
    error::{Error, Result},
    port::vault::{Place, Sealed, SecretString, VaultError},
};

/// Where the secret of a row rests, in `credential` and `authorization` alike.
pub(crate) fn place(tenant: TenantId, row: Uuid) -> Place {
    Place { tenant, row, column: "sealed" }
}

/// Seals a secret for a row with the vault's current key.
pub(crate) fn seal(env: &Env, tenant: TenantId, row: Uuid, secret: &SecretString) -> Sealed {
    let mut nonce = [0u8; 24];
    env.entropy.fill(&mut nonce);
    env.outside.vault.seal(place(tenant, row), secret, nonce)
}

/// Opens what was sealed for a row.
pub(crate) fn unseal(env: &Env, tenant: TenantId, row: Uuid, key_id: &str, bytes: &[u8]) -> Result<SecretString, VaultError> {
    env.outside.vault.open(place(tenant, row), &Sealed { key_id: key_id.to_owned(), bytes: bytes.to_vec() })
}

/// The keys of a credential.
fn keys(env: &Env, row: &credential::Model) -> Result<SecretString, VaultError> {
    unseal(env, row.tenant_id, row.id.0, &row.key_id, &row.sealed)
}

/// A secret that must open and does not: the vault's key is missing, or somebody changed the row.
pub(crate) fn unopened(error: &VaultError) -> Error {
    Error::Bug(format!("a stored secret does not open: {error}"))
}

/// Now by the machine, in the precision of the databases.
pub(crate) fn machine_now(env: &Env) -> DateTime<Utc> {
    to_micros(env.clock.machine())
}

/// When keys run out that are good for so long from now.
pub(crate) fn good_until(now: DateTime<Utc>, good_for: Option<std::time::Duration>) -> Option<DateTime<Utc>> {
    now.checked_add_signed(TimeDelta::from_std(good_for?).ok()?)
}
