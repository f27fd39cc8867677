//! More invoices than one batch of proposals takes: each comes into one case, whatever stands between them, and whoever
//! dies in between.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{
    Env,
    integration::IntegrationChanges,
    port::{Messenger, Work},
    sync,
    tenant::TenantChanges,
};
use entity::{CaseGrouping, CaseStatus};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    invariants,
    sheet::Invoice,
    stories::ahead::seven_ahead,
    world::{Creditor, World, migrate},
};

/// More than two batches.
const MANY: usize = 1_250;

/// So many invoices, all due on the same two days: pages end in the midst of a day.
fn many(prefix: &str, count: usize) -> Vec<Invoice> {
    let due = |n: usize| if n.is_multiple_of(3) { "2026-05-19" } else { "2026-05-20" };
    (0..count).map(|n| Invoice { due: due(n).into(), ..Invoice::new(&format!("{prefix}-{n}")) }).collect()
}

/// From how many days overdue on invoices are proposed.
async fn minimum_days(world: &World, by: &Creditor, days: i32) {
    world.intake(by, IntegrationChanges { minimum_days_overdue: Some(days), ..IntegrationChanges::default() }).await;
}

/// Each open invoice is in a case, no case has another's, and no number is used twice.
async fn each_once(world: &World, by: &Creditor, cases: usize) {
    let rows = world.cases(by).await;
    let numbers: BTreeSet<i64> = rows.iter().map(|case| case.number).collect();
    assert_eq!((rows.len(), numbers.len()), (cases, cases));
    let invoices = world.invoice_rows(by).await;
    let principal = |case| invoices.iter().filter(|i| i.case_id == Some(case)).map(|i| i.total_minor).sum::<i64>();
    for case in rows {
        assert_eq!(case.principal_minor, principal(case.id), "{case:?}");
    }
    invariants::hold(world, &[*by]).await;
}

/// A queue whose database dies when it is asked for the n-th time.
struct Dying(AtomicUsize);

#[async_trait::async_trait]
impl Messenger for Dying {
    async fn enqueue(&self, _: &DatabaseTransaction, _: &[Work]) -> Result<(), DbErr> {
        match self.0.fetch_sub(1, Ordering::SeqCst) {
            0 => Err(DbErr::Custom("the power went off".into())),
            _ => Ok(()),
        }
    }

    fn wake(&self, _: &[Work]) {}
}

testdb::on_both!(whoever_dies_between_batches_leaves_each_invoice_one_case, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    minimum_days(&world, &kauri, 300).await;
    world.invoices(&kauri, &many("INV", MANY)).await;
    assert_eq!(world.cases(&kauri).await.len(), 0);
    world.intake(&kauri, IntegrationChanges { minimum_days_overdue: Some(14), ..IntegrationChanges::default() }).await;

    let dies = Env { messenger: Arc::new(Dying(AtomicUsize::new(1))), ..world.env.clone() };
    sync::propose(&dies, kauri.tenant(), kauri.integration).await.unwrap_err();
    let before = world.cases(&kauri).await.len();
    assert!((1..MANY).contains(&before), "the first batch stays, the second is undone: {before}");

    let rest = sync::propose(&world.env, kauri.tenant(), kauri.integration).await.unwrap();
    assert_eq!(before + usize::try_from(rest).unwrap(), MANY);
    assert_eq!(sync::propose(&world.env, kauri.tenant(), kauri.integration).await.unwrap(), 0, "once more finds nothing");
    each_once(&world, &kauri, MANY).await;
});

testdb::on_both!(two_that_propose_at_once_share_the_invoices, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    minimum_days(&world, &kauri, 300).await;
    world.invoices(&kauri, &many("INV", MANY)).await;
    minimum_days(&world, &kauri, 14).await;
    let propose = || sync::propose(&world.env, kauri.tenant(), kauri.integration);
    let (one, other) = tokio::join!(propose(), propose());
    assert_eq!(usize::try_from(one.unwrap() + other.unwrap()).unwrap(), MANY);
    each_once(&world, &kauri, MANY).await;
});

testdb::on_both!(a_page_of_exempt_debtors_hides_nobody_behind_it, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    minimum_days(&world, &kauri, 300).await;
    let exempt = many("OLD", 1_100).into_iter().map(|row| Invoice { issued: "2026-03-01".into(), ..row }.debtor("Beech Ltd"));
    let rows: Vec<Invoice> = exempt.chain([Invoice { due: "2026-06-01".into(), ..Invoice::new("INV-1") }]).collect();
    world.invoices(&kauri, &rows).await;
    let beech = world.debtors(&kauri).await.into_iter().find(|row| row.name == "Beech Ltd").unwrap();
    domain::debtor::set_exemption(&world.env, &kauri.viewer, beech.id, true, "a friend", None).await.unwrap();
    minimum_days(&world, &kauri, 14).await;
    world.run_due().await;
    each_once(&world, &kauri, 1).await;
});

testdb::on_both!(reminders_ahead_are_proposed_however_many, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &seven_ahead()).await;
    let soon = many("INV", MANY).into_iter().map(|row| Invoice { issued: "2026-06-20".into(), due: "2026-07-10".into(), ..row });
    world.invoices(&kauri, &soon.chain(many("OLD", 10)).collect::<Vec<_>>()).await;
    each_once(&world, &kauri, MANY + 10).await;
});

testdb::on_both!(a_debtors_invoices_go_together_although_others_lie_between, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.settings(&kauri, TenantChanges { case_grouping: Some(CaseGrouping::PerDebtor), ..TenantChanges::default() }).await;
    world.intake(&kauri, IntegrationChanges { auto_approve: Some(true), ..IntegrationChanges::default() }).await;
    let others = (0..700).map(|n| Invoice::new(&format!("INV-{n}")).debtor(&format!("Debtor {n}")));
    let first = Invoice { issued: "2026-03-01".into(), due: "2026-04-01".into(), ..Invoice::new("FIRST") };
    let last = Invoice { due: "2026-06-01".into(), ..Invoice::new("LAST") };
    world.invoices(&kauri, &[first, last].into_iter().chain(others).collect::<Vec<_>>()).await;
    each_once(&world, &kauri, 701).await;
    let rows = world.invoice_rows(&kauri).await;
    let of_aroha: Vec<_> = rows.iter().filter(|row| ["FIRST", "LAST"].contains(&&*row.number)).map(|row| row.case_id).collect();
    assert!(of_aroha.len() == 2 && of_aroha[0] == of_aroha[1], "approved at once, the first would not have waited: {of_aroha:?}");
    assert!(world.cases(&kauri).await.iter().all(|case| case.status == CaseStatus::Active));
});
