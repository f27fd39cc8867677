//! An invoice that its source lost: asked for by name, told to a person once, found again, and never a new case.

use domain::{case, event::kind, sync};
use entity::{IntegrationId, Scoped, event, invoice, sync_run};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::{
    provider::overdue,
    world::{World, migrate},
};

/// One night: a full pull, and whatever it asks for by name.
async fn night(world: &World, owner: &domain::Viewer, id: IntegrationId) {
    world.clock.pass(chrono::TimeDelta::days(1));
    sync::request(&world.env, owner, id, true).await.unwrap();
    for _ in 0..2 {
        world.pull(owner.tenant, id).await;
    }
}

async fn row(world: &World, owner: &domain::Viewer, number: &str) -> invoice::Model {
    let select = invoice::Entity::of(owner.tenant).filter(invoice::Column::Number.eq(number));
    select.one(&world.env.db).await.unwrap().unwrap()
}

async fn told(world: &World, owner: &domain::Viewer) -> Vec<event::Model> {
    let select = event::Entity::of(owner.tenant).filter(event::Column::Kind.eq(kind::CASE_STUCK));
    select.order_by_asc(event::Column::Sequence).all(&world.env.db).await.unwrap()
}

testdb::on_both!(an_invoice_that_its_source_lost_is_told_once_and_the_case_waits, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    *world.xero.records.lock().unwrap() = vec![overdue("1", &[]), overdue("2", &[])];
    world.pull(owner.tenant, id).await;
    let cases = world.cases(owner.tenant).await;
    assert_eq!(cases.len(), 2);
    case::approve(&world.env, &owner, &case::Selection::Ids(cases.iter().map(|case| case.id).collect())).await.unwrap();

    *world.xero.records.lock().unwrap() = vec![overdue("2", &[])];
    night(&world, &owner, id).await;
    let lost = row(&world, &owner, "1").await;
    assert!(lost.checked_at.is_none() && lost.missing_since.is_some(), "{lost:?}");
    assert_eq!(row(&world, &owner, "2").await.missing_since, None);
    let events = told(&world, &owner).await;
    assert_eq!(events.iter().map(|event| (event.case_id, event.subject_id)).collect::<Vec<_>>(), [(lost.case_id, Some(lost.id.0))]);
    assert_eq!(events[0].data["because"], "INVOICE_MISSING");
    assert!(events[0].data["advice"].as_str().unwrap().contains("end the case"));
    let open = world.cases(owner.tenant).await.into_iter().find(|case| Some(case.id) == lost.case_id).unwrap();
    assert_eq!((open.closed_at, open.outstanding_minor), (None, 10_000), "silence of the source ends no claim");

    night(&world, &owner, id).await;
    night(&world, &owner, id).await;
    assert_eq!(told(&world, &owner).await.len(), 1, "once, not every night");
    assert_eq!(row(&world, &owner, "1").await.missing_since, lost.missing_since);

    *world.xero.records.lock().unwrap() = vec![overdue("1", &[]), overdue("2", &[])];
    night(&world, &owner, id).await;
    let found = row(&world, &owner, "1").await;
    assert!(found.checked_at.is_some() && found.missing_since.is_none(), "{found:?}");

    *world.xero.records.lock().unwrap() = vec![overdue("2", &[])];
    night(&world, &owner, id).await;
    assert_eq!(told(&world, &owner).await.len(), 2, "lost again is news again");
});

testdb::on_both!(what_its_source_lost_before_it_was_overdue_becomes_no_case, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let owner = world.owner().await;
    let id = world.consent(&owner, &["org"], &[]).await.unwrap().integrations[0].id;
    let mut young = overdue("1", &[]);
    if let Some(invoice) = &mut young.invoice {
        invoice.due_on = "2026-06-20".parse().unwrap();
    }
    *world.xero.records.lock().unwrap() = vec![young];
    world.pull(owner.tenant, id).await;
    assert_eq!(world.cases(owner.tenant).await.len(), 0);
    world.xero.records.lock().unwrap().clear();
    night(&world, &owner, id).await;
    assert!(row(&world, &owner, "1").await.missing_since.is_some());

    world.clock.pass(chrono::TimeDelta::days(60));
    night(&world, &owner, id).await;
    assert_eq!(world.cases(owner.tenant).await.len(), 0, "nobody could send a letter on it");
    assert!(told(&world, &owner).await.is_empty(), "there is no case to be stuck");
    let runs = sync_run::Entity::of(owner.tenant).order_by_desc(sync_run::Column::Id).all(&world.env.db).await.unwrap();
    assert_eq!(runs[0].skipped.as_ref().unwrap()["missing"], 1);
});
