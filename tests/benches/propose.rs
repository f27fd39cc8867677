//! What proposing costs on PostgreSQL when very many invoices came in at once: `cargo bench -p it --bench propose`, or with
//! another number of invoices and of invoices for each debtor, `cargo bench -p it --bench propose -- 300000 1`. Prints, for
//! the first and the last tenth of the cases, how many a second were proposed, and the blocks that the server touched for
//! each: that number says whether a case costs the same early and late, whatever else the machine does.
#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "a benchmark may panic, and uses a part of the stories' stage")]

#[path = "../it/clock.rs"]
mod clock;
#[path = "../it/postbox.rs"]
mod postbox;
#[path = "../it/sheet.rs"]
mod sheet;
#[path = "../it/world.rs"]
mod world;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::sync;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use testdb::{Backend, TestDb};

use world::{Creditor, World};

/// Invoices unless another number is given.
const INVOICES: usize = 850_000;

/// Rows that are copied by one statement.
const SEEDED_AT_ONCE: usize = 50_000;

/// Parts of the run whose first and last are compared.
const PARTS: usize = 10;

fn main() {
    let mut numbers = std::env::args().filter_map(|arg| arg.parse().ok());
    let invoices = numbers.next().unwrap_or(INVOICES);
    let of_a_debtor = numbers.next().unwrap_or(1);
    testdb::block_on(run(invoices, of_a_debtor));
}

async fn run(invoices: usize, of_a_debtor: usize) {
    let mut world = World::new(TestDb::with(Backend::Postgres, "product", world::migrate).await).await;
    let by = world.creditor().await;
    world.invoices(&by, &[sheet::Invoice::new("INV-0")]).await;
    let started = Instant::now();
    for from in (1..=invoices).step_by(SEEDED_AT_ONCE) {
        seed(&world, &by, from, invoices.min(from + SEEDED_AT_ONCE - 1), of_a_debtor).await;
    }
    // As a pull does it while its tables grow; not what is still empty.
    world.env.db.execute_unprepared("ANALYZE debtor, invoice").await.unwrap();
    println!("{invoices} invoices ready, {of_a_debtor} of each debtor, in {:.1} s", started.elapsed().as_secs_f64());

    let watch = world.env.db.clone();
    let told: Arc<Mutex<Vec<Told>>> = Arc::default();
    let heard = Arc::clone(&told);
    world.env.db.set_metric_callback(move |info| {
        heard.lock().unwrap().push(Told { at: Instant::now(), took: info.elapsed, sql: verb(&info.statement.sql) });
    });
    let marks = tokio::spawn(marks(watch, Arc::clone(&told)));
    let started = Instant::now();
    let proposed = sync::propose(&world.env, by.tenant(), by.integration).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    marks.abort();
    println!("{proposed} cases in {seconds:.1} s: {:.0}/s", f64::from(proposed) / seconds);
    let told = std::mem::take(&mut *told.lock().unwrap());
    let part = told.len() / PARTS;
    for (what, some) in [("first", &told[..part]), ("last", &told[told.len() - part..])] {
        let span = some[some.len() - 1].at - some[0].at;
        println!("{what} tenth of the statements: {:.1} s", span.as_secs_f64());
        let mut by_sql: BTreeMap<&str, (u32, Duration)> = BTreeMap::new();
        for one in some {
            let sum = by_sql.entry(&one.sql).or_default();
            *sum = (sum.0 + 1, sum.1 + one.took);
        }
        for (sql, (count, took)) in by_sql {
            println!("  {count:>6} × {:>9.2?}  {sql}", took / count);
        }
    }
}

struct Told {
    at: Instant,
    took: Duration,
    sql: String,
}

fn verb(sql: &str) -> String {
    let table = sql.split('"').nth(1).unwrap_or_default();
    format!("{} {table} {}", sql.split(' ').next().unwrap_or_default(), sql.len() / 1000)
}

/// Blocks that were touched so far, from time to time.
async fn marks(db: DatabaseConnection, told: Arc<Mutex<Vec<Told>>>) {
    loop {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let sql = "SELECT (SELECT sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::bigint FROM pg_statio_user_tables) AS blocks, \
                   (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'invoice') AS dead";
        let row = db.query_one_raw(Statement::from_string(sea_orm::DbBackend::Postgres, sql)).await.unwrap().unwrap();
        let (blocks, dead): (i64, i64) = (row.try_get("", "blocks").unwrap(), row.try_get("", "dead").unwrap());
        println!("  statements {:>7}, blocks {blocks:>12}, dead invoices {dead}", told.lock().unwrap().len());
    }
}

/// Copies the first debtor and its invoice, which wait for a case, due on every day of a year.
async fn seed(world: &World, by: &Creditor, from: usize, to: usize, of_a_debtor: usize) {
    let tenant = by.tenant().0;
    let copy = |table: &str, first: &str, what: &str, each: &str| {
        format!(
            "INSERT INTO {table} SELECT r.* FROM (SELECT * FROM {table} WHERE tenant_id = '{tenant}' AND {first} LIMIT 1) t, \
             generate_series({from}, {to}) g, LATERAL jsonb_populate_record(NULL::{table}, to_jsonb(t) || {what}) r WHERE {each}"
        )
    };
    let key = |what: &str| format!("('{what}0000000-0000-7000-8000-' || lpad(to_hex({}), 12, '0'))::uuid", "{}");
    let debtor = key("d").replace("{}", &format!("g - (g - 1) % {of_a_debtor}"));
    let debtors = copy(
        "debtor",
        "name = 'Aroha Ltd'",
        &format!("jsonb_build_object('id', {debtor}, 'external_id', 'D' || g, 'name', 'Debtor ' || g, 'email', 'd' || g || '@example.nz')"),
        &format!("(g - 1) % {of_a_debtor} = 0"),
    );
    let invoices = copy(
        "invoice",
        "number = 'INV-0'",
        &format!(
            "jsonb_build_object('id', {}, 'external_id', 'I' || g, 'number', 'INV-' || g, 'debtor_id', {debtor}, 'case_id', null, \
             'due_on', (date '2026-05-20' - ((g::bigint * 7919) % 365)::int)::text)",
            key("1").replace("{}", "g")
        ),
        "true",
    );
    for sql in [debtors, invoices] {
        world.env.db.execute_unprepared(&sql).await.unwrap();
    }
}
