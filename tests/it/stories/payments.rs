//! Money arrives, in parts, by mistake, in files and by hand, and sometimes goes away again.

use domain::{
    Error, RefusalCode,
    case::Selection,
    integration::IntegrationChanges,
    letter::THANK_YOU_STEP,
    payment::{NewPayment, record, reverse},
};
use entity::{CaseId, CaseStatus, CloseReason, InvoiceStatus, LetterStatus};

use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate, refused},
};

fn money(case: CaseId, amount_minor: i64) -> NewPayment {
    NewPayment { case, amount_minor, currency: "NZD".into(), received_on: day("2026-07-06"), reference: None }
}

async fn thank_yous(world: &World, of: &Creditor) -> usize {
    let letters = world.letters(of).await;
    world.postbox.effects().iter().filter(|e| letters.iter().any(|l| l.id == e.letter && l.step == THANK_YOU_STEP)).count()
}

testdb::on_both!(
    a_reversed_payment_reopens_the_case_and_the_debtor_is_thanked_once_in_its_life,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        let case = world.case_under_way(&kauri).await;
        world.days(&kauri, 2).await;
        let (row, ids) = record(&world.env, &kauri.viewer, &money(case, 120_00)).await.unwrap();
        assert_eq!(row.status, CaseStatus::Closed);
        world.days(&kauri, 1).await;
        assert_eq!(thank_yous(&world, &kauri).await, 1);

        let (_, row) = reverse(&world.env, &kauri.viewer, ids[0], "the cheque bounced").await.unwrap();
        let row = row.unwrap();
        assert_eq!((row.status, row.outstanding_minor, row.close_reason), (CaseStatus::Active, 120_00, None));
        let again = reverse(&world.env, &kauri.viewer, ids[0], "the cheque bounced").await;
        assert_eq!(code(again), RefusalCode::IllegalTransition);
        // The ladder goes on where it stood: the first letter left on the 6th, the second leaves on the 13th.
        world.days(&kauri, 10).await;
        assert_eq!(world.sent_on(&kauri, case).await[..2], [(0, day("2026-07-06")), (1, day("2026-07-13"))]);

        record(&world.env, &kauri.viewer, &money(case, 120_00)).await.unwrap();
        world.days(&kauri, 7).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Closed);
        assert_eq!(thank_yous(&world, &kauri).await, 1, "thanked before, not thanked again");
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(
    a_payment_reversed_before_the_thanks_left_cancels_them_and_they_leave_with_the_next_one,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        let case = world.case_under_way(&kauri).await;
        world.at_local(&kauri, day("2026-07-06"), 20).await;
        let (_, ids) = record(&world.env, &kauri.viewer, &money(case, 120_00)).await.unwrap();
        world.run_due().await;
        reverse(&world.env, &kauri.viewer, ids[0], "typed on the wrong case").await.unwrap();
        world.days(&kauri, 1).await;
        assert_eq!(thank_yous(&world, &kauri).await, 0, "the thanks waited for the morning and were cancelled");
        record(&world.env, &kauri.viewer, &money(case, 120_00)).await.unwrap();
        world.days(&kauri, 1).await;
        assert_eq!(thank_yous(&world, &kauri).await, 1);
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(
    payments_of_a_file_count_when_they_are_reconciled_and_stop_when_they_are_taken_back,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        let case = world.case_under_way(&kauri).await;
        let run = world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00").unreconciled()]).await;
        assert_eq!((run.payments_new, run.cases_closed), (1, 0));
        world.days(&kauri, 8).await;
        let row = world.case(&kauri, case).await;
        assert_eq!((row.status, row.postponed_because.as_deref()), (CaseStatus::Active, Some("PAYMENT_PENDING")));
        assert_eq!(world.postbox.count(), 1, "a payment is known: no second letter");

        let run = world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
        assert_eq!((run.payments_updated, run.cases_closed), (1, 1));
        assert_eq!(world.case(&kauri, case).await.close_reason, Some(CloseReason::Paid));
        let run = world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00").reversed()]).await;
        assert_eq!((run.payments_updated, run.cases_closed), (1, 0));
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Active);
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(credit_notes_reduce_the_claim_and_close_it_without_thanks, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.payments(&kauri, &[Payment::new("INV-1", "C1", "20.00").credit_note()]).await;
    assert_eq!(world.case(&kauri, case).await.outstanding_minor, 100_00);
    world.payments(&kauri, &[Payment::new("INV-1", "C2", "100.00").credit_note()]).await;
    let row = world.case(&kauri, case).await;
    assert_eq!((row.status, row.close_reason), (CaseStatus::Closed, Some(CloseReason::Credited)));
    world.days(&kauri, 3).await;
    assert_eq!(thank_yous(&world, &kauri).await, 0);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(money_and_credit_notes_beyond_the_claim_still_end_with_a_truthful_thank_you, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.case_under_way(&kauri).await;
    let files =
        [Payment::new("INV-1", "P1", "90.00"), Payment::new("INV-1", "C1", "50.00").credit_note(), Payment::new("INV-1", "P2", "10.00")];
    world.payments(&kauri, &files).await;
    world.days(&kauri, 1).await;
    assert_eq!(thank_yous(&world, &kauri).await, 1);
    assert!(world.letters(&kauri).await.iter().all(|l| l.status == LetterStatus::Sent));
    assert_eq!(world.invoice_rows(&kauri).await[0].status, InvoiceStatus::Paid);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(amounts_that_cannot_be_are_refused_and_change_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let before = world.snapshot(&kauri).await;
    let good = money(case, 120_00);
    for (bad, expected) in [
        (NewPayment { amount_minor: 0, ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { amount_minor: -1, ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { amount_minor: i64::MIN, ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { amount_minor: 120_01, ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { amount_minor: i64::MAX, ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { currency: "AUD".into(), ..good.clone() }, RefusalCode::CurrencyMismatch),
        (NewPayment { received_on: day("2026-07-07"), ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { received_on: day("1926-07-06"), ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { received_on: chrono::NaiveDate::MIN, ..good.clone() }, RefusalCode::OutOfRange),
        (NewPayment { reference: Some("x".repeat(10_000_000)), ..good.clone() }, RefusalCode::Invalid),
        (NewPayment { reference: Some("a\u{0}b".into()), ..good.clone() }, RefusalCode::Invalid),
    ] {
        assert_eq!(
            code(record(&world.env, &kauri.viewer, &bad).await),
            expected,
            "{:?}",
            (bad.amount_minor, &bad.currency, bad.received_on)
        );
    }
    assert_eq!(world.snapshot(&kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    a_proposal_that_is_paid_closes_unthanked_and_becomes_a_proposal_again_when_the_money_leaves,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
        let case = world.cases(&kauri).await[0].id;
        world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Closed);
        let approve = domain::case::approve(&world.env, &kauri.viewer, &Selection::Ids(vec![case])).await;
        assert_eq!(refused(approve).code, RefusalCode::IllegalTransition);
        world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00").reversed()]).await;
        assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Proposed);
        assert_eq!(world.postbox.count(), 0);
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(a_payment_taken_back_by_hand_is_not_one_of_the_accounting_system, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.case_under_way(&kauri).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    let id = world.payment_rows(&kauri).await[0].id;
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(reverse(&world.env, &kauri.viewer, id, "no").await), RefusalCode::IllegalTransition);
    assert_eq!(code(reverse(&world.env, &kauri.viewer, id, " ").await), RefusalCode::Required);
    assert_eq!(world.snapshot(&kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_part_payment_during_a_hold_still_gives_a_week_after_the_hold, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 5).await;
    record(&world.env, &kauri.viewer, &NewPayment { received_on: day("2026-07-10"), ..money(case, 20_00) }).await.unwrap();
    let hold = domain::case::hold(&world.env, &kauri.viewer, case, entity::HoldReason::Paused, day("2026-07-12"), "", None).await;
    hold.unwrap();
    // Due on the 13th; the part payment of the 11th moves that by a week, and a short pause must not take the week away.
    world.days(&kauri, 20).await;
    let second = world.sent_on(&kauri, case).await[1].1;
    assert!(second >= day("2026-07-18"), "the second letter left on {second}, less than a week after a part payment");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_payment_below_the_minimum_amount_does_not_stop_a_case_that_began, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.intake(&kauri, IntegrationChanges { minimum_amount_minor: Some(100_00), ..IntegrationChanges::default() }).await;
    world.invoices(&kauri, &[Invoice::new("INV-1"), Invoice::new("INV-2").total("99.99")]).await;
    assert_eq!(world.cases(&kauri).await.len(), 1, "99.99 is below the minimum");
    let case = world.approve_all(&kauri).await[0];
    let result = record(&world.env, &kauri.viewer, &money(case, 119_00)).await;
    assert!(!matches!(result, Err(Error::Database(_))));
    world.days(&kauri, 12).await;
    assert_eq!(world.case(&kauri, case).await.outstanding_minor, 1_00);
    assert_eq!(world.postbox.count(), 1);
    invariants::hold(&world, &[kauri]).await;
});
