//! The ten defects of apalis 1.0, each mended, on both databases.
#![allow(clippy::unwrap_used, reason = "tests may panic")]
#![expect(clippy::disallowed_methods, reason = "the queue keeps the machine's time, not the product's")]

mod work;

use std::time::Duration;

use queue::{Due, Enqueue, Settings, counts, dead_letters, enqueue};
use sea_orm::{DatabaseConnection, DbBackend};
use work::{Chain, Ctx, Flaky, Hold, How, NEVER, Note, brisk, eventually, migrate, note, number, put, put_raw, runtime, sql, start};

/// Only woken, never looking by itself.
fn deaf() -> Settings {
    Settings { look: NEVER, heartbeat: NEVER, ..brisk() }
}

/// The setting on each connection of the pool that may be used next.
async fn on_each_connection(db: &DatabaseConnection) -> Vec<String> {
    if db.get_database_backend() == DbBackend::Postgres {
        let pool = db.get_postgres_connection_pool();
        return vec![sqlx::query_scalar("SHOW synchronous_commit").fetch_one(pool).await.unwrap()];
    }
    let pool = db.get_sqlite_connection_pool();
    let mut held = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        held.push(pool.acquire().await.unwrap());
    }
    let mut answers = Vec::new();
    for conn in &mut held {
        let level: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut **conn).await.unwrap();
        answers.push(level.to_string());
    }
    answers
}

testdb::on_both!(defect_01_setting_up_keeps_every_connection_durable, |db| async move {
    let conn = db.connect().await;
    let before = on_each_connection(&conn).await;
    queue::migrate(&conn).await.unwrap();
    queue::migrate(&conn).await.unwrap();
    assert_eq!(on_each_connection(&conn).await, before);
    if conn.get_database_backend() == DbBackend::Sqlite {
        assert!(before.len() > 1 && before.iter().all(|level| level == "2"), "2 = FULL: {before:?}");
    }
});

testdb::on_both!(defect_02_an_idle_worker_finds_work_without_being_woken, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    let working = start(runtime(&conn, &ctx, Settings { heartbeat: NEVER, ..brisk() }));
    put(&conn, note("first")).await;
    ctx.until_ran("first").await;
    // Not due at the insert, so no doorbell rings for it.
    let later = Enqueue { run_at: Some(chrono::Utc::now() + Duration::from_secs(2)), ..Enqueue::default() };
    assert!(enqueue(&conn, &note("second"), later).await.unwrap());
    ctx.until_ran("second").await;
    working.stop().await;
});

testdb::on_both!(defect_03_no_wake_up_is_lost, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    let working = start(runtime(&conn, &ctx, deaf()));
    let sqlite = conn.get_database_backend() == DbBackend::Sqlite;
    // One after the other: the worker has just become idle. Then all at once: it is fetching.
    for round in 0..60 {
        let text = format!("round {round}");
        put(&conn, note(&text)).await;
        if sqlite {
            working.wake.notify("note");
        }
        ctx.until_ran(&text).await;
    }
    let crowd = (0..60).map(|n| {
        let (conn, wake) = (conn.clone(), working.wake.clone());
        tokio::spawn(async move {
            put(&conn, note(&format!("crowd {n}"))).await;
            if sqlite {
                wake.notify("note");
            }
        })
    });
    for one in crowd.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    ctx.until("the crowd", |runs| runs.len() == 120).await;
    working.stop().await;
});

testdb::on_both!(defect_04_a_failed_job_waits_before_it_runs_again, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put(&conn, Flaky { how: How::Plain, fails: 1 }).await;
    let working = start(runtime(&conn, &ctx, brisk()));
    ctx.until("the second run", |runs| runs.len() == 2).await;
    // The back-off of a second begins when the first run has failed, so after it began: a slow machine only adds to this.
    let began = ctx.began.borrow().clone();
    let between = began[1] - began[0];
    assert!(between > Duration::from_millis(900), "it came back after {between:?}");
    assert_eq!(ctx.saw(), [("flaky".into(), 1), ("flaky".into(), 2)]);
    working.stop().await;
    assert_eq!(counts(&conn).await.unwrap()[0].done, 1);
});

testdb::on_both!(defect_05_retry_after_is_kept_and_attempts_are_limited, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    let workless = runtime(&conn, &ctx, brisk());
    put(&conn, Flaky { how: How::AfterAnHour, fails: 1 }).await;
    assert_eq!(workless.drain(Due::Now).await.unwrap().failed, 1);
    assert_eq!(workless.drain(Due::Now).await.unwrap().failed, 0, "it waits for its hour");
    let waits = match conn.get_database_backend() {
        DbBackend::Sqlite => "SELECT run_at - unixepoch() FROM {jobs}",
        _ => "SELECT extract(epoch FROM run_at - now())::bigint FROM {jobs}",
    };
    assert!((3590..=3601).contains(&number(&conn, waits).await));
    assert_eq!(workless.drain(Due::All).await.unwrap().done, 1, "but it can run again");

    put(&conn, Flaky { how: How::AtOnce, fails: u32::MAX }).await;
    let working = start(workless);
    ctx.until("all attempts", |runs| runs.len() == 5).await;
    eventually("the dead letter", || async { dead_letters(&conn, 9).await.unwrap().len() == 1 }).await;
    put(&conn, note("after")).await;
    ctx.until_ran("after").await;
    assert_eq!(ctx.times("flaky"), 2 + 3);
    working.stop().await;
});

testdb::on_both!(defect_06_a_panic_hurts_only_its_own_job, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put(&conn, Hold("beside".into())).await;
    put(&conn, Flaky { how: How::Panic, fails: u32::MAX }).await;
    let working = start(runtime(&conn, &ctx, brisk()));
    eventually("the dead letter", || async { dead_letters(&conn, 9).await.unwrap().len() == 1 }).await;
    let dead = dead_letters(&conn, 9).await.unwrap().remove(0);
    assert_eq!((dead.queue.as_str(), dead.attempts), ("flaky", 3));
    assert_eq!(dead.error, "panicked: handler fell over");
    put(&conn, Flaky { how: How::Plain, fails: 0 }).await;
    ctx.until("the queue's next job", |runs| runs.iter().filter(|(name, _)| name == "flaky").count() == 4).await;
    ctx.gate.send_replace(true);
    working.stop().await;
    assert_eq!(ctx.times("beside"), 1, "the job beside it ran on");
    assert_eq!(number(&conn, "SELECT count(*) FROM {jobs} WHERE status = 'Running'").await, 0);
});

testdb::on_both!(defect_07_a_long_job_is_not_run_twice, with("queue", migrate), |db| async move {
    let (conn, other) = (db.connect().await, db.connect().await);
    let (here, there) = (Ctx::new(&conn, "here"), Ctx::new(&other, "there"));
    // Silence of 100 seconds is death.
    let strict = Settings { missed: 500, ..brisk() };
    for name in ["long", "behind", "further behind"] {
        put(&conn, Hold(name.into())).await;
    }
    let first = start(runtime(&conn, &here, strict.clone()));
    here.until("one held job", |runs| !runs.is_empty()).await;
    let second = start(runtime(&other, &there, strict));
    there.until("a job that no busy worker hoards", |runs| !runs.is_empty()).await;
    // The jobs and the wait of the one behind them last longer than that, on a clock that is moved.
    for minute in 1..=3 {
        sql(&conn, a_minute_later(&conn)).await;
        eventually("a beat of both busy workers", || async { number(&conn, holders_not_heard_of(&conn)).await == 0 }).await;
        assert_eq!(number(&conn, "SELECT count(*) FROM {jobs} WHERE status = 'Running'").await, 2, "minute {minute}");
    }
    assert_eq!((here.saw().len(), there.saw().len()), (1, 1), "nobody was taken for dead");
    here.gate.send_replace(true);
    there.gate.send_replace(true);
    eventually("all done", || async { counts(&conn).await.unwrap()[0].done == 3 }).await;
    assert_eq!(here.saw().len() + there.saw().len(), 3, "each ran once");
    first.stop().await;
    second.stop().await;
});

/// Makes all workers' last signs of life a minute older.
fn a_minute_later(db: &DatabaseConnection) -> &'static str {
    match db.get_database_backend() {
        DbBackend::Sqlite => "UPDATE Workers SET last_seen = last_seen - 60",
        _ => "UPDATE apalis.workers SET last_seen = last_seen - interval '60 s'",
    }
}

/// Counts the workers that hold a job and gave no sign of life since the clock was moved.
fn holders_not_heard_of(db: &DatabaseConnection) -> &'static str {
    match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT count(*) FROM Workers WHERE last_seen < unixepoch() - 30 AND id IN (SELECT lock_by FROM {jobs})",
        _ => "SELECT count(*) FROM apalis.workers WHERE last_seen < now() - interval '30 s' AND id IN (SELECT lock_by FROM {jobs})",
    }
}

testdb::on_both!(defect_08_rows_that_nobody_can_read_stop_nobody, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put_raw(&conn, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "note", b"\xff not json").await;
    put_raw(&conn, "01ARZ3NDEKTSV4RRFFQ69G5FAW", "note", br#"{"another":"shape"}"#).await;
    put_raw(&conn, "no-ulid", "note", br#""fine""#).await;
    for n in 0..3 {
        put(&conn, note(&format!("mate {n}"))).await;
    }
    let working = start(runtime(&conn, &ctx, brisk()));
    ctx.until("the readable jobs", |runs| runs.len() == 3).await;
    eventually("three dead letters", || async { dead_letters(&conn, 9).await.unwrap().len() == 3 }).await;
    put(&conn, note("after")).await;
    ctx.until_ran("after").await;
    working.stop().await;
    let mut errors: Vec<_> = dead_letters(&conn, 9).await.unwrap().into_iter().map(|dead| dead.error).collect();
    errors.sort();
    assert_eq!(errors[0], "the job's id is not one of ours");
    assert!(errors[1..].iter().all(|error| error.starts_with("the payload cannot be read")), "{errors:?}");
});

testdb::on_both!(defect_09_finished_and_waiting_rows_do_not_slow_the_next, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    for n in 0..20 {
        put(&conn, note(&n.to_string())).await;
    }
    runtime(&conn, &ctx, brisk()).drain(Due::Now).await.unwrap();
    // Rows that still named their worker would be read again at each of its updates. (Plans: see src/state.rs.)
    assert_eq!(number(&conn, "SELECT count(*) FROM {jobs} WHERE status = 'Done'").await, 20);
    assert_eq!(number(&conn, "SELECT count(*) FROM {jobs} WHERE lock_by IS NOT NULL").await, 0);
});

testdb::on_both!(defect_10_a_process_that_starts_again_at_once_works_at_once, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    for round in 0..4 {
        let ctx = Ctx::new(&conn, "a");
        let working = start(runtime(&conn, &ctx, brisk()));
        let twin = start(runtime(&conn, &ctx, brisk()));
        put(&conn, Chain(format!("round {round}"))).await;
        ctx.until_ran(&format!("round {round}")).await;
        working.stop().await;
        twin.stop().await;
    }
    assert_eq!(sql(&conn, "DELETE FROM {jobs} WHERE status = 'Done' AND attempts = 1").await, 8);
});

#[test]
fn the_tests_jobs_are_the_ones_they_say() {
    assert_eq!(serde_json::to_string(&Note("x".into())).unwrap(), r#""x""#, "defect 8 writes this by hand");
}
