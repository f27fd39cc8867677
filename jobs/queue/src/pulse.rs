//! Heartbeats of this process' workers, and the jobs of workers that fell silent.
//!
//! Independent of the workers' own loops, so a busy worker is never taken for dead, and a row of a dead one is run again
//! by whoever notices first.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tokio::time::MissedTickBehavior;

use crate::{
    sql::{self, Sql},
    state::millis,
    wake::Wake,
};

/// Rows of workers that hold nothing any more are forgotten after this long, in seconds.
const FORGET_AFTER_S: i64 = 3600;

/// Names of this process' workers that must be seen as living.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live(Arc<Mutex<BTreeSet<String>>>);

/// A living worker; it stops beating when the last clone is dropped: the worker's, and each of its runs'.
#[derive(Debug)]
pub(crate) struct Alive {
    name: String,
    live: Live,
}

impl Live {
    pub(crate) fn enter(&self, name: String) -> Arc<Alive> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        let live = self.clone();
        Arc::new(Alive { name, live })
    }

    fn names(&self) -> BTreeSet<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Alive {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.live.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// Beats every `heartbeat` and looks for workers silent for `missed` of them. Never ends; drop it to stop.
pub(crate) async fn beat(db: DatabaseConnection, live: Live, heartbeat: Duration, missed: u32, wake: Wake) {
    let mut clock = tokio::time::interval(heartbeat);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        match round(&db, &live, heartbeat * missed).await {
            Ok(0) => {}
            Ok(_) => wake.notify_all(),
            Err(error) => tracing::warn!(%error, "the workers' heartbeat failed, trying again"),
        }
    }
}

async fn round(db: &DatabaseConnection, live: &Live, silence: Duration) -> Result<usize, DbErr> {
    seen(db, &live.names()).await?;
    // SQLite stores whole seconds: a beat of 50 ms ago can look a second old.
    let silence_s = (millis(silence) + 999) / 1000 + 1;
    let orphans = requeue_orphans(db, silence_s).await?;
    forget(db, FORGET_AFTER_S.max(silence_s)).await?;
    Ok(orphans)
}

async fn seen(db: &DatabaseConnection, names: &BTreeSet<String>) -> Result<(), DbErr> {
    const SEEN: Sql = Sql {
        sqlite: "UPDATE Workers SET last_seen = unixepoch() WHERE id IN (SELECT value FROM json_each(?1))",
        postgres: "UPDATE apalis.workers SET last_seen = clock_timestamp() \
                   WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb))",
    };
    if !names.is_empty() {
        SEEN.run(db, vec![sql::names(names)]).await?;
    }
    Ok(())
}

/// Gives rows of silent workers back. A run that had begun counts as an attempt (it may be what killed the process); a
/// job that has none left becomes a dead letter.
async fn requeue_orphans(db: &impl ConnectionTrait, silence_s: i64) -> Result<usize, DbErr> {
    const REQUEUE: Sql = Sql {
        sqlite: "UPDATE Jobs SET lock_by = NULL, lock_at = NULL, \
                 attempts = attempts + (status = 'Running'), \
                 last_result = '{\"Err\":\"the process of its worker ended\"}', \
                 status = CASE WHEN status = 'Running' AND attempts + 1 >= max_attempts \
                          THEN 'Killed' ELSE 'Pending' END \
                 WHERE status IN ('Running', 'Queued') \
                 AND lock_by IN (SELECT id FROM Workers WHERE last_seen <= unixepoch() - ?1) \
                 RETURNING id, job_type, status",
        postgres: "UPDATE apalis.jobs SET lock_by = NULL, lock_at = NULL, \
                   attempts = attempts + (status = 'Running')::int, \
                   last_result = '{\"Err\":\"the process of its worker ended\"}'::jsonb, \
                   status = CASE WHEN status = 'Running' AND attempts + 1 >= max_attempts \
                            THEN 'Killed' ELSE 'Pending' END \
                   WHERE id IN (SELECT j.id FROM apalis.jobs j JOIN apalis.workers w ON w.id = j.lock_by \
                                WHERE j.status IN ('Running', 'Queued') \
                                AND w.last_seen <= now() - $1 * interval '1 second' FOR UPDATE OF j SKIP LOCKED) \
                   RETURNING id, job_type, status",
    };
    let rows = REQUEUE.all(db, vec![silence_s.into()]).await?;
    let mut dead = Vec::new();
    for row in &rows {
        let (id, queue): (String, String) = (row.try_get("", "id")?, row.try_get("", "job_type")?);
        if row.try_get::<String>("", "status")? == "Killed" {
            tracing::error!(queue, id, "job given up as a dead letter: its process ended in its last attempt");
            dead.push(id);
        } else {
            tracing::warn!(queue, id, "job of a silent worker given back");
        }
    }
    bury(db, &dead).await?;
    Ok(rows.len())
}

async fn bury(db: &impl ConnectionTrait, ids: &[String]) -> Result<(), DbErr> {
    const BURY: Sql = Sql {
        sqlite: "UPDATE Jobs SET done_at = unixepoch(), idempotency_key = NULL \
                 WHERE id IN (SELECT value FROM json_each(?1)) AND status = 'Killed'",
        postgres: "UPDATE apalis.jobs SET done_at = now(), idempotency_key = NULL \
                   WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb)) AND status = 'Killed'",
    };
    if !ids.is_empty() {
        BURY.run(db, vec![sql::names(ids)]).await?;
    }
    Ok(())
}

async fn forget(db: &impl ConnectionTrait, silence_s: i64) -> Result<(), DbErr> {
    const FORGET: Sql = Sql {
        sqlite: "DELETE FROM Workers WHERE last_seen <= unixepoch() - ?1 \
                 AND NOT EXISTS (SELECT 1 FROM Jobs WHERE lock_by = Workers.id)",
        postgres: "DELETE FROM apalis.workers w WHERE last_seen <= now() - $1 * interval '1 second' \
                   AND NOT EXISTS (SELECT 1 FROM apalis.jobs WHERE lock_by = w.id)",
    };
    FORGET.run(db, vec![silence_s.into()]).await?;
    Ok(())
}

/// Gives back every job that a process held when it ended, at once instead of after the silence of its worker.
///
/// Only right where no other process works on the same database: call it at the start of a process on `SQLite`, under
/// the lock that makes it the only one. Answers how many jobs were given back.
///
/// # Errors
/// When the database fails.
pub async fn recover_after_crash(db: &DatabaseConnection) -> Result<usize, DbErr> {
    const ALL: i64 = -3_153_600_000; // last seen up to a hundred years in the future: whatever the clock did
    let orphans = requeue_orphans(db, ALL).await?;
    forget(db, ALL).await?;
    Ok(orphans)
}
