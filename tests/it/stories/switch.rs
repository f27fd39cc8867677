//! The master switch, and coming back after a long time.

use domain::{
    RefusalCode,
    escalation::explain,
    policy::{Ladder, three_weekly_letters},
};
use entity::{CaseStatus, LetterStatus};

use crate::{
    invariants,
    postbox::Answer,
    sheet::Invoice,
    world::{World, day, migrate},
};

testdb::on_both!(off_nothing_leaves_and_on_again_each_case_takes_one_step, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1"), Invoice::new("INV-2").debtor("Beech Ltd")]).await;
    let case = world.approve_all(&kauri).await[0];
    world.switch(&kauri, false).await;
    world.days(&kauri, 40).await;
    let told = explain(&world.env, kauri.tenant(), case).await.unwrap();
    assert_eq!((told.because, told.possible_at), (Some(RefusalCode::AutomaticActionsOff), None));
    assert_eq!((world.postbox.count(), world.letters(&kauri).await.len()), (0, 0));
    invariants::hold(&world, &[kauri]).await;
    world.switch(&kauri, true).await;
    world.days(&kauri, 6).await;
    assert_eq!(world.postbox.count(), 2, "one step for each case, nothing bursts");
    world.days(&kauri, 7).await;
    assert_eq!(world.postbox.count(), 4);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    a_letter_that_the_switch_held_back_for_weeks_leaves_with_todays_date_and_a_whole_deadline,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = world.creditor().await;
        world.postbox.answer(entity::Channel::Email, Answer::Transient(None));
        let case = world.case_under_way(&kauri).await;
        assert_eq!(world.letters(&kauri).await[0].status, LetterStatus::Sending);
        world.switch(&kauri, false).await;
        world.days(&kauri, 30).await;
        world.switch(&kauri, true).await;
        world.days(&kauri, 1).await;
        let sent: Vec<_> = world.letters(&kauri).await.into_iter().filter(|l| l.status == LetterStatus::Sent).collect();
        assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-08-06"))]);
        assert_eq!((&sent[0].facts["dated_on"], &sent[0].facts["pay_by"]), (&"2026-08-06".into(), &"2026-08-13".into()));
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(after_five_weeks_of_downtime_one_letter_per_case_leaves_then_one_a_week, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.invoices(&kauri, &[Invoice::new("INV-2").debtor("Beech Ltd")]).await;
    world.approve_all(&kauri).await;
    assert_eq!(world.postbox.count(), 2);
    // Nothing runs from Monday the 6th of July to Tuesday the 11th of August.
    world.at_local(&kauri, day("2026-08-11"), 9).await;
    assert_eq!(world.postbox.count(), 4, "the second letter of each, and no third");
    world.days(&kauri, 6).await;
    assert_eq!(world.postbox.count(), 4);
    world.days(&kauri, 1).await;
    assert_eq!(world.postbox.count(), 6);
    world.days(&kauri, 7).await;
    assert_eq!(world.sent_on(&kauri, case).await.len(), 3);
    assert_eq!(world.case(&kauri, case).await.status, CaseStatus::AwaitingHandover);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_ladder_without_hand_over_rests_when_it_ends, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let ladder = three_weekly_letters();
    world.policy(&kauri, &Ladder { steps: ladder.steps[..1].to_vec(), handover_after_days: None, ..ladder }).await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 30).await;
    let row = world.case(&kauri, case).await;
    assert_eq!((row.status, row.next_action_at, world.postbox.count()), (CaseStatus::Active, None, 1));
    invariants::hold(&world, &[kauri]).await;
});
