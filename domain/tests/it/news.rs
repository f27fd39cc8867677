//! Books tell every change, also of invoices that were never a claim here, and of claims without repeating their debtor.

use domain::{
    port::{PaymentSnapshot, Record},
    sync,
};
use entity::{InvoiceStatus, PaymentKind, Scoped, SyncStatus, invoice, payment, sync_issue, sync_run};
use sea_orm::QueryOrder;

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
