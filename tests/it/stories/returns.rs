//! What comes back: bounces, callbacks that come late and out of order, addresses that must not be used, and the next
//! way when one has failed.

use domain::{
    RefusalCode, debtor,
    delivery::{self, Begun, MAX_ATTEMPTS, Outcome, Resolution, finish, heard, told, unsubscribe},
    event::kind,
    port::{
        Reconciled, SendError,
        receipt::{DeliveryNews, Inbound, NewsOf, Trouble},
    },
    tenant::{self, TenantChanges},
};
use entity::{
    AttemptOutcome, CaseId, Channel, DeliveryId, DeliveryStatus, LetterStatus, NewsKind, Role, Scoped, SuppressionReason, attempt,
    delivery as deliveries, receipt, suppression,
};
use sea_orm::QueryOrder;
use uuid::Uuid;

use crate::{
    invariants,
    postbox::Answer,
    sheet::Invoice,
    world::{Creditor, PAST_LEASE, World, code, day, migrate},
};

/// One invoice of a debtor who has an e-mail address and a postal one; its first letter left at 09:00 by e-mail.
async fn under_way(world: &World) -> (Creditor, CaseId) {
    let kauri = world.creditor().await;
    let case = started(world, &kauri, reachable_by_all("")).await;
    (kauri, case)
}

fn reachable_by_all(phone: &str) -> Invoice {
    let email = Invoice::new("INV-1").email;
    Invoice { email, ..Invoice::new("INV-1").by_post() }.phone(phone)
}

async fn started(world: &World, kauri: &Creditor, invoice: Invoice) -> CaseId {
    world.invoices(kauri, &[invoice]).await;
    let case = world.approve_all(kauri).await[0];
    world.at_local(kauri, world.today(kauri), 9).await;
    case
}

async fn by(world: &World, of: &Creditor, channel: Channel) -> Vec<deliveries::Model> {
    world.deliveries(of).await.into_iter().filter(|row| row.channel == channel).collect()
}

fn news(id: DeliveryId, kind: NewsKind) -> DeliveryNews {
    let word = format!("{kind:?}").to_lowercase();
    DeliveryNews { of: NewsOf::Delivery(id), kind, trouble: None, mark: word.clone(), word, at: None, raw: serde_json::json!({}) }
}

/// That a message came back from an address that is none.
pub(super) fn bounce(id: DeliveryId) -> DeliveryNews {
    let suppress = Some(SuppressionReason::Bounced);
    let trouble = Trouble { code: "MAILBOX_UNKNOWN".into(), message: "550 5.1.1 nobody here".into(), suppress };
    DeliveryNews { trouble: Some(trouble), ..news(id, NewsKind::Bounced) }
}

async fn attempts(world: &World, of: &Creditor) -> Vec<attempt::Model> {
    attempt::Entity::of(of.tenant()).order_by_asc(attempt::Column::Number).all(&world.env.db).await.unwrap()
}

async fn receipts(world: &World, of: &Creditor) -> Vec<receipt::Model> {
    receipt::Entity::of(of.tenant()).order_by_asc(receipt::Column::Id).all(&world.env.db).await.unwrap()
}

async fn suppressed(world: &World, of: &Creditor) -> Vec<suppression::Model> {
    suppression::Entity::of(of.tenant()).order_by_asc(suppression::Column::Id).all(&world.env.db).await.unwrap()
}

testdb::on_both!(a_mail_that_came_back_goes_out_on_paper_and_its_step_does_not_run_again, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, case) = under_way(&world).await;
    let mail = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!(mail.status, DeliveryStatus::Sent);
    world.at_local(&kauri, day("2026-07-06"), 22).await;
    told(&world.env, &bounce(mail.id)).await.unwrap();
    world.run_due().await;
    let mail = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!((mail.status, mail.error_code.as_deref()), (DeliveryStatus::Bounced, Some("MAILBOX_UNKNOWN")));
    let paper = by(&world, &kauri, Channel::Post).await.remove(0);
    assert_eq!((paper.status, world.postbox.count()), (DeliveryStatus::Scheduled, 1), "not at night");
    world.at_local(&kauri, day("2026-07-07"), 9).await;
    assert_eq!(by(&world, &kauri, Channel::Post).await[0].status, DeliveryStatus::ReadyToPost);
    assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-06"))], "the step ran when the mail left");
    assert_eq!(world.case(&kauri, case).await.next_step, 1);
    let timeline = world.timeline(&kauri, case).await;
    for happened in [kind::DELIVERY_BOUNCED, kind::DELIVERY_REROUTED] {
        assert_eq!(timeline.iter().filter(|k| *k == happened).count(), 1, "{happened}: {timeline:?}");
    }
    // The next letter does not try the address again.
    world.at_local(&kauri, day("2026-07-13"), 9).await;
    let letters = world.letters(&kauri).await;
    assert_eq!((letters.len(), letters[1].channels.clone()), (2, serde_json::json!(["post"])));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(news_counts_once_and_never_moves_backwards, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = under_way(&world).await;
    let id = by(&world, &kauri, Channel::Email).await[0].id;
    told(&world.env, &news(id, NewsKind::Delivered)).await.unwrap();
    let after = world.snapshot(&kauri).await;
    for late in [NewsKind::Delivered, NewsKind::Delivered] {
        told(&world.env, &news(id, late)).await.unwrap();
    }
    assert_eq!(world.snapshot(&kauri).await, after, "told again");
    told(&world.env, &news(id, NewsKind::Sent)).await.unwrap();
    told(&world.env, &news(id, NewsKind::Delayed)).await.unwrap();
    let row = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!((row.status, row.provider_status.as_deref()), (DeliveryStatus::Delivered, Some("delivered")));
    assert_eq!(row.delivered_at, Some(world.env.now()));
    let moved: Vec<bool> = receipts(&world, &kauri).await.iter().map(|receipt| receipt.moved).collect();
    assert_eq!(moved, [true, false, false], "kept all the same");
    let known = world.snapshot(&kauri).await;
    told(&world.env, &bounce(DeliveryId(Uuid::from_u128(99)))).await.unwrap();
    let stranger = NewsOf::Provider(Channel::Sms, "p-unknown".into());
    told(&world.env, &DeliveryNews { of: stranger, ..bounce(id) }).await.unwrap();
    assert_eq!(world.snapshot(&kauri).await, known, "what we do not know is nobody's business");
    let by_name = NewsOf::Provider(Channel::Email, row.provider_id.unwrap());
    told(&world.env, &DeliveryNews { of: by_name, ..news(id, NewsKind::Bounced) }).await.unwrap();
    assert_eq!(by(&world, &kauri, Channel::Email).await[0].status, DeliveryStatus::Bounced, "a bounce wins over an arrival");
    world.run_due().await;
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(news_that_overtakes_its_own_answer_is_believed, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.postbox.answer(Channel::Email, Answer::Transient(None));
    let case = started(&world, &kauri, Invoice::new("INV-1")).await;
    let row = by(&world, &kauri, Channel::Email).await.remove(0);
    world.clock.set_local(kauri.zone, day("2026-07-06"), 10);
    let row = world.begun(&row).await;
    told(&world.env, &news(row.id, NewsKind::Delivered)).await.unwrap();
    let late = SendError::Unknown { message: "timed out".into() };
    finish(&world.env, &row, Outcome::Answered(Err(late))).await.unwrap();
    let row = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!((row.status, row.sending_since), (DeliveryStatus::Delivered, None));
    assert_eq!(world.sent_on(&kauri, case).await.len(), 1, "the step ran");
    let ended: Vec<_> = attempts(&world, &kauri).await.into_iter().map(|a| (a.number, a.outcome)).collect();
    assert_eq!(ended, [(1, Some(AttemptOutcome::Deferred)), (2, Some(AttemptOutcome::Accepted))]);
});

testdb::on_both!(what_died_on_the_way_leaves_an_attempt_without_an_end, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.postbox.answer(Channel::Email, Answer::Transient(None));
    started(&world, &kauri, Invoice::new("INV-1")).await;
    let row = by(&world, &kauri, Channel::Email).await.remove(0);
    world.clock.set_local(kauri.zone, day("2026-07-06"), 10);
    assert!(matches!(world.begin(&row).await, Begun::Go(_)));
    let seen = attempts(&world, &kauri).await;
    assert_eq!((seen.len(), seen[1].finished_at, seen[1].outcome), (2, None, None), "here the process died");
    assert_eq!(seen[0].code.as_deref(), Some("TRANSIENT"));
    world.postbox.will_say(row.id, Reconciled::SafeToRepeat);
    world.clock.age_machine(PAST_LEASE);
    world.run_due().await;
    let outcomes: Vec<_> = attempts(&world, &kauri).await.into_iter().map(|a| a.outcome.unwrap()).collect();
    assert_eq!(outcomes, [AttemptOutcome::Deferred, AttemptOutcome::NotTaken, AttemptOutcome::Accepted]);
    assert_eq!(world.postbox.count(), 1);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_channel_that_is_given_up_hands_over_to_the_next, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    for _ in 0..MAX_ATTEMPTS {
        world.postbox.answer(Channel::Email, Answer::Transient(None));
    }
    let case = started(&world, &kauri, reachable_by_all("")).await;
    for date in ["2026-07-06", "2026-07-07", "2026-07-08"] {
        for hour in 9..17 {
            world.at_local(&kauri, day(date), hour).await;
        }
    }
    let mail = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!((mail.status, mail.attempts), (DeliveryStatus::Failed, MAX_ATTEMPTS));
    assert_eq!(attempts(&world, &kauri).await.iter().filter(|a| a.delivery_id == mail.id).count(), 8);
    assert_eq!(by(&world, &kauri, Channel::Post).await[0].status, DeliveryStatus::ReadyToPost);
    assert_eq!(suppressed(&world, &kauri).await.len(), 0, "a server that is down blames nobody's address");
    assert_eq!((world.case(&kauri, case).await.next_step, world.letters(&kauri).await.len()), (0, 1), "paper counts once it is posted");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(when_no_way_is_left_a_person_is_told_what_to_do, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = started(&world, &kauri, Invoice::new("INV-1")).await;
    let id = by(&world, &kauri, Channel::Email).await[0].id;
    told(&world.env, &bounce(id)).await.unwrap();
    world.run_due().await;
    let events = world.events(&kauri).await;
    let stuck = events.iter().find(|event| event.kind == kind::CASE_STUCK).expect("visibly stuck");
    assert_eq!(stuck.data["because"], "LETTER_BOUNCED");
    assert!(stuck.data["advice"].as_str().unwrap().contains("correct the debtor's contact"), "{:?}", stuck.data);
    world.days(&kauri, 8).await;
    assert_eq!(world.postbox.count(), 1, "nothing more goes to the dead address");
    let waiting = world.case(&kauri, case).await;
    assert_eq!(waiting.postponed_because.as_deref(), Some("DEBTOR_INCOMPLETE"));
    let debtor = world.debtors(&kauri).await.remove(0);
    let correct = debtor::ContactChanges { email: Some("new@example.com".into()), ..debtor::ContactChanges::default() };
    debtor::update_contact(&world.env, &kauri.viewer, debtor.id, &correct).await.unwrap();
    world.days(&kauri, 2).await;
    assert_eq!(world.postbox.effects().last().unwrap().recipient, "new@example.com", "another address is another address");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(only_a_person_with_the_right_lifts_a_suppression, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = under_way(&world).await;
    let other = world.creditor().await;
    let id = by(&world, &kauri, Channel::Email).await[0].id;
    told(&world.env, &bounce(id)).await.unwrap();
    let row = suppressed(&world, &kauri).await.remove(0);
    assert_eq!((row.address.as_str(), row.reason, row.delivery_id), ("aroha@example.com", SuppressionReason::Bounced, Some(id)));
    assert_eq!(code(delivery::lift(&world.env, &kauri.as_role(Role::Viewer), row.id).await), RefusalCode::Forbidden);
    assert_eq!(code(delivery::lift(&world.env, &other.viewer, row.id).await), RefusalCode::NotFound);
    let lifted = delivery::lift(&world.env, &kauri.viewer, row.id).await.unwrap();
    assert_eq!(lifted.lifted_by, Some(kauri.viewer.user));
    assert_eq!(code(delivery::lift(&world.env, &kauri.viewer, row.id).await), RefusalCode::IllegalTransition);
    world.at_local(&kauri, day("2026-07-13"), 9).await;
    assert_eq!(world.letters(&kauri).await[1].channels, serde_json::json!(["email"]));
    // It may be learned anew.
    let again = by(&world, &kauri, Channel::Email).await[1].id;
    told(&world.env, &bounce(again)).await.unwrap();
    assert_eq!(suppressed(&world, &kauri).await.iter().filter(|row| row.lifted_at.is_none()).count(), 1);
});

testdb::on_both!(who_unsubscribes_gets_paper_and_the_case_goes_on, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.postbox.answer(Channel::Email, Answer::Transient(None));
    started(&world, &kauri, reachable_by_all("")).await;
    let mail = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!(mail.status, DeliveryStatus::Scheduled, "waits for its second attempt");
    unsubscribe(&world.env, mail.id).await.unwrap();
    unsubscribe(&world.env, mail.id).await.unwrap();
    unsubscribe(&world.env, DeliveryId(Uuid::from_u128(9))).await.unwrap();
    world.at_local(&kauri, world.today(&kauri), 10).await;
    assert_eq!(suppressed(&world, &kauri).await.len(), 1);
    let mail = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!((mail.status, mail.error_code.as_deref()), (DeliveryStatus::Failed, Some("ADDRESS_SUPPRESSED")));
    let sent: Vec<Channel> = world.postbox.effects().iter().map(|effect| effect.channel).collect();
    assert_eq!(sent, [Channel::Post]);
    assert_eq!(delivery::unsubscribe_language(&world.env, mail.id).await.unwrap().as_deref(), Some("en"));
    let paper = by(&world, &kauri, Channel::Post).await.remove(0);
    assert_eq!(delivery::unsubscribe_language(&world.env, paper.id).await.unwrap(), None, "paper has no such link");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(stop_ends_short_messages_and_other_answers_are_kept_for_a_person, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let case = started(&world, &kauri, reachable_by_all("021 123 4567")).await;
    let sms = by(&world, &kauri, Channel::Sms).await.remove(0);
    assert_eq!((sms.recipient.as_str(), sms.sms_segments), ("+64211234567", Some(1)));
    let said = |id: &str, text: &str| Inbound { from: "+64211234567".into(), id: id.into(), text: text.into(), keyword: None };
    for _ in 0..2 {
        heard(&world.env, &said("SM1", "I paid on Friday")).await.unwrap();
    }
    let kept = receipts(&world, &kauri).await;
    assert_eq!((kept.len(), kept[0].message.as_deref(), kept[0].delivery_id), (1, Some("I paid on Friday"), sms.id));
    assert_eq!(world.timeline(&kauri, case).await.iter().filter(|k| *k == kind::DELIVERY_ANSWERED).count(), 1);
    heard(&world.env, &said("SM2", "STOP")).await.unwrap();
    heard(&world.env, &Inbound { from: "+64219999999".into(), ..said("SM3", "STOP") }).await.unwrap();
    world.at_local(&kauri, day("2026-07-13"), 9).await;
    assert_eq!(world.letters(&kauri).await[1].channels, serde_json::json!(["email"]));
    heard(&world.env, &said("SM4", "Start")).await.unwrap();
    world.at_local(&kauri, day("2026-07-20"), 9).await;
    assert_eq!(world.letters(&kauri).await[2].channels, serde_json::json!(["email", "sms"]));
    let row = suppressed(&world, &kauri).await.remove(0);
    assert_eq!((row.reason, row.lifted_at.is_some(), row.lifted_by), (SuppressionReason::OptedOut, true, None));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(one_of_two_channels_that_comes_back_needs_no_other, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    started(&world, &kauri, reachable_by_all("021 123 4567")).await;
    let (mail, sms) = (by(&world, &kauri, Channel::Email).await[0].id, by(&world, &kauri, Channel::Sms).await[0].id);
    told(&world.env, &bounce(mail)).await.unwrap();
    world.run_due().await;
    assert_eq!(by(&world, &kauri, Channel::Post).await.len(), 0, "the short message arrived");
    told(&world.env, &DeliveryNews { ..news(sms, NewsKind::Undelivered) }).await.unwrap();
    world.run_due().await;
    assert_eq!(by(&world, &kauri, Channel::Post).await.len(), 1, "now nothing did");
    assert_eq!(world.letters(&kauri).await[0].status, LetterStatus::Sent);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_bounce_of_a_paid_case_sends_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, _) = under_way(&world).await;
    let id = by(&world, &kauri, Channel::Email).await[0].id;
    world.payments(&kauri, &[crate::sheet::Payment::new("INV-1", "P1", "120.00")]).await;
    told(&world.env, &bounce(id)).await.unwrap();
    world.run_due().await;
    let demand = world.letters(&kauri).await.remove(0).id;
    let tried: Vec<Channel> = world.deliveries(&kauri).await.iter().filter(|row| row.letter_id == demand).map(|row| row.channel).collect();
    assert_eq!(tried, [Channel::Email], "the demand is not repeated");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_person_sends_again_to_an_address_that_is_right_after_all, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.postbox.answer(Channel::Email, Answer::Rejected);
    let case = started(&world, &kauri, Invoice::new("INV-1")).await;
    let row = by(&world, &kauri, Channel::Email).await.remove(0);
    assert_eq!((row.status, suppressed(&world, &kauri).await.len()), (DeliveryStatus::Failed, 1), "nobody is there");
    delivery::resolve(&world.env, &kauri.viewer, row.id, Resolution::SendAgain).await.unwrap();
    assert_eq!(suppressed(&world, &kauri).await[0].lifted_by, Some(kauri.viewer.user));
    world.run_due().await;
    assert_eq!(world.sent_on(&kauri, case).await.len(), 1);
    // What the debtor does not want is not lifted by the way.
    world.postbox.answer(Channel::Email, Answer::LostBefore);
    world.at_local(&kauri, day("2026-07-13"), 9).await;
    let lost = by(&world, &kauri, Channel::Email).await.remove(1);
    unsubscribe(&world.env, lost.id).await.unwrap();
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(delivery::resolve(&world.env, &kauri.viewer, lost.id, Resolution::SendAgain).await), RefusalCode::ContactSuppressed);
    assert_eq!(world.snapshot(&kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(short_messages_stay_in_the_countries_that_were_allowed, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    started(&world, &kauri, Invoice::new("INV-1").phone("+47 406 12 345")).await;
    assert_eq!(world.letters(&kauri).await[0].channels, serde_json::json!(["email"]), "a far number costs, and fraudsters earn");
    let set = |countries: &[&str]| TenantChanges {
        sms_countries: Some(countries.iter().map(|&c| c.to_owned()).collect()),
        ..TenantChanges::default()
    };
    assert_eq!(code(tenant::update(&world.env, &kauri.viewer, &set(&["Norway"])).await), RefusalCode::Invalid);
    tenant::update(&world.env, &kauri.viewer, &set(&["NO", "AU", "NO"])).await.unwrap();
    let stored = tenant::find(&world.env.db, kauri.tenant()).await.unwrap().sms_countries;
    assert_eq!(stored, serde_json::json!(["AU", "NO"]));
    world.at_local(&kauri, day("2026-07-13"), 9).await;
    let sms = by(&world, &kauri, Channel::Sms).await;
    assert_eq!(sms.iter().map(|row| row.recipient.as_str()).collect::<Vec<_>>(), ["+4740612345"]);
    invariants::hold(&world, &[kauri]).await;
});
