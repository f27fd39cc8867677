//! Deliveries: one letter over one channel.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{attempt, delivery, receipt};

use super::{
    case::Case,
    connection::list_cost,
    id,
    kind::{AttemptOutcome, Channel, DeliveryStatus, NewsKind},
    letter::Letter,
    loader::{self, AttemptsOf, ReceiptsOf, Row},
};

/// One hand-over of a delivery to its provider.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct DeliveryAttempt {
    /// Counts from 1.
    pub number: i32,
    /// When the provider was about to be asked.
    pub started_at: DateTime<Utc>,
    /// When its answer was written down; null while it is under way, or when the process died.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; null while it is under way.
    pub outcome: Option<AttemptOutcome>,
    /// Why it did not succeed.
    pub code: Option<String>,
    /// The same for people.
    pub message: Option<String>,
    /// The provider's name for what it accepted.
    pub provider_id: Option<String>,
}

impl From<attempt::Model> for DeliveryAttempt {
    fn from(row: attempt::Model) -> Self {
        Self {
            number: row.number,
            started_at: row.started_at,
            finished_at: row.finished_at,
            outcome: row.outcome.map(Into::into),
            code: row.code,
            message: row.message,
            provider_id: row.provider_id,
        }
    }
}

/// What the provider told about a delivery after it had taken it, or what the debtor answered.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct DeliveryReceipt {
    /// What it means.
    pub kind: NewsKind,
    /// The provider's own word.
    pub word: String,
    /// Why it did not arrive.
    pub code: Option<String>,
    /// The same for people; the debtor's own words of an answer.
    pub message: Option<String>,
    /// When it happened, as the provider says.
    pub happened_at: Option<DateTime<Utc>>,
    /// When it was heard.
    pub heard_at: DateTime<Utc>,
    /// Whether it moved the delivery on; late and repeated news does not.
    pub moved: bool,
}

impl From<receipt::Model> for DeliveryReceipt {
    fn from(row: receipt::Model) -> Self {
        Self {
            kind: row.kind.into(),
            word: row.word,
            code: row.code,
            message: row.message,
            happened_at: row.happened_at,
            heard_at: row.created_at,
            moved: row.moved,
        }
    }
}

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

    /// How often it was handed to the provider since it was last planned; what our credentials spoiled does not count.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// Each hand-over to the provider, oldest first.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn attempt_log(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<DeliveryAttempt>> {
        let rows = loader::one(ctx, AttemptsOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(DeliveryAttempt::from).collect())
    }

    /// What the provider told later, in the order in which it was heard, answers of the debtor included.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn receipts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<DeliveryReceipt>> {
        let rows = loader::one(ctx, ReceiptsOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(DeliveryReceipt::from).collect())
    }

    /// The provider's last word on it, as it said it.
    async fn provider_status(&self) -> Option<&str> {
        self.0.provider_status.as_deref()
    }

    /// When the provider said that it arrived.
    async fn delivered_at(&self) -> Option<DateTime<Utc>> {
        self.0.delivered_at
    }

    /// Parts that the short message is sent and paid in; null for other channels.
    async fn sms_segments(&self) -> Option<i32> {
        self.0.sms_segments
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
