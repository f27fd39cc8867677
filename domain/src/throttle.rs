//! A provider's limits over all processes of one database: whoever wants to call takes a turn on a row first.
//!
//! One row per key holds the calls of late, counted in slots, and the turns that are out. All rows that a call needs
//! are locked in the order of their keys, looked at, and taken together or not at all. Waiting is done outside the
//! transaction, and only for seconds: a longer wait is handed back as a number, because a worker that waits does no
//! other work. The counting is in [`taken`]; all instants are the machine's.

mod taken;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use entity::throttle;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};

use crate::{
    clock::{Clock, moment, to_micros},
    error::Error,
    port::{
        SourceError,
        throttle::{Limit, LimitKind, Throttle, Told, Turn},
    },
};
use taken::Taken;

/// The longest wait for a turn that holds a worker.
const PATIENCE: TimeDelta = TimeDelta::seconds(20);

/// Takes turns on the table `throttle`.
pub struct DbThrottle {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
}

/// What a try brought.
enum Tried {
    /// The turn.
    Taken(Turn),
    /// Nothing was taken; it may work after so long.
    After(TimeDelta),
}

impl DbThrottle {
    /// A throttle over all processes that use this database.
    pub fn new(db: DatabaseConnection, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Counts one call under a limit of our own, or tells how long to wait for the next one. Nobody waits here.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub(crate) async fn count(&self, limit: &Limit) -> Result<Option<TimeDelta>, Error> {
        let limits = BTreeMap::from([(limit.key.as_str(), vec![limit.kind])]);
        Ok(match self.attempt(&limits).await? {
            Tried::Taken(_) => None,
            Tried::After(wait) => Some(wait),
        })
    }

    /// Takes a turn under all limits, or none.
    async fn attempt(&self, limits: &BTreeMap<&str, Vec<LimitKind>>) -> Result<Tried, Error> {
        let tx = entity::database::begin_write(&self.db).await?;
        let mut rows = Vec::with_capacity(limits.len());
        for (key, kinds) in limits {
            let row = lock(&tx, key).await?;
            rows.push((serde_json::from_value::<Taken>(row.taken.clone())?, row, kinds));
        }
        // Read under the locks: a later turn must not be counted into an earlier slot.
        let now = to_micros(self.clock.machine());
        let waits = rows.iter().map(|(taken, row, kinds)| closed(row, now).max(taken.wait(kinds, now)));
        let wait = waits.max().unwrap_or_default();
        if wait > TimeDelta::zero() {
            return Ok(Tried::After(wait));
        }
        let mut turn = Turn::default();
        for (mut taken, mut row, kinds) in rows {
            row.version += 1;
            if let Some(place) = taken.take(kinds, row.version, now) {
                turn.places.push((row.key.clone(), place));
            }
            write(&tx, row, &taken, now).await?;
        }
        tx.commit().await?;
        Ok(Tried::Taken(turn))
    }

    /// Gives places back and closes what the provider closed.
    async fn give_back(&self, turn: &Turn, told: &Told) -> Result<(), Error> {
        let closed = told.closed.iter().map(|(key, _)| key);
        let keys: std::collections::BTreeSet<&String> = turn.places.iter().map(|(key, _)| key).chain(closed).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let tx = entity::database::begin_write(&self.db).await?;
        for key in keys {
            let mut row = lock(&tx, key).await?;
            let now = to_micros(self.clock.machine());
            let mut taken: Taken = serde_json::from_value(row.taken.clone())?;
            turn.places.iter().filter(|(of, _)| of == key).for_each(|(_, place)| taken.leave(*place));
            if let Some((_, span)) = told.closed.as_ref().filter(|(of, _)| of == key) {
                let until = TimeDelta::from_std(*span).ok().and_then(|span| now.checked_add_signed(span)).map(to_micros);
                row.closed_until = row.closed_until.max(until);
            }
            row.version += 1;
            write(&tx, row, &taken, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl Throttle for DbThrottle {
    async fn enter(&self, limits: &[Limit]) -> Result<Turn, SourceError> {
        let mut by_key: BTreeMap<&str, Vec<LimitKind>> = BTreeMap::new();
        for limit in limits {
            by_key.entry(&limit.key).or_default().push(limit.kind);
        }
        if by_key.is_empty() {
            return Ok(Turn::default());
        }
        let mut waited = TimeDelta::zero();
        loop {
            let wait = match self.attempt(&by_key).await.map_err(|error| fault(&error))? {
                Tried::Taken(turn) => return Ok(turn),
                Tried::After(wait) => wait,
            };
            waited += wait;
            if waited > PATIENCE {
                return Err(SourceError::RateLimited(seconds(wait)));
            }
            moment(wait.to_std().unwrap_or(Duration::ZERO)).await;
        }
    }

    async fn leave(&self, turn: Turn, told: Told) {
        if let Err(error) = self.give_back(&turn, &told).await {
            tracing::warn!(%error, "a turn at a provider was not given back; it runs out by itself");
        }
    }
}

/// How long a row stays closed.
fn closed(row: &throttle::Model, now: DateTime<Utc>) -> TimeDelta {
    row.closed_until.map_or(TimeDelta::zero(), |until| until - now)
}

/// Whole seconds, upwards.
fn seconds(wait: TimeDelta) -> u64 {
    let millis = u64::try_from(wait.num_milliseconds()).unwrap_or(0);
    millis.div_ceil(1_000).max(1)
}

/// Locks the row of a key; it is made when nobody called there before.
#[expect(clippy::disallowed_methods, reason = "limits belong to no tenant")]
async fn lock(tx: &DatabaseTransaction, key: &str) -> Result<throttle::Model, Error> {
    let select = || throttle::Entity::find().filter(throttle::Column::Key.eq(key)).lock_exclusive();
    if let Some(row) = select().one(tx).await? {
        return Ok(row);
    }
    let new = throttle::Model {
        key: key.to_owned(),
        taken: serde_json::to_value(Taken::default())?,
        closed_until: None,
        version: 0,
        updated_at: DateTime::UNIX_EPOCH,
    };
    let once = OnConflict::column(throttle::Column::Key).do_nothing().to_owned();
    match throttle::Entity::insert(new.into_active_model().reset_all()).on_conflict(once).exec_without_returning(tx).await {
        Ok(_) | Err(DbErr::RecordNotInserted) => {}
        Err(error) => return Err(error.into()),
    }
    select().one(tx).await?.ok_or_else(|| Error::Bug(format!("the limits of {key} are gone")))
}

async fn write(tx: &DatabaseTransaction, mut row: throttle::Model, taken: &Taken, now: DateTime<Utc>) -> Result<(), Error> {
    row.taken = serde_json::to_value(taken)?;
    row.updated_at = now;
    row.into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// Our own fault, as a connector hears of it: without a turn nothing is called.
fn fault(error: &Error) -> SourceError {
    tracing::warn!(%error, "no turn at a provider could be taken");
    SourceError::Unavailable("a turn at the provider could not be taken here: try again".into())
}
