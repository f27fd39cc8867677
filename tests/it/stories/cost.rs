//! What a step and a delivery cost in statements: each is a round trip to PostgreSQL, so that a new one is a decision, not
//! an accident. And in rows: what is read for one case does not grow with what its tenant has.

use std::sync::{Arc, Mutex};

use domain::{
    case::hold,
    delivery::deliver,
    escalation::{self, Advanced},
    statistics,
};
use entity::{DeliveryStatus, HoldReason};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use testdb::{Backend, TestDb};

use crate::{
    sheet::Invoice,
    world::{Creditor, World, day, migrate},
};

/// Most statements of a step that issues a letter by one channel, without BEGIN, COMMIT and the queue's own.
const MOST_OF_A_STEP: usize = 15;

/// Most statements of one delivery from its drawing to its sending, without BEGIN and COMMIT.
const MOST_OF_A_DELIVERY: usize = 25;

/// Most rows that one statement of a step, a delivery or a hold looks at.
const MOST_ROWS: f64 = 20.0;

/// Other cases of the tenant that were written to, and that no statistics tell of.
const OTHERS: usize = 2_000;

/// The statements from now on.
struct Heard(Arc<Mutex<Vec<Statement>>>);

impl Heard {
    fn of(world: &mut World) -> Self {
        let said: Arc<Mutex<Vec<Statement>>> = Arc::default();
        let heard = Arc::clone(&said);
        world.env.db.set_metric_callback(move |info| heard.lock().unwrap().push(info.statement.clone()));
        Self(said)
    }

    /// So far.
    fn at_most(&self, most: usize) {
        let said = self.0.lock().unwrap();
        let text: Vec<&str> = said.iter().map(|statement| statement.sql.as_str()).collect();
        assert!(!said.is_empty() && said.len() <= most, "{} statements:\n{}", said.len(), text.join("\n"));
    }

    /// Each question so far, asked again and explained by PostgreSQL, looks at few rows.
    async fn looked_at_few_rows(&self, db: &DatabaseConnection) {
        let said: Vec<Statement> = self.0.lock().unwrap().iter().filter(|said| said.sql.starts_with("SELECT \"")).cloned().collect();
        assert!(!said.is_empty());
        for Statement { sql, values, .. } in said {
            let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) {sql}");
            let explain = Statement { sql: explain, values, db_backend: DbBackend::Postgres };
            let plan: serde_json::Value = db.query_one_raw(explain).await.unwrap().unwrap().try_get_by_index(0).unwrap();
            let rows = rows(&plan[0]["Plan"]);
            assert!(rows <= MOST_ROWS, "{rows} rows looked at by {sql}\n{plan:#}");
        }
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

/// The rows that a plan took out of tables, wanted or not.
fn rows(node: &serde_json::Value) -> f64 {
    let of = |key: &str| node[key].as_f64().unwrap_or(0.0);
    let own = (of("Actual Rows") + of("Rows Removed by Filter")) * of("Actual Loops");
    let within: f64 = node["Plans"].as_array().into_iter().flatten().map(rows).sum();
    within + if node["Relation Name"].is_string() { own } else { 0.0 }
}

/// Copies the case that was written to, with its debtor, its invoice, its letter and its delivery.
async fn copy(world: &World, of: &Creditor) {
    let tenant = of.tenant();
    let id = |what: &str| format!("md5('{what}' || n)::uuid");
    let tx = world.env.db.begin().await.unwrap();
    for (table, changes) in [
        ("debtor", format!("'id', {}, 'external_id', 'D' || n", id("debtor"))),
        ("collection_case", format!("'id', {}, 'number', n + 10, 'debtor_id', {}", id("case"), id("debtor"))),
        ("invoice", format!("'id', {}, 'external_id', 'I' || n, 'debtor_id', {}, 'case_id', {}", id("invoice"), id("debtor"), id("case"))),
        // Half of them have not left.
        (
            "letter",
            format!("'id', {}, 'case_id', {}, 'status', CASE n % 2 WHEN 0 THEN 'sent' ELSE 'scheduled' END", id("letter"), id("case")),
        ),
        (
            "delivery",
            format!("'id', {}, 'letter_id', {}, 'case_id', {}, 'debtor_id', {}", id("delivery"), id("letter"), id("case"), id("debtor")),
        ),
    ] {
        let order = if table == "collection_case" { "number" } else { "created_at, id" };
        let sql = format!(
            "INSERT INTO {table} SELECT copy.* FROM \
             (SELECT * FROM {table} WHERE tenant_id = '{tenant}' ORDER BY {order} LIMIT 1) one, generate_series(1, {OTHERS}) n, \
             LATERAL jsonb_populate_record(NULL::{table}, to_jsonb(one) || jsonb_build_object({changes})) copy"
        );
        tx.execute_unprepared(&sql).await.unwrap();
    }
    // So that what was written is counted when the next statement asks.
    tx.execute_unprepared("SELECT pg_stat_force_next_flush()").await.unwrap();
    tx.commit().await.unwrap();
}

async fn with_many_others() -> (World, Creditor) {
    let world = World::new(TestDb::with(Backend::Postgres, "product", migrate).await).await;
    for table in ["debtor", "collection_case", "invoice", "letter", "delivery"] {
        let quiet = format!("ALTER TABLE {table} SET (autovacuum_enabled = false)");
        world.env.db.execute_unprepared(&quiet).await.unwrap();
    }
    let kauri = world.creditor().await;
    world.case_under_way(&kauri).await;
    copy(&world, &kauri).await;
    (world, kauri)
}

#[test]
fn what_is_read_for_one_case_does_not_grow_with_its_tenant() {
    testdb::block_on(async {
        let (mut world, kauri) = with_many_others().await;
        world.at_local(&kauri, day("2026-07-06"), 20).await;
        world.invoices(&kauri, &[Invoice::new("INV-2").debtor("Rimu Ltd")]).await;
        let case = world.approve_all(&kauri).await[0];
        world.clock.set_local(kauri.zone, day("2026-07-07"), 9);

        let heard = Heard::of(&mut world);
        assert_eq!(escalation::advance(&world.env, kauri.tenant(), case).await.unwrap(), Advanced::Issued);
        heard.looked_at_few_rows(&world.env.db).await;

        let row = world.deliveries(&kauri).await.into_iter().find(|row| row.case_id == case).unwrap();
        let heard = Heard::of(&mut world);
        deliver(&world.env, kauri.tenant(), row.id).await.unwrap();
        heard.looked_at_few_rows(&world.env.db).await;

        let heard = Heard::of(&mut world);
        hold(&world.env, &kauri.viewer, case, HoldReason::Paused, day("2026-07-29"), "", None).await.unwrap();
        heard.looked_at_few_rows(&world.env.db).await;
    });
}

#[test]
fn tables_that_grew_fast_are_looked_at_anew_once() {
    testdb::block_on(async {
        let (world, _) = with_many_others().await;
        let tables = statistics::refresh(&world.env.db).await.unwrap();
        assert_eq!(tables, ["collection_case", "debtor", "delivery", "invoice", "letter"]);
        assert_eq!(statistics::refresh(&world.env.db).await.unwrap(), [""; 0]);
    });
}
