//! Leaving a provider, and coming back.

use std::time::Duration;

use domain::{
    RefusalCode, Viewer,
    case::{Selection, approve},
    integration::{
        IntegrationChanges,
        disconnect::{Left, disconnect, farewell, not_heard},
        update,
    },
    port::{Work, connect::ConnectError},
};
use entity::{CaseStatus, CloseReason, IntegrationId, IntegrationStatus, Scoped, SyncStatus, integration, invoice, sync_run};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{
    provider::overdue,
    world::{World, code, migrate},
};

/// An integration with one case under way and one proposal.
async fn at_work(world: &World) -> (Viewer, IntegrationId) {
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    *world.xero.records.lock().unwrap() = vec![overdue("INV-1", &[]), overdue("INV-2", &[])];
    world.pull(owner.tenant, id).await;
    let cases = world.cases(owner.tenant).await;
    assert_eq!(cases.len(), 2);
    approve(&world.env, &owner, &Selection::Ids(vec![cases[0].id])).await.unwrap();
    world.notebook.0.lock().unwrap().clear();
    (owner, id)
}

async fn statuses(world: &World, owner: &Viewer) -> Vec<CaseStatus> {
    world.cases(owner.tenant).await.into_iter().map(|case| case.status).collect()
}

testdb::on_both!(a_disconnected_integration_is_left_alone_and_its_keys_are_given_back, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, id) = at_work(&world).await;
    domain::sync::request(&world.env, &owner, id, true).await.unwrap();
    world.notebook.0.lock().unwrap().clear();
    let lifted = IntegrationChanges { freshness_hours: Some(None), ..IntegrationChanges::default() };
    update(&world.env, &owner, id, &lifted).await.unwrap();
    let before = world.changes(owner.tenant, id).await;
    let row = disconnect(&world.env, &owner, id, false).await.unwrap();
    assert_eq!(row, world.row(owner.tenant, id).await);
    assert_eq!(row.status, IntegrationStatus::Disconnected);
    assert_eq!((row.next_sync_at, row.next_sweep_at, row.next_proposal_at, row.account_key), (None, None, None, None));
    assert_eq!(row.freshness_hours, Some(24), "nothing leaves on facts that only grow older");
    assert_eq!(statuses(&world, &owner).await, [CaseStatus::Active, CaseStatus::Declined], "what is under way goes on");
    let open = sync_run::Entity::of(owner.tenant).filter(sync_run::Column::Status.is_in([SyncStatus::Queued, SyncStatus::Running]));
    assert_eq!(open.one(&world.env.db).await.unwrap(), None, "no run goes on");
    assert_eq!(world.changes(owner.tenant, id).await, before + 1);
    assert_eq!(*world.notebook.0.lock().unwrap(), [Work::Farewell { tenant: owner.tenant, integration: id }]);
    assert_eq!(code(disconnect(&world.env, &owner, id, false).await), RefusalCode::IllegalTransition);
    assert_eq!(not_heard(&world.env.db, 10).await.unwrap(), [(owner.tenant, id)]);
    for _ in 0..2 {
        assert_eq!(farewell(&world.env, owner.tenant, id).await.unwrap(), Left::Done);
    }
    assert_eq!(*world.xero.left.lock().unwrap(), [("org".to_owned(), true)]);
    assert!(world.credentials(owner.tenant).await.is_empty());
    assert!(not_heard(&world.env.db, 10).await.unwrap().is_empty());
    // The account is free for others.
    let neighbour = world.owner().await;
    assert_eq!(world.consent(&neighbour, &["org"], &[]).await.unwrap().integrations.len(), 1);
});

testdb::on_both!(a_page_under_way_and_a_person_who_disconnects_do_not_block_each_other, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, id) = at_work(&world).await;
    let run = domain::sync::request(&world.env, &owner, id, true).await.unwrap().id;
    // As a page does it: its run first, then the integration.
    let page = entity::database::begin_write(&world.other_process().await.db).await.unwrap();
    let select = sync_run::Entity::of(owner.tenant).filter(sync_run::Column::Id.eq(run));
    select.lock_exclusive().one(&page).await.unwrap();
    let env = world.env.clone();
    let leaving = tokio::spawn(async move { disconnect(&env, &owner, id, false).await.map(|row| row.status) });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let select = integration::Entity::of(owner.tenant).filter(integration::Column::Id.eq(id));
    select.lock_exclusive().one(&page).await.unwrap();
    page.commit().await.unwrap();
    assert_eq!(leaving.await.unwrap().unwrap(), IntegrationStatus::Disconnected);
});

testdb::on_both!(open_cases_are_withdrawn_when_the_person_says_so, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, id) = at_work(&world).await;
    disconnect(&world.env, &owner, id, true).await.unwrap();
    assert_eq!(statuses(&world, &owner).await, [CaseStatus::Closed, CaseStatus::Declined]);
    let closed = world.cases(owner.tenant).await.remove(0);
    assert_eq!((closed.close_reason, closed.next_action_at), (Some(CloseReason::Withdrawn), None));
});

testdb::on_both!(an_account_that_comes_back_is_the_same_integration_and_proposes_again, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (owner, id) = at_work(&world).await;
    disconnect(&world.env, &owner, id, false).await.unwrap();
    // Before the provider heard of it: the old keys must not stay behind.
    let row = world.consent(&owner, &["org"], &[]).await.unwrap().integrations.remove(0);
    assert_eq!((row.id, row.status, row.mark.clone()), (id, IntegrationStatus::Active, None));
    assert_eq!(farewell(&world.env, owner.tenant, id).await.unwrap(), Left::Done, "it came back");
    assert!(world.xero.left.lock().unwrap().is_empty());
    assert_eq!(world.credentials(owner.tenant).await.len(), 1);
    world.pull(owner.tenant, id).await;
    assert_eq!(statuses(&world, &owner).await, [CaseStatus::Active, CaseStatus::Declined, CaseStatus::Proposed]);
    let invoices = invoice::Entity::of(owner.tenant).all(&world.env.db).await.unwrap();
    assert_eq!(invoices.len(), 2, "nothing is there twice");
});

testdb::on_both!(shared_keys_stay_until_the_last_one_leaves, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let both = world.consent(&owner, &["a", "b"], &["a", "b"]).await.unwrap().integrations;
    for (row, left, keys) in [(&both[0], ("a".to_owned(), false), 1), (&both[1], ("b".to_owned(), true), 0)] {
        disconnect(&world.env, &owner, row.id, false).await.unwrap();
        assert_eq!(farewell(&world.env, owner.tenant, row.id).await.unwrap(), Left::Done);
        assert_eq!(world.xero.left.lock().unwrap().last(), Some(&left));
        assert_eq!(world.credentials(owner.tenant).await.len(), keys);
    }
});

testdb::on_both!(
    a_provider_that_is_down_is_told_later_and_one_that_refuses_is_not_asked_again,
    with("product", migrate),
    |db| async move {
        let world = World::new(db).await;
        let owner = world.owner().await;
        let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
        disconnect(&world.env, &owner, id, false).await.unwrap();
        *world.xero.fails.lock().unwrap() = Some(ConnectError::Unavailable("down".into()));
        assert_eq!(farewell(&world.env, owner.tenant, id).await.unwrap(), Left::TryAgain("down".into()));
        assert_eq!(world.credentials(owner.tenant).await.len(), 1, "the keys are needed for it");
        *world.xero.fails.lock().unwrap() = Some(ConnectError::Refused("revoked already".into()));
        assert_eq!(farewell(&world.env, owner.tenant, id).await.unwrap(), Left::Done);
        assert!(world.credentials(owner.tenant).await.is_empty());
    }
);
