//! Deliveries: one letter over one channel.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::delivery;

use super::{
    case::Case,
    id,
    kind::{Channel, DeliveryStatus},
    letter::Letter,
    loader::{self, Row},
};

/// One letter over one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery(pub delivery::Model);

impl From<delivery::Model> for Delivery {
    fn from(row: delivery::Model) -> Self {
        Self(row)
    }
}

/// One letter over one channel.
#[Object]
impl Delivery {
    /// Its id, `dlv_…`; the idempotency key towards providers.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Which way.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// The address, the number, or the postal address in one line.
    async fn recipient(&self) -> &str {
        &self.0.recipient
    }

    /// Where it stands. UNKNOWN and FAILED need a person: see `deliveryResolve`.
    async fn status(&self) -> DeliveryStatus {
        self.0.status.into()
    }

    /// How often it was handed to the provider.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When it is due; null when it is through.
    async fn scheduled_for(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }

    /// When the provider accepted it.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }

    /// Why it waits or failed, mostly a `UserErrorCode`.
    async fn failure_code(&self) -> Option<&str> {
        self.0.error_code.as_deref()
    }

    /// The same for people.
    async fn failure_message(&self) -> Option<&str> {
        self.0.error_message.as_deref()
    }

    /// Which letter.
    async fn letter(&self, ctx: &Context<'_>) -> async_graphql::Result<Letter> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.letter_id)).await?;
        row.map(Letter).ok_or_else(|| "a delivery without a letter".into())
    }

    /// Whose.
    async fn case(&self, ctx: &Context<'_>) -> async_graphql::Result<Case> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.case_id)).await?;
        row.map(Case).ok_or_else(|| "a delivery without a case".into())
    }

    /// When it was planned.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
