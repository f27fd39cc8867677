//! Channels that fail, lose answers, refuse; and paper.

use std::{sync::Arc, time::Duration};

use domain::{
    RefusalCode,
    delivery::{Begun, MAX_ATTEMPTS, Outcome, Resolution, deliver, finish, lift, recover, resolve},
    escalation::{Decision, explain, gates::GateName},
    letter::{mark_posted, preview, reissue},
    policy::direct_agency,
    port::{Receipt, Reconciled, SendError},
};
use entity::{CaseStatus, Channel, DeliveryId, DeliveryStatus, LetterStatus, Scoped, suppression};
use futures_util::future::join_all;

use crate::{
    invariants,
    postbox::Answer,
    sheet::Invoice,
    world::{Creditor, PAST_LEASE, World, code, day, migrate},
};

async fn with_answer(world: &World, answer: Answer) -> (Creditor, entity::CaseId) {
    let kauri = world.creditor().await;
    world.postbox.answer(Channel::Email, answer);
    let case = world.case_under_way(&kauri).await;
    (kauri, case)
}

async fn only(world: &World, of: &Creditor) -> entity::delivery::Model {
    world.deliveries(of).await.remove(0)
}

testdb::on_both!(a_channel_that_is_down_for_a_while_is_tried_again, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = with_answer(&world, Answer::Transient(Some(Duration::from_mins(90)))).await;
    let row = only(&world, &kauri).await;
    assert_eq!((row.status, row.attempts, row.error_code.as_deref()), (DeliveryStatus::Scheduled, 1, Some("TRANSIENT")));
    world.at_local(&kauri, day("2026-07-06"), 10).await;
    assert_eq!(world.postbox.count(), 0, "asked to wait until 10:30");
    world.at_local(&kauri, day("2026-07-06"), 11).await;
    let sent = only(&world, &kauri).await;
    assert_eq!(sent.status, DeliveryStatus::Sent);
    assert_eq!(sent.message_id, row.message_id, "the same on every attempt");
    assert_eq!(sent.message_id, format!("<{}@dunwell.invalid>", sent.id.0.simple()), "nobody said where mails come from");
    assert_eq!(world.sent_on(&kauri, case).await.len(), 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_channel_that_stays_down_fails_the_letter_and_a_person_issues_it_anew, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    for _ in 0..MAX_ATTEMPTS {
        world.postbox.answer(Channel::Email, Answer::Transient(None));
    }
    let case = world.case_under_way(&kauri).await;
    for hour in 10..17 {
        world.at_local(&kauri, day("2026-07-06"), hour).await;
    }
    world.days(&kauri, 2).await;
    let letter = world.letters(&kauri).await.remove(0);
    assert_eq!(letter.status, LetterStatus::Failed);
    assert_eq!(world.case(&kauri, case).await.postponed_because.as_deref(), Some("LETTER_FAILED"));
    world.days(&kauri, 20).await;
    assert_eq!(world.postbox.count(), 0, "the next step does not run before this one");
    let told = explain(&world.env, kauri.tenant(), case).await.unwrap();
    assert_eq!((told.decision, told.because, told.possible_at), (Decision::Rest, Some(RefusalCode::LetterFailed), None));
    let closed: Vec<GateName> = told.checks.iter().filter(|check| !check.passed).map(|check| check.gate).collect();
    assert_eq!(closed, [GateName::Promise], "it has no instant until somebody acts");
    reissue(&world.env, &kauri.viewer, letter.id).await.unwrap();
    assert_eq!(code(reissue(&world.env, &kauri.viewer, letter.id).await), RefusalCode::IllegalTransition);
    world.run_due().await;
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-28"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_refused_address_fails_and_money_for_it_gives_the_step_back, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = with_answer(&world, Answer::Rejected).await;
    let row = only(&world, &kauri).await;
    assert_eq!((row.status, row.error_code.as_deref()), (DeliveryStatus::Failed, Some("MAILBOX_UNKNOWN")));
    world.payments(&kauri, &[crate::sheet::Payment::new("INV-1", "P1", "20.00")]).await;
    let dead = suppression::Entity::of(kauri.tenant()).one(&world.env.db).await.unwrap().expect("the address is remembered");
    lift(&world.env, &kauri.viewer, dead.id).await.unwrap();
    world.days(&kauri, 8).await;
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-13"))], "issued anew over the smaller sum, a week later");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(refused_credentials_burn_no_attempt, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = with_answer(&world, Answer::Unauthorised).await;
    for _ in 0..20 {
        world.postbox.answer(Channel::Email, Answer::Unauthorised);
    }
    world.days(&kauri, 3).await;
    let row = only(&world, &kauri).await;
    assert_eq!((row.status, row.attempts, row.error_code.as_deref()), (DeliveryStatus::Scheduled, 0, Some("UNAUTHORISED")));
    world.days(&kauri, 15).await;
    assert_eq!(world.sent_on(&kauri, case).await.first().map(|s| s.0), Some(0));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_lost_answer_is_never_sent_again_by_itself_and_a_person_decides, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = with_answer(&world, Answer::LostAfter).await;
    world.days(&kauri, 18).await;
    let row = only(&world, &kauri).await;
    assert_eq!((row.status, world.postbox.count()), (DeliveryStatus::Unknown, 1));
    assert_eq!(world.case(&kauri, case).await.postponed_because.as_deref(), Some("DELIVERY_UNKNOWN"));
    resolve(&world.env, &kauri.viewer, row.id, Resolution::WasSent).await.unwrap();
    assert_eq!(code(resolve(&world.env, &kauri.viewer, row.id, Resolution::SendAgain).await), RefusalCode::IllegalTransition);
    world.days(&kauri, 6).await;
    assert_eq!(world.postbox.count(), 1, "the step ran when the person said so; the next is a week later");
    world.days(&kauri, 1).await;
    assert_eq!(world.postbox.count(), 2);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_person_may_send_again_what_never_arrived, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = with_answer(&world, Answer::LostBefore).await;
    let row = only(&world, &kauri).await;
    resolve(&world.env, &kauri.viewer, row.id, Resolution::SendAgain).await.unwrap();
    world.run_due().await;
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06"))]);
    assert_eq!(world.postbox.count(), 1);
    invariants::hold(&world, &[kauri]).await;
});

/// Begins a hand-over and dies.
async fn orphan(world: &World) -> (Creditor, DeliveryId) {
    let (kauri, _) = with_answer(world, Answer::Transient(None)).await;
    let row = only(world, &kauri).await;
    world.clock.set_local(kauri.zone, day("2026-07-06"), 10);
    assert!(matches!(world.begin(&row).await, Begun::Go(_)));
    (kauri, row.id)
}

testdb::on_both!(an_orphaned_hand_over_is_asked_about_after_its_lease_and_not_before, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, id) = orphan(&world).await;
    world.postbox.will_say(id, Reconciled::Sent(Receipt { provider_id: None, ..Receipt::default() }));
    world.run_due().await;
    assert_eq!(only(&world, &kauri).await.status, DeliveryStatus::Sending, "somebody may still be at it");
    world.clock.age_machine(PAST_LEASE);
    world.run_due().await;
    assert_eq!(only(&world, &kauri).await.status, DeliveryStatus::Sent);
    assert_eq!(world.letters(&kauri).await[0].status, LetterStatus::Sent);
    assert_eq!(world.postbox.count(), 0, "it had left before the process died");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(an_orphan_that_is_safe_to_repeat_leaves_once, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, id) = orphan(&world).await;
    world.postbox.will_say(id, Reconciled::SafeToRepeat);
    world.clock.age_machine(PAST_LEASE);
    world.run_due().await;
    assert_eq!((only(&world, &kauri).await.status, world.postbox.count()), (DeliveryStatus::Sent, 1));
    invariants::hold(&world, &[kauri]).await;
});

/// A hand-over whose process stands still for longer than its lease: the row as it began, and as another process left it.
async fn overtaken(world: &World, said: Reconciled) -> (Creditor, entity::delivery::Model, entity::delivery::Model) {
    let (kauri, _) = with_answer(world, Answer::Transient(None)).await;
    let row = only(world, &kauri).await;
    world.clock.set_local(kauri.zone, day("2026-07-06"), 10);
    let begun = world.begun(&row).await;
    world.postbox.will_say(row.id, said);
    world.clock.age_machine(PAST_LEASE);
    recover(&world.env, kauri.tenant(), row.id, false).await.unwrap();
    let left = only(world, &kauri).await;
    (kauri, begun, left)
}

testdb::on_both!(a_late_answer_to_one_hand_over_is_not_the_answer_to_the_next_one, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, first, row) = overtaken(&world, Reconciled::SafeToRepeat).await;
    let second = world.begun(&row).await;
    let too_late = SendError::Transient { message: "the hand-over could not start in time".into(), retry_after: None };
    for late in [Outcome::Answered(Err(too_late)), Outcome::Reconciled(Reconciled::SafeToRepeat)] {
        finish(&world.env, &first, late).await.unwrap();
        assert_eq!(only(&world, &kauri).await.status, DeliveryStatus::Sending, "the second one is under way");
    }
    finish(&world.env, &second, Outcome::Answered(Ok(Receipt::default()))).await.unwrap();
    world.days(&kauri, 1).await;
    assert_eq!((only(&world, &kauri).await.status, world.postbox.count()), (DeliveryStatus::Sent, 0), "nobody hands it over again");
    invariants::hold(&world, &[kauri]).await;
});

/// The channel took the letter when nobody expected its answer any more.
async fn taken_after_all(world: &World, said: Reconciled) {
    let (kauri, first, _) = overtaken(world, said).await;
    finish(&world.env, &first, Outcome::Answered(Ok(Receipt::default()))).await.unwrap();
    world.days(&kauri, 1).await;
    let row = only(world, &kauri).await;
    assert_eq!((row.status, row.next_attempt_at, world.postbox.count()), (DeliveryStatus::Sent, None, 0), "it does not leave again");
    assert_eq!(world.cases(&kauri).await[0].next_step, 1);
    invariants::hold(world, &[kauri]).await;
}

testdb::on_both!(what_its_channel_took_after_all_does_not_leave_again, with("product", migrate), |db| async move {
    taken_after_all(&World::new(db).await, Reconciled::SafeToRepeat).await;
});

testdb::on_both!(what_its_channel_took_after_all_needs_no_person, with("product", migrate), |db| async move {
    taken_after_all(&World::new(db).await, Reconciled::Unknown).await;
});

testdb::on_both!(an_orphan_of_which_nobody_knows_waits_for_a_person, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = orphan(&world).await;
    world.clock.age_machine(PAST_LEASE);
    world.days(&kauri, 10).await;
    assert_eq!((only(&world, &kauri).await.status, world.postbox.count()), (DeliveryStatus::Unknown, 0));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(an_orphan_of_a_case_that_was_paid_meanwhile_is_not_repeated, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, id) = orphan(&world).await;
    world.postbox.will_say(id, Reconciled::SafeToRepeat);
    world.payments(&kauri, &[crate::sheet::Payment::new("INV-1", "P1", "120.00")]).await;
    world.clock.age_machine(PAST_LEASE);
    world.days(&kauri, 2).await;
    assert_eq!(world.deliveries(&kauri).await[0].status, DeliveryStatus::Cancelled);
    assert_eq!(world.postbox.count(), 1, "only the thanks");
    assert_eq!(world.cases(&kauri).await[0].status, CaseStatus::Closed);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(many_workers_at_one_delivery_send_it_once, with("product", migrate), |db| async move {
    let world = Arc::new(World::new(db).await);
    let (kauri, _) = with_answer(&world, Answer::Transient(None)).await;
    let id = only(&world, &kauri).await.id;
    world.clock.set_local(kauri.zone, day("2026-07-06"), 10);
    let workers = (0..16).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { deliver(&world.env, kauri.tenant(), id).await })
    });
    for worker in join_all(workers).await {
        worker.unwrap().unwrap();
    }
    assert_eq!(world.postbox.count(), 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(who_has_no_other_way_gets_paper_and_the_step_runs_when_it_was_posted, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1").by_post()]).await;
    let case = world.approve_all(&kauri).await[0];
    world.days(&kauri, 9).await;
    let letter = world.letters(&kauri).await.remove(0);
    let row = only(&world, &kauri).await;
    assert_eq!((row.channel, row.status), (Channel::Post, DeliveryStatus::ReadyToPost));
    assert_eq!(row.recipient, "Aroha Ltd, 1 Queen Street, Auckland, NZ");
    assert_eq!((letter.status, world.letters(&kauri).await.len()), (LetterStatus::Sending, 1), "the next step waits for the first");
    for (on, expected) in [("2026-07-05", RefusalCode::OutOfRange), ("2026-07-16", RefusalCode::OutOfRange)] {
        assert_eq!(code(mark_posted(&world.env, &kauri.viewer, letter.id, day(on)).await), expected);
    }
    let posted = mark_posted(&world.env, &kauri.viewer, letter.id, day("2026-07-14")).await.unwrap();
    assert_eq!((posted.status, posted.posted_on), (LetterStatus::Sent, Some(day("2026-07-14"))));
    let again = mark_posted(&world.env, &kauri.viewer, letter.id, day("2026-07-14")).await;
    assert_eq!(code(again), RefusalCode::IllegalTransition);
    world.days(&kauri, 6).await;
    assert_eq!(world.letters(&kauri).await.len(), 1);
    world.days(&kauri, 1).await;
    assert_eq!(world.letters(&kauri).await.len(), 2);
    assert_eq!(world.case(&kauri, case).await.next_step, 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(paper_that_was_not_posted_before_the_money_came_is_not_to_be_posted_any_more, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1").by_post()]).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, day("2026-07-06"), 9).await;
    let letter = world.letters(&kauri).await.remove(0);
    world.payments(&kauri, &[crate::sheet::Payment::new("INV-1", "P1", "120.00")]).await;
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(mark_posted(&world.env, &kauri.viewer, letter.id, day("2026-07-06")).await), RefusalCode::IllegalTransition);
    assert_eq!(world.snapshot(&kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});

/// The words of the short messages that reached debtors.
fn messages(world: &World) -> Vec<String> {
    world.postbox.effects().into_iter().filter(|effect| effect.channel == Channel::Sms).map(|effect| effect.text).collect()
}

testdb::on_both!(a_short_message_names_the_letter_only_when_one_goes_along, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let reachable = |number: &str, name: &str| Invoice::new(number).debtor(name).phone("021 123 4567");
    let alone = Invoice { email: String::new(), ..reachable("INV-1", "Alone Ltd") };
    world.invoices(&kauri, &[alone]).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, world.today(&kauri), 9).await;
    let row = only(&world, &kauri).await;
    let seen = preview(&world.env.db, &world.letters(&kauri).await[0]).await.unwrap();
    let told = messages(&world).remove(0);
    assert!(told.contains("as stated on our invoice") && !told.contains("letter"), "{told}");
    let (shown, size) = seen.sms.unwrap();
    assert_eq!((&shown, i32::try_from(size.segments).ok()), (&told, row.sms_segments));

    world.invoices(&kauri, &[reachable("INV-2", "Both Ltd")]).await;
    world.approve_all(&kauri).await;
    world.run_due().await;
    let told = messages(&world).remove(1);
    assert!(told.contains("as set out in our letter"), "{told}");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_short_message_in_place_of_a_mail_that_came_back_names_no_letter, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &direct_agency()).await;
    world.postbox.answer(Channel::Email, Answer::Rejected);
    world.invoices(&kauri, &[Invoice::new("INV-1").phone("021 123 4567")]).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, world.today(&kauri), 9).await;
    world.run_due().await;
    let told = messages(&world).remove(0);
    assert!(told.contains("as stated on our invoice") && !told.contains("letter"), "{told}");
    let shown = preview(&world.env.db, &world.letters(&kauri).await[0]).await.unwrap();
    assert_eq!(shown.sms.map(|(text, _)| text), Some(told), "what left");
    invariants::hold(&world, &[kauri]).await;
});
