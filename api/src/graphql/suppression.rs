//! Addresses that must not be used.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::suppression;

use super::{
    debtor::Debtor,
    delivery::Delivery,
    id,
    kind::{Channel, SuppressionReason},
    loader::{self, Row},
    viewer::{User, member},
};

/// An address that must not be used: what was sent there came back, or the debtor does not want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression(pub suppression::Model);

/// An address that must not be used: what was sent there came back, or the debtor does not want it.
#[Object]
impl Suppression {
    /// Its id, `sup_…`.
    async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// By which way.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// The address, in lower case; a number in E.164; a postal address in one line.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// Why.
    async fn reason(&self) -> SuppressionReason {
        self.0.reason.into()
    }

    /// What the provider said, or the debtor wrote.
    async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// Whose address it was when that became known.
    async fn debtor(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Debtor>> {
        match self.0.debtor_id {
            Some(debtor) => Ok(loader::one(ctx, Row(self.0.tenant_id, debtor)).await?.map(Debtor)),
            None => Ok(None),
        }
    }

    /// The delivery that taught us.
    async fn delivery(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Delivery>> {
        match self.0.delivery_id {
            Some(delivery) => Ok(loader::one(ctx, Row(self.0.tenant_id, delivery)).await?.map(Delivery)),
            None => Ok(None),
        }
    }

    /// Since when.
    async fn since(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was lifted; null while it holds.
    async fn lifted_at(&self) -> Option<DateTime<Utc>> {
        self.0.lifted_at
    }

    /// Who lifted it; null while it holds, or when the debtor did.
    async fn lifted_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.lifted_by).await
    }
}

impl From<suppression::Model> for Suppression {
    fn from(row: suppression::Model) -> Self {
        Self(row)
    }
}
