//! Stories with Xentral: keys that a person pasted, payments whose disappearance nobody tells, dunning that is blocked
//! there.

use chrono::Days;
use domain::{integration::rotate, port::connect::PastedKeys};
use entity::{CaseStatus, CloseReason, IntegrationStatus, InvoiceStatus, LetterKind, SyncStatus};
use sandbox::xentral::{Address, NewCustomer, NewInvoice};

use super::desk::Desk;
use crate::world::migrate;

/// An invoice of 150.00 that is due for forty days.
fn invoice(desk: &Desk) -> u32 {
    let text = |text: &str| Some(text.to_owned());
    let address = Address {
        name: "Hölzl & Söhne KG".into(),
        kind: "company",
        street: text("Weißenburger Platz 3"),
        zip_code: text("81667"),
        city: text("München"),
        country: text("DE"),
        email: text("info@hoelzl.example"),
        ..Address::default()
    };
    let customer = desk.books.xentral().add_customer(NewCustomer { address, invoice_email: None, language: "en".into() });
    let issued_on = desk.today() - Days::new(54);
    let new = NewInvoice { customer, issued_on, target_days: 14, gross_minor: 150_00, currency: "EUR" };
    desk.books.xentral().add_invoice(&new).unwrap()
}

/// One invoice, pulled and approved, its first letter sent.
async fn under_way(desk: &Desk) -> (u32, String) {
    let invoice = invoice(desk);
    desk.sync().await;
    desk.approve().await;
    let id = invoice.to_string();
    assert_eq!(desk.case(&id).await.status, CaseStatus::Active);
    assert_eq!(desk.world.letters(&desk.by).await.len(), 1, "{:?}", desk.case(&id).await);
    (invoice, id)
}

testdb::on_both!(an_invoice_of_xentral_is_chased_paid_thanked_for_and_owed_again, with("product", migrate), |db| async move {
    let desk = Desk::xentral(db).await;
    let (invoice, id) = under_way(&desk).await;
    let payment = desk.books.xentral().record_payment(invoice, 150_00).unwrap();
    desk.sync().await;
    desk.days(1).await;
    let case = desk.case(&id).await;
    assert_eq!((case.status, case.close_reason), (CaseStatus::Closed, Some(CloseReason::Paid)));
    let kinds: Vec<_> = desk.world.letters(&desk.by).await.into_iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds.last(), Some(&LetterKind::ThankYou), "{kinds:?}");
    desk.books.xentral().delete_payment(payment).unwrap();
    desk.sync().await;
    let ours = desk.ours(&id).await;
    assert_eq!((ours.status, ours.outstanding_minor), (InvoiceStatus::Open, 150_00), "Xentral never told that the payment is gone");
    assert!(desk.case(&id).await.closed_at.is_none());
    desk.check().await;
});

testdb::on_both!(money_that_changes_no_timestamp_still_stops_the_next_letter, with("product", migrate), |db| async move {
    let desk = Desk::xentral(db).await;
    let (invoice, id) = under_way(&desk).await;
    desk.books.xentral().let_money_touch(false);
    desk.books.xentral().record_payment(invoice, 150_00).unwrap();
    desk.sync().await;
    assert_eq!(desk.ours(&id).await.outstanding_minor, 150_00, "a pull of changes cannot see it");
    desk.days(9).await;
    assert_eq!(desk.case(&id).await.close_reason, Some(CloseReason::Paid));
    let kinds: Vec<_> = desk.world.letters(&desk.by).await.into_iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds[1..], [LetterKind::ThankYou], "nobody who paid is chased");
    desk.check().await;
});

testdb::on_both!(an_invoice_whose_dunning_is_blocked_in_xentral_gets_no_letter, with("product", migrate), |db| async move {
    let desk = Desk::xentral(db).await;
    let (invoice, id) = under_way(&desk).await;
    desk.books.xentral().block_dunning(invoice, true).unwrap();
    desk.sync().await;
    desk.days(9).await;
    assert_eq!(desk.world.letters(&desk.by).await.len(), 1, "{:?}", desk.case(&id).await);
    desk.books.xentral().cancel(invoice).unwrap();
    desk.sync().await;
    assert_eq!(desk.ours(&id).await.status, InvoiceStatus::Voided);
    assert_eq!(desk.case(&id).await.close_reason, Some(CloseReason::Withdrawn));
    desk.check().await;
});

testdb::on_both!(a_revoked_token_of_xentral_is_replaced_by_a_pasted_one, with("product", migrate), |db| async move {
    let desk = Desk::xentral(db).await;
    let (invoice, id) = under_way(&desk).await;
    desk.books.xentral().revoke_token(sandbox::xentral::TOKEN).unwrap();
    desk.books.xentral().record_payment(invoice, 50_00).unwrap();
    assert_eq!(desk.sync().await.status, SyncStatus::Failed);
    assert_eq!(desk.integration().await.status, IntegrationStatus::NeedsReauthorization);
    desk.books.xentral().issue_token("another-token-of-xentral", &[]);
    let keys = PastedKeys { address: None, key: "another-token-of-xentral".into() };
    let joined = rotate::keys(&desk.world.env, &desk.by.viewer, desk.by.integration, keys).await.unwrap();
    assert_eq!((joined.status, joined.health_code), (IntegrationStatus::Active, None));
    assert_eq!(desk.sync().await.status, SyncStatus::Succeeded);
    assert_eq!(desk.ours(&id).await.outstanding_minor, 100_00, "what happened meanwhile is not lost");
    desk.check().await;
});
