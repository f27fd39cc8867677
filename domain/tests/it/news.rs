//! Books tell every change, also of invoices that were never a claim here, and of claims without repeating their debtor.

use domain::{
    port::{PaymentSnapshot, Record},
    sync,
};
use entity::{InvoiceStatus, PaymentKind, Scoped, SyncStatus, debtor, invoice, payment, sync_issue, sync_run};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::{
    provider::overdue,
    world::{World, migrate},
};

/// The invoice as paid, without its debtor, and the payment.
fn paid(number: &str) -> [Record; 2] {
    let mut told = overdue(number, &[]);
    told.debtor = None;
    if let Some(invoice) = &mut told.invoice {
        invoice.outstanding_minor = Some(0);
    }
    let payment = PaymentSnapshot {
        external_id: format!("payment of {number}"),
        invoice_external_id: number.into(),
        kind: PaymentKind::Payment,
        amount_minor: Some(10_000),
        currency: None,
        received_on: "2026-07-01".parse().unwrap(),
        reconciled: true,
        reversed: false,
        reference: None,
    };
    [told, Record { payment: Some(payment), ..Record::default() }]
}

testdb::on_both!(an_invoice_without_its_debtor_is_news_of_a_known_claim_and_of_nothing_else, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    *world.xero.records.lock().unwrap() = vec![overdue("1", &[])];
    world.pull(owner.tenant, id).await;
    let before = invoice::Entity::of(owner.tenant).one(&world.env.db).await.unwrap().unwrap();
    assert_eq!(before.status, InvoiceStatus::Open);

    *world.xero.records.lock().unwrap() = paid("1").into_iter().chain(paid("never a claim")).collect();
    sync::request(&world.env, &owner, id, false).await.unwrap();
    world.pull(owner.tenant, id).await;
    let rows = invoice::Entity::of(owner.tenant).all(&world.env.db).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.external_id.as_str(), row.status)).collect::<Vec<_>>(), [("1", InvoiceStatus::Paid)]);
    assert_eq!(rows[0].debtor_id, before.debtor_id);
    assert_eq!(payment::Entity::of(owner.tenant).all(&world.env.db).await.unwrap().len(), 1);
    assert!(sync_issue::Entity::of(owner.tenant).all(&world.env.db).await.unwrap().is_empty());
    let last = sync_run::Entity::of(owner.tenant).order_by_desc(sync_run::Column::Id).one(&world.env.db).await.unwrap().unwrap();
    assert_eq!(last.status, SyncStatus::Succeeded);
});

/// Pulls what changed: these records, in one page.
async fn changed(world: &World, owner: &domain::Viewer, id: entity::IntegrationId, records: Vec<Record>) -> sync_run::Model {
    *world.xero.records.lock().unwrap() = records;
    let run = sync::request(&world.env, owner, id, false).await.unwrap();
    world.pull(owner.tenant, id).await;
    sync_run::Entity::of(owner.tenant).filter(sync_run::Column::Id.eq(run.id)).one(&world.env.db).await.unwrap().unwrap()
}

/// An invoice whose balance is what these payments leave.
fn settled_by(number: &str, payments: &[&str]) -> Record {
    let mut told = overdue(number, &[]);
    if let Some(invoice) = &mut told.invoice {
        invoice.outstanding_minor = None;
        invoice.settled_by = Some(payments.iter().map(|id| (*id).to_owned()).collect());
    }
    told
}

fn payment_on(number: &str) -> Record {
    let [_, mut record] = paid(number);
    if let Some(payment) = &mut record.payment {
        payment.external_id = "P".into();
    }
    record
}

testdb::on_both!(a_payment_that_the_books_moved_counts_where_it_is_now, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    *world.xero.records.lock().unwrap() = vec![settled_by("1", &["P"]), settled_by("2", &[]), payment_on("1")];
    world.pull(owner.tenant, id).await;
    let open = || async {
        let rows = invoice::Entity::of(owner.tenant).order_by_asc(invoice::Column::Number).all(&world.env.db).await.unwrap();
        rows.into_iter().map(|row| row.outstanding_minor).collect::<Vec<_>>()
    };
    assert_eq!(open().await, [0, 10_000]);
    changed(&world, &owner, id, vec![settled_by("1", &[])]).await;
    assert_eq!(open().await, [10_000, 10_000]);
    let run = changed(&world, &owner, id, vec![settled_by("2", &["P"]), payment_on("2")]).await;
    assert_eq!(
        (run.status, run.rows_failed, open().await),
        (SyncStatus::Succeeded, 0, vec![10_000, 0]),
        "nobody is chased for what is paid"
    );
    assert_eq!(payment::Entity::of(owner.tenant).all(&world.env.db).await.unwrap().len(), 1);
    let again = changed(&world, &owner, id, vec![settled_by("2", &["P"]), payment_on("2")]).await;
    assert_eq!((again.payments_new, again.payments_updated), (0, 0));
});

testdb::on_both!(a_debtor_merged_into_one_that_is_new_in_the_same_page_is_that_one, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    *world.xero.records.lock().unwrap() = vec![overdue("z", &[])];
    world.pull(owner.tenant, id).await;
    let before = debtor::Entity::of(owner.tenant).one(&world.env.db).await.unwrap().unwrap();

    // The new one sorts before who was merged into it.
    let mut moved = overdue("z", &[]);
    let merged = moved.debtor.replace(overdue("a", &[]).debtor.unwrap()).unwrap();
    let target = moved.debtor.as_ref().map(|debtor| debtor.external_id.clone());
    let merged = Record { debtor: Some(domain::port::DebtorSnapshot { merged_into: target.clone(), ..merged }), ..Record::default() };
    let run = changed(&world, &owner, id, vec![moved, merged]).await;
    assert_eq!((run.status, run.rows_failed), (SyncStatus::Succeeded, 0));
    let after = debtor::Entity::of(owner.tenant).all(&world.env.db).await.unwrap();
    assert_eq!(after.iter().map(|row| (row.id, Some(row.external_id.clone()))).collect::<Vec<_>>(), [(before.id, target)]);
    assert_eq!(invoice::Entity::of(owner.tenant).one(&world.env.db).await.unwrap().unwrap().debtor_id, before.id);
});
