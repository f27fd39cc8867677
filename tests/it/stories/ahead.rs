//! A reminder ahead of the due date: proposed early, approved like any other, due on its day, and nothing is chased
//! before it is overdue.

use domain::{
    escalation::{self, explain, gates::GateName},
    integration::IntegrationChanges,
    letter::LetterFacts,
    policy::{Draft, Ladder, Scope, assign, save, three_weekly_letters},
    tenant::TenantChanges,
};
use entity::{CaseGrouping, CaseStatus, CloseReason, ConsentMode, LetterKind, LetterStatus};

use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{Creditor, World, day, migrate},
};

/// A reminder seven days ahead, then the three weekly letters.
pub fn seven_ahead() -> Ladder {
    let mut ladder = three_weekly_letters();
    let mut first = ladder.steps[0].clone();
    (first.name, first.kind, first.before_due_days) = ("Ahead".into(), LetterKind::PreDueReminder, Some(7));
    ladder.steps.insert(0, first);
    ladder.steps[1].wait_days = 3;
    ladder
}

/// Due on Friday, 24 July 2026; seven days before it is a working day.
fn due_soon(number: &str) -> Invoice {
    Invoice { issued: "2026-07-01".into(), due: "2026-07-24".into(), ..Invoice::new(number) }
}

async fn chasing_after(world: &World, by: &Creditor, days: i32) {
    world.intake(by, IntegrationChanges { minimum_days_overdue: Some(days), ..IntegrationChanges::default() }).await;
}

testdb::on_both!(a_reminder_goes_out_ahead_and_the_demand_only_once_it_is_overdue, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &seven_ahead()).await;
    chasing_after(&world, &kauri, 5).await;
    let later = Invoice { due: "2026-07-25".into(), ..due_soon("INV-2") };
    world.at_local(&kauri, day("2026-07-16"), 12).await;
    world.invoices(&kauri, &[due_soon("INV-1"), later]).await;
    assert_eq!(world.cases(&kauri).await.len(), 0, "eight days ahead");
    world.at_local(&kauri, day("2026-07-17"), 0).await;
    let cases = world.cases(&kauri).await;
    assert_eq!(cases.iter().map(|case| case.status).collect::<Vec<_>>(), [CaseStatus::Proposed], "seven days ahead, and only that one");
    assert_eq!(world.postbox.count(), 0, "it needs its yes like any other");
    let case = world.approve_all(&kauri).await[0];
    let explained = explain(&world.env, kauri.tenant(), case).await.unwrap();
    assert_eq!(explained.next, escalation::Decision::Issue { step: 0 });
    assert!(explained.checks.iter().any(|check| check.gate == GateName::DueDate && check.passed), "{explained:?}");
    world.at_local(&kauri, day("2026-07-17"), 9).await;
    let letters = world.letters(&kauri).await;
    let facts: LetterFacts = serde_json::from_value(letters[0].facts.clone()).unwrap();
    assert_eq!((letters[0].kind, letters[0].status, facts.pay_by), (LetterKind::PreDueReminder, LetterStatus::Sent, day("2026-07-24")));
    assert_eq!((facts.charges_minor, letters[0].fee_minor), (0, 0));
    let due = world.case(&kauri, case).await.next_action_at.unwrap();
    assert_eq!(domain::calendar::local_date(kauri.zone, due), day("2026-07-29"), "five days overdue, not three after the reminder");
    world.days(&kauri, 14).await;
    let sent: Vec<_> = world.sent_on(&kauri, case).await;
    assert_eq!(sent[..2], [(0, day("2026-07-17")), (1, day("2026-07-29"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_reminder_that_comes_too_late_is_passed_over, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &seven_ahead()).await;
    chasing_after(&world, &kauri, 1).await;
    world.at_local(&kauri, day("2026-07-21"), 12).await;
    world.invoices(&kauri, &[due_soon("INV-1"), Invoice::new("INV-OLD").debtor("Beech Ltd")]).await;
    assert_eq!(world.cases(&kauri).await.len(), 2, "one ahead, one overdue");
    // The yes comes when it is due.
    world.at_local(&kauri, day("2026-07-24"), 12).await;
    let cases = world.approve_all(&kauri).await;
    assert_eq!(world.letters(&kauri).await.len(), 0);
    for case in &cases {
        let passed =
            world.events(&kauri).await.into_iter().filter(|e| e.case_id == Some(*case) && e.kind == domain::event::kind::STEP_PASSED);
        assert_eq!(passed.map(|e| e.data["because"].clone()).collect::<Vec<_>>(), ["DUE_DATE_PASSED"]);
    }
    world.days(&kauri, 5).await;
    for case in cases {
        assert_eq!(world.sent_on(&kauri, case).await[..1], [(1, day("2026-07-27"))]);
    }
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_reminder_that_waits_for_its_yes_does_not_outlive_the_due_date, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &seven_ahead()).await;
    chasing_after(&world, &kauri, 1).await;
    world.settings(&kauri, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
    world.at_local(&kauri, day("2026-07-17"), 12).await;
    world.invoices(&kauri, &[due_soon("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    assert_eq!(world.letters(&kauri).await[0].status, LetterStatus::AwaitingConsent);
    world.days(&kauri, 7).await;
    assert_eq!(world.letters(&kauri).await[0].status, LetterStatus::Cancelled);
    assert_eq!(world.case(&kauri, case).await.next_step, 1, "passed over on the due date");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_reminder_follows_a_due_date_that_moves, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &seven_ahead()).await;
    world.at_local(&kauri, day("2026-07-17"), 0).await;
    world.invoices(&kauri, &[due_soon("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    world.invoices(&kauri, &[Invoice { due: "2026-08-06".into(), ..due_soon("INV-1") }]).await;
    world.days(&kauri, 13).await;
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-30"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(paid_before_it_is_due_a_case_closes, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &seven_ahead()).await;
    world.at_local(&kauri, day("2026-07-17"), 12).await;
    world.invoices(&kauri, &[due_soon("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    world.days(&kauri, 1).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P-1", "120.00")]).await;
    let row = world.case(&kauri, case).await;
    assert_eq!((row.status, row.close_reason), (CaseStatus::Closed, Some(CloseReason::Paid)));
    let kinds: Vec<_> = world.letters(&kauri).await.iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds, [LetterKind::PreDueReminder], "nothing was demanded, so nobody is thanked");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(only_debtors_of_such_a_policy_are_proposed_ahead, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let ahead = save(&world.env, &kauri.viewer, None, &Draft::new("Ahead", &seven_ahead())).await.unwrap().id;
    world.at_local(&kauri, day("2026-07-17"), 12).await;
    world.invoices(&kauri, &[due_soon("INV-1"), due_soon("INV-2").debtor("Beech Ltd"), due_soon("INV-3").debtor("Cedar Ltd")]).await;
    assert_eq!(world.cases(&kauri).await.len(), 0, "nobody has the policy");
    let beech = world.debtors(&kauri).await.into_iter().find(|row| row.name == "Beech Ltd").unwrap();
    assign(&world.env, &kauri.viewer, Scope::Debtor(beech.id), Some(ahead)).await.unwrap();
    world.days(&kauri, 1).await;
    let cases = world.cases(&kauri).await;
    assert_eq!(cases.iter().map(|case| case.debtor_id).collect::<Vec<_>>(), [beech.id]);
    // One case for each debtor: nothing is proposed ahead, and each run says so.
    let grouped = TenantChanges { case_grouping: Some(CaseGrouping::PerDebtor), default_policy: Some(ahead), ..TenantChanges::default() };
    world.settings(&kauri, grouped).await;
    world.days(&kauri, 1).await;
    assert_eq!(world.cases(&kauri).await.len(), 1);
    let run = world.invoices(&kauri, &[Invoice { due: "2026-09-24".into(), ..due_soon("INV-LATER") }]).await;
    let skipped = run.skipped.unwrap();
    assert_eq!((&skipped["notRemindedAhead"], &skipped["tooEarly"]), (&2.into(), &1.into()), "{skipped}");
    let alone = TenantChanges { case_grouping: Some(CaseGrouping::PerInvoice), ..TenantChanges::default() };
    world.settings(&kauri, alone).await;
    world.intake(&kauri, IntegrationChanges { auto_approve: Some(true), ..IntegrationChanges::default() }).await;
    world.days(&kauri, 2).await;
    let sent: Vec<_> = world.letters(&kauri).await.into_iter().map(|letter| letter.kind).collect();
    assert_eq!(sent, [LetterKind::PreDueReminder; 2], "approved by itself, due at once");
    invariants::hold(&world, &[kauri]).await;
});
