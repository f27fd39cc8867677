//! What an operation would cost: a second schema of the same types that measures and runs nothing.
//!
//! The executor refuses an operation that costs too much and keeps the figure to itself; only an extension hears of it. An
//! extension on the schema that serves would stand in the way of each field of each answer, so it is on one that is asked
//! only after a refusal.

use std::sync::Arc;

use async_graphql::{
    ObjectType, Request, Response, Schema, SchemaBuilder, ServerError, SubscriptionType, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};
use async_trait::async_trait;
use futures_util::FutureExt;

/// Weighs operations against the limit of a schema.
pub struct Scales {
    limit: usize,
    weigh: Box<dyn Fn(Request) -> Option<Response> + Send + Sync>,
}

impl Scales {
    /// Scales for the schema that the same builder makes, with `limit` as its `limit_complexity`. Its data is not needed: no
    /// resolver ever runs.
    pub fn new<Q, M, S>(builder: SchemaBuilder<Q, M, S>, limit: usize) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let schema: Schema<Q, M, S> = builder.limit_complexity(usize::MAX).extension(Measure).finish();
        // Nothing is waited for before the verdict.
        Self { limit, weigh: Box::new(move |request| schema.execute(request).now_or_never()) }
    }

    /// The cost that is allowed.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// What a request costs; none when it cannot be told.
    pub(crate) fn cost(&self, request: Request) -> Option<usize> {
        (self.weigh)(request)?.errors.first()?.message.parse().ok()
    }
}

/// Ends each request after it was measured; the cost is the message.
struct Measure;

impl ExtensionFactory for Measure {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Measure {
    async fn validation(&self, ctx: &ExtensionContext<'_>, next: NextValidation<'_>) -> Result<ValidationResult, Vec<ServerError>> {
        let measured = next.run(ctx).await?;
        Err(vec![ServerError::new(measured.complexity.to_string(), None)])
    }
}
