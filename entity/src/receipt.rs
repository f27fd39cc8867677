//! What a provider told about a delivery after it had taken it. Kept as told, once.

use sea_orm::entity::prelude::*;

use crate::id::{DeliveryId, ReceiptId, TenantId};
use crate::kind::NewsKind;

/// What a provider told about a delivery after it had taken it. Kept as told, once.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReceiptId,
    /// About which delivery.
    pub delivery_id: DeliveryId,
    /// Tells this news from others about the same delivery; the same when it is told again.
    pub mark: String,
    /// What it means to us.
    pub kind: NewsKind,
    /// The provider's own word.
    pub word: String,
    /// Why it did not arrive.
    pub code: Option<String>,
    /// The same for people.
    pub message: Option<String>,
    /// When it happened, as the provider says.
    pub happened_at: Option<DateTimeUtc>,
    /// What the provider told, as far as it may serve as evidence.
    pub raw: Json,
    /// Whether it moved the delivery on; late and repeated news does not.
    pub moved: bool,
    /// When we heard it.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
