//! A page of fifty cases with debtor, invoices, letters and total on PostgreSQL with 100,000 cases: how many SQL
//! statements, and how long: `cargo bench -p api --bench cases`, or with another number of cases,
//! `cargo bench -p api --bench cases -- 10000`.
#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "a benchmark may panic, and uses a part of the tests' stage")]

#[path = "../tests/it/outside.rs"]
mod outside;
#[path = "../tests/it/world.rs"]
mod world;

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use api::tail::EventTail;
use domain::{Env, case::Selection};
use testdb::{Backend, TestDb};
use tokio_util::sync::CancellationToken;
use world::{World, migrate};

/// Cases unless another number is given.
const CASES: usize = 100_000;

/// Cases of one import: the stand-in accounting system reads a file of at most a mebibyte.
const BATCH: usize = 2_000;

/// Cases that also get a letter: a few pages of them are looked at.
const WITH_LETTER: usize = 200;

/// How often each page is asked.
const ROUNDS: usize = 200;

fn main() {
    let cases = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(CASES);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(cases));
}

async fn run(cases: usize) {
    let mut world = World::new(TestDb::with(Backend::Postgres, "product", migrate).await).await;
    let of = world.creditor("Kiwi").await;
    for first in (0..cases).step_by(BATCH) {
        let numbers: Vec<String> = (first..(first + BATCH).min(cases)).map(|n| format!("A-{n}")).collect();
        let ids = world.proposals(&of, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
        if first == 0 {
            let ids = ids.into_iter().rev().take(WITH_LETTER).collect();
            domain::case::approve(&world.env, &of.owner, &Selection::Ids(ids)).await.unwrap();
            world.run_due().await;
        }
    }
    let seen = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&seen);
    world.env.db.set_metric_callback(move |_| *counter.lock().unwrap() += 1);
    let feed = Env { db: world.db.connect().await, ..world.env.clone() };
    world.schema = api::schema(world.env.clone(), EventTail::start(feed, CancellationToken::new()), &world.settings);
    for (what, size, filter) in [("newest", 5, ""), ("newest", 50, ""), ("active", 50, ", where: { status: [ACTIVE] }")] {
        let page = format!(
            "{{ cases(first: {size}{filter}) {{ nodes {{ id number status debtor {{ name }} invoices {{ number }} letters {{ status }} }} totalCount {{ value exact }} }} }}"
        );
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            *seen.lock().unwrap() = 0;
            let began = Instant::now();
            let answer = world.ask(Some(&of.owner), &page).await;
            times.push(began.elapsed());
            assert_eq!(answer["data"]["cases"]["nodes"].as_array().unwrap().len(), size, "{answer}");
        }
        times.sort_unstable();
        let statements = *seen.lock().unwrap();
        println!(
            "{cases} cases, page of {size} {what}: {statements} statements, median {:?}, 99th of 100 {:?}",
            times[ROUNDS / 2],
            times[ROUNDS * 99 / 100]
        );
    }
}
