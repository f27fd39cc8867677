//! The steps that bring a database to the shape that `entity` describes. Only added to, never edited once released;
//! nothing of ours is imported, so that an old step keeps its meaning. [`up`] is the one door.

mod m0001;
mod m0002;
mod m0003;
mod m0004;
mod m0005;
mod run;
mod table;

pub use run::{Lock, MigrateError, pending, up};
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// All steps, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001::Migration),
            Box::new(m0002::Migration),
            Box::new(m0003::Migration),
            Box::new(m0004::Migration),
            Box::new(m0005::Migration),
        ]
    }
}
