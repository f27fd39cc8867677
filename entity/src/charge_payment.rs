//! Money received for what a case owes beside its invoices: told by a person, because the books do not know of it.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, ChargePaymentId, TenantId, UserId};

/// Money received for what a case owes beside its invoices.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "charge_payment")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChargePaymentId,
    /// Whose.
    pub case_id: CaseId,
    /// How much, positive.
    pub amount_minor: i64,
    /// ISO 4217, the case's.
    pub currency: String,
    /// Value date.
    pub received_on: Date,
    /// As the payer wrote it, or as the person knows it.
    pub note: Option<String>,
    /// When it was taken back; it no longer counts.
    pub reversed_at: Option<DateTimeUtc>,
    /// Who told of it.
    pub recorded_by: Option<UserId>,
    /// When it became known here.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
