//! Calls that must take effect once, however often they arrive.
//!
//! The key and what the call did are written in the *same transaction* as the effect ([`once`]). There is no moment at
//! which the effect is committed and the key is not, or the other way round: after a kill -9 either both are there, and
//! a repetition is answered from the row, or neither is, and a repetition is the first call. A crashed call therefore
//! never blocks its key, and no time limit has to guess whether a silent first call is dead.
//!
//! What is kept is the *outcome* – the ids of what was changed – not the text of the answer: a repetition may ask for
//! other fields, and is shown the objects as they are now. A refusal changes nothing and keeps no key; repeating it is
//! deciding it again. While the first call is under way, a second one is refused with `IDEMPOTENCY_IN_PROGRESS` on
//! PostgreSQL (an advisory lock that ends with the transaction, whatever happens to the process); on SQLite, where one
//! writer follows the other, it waits and is answered from the row.
//!
//! A key belongs to one person in one tenant, and is forgotten after a day by [`crate::housekeep`].

use entity::{Scoped, UserId, idempotency};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, IntoActiveModel, QueryFilter, Statement};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    actor::Viewer,
    change::Change,
    clock::to_micros,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    housekeep::KEEP_IDEMPOTENCY,
};

/// Longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 255;

/// A call as its client named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    key: String,
    fingerprint: Vec<u8>,
}

impl Once {
    /// A call with a key. `operation` and `arguments` are what must be the same when the key comes again; the caller
    /// gives the arguments in one spelling.
    ///
    /// # Errors
    ///
    /// `INVALID` for a key that is empty, longer than [`MAX_KEY_BYTES`] or not printable ASCII.
    pub fn new(key: &str, operation: &str, arguments: &str) -> Result<Self, Refusal> {
        if key.is_empty() || key.len() > MAX_KEY_BYTES || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!("an idempotency key has 1 to {MAX_KEY_BYTES} printable ASCII characters without blanks");
            return Err(Refusal::new(RefusalCode::Invalid, message).at("key"));
        }
        let mut digest = Sha256::new();
        digest.update((operation.len() as u64).to_be_bytes());
        digest.update(operation);
        digest.update(arguments);
        Ok(Self { key: key.to_owned(), fingerprint: digest.finalize().to_vec() })
    }

    fn stored_key(&self, user: UserId) -> String {
        format!("{user}:{}", self.key)
    }
}

/// Does the work in one change together with the key, or answers what it did before.
///
/// # Errors
///
/// What the work refuses; `IDEMPOTENCY_KEY_REUSED` when the key came with other arguments, `IDEMPOTENCY_IN_PROGRESS`
/// while the first call has not ended.
pub async fn once<'e, T, W>(env: &'e Env, viewer: &Viewer, call: &Once, work: W) -> Result<T>
where
    T: Serialize + DeserializeOwned,
    W: for<'c> FnOnce(&'c mut Change<'e>) -> BoxFuture<'c, Result<T>>,
{
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    match first_or_repeated(&mut change, viewer, call, work).await {
        Ok(Outcome::First(outcome)) => {
            change.commit().await?;
            Ok(outcome)
        }
        Ok(Outcome::Repeated(outcome)) => {
            change.tx.rollback().await?;
            Ok(outcome)
        }
        Err(error) => {
            // Now, not whenever the pool gets to it: the next call with this key may follow at once.
            change.tx.rollback().await?;
            Err(error)
        }
    }
}

enum Outcome<T> {
    First(T),
    Repeated(T),
}

async fn first_or_repeated<'e, T, W>(change: &mut Change<'e>, viewer: &Viewer, call: &Once, work: W) -> Result<Outcome<T>>
where
    T: Serialize + DeserializeOwned,
    W: for<'c> FnOnce(&'c mut Change<'e>) -> BoxFuture<'c, Result<T>>,
{
    let key = call.stored_key(viewer.user);
    take_turn(&change.tx, viewer, &key).await?;
    if let Some(outcome) = find(change, &key, call).await? {
        return Ok(Outcome::Repeated(serde_json::from_value(outcome)?));
    }
    let outcome = work(change).await?;
    keep(change, key, call, &outcome).await?;
    Ok(Outcome::First(outcome))
}

/// What the call did before, if it did; for work that has to prepare something before it can begin its change.
///
/// # Errors
///
/// `IDEMPOTENCY_KEY_REUSED` when the key came with other arguments.
pub async fn done_before<T: DeserializeOwned>(env: &Env, viewer: &Viewer, call: &Once) -> Result<Option<T>> {
    let change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let found = find(&change, &call.stored_key(viewer.user), call).await;
    change.tx.rollback().await?;
    Ok(found?.map(serde_json::from_value).transpose()?)
}

/// Makes calls with one key follow each other, for as long as the transaction lasts.
async fn take_turn(tx: &DatabaseTransaction, viewer: &Viewer, key: &str) -> Result<()> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let name = format!("idempotency:{}:{key}", viewer.tenant);
    let sql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine";
    let row = tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()])).await?;
    match row.map(|row| row.try_get::<bool>("", "mine")).transpose()? {
        Some(true) => Ok(()),
        _ => Err(Refusal::new(RefusalCode::IdempotencyInProgress, "the first call with this key has not ended yet").at("key").into()),
    }
}

async fn find(change: &Change<'_>, key: &str, call: &Once) -> Result<Option<serde_json::Value>> {
    let select = idempotency::Entity::of(change.tenant).filter(idempotency::Column::Key.eq(key));
    let Some(row) = select.one(&change.tx).await? else { return Ok(None) };
    if row.created_at < change.env.clock.machine() - KEEP_IDEMPOTENCY {
        idempotency::Entity::delete_of(change.tenant).filter(idempotency::Column::Key.eq(key)).exec(&change.tx).await?;
        return Ok(None);
    }
    if row.fingerprint != call.fingerprint {
        let message = "this key was used for another call; use a new one";
        return Err(Refusal::new(RefusalCode::IdempotencyKeyReused, message).at("key").into());
    }
    Ok(row.response)
}

async fn keep(change: &Change<'_>, key: String, call: &Once, outcome: &impl Serialize) -> Result<()> {
    let row = idempotency::Model {
        tenant_id: change.tenant,
        key,
        fingerprint: call.fingerprint.clone(),
        response: Some(serde_json::to_value(outcome)?),
        created_at: to_micros(change.env.clock.machine()),
    };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_key_is_short_and_printable() {
        for bad in ["", " ", "a b", "a\n", "ключ", &"x".repeat(MAX_KEY_BYTES + 1)] {
            assert_eq!(Once::new(bad, "op", "{}").unwrap_err().code, RefusalCode::Invalid, "{bad:?}");
        }
        assert!(Once::new("0193-4b1c", "op", "{}").is_ok());
    }

    #[test]
    fn another_operation_or_argument_is_another_call() {
        let call = |operation, arguments| Once::new("k", operation, arguments).unwrap().fingerprint;
        assert_eq!(call("pay", "{a}"), call("pay", "{a}"));
        assert_ne!(call("pay", "{a}"), call("pay", "{b}"));
        assert_ne!(call("pay", "{a}"), call("pa", "y{a}"), "the border between the two counts");
    }
}
