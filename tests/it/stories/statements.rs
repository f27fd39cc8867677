//! Statements of account: one goes out when a person asks for it, once for each time, with figures that are true; none
//! moves the ladder.

use domain::{
    RefusalCode, case,
    delivery::{Resolution, resolve},
    idempotency::{self, Once},
    letter::send_statement_in,
};
use entity::{CaseId, CaseStatus, Channel, HoldReason, LetterId, LetterKind, LetterStatus, Role, collection_case};

use super::acknowledge::{creditor, of_kind, pays, reached};
use crate::{
    invariants,
    postbox::Answer,
    sheet::{Invoice, Payment},
    world::{Creditor, World, code, day, migrate, refused},
};

/// A statement asked for under a key.
pub(super) async fn asks(world: &World, by: &Creditor, case: CaseId, key: &str, channel: Option<Channel>) -> domain::Result<LetterId> {
    let (viewer, call) = (by.viewer, Once::new(key, "caseStatementSend", &format!("{case} {channel:?}")).unwrap());
    idempotency::once(&world.env, &viewer, &call, move |change| {
        Box::pin(async move { Ok(send_statement_in(change, &viewer, case, channel).await?.id) })
    })
    .await
}

testdb::on_both!(a_statement_goes_out_once_for_each_time_that_it_is_asked_for, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    let before = world.case(&kauri, case).await;
    let first = asks(&world, &kauri, case, "k1", None).await.unwrap();
    assert_eq!(asks(&world, &kauri, case, "k1", None).await.unwrap(), first, "the same call is answered with what it did");
    assert_eq!(code(asks(&world, &kauri, case, "k2", None).await), RefusalCode::IllegalTransition, "one is on its way");
    world.run_due().await;
    assert_eq!(reached(&world, &kauri, LetterKind::Statement).await, [(20_00, 100_00)]);
    let text = &world.postbox.effects().into_iter().find(|e| e.letter == first).unwrap().text;
    assert!(text.contains("INV-1") && text.contains("120.00") && text.contains("20.00") && text.contains("100.00"), "{text}");
    let after = world.case(&kauri, case).await;
    let place = |c: &collection_case::Model| (c.status, c.next_step, c.last_step_at, c.next_action_at, c.postponed_because.clone());
    assert_eq!(place(&after), place(&before), "it moves nothing");

    world.at_local(&kauri, day("2026-07-09"), 10).await;
    let second = asks(&world, &kauri, case, "k3", Some(Channel::Email)).await.unwrap();
    assert_ne!(second, first);
    world.days(&kauri, 14).await;
    assert_eq!(reached(&world, &kauri, LetterKind::Statement).await.len(), 2);
    assert_eq!(world.sent_on(&kauri, case).await[..2], [(0, day("2026-07-06")), (1, day("2026-07-20"))]);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_statement_that_a_payment_made_untrue_is_withdrawn, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.at_local(&kauri, day("2026-07-08"), 21).await;
    asks(&world, &kauri, case, "k1", None).await.unwrap();
    world.run_due().await;
    pays(&world, &kauri, case, 20_00).await;
    world.days(&kauri, 1).await;
    let letters = of_kind(&world, &kauri, LetterKind::Statement).await;
    assert_eq!(letters.iter().map(|(l, ..)| l.cancelled_because.as_deref()).collect::<Vec<_>>(), [Some("CLAIM_CHANGED")]);
    assert_eq!(world.case(&kauri, case).await.next_step, 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(
    a_case_on_hold_gets_its_statement_and_a_first_letter_is_still_the_first_after_one,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = creditor(&world).await;
        world.at_local(&kauri, day("2026-07-06"), 20).await;
        world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
        let case = world.approve_all(&kauri).await[0];
        world.at_local(&kauri, day("2026-07-07"), 8).await;
        case::hold(&world.env, &kauri.viewer, case, HoldReason::Paused, day("2026-07-08"), "", None).await.unwrap();
        world.at_local(&kauri, day("2026-07-08"), 10).await;
        asks(&world, &kauri, case, "k1", None).await.unwrap();
        world.run_due().await;
        assert_eq!(reached(&world, &kauri, LetterKind::Statement).await, [(0, 120_00)]);
        world.at_local(&kauri, day("2026-07-08"), 20).await;
        case::resume(&world.env, &kauri.viewer, case, None).await.unwrap();
        // Who got a statement only was asked for nothing: there is nothing to acknowledge.
        pays(&world, &kauri, case, 20_00).await;
        world.run_due().await;
        assert_eq!(of_kind(&world, &kauri, LetterKind::PartPayment).await.len(), 0);
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(a_statement_is_refused_where_none_makes_sense_and_nothing_changes, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let neighbour = world.creditor().await;
    let theirs = world.case_under_way(&neighbour).await;
    let case = world.case_under_way(&kauri).await;
    world.invoices(&kauri, &[Invoice::new("INV-2").debtor("Proposed Ltd")]).await;
    let proposed = world.cases(&kauri).await.into_iter().find(|c| c.status == CaseStatus::Proposed).unwrap().id;
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(asks(&world, &kauri, theirs, "k1", None).await), RefusalCode::NotFound);
    assert_eq!(code(asks(&world, &kauri, proposed, "k2", None).await), RefusalCode::IllegalTransition);
    assert_eq!(code(asks(&world, &kauri, case, "k3", Some(Channel::Sms)).await), RefusalCode::ChannelUnavailable);
    let by_post = refused(asks(&world, &kauri, case, "k4", Some(Channel::Post)).await);
    assert_eq!((by_post.code, by_post.field), (RefusalCode::DebtorIncomplete, vec!["channel".to_owned()]));
    let looks_on = Creditor { viewer: kauri.as_role(Role::Viewer), ..kauri };
    assert_eq!(code(asks(&world, &looks_on, case, "k5", None).await), RefusalCode::Forbidden);
    assert_eq!(world.snapshot(&kauri).await, before);

    world.switch(&kauri, false).await;
    assert_eq!(code(asks(&world, &kauri, case, "k6", None).await), RefusalCode::AutomaticActionsOff);
    world.switch(&kauri, true).await;
    pays(&world, &kauri, case, 120_00).await;
    let before = world.snapshot(&kauri).await;
    let over = refused(asks(&world, &kauri, case, "k7", None).await);
    assert_eq!((over.code, over.field), (RefusalCode::IllegalTransition, vec!["id".to_owned()]));
    assert_eq!(world.snapshot(&kauri).await, before);
    world.run_due().await;
    invariants::hold(&world, &[kauri, neighbour]).await;
});

testdb::on_both!(no_statement_goes_to_an_address_that_came_back, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    world.postbox.answer(Channel::Email, Answer::Rejected);
    asks(&world, &kauri, case, "k1", None).await.unwrap();
    world.run_due().await;
    let statement = of_kind(&world, &kauri, LetterKind::Statement).await.remove(0).0;
    assert_eq!(statement.status, LetterStatus::Failed);
    assert_eq!(code(asks(&world, &kauri, case, "k2", None).await), RefusalCode::ContactSuppressed);
    assert_eq!(world.case(&kauri, case).await.next_step, 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_statement_of_a_case_on_hold_that_nobody_takes_can_be_sent_again, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    world.at_local(&kauri, day("2026-07-08"), 10).await;
    case::hold(&world.env, &kauri.viewer, case, HoldReason::Paused, day("2026-08-08"), "", None).await.unwrap();
    world.postbox.answer(Channel::Email, Answer::Rejected);
    asks(&world, &kauri, case, "k1", None).await.unwrap();
    world.run_due().await;
    let statement = of_kind(&world, &kauri, LetterKind::Statement).await.remove(0).0;
    assert_eq!((statement.status, statement.cancelled_because), (LetterStatus::Failed, None));
    // It is no step: who asked for it sends it again, and the hold stays.
    let failed = world.deliveries(&kauri).await.into_iter().find(|d| d.letter_id == statement.id).unwrap();
    resolve(&world.env, &kauri.viewer, failed.id, Resolution::SendAgain).await.unwrap();
    world.run_due().await;
    assert_eq!(reached(&world, &kauri, LetterKind::Statement).await, [(0, 120_00)]);
    let waiting = world.case(&kauri, case).await;
    assert_eq!((waiting.status, waiting.next_step), (CaseStatus::OnHold, 1));
    invariants::hold(&world, &[kauri]).await;
});
