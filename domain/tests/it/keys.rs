//! Lending, renewing and losing keys, over two processes.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    Env, Viewer, credential,
    integration::{IntegrationChanges, connect::finish, paste, rotate},
    port::{SourceError, access::Access, connect::PastedKeys, vault::ExposeSecret},
};
use entity::{IntegrationId, IntegrationStatus, Provider as Books};

use crate::{
    provider::{Answer, CANARY},
    world::{World, migrate},
};

async fn joined(world: &World) -> (Viewer, IntegrationId) {
    let owner = world.owner().await;
    let finished = world.consent(&owner, &["org"], &[]).await.unwrap();
    (owner, finished.integrations[0].id)
}

async fn access(env: &Env, (owner, id): &(Viewer, IntegrationId)) -> Arc<dyn Access> {
    credential::access(env, owner.tenant, *id).await.unwrap()
}

fn key(n: u32) -> String {
    format!("{CANARY}-{n}")
}

async fn lent(access: &dyn Access) -> (String, i64) {
    let lent = access.lend().await.unwrap();
    (lent.keys.expose_secret().to_owned(), lent.version)
}

testdb::on_both!(keys_are_lent_as_they_are_while_they_are_good, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let link = joined(&world).await;
    world.clock.pass(TimeDelta::minutes(28));
    assert_eq!(lent(access(&world.env, &link).await.as_ref()).await, (key(1), 1));
    assert!(world.xero.renewals().is_empty());
});

testdb::on_both!(two_processes_that_need_new_keys_at_once_renew_them_once, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let link = joined(&world).await;
    world.clock.pass(TimeDelta::minutes(30));
    let other = world.other_process().await;
    let tasks: Vec<_> = [&world.env, &other, &world.env, &other, &world.env, &other]
        .into_iter()
        .map(|env| {
            let (env, link) = (env.clone(), link);
            tokio::spawn(async move { lent(access(&env, &link).await.as_ref()).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), (key(2), 2));
    }
    assert_eq!(world.xero.renewals(), [key(1)], "one renewal for all");
    let row = &world.credentials(link.0.tenant).await[0];
    assert_eq!((row.version, row.renewing_since), (2, None));
});

testdb::on_both!(a_lost_answer_is_asked_for_again_with_the_same_keys, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let link = joined(&world).await;
    world.clock.pass(TimeDelta::minutes(30));
    world.xero.will(&[Answer::Lost, Answer::Lost, Answer::Lost, Answer::New]);
    let access = access(&world.env, &link).await;
    assert!(matches!(access.lend().await, Err(SourceError::Unavailable(_))));
    assert_eq!(world.credentials(link.0.tenant).await[0].renewing_since, None, "nobody waits for a renewal that is over");
    assert_eq!(lent(access.as_ref()).await, (key(2), 2));
    assert_eq!(world.xero.renewals(), [key(1), key(1), key(1), key(1)], "always the old keys");
    assert_eq!(world.row(link.0.tenant, link.1).await.status, IntegrationStatus::Active);
});

testdb::on_both!(
    a_process_that_dies_between_answer_and_store_is_followed_by_one_with_the_old_keys,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let link = joined(&world).await;
        world.clock.pass(TimeDelta::minutes(30));
        world.xero.will(&[Answer::NewLater]);
        let first = access(&world.env, &link).await;
        tokio::select! {
            _ = first.lend() => panic!("it got no answer"),
            () = world.xero.reached.notified() => {}
        }
        // Dropped in the middle; its lease still holds.
        let other = access(&world.other_process().await, &link).await;
        let waits = tokio::time::timeout(Duration::from_millis(500), other.lend()).await;
        assert!(waits.is_err(), "the lease holds");
        world.clock.pass(TimeDelta::seconds(41));
        assert_eq!(lent(other.as_ref()).await, (key(2), 2));
        assert_eq!(world.xero.renewals(), [key(1), key(1)]);
    }
);

testdb::on_both!(refused_keys_stop_every_integration_that_shares_them_and_no_other, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let shared = world.consent(&owner, &["a", "b"], &["a", "b"]).await.unwrap().integrations;
    let apart = world.consent(&owner, &["c"], &[]).await.unwrap().integrations[0].id;
    assert_eq!(world.credentials(owner.tenant).await.len(), 2);
    world.clock.pass(TimeDelta::minutes(30));
    world.xero.will(&[Answer::Refused]);
    let before = world.changes(owner.tenant, shared[0].id).await;
    let access = credential::access(&world.env, owner.tenant, shared[0].id).await.unwrap();
    assert!(matches!(access.lend().await, Err(SourceError::Unauthorised(_))));
    for row in &shared {
        let row = world.row(owner.tenant, row.id).await;
        assert_eq!(row.status, IntegrationStatus::NeedsReauthorization);
        assert_eq!(row.health_code.as_deref(), Some("PROVIDER_UNAUTHORIZED"));
        assert!(row.health_message.unwrap().contains("Connect this integration again") && row.failing_since.is_some());
        assert_eq!(world.changes(owner.tenant, row.id).await, before + 1, "each tells it once");
    }
    assert_eq!(world.row(owner.tenant, apart).await.status, IntegrationStatus::Active);
    // Nobody asks the provider again until a person connects.
    let sibling = credential::access(&world.env, owner.tenant, shared[1].id).await.unwrap();
    assert!(matches!(sibling.lend().await, Err(SourceError::Unauthorised(_))));
    assert_eq!(world.xero.renewals().len(), 1);
});

testdb::on_both!(a_refusal_that_comes_after_a_person_connected_again_changes_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let link = joined(&world).await;
    world.clock.pass(TimeDelta::minutes(30));
    world.xero.will(&[Answer::RefusedLater]);
    let access = access(&world.env, &link).await;
    let renewing = tokio::spawn(async move { lent(access.as_ref()).await });
    world.xero.reached.notified().await;
    world.begin(&link.0, Some(link.1)).await;
    finish(&world.env, &link.0, Books::Xero, &world.state(), &"code".into(), &[]).await.unwrap();
    world.xero.go_on.notify_one();
    assert_eq!(renewing.await.unwrap(), (key(2), 2), "the person's keys");
    assert_eq!(world.row(link.0.tenant, link.1).await.status, IntegrationStatus::Active);
});

testdb::on_both!(renewed_keys_that_come_after_a_person_connected_again_are_dropped, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let link = joined(&world).await;
    world.clock.pass(TimeDelta::minutes(30));
    world.xero.will(&[Answer::NewLater]);
    let access = access(&world.env, &link).await;
    let renewing = tokio::spawn(async move { lent(access.as_ref()).await });
    world.xero.reached.notified().await;
    world.begin(&link.0, Some(link.1)).await;
    finish(&world.env, &link.0, Books::Xero, &world.state(), &"code".into(), &[]).await.unwrap();
    world.xero.go_on.notify_one();
    assert_eq!(renewing.await.unwrap(), (key(2), 2), "the person's keys, not the third ones");
    assert_eq!(world.credentials(link.0.tenant).await[0].version, 2);
});

testdb::on_both!(keys_refused_by_a_call_are_renewed_unless_somebody_did_already, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let link = joined(&world).await;
    let access = access(&world.env, &link).await;
    let old = access.lend().await.unwrap();
    assert_eq!(access.refused(&old).await.unwrap().version, 2, "renewed though they had not run out");
    assert_eq!(access.refused(&old).await.unwrap().version, 2, "the newer ones are lent");
    assert_eq!(world.xero.renewals(), [key(1)]);
});

testdb::on_both!(pasted_keys_that_are_refused_wait_for_a_person_and_work_again_with_new_ones, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    world.xentral.opens(&["acme"]);
    let pasted = |key: &str| PastedKeys { address: Some("https://acme.example".into()), key: key.into() };
    let row = paste::connect(&world.env, &owner, Books::Xentral, &pasted("canary-old"), &IntegrationChanges::default()).await.unwrap();
    let access = credential::access(&world.env, owner.tenant, row.id).await.unwrap();
    let old = access.lend().await.unwrap();
    assert!(matches!(access.refused(&old).await, Err(SourceError::Unauthorised(_))));
    assert_eq!(world.row(owner.tenant, row.id).await.status, IntegrationStatus::NeedsReauthorization);
    let keys = PastedKeys { address: None, key: "canary-new".into() };
    let row = rotate::keys(&world.env, &owner, row.id, keys).await.unwrap();
    assert_eq!((row.status, row.health_code), (IntegrationStatus::Active, None));
    assert_eq!(row.account.unwrap()["baseUrl"], "https://acme.example", "its own address");
    assert_eq!(lent(access.as_ref()).await, ("canary-new".into(), 2));
    assert_eq!(world.credentials(owner.tenant).await.len(), 1);
});
