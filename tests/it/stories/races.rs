//! Approvals, imports, payments and hand-overs at the same time, in many orders.

use std::{sync::Arc, time::Duration};

use domain::{
    Change, Error,
    case::{Selection, approve, hold, resume, write_off_in},
    delivery, escalation,
    payment::{NewPayment, record},
    sync,
};
use entity::{CaseId, CaseStatus, CloseReason, HoldReason, InvoiceStatus, Scoped, SyncStatus, sync_run};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, Statement};
use testdb::Backend;

use crate::{
    clock::Seeded,
    invariants,
    sheet::{self, Invoice, Payment},
    world::{Creditor, World, day, migrate},
};

/// Rounds per database; each has its own debtor, invoice and case.
const ROUNDS: u64 = 60;

#[derive(Debug, Clone, Copy)]
enum Deed {
    Approve,
    PayByFile,
    PayByHand,
    Hold,
    Resume,
    Work,
}

const DEEDS: [Deed; 12] = [
    Deed::Approve,
    Deed::PayByFile,
    Deed::PayByHand,
    Deed::Hold,
    Deed::Resume,
    Deed::Work,
    Deed::Work,
    Deed::Work,
    Deed::Work,
    Deed::Work,
    Deed::Work,
    Deed::Work,
];

/// A refusal is an answer; a fault is not.
fn no_fault<T>(result: domain::Result<T>) {
    match result {
        Ok(_) | Err(Error::Refused(_)) => {}
        Err(fault) => panic!("{fault}"),
    }
}

async fn work(world: &World, of: &Creditor, case: CaseId) {
    no_fault(escalation::advance(&world.env, of.tenant(), case).await);
    for (tenant, id) in world.due().await.deliveries {
        no_fault(delivery::deliver(&world.env, tenant, id).await);
    }
}

async fn act(world: Arc<World>, of: Creditor, case: CaseId, number: String, deed: Deed, pause: u64) {
    for _ in 0..pause {
        tokio::task::yield_now().await;
    }
    let money = NewPayment { case, amount_minor: 20_00, currency: "NZD".into(), received_on: day("2026-07-06"), reference: None };
    match deed {
        Deed::Approve => no_fault(approve(&world.env, &of.viewer, &Selection::Ids(vec![case])).await),
        Deed::PayByFile => {
            let run = world.upload(&of, sheet::payments(&[Payment::new(&number, &format!("P-{number}"), "120.00")])).await;
            no_fault(sync::run(&world.env, of.tenant(), run).await);
        }
        Deed::PayByHand => no_fault(record(&world.env, &of.viewer, &money).await),
        Deed::Hold => no_fault(hold(&world.env, &of.viewer, case, HoldReason::Paused, day("2026-07-06"), "", None).await),
        Deed::Resume => no_fault(resume(&world.env, &of.viewer, case, None).await),
        Deed::Work => work(&world, &of, case).await,
    }
}

testdb::on_both!(
    approval_import_and_delivery_at_once_send_nothing_twice_and_nothing_after_the_money,
    with("product", migrate),
    |db| async move {
        let world = Arc::new(World::new(db).await);
        let kauri = world.creditor().await;
        let chance = Seeded::new(20_261_121);
        world.clock.set_local(kauri.zone, day("2026-07-06"), 10);
        // A debtor for each: no limit of contacts holds one case back for another.
        let row = |n| Invoice::new(&format!("INV-{n}")).debtor(&format!("Debtor {n}")).phone("021 123 4567");
        world.invoices(&kauri, &(0..ROUNDS).map(row).collect::<Vec<_>>()).await;
        for (n, case) in world.cases(&kauri).await.into_iter().enumerate() {
            let invoice = world.invoice_rows(&kauri).await.into_iter().find(|i| i.case_id == Some(case.id)).unwrap().number;
            if n % 3 == 0 {
                no_fault(approve(&world.env, &kauri.viewer, &Selection::Ids(vec![case.id])).await);
            }
            if n % 6 == 0 {
                // Its first letter left before: the money is thanked for.
                world.run_due().await;
            }
            let deeds = DEEDS.map(|deed| (deed, chance.next() % 40));
            let tasks = deeds.map(|(deed, pause)| tokio::spawn(act(world.clone(), kauri, case.id, invoice.clone(), deed, pause)));
            for task in join_all(tasks).await {
                task.unwrap();
            }
        }
        world.run_due().await;
        world.days(&kauri, 1).await;
        invariants::hold(&world, &[kauri]).await;
        assert!(world.postbox.count() > 20, "the storm let something leave: {}", world.postbox.count());
    }
);

/// Waits until somebody at the database waits for another's lock.
async fn somebody_waits(world: &World) {
    let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let look = async {
        while world.env.db.query_one_raw(Statement::from_string(world.env.db.get_database_backend(), waiting)).await.unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), look).await.expect("somebody waits");
}

testdb::on_both!(what_a_person_gives_up_while_a_page_with_its_news_waits_stays_given_up, with("product", migrate), |db| async move {
    let backend = db.backend();
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let news = [Invoice { total: "150.00".into(), ..Invoice::new("INV-1") }];
    let run = world.upload(&kauri, sheet::invoices(&news)).await;
    let mut giving_up = Change::begin(&world.env, kauri.tenant(), kauri.viewer.actor()).await.unwrap();
    write_off_in(&mut giving_up, &kauri.viewer, case, "gone", None).await.unwrap();
    let env = world.env.clone();
    let page = tokio::spawn(async move { sync::run(&env, kauri.tenant(), run).await });
    if backend == Backend::Postgres {
        // The embedded database has one writer: there the page begins after the commit.
        somebody_waits(&world).await;
    }
    giving_up.commit().await.unwrap();
    page.await.unwrap().unwrap();
    let told = sync_run::Entity::of(kauri.tenant()).filter(sync_run::Column::Id.eq(run)).one(&world.env.db).await.unwrap().unwrap();
    assert_eq!((told.status, told.invoices_updated), (SyncStatus::Succeeded, 1), "the page brought news of it");
    let invoice = world.invoice_rows(&kauri).await.remove(0);
    assert_eq!((invoice.status, invoice.outstanding_minor, invoice.total_minor), (InvoiceStatus::WrittenOff, 0, 150_00));
    let row = world.case(&kauri, case).await;
    assert_eq!((row.status, row.close_reason, row.outstanding_minor), (CaseStatus::Closed, Some(CloseReason::WrittenOff), 0));
    invariants::hold(&world, &[kauri]).await;
});
