//! Deliveries that the machine must not decide about.

use async_graphql::{Context, Enum, ID, Object, Result};
use domain::delivery;

use super::payload::{DeliveryPayload, SuppressionPayload, answer};
use crate::graphql::{
    access::{env, viewer},
    id,
    suppression::Suppression,
};

/// What a person found out about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::delivery::Resolution")]
pub enum DeliveryResolution {
    /// It did arrive.
    WasSent,
    /// It did not: hand it over again.
    SendAgain,
}

/// Deliveries that the machine must not decide about.
#[derive(Default)]
pub struct DeliveryMutations;

#[Object]
impl DeliveryMutations {
    /// Decides on a delivery whose answer was lost or that failed. Nothing is ever sent a second time without this. For
    /// owners and accountants.
    async fn delivery_resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which delivery; it must be UNKNOWN or FAILED.")] id: ID,
        #[graphql(desc = "What the person found out.")] resolution: DeliveryResolution,
    ) -> Result<DeliveryPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let resolved = async { delivery::resolve(env, &viewer, id::named(&id, "id")?, resolution.into()).await };
        answer(resolved.await, |row| DeliveryPayload { delivery: Some(row.into()), user_errors: Vec::new() })
    }

    /// Lets an address be used again: its trouble is over, or the debtor said that it may. For owners and accountants.
    async fn suppression_lift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which suppression; see `Debtor.unusableContacts`.")] id: ID,
    ) -> Result<SuppressionPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let lifted = async { delivery::lift(env, &viewer, id::named(&id, "id")?).await };
        answer(lifted.await, |row| SuppressionPayload { suppression: Some(Suppression(row)), user_errors: Vec::new() })
    }
}
