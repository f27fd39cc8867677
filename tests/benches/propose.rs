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
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::sync;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use testdb::{Backend, TestDb};

use world::{Creditor, World};

/// Invoices unless another number is given.
const INVOICES: usize = 850_000;

/// Rows that are copied by one statement.
const SEEDED_AT_ONCE: usize = 50_000;

/// Parts of the run whose first and last are compared.
const PARTS: u64 = 10;

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
    let asked: Arc<AtomicU64> = Arc::default();
    let counted = Arc::clone(&asked);
    world.env.db.set_metric_callback(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let samples = tokio::spawn(sample(watch, Arc::clone(&asked)));
    let started = Instant::now();
    let proposed = sync::propose(&world.env, by.tenant(), by.integration).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let all = asked.swap(u64::MAX, Ordering::Relaxed);
    println!(
        "{proposed} cases in {seconds:.1} s: {:.0}/s, {} statements for 1,000",
        f64::from(proposed) / seconds,
        all * 1_000 / u64::from(proposed)
    );
    let samples = samples.await.unwrap();
    for (what, from, to) in [("first", 0, all / PARTS), ("last", all - all / PARTS, all)] {
        tell(what, &samples, (from, to), u64::from(proposed) * (to - from) / all);
    }
}

/// The server's work at one instant.
struct Sample {
    at: Instant,
    statements: u64,
    blocks: i64,
}

/// Looks every second until there is nothing more to look at.
async fn sample(db: DatabaseConnection, asked: Arc<AtomicU64>) -> Vec<Sample> {
    let mut samples = Vec::new();
    loop {
        let sql = "SELECT sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::bigint AS blocks FROM pg_statio_user_tables";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
        let statements = asked.load(Ordering::Relaxed);
        if statements == u64::MAX {
            return samples;
        }
        samples.push(Sample { at: Instant::now(), statements, blocks: row.try_get("", "blocks").unwrap() });
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What a part of the run cost, by the samples that lie in it.
fn tell(what: &str, samples: &[Sample], (from, to): (u64, u64), cases: u64) {
    let inside: Vec<&Sample> = samples.iter().filter(|sample| (from..=to).contains(&sample.statements)).collect();
    let [first, .., last] = &inside[..] else { return println!("the {what} tenth was over in a moment: take more invoices") };
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let seen = cases as f64 * (last.statements - first.statements) as f64 / (to - from) as f64;
    let seconds = (last.at - first.at).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let blocks = (last.blocks - first.blocks) as f64;
    println!("the {what} tenth: {:.0} cases a second, {:.1} blocks touched for each", seen / seconds, blocks / seen);
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
