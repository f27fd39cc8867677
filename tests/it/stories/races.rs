//! Approvals, imports, payments and hand-overs at the same time, in many orders.

use std::sync::Arc;

use domain::{
    Error,
    case::{Selection, approve, hold, resume},
    delivery, escalation,
    payment::{NewPayment, record},
    sync,
};
use entity::{CaseId, HoldReason};
use futures_util::future::join_all;

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
