//! What a delivery costs in statements: each is a round trip to PostgreSQL, so the number is a limit that is kept.

use std::sync::{Arc, Mutex};

use domain::delivery::deliver;
use entity::DeliveryStatus;

use crate::{
    sheet::Invoice,
    world::{World, day, migrate},
};

/// Most statements of one delivery from its drawing to its sending, without BEGIN and COMMIT.
const MOST: usize = 25;

testdb::on_both!(one_delivery_costs_few_statements, with("product", migrate), |db| async move {
    let mut world = World::new(db).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let counter = Arc::clone(&seen);
    world.env.db.set_metric_callback(move |info| counter.lock().unwrap().push(info.statement.sql.clone()));
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    world.approve_all(&kauri).await;
    world.clock.set_local(kauri.zone, day("2026-07-06"), 9);
    for (tenant, case) in world.due().await.cases {
        domain::escalation::advance(&world.env, tenant, case).await.unwrap();
    }
    let row = world.deliveries(&kauri).await.remove(0);
    seen.lock().unwrap().clear();
    deliver(&world.env, kauri.tenant(), row.id).await.unwrap();
    let asked = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(world.deliveries(&kauri).await.remove(0).status, DeliveryStatus::Sent);
    assert!(asked.len() <= MOST, "{} statements:\n{}", asked.len(), asked.join("\n"));
});
