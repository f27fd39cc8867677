//! Live: each subscription begins with how things stand, then tells every change. A message's `cursor`, given as
//! `after`, goes on right behind it – in another connection, another process, after a restart – without loss and
//! without repeat.
//!
//! The place in the feed is taken before the first state is read: a change in between is told once more, never missed.
//! What a subscriber gets is always read anew within its viewer's tenant.

mod cases;
mod runs;
mod source;
mod stream;
mod totals;

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::BoxStream;

pub use runs::SyncProgressEvent;

use super::{case::CaseEvent, query::CaseWhere, scalars::CurrencyCode, summary::CollectionSummary};
use source::Source;

/// What a subscription sends.
type Messages<T> = BoxStream<'static, async_graphql::Result<T>>;

/// Live changes.
#[derive(Default)]
pub struct Subscription;

/// Live changes. Each subscription begins with how things stand, then tells every change.
#[Subscription]
impl Subscription {
    /// Runs of an integration, or of all: first those that are under way, and the newest of the integration; then
    /// every step on their way.
    async fn sync_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only runs of this integration.")] integration_id: Option<ID>,
        #[graphql(desc = "Go on behind the message with this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Messages<SyncProgressEvent>> {
        let source = Source::of(ctx)?;
        runs::follow(source, integration_id.as_ref(), after.as_deref()).await
    }

    /// One case: first how it stands, then everything that happens to it, each with its timeline entry.
    async fn case_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] case_id: ID,
        #[graphql(desc = "Go on behind the message with this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Messages<CaseEvent>> {
        let source = Source::of(ctx)?;
        cases::follow_one(source, &case_id, after.as_deref()).await
    }

    /// The cases that match a filter: first the hundred that changed last, then every case that begins to match,
    /// changes or no longer matches. Several events at once on one case are one message.
    async fn cases_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which cases, as for `cases`.", name = "where")] wanted: Option<CaseWhere>,
        #[graphql(desc = "Go on behind the message with this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Messages<CaseEvent>> {
        let source = Source::of(ctx)?;
        cases::follow_many(source, wanted.unwrap_or_default(), after.as_deref()).await
    }

    /// How collecting goes: first the figures as they are, then whenever they change, at most once a second.
    async fn collection_summary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which currency; the tenant's when left out.")] currency: Option<CurrencyCode>,
    ) -> async_graphql::Result<Messages<CollectionSummary>> {
        let source = Source::of(ctx)?;
        totals::follow(source, currency).await
    }
}
