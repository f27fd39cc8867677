//! The life of a job's row after it was fetched: started, ended, given back.
//!
//! Each step is one UPDATE that names the worker that holds the row, so a worker that was taken for dead (stopped for
//! minutes, cut off from the database) changes nothing when it comes back. Status, attempt, next instant, key and hold
//! move together: no crash can leave half of it.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Value};

use crate::sql::Sql;

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
///
/// `again`: an earlier try of the same run had no answer, so the row may already say that it runs. Were that refused, the
/// row would stay with a living worker that does not run it.
pub(crate) async fn start<C: ConnectionTrait>(conn: &C, id: &str, worker: &str, again: bool) -> Result<Option<Begun>, DbErr> {
    const START: Sql = Sql {
        sqlite: "UPDATE Jobs SET status = 'Running', lock_at = unixepoch() \
                 WHERE id = ?1 AND lock_by = ?2 AND (status = 'Queued' OR (?3 AND status = 'Running')) \
                 RETURNING attempts, max_attempts",
        postgres: "UPDATE apalis.jobs SET status = 'Running', lock_at = now() \
                   WHERE id = $1 AND lock_by = $2 AND (status = 'Queued' OR ($3 AND status = 'Running')) \
                   RETURNING attempts, max_attempts",
    };
    let Some(row) = START.one(conn, vec![id.into(), worker.into(), again.into()]).await? else {
        return Ok(None);
    };
    let number = |column| Ok::<_, DbErr>(u32::try_from(row.try_get::<i32>("", column)?).unwrap_or_default());
    Ok(Some(Begun { attempt: number("attempts")?.saturating_add(1), max: number("max_attempts")? }))
}

/// Writes how a run ended. `false`: the row is no longer this worker's, nothing was written.
pub(crate) async fn finish<C: ConnectionTrait>(conn: &C, id: &str, worker: &str, attempt: u32, end: &End) -> Result<bool, DbErr> {
    let (status, result, wait) = match end {
        End::Done => ("Done", outcome("Ok", &serde_json::Value::Null), None),
        End::Dead(error) => ("Killed", outcome("Err", &error.as_str().into()), None),
        End::Later(error, wait) => ("Failed", outcome("Err", &error.as_str().into()), Some(*wait)),
        End::GivenBack => return give_back(conn, id, worker).await,
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

/// Makes a worker known: a row can only be held by a known one.
pub(crate) async fn enter(db: &DatabaseConnection, worker: &str, queue: &str) -> Result<(), DbErr> {
    const ENTER: Sql = Sql {
        sqlite: "INSERT INTO Workers (id, worker_type, storage_name, layers, last_seen) \
                 VALUES (?1, ?2, 'queue', '', unixepoch())",
        postgres: "INSERT INTO apalis.workers (id, worker_type, storage_name, layers, last_seen) \
                   VALUES ($1, $2, 'queue', '', now())",
    };
    ENTER.run(db, vec![worker.into(), queue.into()]).await.map(drop)
}

/// Takes the next row of `queue` for `worker`; `ripe` also takes what is not due yet.
///
/// On `SQLite` waiting and failed rows are looked up apart, so that each is the head of its own index.
pub(crate) async fn claim(db: &DatabaseConnection, worker: &str, queue: &str, ripe: bool) -> Result<Option<Held>, DbErr> {
    let Some(row) = CLAIM.one(db, vec![worker.into(), queue.into(), ripe.into()]).await? else {
        return Ok(None);
    };
    Ok(Some(Held { id: row.try_get("", "id")?, queue: row.try_get("", "job_type")?, payload: row.try_get("", "job")? }))
}

const CLAIM: Sql = Sql {
    sqlite: "UPDATE Jobs SET status = 'Queued', lock_by = ?1, lock_at = unixepoch() WHERE id = (\
             SELECT id FROM (\
             SELECT * FROM (SELECT id, priority, run_at FROM Jobs WHERE job_type = ?2 AND status = 'Pending' \
             AND lock_by IS NULL AND run_at <= IIF(?3, 9223372036854775807, unixepoch()) \
             ORDER BY priority DESC, run_at, id LIMIT 1) UNION ALL \
             SELECT * FROM (SELECT id, priority, run_at FROM Jobs WHERE job_type = ?2 AND status = 'Failed' \
             AND attempts < max_attempts AND run_at <= IIF(?3, 9223372036854775807, unixepoch()) \
             ORDER BY priority DESC, run_at, id LIMIT 1)) \
             ORDER BY priority DESC, run_at, id LIMIT 1) RETURNING id, job_type, job",
    postgres: "UPDATE apalis.jobs SET status = 'Queued', lock_by = $1, lock_at = now() WHERE id = (\
               SELECT id FROM apalis.jobs WHERE job_type = $2 \
               AND (status = 'Pending' OR (status = 'Failed' AND attempts < max_attempts)) \
               AND run_at <= CASE WHEN $3 THEN 'infinity'::timestamptz ELSE now() END \
               ORDER BY priority DESC, run_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, job_type, job",
};

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};
    use testdb::Backend;

    use super::{CLAIM, End, FINISH, claim, enter, finish, release_unstarted, start};
    use crate::{Enqueue, enqueue, job::Job};

    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    struct Plain;
    impl Job for Plain {
        const QUEUE: &'static str = "plain";
    }

    async fn migrate(db: DatabaseConnection) -> Result<(), DbErr> {
        crate::migrate(&db).await
    }

    async fn explain(db: &DatabaseConnection, how: &str, sql: &str, values: Vec<Value>) -> String {
        let statement = Statement::from_sql_and_values(db.get_database_backend(), format!("{how} {sql}"), values);
        let rows = db.query_all_raw(statement).await.expect("a plan");
        let column = if db.get_database_backend() == DbBackend::Sqlite { 3 } else { 0 };
        let lines = rows.iter().map(|row| row.try_get_by_index::<String>(column).expect("a line"));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn claiming() -> Vec<Value> {
        vec!["worker".into(), "queue".into(), false.into()]
    }

    testdb::on_both!(only_the_worker_that_holds_a_row_starts_and_ends_it, with("queue", migrate), |db| async move {
        let db = db.connect().await;
        enqueue(&db, &Plain, Enqueue::default()).await.expect("a job");
        for worker in ["first", "second"] {
            enter(&db, worker, "plain").await.expect("a worker");
        }
        let id = claim(&db, "first", "plain", false).await.expect("a claim").expect("a row").id;
        assert!(claim(&db, "second", "plain", false).await.expect("a claim").is_none(), "it is held");
        assert_eq!(release_unstarted(&db, "first").await.expect("a release"), 1);
        claim(&db, "second", "plain", false).await.expect("a claim").expect("the row");
        assert!(start(&db, &id, "first", true).await.expect("no start").is_none(), "it was taken away");
        assert_eq!(start(&db, &id, "second", false).await.expect("a start").expect("a run").attempt, 1);
        assert!(start(&db, &id, "second", false).await.expect("no start").is_none(), "once");
        assert_eq!(release_unstarted(&db, "second").await.expect("a release"), 0, "it has begun");
        assert!(!finish(&db, &id, "first", 1, &End::Done).await.expect("no end"));
        assert!(finish(&db, &id, "second", 1, &End::Done).await.expect("an end"));
        assert!(!finish(&db, &id, "second", 1, &End::Dead("late".into())).await.expect("no end"), "once");
    });

    testdb::on_both!(a_start_whose_answer_was_lost_can_be_made_again, with("queue", migrate), |db| async move {
        let db = db.connect().await;
        enqueue(&db, &Plain, Enqueue::default()).await.expect("a job");
        enter(&db, "worker", "plain").await.expect("a worker");
        let id = claim(&db, "worker", "plain", false).await.expect("a claim").expect("a row").id;
        for again in [false, true] {
            let begun = start(&db, &id, "worker", again).await.expect("a start").expect("a run");
            assert_eq!((begun.attempt, begun.max), (1, Plain::MAX_ATTEMPTS), "the second answer is the first one");
        }
        assert!(finish(&db, &id, "worker", 1, &End::Done).await.expect("an end"));
        assert!(start(&db, &id, "worker", true).await.expect("no start").is_none(), "it has ended");
    });

    /// On a new connection, as a process has it: statistics are read when a connection opens.
    #[test]
    fn defect_09_sqlite_takes_the_head_of_an_index_and_ends_a_job_by_its_id() {
        testdb::block_on(async {
            let db = testdb::TestDb::with(Backend::Sqlite, "queue", migrate).await;
            let conn = db.connect().await;
            let plan = explain(&conn, "EXPLAIN QUERY PLAN", CLAIM.sqlite, claiming()).await;
            assert!(plan.contains("idx_jobs_pending (job_type=?") && plan.contains("idx_jobs_failed (job_type=?"), "{plan}");
            assert!(!plan.contains("SCAN Jobs"), "{plan}");
            assert_eq!(plan.matches("TEMP B-TREE").count(), 1, "only the two heads are sorted: {plan}");
            let values = vec!["id".into(), "worker".into(), "Done".into(), 1.into(), "{}".into(), None::<i64>.into()];
            let plan = explain(&conn, "EXPLAIN QUERY PLAN", FINISH.sqlite, values).await;
            assert_eq!(plan, "SEARCH Jobs USING INDEX sqlite_autoindex_Jobs_1 (id=?)");
        });
    }

    #[test]
    fn defect_09_postgres_takes_the_head_of_an_index() {
        testdb::block_on(async {
            let db = testdb::TestDb::with(Backend::Postgres, "queue", migrate).await;
            let conn = db.connect().await;
            let backlog = "INSERT INTO apalis.jobs (job, id, job_type) \
                           SELECT '1', md5(n::text), 'queue' FROM generate_series(1, 5000) n";
            conn.execute_unprepared(backlog).await.expect("a backlog");
            conn.execute_unprepared("ANALYZE apalis.jobs").await.expect("statistics");
            let plan = explain(&conn, "EXPLAIN", CLAIM.postgres, claiming()).await;
            assert!(plan.contains("Index Scan using idx_apalis_jobs_fetch_partial"), "{plan}");
        });
    }
}
