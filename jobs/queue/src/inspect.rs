//! Looking at the queue: how much waits, what died, and giving a dead letter another chance.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use ulid::Ulid;

use crate::sql::{self, Sql};

/// Jobs of one queue by state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// The queue's name.
    pub queue: String,
    /// Waiting, due or not, those that failed and will run again included.
    pub waiting: i64,
    /// Fetched or running.
    pub running: i64,
    /// Done and not yet swept.
    pub done: i64,
    /// Dead letters not yet swept.
    pub dead: i64,
}

/// Counts the jobs of each queue that has any, by name.
///
/// # Errors
/// When the database fails.
pub async fn counts(conn: &impl ConnectionTrait) -> Result<Vec<QueueCounts>, DbErr> {
    const COUNTS: Sql = Sql {
        sqlite: "SELECT job_type AS queue, \
                 count(*) FILTER (WHERE status IN ('Pending', 'Failed')) AS waiting, \
                 count(*) FILTER (WHERE status IN ('Queued', 'Running')) AS running, \
                 count(*) FILTER (WHERE status = 'Done') AS done, \
                 count(*) FILTER (WHERE status = 'Killed') AS dead \
                 FROM Jobs GROUP BY job_type ORDER BY job_type",
        postgres: "SELECT job_type AS queue, \
                   count(*) FILTER (WHERE status IN ('Pending', 'Failed')) AS waiting, \
                   count(*) FILTER (WHERE status IN ('Queued', 'Running')) AS running, \
                   count(*) FILTER (WHERE status = 'Done') AS done, \
                   count(*) FILTER (WHERE status = 'Killed') AS dead \
                   FROM apalis.jobs GROUP BY job_type ORDER BY job_type",
    };
    let rows = COUNTS.all(conn, vec![]).await?;
    rows.iter().map(count).collect()
}

fn count(row: &QueryResult) -> Result<QueueCounts, DbErr> {
    Ok(QueueCounts {
        queue: row.try_get("", "queue")?,
        waiting: row.try_get("", "waiting")?,
        running: row.try_get("", "running")?,
        done: row.try_get("", "done")?,
        dead: row.try_get("", "dead")?,
    })
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The job's id; text, because a row that nobody can read also ends here.
    pub id: String,
    /// Its queue.
    pub queue: String,
    /// Runs that it had.
    pub attempts: u32,
    /// Why the last one failed.
    pub error: String,
    /// When it was given up.
    pub died_at: DateTime<Utc>,
}

/// The latest dead letters, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn dead_letters(conn: &impl ConnectionTrait, limit: u32) -> Result<Vec<DeadLetter>, DbErr> {
    const DEAD: Sql = Sql {
        sqlite: "SELECT id, job_type AS queue, attempts, COALESCE(last_result ->> 'Err', '') AS error, \
                 done_at * 1000 AS died_ms FROM Jobs WHERE status = 'Killed' ORDER BY done_at DESC, id DESC LIMIT ?1",
        postgres: "SELECT id, job_type AS queue, attempts, COALESCE(last_result ->> 'Err', '') AS error, \
                   (extract(epoch FROM done_at) * 1000)::bigint AS died_ms \
                   FROM apalis.jobs WHERE status = 'Killed' ORDER BY done_at DESC, id DESC LIMIT $1",
    };
    let rows = DEAD.all(conn, vec![i64::from(limit).into()]).await?;
    rows.iter().map(dead_letter).collect()
}

fn dead_letter(row: &QueryResult) -> Result<DeadLetter, DbErr> {
    Ok(DeadLetter {
        id: row.try_get("", "id")?,
        queue: row.try_get("", "queue")?,
        attempts: u32::try_from(row.try_get::<i32>("", "attempts")?).unwrap_or_default(),
        error: row.try_get("", "error")?,
        died_at: sql::instant(row.try_get::<Option<i64>>("", "died_ms")?.unwrap_or_default())?,
    })
}

/// Lets a dead letter run again, with all its attempts. Answers `false` when there is none of that id.
///
/// # Errors
/// When the database fails.
pub async fn revive(conn: &impl ConnectionTrait, id: Ulid) -> Result<bool, DbErr> {
    const REVIVE: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = 'Pending', attempts = 0, run_at = unixepoch(), done_at = NULL \
                 WHERE id = ?1 AND status = 'Killed'",
        postgres: "UPDATE apalis.jobs SET status = 'Pending', attempts = 0, run_at = now(), done_at = NULL \
                   WHERE id = $1 AND status = 'Killed'",
    };
    Ok(REVIVE.run(conn, vec![id.to_string().into()]).await? == 1)
}
