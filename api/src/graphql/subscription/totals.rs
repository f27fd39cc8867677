//! Following the figures of a tenant.

use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::{Messages, source::Source};
use crate::{
    graphql::{
        error::query_error,
        scalars::CurrencyCode,
        summary::{CollectionSummary, of_tenant},
    },
    tail::Follow,
};

/// At most one message in this time.
const PAUSE: Duration = Duration::from_secs(1);

/// Figures change by the calendar, too, without any event: invoices age, months begin.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);

struct Totals {
    source: Source,
    follow: Follow,
    currency: Option<CurrencyCode>,
    told: CollectionSummary,
    begun: bool,
    failed: bool,
}

/// Follows the figures.
pub(super) async fn follow(source: Source, currency: Option<CurrencyCode>) -> async_graphql::Result<Messages<CollectionSummary>> {
    let place = source.begin(None).await?;
    let told = of_tenant(&source.env, source.viewer.tenant, currency.as_ref()).await?;
    let follow = source.follow(place);
    let totals = Totals { source, follow, currency, told, begun: false, failed: false };
    Ok(stream::unfold(totals, |mut totals| async move { totals.next().await.map(|message| (message, totals)) }).boxed())
}

impl Totals {
    async fn next(&mut self) -> Option<async_graphql::Result<CollectionSummary>> {
        if !self.begun {
            self.begun = true;
            return Some(Ok(self.told.clone()));
        }
        if self.failed {
            return None;
        }
        // Everything that happens meanwhile waits in the queue and is told together.
        tokio::time::sleep(PAUSE).await;
        let changed = self.changed().await.transpose();
        self.failed = matches!(changed, Some(Err(_)));
        changed
    }

    /// The next figures that differ from what was told; none when the process stops.
    async fn changed(&mut self) -> async_graphql::Result<Option<CollectionSummary>> {
        loop {
            if let Ok(events) = tokio::time::timeout(LOOK_ANYWAY, self.follow.next()).await
                && events.map_err(query_error)?.is_none()
            {
                return Ok(None);
            }
            let now = of_tenant(&self.source.env, self.source.viewer.tenant, self.currency.as_ref()).await?;
            let same = CollectionSummary { as_of: self.told.as_of, ..now.clone() } == self.told;
            self.told = now.clone();
            if !same {
                return Ok(Some(now));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
