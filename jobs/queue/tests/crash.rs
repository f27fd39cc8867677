//! Processes that are killed, and a database that goes away under the workers.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod work;

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use queue::{Settings, counts};
use sea_orm::DbBackend;
use testdb::Backend;
use work::{Ctx, Hold, NEVER, brisk, eventually, migrate, note, number, put, runtime, sql, start};

const URL: &str = "QUEUE_TEST_CHILD_URL";

/// Not a test of its own: the process that `a_killed_process` kills.
#[test]
#[ignore = "a child process of the tests below"]
fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    testdb::block_on(async {
        let conn = entity::database::open(&url).await.unwrap();
        let ctx = Ctx::new(&conn, "child");
        runtime(&conn, &ctx, brisk()).run(std::future::pending()).await;
    });
}

fn spawn_child(url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child"])
        .env(URL, url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

testdb::on_both!(a_killed_processes_job_is_run_by_another, with("queue", migrate), |db| async move {
    let conn = db.connect().await;
    let ctx = Ctx::new(&conn, "heir");
    put(&conn, Hold("inherited".into())).await;
    let mut child = spawn_child(db.url());
    let running = "SELECT count(*) FROM {jobs} WHERE status = 'Running'";
    eventually("the child runs it", || async { number(&conn, running).await == 1 }).await;
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    ctx.gate.send_replace(true);
    let heir = start(runtime(&conn, &ctx, Settings { missed: 5, ..brisk() }));
    ctx.until_ran("inherited").await;
    assert_eq!(ctx.saw(), [("inherited".into(), 2)], "once, and the lost run counts");
    eventually("done", || async { counts(&conn).await.unwrap()[0].done == 1 }).await;
    heir.stop().await;
});

#[test]
fn workers_outlive_broken_connections() {
    testdb::block_on(async {
        let db = testdb::TestDb::with(Backend::Postgres, "queue", migrate).await;
        let (conn, admin) = (db.connect().await, db.connect().await);
        assert_eq!(conn.get_database_backend(), DbBackend::Postgres);
        let ctx = Ctx::new(&conn, "a");
        let working = start(runtime(&conn, &ctx, Settings { look: NEVER, ..brisk() }));
        put(&admin, Hold("during".into())).await;
        ctx.until_ran("during").await;
        for round in 0..3 {
            sql(
                &admin,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            let text = format!("after break {round}");
            put(&admin, note(&text)).await;
            ctx.until_ran(&text).await;
        }
        ctx.gate.send_replace(true);
        working.stop().await;
        let hold = counts(&conn).await.unwrap().remove(0);
        assert_eq!((hold.queue.as_str(), hold.done), ("hold", 1), "a run outlives its worker");
        assert_eq!(ctx.times("during"), 1);
    });
}

testdb::on_both!(an_end_in_the_middle_of_a_fetch_leaves_nothing_open, with("queue", migrate), |db| async move {
    let (conn, observer) = (db.connect().await, db.connect().await);
    let ctx = Ctx::new(&conn, "a");
    for round in 0..40 {
        let working = start(runtime(&conn, &ctx, Settings { look: Duration::from_millis(1), ..brisk() }));
        put(&observer, note(&round.to_string())).await;
        ctx.until_ran(&round.to_string()).await;
        working.stop().await;
        // On SQLite a transaction left open would hold the one write lock.
        put(&observer, note("left")).await;
    }
    if conn.get_database_backend() == DbBackend::Postgres {
        let open = "SELECT count(*) FROM pg_stat_activity \
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        eventually("no open transaction", || async { number(&observer, open).await == 0 }).await;
    }
    assert_eq!(number(&observer, "SELECT count(*) FROM {jobs} WHERE status IN ('Queued', 'Running')").await, 0);
});
