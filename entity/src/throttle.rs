//! The calls made to a provider of late, for limits that hold over all processes. Belongs to no tenant.

use sea_orm::entity::prelude::*;

/// The calls made to a provider of late.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttle")]
pub struct Model {
    /// Whom the limits count for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The calls and turns that still count under any of its limits; `domain::throttle`'s own format.
    pub taken: Json,
    /// No call before; by the machine's clock.
    pub closed_until: Option<DateTimeUtc>,
    /// Grows with each turn.
    pub version: i64,
    /// When a turn was last taken, by the machine's clock.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
