//! Payments and credit notes.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::payment;

use super::{
    id,
    invoice::Invoice,
    kind::{PaymentKind, PaymentSource},
    loader::{self, Row},
    money::Money,
    scalars::Date,
};

/// One payment or credit note on one invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment(pub payment::Model);

impl From<payment::Model> for Payment {
    fn from(row: payment::Model) -> Self {
        Self(row)
    }
}

/// One payment or credit note on one invoice.
#[Object]
impl Payment {
    /// Its id, `pay_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Money received, or a credit note.
    async fn kind(&self) -> PaymentKind {
        self.0.kind.into()
    }

    /// How much; always positive.
    async fn amount(&self) -> Money {
        Money::new(self.0.amount_minor, &self.0.currency)
    }

    /// The value date.
    async fn received_on(&self) -> Date {
        Date(self.0.received_on)
    }

    /// Who told us of it.
    async fn source(&self) -> PaymentSource {
        self.0.source.into()
    }

    /// Its id in the accounting system; null for payments that a person recorded.
    async fn external_id(&self) -> Option<&str> {
        (self.0.source == entity::PaymentSource::AccountingSync).then_some(self.0.external_id.as_str())
    }

    /// Matched in the accounting system. One that is not yet holds the next letter and closes nothing.
    async fn reconciled(&self) -> bool {
        self.0.reconciled
    }

    /// When it was deleted, or bounced; it no longer counts from then on.
    async fn reversed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reversed_at
    }

    /// As the payer wrote it.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// When it became known here.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The invoice that it reduces.
    async fn invoice(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        Ok(loader::one(ctx, Row(self.0.tenant_id, self.0.invoice_id)).await?.map(Invoice))
    }
}
