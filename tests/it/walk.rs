//! The main job, end to end: overdue invoices come in, the creditor approves, letters go out, money arrives, the debtor
//! is thanked, the case closes.

use std::sync::Arc;

use domain::{
    letter::document,
    payment::{NewPayment, record},
};
use entity::{CaseStatus, CloseReason, LetterKind, LetterStatus};

use crate::{
    invariants,
    sheet::Invoice,
    world::{World, day, migrate},
};

testdb::on_both!(an_overdue_invoice_is_proposed_approved_chased_part_paid_paid_and_thanked, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let run = world.invoices(&kauri, &[Invoice::new("INV-1").phone("021 123 4567")]).await;
    assert_eq!((run.invoices_new, run.debtors_new, run.cases_proposed, run.rows_failed), (1, 1, 1, 0));
    world.days(&kauri, 3).await;
    assert_eq!(world.postbox.count(), 0, "nothing leaves before the creditor agrees");

    let case = world.approve_all(&kauri).await[0];
    world.days(&kauri, 9).await;
    // Approved on Thursday the 9th in the afternoon: the first letter leaves at once, the second a week later.
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-09")), (1, day("2026-07-16"))]);
    assert_eq!(world.postbox.count(), 4, "by e-mail and SMS each");

    let half = NewPayment { case, amount_minor: 50_00, currency: "NZD".into(), received_on: day("2026-07-17"), reference: None };
    let (row, _) = record(&world.env, &kauri.viewer, &half).await.unwrap();
    assert_eq!((row.status, row.outstanding_minor), (CaseStatus::Active, 70_00));
    // The third letter was due on the 23rd; the part payment moves it by one week.
    world.days(&kauri, 12).await;
    assert_eq!(world.sent_on(&kauri, case).await[2], (2, day("2026-07-30")));
    assert_eq!(world.letters(&kauri).await[2].outstanding_minor, 70_00);

    let rest = NewPayment { amount_minor: 70_00, received_on: day("2026-07-30"), ..half };
    let (row, _) = record(&world.env, &kauri.viewer, &rest).await.unwrap();
    assert_eq!((row.status, row.close_reason), (CaseStatus::Closed, Some(CloseReason::Paid)));
    world.run_due().await;
    assert_eq!(world.postbox.count(), 8, "the thank-you leaves at once: it is Thursday afternoon");
    world.days(&kauri, 30).await;
    let letters = world.letters(&kauri).await;
    assert_eq!(letters.iter().map(|l| l.kind).filter(|k| *k == LetterKind::ThankYou).count(), 1);
    assert!(letters.iter().all(|l| l.status == LetterStatus::Sent));
    assert_eq!(world.timeline(&kauri, case).await, timeline());
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(what_leaves_is_a_page_that_was_really_drawn_and_is_kept_with_its_hash, with("product", migrate), |db| async move {
    let renderer = Arc::new(letters::Renderer::new(Vec::new()).unwrap());
    let world = World::at(db, "2026-07-05T18:00:00Z", renderer).await;
    let kauri = world.creditor().await;
    let name = "Māori Ørsted ß Иванов 王";
    world.invoices(&kauri, &[Invoice { debtor: name.into(), ..Invoice::new("INV-1") }]).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    let letter = world.letters(&kauri).await.remove(0);
    let kept = document(&world.env, kauri.tenant(), letter.id).await.unwrap();
    assert!(kept.pdf.starts_with(b"%PDF-") && kept.pdf.len() == world.postbox.effects()[0].pdf_bytes);
    assert_eq!(Some(kept.sha256), letter.pdf_sha256);
    assert_eq!(letter.pdf_pages, Some(1));
    invariants::hold(&world, &[kauri]).await;
});

fn timeline() -> Vec<&'static str> {
    let letter = ["letter.issued", "delivery.started", "delivery.sent", "letter.sent", "delivery.started", "delivery.sent"];
    let mut kinds = vec!["case.proposed", "case.approved"];
    kinds.extend(letter);
    kinds.extend(letter);
    kinds.extend(["payment.recorded", "claim.changed", "case.postponed"]);
    kinds.extend(letter);
    kinds.extend(["payment.recorded", "case.closed"]);
    kinds.extend(letter);
    kinds
}
