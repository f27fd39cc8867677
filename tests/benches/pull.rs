//! How fast a connected Xero comes in, on PostgreSQL: `cargo bench -p it --bench pull`, with another number of invoices in
//! `DUNWELL_BENCH_INVOICES`. The stand-in runs in a process of its own, so that the memory told is the product's. Prints
//! invoices per second of the whole path (asking, reading, mapping, comparing, writing), the calls, the statements that
//! a page takes, and the most memory that the process held.
//!
//! The stand-in does not throttle, but the product keeps Xero's limits all the same: after 60 calls the run is parked,
//! the clock is moved over the minute, and a new pull goes on from the stored position, as another worker would.
#![allow(
    clippy::unwrap_used,
    clippy::inconsistent_digit_grouping,
    missing_docs,
    dead_code,
    reason = "a benchmark may panic, and uses a part of the stories' stage, where amounts are grouped as money"
)]

#[path = "../it/clock.rs"]
mod clock;
#[path = "../it/invariants.rs"]
mod invariants;
#[path = "../it/postbox.rs"]
mod postbox;
#[path = "../it/sheet.rs"]
mod sheet;
#[path = "../it/connected/stage.rs"]
mod stage;
#[path = "../it/world.rs"]
mod world;

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Instant,
};

use adapters::connectors::Settings;
use chrono::{DateTime, TimeDelta, Utc};
use domain::sync::{self, Ran};
use entity::{Scoped, SyncRunId, SyncStatus, sync_run};
use sandbox::Options;
use sea_orm::{ColumnTrait, QueryFilter};
use testdb::{Backend, TestDb};

use clock::MovedClock;
use postbox::QuickRenderer;
use world::{Creditor, World};

/// Invoices that the stand-in invents unless told; an eighth of them is paid and not pulled.
const INVOICES: usize = 200_000;

/// The argument with which this program is the stand-in.
const STAND_IN: &str = "--stand-in";

/// The instant at which all stands still.
const NOW: &str = "2026-07-05T21:00:00Z";

fn main() {
    if std::env::args().any(|argument| argument == STAND_IN) {
        return testdb::block_on(stand_in());
    }
    let mut there = StandIn::start();
    testdb::block_on(run(&there.url, &there.organisation));
    there.process.kill().unwrap();
    there.process.wait().unwrap();
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn invoices() -> usize {
    std::env::var("DUNWELL_BENCH_INVOICES").map_or(INVOICES, |text| text.parse().unwrap())
}

/// Serves until whoever started it is gone.
async fn stand_in() {
    let options = Options { samples: false, limits: false, auto_consent: true, invoices: invoices(), ..Options::default() };
    let running = sandbox::serve(sandbox::Provider::Xero, "127.0.0.1:0".parse().unwrap(), options.with_clock(now)).await.unwrap();
    println!("{} {}", running.url(), running.xero().first_organisation());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    running.stop().await;
}

/// The stand-in's process.
struct StandIn {
    process: Child,
    url: String,
    organisation: String,
}

impl StandIn {
    fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut process = command.arg(STAND_IN).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (url, organisation) = line.trim().split_once(' ').expect("the stand-in says where it is");
        Self { process, url: url.into(), organisation: organisation.into() }
    }
}

async fn run(url: &str, organisation: &str) {
    let db = TestDb::with(Backend::Postgres, "product", world::migrate).await;
    let settings = Settings { xero: Some(stage::settings(url, &Options::default().app)), ..Settings::default() };
    let mut world = World::with(db, Arc::new(MovedClock::at(now())), Arc::new(QuickRenderer), settings).await;
    let statements = Arc::new(Statements::default());
    let counted = statements.clone();
    world.env.db.set_metric_callback(move |told| counted.take(&told.statement.sql));
    let mut by = world.creditor().await;
    by.integration = stage::connect(&world, &by, organisation).await;
    for what in ["first pull", "the same once more"] {
        statements.clear();
        let run = sync::request(&world.env, &by.viewer, by.integration, true).await.unwrap();
        let (started, mut parked) = (Instant::now(), 0);
        while sync::run(&world.env, by.tenant(), run.id).await.unwrap() != Ran::Ended {
            world.clock.age_machine(TimeDelta::seconds(61));
            parked += 1;
        }
        let seconds = started.elapsed().as_secs_f64();
        let run = read_again(&world, &by, run.id).await;
        assert_eq!(run.status, SyncStatus::Succeeded, "{run:?}");
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = run.invoices_seen as f64 / seconds;
        println!("{what}: {} invoices in {seconds:.2} s, {rate:.0}/s; parked {parked} times for the limit", run.invoices_seen);
        let proposing = statements.last_step();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let pages = run.invoices_seen as f64 / (seconds - proposing);
        println!("{what}: of it {} cases were proposed in {proposing:.2} s; the pages alone {pages:.0}/s", run.cases_proposed);
        println!("{what}: statements of a page, without turns at the provider: {}", statements.of_a_page());
        println!("{what}: most memory held by the process: {}", peak());
    }
}

/// Counts statements between two steps of a run.
#[derive(Default)]
struct Statements(Mutex<(usize, Vec<usize>)>, Mutex<Vec<Instant>>);

impl Statements {
    fn take(&self, sql: &str) {
        let mut counted = self.0.lock().unwrap();
        if sql.contains("\"throttle\"") {
            return;
        }
        counted.0 += 1;
        if sql.starts_with("UPDATE \"sync_run\"") {
            let page = std::mem::take(&mut counted.0);
            counted.1.push(page);
            self.1.lock().unwrap().push(Instant::now());
        }
    }

    /// Seconds between the last page and the end of the run: that is when cases are proposed.
    fn last_step(&self) -> f64 {
        let steps = self.1.lock().unwrap();
        steps.windows(2).last().map_or(0.0, |pair| (pair[1] - pair[0]).as_secs_f64())
    }

    fn clear(&self) {
        self.1.lock().unwrap().clear();
        *self.0.lock().unwrap() = (0, Vec::new());
    }

    fn of_a_page(&self) -> String {
        let mut pages = self.0.lock().unwrap().1.clone();
        pages.sort_unstable();
        let at = |share: usize| pages.get(pages.len() * share / 100).or(pages.last()).copied().unwrap_or_default();
        format!("{} in the middle, {} at most, of {} pages and steps", at(50), at(100), pages.len())
    }
}

/// The high-water mark of resident memory, as Linux tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown".into(), |text| text.trim().to_owned())
}

async fn read_again(world: &World, by: &Creditor, run: SyncRunId) -> sync_run::Model {
    sync_run::Entity::of(by.tenant()).filter(sync_run::Column::Id.eq(run)).one(&world.env.db).await.unwrap().unwrap()
}
