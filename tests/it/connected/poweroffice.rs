//! Stories with PowerOffice GO: tokens that live for minutes, customers who are exempt there, write-offs and reversals.

use chrono::Days;
use entity::{CaseStatus, CloseReason, IntegrationStatus, InvoiceStatus, LetterKind, SyncStatus};
use sandbox::poweroffice::{Address, Details, NewInvoice};

use super::desk::Desk;
use crate::world::migrate;

fn customer(desk: &Desk) -> u64 {
    let text = |text: &str| Some(text.to_owned());
    let mail_address = Address {
        address_line1: text("Storgata 4"),
        zip_code: text("9008"),
        city: text("Tromsø"),
        country_code: text("NO"),
        ..Address::default()
    };
    let email_address = text("post@bjork.example");
    desk.books.poweroffice().add_customer(Details { name: text("Bjørk & Sønn AS"), email_address, mail_address, ..Details::default() })
}

/// An invoice of 150.00 that is due for so many days: its number, and its id.
fn invoice(desk: &Desk, customer_no: u64, overdue: u64) -> (u64, String) {
    let due_on = desk.today() - Days::new(overdue);
    let new = NewInvoice { customer_no, issued_on: due_on - Days::new(14), due_on, total_minor: 150_00 };
    let no = desk.books.poweroffice().add_invoice(&new).unwrap();
    (no, desk.books.poweroffice().invoice(no).unwrap().0.voucher_id().to_string())
}

/// One invoice, pulled and approved, its first letter sent.
async fn under_way(desk: &Desk) -> (u64, String) {
    let (no, id) = invoice(desk, customer(desk), 20);
    desk.sync().await;
    desk.approve().await;
    assert_eq!(desk.case(&id).await.status, CaseStatus::Active);
    assert_eq!(desk.world.letters(&desk.by).await.len(), 1, "{:?}", desk.case(&id).await);
    (no, id)
}

testdb::on_both!(an_invoice_of_poweroffice_is_chased_part_paid_paid_and_thanked_for, with("product", migrate), |db| async move {
    let desk = Desk::poweroffice(db).await;
    let (early, early_id) = invoice(&desk, customer(&desk), 5);
    let (no, id) = under_way(&desk).await;
    assert!(desk.ours(&early_id).await.case_id.is_none(), "invoice {early} is not overdue for two weeks");
    desk.books.poweroffice().record_payment(no, 50_00).unwrap();
    desk.sync().await;
    assert_eq!(desk.case(&id).await.outstanding_minor, 100_00);
    desk.books.poweroffice().record_payment(no, 100_00).unwrap();
    desk.sync().await;
    desk.days(1).await;
    let case = desk.case(&id).await;
    assert_eq!((case.status, case.close_reason), (CaseStatus::Closed, Some(CloseReason::Paid)));
    let kinds: Vec<_> = desk.world.letters(&desk.by).await.into_iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds.last(), Some(&LetterKind::ThankYou), "{kinds:?}");
    desk.check().await;
});

testdb::on_both!(a_customer_who_is_exempt_in_poweroffice_is_never_proposed, with("product", migrate), |db| async move {
    let desk = Desk::poweroffice(db).await;
    let customer = customer(&desk);
    desk.books.poweroffice().edit_customer(customer, |details| details.transfer_to_debt_collection_agency = false).unwrap();
    let (_, id) = invoice(&desk, customer, 20);
    desk.sync().await;
    desk.days(2).await;
    assert!(desk.ours(&id).await.case_id.is_none());
    assert!(desk.world.letters(&desk.by).await.is_empty());
    desk.check().await;
});

testdb::on_both!(a_country_that_is_none_does_not_cost_an_invoice, with("product", migrate), |db| async move {
    let desk = Desk::poweroffice(db).await;
    let (odd, kosovo) = (customer(&desk), customer(&desk));
    let moved = |customer, code: &str| {
        desk.books.poweroffice().edit_customer(customer, |details| details.mail_address.country_code = Some(code.to_owned())).unwrap();
    };
    moved(odd, "QX");
    moved(kosovo, "XK");
    let ids = [invoice(&desk, odd, 20).1, invoice(&desk, kosovo, 20).1];
    desk.sync().await;
    let mut countries = Vec::new();
    for id in &ids {
        let invoice = desk.ours(id).await;
        assert!(invoice.case_id.is_some(), "{id}");
        let debtors = desk.world.debtors(&desk.by).await;
        countries.push(debtors.into_iter().find(|debtor| debtor.id == invoice.debtor_id).unwrap().country);
    }
    assert_eq!(countries, [None, Some("XK".to_owned())]);
    desk.check().await;
});

testdb::on_both!(what_is_written_off_or_reversed_in_poweroffice_ends_its_case, with("product", migrate), |db| async move {
    let desk = Desk::poweroffice(db).await;
    let ((off, off_id), (back, back_id)) = (invoice(&desk, customer(&desk), 20), invoice(&desk, customer(&desk), 30));
    desk.sync().await;
    desk.approve().await;
    desk.books.poweroffice().write_off(off).unwrap();
    desk.books.poweroffice().reverse(back).unwrap();
    desk.sync().await;
    assert_eq!(desk.ours(&off_id).await.status, InvoiceStatus::WrittenOff);
    assert_eq!(desk.case(&off_id).await.close_reason, Some(CloseReason::WrittenOff));
    assert_eq!(desk.ours(&back_id).await.status, InvoiceStatus::Voided);
    assert_eq!(desk.case(&back_id).await.close_reason, Some(CloseReason::Withdrawn));
    desk.days(9).await;
    let kinds: Vec<_> = desk.world.letters(&desk.by).await.into_iter().map(|letter| letter.kind).collect();
    assert!(!kinds.contains(&LetterKind::ThankYou), "nobody is thanked for what they did not pay: {kinds:?}");
    desk.check().await;
});

testdb::on_both!(tokens_of_poweroffice_are_renewed_and_a_removed_extension_is_told, with("product", migrate), |db| async move {
    let desk = Desk::poweroffice(db).await;
    let (no, id) = under_way(&desk).await;
    for _ in 0..3 {
        desk.books.poweroffice().expire_tokens();
        assert_eq!(desk.sync().await.status, SyncStatus::Succeeded);
    }
    desk.books.poweroffice().remove_integration(0).unwrap();
    desk.books.poweroffice().record_payment(no, 150_00).unwrap();
    assert_eq!(desk.sync().await.status, SyncStatus::Failed);
    let row = desk.integration().await;
    assert_eq!((row.status, row.health_code.as_deref()), (IntegrationStatus::NeedsReauthorization, Some("PROVIDER_UNAUTHORIZED")));
    desk.days(9).await;
    assert_eq!(desk.case(&id).await.status, CaseStatus::Active);
    assert_eq!(desk.world.letters(&desk.by).await.len(), 1, "nothing is sent on what nobody can check");
    desk.check().await;
});
