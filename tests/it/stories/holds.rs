//! Standing still, always with an end.

use domain::{
    RefusalCode,
    case::{hold, resume},
};
use entity::{CaseStatus, HoldReason};

use crate::{
    invariants,
    world::{World, code, day, migrate},
};

testdb::on_both!(a_held_case_sends_nothing_until_the_day_after_its_end, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let held = hold(&world.env, &kauri.viewer, case, HoldReason::Promised, day("2026-07-29"), "pays on payday", None).await.unwrap();
    assert_eq!((held.status, held.hold_until), (CaseStatus::OnHold, Some(day("2026-07-29"))));
    world.days(&kauri, 23).await;
    assert_eq!(world.postbox.count(), 1);
    // The second step was due on the 13th; it runs on the first morning after the hold, and the third a week later.
    world.days(&kauri, 10).await;
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06")), (1, day("2026-07-30")), (2, day("2026-08-06"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_resumed_case_does_not_write_before_its_time, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    hold(&world.env, &kauri.viewer, case, HoldReason::Paused, day("2026-12-24"), "", None).await.unwrap();
    world.days(&kauri, 2).await;
    let row = resume(&world.env, &kauri.viewer, case, None).await.unwrap();
    assert_eq!((row.status, row.hold_reason, row.hold_until), (CaseStatus::Active, None, None));
    world.days(&kauri, 4).await;
    assert_eq!(world.postbox.count(), 1);
    world.days(&kauri, 1).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (1, day("2026-07-13")));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_hold_stops_the_letter_that_waits_for_the_morning, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 6).await;
    // The second letter is due at 09:00 on the 13th; its first attempt fails, and the case is held before the next.
    world.postbox.answer(entity::Channel::Email, crate::postbox::Answer::Transient(None));
    world.at_local(&kauri, day("2026-07-13"), 9).await;
    hold(&world.env, &kauri.viewer, case, HoldReason::Disputed, day("2026-07-20"), "", None).await.unwrap();
    world.days(&kauri, 7).await;
    assert_eq!(world.postbox.count(), 1);
    world.days(&kauri, 1).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (1, day("2026-07-21")));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_case_that_awaits_hand_over_goes_back_to_that_after_a_hold, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 21).await;
    assert_eq!(world.case(&kauri, case).await.status, CaseStatus::AwaitingHandover);
    hold(&world.env, &kauri.viewer, case, HoldReason::OnPlan, day("2026-08-01"), "", None).await.unwrap();
    world.days(&kauri, 10).await;
    assert_eq!(world.case(&kauri, case).await.status, CaseStatus::AwaitingHandover);
    assert_eq!(world.postbox.count(), 3);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_hold_needs_an_end_a_state_and_the_version_that_was_seen, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let seen = world.case(&kauri, case).await.version;
    let before = world.snapshot(&kauri).await;
    let try_until = async |until: &str, note: &str, version| {
        code(hold(&world.env, &kauri.viewer, case, HoldReason::Paused, day(until), note, version).await)
    };
    assert_eq!(try_until("2026-07-05", "", None).await, RefusalCode::OutOfRange);
    assert_eq!(try_until("2027-07-08", "", None).await, RefusalCode::OutOfRange);
    assert_eq!(try_until("+262142-12-31", "", None).await, RefusalCode::OutOfRange);
    assert_eq!(try_until("2026-07-08", "", Some(seen - 1)).await, RefusalCode::StaleVersion);
    assert_eq!(try_until("2026-07-08", &"x".repeat(10_000_000), Some(seen)).await, RefusalCode::TooLong);
    assert_eq!(try_until("2026-07-08", "a\u{7}", Some(seen)).await, RefusalCode::Invalid);
    assert_eq!(code(resume(&world.env, &kauri.viewer, case, None).await), RefusalCode::IllegalTransition);
    assert_eq!(world.snapshot(&kauri).await, before);
    hold(&world.env, &kauri.viewer, case, HoldReason::Paused, day("2026-07-08"), "", Some(seen)).await.unwrap();
    assert_eq!(try_until("2026-07-09", "", None).await, RefusalCode::IllegalTransition);
    assert_eq!(code(resume(&world.env, &kauri.viewer, case, Some(seen)).await), RefusalCode::StaleVersion);
    invariants::hold(&world, &[kauri]).await;
});
