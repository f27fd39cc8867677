//! One payment or credit note on one invoice.

use sea_orm::entity::prelude::*;

use crate::id::{IntegrationId, InvoiceId, PaymentId, TenantId, UserId};
use crate::kind::{PaymentKind, PaymentSource};

/// One payment or credit note on one invoice.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentId,
    /// Where the invoice comes from.
    pub integration_id: IntegrationId,
    /// Which invoice it reduces.
    pub invoice_id: InvoiceId,
    /// Its id there; our own id for payments recorded by hand.
    pub external_id: String,
    /// Money or credit note.
    pub kind: PaymentKind,
    /// Who told us.
    pub source: PaymentSource,
    /// How much, positive.
    pub amount_minor: i64,
    /// ISO 4217, the invoice's.
    pub currency: String,
    /// Value date.
    pub received_on: Date,
    /// Matched in the accounting system; one that is not holds the next letter and closes nothing.
    pub reconciled: bool,
    /// When it was deleted or bounced; it no longer counts.
    pub reversed_at: Option<DateTimeUtc>,
    /// As the payer wrote it.
    pub reference: Option<String>,
    /// Who, for payments recorded by hand.
    pub recorded_by: Option<UserId>,
    /// When it became known here.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
