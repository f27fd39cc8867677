//! An address, number or postal address that must not be used any more, until a person says otherwise.

use sea_orm::entity::prelude::*;

use crate::id::{DebtorId, DeliveryId, SuppressionId, TenantId, UserId};
use crate::kind::{Channel, SuppressionReason};

/// An address, number or postal address that must not be used any more, until a person says otherwise.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suppression")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SuppressionId,
    /// By which way.
    pub channel: Channel,
    /// In one spelling: e-mail in lower case, number in E.164, postal address as one line in lower case. At most one
    /// row that was not lifted for each channel and address.
    pub address: String,
    /// Why.
    pub reason: SuppressionReason,
    /// The provider's reason, or what the person wrote.
    pub detail: Option<String>,
    /// Whose address it was when it was suppressed.
    pub debtor_id: Option<DebtorId>,
    /// The delivery that taught us.
    pub delivery_id: Option<DeliveryId>,
    /// Since when.
    pub created_at: DateTimeUtc,
    /// When it was lifted; none while it holds.
    pub lifted_at: Option<DateTimeUtc>,
    /// By which person; none when the debtor did it.
    pub lifted_by: Option<UserId>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
