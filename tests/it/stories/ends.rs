//! Ends that the creditor chooses.

use domain::{
    RefusalCode,
    case::{self, Selection, decline, withdraw, write_off},
    payment::{NewPayment, record},
};
use entity::{CaseStatus, CloseReason, InvoiceStatus, Role};

use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{World, code, day, migrate},
};

testdb::on_both!(a_declined_proposal_is_never_chased_and_never_proposed_again, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    let case = world.cases(&kauri).await[0].id;
    let declined = decline(&world.env, &kauri.viewer, &Selection::Ids(vec![case]), Some("a friend")).await.unwrap();
    assert_eq!(declined[0].status, CaseStatus::Declined);
    world.invoices(&kauri, &[Invoice::new("INV-1").total("130.00")]).await;
    world.days(&kauri, 40).await;
    assert_eq!((world.cases(&kauri).await.len(), world.postbox.count()), (1, 0));
    let again = Selection::Ids(vec![case]);
    assert_eq!(code(case::approve(&world.env, &kauri.viewer, &again).await), RefusalCode::IllegalTransition);
    assert_eq!(code(decline(&world.env, &kauri.viewer, &again, None).await), RefusalCode::IllegalTransition);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_written_off_claim_is_over_whatever_the_books_say_later, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let row = write_off(&world.env, &kauri.viewer, case, "not worth it", None).await.unwrap();
    assert_eq!((row.status, row.close_reason, row.outstanding_minor), (CaseStatus::Closed, Some(CloseReason::WrittenOff), 0));
    world.invoices(&kauri, &[Invoice::new("INV-1").total("150.00")]).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "10.00")]).await;
    world.days(&kauri, 30).await;
    let row = world.case(&kauri, case).await;
    assert_eq!((row.status, row.close_reason), (CaseStatus::Closed, Some(CloseReason::WrittenOff)));
    assert_eq!(world.invoice_rows(&kauri).await[0].status, InvoiceStatus::WrittenOff);
    assert_eq!((world.postbox.count(), world.cases(&kauri).await.len()), (1, 1));
    assert_eq!(code(write_off(&world.env, &kauri.viewer, case, "again", None).await), RefusalCode::IllegalTransition);
    let money = NewPayment { case, amount_minor: 1, currency: "NZD".into(), received_on: day("2026-07-06"), reference: None };
    assert_eq!(code(record(&world.env, &kauri.viewer, &money).await), RefusalCode::OutOfRange);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_withdrawn_case_stays_withdrawn_when_its_invoice_is_paid, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    for impossible in [CloseReason::Paid, CloseReason::Credited, CloseReason::WrittenOff] {
        assert_eq!(code(withdraw(&world.env, &kauri.viewer, case, impossible, "x", None).await), RefusalCode::Invalid);
    }
    assert_eq!(code(withdraw(&world.env, &kauri.viewer, case, CloseReason::Withdrawn, "  ", None).await), RefusalCode::Required);
    withdraw(&world.env, &kauri.viewer, case, CloseReason::DebtorInsolvent, "letter of the trustee", None).await.unwrap();
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00").reversed()]).await;
    world.days(&kauri, 30).await;
    let row = world.case(&kauri, case).await;
    assert_eq!((row.status, row.close_reason, row.outstanding_minor), (CaseStatus::Closed, Some(CloseReason::DebtorInsolvent), 120_00));
    assert_eq!((world.postbox.count(), world.cases(&kauri).await.len()), (1, 1), "no thanks, no new letter, no new case");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_viewer_may_end_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let reader = kauri.as_role(Role::Viewer);
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(write_off(&world.env, &reader, case, "x", None).await), RefusalCode::Forbidden);
    assert_eq!(code(withdraw(&world.env, &reader, case, CloseReason::Withdrawn, "x", None).await), RefusalCode::Forbidden);
    assert_eq!(code(decline(&world.env, &reader, &Selection::Ids(vec![case]), None).await), RefusalCode::Forbidden);
    assert_eq!(world.snapshot(&kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});
