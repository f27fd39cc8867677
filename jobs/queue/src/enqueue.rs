//! Putting a job into the queue, inside the caller's transaction.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Value};
use ulid::Ulid;

use crate::{job::Job, sql::Sql};

/// How a job is queued; the default is: now, no key, ordinary priority.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enqueue {
    /// While a job of this queue with the same key waits or runs, another one is not inserted. The key is let go of when
    /// the job is done or dead, so the same work can be queued again.
    pub key: Option<String>,
    /// Not before this instant, by the database's clock, in whole seconds; `None` = now.
    pub run_at: Option<DateTime<Utc>>,
    /// Higher runs first.
    pub priority: i32,
}

impl Enqueue {
    /// Now, at most once at a time per `key`.
    pub fn keyed(key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::default() }
    }
}

/// A job ready to be inserted, its type erased.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    queue: &'static str,
    payload: Vec<u8>,
    max_attempts: u32,
}

impl Draft {
    pub(crate) fn of<J: Job>(job: &J) -> Result<Self, DbErr> {
        Ok(Self {
            queue: J::QUEUE,
            payload: serde_json::to_vec(job).map_err(|error| DbErr::Json(error.to_string()))?,
            max_attempts: J::MAX_ATTEMPTS,
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the id of a queue's row decides nothing and is shown to nobody outside")]
    pub(crate) async fn insert<C: ConnectionTrait>(self, conn: &C, how: Enqueue) -> Result<bool, DbErr> {
        const INSERT: Sql = Sql {
            sqlite: "INSERT INTO Jobs (job, id, job_type, status, attempts, max_attempts, run_at, priority, metadata, \
                     idempotency_key) VALUES (?1, ?2, ?3, 'Pending', 0, ?4, COALESCE(?5, unixepoch()), ?6, '{}', ?7) \
                     ON CONFLICT (job_type, idempotency_key) DO NOTHING",
            postgres: "INSERT INTO apalis.jobs (job, id, job_type, status, attempts, max_attempts, run_at, priority, \
                       metadata, idempotency_key) VALUES ($1, $2, $3, 'Pending', 0, $4, \
                       COALESCE(to_timestamp($5::bigint), now()), $6, ''::hstore, $7) \
                       ON CONFLICT (job_type, idempotency_key) DO NOTHING",
        };
        let values: Vec<Value> = vec![
            self.payload.into(),
            Ulid::generate().to_string().into(),
            self.queue.into(),
            i32::try_from(self.max_attempts).unwrap_or(i32::MAX).into(),
            how.run_at.map(|at| at.timestamp()).into(),
            how.priority.into(),
            how.key.into(),
        ];
        Ok(INSERT.run(conn, values).await? == 1)
    }
}

/// Queues a job with the caller's transaction: it exists when that commits, and never when it rolls back.
///
/// Answers whether a row was inserted; `false` = a job with the same key is waiting or running. Call
/// [`Wake::notify`](crate::Wake::notify) after the commit, else the job waits for the next look (a second).
///
/// # Errors
/// When the database fails.
pub async fn enqueue<J: Job, C: ConnectionTrait>(conn: &C, job: &J, how: Enqueue) -> Result<bool, DbErr> {
    Draft::of(job)?.insert(conn, how).await
}
