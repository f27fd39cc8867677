//! The main job with a connected accounting system: pulled, approved, written to, paid there, reconciled there, thanked.

use chrono::Days;
use entity::{CaseStatus, CloseReason, InvoiceStatus, LetterKind, SyncStatus, SyncTrigger};
use sandbox::xero::books::{Cents, CreditKind};

use super::Stage;
use crate::world::migrate;

testdb::on_both!(an_overdue_invoice_is_pulled_chased_paid_and_thanked_for, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let (invoice, early) = (stage.invoice(40, 150_00), stage.invoice(10, 99_00));
    stage.world.run_due().await;
    let first = &stage.runs().await[0];
    assert_eq!((first.status, first.trigger, first.invoices_new), (SyncStatus::Succeeded, SyncTrigger::Initial, 2));
    assert_eq!((first.cases_proposed, first.skipped.as_ref().unwrap()["tooEarly"].as_i64()), (1, Some(1)));
    assert!(stage.ours(early).await.case_id.is_none());
    stage.world.approve_all(&stage.kauri).await;
    stage.world.at_local(&stage.kauri, stage.today(), 10).await;
    assert_eq!(stage.world.letters(&stage.kauri).await.len(), 1, "the first letter left");

    // Paid at the bank, not matched in the books: the next letter waits, nothing closes.
    let payment = stage.xero.xero().record_payment(invoice, Cents(150_00), false).unwrap();
    stage.days(9).await;
    let case = stage.case(invoice).await;
    assert_eq!((case.status, stage.world.letters(&stage.kauri).await.len()), (CaseStatus::Active, 1), "{case:?}");

    stage.xero.xero().reconcile_payment(payment, true).unwrap();
    stage.days(2).await;
    let case = stage.case(invoice).await;
    assert_eq!((case.status, case.close_reason), (CaseStatus::Closed, Some(CloseReason::Paid)));
    let kinds: Vec<_> = stage.world.letters(&stage.kauri).await.into_iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds, [LetterKind::LetterOfDemand, LetterKind::ThankYou]);
    stage.check().await;
});

testdb::on_both!(a_part_payment_a_credit_note_and_a_deleted_payment_move_the_sum, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    let part = stage.xero.xero().record_payment(invoice, Cents(50_00), true).unwrap();
    stage.sync().await;
    assert_eq!(stage.case(invoice).await.outstanding_minor, 100_00);
    stage.xero.xero().credit_invoice(invoice, Cents(20_00), CreditKind::CreditNote).unwrap();
    stage.sync().await;
    assert_eq!(stage.case(invoice).await.outstanding_minor, 80_00);
    stage.xero.xero().delete_payment(part).unwrap();
    stage.sync().await;
    assert_eq!(stage.case(invoice).await.outstanding_minor, 130_00, "a deleted payment is owed again");
    stage.check().await;
});

testdb::on_both!(the_schedule_polls_what_changed_and_sweeps_at_night, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    stage.invoice(40, 150_00);
    stage.world.run_due().await;
    stage.days(2).await;
    let runs = stage.runs().await;
    assert!(runs.iter().all(|run| run.status == SyncStatus::Succeeded), "{runs:?}");
    let word = |run: &entity::sync_run::Model| run.scope.as_ref().map(ToString::to_string).unwrap_or_default();
    let sweeps = runs.iter().filter(|run| word(run).contains("everything")).count();
    assert_eq!(sweeps, 3, "the first pull and two nights: {:?}", runs.iter().map(word).collect::<Vec<_>>());
    assert!(runs.iter().any(|run| word(run).contains("changes")));
    stage.check().await;
});

testdb::on_both!(a_due_date_that_moved_without_a_stamp_is_seen_by_the_sweep_before_a_letter, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    let later = stage.today() + Days::new(60);
    stage.xero.xero().edit_due_date(invoice, later, sandbox::xero::Stamp::Keep).unwrap();
    stage.sync().await;
    assert_ne!(stage.ours(invoice).await.due_on, later, "a pull of changes cannot see it");
    stage.days(8).await;
    assert_eq!(stage.ours(invoice).await.due_on, later);
    let case = stage.case(invoice).await;
    assert_eq!((case.status, case.postponed_because.as_deref()), (CaseStatus::Active, Some("NOT_DUE")));
    assert_eq!(stage.world.letters(&stage.kauri).await.len(), 1, "nobody is chased before the new date");
    stage.check().await;
});

testdb::on_both!(a_voided_invoice_ends_its_case_without_thanks, with("product", migrate), |db| async move {
    let stage = Stage::new(db).await;
    let invoice = stage.case_under_way().await;
    stage.xero.xero().void_invoice(invoice).unwrap();
    stage.sync().await;
    assert_eq!(stage.ours(invoice).await.status, InvoiceStatus::Voided);
    let case = stage.case(invoice).await;
    assert_eq!((case.status, case.close_reason), (CaseStatus::Closed, Some(CloseReason::Withdrawn)));
    stage.check().await;
});
