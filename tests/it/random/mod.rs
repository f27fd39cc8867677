//! Random lives: whatever creditors, debtors, their books, providers and clocks do, in whatever order and after whatever
//! pause, the invariants hold after every deed. At the end the world lets everything happen: then every case goes its
//! way to the end, and in time. A failing life is named by its seed and can be lived again.

mod creditor;
mod debtor;
mod life;
mod office;
mod settled;

use std::{ops::Range, sync::Arc};

use futures_util::FutureExt;
use life::Life;
use sea_orm::ConnectionTrait;
use testdb::Backend;

use crate::{
    invariants,
    postbox::QuickRenderer,
    world::{World, migrate},
};

/// Lives on the embedded database, unless `DUNWELL_LIVES` names another range of seeds for both: `40..200`.
const LIVES: Range<u64> = 0..12;

/// Lives on PostgreSQL, where each takes longer.
const LIVES_ON_POSTGRES: Range<u64> = 0..5;

/// Deeds per life.
const DEEDS: usize = 60;

/// Lives one life and looks at the books after every deed.
async fn live(db: testdb::TestDb, seed: u64) {
    let land = life::land(seed);
    let world = World::at(db, land.start, Arc::new(QuickRenderer)).await.explaining();
    let mut life = Life::new(&world, land, seed).await;
    for _ in 0..DEEDS {
        life.deed().await;
        life.look().await;
    }
    settled::everything_goes_its_way(&mut life).await;
    invariants::hold(&world, &[life.of]).await;
}

fn seeds(backend: Backend) -> Range<u64> {
    let Ok(wanted) = std::env::var("DUNWELL_LIVES") else {
        return if backend == Backend::Sqlite { LIVES } else { LIVES_ON_POSTGRES };
    };
    let (from, to) = wanted.split_once("..").expect("a range of seeds");
    from.parse().unwrap()..to.parse().unwrap()
}

async fn live_all(db: testdb::TestDb) {
    for seed in seeds(db.backend()) {
        println!("seed {seed}");
        Box::pin(live(testdb::TestDb::with(db.backend(), "product", migrate).await, seed)).await;
    }
}

testdb::on_both!(random_lives_keep_every_invariant, with("product", migrate), live_all);

#[test]
fn a_case_that_is_left_lying_is_found() {
    testdb::block_on(async {
        let land = life::land(0);
        let db = testdb::TestDb::with(Backend::Sqlite, "product", migrate).await;
        let world = World::at(db, land.start, Arc::new(QuickRenderer)).await.explaining();
        let mut life = Life::new(&world, land, 0).await;
        world.env.db.execute_unprepared("UPDATE collection_case SET next_action_at = '2030-01-01 00:00:00+00:00'").await.unwrap();
        life.look().await;
        let end = std::panic::AssertUnwindSafe(settled::everything_goes_its_way(&mut life)).catch_unwind().await;
        let said = end.expect_err("it goes nowhere").downcast_ref::<String>().unwrap().clone();
        assert!(said.starts_with("a case was left lying") && said.contains("Promise"), "{said}");
    });
}
