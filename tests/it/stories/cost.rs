//! What a step and a delivery cost in statements: each is a round trip to PostgreSQL, so that a new one is a decision, not
//! an accident.

use std::sync::{Arc, Mutex};

use domain::{
    delivery::deliver,
    escalation::{self, Advanced},
};
use entity::DeliveryStatus;

use crate::{
    sheet::Invoice,
    world::{World, migrate},
};

/// Most statements of a step that issues a letter by one channel, without BEGIN, COMMIT and the queue's own.
const MOST_OF_A_STEP: usize = 15;

/// Most statements of one delivery from its drawing to its sending, without BEGIN and COMMIT.
const MOST_OF_A_DELIVERY: usize = 25;

/// The statements from now on.
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn of(world: &mut World) -> Self {
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&said);
        world.env.db.set_metric_callback(move |info| heard.lock().unwrap().push(info.statement.sql.clone()));
        Self(said)
    }

    /// So far.
    fn at_most(&self, most: usize) {
        let said = self.0.lock().unwrap();
        assert!(!said.is_empty() && said.len() <= most, "{} statements:\n{}", said.len(), said.join("\n"));
    }
}

testdb::on_both!(a_step_and_its_delivery_cost_few_statements, with("product", migrate), |db| async move {
    let mut world = World::new(db).await;
    let kauri = world.creditor().await;
    world.invoices(&kauri, &[Invoice::new("INV-1")]).await;
    let case = world.approve_all(&kauri).await[0];
    world.clock.set_local(kauri.zone, world.today(&kauri), 9);

    let heard = Heard::of(&mut world);
    let advanced = escalation::advance(&world.env, kauri.tenant(), case).await.unwrap();
    heard.at_most(MOST_OF_A_STEP);
    assert_eq!(advanced, Advanced::Issued);

    let row = world.deliveries(&kauri).await.remove(0);
    let heard = Heard::of(&mut world);
    deliver(&world.env, kauri.tenant(), row.id).await.unwrap();
    heard.at_most(MOST_OF_A_DELIVERY);
    assert_eq!(world.deliveries(&kauri).await.remove(0).status, DeliveryStatus::Sent);
});
