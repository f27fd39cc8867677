//! Settings of connected systems, pasted keys, pause and resume.

use domain::{
    RefusalCode,
    integration::{IntegrationChanges, paste, rotate, set_paused, update},
    port::connect::{ConnectError, PastedKeys},
};
use entity::{IntegrationStatus, Provider as Books, Scoped, debtor};
use sea_orm::QueryOrder;

use crate::{
    provider::{Answer, overdue},
    world::{World, code, migrate},
};

fn key(address: Option<&str>, key: &str) -> PastedKeys {
    PastedKeys { address: address.map(str::to_owned), key: key.into() }
}

testdb::on_both!(settings_stay_within_what_the_system_allows, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    let before = world.row(owner.tenant, id).await;
    let none = IntegrationChanges::default;
    let refused = [
        (IntegrationChanges { poll_minutes: Some(4), ..none() }, RefusalCode::OutOfRange),
        (IntegrationChanges { poll_minutes: Some(1_441), ..none() }, RefusalCode::OutOfRange),
        (IntegrationChanges { minimum_days_overdue: Some(29), ..none() }, RefusalCode::OutOfRange),
        (IntegrationChanges { write_back: Some(true), ..none() }, RefusalCode::Invalid),
        (IntegrationChanges { excluded_groups: Some(vec!["x".repeat(101)]), ..none() }, RefusalCode::TooLong),
        (IntegrationChanges { excluded_groups: Some(vec!["x".into(); 101]), ..none() }, RefusalCode::LimitExceeded),
        (IntegrationChanges { excluded_groups: Some(vec![" ".into()]), ..none() }, RefusalCode::Invalid),
    ];
    for (changes, expected) in refused {
        assert_eq!(code(update(&world.env, &owner, id, &changes).await), expected, "{changes:?}");
    }
    assert_eq!(world.row(owner.tenant, id).await, before);
    let changes = IntegrationChanges { poll_minutes: Some(5), minimum_days_overdue: Some(31), write_back: Some(false), ..none() };
    let row = update(&world.env, &owner, id, &changes).await.unwrap();
    assert_eq!((row.poll_minutes, row.minimum_days_overdue, row.version), (Some(5), 31, before.version + 1));
});

testdb::on_both!(excluded_groups_are_written_on_the_debtors_at_once, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    *world.xero.records.lock().unwrap() = vec![overdue("1", &["Family", "VIP"]), overdue("2", &["Other"]), overdue("3", &[])];
    world.pull(owner.tenant, id).await;
    for (groups, expected) in [
        (vec!["VIP", " Other ", "VIP"], [true, true, false]),
        (vec!["vip", "Other"], [false, true, false]),
        (vec![], [false, false, false]),
    ] {
        let groups = groups.into_iter().map(str::to_owned).collect();
        update(&world.env, &owner, id, &IntegrationChanges { excluded_groups: Some(groups), ..IntegrationChanges::default() })
            .await
            .unwrap();
        let debtors = debtor::Entity::of(owner.tenant).order_by_asc(debtor::Column::ExternalId).all(&world.env.db).await.unwrap();
        assert_eq!(debtors.into_iter().map(|row| row.group_excluded).collect::<Vec<_>>(), expected);
    }
});

testdb::on_both!(a_pause_ends_with_a_pull_and_does_not_mend_refused_keys, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    assert_eq!(set_paused(&world.env, &owner, id, true).await.unwrap().status, IntegrationStatus::Paused);
    world.clock.pass(chrono::TimeDelta::hours(1));
    let row = set_paused(&world.env, &owner, id, false).await.unwrap();
    assert_eq!((row.status, row.next_sync_at), (IntegrationStatus::Active, Some(world.env.now())));
    world.xero.will(&[Answer::Refused]);
    domain::credential::access(&world.env, owner.tenant, id).await.unwrap().lend().await.unwrap_err();
    for paused in [true, false] {
        assert_eq!(set_paused(&world.env, &owner, id, paused).await.unwrap().status, IntegrationStatus::NeedsReauthorization);
    }
});

testdb::on_both!(pasted_keys_join_one_account_once, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, neighbour) = (world.owner().await, world.owner().await);
    world.xentral.opens(&["acme"]);
    let (address, none) = (Some("https://acme.example"), IntegrationChanges::default());
    let row = paste::connect(&world.env, &owner, Books::Xentral, &key(address, "secret"), &none).await.unwrap();
    assert_eq!((row.account_key.as_deref(), row.poll_minutes), (Some("acme"), Some(60)));
    assert_eq!(world.credentials(owner.tenant).await[0].hint.as_deref(), Some("4711"));
    for viewer in [&owner, &neighbour] {
        let again = paste::connect(&world.env, viewer, Books::Xentral, &key(address, "secret"), &none).await;
        assert_eq!(code(again), RefusalCode::AlreadyExists);
    }
    assert!(world.credentials(neighbour.tenant).await.is_empty());
    assert_eq!(code(paste::connect(&world.env, &owner, Books::Xentral, &key(address, " "), &none).await), RefusalCode::Required);
    assert_eq!(code(paste::connect(&world.env, &owner, Books::Xero, &key(address, "secret"), &none).await), RefusalCode::NotConfigured);
    *world.xentral.fails.lock().unwrap() = Some(ConnectError::BadAddress("not there".into()));
    let refused = paste::connect(&world.env, &owner, Books::Xentral, &key(address, "secret"), &none).await;
    assert_eq!(code(refused), RefusalCode::Invalid);
});

testdb::on_both!(rotated_keys_must_open_the_same_account, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, neighbour) = (world.owner().await, world.owner().await);
    world.xentral.opens(&["acme"]);
    let pasted = key(Some("https://acme.example"), "old");
    let row = paste::connect(&world.env, &owner, Books::Xentral, &pasted, &IntegrationChanges::default()).await.unwrap();
    let before = (world.row(owner.tenant, row.id).await, world.credentials(owner.tenant).await);
    world.xentral.opens(&["other"]);
    let moved = key(Some("https://other.example"), "new");
    assert_eq!(code(rotate::keys(&world.env, &owner, row.id, moved).await), RefusalCode::ProviderRejected);
    // A new address without a key: the stored key is not tried there.
    let bare = key(Some("https://other.example"), "");
    assert_eq!(code(rotate::keys(&world.env, &owner, row.id, bare).await), RefusalCode::Required);
    assert_eq!(code(rotate::keys(&world.env, &neighbour, row.id, key(None, "new")).await), RefusalCode::NotFound);
    assert_eq!((world.row(owner.tenant, row.id).await, world.credentials(owner.tenant).await), before);
    world.xentral.opens(&["acme"]);
    rotate::keys(&world.env, &owner, row.id, key(None, "new")).await.unwrap();
    let keys = world.credentials(owner.tenant).await;
    assert_eq!((keys.len(), keys[0].version), (1, 2));
});
