//! Steps that a person does: the case waits, and goes on when somebody says what came of it.

use domain::{
    RefusalCode,
    case::{hold, resume},
    policy::{Ladder, Step, three_weekly_letters},
    task::{call_from, complete, skip},
    tenant::{ContactLimits, TenantChanges},
};
use entity::{CaseStatus, HoldReason, Role, StepAction, WorkTaskKind, WorkTaskStatus};

use crate::{
    invariants,
    sheet::Payment,
    world::{Creditor, World, code, day, migrate, refused},
};

/// A letter, three days later a call with two days' time, two days after that the final notice.
pub fn letter_call_letter() -> Ladder {
    let mut ladder = three_weekly_letters();
    let call = Step {
        name: "Call".into(),
        action: StepAction::CallTask,
        wait_days: 3,
        pay_within_days: 2,
        channels: vec![],
        fallback: vec![],
        note: Some("Ask when they pay.".into()),
        ..ladder.steps[1].clone()
    };
    ladder.steps[1] = call;
    ladder.steps[2].wait_days = 2;
    ladder
}

/// The same, with the call first.
pub fn call_first() -> Ladder {
    let mut ladder = letter_call_letter();
    ladder.steps.swap(0, 1);
    ladder.steps[0].wait_days = 0;
    ladder
}

/// A case whose letter left on the 6th and whose call is open since the 9th.
async fn called(world: &World) -> (Creditor, entity::CaseId) {
    let kauri = world.creditor().await;
    world.policy(&kauri, &letter_call_letter()).await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 3).await;
    let tasks = world.tasks(&kauri).await;
    assert_eq!(tasks.len(), 1);
    assert_eq!((tasks[0].status, tasks[0].kind, tasks[0].step), (WorkTaskStatus::Open, WorkTaskKind::Call, 1));
    assert_eq!((tasks[0].due_on, tasks[0].note.as_deref()), (day("2026-07-11"), Some("Ask when they pay.")));
    assert_eq!(world.case(&kauri, case).await.next_action_at, None, "the case waits for the person");
    (kauri, case)
}

testdb::on_both!(a_case_waits_for_a_call_and_the_next_step_counts_from_it, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = called(&world).await;
    world.days(&kauri, 8).await;
    assert_eq!((world.tasks(&kauri).await.len(), world.postbox.count()), (1, 1), "asked once, and nothing else moves");
    invariants::hold(&world, &[kauri]).await;

    let task = world.tasks(&kauri).await[0].id;
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(complete(&world.env, &kauri.viewer, task, " ").await), RefusalCode::Required);
    assert_eq!(refused(complete(&world.env, &kauri.viewer, task, &"x".repeat(501)).await).field, ["outcome"]);
    assert_eq!(code(complete(&world.env, &kauri.as_role(Role::Viewer), task, "paid soon").await), RefusalCode::Forbidden);
    assert_eq!(world.snapshot(&kauri).await, before);

    // Friday, the 17th.
    let done = complete(&world.env, &kauri.as_role(Role::Accountant), task, "promised to pay").await.unwrap();
    assert_eq!(
        (done.status, done.outcome.as_deref(), done.done_by),
        (WorkTaskStatus::Done, Some("promised to pay"), Some(kauri.viewer.user))
    );
    assert_eq!(code(complete(&world.env, &kauri.viewer, task, "again").await), RefusalCode::IllegalTransition);
    assert_eq!(code(skip(&world.env, &kauri.viewer, task, "again").await), RefusalCode::IllegalTransition);
    world.days(&kauri, 4).await;
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06")), (2, day("2026-07-20"))], "two days later is a Sunday");
    let told: Vec<String> = world.timeline(&kauri, case).await.into_iter().filter(|kind| kind.starts_with("task.")).collect();
    assert_eq!(told, ["task.opened", "task.done"]);
    invariants::hold(&world, &[kauri]).await;
});

async fn five_days_between_contacts(world: &World, of: &Creditor) {
    let contact_limits = ContactLimits { gap_days: Some(5), ..ContactLimits::default() };
    world.settings(of, TenantChanges { contact_limits, ..TenantChanges::default() }).await;
}

testdb::on_both!(a_call_is_a_contact_waits_for_its_limits_and_counts_for_the_next_letter, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &letter_call_letter()).await;
    five_days_between_contacts(&world, &kauri).await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 6).await;
    assert_eq!(world.tasks(&kauri).await.len(), 0, "due on the 9th, five days are over on Saturday, the 11th");
    assert_eq!(world.case(&kauri, case).await.postponed_because.as_deref(), Some("CONTACT_LIMIT_REACHED"));
    world.days(&kauri, 1).await;
    let task = world.tasks(&kauri).await.remove(0);
    assert_eq!(task.status, WorkTaskStatus::Open);
    world.at_local(&kauri, day("2026-07-14"), 10).await;
    complete(&world.env, &kauri.viewer, task.id, "nobody answered").await.unwrap();
    world.days(&kauri, 5).await;
    assert_eq!(world.postbox.count(), 1, "two days later is due, five are not over");
    world.days(&kauri, 1).await;
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06")), (2, day("2026-07-20"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(an_open_call_says_from_when_it_may_be_made, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = called(&world).await;
    let task = world.tasks(&kauri).await.remove(0);
    let from = async |at| call_from(&world.env.db, &task, at).await.unwrap();
    assert_eq!(from(world.env.now()).await, Some(world.env.now()), "now: the 9th, 16:00");
    five_days_between_contacts(&world, &kauri).await;
    let opening = from(world.env.now()).await.unwrap();
    world.clock.set_local(kauri.zone, day("2026-07-13"), 9);
    assert_eq!(opening, world.env.now(), "five days after the letter is a Saturday");
    skip(&world.env, &kauri.viewer, task.id, "no phone").await.unwrap();
    let skipped = world.tasks(&kauri).await.remove(0);
    assert_eq!(call_from(&world.env.db, &skipped, world.env.now()).await.unwrap(), None);
});

testdb::on_both!(a_task_that_is_passed_over_lets_the_ladder_go_on, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = called(&world).await;
    let task = world.tasks(&kauri).await[0].id;
    assert_eq!(refused(skip(&world.env, &kauri.viewer, task, "").await).field, ["reason"]);
    let skipped = skip(&world.env, &kauri.viewer, task, "no phone").await.unwrap();
    assert_eq!(skipped.status, WorkTaskStatus::Skipped);
    world.days(&kauri, 2).await;
    assert_eq!(world.case(&kauri, case).await.next_step, 2);
    world.days(&kauri, 2).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (2, day("2026-07-13")));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(money_that_arrives_while_a_task_is_open_ends_it, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = called(&world).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "120.00")]).await;
    let task = world.tasks(&kauri).await.remove(0);
    assert_eq!((task.status, task.cancelled_because.as_deref()), (WorkTaskStatus::Cancelled, Some("CASE_CLOSED")));
    assert_eq!(world.case(&kauri, case).await.status, CaseStatus::Closed);
    assert_eq!(code(complete(&world.env, &kauri.viewer, task.id, "paid").await), RefusalCode::IllegalTransition);
    world.days(&kauri, 20).await;
    assert_eq!(world.tasks(&kauri).await.len(), 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_part_payment_moves_the_task_by_its_week_and_it_is_asked_anew, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = called(&world).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    assert_eq!(world.tasks(&kauri).await[0].status, WorkTaskStatus::Cancelled);
    world.days(&kauri, 6).await;
    assert_eq!(world.tasks(&kauri).await.len(), 1, "not before the week is over");
    world.days(&kauri, 1).await;
    let tasks = world.tasks(&kauri).await;
    assert_eq!((tasks.len(), tasks[1].status, tasks[1].step), (2, WorkTaskStatus::Open, 1));
    assert_eq!(world.case(&kauri, case).await.next_step, 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_hold_ends_a_task_and_the_case_asks_again_when_it_goes_on, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = called(&world).await;
    hold(&world.env, &kauri.viewer, case, HoldReason::Disputed, day("2026-07-20"), "", None).await.unwrap();
    assert_eq!(world.tasks(&kauri).await[0].cancelled_because.as_deref(), Some("ON_HOLD"));
    invariants::hold(&world, &[kauri]).await;
    resume(&world.env, &kauri.viewer, case, None).await.unwrap();
    world.run_due().await;
    let tasks = world.tasks(&kauri).await;
    assert_eq!((tasks.len(), tasks[1].status), (2, WorkTaskStatus::Open));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_call_may_be_the_first_step_and_is_asked_once_whoever_looks, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.policy(&kauri, &call_first()).await;
    let case = world.case_under_way(&kauri).await;
    for _ in 0..3 {
        domain::escalation::advance(&world.env, kauri.tenant(), case).await.unwrap();
    }
    assert_eq!((world.tasks(&kauri).await.len(), world.postbox.count()), (1, 0));
    invariants::hold(&world, &[kauri]).await;
});
