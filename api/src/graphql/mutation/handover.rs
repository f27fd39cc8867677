//! Deciding on hand-overs: yes, no, taken, again, back. None needs a key: each is possible once from where the hand-over
//! stands, and what leaves for the agency carries the hand-over's own id.

use async_graphql::{Context, ID, Object, Result};
use domain::handover;

use super::{
    payload::{HandoverPayload, answer},
    place::placed,
};
use crate::graphql::{
    access::{env, viewer},
    id,
};

/// Where the use cases' arguments are in these mutations.
const PLACES: [(&str, &str); 1] = [("id", "caseId")];

fn payload(row: entity::handover::Model) -> HandoverPayload {
    HandoverPayload { handover: Some(row.into()), user_errors: Vec::new() }
}

/// Deciding on hand-overs.
#[derive(Default)]
pub struct HandoverMutations;

#[Object]
impl HandoverMutations {
    /// Says yes to a hand-over before the time to decide is over. For owners and accountants.
    async fn handover_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; its hand-over must be offered.")] case_id: ID,
    ) -> Result<HandoverPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let confirmed = async { handover::confirm(env, &viewer, id::named(&case_id, "caseId")?).await };
        answer(placed(confirmed.await, "", &PLACES), payload)
    }

    /// Stops a hand-over that did not begin. The case then waits for a person: hand it over after all with `handoverRetry`,
    /// write it off or withdraw it. For owners and accountants.
    async fn handover_opt_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; its hand-over must be offered, or wait to be submitted.")] case_id: ID,
        #[graphql(desc = "Why, at most 500 characters.")] reason: Option<String>,
    ) -> Result<HandoverPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let reason = reason.unwrap_or_default();
        let stopped = async { handover::opt_out(env, &viewer, id::named(&case_id, "caseId")?, &reason).await };
        answer(placed(stopped.await, "", &PLACES), payload)
    }

    /// Notes that the agency took the case: that it fetched the file, or told so otherwise. For owners and accountants.
    async fn handover_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; it must be with the agency.")] case_id: ID,
        #[graphql(desc = "The agency's case number.")] reference: String,
    ) -> Result<HandoverPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let accepted = async { handover::accept(env, &viewer, id::named(&case_id, "caseId")?, &reference).await };
        answer(placed(accepted.await, "", &PLACES), payload)
    }

    /// Asks for the hand-over of a case that waits for it: one that is stuck is tried at once; after a rejection, a stop or a
    /// recall it begins anew, without another time to decide. For owners and accountants.
    async fn handover_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; it must wait for hand-over.")] case_id: ID,
    ) -> Result<HandoverPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let asked = async { handover::request(env, &viewer, id::named(&case_id, "caseId")?).await };
        answer(placed(asked.await, "", &PLACES), payload)
    }

    /// Takes a case back from the agency, which is told to stop. For owners and accountants.
    async fn handover_recall(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; the agency must have taken it.")] case_id: ID,
        #[graphql(desc = "Why, at most 500 characters.")] reason: String,
    ) -> Result<HandoverPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let recalled = async { handover::recall(env, &viewer, id::named(&case_id, "caseId")?, &reason).await };
        answer(placed(recalled.await, "", &PLACES), payload)
    }
}
