//! The ways that one letter for several cases takes: with charges, on paper, by its next way, issued anew, and when one of
//! the cases changes while it is on its way.

use std::sync::Arc;

use domain::{
    case::{hold, resume},
    delivery::{Outcome, finish, lift},
    event::kind,
    letter::{LetterFacts, mark_posted, reissue},
    port::SendError,
    print::{self, Choice},
};
use entity::{CaseId, CaseStatus, Channel, DeliveryStatus, HoldReason, LetterStatus, Scoped, delivery as deliveries, letter, suppression};
use sea_orm::QueryOrder;

use super::{
    charges::{self, GERMANY, JANUARY, german},
    grouped::{lead_and_follower, open, opening, two},
};
use crate::{
    invariants,
    postbox::{Answer, QuickRenderer},
    sheet::{Invoice, Payment},
    world::{Creditor, World, day, migrate},
};

/// Two invoices of one debtor, whose rows a story changes; nothing has left yet. The case that leads comes first.
async fn two_like(world: &World, like: &Invoice) -> (Creditor, Vec<CaseId>) {
    let kauri = world.creditor().await;
    let second = Invoice { number: "INV-2".into(), ..like.clone() }.total("80.00");
    world.invoices(&kauri, &[like.clone(), second]).await;
    let mut cases = world.approve_all(&kauri).await;
    cases.sort_unstable();
    (kauri, cases)
}

/// By e-mail, else on paper.
fn by_both() -> Invoice {
    Invoice { email: Invoice::new("INV-1").email, ..Invoice::new("INV-1").by_post() }
}

async fn pay(world: &World, of: &Creditor, case: CaseId) {
    let invoice = world.invoice_rows(of).await.into_iter().find(|row| row.case_id == Some(case)).unwrap();
    let amount = domain::money::to_decimal(invoice.total_minor, "NZD");
    world.payments(of, &[Payment::new(&invoice.number, &format!("P-{}", invoice.number), &amount)]).await;
}

/// The letters' deliveries that were not cancelled.
async fn ways(world: &World, of: &Creditor) -> Vec<deliveries::Model> {
    world.deliveries(of).await.into_iter().filter(|row| row.status != DeliveryStatus::Cancelled).collect()
}

async fn live(world: &World, of: &Creditor) -> Vec<letter::Model> {
    world.letters(of).await.into_iter().filter(|row| row.status != LetterStatus::Cancelled).collect()
}

async fn told(world: &World, of: &Creditor, case: CaseId, what: &str) -> usize {
    world.timeline(of, case).await.iter().filter(|kind| *kind == what).count()
}

fn refused() -> Outcome {
    Outcome::Answered(Err(SendError::Rejected { code: "MAILBOX_UNKNOWN".into(), message: "550 5.1.1".into() }))
}

testdb::on_both!(one_letter_states_what_each_case_is_charged, with("product", migrate), |db| async move {
    let world = World::at(db, JANUARY, Arc::new(QuickRenderer)).await;
    let linde = charges::creditor(&world, GERMANY, charges::statutory()).await;
    world.invoices(&linde, &[german(), Invoice { number: "R-2".into(), ..german() }.total("400.00")]).await;
    let cases = world.approve_all(&linde).await;
    world.at_local(&linde, day("2026-01-12"), 9).await;

    let (lead, follower) = lead_and_follower(&world, &linde).await;
    let mut owed = 0;
    for case in &cases {
        let row = world.case(&linde, *case).await;
        assert!(row.charges_minor > 40_00, "a fixed sum and interest: {row:?}");
        owed += row.outstanding_minor + row.charges_minor;
    }
    let facts: LetterFacts = serde_json::from_value(lead.facts).unwrap();
    let stated: i64 = facts.grouped.iter().map(|member| member.outstanding_minor).sum();
    assert_eq!((lead.outstanding_minor, facts.outstanding_minor, stated, world.postbox.count()), (owed, owed, owed, 1));
    assert_eq!(facts.lines.iter().map(|line| line.amount_minor).sum::<i64>(), owed, "line by line");
    let own: LetterFacts = serde_json::from_value(follower.facts).unwrap();
    assert_eq!(facts.grouped.iter().find(|m| m.case_id == follower.case_id).unwrap().outstanding_minor, own.outstanding_minor);
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(one_letter_is_one_sheet_of_a_batch_and_posting_it_runs_both_steps, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two_like(&world, &Invoice::new("INV-1").by_post()).await;
    opening(&world, &kauri).await;
    let (env, viewer) = (&world.env, &kauri.viewer);
    let (lead, _) = lead_and_follower(&world, &kauri).await;
    let batch = print::create(env, viewer, &Choice::All, false).await.unwrap();
    print::document(env, kauri.tenant(), batch.id).await.unwrap();
    let sheets = print::manifest(&env.db, kauri.tenant(), batch.id).await.unwrap();
    assert_eq!(sheets.iter().map(|entry| entry.letter).collect::<Vec<_>>(), [lead.id]);

    let posted = print::mark_posted(env, viewer, batch.id, world.today(&kauri)).await.unwrap();
    assert!(posted.left_out.is_empty());
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, lead.posted_on, lead.sent_at), (LetterStatus::Sent, Some(world.today(&kauri)), Some(world.env.now())));
    assert_eq!((follower.status, follower.posted_on, follower.sent_at), (lead.status, lead.posted_on, lead.sent_at));
    for case in cases {
        assert_eq!(world.case(&kauri, case).await.next_step, 1);
        for happened in [kind::LETTER_POSTED, kind::LETTER_SENT] {
            assert_eq!(told(&world, &kauri, case, happened).await, 1, "{happened}");
        }
    }
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_sheet_whose_case_was_paid_is_left_out_and_the_other_case_gets_its_own, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two_like(&world, &Invoice::new("INV-1").by_post()).await;
    opening(&world, &kauri).await;
    let (env, viewer) = (&world.env, &kauri.viewer);
    let (lead, _) = lead_and_follower(&world, &kauri).await;
    let batch = print::create(env, viewer, &Choice::All, false).await.unwrap();
    print::document(env, kauri.tenant(), batch.id).await.unwrap();
    pay(&world, &kauri, cases[1]).await;

    let posted = print::mark_posted(env, viewer, batch.id, world.today(&kauri)).await.unwrap();
    assert_eq!(posted.left_out, [lead.id]);
    let letters = live(&world, &kauri).await;
    assert_eq!(
        letters.iter().map(|l| (l.case_id, l.outstanding_minor)).collect::<Vec<_>>(),
        [(cases[0], open(&world, &kauri, cases[0]).await)]
    );
    let second = print::create(env, viewer, &Choice::All, false).await.unwrap();
    print::document(env, kauri.tenant(), second.id).await.unwrap();
    assert!(print::mark_posted(env, viewer, second.id, world.today(&kauri)).await.unwrap().left_out.is_empty());
    assert_eq!((world.case(&kauri, cases[0]).await.next_step, world.case(&kauri, cases[1]).await.status), (1, CaseStatus::Closed));
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(the_next_way_of_one_letter_is_that_of_all_its_cases, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    world.postbox.answer(Channel::Email, Answer::Rejected);
    let (kauri, cases) = two_like(&world, &by_both()).await;
    opening(&world, &kauri).await;
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    let paper = ways(&world, &kauri).await.into_iter().find(|row| row.channel == Channel::Post).unwrap();
    assert_eq!((paper.status, paper.letter_id), (DeliveryStatus::ReadyToPost, lead.id));
    assert_eq!((lead.status, follower.status), (LetterStatus::Sending, LetterStatus::Sending));
    // Whichever of them is named.
    mark_posted(&world.env, &kauri.viewer, follower.id, world.today(&kauri)).await.unwrap();
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, follower.status, follower.posted_on), (LetterStatus::Sent, LetterStatus::Sent, lead.posted_on));
    for case in cases {
        assert_eq!(world.case(&kauri, case).await.next_step, 1);
    }
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_letter_that_no_channel_took_is_issued_anew_for_all_its_cases, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    world.postbox.answer(Channel::Email, Answer::Rejected);
    let (kauri, cases) = two(&world).await;
    opening(&world, &kauri).await;
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, follower.status), (LetterStatus::Failed, LetterStatus::Failed));
    for case in &cases {
        assert_eq!(told(&world, &kauri, *case, kind::CASE_STUCK).await, 1, "each waits for a person");
    }
    let dead = suppression::Entity::of(kauri.tenant()).order_by_asc(suppression::Column::Id).one(&world.env.db).await.unwrap().unwrap();
    lift(&world.env, &kauri.viewer, dead.id).await.unwrap();
    reissue(&world.env, &kauri.viewer, follower.id).await.unwrap();
    world.run_due().await;
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, follower.status, lead.outstanding_minor), (LetterStatus::Sent, LetterStatus::Sent, 200_00));
    assert_eq!((world.postbox.count(), world.letters(&kauri).await.len()), (1, 4), "two of them were cancelled");
    invariants::hold(&world, &[kauri]).await;
});

/// One of the cases is paid while the letter is on its way, and then the channel refuses it.
async fn paid_on_the_way(world: &World, paid: usize) {
    let (kauri, cases) = two_like(world, &by_both()).await;
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);
    domain::escalation::advance(&world.env, kauri.tenant(), cases[0]).await.unwrap();
    let mail = ways(world, &kauri).await.remove(0);
    let mail = world.begun(&mail).await;
    pay(world, &kauri, cases[paid]).await;
    finish(&world.env, &mail, refused()).await.unwrap();
    let other = cases[1 - paid];
    assert_eq!(told(world, &kauri, other, kind::CASE_STUCK).await, 0, "nobody need act");
    world.run_due().await;
    let letter = live(world, &kauri).await.into_iter().find(|row| row.case_id == other).unwrap();
    assert_eq!((letter.lead_id, letter.outstanding_minor), (None, open(world, &kauri, other).await));
    let paper: Vec<_> = ways(world, &kauri).await.into_iter().filter(|row| row.channel == Channel::Post).collect();
    assert_eq!(paper.iter().map(|row| (row.letter_id, row.status)).collect::<Vec<_>>(), [(letter.id, DeliveryStatus::ReadyToPost)]);
    assert!(world.postbox.effects().iter().all(|effect| !effect.text.contains("200.00")), "nothing of the old sum left");
    invariants::hold(world, &[kauri]).await;
}

testdb::on_both!(a_case_that_is_paid_on_the_way_does_not_leave_the_other_one_stuck, with("product", migrate), |db| async move {
    paid_on_the_way(&World::new(db).await, 1).await;
});

testdb::on_both!(a_leading_case_that_is_paid_on_the_way_does_not_leave_the_other_one_stuck, with("product", migrate), |db| async move {
    paid_on_the_way(&World::new(db).await, 0).await;
});

testdb::on_both!(a_letter_that_fails_after_its_case_stood_still_is_issued_anew, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (kauri, cases) = two_like(&world, &by_both()).await;
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);
    domain::escalation::advance(&world.env, kauri.tenant(), cases[0]).await.unwrap();
    let mail = ways(&world, &kauri).await.remove(0);
    let mail = world.begun(&mail).await;
    for case in &cases {
        hold(&world.env, &kauri.viewer, *case, HoldReason::Paused, day("2026-07-20"), "", None).await.unwrap();
    }
    finish(&world.env, &mail, refused()).await.unwrap();
    assert!(live(&world, &kauri).await.is_empty(), "nobody wants it any more");
    for case in &cases {
        resume(&world.env, &kauri.viewer, *case, None).await.unwrap();
    }
    world.run_due().await;
    let (lead, follower) = lead_and_follower(&world, &kauri).await;
    assert_eq!((lead.status, follower.status), (LetterStatus::Sending, LetterStatus::Sending), "on paper, waiting for a stamp");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_letter_that_fails_after_a_part_payment_gives_way_to_the_next_one, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);
    domain::escalation::advance(&world.env, kauri.tenant(), case).await.unwrap();
    let mail = ways(&world, &kauri).await.remove(0);
    let mail = world.begun(&mail).await;
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    // The address itself is good, and there is no other way.
    let error = SendError::Rejected { code: "CONTENT_REFUSED".into(), message: "554 5.7.1".into() };
    finish(&world.env, &mail, Outcome::Answered(Err(error))).await.unwrap();
    assert_eq!(live(&world, &kauri).await[0].status, LetterStatus::Failed);
    assert_eq!(told(&world, &kauri, case, kind::CASE_STUCK).await, 0, "it goes on by itself");
    world.days(&kauri, 7).await;
    let letters = live(&world, &kauri).await;
    assert_eq!(letters.iter().map(|row| row.outstanding_minor).collect::<Vec<_>>(), [100_00], "{letters:#?}");
    invariants::hold(&world, &[kauri]).await;
});
