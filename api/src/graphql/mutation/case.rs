//! Deciding on proposals, and holding, resuming and ending cases.

use async_graphql::{Context, ID, Object, Result};
use domain::{case, idempotency};
use entity::{CaseId, HoldReason, collection_case};

use super::{
    once,
    payload::{CasePayload, CasesPayload, answer, answer_with},
    selection::SelectionInput,
};
use crate::graphql::{
    access::{env, viewer},
    id,
    kind::CloseReason,
    loader::{self, Row},
    scalars::Date,
};

fn one(case: collection_case::Model) -> CasePayload {
    CasePayload { case: Some(case.into()), user_errors: Vec::new() }
}

/// Deciding on proposals, and holding, resuming and ending cases.
#[derive(Default)]
pub struct CaseMutations;

#[Object]
impl CaseMutations {
    /// Approves proposals, all or none: letters go out by the policy from now on. `@idempotent` required. For owners and
    /// accountants.
    async fn cases_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposals.")] selection: SelectionInput,
    ) -> Result<CasesPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let approved = async {
            let (call, selection) = (once::call(ctx)?, selection.selection()?);
            idempotency::once(env, &viewer, &call, move |change| {
                Box::pin(async move {
                    let approved = case::approve_in(change, &viewer, &selection).await?;
                    Ok(approved.cases.iter().map(|case| case.id).collect::<Vec<CaseId>>())
                })
            })
            .await
        };
        answer_with(approved.await, |ids| async move {
            let mut found = loader::many(ctx, ids.iter().map(|id| Row(viewer.tenant, *id))).await?;
            let cases = ids.iter().filter_map(|id| found.remove(&Row(viewer.tenant, *id))).map(Into::into).collect();
            Ok(CasesPayload { cases: Some(cases), user_errors: Vec::new() })
        })
        .await
    }

    /// Declines proposals, all or none; their invoices are not proposed again. For owners and accountants.
    async fn cases_decline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposals.")] selection: SelectionInput,
        #[graphql(desc = "Why, at most 500 characters.")] reason: Option<String>,
    ) -> Result<CasesPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let declined = async { case::decline(env, &viewer, &selection.selection()?, reason.as_deref()).await };
        answer(declined.await, |cases| CasesPayload { cases: Some(cases.into_iter().map(Into::into).collect()), user_errors: Vec::new() })
    }

    /// Puts a case on hold until the end of a day. Letters that have not left are stopped, and issued anew with the
    /// figures of the day when the case goes on. For owners and accountants.
    async fn case_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] id: ID,
        #[graphql(desc = "The last day of the hold, in the tenant's zone; at most 366 days ahead.")] until: Date,
        #[graphql(desc = "Why, at most 500 characters.")] reason: String,
        #[graphql(desc = "Refuse with STALE_VERSION when the case is at another version.")] expected_version: Option<i64>,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let held = async { case::hold(env, &viewer, id::named(&id, "id")?, HoldReason::Paused, until.0, &reason, expected_version).await };
        answer(held.await, one)
    }

    /// Ends a hold before its time. For owners and accountants.
    async fn case_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; it must be on hold.")] id: ID,
        #[graphql(desc = "Refuse with STALE_VERSION when the case is at another version.")] expected_version: Option<i64>,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let resumed = async { case::resume(env, &viewer, id::named(&id, "id")?, expected_version).await };
        answer(resumed.await, one)
    }

    /// Gives up what is outstanding and closes the case; nothing is sent to the debtor. `@idempotent` required. For
    /// owners and accountants.
    async fn case_write_off(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] id: ID,
        #[graphql(desc = "Why, at most 500 characters.")] reason: String,
        #[graphql(desc = "Refuse with STALE_VERSION when the case is at another version.")] expected_version: Option<i64>,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let written_off = async {
            let (call, id) = (once::call(ctx)?, id::named::<CaseId>(&id, "id")?);
            idempotency::once(env, &viewer, &call, move |change| {
                Box::pin(async move { Ok(case::write_off_in(change, &viewer, id, &reason, expected_version).await?.id) })
            })
            .await
        };
        answer_with(written_off.await, |id| async move {
            let case = loader::one(ctx, Row(viewer.tenant, id)).await?;
            Ok(CasePayload { case: case.map(Into::into), user_errors: Vec::new() })
        })
        .await
    }

    /// Takes a case back: no more letters; its invoices stay open in the accounting system. For owners and accountants.
    async fn case_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] id: ID,
        #[graphql(desc = "How it ends; PAID, CREDITED and WRITTEN_OFF come by themselves and are refused.")] reason: CloseReason,
        #[graphql(desc = "Why, at most 500 characters.")] note: String,
        #[graphql(desc = "Refuse with STALE_VERSION when the case is at another version.")] expected_version: Option<i64>,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let withdrawn = async {
            let id = id::named(&id, "id")?;
            case::withdraw(env, &viewer, id, reason.into(), &note, expected_version).await
        };
        answer(withdrawn.await, one)
    }
}
