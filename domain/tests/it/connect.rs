//! Joining by consent: who may end what somebody began, once, in time, and which accounts become integrations.

use chrono::TimeDelta;
use domain::{
    RefusalCode, Viewer,
    integration::{
        IntegrationChanges,
        connect::{Begin, choose, finish, return_to, start},
    },
    port::{Work, connect::ConnectError},
};
use entity::{IntegrationStatus, Provider as Books, Role, Scoped, UserId, authorization};
use sea_orm::PaginatorTrait;

use crate::{
    provider::Answer,
    world::{HOME, World, code, migrate},
};

async fn waiting(world: &World, viewer: &Viewer) -> u64 {
    authorization::Entity::of(viewer.tenant).count(&world.env.db).await.unwrap()
}

testdb::on_both!(a_state_is_taken_once_and_only_from_who_began, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, stranger) = (world.owner().await, world.owner().await);
    let colleague = Viewer { user: world.env.new_id::<UserId>(), ..owner };
    world.xero.opens(&["org"]);
    world.begin(&owner, None).await;
    let state = world.state();
    assert!(state.len() >= 43);
    for (viewer, state) in
        [(&stranger, state.as_str()), (&colleague, &state), (&owner, "unknown"), (&owner, ""), (&owner, &"x".repeat(9_000))]
    {
        assert_eq!(code(finish(&world.env, viewer, Books::Xero, state, &"code".into(), &[]).await), RefusalCode::Invalid);
    }
    let of_another = finish(&world.env, &owner, Books::PowerOffice, &state, &"code".into(), &[]).await;
    assert_eq!(code(of_another), RefusalCode::Invalid, "begun for another system, and not used up by it");
    let reader = Viewer { role: Role::Accountant, ..owner };
    assert_eq!(code(finish(&world.env, &reader, Books::Xero, &state, &"code".into(), &[]).await), RefusalCode::Forbidden);
    assert!(world.xero.traded.lock().unwrap().is_empty(), "no code was traded for any of them");
    let finished = finish(&world.env, &owner, Books::Xero, &state, &"code".into(), &[]).await.unwrap();
    assert_eq!(finished.integrations.len(), 1);
    assert_eq!(code(finish(&world.env, &owner, Books::Xero, &state, &"code".into(), &[]).await), RefusalCode::Invalid, "used");
    assert_eq!(world.xero.traded.lock().unwrap().len(), 1);
});

testdb::on_both!(a_state_runs_out_after_ten_minutes, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    world.xero.opens(&["org"]);
    world.begin(&owner, None).await;
    let state = world.state();
    world.clock.pass(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    assert_eq!(return_to(&world.env, &state).await.unwrap(), Some(format!("{HOME}/integrations")));
    assert_eq!(return_to(&world.env, "unknown").await.unwrap(), None);
    world.clock.pass(TimeDelta::seconds(1));
    assert_eq!(return_to(&world.env, &state).await.unwrap(), None);
    assert_eq!(code(finish(&world.env, &owner, Books::Xero, &state, &"code".into(), &[]).await), RefusalCode::Invalid);
    assert!(world.xero.traded.lock().unwrap().is_empty());
    world.clock.pass(TimeDelta::seconds(1));
    domain::housekeep::sweep(&world.env).await.unwrap();
    assert_eq!(waiting(&world, &owner).await, 0, "swept");
});

testdb::on_both!(of_two_processes_that_finish_at_once_one_wins, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let other = world.other_process().await;
    world.xero.opens(&["org"]);
    world.begin(&owner, None).await;
    let state = world.state();
    let (key, none) = ("code".into(), []);
    let (one, two) = tokio::join!(
        finish(&world.env, &owner, Books::Xero, &state, &key, &none),
        finish(&other, &owner, Books::Xero, &state, &key, &none)
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "{one:?} {two:?}");
    assert_eq!(world.xero.traded.lock().unwrap().len(), 1);
    assert_eq!(return_to(&world.env, &state).await.unwrap(), None);
});

testdb::on_both!(of_two_tenants_that_join_one_account_at_once_one_wins, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let other = world.other_process().await;
    world.xero.opens(&["org"]);
    let mut states = Vec::new();
    for _ in 0..2 {
        let owner = world.owner().await;
        world.begin(&owner, None).await;
        states.push((owner, world.state()));
    }
    let (key, none) = ("code".into(), []);
    let (one, two) = tokio::join!(
        finish(&world.env, &states[0].0, Books::Xero, &states[0].1, &key, &none),
        finish(&other, &states[1].0, Books::Xero, &states[1].1, &key, &none)
    );
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert_eq!(won.unwrap().integrations.len(), 1);
    assert_eq!(code(lost), RefusalCode::AlreadyExists);
});

testdb::on_both!(a_new_integration_has_its_systems_defaults_and_is_pulled_from_at_once, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let row = world.consent(&owner, &["org"], &[]).await.unwrap().integrations.remove(0);
    assert_eq!(row, world.row(owner.tenant, row.id).await);
    assert_eq!((row.name.as_str(), row.status), ("Books of org", IntegrationStatus::Active));
    assert_eq!((row.minimum_days_overdue, row.poll_minutes, row.freshness_hours), (30, Some(15), Some(24)));
    assert_eq!(row.account_key.as_deref(), Some("org"));
    assert_eq!((row.connected_at, row.next_sync_at), (Some(world.env.now()), Some(world.env.now())));
    // Monday, 6 July in Auckland: the next day begins at 12:00 UTC.
    assert_eq!(row.next_proposal_at, Some("2026-07-06T12:00:00Z".parse().unwrap()));
    assert_eq!(row.next_sweep_at, Some("2026-07-06T14:00:00Z".parse().unwrap()));
    let work = Work::StartSync { tenant: owner.tenant, integration: row.id };
    assert_eq!(*world.notebook.0.lock().unwrap(), [work]);
    assert_eq!(world.changes(owner.tenant, row.id).await, 1);
    assert_eq!(waiting(&world, &owner).await, 0, "the keys wait nowhere else");
    let keys = world.credentials(owner.tenant).await.remove(0);
    assert_eq!((row.credential_id, keys.hint.as_deref()), (Some(keys.id), Some("4711")));
});

testdb::on_both!(a_person_chooses_among_accounts_and_may_choose_again_after_a_refusal, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, neighbour) = (world.owner().await, world.owner().await);
    world.consent(&neighbour, &["a"], &[]).await.unwrap();
    let finished = world.consent(&owner, &["a", "b", "c"], &[]).await.unwrap();
    let id = finished.authorization;
    assert_eq!(
        code(finish(&world.env, &owner, Books::Xero, &world.state(), &"code".into(), &[]).await),
        RefusalCode::Invalid,
        "used, though it waits"
    );
    assert!(finished.integrations.is_empty());
    let offers: Vec<_> = finished.choose.iter().map(|offer| (offer.account.external_id.as_str(), offer.already_connected)).collect();
    assert_eq!(offers, [("a", true), ("b", false), ("c", false)]);
    let pick = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let refused = choose(&world.env, &owner, id, &pick(&["a"])).await;
    let told = format!("{refused:?}");
    assert_eq!(code(refused), RefusalCode::AlreadyExists);
    assert!(!told.contains(&neighbour.tenant.to_string()), "the other is not named");
    assert_eq!(code(choose(&world.env, &owner, id, &pick(&["b", "x"])).await), RefusalCode::NotFound);
    assert_eq!(code(choose(&world.env, &owner, id, &[]).await), RefusalCode::Required);
    let colleague = Viewer { user: world.env.new_id::<UserId>(), ..owner };
    for viewer in [&neighbour, &colleague] {
        assert_eq!(code(choose(&world.env, viewer, id, &pick(&["b"])).await), RefusalCode::NotFound);
    }
    assert!(world.credentials(owner.tenant).await.is_empty(), "refusals left nothing");
    let joined = choose(&world.env, &owner, id, &pick(&["c", "b", "b"])).await.unwrap();
    assert_eq!(joined.iter().map(|row| row.account_key.clone().unwrap()).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(joined[0].credential_id, joined[1].credential_id, "one set of keys for both");
    assert_eq!(world.credentials(owner.tenant).await.len(), 1);
    assert_eq!(code(choose(&world.env, &owner, id, &pick(&["b"])).await), RefusalCode::NotFound, "once");
});

testdb::on_both!(a_choice_waits_for_ten_minutes_more, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["a", "b"], &[]).await.unwrap().authorization;
    world.clock.pass(TimeDelta::minutes(10));
    assert_eq!(code(choose(&world.env, &owner, id, &["a".into()]).await), RefusalCode::NotFound);
});

testdb::on_both!(the_same_login_again_renews_the_one_set_of_keys, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let first = world.consent(&owner, &["a"], &[]).await.unwrap().integrations.remove(0);
    world.clock.pass(TimeDelta::minutes(30));
    world.xero.will(&[Answer::Refused]);
    let access = domain::credential::access(&world.env, owner.tenant, first.id).await.unwrap();
    access.lend().await.unwrap_err();
    let second = world.consent(&owner, &["a", "b"], &["b"]).await.unwrap().integrations.remove(0);
    let keys = world.credentials(owner.tenant).await;
    assert_eq!((keys.len(), keys[0].version, keys[0].refused_at), (1, 2, None));
    let first = world.row(owner.tenant, first.id).await;
    assert_eq!((first.credential_id, second.credential_id), (Some(keys[0].id), Some(keys[0].id)));
    assert_eq!((first.status, first.health_code), (IntegrationStatus::Active, None), "its keys work again");
});

testdb::on_both!(another_login_takes_over_only_the_accounts_that_it_opens, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let both = world.consent(&owner, &["a", "b"], &["a", "b"]).await.unwrap().integrations;
    let third = world.consent(&owner, &["b", "c"], &["c"]).await.unwrap().integrations.remove(0);
    let keys = world.credentials(owner.tenant).await;
    assert_eq!(keys.iter().map(|row| row.version).collect::<Vec<_>>(), [1, 1], "nobody's keys were overwritten");
    let at = |id| world.row(owner.tenant, id);
    assert_eq!(at(both[0].id).await.credential_id, both[0].credential_id);
    assert_eq!(at(both[1].id).await.credential_id, third.credential_id);
    // The last account of the first login moves too: its keys are used by nobody and go.
    world.consent(&owner, &["a", "b", "c", "d"], &["d"]).await.unwrap();
    assert_eq!(world.credentials(owner.tenant).await.len(), 1);
});

testdb::on_both!(connecting_again_needs_the_same_account, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    world.clock.pass(TimeDelta::hours(1));
    world.xero.will(&[Answer::Refused]);
    domain::credential::access(&world.env, owner.tenant, id).await.unwrap().lend().await.unwrap_err();
    let broken = world.row(owner.tenant, id).await;
    world.xero.opens(&["other"]);
    world.begin(&owner, Some(id)).await;
    assert_eq!(code(finish(&world.env, &owner, Books::Xero, &world.state(), &"code".into(), &[]).await), RefusalCode::ProviderRejected);
    assert_eq!(world.row(owner.tenant, id).await, broken, "nothing changed");
    world.xero.opens(&["other", "org"]);
    world.begin(&owner, Some(id)).await;
    let again = finish(&world.env, &owner, Books::Xero, &world.state(), &"code".into(), &[]).await.unwrap().integrations;
    assert_eq!(again.len(), 1, "only the integration itself");
    assert_eq!((again[0].id, again[0].status), (id, IntegrationStatus::Active));
    assert_eq!((again[0].health_code.clone(), again[0].failing_since, again[0].next_sync_at), (None, None, Some(world.env.now())));
    let neighbour = world.owner().await;
    let begin = Begin { provider: Books::Xero, settings: IntegrationChanges::default(), return_url: HOME.into(), reconnect: Some(id) };
    assert_eq!(code(start(&world.env, &neighbour, &begin, &[HOME.into()]).await), RefusalCode::NotFound);
});

testdb::on_both!(what_cannot_end_well_is_refused_before_the_browser_leaves, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let good = Begin { provider: Books::Xero, settings: IntegrationChanges::default(), return_url: HOME.into(), reconnect: None };
    let changed = |settings| Begin { settings, ..good.clone() };
    let cases = [
        (Begin { return_url: "https://evil.example".into(), ..good.clone() }, RefusalCode::Invalid),
        (Begin { provider: Books::Xentral, ..good.clone() }, RefusalCode::NotConfigured),
        (Begin { provider: Books::PowerOffice, ..good.clone() }, RefusalCode::NotConfigured),
        (changed(IntegrationChanges { minimum_days_overdue: Some(29), ..IntegrationChanges::default() }), RefusalCode::OutOfRange),
        (changed(IntegrationChanges { write_back: Some(true), ..IntegrationChanges::default() }), RefusalCode::Invalid),
    ];
    for (begin, expected) in cases {
        assert_eq!(code(start(&world.env, &owner, &begin, &[HOME.into()]).await), expected, "{begin:?}");
    }
    let reader = Viewer { role: Role::Accountant, ..owner };
    assert_eq!(code(start(&world.env, &reader, &good, &[HOME.into()]).await), RefusalCode::Forbidden);
    assert_eq!(waiting(&world, &owner).await, 0);
    let settings = IntegrationChanges {
        name: Some("Our books".into()),
        activate_from: Some(Some("2026-05-01".parse().unwrap())),
        freshness_hours: Some(None),
        ..IntegrationChanges::default()
    };
    start(&world.env, &owner, &changed(settings), &[HOME.into()]).await.unwrap();
    world.xero.opens(&["org"]);
    let row = finish(&world.env, &owner, Books::Xero, &world.state(), &"code".into(), &[]).await.unwrap().integrations.remove(0);
    assert_eq!((row.name.as_str(), row.freshness_hours), ("Our books", None), "settings outlive the browser's way");
    assert_eq!(row.activate_from, Some("2026-05-01".parse().unwrap()));
});

testdb::on_both!(a_provider_that_fails_leaves_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let answers = [
        (ConnectError::Unavailable("down".into()), RefusalCode::ProviderUnavailable),
        (ConnectError::Refused("no such code".into()), RefusalCode::ProviderRejected),
        (ConnectError::Missing("switch on invoice:read".into()), RefusalCode::ProviderScopeMissing),
    ];
    for (fails, expected) in answers {
        *world.xero.fails.lock().unwrap() = Some(fails);
        assert_eq!(code(world.consent(&owner, &["org"], &[]).await), expected);
    }
    *world.xero.fails.lock().unwrap() = None;
    assert_eq!(code(world.consent(&owner, &[], &[]).await), RefusalCode::ProviderRejected, "no account");
    assert!(world.credentials(owner.tenant).await.is_empty());
});
