//! How fast a file of invoices comes in, on SQLite and PostgreSQL: `cargo bench --bench import`, or with another number
//! of rows, `cargo bench --bench import -- 1000000`. Prints invoices per second of the whole path after the upload
//! (reading, mapping, comparing, writing, proposing), the upload apart, and the most memory that the process held.
#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "a benchmark may panic, and uses a part of the stories' stage")]

#[path = "../it/clock.rs"]
mod clock;
#[path = "../it/postbox.rs"]
mod postbox;
#[path = "../it/sheet.rs"]
mod sheet;
#[path = "../it/world.rs"]
mod world;

use std::{fmt::Write, time::Instant};

use domain::{
    import::{self, ImportRequest, StartImport},
    sync,
};
use testdb::{Backend, TestDb};

use world::{Creditor, World};

/// Rows unless another number is given.
const ROWS: usize = 200_000;

fn main() {
    let rows = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(ROWS);
    for backend in TestDb::both() {
        testdb::block_on(run(backend, rows));
    }
    println!("most memory held by the process: {}", peak());
}

async fn run(backend: Backend, rows: usize) {
    let world = World::new(TestDb::with(backend, "product", world::migrate).await).await;
    let by = world.creditor().await;
    let started = Instant::now();
    let upload = upload(&world, &by, rows).await;
    println!("{backend:?}: upload of {rows} rows in {:.2} s", started.elapsed().as_secs_f64());
    for what in ["first import", "the same file again"] {
        let id = if what == "first import" { upload } else { self::upload(&world, &by, rows).await };
        let start = StartImport { integration: by.integration, upload: id, request: ImportRequest::default(), save_mapping: false };
        let run = import::start(&world.env, &by.viewer, start).await.unwrap();
        let started = Instant::now();
        sync::run(&world.env, by.tenant(), run.id).await.unwrap();
        let seconds = started.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = rows as f64 / seconds;
        println!("{backend:?}: {what}: {rows} invoices in {seconds:.2} s, {rate:.0}/s");
    }
}

/// Uploads a file of invoices that are not overdue yet, four to a debtor, written piece by piece.
async fn upload(world: &World, by: &Creditor, rows: usize) -> entity::UploadId {
    let size = pieces(rows).map(|piece| piece.len() as u64).sum();
    let upload = import::create(&world.env, &by.viewer, "big.csv", size).await.unwrap();
    let mut writer = import::writer(&world.env, &by.viewer, upload.id).await.unwrap();
    for piece in pieces(rows) {
        writer.write(piece.as_bytes()).await.unwrap();
    }
    writer.finish().await.unwrap().id
}

/// The file's text, ten thousand rows at a time.
fn pieces(rows: usize) -> impl Iterator<Item = String> {
    let header = String::from("Invoice number,Customer ID,Customer name,Email,Issue date,Due date,Total,Currency\n");
    let bodies = (0..rows).step_by(10_000).map(move |first| {
        let mut text = String::new();
        for n in first..rows.min(first + 10_000) {
            let debtor = n / 4;
            writeln!(
                text,
                "INV-{n:07},C-{debtor:06},Customer {debtor} Limited,c{debtor}@example.org,2026-06-20,2026-07-20,{}.{:02},NZD",
                10 + n % 990,
                n % 100
            )
            .unwrap();
        }
        text
    });
    std::iter::once(header).chain(bodies)
}

/// The high-water mark of resident memory, as Linux tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown".into(), |text| text.trim().to_owned())
}
