//! What the rest of the product relies on, on both databases.
#![allow(clippy::unwrap_used, reason = "tests may panic")]
#![expect(clippy::disallowed_methods, reason = "the queue keeps the machine's time, not the product's")]

mod work;

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::database::begin_write;
use queue::{Due, Enqueue, Keep, QueueCounts, Runtime, Schedule, Settings, counts, dead_letters, enqueue, sweep};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use work::{Chain, Ctx, Flaky, Hold, How, NEVER, brisk, eventually, jobs_table, migrate, note, number, put, runtime, sql, start};

async fn waiting(db: &DatabaseConnection) -> i64 {
    counts(db).await.unwrap().iter().map(|queue| queue.waiting).sum()
}

testdb::on_both!(a_job_lives_and_dies_with_its_transaction, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let tx = begin_write(&conn).await.unwrap();
    enqueue(&tx, &note("never"), Enqueue::default()).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(waiting(&conn).await, 0);
    let tx = begin_write(&conn).await.unwrap();
    enqueue(&tx, &note("kept"), Enqueue::default()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(waiting(&conn).await, 1);
});

testdb::on_both!(a_key_holds_until_its_job_is_done_or_dead, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    let keyed = |job| {
        let conn = conn.clone();
        async move { enqueue(&conn, &job, Enqueue::keyed("case 7")).await.unwrap() }
    };
    assert!(keyed(Hold("one".into())).await);
    assert!(!keyed(Hold("two".into())).await, "while it waits");
    let working = start(runtime(&conn, &ctx, brisk()));
    ctx.until_ran("one").await;
    assert!(!keyed(Hold("three".into())).await, "while it runs");
    ctx.gate.send_replace(true);
    eventually("done", || async { counts(&conn).await.unwrap()[0].done == 1 }).await;
    assert!(keyed(Hold("four".into())).await, "after it is done");
    working.stop().await;

    let flaky = Flaky { how: How::Plain, fails: u32::MAX };
    assert!(enqueue(&conn, &flaky, Enqueue::keyed("case 7")).await.unwrap(), "keys are per queue");
    let workless = runtime(&conn, &ctx, brisk());
    workless.drain(Due::Now).await.unwrap();
    assert!(!enqueue(&conn, &flaky, Enqueue::keyed("case 7")).await.unwrap(), "while it waits to run again");
    assert_eq!(workless.drain(Due::All).await.unwrap().dead, 1);
    assert!(enqueue(&conn, &flaky, Enqueue::keyed("case 7")).await.unwrap(), "after it is dead");
});

testdb::on_both!(jobs_run_when_due_and_urgent_ones_first, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    let tomorrow = Enqueue { run_at: Some(Utc::now() + Duration::from_hours(24)), ..Enqueue::default() };
    enqueue(&conn, &note("tomorrow"), tomorrow).await.unwrap();
    put(&conn, note("ordinary")).await;
    enqueue(&conn, &note("urgent"), Enqueue { priority: 5, ..Enqueue::default() }).await.unwrap();
    runtime(&conn, &ctx, brisk()).drain(Due::Now).await.unwrap();
    assert_eq!(ctx.saw(), [("urgent".into(), 1), ("ordinary".into(), 1)]);
    assert_eq!(waiting(&conn).await, 1);
});

testdb::on_both!(a_drain_also_runs_what_jobs_enqueue, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put(&conn, Chain("child".into())).await;
    let drained = runtime(&conn, &ctx, brisk()).drain(Due::Now).await.unwrap();
    assert_eq!((drained.done, drained.failed, drained.dead), (2, 0, 0));
    assert_eq!(ctx.times("child"), 1);
});

testdb::on_both!(a_drain_leaves_other_processes_queues_alone, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put(&conn, note("theirs")).await;
    put(&conn, Hold("mine".into())).await;
    ctx.gate.send_replace(true);
    let one_queue = Runtime::new(conn.clone(), ctx.clone(), brisk()).register::<Hold>();
    assert_eq!(one_queue.drain(Due::All).await.unwrap().done, 1);
    assert_eq!(ctx.saw(), [("mine".into(), 1)]);
});

testdb::on_both!(a_job_over_its_time_is_stopped_and_the_worker_goes_on, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    for _ in 0..5 {
        put(&conn, Flaky { how: How::Hang, fails: 1 }).await;
    }
    let working = start(runtime(&conn, &ctx, brisk()));
    eventually("all done in their second run", || async { counts(&conn).await.unwrap()[0].done == 5 }).await;
    assert_eq!(ctx.times("flaky"), 10);
    working.stop().await;
});

testdb::on_both!(giving_up_is_final_until_a_person_revives_it, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    let workless = runtime(&conn, &ctx, brisk());
    put(&conn, Flaky { how: How::GiveUp, fails: u32::MAX }).await;
    assert_eq!(workless.drain(Due::All).await.unwrap().dead, 1);
    let dead = dead_letters(&conn, 10).await.unwrap().remove(0);
    assert_eq!((dead.attempts, dead.error.as_str()), (1, "no use"));
    let ago = Utc::now() - dead.died_at;
    assert!(ago.num_seconds().abs() < 60, "died {ago} ago");
    assert!(queue::revive(&conn, dead.id.parse().unwrap()).await.unwrap());
    assert!(!queue::revive(&conn, dead.id.parse().unwrap()).await.unwrap(), "it is no dead letter any more");
    assert_eq!(workless.drain(Due::Now).await.unwrap().dead, 1);
    assert_eq!(ctx.saw(), [("flaky".into(), 1), ("flaky".into(), 1)]);
});

testdb::on_both!(an_error_with_a_nul_is_kept_readable, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put(&conn, Flaky { how: How::Plain, fails: u32::MAX }).await;
    runtime(&conn, &ctx, brisk()).drain(Due::All).await.unwrap();
    assert_eq!(dead_letters(&conn, 10).await.unwrap()[0].error, "plain failure");
});

testdb::on_both!(a_graceful_end_lets_running_jobs_end_and_starts_no_more, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put(&conn, Hold("running".into())).await;
    let working = start(runtime(&conn, &ctx, brisk()));
    ctx.until_ran("running").await;
    // Only now: of two jobs put within a millisecond, either may run first.
    put(&conn, Hold("waiting".into())).await;
    let mut heard = working.stopping.clone();
    let stopping = tokio::spawn(working.stop());
    heard.wait_for(|heard| *heard).await.unwrap();
    // It must still be there when the gate opens, well after the signal.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!stopping.is_finished());
    ctx.gate.send_replace(true);
    stopping.await.unwrap();
    assert_eq!(ctx.ended.borrow().len(), 1);
    let after = QueueCounts { queue: "hold".into(), waiting: 1, running: 0, done: 1, dead: 0 };
    assert_eq!(counts(&conn).await.unwrap(), [after]);
    assert_eq!(number(&conn, "SELECT max(attempts) FROM {jobs} WHERE status = 'Pending'").await, 0);
});

testdb::on_both!(a_job_that_outlasts_the_grace_is_given_back_untried, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    put(&conn, Hold("stubborn".into())).await;
    let working = start(runtime(&conn, &ctx, Settings { grace: Duration::from_millis(100), ..brisk() }));
    ctx.until_ran("stubborn").await;
    working.stop().await;
    assert!(ctx.ended.borrow().is_empty());
    assert_eq!(number(&conn, "SELECT count(*) FROM {jobs} WHERE status = 'Pending' AND attempts = 0").await, 1);
    ctx.gate.send_replace(true);
    assert_eq!(runtime(&conn, &ctx, brisk()).drain(Due::Now).await.unwrap().done, 1);
    assert_eq!(ctx.saw(), [("stubborn".into(), 1), ("stubborn".into(), 1)]);
});

testdb::on_both!(a_worker_taken_for_dead_cannot_overwrite_its_successor, with("queue", migrate), |db| async move {
    let (conn, other) = (db.connect().await, db.connect().await);
    let (stopped, successor) = (Ctx::new(&conn, "stopped"), Ctx::new(&other, "successor"));
    put(&conn, Hold("contested".into())).await;
    // It never beats, so it looks like a process that was stopped.
    let silent = start(runtime(&conn, &stopped, Settings { heartbeat: NEVER, missed: 1, ..brisk() }));
    stopped.until_ran("contested").await;
    // Its one beat, at its start, may still be on the way: its silence is told until it has been noticed.
    let silence = silence_of_the_holder(&conn).await;
    let second = start(runtime(&other, &successor, brisk()));
    eventually("the successor's run", || async {
        sql(&conn, &silence).await;
        successor.times("contested") > 0
    })
    .await;
    assert_eq!(successor.saw(), [("contested".into(), 2)], "the lost run counts");
    stopped.gate.send_replace(true);
    eventually("the stopped one's end", || async { !stopped.ended.borrow().is_empty() }).await;
    silent.stop().await;
    assert_eq!(counts(&conn).await.unwrap()[0].running, 1, "the successor still holds it");
    successor.gate.send_replace(true);
    eventually("done", || async { counts(&conn).await.unwrap()[0].done == 1 }).await;
    assert_eq!(number(&conn, "SELECT attempts FROM {jobs}").await, 2);
    second.stop().await;
});

/// A statement that makes the worker which holds the one job look silent for a long time.
async fn silence_of_the_holder(db: &DatabaseConnection) -> String {
    let holder = Statement::from_string(db.get_database_backend(), format!("SELECT lock_by FROM {}", jobs_table(db)));
    let holder: String = db.query_one_raw(holder).await.unwrap().expect("a job").try_get_by_index(0).expect("a worker holds it");
    match db.get_database_backend() {
        DbBackend::Sqlite => format!("UPDATE Workers SET last_seen = last_seen - 1000 WHERE id = '{holder}'"),
        _ => format!("UPDATE apalis.workers SET last_seen = last_seen - interval '1000 s' WHERE id = '{holder}'"),
    }
}

testdb::on_both!(each_tick_becomes_one_job_however_many_plan, with("queue", migrate), |db| async move {
    let (conn, other) = (db.connect().await, db.connect().await);
    let ctx = Ctx::new(&conn, "a");
    let planner = |conn: &DatabaseConnection| {
        let make = |tick: DateTime<Utc>| note(&tick.timestamp().to_string());
        runtime(conn, &ctx, brisk()).schedule(Schedule::every("minutely", Duration::from_mins(1), make))
    };
    let (one, two) = (planner(&conn), planner(&other));
    let at = |seconds: i64| DateTime::from_timestamp(1_000_000_020 + seconds, 0).unwrap();
    for (seconds, expected) in [(0, 1), (30, 0), (60, 1), (61, 0), (0, 0), (600, 1), (661, 1)] {
        let (a, b) = tokio::join!(one.tick(at(seconds)), two.tick(at(seconds)));
        assert_eq!(a.unwrap() + b.unwrap(), expected, "at {seconds} s");
        one.drain(Due::Now).await.unwrap();
    }
    let ticks: Vec<_> = ctx.saw().into_iter().map(|(tick, _)| tick).collect();
    assert_eq!(ticks, ["1000000020", "1000000080", "1000000620", "1000000680"], "nine missed ticks became one job");
    assert_eq!(one.tick(at(720)).await.unwrap() + one.tick(at(780)).await.unwrap(), 1, "no pile while one waits");
    assert_eq!(waiting(&conn).await, 1);
});

testdb::on_both!(a_running_process_plans_by_itself, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    let secondly = Schedule::every("secondly", Duration::from_secs(1), |tick| note(&tick.timestamp().to_string()));
    let working = start(runtime(&conn, &ctx, Settings { look: NEVER, ..brisk() }).schedule(secondly));
    ctx.until("three ticks", |runs| runs.len() >= 3).await;
    working.stop().await;
    let mut ticks: Vec<_> = ctx.saw();
    ticks.dedup();
    assert_eq!(ticks.len(), ctx.saw().len(), "no tick twice");
});

testdb::on_both!(finished_jobs_are_swept_by_age_and_others_never, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    for job in ["young", "old", "older"] {
        put(&conn, note(job)).await;
    }
    put(&conn, Flaky { how: How::GiveUp, fails: 9 }).await;
    runtime(&conn, &ctx, brisk()).drain(Due::All).await.unwrap();
    put(&conn, note("waiting")).await;
    let aged = match conn.get_database_backend() {
        DbBackend::Sqlite => "done_at - 7200",
        _ => "done_at - interval '2 h'",
    };
    sql(&conn, &format!("UPDATE {{jobs}} SET done_at = {aged} WHERE done_at IS NOT NULL")).await;
    sql(&conn, &young(&conn)).await;
    let hours = |hours: u64| Duration::from_hours(hours);
    assert_eq!(sweep(&conn, Keep { done: hours(3), dead: hours(3) }).await.unwrap(), 0);
    assert_eq!(sweep(&conn, Keep { done: hours(1), dead: hours(3) }).await.unwrap(), 2);
    assert_eq!(sweep(&conn, Keep { done: hours(1), dead: hours(1) }).await.unwrap(), 1);
    assert_eq!(number(&conn, "SELECT count(*) FROM {jobs}").await, 2, "the young one and the waiting one stay");
});

fn young(db: &DatabaseConnection) -> String {
    match db.get_database_backend() {
        DbBackend::Sqlite => "UPDATE Jobs SET done_at = unixepoch() WHERE CAST(job AS text) = '\"young\"'".into(),
        _ => "UPDATE apalis.jobs SET done_at = now() WHERE convert_from(job, 'UTF8') = '\"young\"'".into(),
    }
}

testdb::on_both!(a_start_after_a_crash_gives_held_jobs_back_at_once, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "a");
    for job in ["running", "last attempt"] {
        put(&conn, Hold(job.into())).await;
    }
    // As a process leaves them that ends without a word.
    let workers = if conn.get_database_backend() == DbBackend::Sqlite { "Workers" } else { "apalis.workers" };
    sql(&conn, &format!("INSERT INTO {workers} (id, worker_type, storage_name, layers) VALUES ('gone', 'hold', 'x', '')")).await;
    sql(&conn, "UPDATE {jobs} SET status = 'Running', lock_by = 'gone', idempotency_key = id").await;
    sql(&conn, "UPDATE {jobs} SET attempts = max_attempts - 1 WHERE id = (SELECT max(id) FROM {jobs})").await;
    assert_eq!(queue::recover_after_crash(&conn).await.unwrap(), 2);
    assert_eq!(queue::recover_after_crash(&conn).await.unwrap(), 0);
    let dead = dead_letters(&conn, 10).await.unwrap();
    assert_eq!(dead.len(), 1, "what may be what ends the process does not run for ever");
    assert_eq!(number(&conn, "SELECT count(*) FROM {jobs} WHERE idempotency_key IS NULL").await, 1);
    ctx.gate.send_replace(true);
    assert_eq!(runtime(&conn, &ctx, brisk()).drain(Due::Now).await.unwrap().done, 1);
    assert_eq!(ctx.saw()[0].1, 2, "the run that was lost counts");
});

#[test]
fn a_queue_has_one_handler() {
    testdb::block_on(async {
        let conn = testdb::TestDb::sqlite().await.connect().await;
        let ctx = Ctx::new(&conn, "a");
        let twice = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            drop(runtime(&conn, &ctx, brisk()).register::<Hold>());
        }));
        assert!(twice.is_err());
        assert_eq!(runtime(&conn, &ctx, brisk()).queues(), ["chain", "flaky", "hold", "note"]);
    });
}
