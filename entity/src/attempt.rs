//! One hand-over of a delivery to its provider: written before the call, completed after it.

use sea_orm::entity::prelude::*;

use crate::id::{DeliveryId, TenantId};
use crate::kind::AttemptOutcome;

/// One hand-over of a delivery to its provider: written before the call, completed after it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempt")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Of which delivery.
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: DeliveryId,
    /// Counts from 1; every hand-over counts, also one that `delivery.attempts` forgives.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// When the provider was about to be asked.
    pub started_at: DateTimeUtc,
    /// When its answer was written down; none while it is under way.
    pub finished_at: Option<DateTimeUtc>,
    /// How it ended; none while it is under way.
    pub outcome: Option<AttemptOutcome>,
    /// Why it did not succeed.
    pub code: Option<String>,
    /// The same for people.
    pub message: Option<String>,
    /// The provider's name for what it accepted.
    pub provider_id: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
