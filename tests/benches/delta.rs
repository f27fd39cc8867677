//! How many calls the pulls from a connected Xero with 10,000 invoices cost, beside the fewest that its API allows:
//! `cargo bench -p it --bench delta`. Xero's real limits are kept by the stand-in, too; a run that used up its minute goes on in
//! the next.
//!
//! The fewest: Xero answers at most 1,000 records a page. Its lists of invoices name contacts without their addresses,
//! so those are asked for by id, 40 at once, or by reading the whole list, whichever is shorter. Changes of contacts
//! and payments have lists of their own, which cost one call each to learn that they are empty.
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
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use adapters::connectors::Settings;
use chrono::TimeDelta;
use domain::{
    Clock,
    sync::{self, Ran},
};
use entity::{Scoped, SyncRunId, SyncStatus, sync_run};
use sandbox::{Options, Running, xero::books::Status};
use sea_orm::{ColumnTrait, QueryFilter};
use testdb::{Backend, TestDb};
use uuid::Uuid;

use clock::MovedClock;
use postbox::QuickRenderer;
use world::{Creditor, World};

/// In the books; an eighth of them is paid.
const INVOICES: usize = 10_000;

/// Records of a page, and ids of a question, at most.
const PAGE: usize = 1_000;
const IDS: usize = 40;

fn main() {
    testdb::block_on(run());
}

async fn run() {
    let clock = Arc::new(MovedClock::at("2026-07-05T21:00:00Z".parse().unwrap()));
    let told = clock.clone();
    let options = Options { samples: false, auto_consent: true, invoices: INVOICES, ..Options::default() };
    let app = options.app.clone();
    let options = options.with_clock(move || told.now());
    let xero = sandbox::serve(sandbox::Provider::Xero, "127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    let books = xero.xero().first_organisation();
    let settings = Settings { xero: Some(stage::settings(&xero.url(), &app)), ..Settings::default() };
    let db = TestDb::with(Backend::Postgres, "product", world::migrate).await;
    let world = World::with(db, clock, Arc::new(QuickRenderer), settings).await;
    let mut by = world.creditor().await;
    by.integration = stage::connect(&world, &by, &books.to_string()).await;

    let open: Vec<(Uuid, Uuid)> =
        xero.xero().invoices(books).iter().filter(|one| one.status == Status::Authorised).map(|one| (one.id, one.contact)).collect();
    let contacts = xero.xero().contacts(books).len();
    let fewest = 1 + open.len().div_ceil(PAGE) + of_contacts(&open, contacts);
    Box::pin(pull(&world, &by, &xero, &format!("everything, {} open invoices", open.len()), true, fewest)).await;
    for changed in [0, 1, 500, open.len()] {
        let changed = &open[..changed];
        pass(&world, TimeDelta::minutes(15));
        for (invoice, _) in changed {
            xero.xero().edit_invoice(*invoice, |invoice| invoice.reference.push('.')).unwrap();
        }
        pass(&world, TimeDelta::minutes(15));
        let fewest = 1 + changed.len().div_ceil(PAGE).max(1) + of_contacts(changed, contacts) + 1;
        Box::pin(pull(&world, &by, &xero, &format!("{} changed", changed.len()), false, fewest)).await;
    }
}

/// The fewest calls for the contacts of some invoices.
fn of_contacts(invoices: &[(Uuid, Uuid)], contacts: usize) -> usize {
    let wanted: BTreeSet<Uuid> = invoices.iter().map(|(_, contact)| *contact).collect();
    wanted.len().div_ceil(IDS).min(contacts.div_ceil(PAGE))
}

/// Lets time pass for the product, the machine and the stand-in.
fn pass(world: &World, by: TimeDelta) {
    world.clock.set(world.clock.now() + by);
    world.clock.age_machine(by);
}

async fn pull(world: &World, by: &Creditor, xero: &Running, what: &str, everything: bool, fewest: usize) {
    xero.calls().clear();
    let run = sync::request(&world.env, &by.viewer, by.integration, everything).await.unwrap();
    let mut minutes = 1;
    while sync::run(&world.env, by.tenant(), run.id).await.unwrap() != Ran::Ended {
        pass(world, TimeDelta::seconds(61));
        minutes += 1;
    }
    let run = read_again(world, by, run.id).await;
    assert_eq!(run.status, SyncStatus::Succeeded, "{run:?}");
    let calls = xero.calls().matching(|call| call.path.contains("/api.xro/"));
    assert!(calls.iter().all(|call| call.status == Some(200)), "the product keeps the limits by itself");
    let mut by_path: BTreeMap<&str, usize> = BTreeMap::new();
    for call in &calls {
        *by_path.entry(call.path.rsplit('/').next().unwrap_or_default()).or_default() += 1;
    }
    println!(
        "{what}: {} calls, {fewest} at least, in {minutes} min of Xero's limits: {by_path:?}; {} told",
        calls.len(),
        run.invoices_seen
    );
}

async fn read_again(world: &World, by: &Creditor, run: SyncRunId) -> sync_run::Model {
    sync_run::Entity::of(by.tenant()).filter(sync_run::Column::Id.eq(run)).one(&world.env.db).await.unwrap().unwrap()
}
