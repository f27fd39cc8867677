//! What a step costs: the statements of one look at a due case whose letter is issued. A new one is a decision, not an
//! accident.

use std::sync::{Arc, Mutex};

use domain::escalation::{self, Advanced};

use crate::{
    sheet::Invoice,
    world::{World, migrate},
};

/// Most statements of a step that issues a letter by one channel, without BEGIN, COMMIT and the queue's own.
const MOST: usize = 15;

testdb::on_both!(a_step_costs_few_statements, with("product", migrate), |db| async move {
    let mut world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);

    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&said);
    world.env.db.set_metric_callback(move |info| heard.lock().unwrap().push(info.statement.sql.clone()));
    let advanced = escalation::advance(&world.env, kauri.tenant(), case).await.unwrap();
    let said = said.lock().unwrap().clone();
    assert_eq!(advanced, Advanced::Issued);
    assert!(said.len() <= MOST, "{} statements:\n{}", said.len(), said.join("\n"));
});
