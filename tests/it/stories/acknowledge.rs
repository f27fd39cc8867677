//! A part payment is acknowledged beside the ladder, once, while it is true; it moves no step.

use chrono::NaiveTime;
use domain::{
    RefusalCode,
    calendar::ContactWindow,
    case,
    letter::{Consent, LetterFacts, decide_consent},
    payment::{NewPayment, record, reverse},
    policy::three_weekly_letters,
    tenant::TenantChanges,
};
use entity::{CaseId, CaseStatus, Channel, ConsentMode, DeliveryStatus, HoldReason, LetterId, LetterKind, LetterStatus, PaymentId, letter};

use super::statements::asks;
use crate::{
    invariants,
    postbox::Answer,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate},
};

/// A creditor whose policy acknowledges part payments, and a case whose first letter, about 120.00, left on Monday the 6th
/// and gave until the 13th.
async fn story(world: &World) -> (Creditor, CaseId) {
    let kauri = creditor(world).await;
    let case = world.case_under_way(&kauri).await;
    (kauri, case)
}

pub(super) async fn creditor(world: &World) -> Creditor {
    let kauri = world.creditor().await;
    let mut ladder = three_weekly_letters();
    ladder.part_payment_letter = true;
    world.policy(&kauri, &ladder).await;
    kauri
}

pub(super) async fn pays(world: &World, of: &Creditor, case: CaseId, amount_minor: i64) -> PaymentId {
    let new = NewPayment { case, amount_minor, currency: "NZD".into(), received_on: world.today(of), reference: None };
    record(&world.env, &of.viewer, &new).await.unwrap().1[0]
}

/// The letters of a kind, with what they say was received and what is open, in the order in which they were issued.
pub(super) async fn of_kind(world: &World, of: &Creditor, kind: LetterKind) -> Vec<(letter::Model, i64, i64)> {
    let letters = world.letters(of).await.into_iter().filter(|l| l.kind == kind);
    letters
        .map(|l| {
            let facts: LetterFacts = serde_json::from_value(l.facts.clone()).unwrap();
            (l, facts.paid_minor, facts.outstanding_minor)
        })
        .collect()
}

/// What reached the debtor of a kind of letter: what it says was received and what is open.
pub(super) async fn reached(world: &World, of: &Creditor, kind: LetterKind) -> Vec<(i64, i64)> {
    let letters = of_kind(world, of, kind).await;
    let told = |id: LetterId| letters.iter().find(|(l, ..)| l.id == id).map(|(_, paid, open)| (*paid, *open));
    world.postbox.effects().iter().filter_map(|effect| told(effect.letter)).collect()
}

testdb::on_both!(a_part_payment_is_acknowledged_once_and_the_ladder_goes_on_a_week_later, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(20_00, 100_00)]);
    let (letter, ..) = of_kind(&world, &kauri, LetterKind::PartPayment).await.remove(0);
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone()).unwrap();
    assert_eq!(facts.pay_by, day("2026-07-15"), "a week, and not less than the letter before gave");
    let text = &world.postbox.effects().into_iter().find(|e| e.letter == letter.id).unwrap().text;
    assert!(text.contains("20.00") && text.contains("100.00"), "{text}");
    // The second letter was due on the 13th: it comes a week later, and the acknowledgement is no step.
    world.days(&kauri, 14).await;
    assert_eq!(world.sent_on(&kauri, case).await[..2], [(0, day("2026-07-06")), (1, day("2026-07-20"))]);
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await.len(), 1, "the letter since told of it too");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(payments_that_become_known_together_share_one_acknowledgement, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00"), Payment::new("INV-1", "P2", "15.00")]).await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(35_00, 85_00)]);
    // Two in one evening: the first one's letter has not left when the second one arrives.
    world.at_local(&kauri, day("2026-07-08"), 21).await;
    pays(&world, &kauri, case, 10_00).await;
    world.run_due().await;
    pays(&world, &kauri, case, 5_00).await;
    world.days(&kauri, 1).await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(35_00, 85_00), (50_00, 70_00)]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_payment_taken_back_before_its_acknowledgement_left_takes_it_along, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.at_local(&kauri, day("2026-07-08"), 21).await;
    let first = pays(&world, &kauri, case, 20_00).await;
    reverse(&world.env, &kauri.viewer, first, "typed on the wrong case").await.unwrap();
    world.days(&kauri, 1).await;
    let letters = of_kind(&world, &kauri, LetterKind::PartPayment).await;
    let states: Vec<_> = letters.iter().map(|(l, ..)| (l.status, l.cancelled_because.as_deref())).collect();
    assert_eq!(states, [(LetterStatus::Cancelled, Some("CLAIM_CHANGED"))]);

    // Of two, the one that stays is acknowledged.
    world.at_local(&kauri, day("2026-07-09"), 21).await;
    pays(&world, &kauri, case, 10_00).await;
    let second = pays(&world, &kauri, case, 30_00).await;
    reverse(&world.env, &kauri.viewer, second, "the cheque bounced").await.unwrap();
    // The 10th is Matariki, then comes the weekend.
    world.days(&kauri, 4).await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(10_00, 110_00)]);
    // Money that goes away afterwards is not acknowledged, nor is the same payment twice.
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "25.00")]).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "25.00").reversed()]).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "25.00")]).await;
    world.days(&kauri, 1).await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(10_00, 110_00), (35_00, 85_00)]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(who_was_asked_for_nothing_or_whose_policy_is_silent_gets_no_acknowledgement, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = creditor(&world).await;
    let silent = world.creditor().await;
    let case = world.case_under_way(&silent).await;
    pays(&world, &silent, case, 20_00).await;
    world.at_local(&kauri, day("2026-07-06"), 20).await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    pays(&world, &kauri, case, 20_00).await;
    world.days(&kauri, 1).await;
    assert_eq!(of_kind(&world, &kauri, LetterKind::PartPayment).await.len(), 0, "no letter left before the money came");
    assert_eq!(of_kind(&world, &silent, LetterKind::PartPayment).await.len(), 0, "the policy says nothing of it");
    invariants::hold(&world, &[kauri, silent]).await;
});

testdb::on_both!(a_credit_note_is_no_payment_and_the_last_payment_gets_thanks_alone, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    world.payments(&kauri, &[Payment::new("INV-1", "C1", "20.00").credit_note()]).await;
    assert_eq!(of_kind(&world, &kauri, LetterKind::PartPayment).await.len(), 0);
    world.at_local(&kauri, day("2026-07-08"), 21).await;
    pays(&world, &kauri, case, 60_00).await;
    pays(&world, &kauri, case, 40_00).await;
    world.days(&kauri, 2).await;
    assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Closed);
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, []);
    assert_eq!(reached(&world, &kauri, LetterKind::ThankYou).await, [(100_00, 0)]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(on_hold_nothing_is_acknowledged_and_what_waited_is_withdrawn, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.at_local(&kauri, day("2026-07-08"), 21).await;
    pays(&world, &kauri, case, 20_00).await;
    case::hold(&world.env, &kauri.viewer, case, HoldReason::Paused, day("2026-07-12"), "", None).await.unwrap();
    pays(&world, &kauri, case, 10_00).await;
    world.days(&kauri, 3).await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, []);
    let letters = of_kind(&world, &kauri, LetterKind::PartPayment).await;
    assert_eq!(letters.iter().map(|(l, ..)| l.cancelled_because.as_deref()).collect::<Vec<_>>(), [Some("ON_HOLD")]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    the_end_of_a_hold_acknowledges_nothing_late_and_what_comes_next_tells_of_all_money,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let (kauri, case) = story(&world).await;
        // Paid on Wednesday evening, disputed on Thursday before its acknowledgement could leave, settled within the day.
        world.at_local(&kauri, day("2026-07-08"), 21).await;
        pays(&world, &kauri, case, 20_00).await;
        case::hold(&world.env, &kauri.viewer, case, HoldReason::Disputed, day("2026-07-20"), "", None).await.unwrap();
        world.at_local(&kauri, day("2026-07-09"), 10).await;
        case::resume(&world.env, &kauri.viewer, case, None).await.unwrap();
        world.days(&kauri, 5).await;
        assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, []);
        // The next money is news, and its acknowledgement tells of all of it.
        pays(&world, &kauri, case, 10_00).await;
        world.days(&kauri, 1).await;
        assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(30_00, 90_00)]);
        world.days(&kauri, 14).await;
        let (.., paid, open) = of_kind(&world, &kauri, LetterKind::LetterOfDemand).await.pop().unwrap();
        assert_eq!((paid, open), (30_00, 90_00));
        invariants::hold(&world, &[kauri]).await;
    }
);

/// Contact on Mondays only, from nine to five.
async fn mondays_only(world: &World, of: &Creditor) {
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let monday = ContactWindow { weekday: 1, from: hour(9), to: hour(17) };
    world.settings(of, TenantChanges { contact_windows: Some(vec![monday]), ..TenantChanges::default() }).await;
}

/// What letters of a kind became, in the order in which they were written: the day they bear, and why they ended.
async fn became(world: &World, of: &Creditor, kind: LetterKind) -> Vec<(String, LetterStatus, Option<String>)> {
    let letters = of_kind(world, of, kind).await.into_iter();
    letters.map(|(l, ..)| (l.facts["dated_on"].as_str().unwrap().to_owned(), l.status, l.cancelled_because)).collect()
}

testdb::on_both!(
    what_grew_old_while_contact_was_closed_is_written_anew_and_leaves_with_the_figures_of_its_day,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let (kauri, case) = story(&world).await;
        mondays_only(&world, &kauri).await;
        // After five on Monday the 6th: contact opens again on the 13th.
        world.at_local(&kauri, day("2026-07-06"), 20).await;
        pays(&world, &kauri, case, 20_00).await;
        asks(&world, &kauri, case, "k1", None).await.unwrap();
        world.days(&kauri, 6).await;
        assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, []);
        world.days(&kauri, 1).await;
        let twice = |sent: &str| {
            let old = ("2026-07-06".to_owned(), LetterStatus::Cancelled, Some("LETTER_OUTDATED".to_owned()));
            vec![old, (sent.to_owned(), LetterStatus::Sent, None)]
        };
        for kind in [LetterKind::PartPayment, LetterKind::Statement] {
            assert_eq!(became(&world, &kauri, kind).await, twice("2026-07-13"));
            assert_eq!(reached(&world, &kauri, kind).await, [(20_00, 100_00)]);
        }
        let facts = of_kind(&world, &kauri, LetterKind::PartPayment).await.pop().unwrap().0.facts;
        assert_eq!(facts["pay_by"], "2026-07-20", "whole days to pay, as from any other");
        // What is owed changes while one waits: what leaves is true.
        world.at_local(&kauri, day("2026-07-13"), 20).await;
        pays(&world, &kauri, case, 10_00).await;
        world.at_local(&kauri, day("2026-07-16"), 12).await;
        pays(&world, &kauri, case, 5_00).await;
        world.days(&kauri, 4).await;
        assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(20_00, 100_00), (35_00, 85_00)]);
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(what_could_have_left_in_time_and_did_not_is_not_sent_weeks_later, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.at_local(&kauri, day("2026-07-08"), 21).await;
    pays(&world, &kauri, case, 20_00).await;
    asks(&world, &kauri, case, "k1", None).await.unwrap();
    world.switch(&kauri, false).await;
    world.at_local(&kauri, day("2026-07-20"), 8).await;
    world.switch(&kauri, true).await;
    world.days(&kauri, 1).await;
    let old = vec![("2026-07-08".to_owned(), LetterStatus::Cancelled, Some("LETTER_OUTDATED".to_owned()))];
    for kind in [LetterKind::PartPayment, LetterKind::Statement] {
        assert_eq!((became(&world, &kauri, kind).await, reached(&world, &kauri, kind).await), (old.clone(), vec![]));
    }
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(an_acknowledgement_waits_for_its_yes_beside_the_ladder_and_a_no_is_final, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.settings(&kauri, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    pays(&world, &kauri, case, 20_00).await;
    world.days(&kauri, 12).await;
    // The second letter was due on the 20th: it is asked for although the acknowledgement still waits.
    let waiting: Vec<_> = world.letters(&kauri).await.into_iter().filter(|l| l.status == LetterStatus::AwaitingConsent).collect();
    assert_eq!(waiting.iter().map(|l| l.kind).collect::<Vec<_>>(), [LetterKind::PartPayment, LetterKind::LetterOfDemand]);
    decide_consent(&world.env, &kauri.viewer, waiting[0].id, Consent::Refused).await.unwrap();
    assert_eq!(world.case(&kauri, case).await.next_step, 1, "a refused acknowledgement runs no step");
    // Less is owed by a credit note: the sum changed, the payment is no news.
    world.payments(&kauri, &[Payment::new("INV-1", "C1", "5.00").credit_note()]).await;
    assert_eq!(of_kind(&world, &kauri, LetterKind::PartPayment).await.len(), 1);
    pays(&world, &kauri, case, 10_00).await;
    let (second, paid, _) = of_kind(&world, &kauri, LetterKind::PartPayment).await.pop().unwrap();
    decide_consent(&world.env, &kauri.viewer, second.id, Consent::Granted).await.unwrap();
    world.days(&kauri, 1).await;
    assert_eq!((paid, reached(&world, &kauri, LetterKind::PartPayment).await), (30_00, vec![(30_00, 85_00)]));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(letters_beside_the_ladder_ask_as_the_policy_says_whatever_the_tenant_does, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let mut ladder = three_weekly_letters();
    (ladder.part_payment_letter, ladder.consent) = (true, Some(ConsentMode::EachLetter));
    // Its steps leave unasked: only what is beside them follows the policy's word.
    ladder.steps.iter_mut().for_each(|step| step.consent = Some(ConsentMode::Automatic));
    world.policy(&kauri, &ladder).await;
    let case = world.case_under_way(&kauri).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    pays(&world, &kauri, case, 20_00).await;
    world.run_due().await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [], "nobody said yes to it");
    let (receipt, ..) = of_kind(&world, &kauri, LetterKind::PartPayment).await.remove(0);
    assert_eq!(receipt.status, LetterStatus::AwaitingConsent);
    pays(&world, &kauri, case, 100_00).await;
    world.run_due().await;
    let (thanks, ..) = of_kind(&world, &kauri, LetterKind::ThankYou).await.remove(0);
    assert_eq!(thanks.status, LetterStatus::AwaitingConsent);
    decide_consent(&world.env, &kauri.viewer, thanks.id, Consent::Granted).await.unwrap();
    world.run_due().await;
    assert_eq!(reached(&world, &kauri, LetterKind::ThankYou).await, [(120_00, 0)]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(money_of_the_evening_before_a_long_weekend_is_acknowledged_after_it, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = story(&world).await;
    world.settings(&kauri, TenantChanges { part_payment_delay_days: Some(1), ..TenantChanges::default() }).await;
    // Friday the 10th is Matariki; the letter before gives until the 13th, the Monday.
    world.at_local(&kauri, day("2026-07-09"), 21).await;
    pays(&world, &kauri, case, 20_00).await;
    world.days(&kauri, 4).await;
    assert_eq!(reached(&world, &kauri, LetterKind::PartPayment).await, [(20_00, 100_00)]);
    let (receipt, ..) = of_kind(&world, &kauri, LetterKind::PartPayment).await.remove(0);
    let facts: LetterFacts = serde_json::from_value(receipt.facts).unwrap();
    assert_eq!(facts.pay_by, day("2026-07-16"));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    neither_a_lost_answer_nor_a_refusal_of_a_letter_beside_the_ladder_stops_the_ladder,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let (kauri, case) = story(&world).await;
        world.at_local(&kauri, day("2026-07-08"), 10).await;
        world.postbox.answer(Channel::Email, Answer::LostAfter);
        pays(&world, &kauri, case, 20_00).await;
        world.run_due().await;
        let (lost, ..) = of_kind(&world, &kauri, LetterKind::PartPayment).await.remove(0);
        assert_eq!(lost.status, LetterStatus::Sending, "nobody knows whether it arrived");
        // It may have left: the payment is told, and only the next one is news.
        world.postbox.answer(Channel::Email, Answer::Rejected);
        pays(&world, &kauri, case, 10_00).await;
        world.run_due().await;
        let (failed, paid, _) = of_kind(&world, &kauri, LetterKind::PartPayment).await.pop().unwrap();
        assert_eq!((failed.status, paid), (LetterStatus::Failed, 30_00));
        let again = domain::letter::reissue(&world.env, &kauri.viewer, failed.id).await;
        assert_eq!(code(again), RefusalCode::IllegalTransition, "it is no step that could run anew");
        assert_eq!(world.case(&kauri, case).await.next_action_at.map(|at| at > world.env.now()), Some(true));
        let unknown = world.deliveries(&kauri).await.into_iter().find(|d| d.status == DeliveryStatus::Unknown).unwrap();
        assert_eq!(unknown.letter_id, lost.id);
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(
    thanks_of_which_nobody_knows_whether_they_left_do_not_hold_a_case_that_opens_again,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        let case = world.case_under_way(&kauri).await;
        world.at_local(&kauri, day("2026-07-08"), 10).await;
        world.postbox.answer(Channel::Email, Answer::LostAfter);
        let payment = pays(&world, &kauri, case, 120_00).await;
        world.run_due().await;
        assert_eq!(of_kind(&world, &kauri, LetterKind::ThankYou).await[0].0.status, LetterStatus::Sending);
        reverse(&world.env, &kauri.viewer, payment, "the cheque bounced").await.unwrap();
        world.days(&kauri, 6).await;
        assert_eq!(world.sent_on(&kauri, case).await[..2], [(0, day("2026-07-06")), (1, day("2026-07-13"))]);
        invariants::hold(&world, &[kauri]).await;
    }
);
