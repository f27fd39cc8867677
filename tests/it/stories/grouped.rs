//! Several cases of one debtor that are due together: one letter speaks for all.

use domain::{
    case::hold,
    delivery::{Begun, told},
    escalation,
    letter::{Consent, LetterFacts, decide_consent, document, preview},
    tenant::TenantChanges,
};
use entity::{CaseId, CaseStatus, ConsentMode, DeliveryStatus, HoldReason, LetterStatus, letter};
use futures_util::future::join_all;

use super::returns::bounce;
use crate::{
    invariants,
    sheet::{Invoice, Payment},
    world::{Creditor, World, day, migrate},
};

/// Two invoices of one debtor, approved together; nothing has left yet. The case that leads comes first.
pub(super) async fn two(world: &World) -> (Creditor, Vec<CaseId>) {
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1"), Invoice::new("INV-2").total("80.00")]).await;
    let mut cases = world.approve_all(&kauri).await;
    cases.sort_unstable();
    (kauri, cases)
}

/// What is open on a case.
pub(super) async fn open(world: &World, of: &Creditor, case: CaseId) -> i64 {
    world.case(of, case).await.outstanding_minor
}

pub(super) async fn opening(world: &World, of: &Creditor) {
    world.at_local(of, world.today(of), 9).await;
}

/// The lead's letter and the other one.
pub(super) async fn lead_and_follower(world: &World, of: &Creditor) -> (letter::Model, letter::Model) {
    let (mut leads, mut followers): (Vec<_>, Vec<_>) =
        world.letters(of).await.into_iter().filter(|l| l.status != LetterStatus::Cancelled).partition(|l| l.lead_id.is_none());
    assert_eq!((leads.len(), followers.len()), (1, 1));
    (leads.remove(0), followers.remove(0))
}

async fn asks_each_time(world: &World, of: &Creditor) {
    world.settings(of, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
}

testdb::on_both!(two_cases_due_on_one_day_get_one_letter_and_both_steps_ran, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two(&world).await;
    opening(&world, &kauri).await;

    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!(follower.lead_id, Some(lead.id));
    let (one, other) = (open(&world, &kauri, cases[0]).await, open(&world, &kauri, cases[1]).await);
    assert_eq!((lead.outstanding_minor, follower.outstanding_minor), (200_00, other));
    assert_eq!((lead.status, follower.status, follower.sent_at), (LetterStatus::Sent, LetterStatus::Sent, lead.sent_at));
    let facts: LetterFacts = serde_json::from_value(lead.facts.clone()).unwrap();
    assert_eq!(facts.grouped.iter().map(|m| (m.case_id, m.outstanding_minor)).collect::<Vec<_>>(), [(cases[0], one), (cases[1], other)]);
    assert_eq!(world.postbox.count(), 1, "one e-mail");
    let text = world.postbox.effects().remove(0).text;
    assert!(text.contains("200.00"), "{text}");
    for case in &cases {
        let row = world.case(&kauri, *case).await;
        assert_eq!((row.next_step, row.status), (1, CaseStatus::Active));
        assert!(row.next_action_at.is_some());
    }
    let (one, other) =
        (document(&world.env, kauri.tenant(), lead.id).await.unwrap(), document(&world.env, kauri.tenant(), follower.id).await.unwrap());
    assert_eq!(one, other, "the page of one is that of the other");

    world.days(&kauri, 7).await;
    assert_eq!((world.postbox.count(), world.letters(&kauri).await.len()), (2, 4), "the second step is one letter too");
    invariants::hold(&world, &[kauri]).await;
});

/// One of the two is paid between issuing and sending.
async fn paid_meanwhile(world: &World, paid: usize) {
    let (kauri, cases) = two(world).await;
    let invoice = world.invoice_rows(&kauri).await.into_iter().find(|i| i.case_id == Some(cases[paid])).unwrap();
    let amount = domain::money::to_decimal(invoice.total_minor, "NZD");
    let left = domain::money::to_decimal(open(world, &kauri, cases[1 - paid]).await, "NZD");
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);
    escalation::advance(&world.env, kauri.tenant(), cases[1]).await.unwrap();
    let (lead, _) = lead_and_follower(world, &kauri).await;
    assert_eq!((lead.case_id, world.deliveries(&kauri).await.len()), (cases[0], 1), "the lowest id leads");

    world.payments(&kauri, &[Payment::new(&invoice.number, "P1", &amount)]).await;
    opening(world, &kauri).await;
    let letters = world.letters(&kauri).await;
    assert_eq!(letters.iter().filter(|l| l.status == LetterStatus::Cancelled).count(), 2, "{letters:#?}");
    let effects = world.postbox.effects();
    assert!(effects.iter().all(|effect| !effect.text.contains("200.00")), "nothing of the old sum left");
    assert!(effects.iter().any(|effect| effect.text.contains(&left)), "the other case got its own letter");
    invariants::hold(world, &[kauri]).await;
}

testdb::on_both!(money_for_the_leading_case_tears_the_group, with("product", migrate), |db| async move {
    paid_meanwhile(&World::new(db).await, 0).await;
});

testdb::on_both!(money_for_another_case_tears_the_group, with("product", migrate), |db| async move {
    paid_meanwhile(&World::new(db).await, 1).await;
});

testdb::on_both!(the_last_gate_sees_what_changed_on_any_case, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two(&world).await;
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);
    escalation::advance(&world.env, kauri.tenant(), cases[0]).await.unwrap();
    let delivery = world.deliveries(&kauri).await.remove(0);
    hold(&world.env, &kauri.viewer, cases[1], HoldReason::Paused, day("2026-07-20"), "", None).await.unwrap();
    let begun = world.begin(&delivery).await;
    assert!(matches!(begun, Begun::Nothing), "{begun:?}");
    assert_eq!(world.deliveries(&kauri).await[0].status, DeliveryStatus::Cancelled);
    world.run_due().await;
    let letters = world.letters(&kauri).await;
    let sent: Vec<_> = letters.iter().filter(|l| l.status == LetterStatus::Sent).map(|l| (l.case_id, l.outstanding_minor)).collect();
    assert_eq!(sent, [(cases[0], open(&world, &kauri, cases[0]).await)]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(one_yes_and_one_no_cover_all_cases_of_a_letter, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two(&world).await;
    asks_each_time(&world, &kauri).await;
    opening(&world, &kauri).await;
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, follower.status, world.postbox.count()), (LetterStatus::AwaitingConsent, LetterStatus::AwaitingConsent, 0));
    let seen = (preview(&world.env.db, &lead).await.unwrap(), preview(&world.env.db, &follower).await.unwrap());
    assert_eq!(seen.0, seen.1, "what is seen of one is what leaves for all");
    world.days(&kauri, 1).await;
    // A yes to any of them is a yes to the letter.
    let granted = decide_consent(&world.env, &kauri.viewer, follower.id, Consent::Granted).await.unwrap();
    assert_eq!(granted.id, lead.id);
    world.run_due().await;
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, follower.status, world.postbox.count()), (LetterStatus::Sent, LetterStatus::Sent, 1));

    world.days(&kauri, 7).await;
    let waiting =
        world.letters(&kauri).await.into_iter().find(|l| l.status == LetterStatus::AwaitingConsent && l.lead_id.is_none()).unwrap();
    decide_consent(&world.env, &kauri.viewer, waiting.id, Consent::Refused).await.unwrap();
    for case in &cases {
        assert_eq!(world.case(&kauri, *case).await.next_step, 2, "the refused step is passed for both");
    }
    assert_eq!(world.postbox.count(), 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_yes_that_nobody_gives_is_asked_for_anew_for_all_at_once, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = two(&world).await;
    asks_each_time(&world, &kauri).await;
    world.settings(&kauri, TenantChanges { consent_days: Some(3), ..TenantChanges::default() }).await;
    opening(&world, &kauri).await;
    world.days(&kauri, 4).await;
    let letters = world.letters(&kauri).await;
    assert_eq!(letters.iter().filter(|l| l.status == LetterStatus::Cancelled).count(), 2);
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, follower.lead_id), (LetterStatus::AwaitingConsent, Some(lead.id)));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_letter_that_comes_back_leaves_no_case_without_a_word, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two(&world).await;
    opening(&world, &kauri).await;
    let delivery = world.deliveries(&kauri).await.remove(0);
    told(&world.env, &bounce(delivery.id)).await.unwrap();
    let stuck = world.events(&kauri).await.into_iter().filter(|e| e.kind == domain::event::kind::CASE_STUCK).filter_map(|e| e.case_id);
    let mut stuck: Vec<CaseId> = stuck.collect();
    stuck.sort_unstable();
    assert_eq!(stuck, cases);
    assert_eq!(world.case(&kauri, cases[1]).await.next_step, 1, "its step ran and is not run again");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(what_is_not_the_same_is_not_one_letter, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let dollars = Invoice { currency: "AUD".into(), ..Invoice::new("INV-2") };
    world.invoices(&kauri, &[Invoice::new("INV-1"), dollars, Invoice::new("INV-3").debtor("Totara Ltd")]).await;
    world.approve_all(&kauri).await;
    opening(&world, &kauri).await;
    assert_eq!(world.postbox.count(), 3, "another currency and another debtor are other letters");
    // The later case is at its first step when the others are at their second.
    world.days(&kauri, 6).await;
    world.invoices(&kauri, &[Invoice::new("INV-4")]).await;
    world.approve_all(&kauri).await;
    world.days(&kauri, 1).await;
    assert!(world.letters(&kauri).await.iter().all(|l| l.lead_id.is_none()));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_creditor_may_want_a_letter_for_each_case, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = two(&world).await;
    world.settings(&kauri, TenantChanges { group_letters: Some(false), ..TenantChanges::default() }).await;
    opening(&world, &kauri).await;
    assert_eq!((world.postbox.count(), world.letters(&kauri).await.len()), (2, 2));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_case_that_comes_later_is_not_written_into_a_letter, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = two(&world).await;
    asks_each_time(&world, &kauri).await;
    opening(&world, &kauri).await;
    world.invoices(&kauri, &[Invoice::new("INV-3").total("50.00")]).await;
    world.approve_all(&kauri).await;
    opening(&world, &kauri).await;
    let letters = world.letters(&kauri).await;
    assert_eq!(letters.iter().filter(|l| l.lead_id.is_some()).count(), 1);
    assert_eq!(letters.iter().filter(|l| l.lead_id.is_none()).map(|l| l.outstanding_minor).sum::<i64>(), 250_00);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(two_workers_write_one_letter, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two(&world).await;
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);
    let looks = cases.iter().chain(&cases).map(|case| escalation::advance(&world.env, kauri.tenant(), *case));
    for advanced in join_all(looks).await {
        advanced.unwrap();
    }
    let (lead, _) = lead_and_follower(&world, &kauri).await;
    assert_eq!(lead.case_id, cases[0]);
    world.run_due().await;
    assert_eq!(world.postbox.count(), 1);
    invariants::hold(&world, &[kauri]).await;
});
