//! How long two years of real invoices take, day by day: `DUNWELL_REAL_INVOICES=… cargo bench --bench replay`. Letters
//! are drawn for real.
#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "a benchmark may panic, and uses a part of the stories' stage")]

#[path = "../it/clock.rs"]
mod clock;
#[path = "../it/postbox.rs"]
mod postbox;
#[path = "../it/replay.rs"]
mod replay;
#[path = "../it/sheet.rs"]
mod sheet;
#[path = "../it/world.rs"]
mod world;

use std::{sync::Arc, time::Instant};

use testdb::TestDb;
use world::World;

fn main() {
    let lines = replay::load();
    for backend in TestDb::both() {
        testdb::block_on(async {
            let renderer = Arc::new(letters::Renderer::new(Vec::new()).unwrap());
            let world = World::at(TestDb::with(backend, "product", world::migrate).await, "2011-12-01T00:00:00Z", renderer).await;
            let by = replay::creditor(&world, "Pacific/Auckland", 14).await;
            let started = Instant::now();
            replay::live_through(&world, &by, &lines).await;
            println!(
                "{backend:?}: {} invoices, {} messages in {:.1} s",
                lines.len(),
                world.postbox.count(),
                started.elapsed().as_secs_f64()
            );
        });
    }
}
