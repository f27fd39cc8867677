//! Each test has a database of its own, migrated once, opened as the product opens it.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{
    future::poll_fn,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
    time::Duration,
};

use entity::database::{Pool, begin_write, open_with};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use testdb::{Backend, TestDb};

static MIGRATIONS: AtomicUsize = AtomicUsize::new(0);

async fn migrate(db: DatabaseConnection) -> Result<(), DbErr> {
    MIGRATIONS.fetch_add(1, Ordering::SeqCst);
    db.execute_unprepared("CREATE TABLE pebble (id INTEGER PRIMARY KEY)").await.map(drop)
}

async fn pebbles(db: &DatabaseConnection) -> Option<i64> {
    let row = db.query_one_raw(statement(db, "SELECT count(*) AS n FROM pebble")).await.ok()??;
    row.try_get("", "n").ok()
}

fn statement(db: &DatabaseConnection, sql: &str) -> sea_orm::Statement {
    sea_orm::Statement::from_string(db.get_database_backend(), sql)
}

testdb::on_both!(an_empty_database_has_no_tables, |db| async move {
    assert_eq!(pebbles(&db.connect().await).await, None);
});

testdb::on_both!(rows_of_one_test_are_not_seen_by_another, with("pebbles", migrate), |db| async move {
    let conn = db.connect().await;
    conn.execute_unprepared("INSERT INTO pebble (id) VALUES (1)").await.unwrap();
    let other = TestDb::with(db.backend(), "pebbles", migrate).await;
    assert_eq!(pebbles(&other.connect().await).await, Some(0));
    assert_eq!(pebbles(&db.connect().await).await, Some(1));
    assert!(MIGRATIONS.load(Ordering::SeqCst) <= 2, "once per kind of database");
});

testdb::on_both!(a_database_leaves_with_its_value, with("pebbles", migrate), |db| async move {
    let url = db.url().to_owned();
    let kind = db.backend();
    let held = db.connect().await;
    drop(db);
    match kind {
        Backend::Postgres => assert!(entity::database::open(&url).await.is_err()),
        Backend::Sqlite => assert!(!std::path::Path::new(&url["sqlite://".len()..]).exists()),
    }
    drop(held);
});

testdb::on_both!(writers_that_read_first_do_not_collide, with("pebbles", migrate), |db| async move {
    let conn = db.connect().await;
    let writers = (0..8_i64).map(|writer| {
        let conn = conn.clone();
        tokio::spawn(async move {
            for step in 0..10 {
                let tx = begin_write(&conn).await.unwrap();
                tx.query_one_raw(statement(&conn, "SELECT count(*) AS n FROM pebble")).await.unwrap();
                let id = writer * 10 + step;
                tx.execute_unprepared(&format!("INSERT INTO pebble (id) VALUES ({id})")).await.unwrap();
                tx.commit().await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(pebbles(&conn).await, Some(80));
});

testdb::on_both!(a_transaction_dropped_while_it_begins_is_not_inherited, with("pebbles", migrate), |db| async move {
    let pool = Pool { max_connections: 1, ..Pool::default() };
    let (one, other) = (open_with(db.url(), &pool).await.unwrap(), db.connect().await);
    for id in 0..20 {
        // One poll more each time: it is dropped at each of its waits in turn.
        let mut begin = Box::pin(begin_write(&one));
        for _ in 0..=id {
            if poll_fn(|cx| Poll::Ready(begin.as_mut().poll(cx).is_ready())).await {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        drop(begin);
        one.execute_unprepared(&format!("INSERT INTO pebble (id) VALUES ({id})")).await.unwrap();
        assert_eq!(pebbles(&other).await, Some(id + 1), "dropped after {} polls", id + 1);
    }
});

#[test]
fn sqlite_is_opened_durable_and_with_foreign_keys() {
    testdb::block_on(async {
        let db = TestDb::sqlite().await;
        let conn = db.connect().await;
        for (pragma, expected) in [("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)] {
            let row = conn.query_one_raw(statement(&conn, &format!("PRAGMA {pragma}"))).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), expected, "{pragma}");
        }
        let row = conn.query_one_raw(statement(&conn, "PRAGMA journal_mode")).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "wal");
    });
}
