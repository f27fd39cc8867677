//! The life of a job's row after it was fetched: started, ended, given back.
//!
//! Each step is one UPDATE that names the worker that holds the row, so a worker that was taken for dead (stopped for
//! minutes, cut off from the database) changes nothing when it comes back. Status, attempt, next instant, key and hold
//! move together: no crash can leave half of it.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Value};

use crate::sql::{self, Sql};

/// A row held by a worker.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) queue: String,
    pub(crate) payload: Vec<u8>,
}

/// What is known of a run that begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    pub(crate) attempt: u32,
    pub(crate) max: u32,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    /// A dead letter.
    Dead(String),
    /// Again after this long.
    Later(String, Duration),
    /// Cut off by the end of the process: as if it had never begun.
    GivenBack,
}

/// Marks a fetched row as running. `None`: the row is no longer this worker's, it must not be run.
pub(crate) async fn start<C: ConnectionTrait>(conn: &C, id: &str, worker: &str) -> Result<Option<Begun>, DbErr> {
    const START: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = 'Running', lock_at = unixepoch() \
                 WHERE id = ?1 AND lock_by = ?2 AND status = 'Queued' RETURNING attempts, max_attempts",
        postgres: "UPDATE apalis.jobs SET status = 'Running', lock_at = now() \
                   WHERE id = $1 AND lock_by = $2 AND status = 'Queued' RETURNING attempts, max_attempts",
    };
    let Some(row) = START.one(conn, vec![id.into(), worker.into()]).await? else {
        return Ok(None);
    };
    let number = |column| Ok::<_, DbErr>(u32::try_from(row.try_get::<i32>("", column)?).unwrap_or_default());
    Ok(Some(Begun {
        attempt: number("attempts")?.saturating_add(1),
        max: number("max_attempts")?,
    }))
}

/// Writes how a run ended. `false`: the row is no longer this worker's, nothing was written.
pub(crate) async fn finish<C: ConnectionTrait>(
    conn: &C,
    id: &str,
    worker: &str,
    attempt: u32,
    end: &End,
) -> Result<bool, DbErr> {
    let (status, result, wait) = match end {
        End::Done => ("Done", outcome("Ok", &serde_json::Value::Null), None),
        End::Dead(error) => ("Killed", outcome("Err", &error.as_str().into()), None),
        End::Later(error, wait) => ("Failed", outcome("Err", &error.as_str().into()), Some(*wait)),
        End::GivenBack => return give_back(conn, id, worker).await,
    };
    const FINISH: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = ?3, attempts = ?4, last_result = ?5, lock_by = NULL, lock_at = NULL, \
                 run_at = CASE WHEN ?6 IS NULL THEN run_at ELSE (CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) + ?6 + 999) / 1000 END, \
                 done_at = CASE WHEN ?6 IS NULL THEN unixepoch() END, \
                 idempotency_key = CASE WHEN ?6 IS NULL THEN NULL ELSE idempotency_key END \
                 WHERE id = ?1 AND lock_by = ?2 AND status = 'Running'",
        postgres: "UPDATE apalis.jobs SET status = $3, attempts = $4, last_result = $5::jsonb, lock_by = NULL, \
                   lock_at = NULL, \
                   run_at = CASE WHEN $6::bigint IS NULL THEN run_at \
                                 ELSE now() + $6::bigint * interval '1 millisecond' END, \
                   done_at = CASE WHEN $6::bigint IS NULL THEN now() END, \
                   idempotency_key = CASE WHEN $6::bigint IS NULL THEN NULL ELSE idempotency_key END \
                   WHERE id = $1 AND lock_by = $2 AND status = 'Running'",
    };
    let values: Vec<Value> = vec![
        id.into(),
        worker.into(),
        status.into(),
        i32::try_from(attempt).unwrap_or(i32::MAX).into(),
        result.into(),
        wait.map(millis).into(),
    ];
    Ok(FINISH.run(conn, values).await? == 1)
}

fn outcome(kind: &str, value: &serde_json::Value) -> String {
    serde_json::json!({ kind: value }).to_string()
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}

async fn give_back<C: ConnectionTrait>(conn: &C, id: &str, worker: &str) -> Result<bool, DbErr> {
    const GIVE_BACK: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL \
                 WHERE id = ?1 AND lock_by = ?2 AND status IN ('Queued', 'Running')",
        postgres: "UPDATE apalis.jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL \
                   WHERE id = $1 AND lock_by = $2 AND status IN ('Queued', 'Running')",
    };
    Ok(GIVE_BACK.run(conn, vec![id.into(), worker.into()]).await? == 1)
}

/// Gives back what a worker fetched and never started; its loop has ended.
pub(crate) async fn release_unstarted(db: &DatabaseConnection, worker: &str) -> Result<u64, DbErr> {
    const RELEASE: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL \
                 WHERE lock_by = ?1 AND status = 'Queued'",
        postgres: "UPDATE apalis.jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL \
                   WHERE lock_by = $1 AND status = 'Queued'",
    };
    RELEASE.run(db, vec![worker.into()]).await
}

/// Makes dead letters of rows whose id apalis cannot read: it gives up the whole fetch at such a row, every time.
pub(crate) async fn kill_unreadable(db: &DatabaseConnection, queue: &str) -> Result<u64, DbErr> {
    const KILL: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = 'Killed', done_at = unixepoch(), idempotency_key = NULL, \
                 last_result = '{\"Err\":\"the id of the job cannot be read\"}' \
                 WHERE job_type = ?1 AND status IN ('Pending', 'Failed') AND (length(id) <> 26 \
                 OR id GLOB '*[^0-9A-HJKMNP-TV-Z]*' OR id > '7ZZZZZZZZZZZZZZZZZZZZZZZZZ')",
        postgres: "UPDATE apalis.jobs SET status = 'Killed', done_at = now(), idempotency_key = NULL, \
                   last_result = '{\"Err\":\"the id of the job cannot be read\"}'::jsonb \
                   WHERE job_type = $1 AND status IN ('Pending', 'Failed') \
                   AND id !~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'",
    };
    KILL.run(db, vec![queue.into()]).await
}

/// Takes the next row of one of `queues` for `worker`; `ripe` also takes what is not due yet.
pub(crate) async fn claim(
    db: &DatabaseConnection,
    worker: &str,
    queues: &[&str],
    ripe: bool,
) -> Result<Option<Held>, DbErr> {
    const CLAIM: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = 'Queued', lock_by = ?1, lock_at = unixepoch() WHERE id = (\
                 SELECT id FROM Jobs WHERE job_type IN (SELECT value FROM json_each(?2)) \
                 AND ((status = 'Pending' AND lock_by IS NULL) OR (status = 'Failed' AND attempts < max_attempts)) \
                 AND (?3 OR run_at <= unixepoch()) ORDER BY priority DESC, run_at, id LIMIT 1) \
                 RETURNING id, job_type, job",
        postgres: "UPDATE apalis.jobs SET status = 'Queued', lock_by = $1, lock_at = now() WHERE id = (\
                   SELECT id FROM apalis.jobs WHERE job_type IN (SELECT jsonb_array_elements_text($2::jsonb)) \
                   AND (status = 'Pending' OR (status = 'Failed' AND attempts < max_attempts)) \
                   AND ($3 OR run_at <= now()) ORDER BY priority DESC, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) \
                   RETURNING id, job_type, job",
    };
    let values = vec![worker.into(), sql::names(queues), ripe.into()];
    let Some(row) = CLAIM.one(db, values).await? else {
        return Ok(None);
    };
    Ok(Some(Held {
        id: row.try_get("", "id")?,
        queue: row.try_get("", "job_type")?,
        payload: row.try_get("", "job")?,
    }))
}
