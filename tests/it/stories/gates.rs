//! What keeps a letter in the building although its step is due.

use std::sync::Arc;

use domain::{
    debtor::{ContactChanges, set_exemption, update_contact},
    delivery::told,
    event::kind,
    integration::IntegrationChanges,
    letter::mark_posted,
    policy::{Step, notice_first},
};
use entity::{CaseId, CaseStatus, Channel, DeliveryStatus, LetterStatus};

use super::returns::bounce;
use crate::{
    invariants,
    postbox::{Answer, QuickRenderer},
    sheet::Invoice,
    world::{Creditor, World, day, migrate},
};

testdb::on_both!(an_exempt_debtor_is_not_proposed_and_not_chased_until_the_exemption_ends, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = world.case_under_way(&kauri).await;
    let debtor = world.debtors(&kauri).await[0].id;
    set_exemption(&world.env, &kauri.viewer, debtor, true, "bereaved", Some(day("2026-07-20"))).await.unwrap();
    world.invoices(&kauri, &[Invoice::new("INV-2")]).await;
    world.days(&kauri, 14).await;
    let row = world.case(&kauri, case).await;
    assert_eq!((row.postponed_because.as_deref(), world.postbox.count()), (Some("DEBTOR_EXEMPT"), 1));
    assert_eq!(world.cases(&kauri).await.len(), 1);
    world.days(&kauri, 1).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (1, day("2026-07-21")));
    assert_eq!(world.cases(&kauri).await.len(), 2, "the other invoice is proposed at the next midnight");
    set_exemption(&world.env, &kauri.viewer, debtor, true, "again", None).await.unwrap();
    world.days(&kauri, 30).await;
    assert_eq!(world.postbox.count(), 2);
    set_exemption(&world.env, &kauri.viewer, debtor, false, "", None).await.unwrap();
    world.days(&kauri, 1).await;
    assert_eq!(world.postbox.count(), 3, "looked at at once");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_disputed_invoice_is_not_proposed_and_a_dispute_stops_the_ladder, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let disputed = |number| Invoice { disputed: true, ..Invoice::new(number) };
    world.invoices(&kauri, &[disputed("INV-9")]).await;
    assert_eq!(world.cases(&kauri).await.len(), 0);
    let case = world.case_under_way(&kauri).await;
    world.invoices(&kauri, &[disputed("INV-1")]).await;
    world.days(&kauri, 10).await;
    assert_eq!((world.case(&kauri, case).await.postponed_because.as_deref(), world.postbox.count()), (Some("INVOICE_DISPUTED"), 1));
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    world.days(&kauri, 1).await;
    assert_eq!(world.sent_on(&kauri, case).await.len(), 2);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_debtor_whom_nothing_reaches_waits_for_a_contact, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice { email: "not an address".into(), ..Invoice::new("INV-1") }]).await;
    let case = world.approve_all(&kauri).await[0];
    world.days(&kauri, 3).await;
    assert_eq!(world.case(&kauri, case).await.postponed_because.as_deref(), Some("DEBTOR_INCOMPLETE"));
    let debtor = world.debtors(&kauri).await[0].id;
    let found = ContactChanges { email: Some("found@example.com".into()), ..ContactChanges::default() };
    update_contact(&world.env, &kauri.viewer, debtor, &found).await.unwrap();
    world.run_due().await;
    assert_eq!(world.postbox.effects()[0].recipient, "found@example.com");
    world.invoices(&kauri, &[Invoice { email: "old@example.com".into(), ..Invoice::new("INV-1") }]).await;
    assert_eq!(world.debtors(&kauri).await[0].email.as_deref(), Some("found@example.com"), "a correction outlives the next import");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(stale_facts_send_nothing_until_the_next_import, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.intake(&kauri, IntegrationChanges { freshness_hours: Some(Some(48)), ..IntegrationChanges::default() }).await;
    let case = world.case_under_way(&kauri).await;
    world.days(&kauri, 12).await;
    assert_eq!((world.case(&kauri, case).await.postponed_because.as_deref(), world.postbox.count()), (Some("FACTS_STALE"), 1));
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    world.days(&kauri, 2).await;
    assert_eq!(world.sent_on(&kauri, case).await[1], (1, day("2026-07-20")), "the first working day with fresh facts");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(letters_keep_the_hours_of_the_debtors_place, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice { country: "DE".into(), ..Invoice::new("INV-1") }]).await;
    world.approve_all(&kauri).await;
    world.at_local(&kauri, day("2026-07-06"), 12).await;
    assert_eq!(world.postbox.count(), 0, "noon in Auckland is two in the morning in Berlin");
    world.at_local(&kauri, day("2026-07-06"), 19).await;
    assert_eq!(world.postbox.count(), 1, "nine in the morning in Berlin");
    assert_eq!(world.cases(&kauri).await[0].status, CaseStatus::Active);
    invariants::hold(&world, &[kauri]).await;
});

/// A Norwegian creditor whose ladder begins with the collection notice, sent as told, and the case of a debtor who has an
/// e-mail address and a mobile phone, and perhaps a postal address.
async fn kari(world: &World, by_post: bool, goes: impl FnOnce(&mut Step)) -> (Creditor, CaseId) {
    let fjord = world.creditor_from(("NO", "NOK", "Europe/Oslo")).await;
    let mut ladder = notice_first();
    goes(&mut ladder.steps[0]);
    world.policy(&fjord, &ladder).await;
    let invoice = Invoice::new("INV-1").phone("+47 406 12 345");
    let invoice = Invoice {
        email: "kari@example.com".into(),
        currency: "NOK".into(),
        issued: "2025-11-01".into(),
        due: "2025-11-20".into(),
        ..if by_post { invoice.by_post() } else { invoice }
    };
    world.invoices(&fjord, &[invoice]).await;
    let case = world.approve_all(&fjord).await[0];
    (fjord, case)
}

testdb::on_both!(a_notice_goes_by_its_next_way_at_once_and_its_days_count_from_then, with("product", migrate), |db| async move {
    let world = World::at(db, "2026-01-12T06:00:00Z", Arc::new(QuickRenderer)).await;
    let (fjord, case) = kari(&world, true, |notice| notice.channels.push(Channel::Sms)).await;
    world.at_local(&fjord, day("2026-01-12"), 9).await;
    world.at_local(&fjord, day("2026-01-12"), 10).await;
    let ways = || world.postbox.effects().into_iter().map(|effect| effect.channel).collect::<Vec<_>>();
    assert_eq!(ways(), [Channel::Email, Channel::Sms], "the short message follows its notice on the same day");
    for row in world.deliveries(&fjord).await {
        told(&world.env, &bounce(row.id)).await.unwrap();
    }
    world.at_local(&fjord, day("2026-01-14"), 10).await;
    assert_eq!(ways(), [Channel::Email, Channel::Sms, Channel::Post]);
    let letter = world.letters(&fjord).await.remove(0);
    mark_posted(&world.env, &fjord.viewer, letter.id, day("2026-01-14")).await.unwrap();
    world.days(&fjord, 14).await;
    let waits = world.case(&fjord, case).await;
    assert_eq!((waits.status, waits.postponed_because.as_deref()), (CaseStatus::Active, Some("NOTICE_PERIOD")), "the 28th is its last day");
    world.days(&fjord, 1).await;
    assert_eq!(world.case(&fjord, case).await.status, CaseStatus::AwaitingHandover);
    invariants::hold(&world, &[fjord]).await;
});

/// The notice of a Norwegian case goes by these ways, and its e-mail comes back; what then left by the 14th.
async fn notice_comes_back(world: &World, channels: &[Channel], fallback: &[Channel]) -> Vec<Channel> {
    let goes = |notice: &mut Step| (notice.channels, notice.fallback) = (channels.to_vec(), fallback.to_vec());
    let (fjord, _) = kari(world, true, goes).await;
    for hour in [9, 10] {
        world.at_local(&fjord, day("2026-01-12"), hour).await;
    }
    let mail = world.deliveries(&fjord).await.into_iter().find(|row| row.channel == Channel::Email).unwrap();
    told(&world.env, &bounce(mail.id)).await.unwrap();
    world.at_local(&fjord, day("2026-01-14"), 10).await;
    invariants::hold(world, &[fjord]).await;
    world.postbox.effects().into_iter().map(|effect| effect.channel).collect()
}

testdb::on_both!(a_notice_that_came_back_does_not_rest_on_its_short_message, with("product", migrate), |db| async move {
    let world = World::at(db, "2026-01-12T06:00:00Z", Arc::new(QuickRenderer)).await;
    let left = notice_comes_back(&world, &[Channel::Email, Channel::Sms], &[Channel::Post]).await;
    assert_eq!(left, [Channel::Email, Channel::Sms, Channel::Post], "the message told of a notice that nobody got");
});

testdb::on_both!(a_notice_never_leaves_by_short_message_alone, with("product", migrate), |db| async move {
    let world = World::at(db, "2026-01-12T06:00:00Z", Arc::new(QuickRenderer)).await;
    let goes = |notice: &mut Step| (notice.channels, notice.fallback) = (vec![Channel::Email, Channel::Sms], Vec::new());
    let (fjord, case) = kari(&world, false, goes).await;
    world.postbox.answer(Channel::Email, Answer::Rejected);
    world.at_local(&fjord, day("2026-01-12"), 9).await;
    world.days(&fjord, 20).await;
    assert_eq!(world.postbox.count(), 0, "a short message alone is no notice");
    let sms = world.deliveries(&fjord).await.into_iter().find(|row| row.channel == Channel::Sms).unwrap();
    assert_eq!((sms.status, sms.error_code.as_deref()), (DeliveryStatus::Failed, Some("NOTICE_NEEDS_ANOTHER_CHANNEL")));
    assert_eq!(world.letters(&fjord).await[0].status, LetterStatus::Failed);
    let stuck = world.case(&fjord, case).await;
    assert_eq!((stuck.status, stuck.next_step, stuck.postponed_because.as_deref()), (CaseStatus::Active, 0, Some("LETTER_FAILED")));
    let events = world.events(&fjord).await;
    let told: Vec<_> =
        events.into_iter().filter(|event| event.kind == kind::CASE_STUCK).map(|event| event.data["advice"].clone()).collect();
    assert!(matches!(&told[..], [advice] if advice.as_str().is_some_and(|text| text.contains("correct the debtor's contact"))), "{told:?}");
    invariants::hold(&world, &[fjord]).await;
});
