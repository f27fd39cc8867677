//! Each letter waits for the creditor's yes.

use domain::{
    RefusalCode,
    debtor::{ContactChanges, update_contact},
    letter::{Consent, decide_consent},
    tenant::TenantChanges,
};
use entity::{ConsentMode, LetterStatus};

use crate::{
    invariants,
    sheet::Payment,
    world::{Creditor, World, code, day, migrate},
};

async fn asks_each_time(world: &World) -> Creditor {
    let kauri = world.creditor().await;
    world.settings(&kauri, TenantChanges { consent_mode: Some(ConsentMode::EachLetter), ..TenantChanges::default() }).await;
    kauri
}

testdb::on_both!(
    a_granted_letter_leaves_a_refused_one_does_not_and_the_next_comes_a_week_later,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let kauri = asks_each_time(&world).await;
        let case = world.case_under_way(&kauri).await;
        world.days(&kauri, 3).await;
        let first = world.letters(&kauri).await.remove(0);
        assert_eq!((first.status, world.postbox.count()), (LetterStatus::AwaitingConsent, 0));

        let granted = decide_consent(&world.env, &kauri.viewer, first.id, Consent::Granted).await.unwrap();
        assert_eq!(granted.facts["dated_on"], "2026-07-09", "dated on the day of the yes");
        world.run_due().await;
        assert_eq!(world.sent_on(&kauri, case).await, [(0, day("2026-07-09"))]);
        assert_eq!(code(decide_consent(&world.env, &kauri.viewer, first.id, Consent::Refused).await), RefusalCode::IllegalTransition);

        world.days(&kauri, 8).await;
        let second = world.letters(&kauri).await.remove(1);
        let refused = decide_consent(&world.env, &kauri.viewer, second.id, Consent::Refused).await.unwrap();
        assert_eq!(refused.status, LetterStatus::Cancelled);
        world.days(&kauri, 6).await;
        assert_eq!(world.letters(&kauri).await.len(), 2, "refused on the 17th: the third step is not due before the 24th");
        world.days(&kauri, 1).await;
        let third = world.letters(&kauri).await.remove(2);
        assert_eq!((third.step, third.status), (2, LetterStatus::AwaitingConsent));
        assert_eq!(world.postbox.count(), 1);
        invariants::hold(&world, &[kauri]).await;
    }
);

testdb::on_both!(money_that_arrives_while_a_letter_waits_for_its_yes_cancels_it, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = asks_each_time(&world).await;
    let case = world.case_under_way(&kauri).await;
    let waiting = world.letters(&kauri).await.remove(0);
    world.payments(&kauri, &[Payment::new("INV-1", "P1", "20.00")]).await;
    assert_eq!(code(decide_consent(&world.env, &kauri.viewer, waiting.id, Consent::Granted).await), RefusalCode::IllegalTransition);
    world.days(&kauri, 6).await;
    assert_eq!(world.letters(&kauri).await.len(), 1, "the step moved by one week");
    world.days(&kauri, 1).await;
    let anew = world.letters(&kauri).await.remove(1);
    assert_eq!((anew.step, anew.outstanding_minor, anew.status), (0, 100_00, LetterStatus::AwaitingConsent));
    decide_consent(&world.env, &kauri.viewer, anew.id, Consent::Granted).await.unwrap();
    world.run_due().await;
    assert_eq!(world.postbox.count(), 1);
    world.payments(&kauri, &[Payment::new("INV-1", "P2", "100.00")]).await;
    let thanks = world.letters(&kauri).await.remove(2);
    assert_eq!((thanks.status, thanks.case_id), (LetterStatus::AwaitingConsent, case));
    decide_consent(&world.env, &kauri.viewer, thanks.id, Consent::Granted).await.unwrap();
    world.days(&kauri, 1).await;
    assert_eq!(world.postbox.count(), 2, "the demand and the thanks for it");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_yes_to_a_letter_that_reaches_nobody_any_more_is_refused, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = asks_each_time(&world).await;
    world.case_under_way(&kauri).await;
    let letter = world.letters(&kauri).await.remove(0);
    let debtor = world.debtors(&kauri).await[0].id;
    let gone = ContactChanges { email: Some(String::new()), ..ContactChanges::default() };
    update_contact(&world.env, &kauri.viewer, debtor, &gone).await.unwrap();
    let before = world.snapshot(&kauri).await;
    assert_eq!(code(decide_consent(&world.env, &kauri.viewer, letter.id, Consent::Granted).await), RefusalCode::DebtorIncomplete);
    assert_eq!(world.snapshot(&kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});
