//! Escalation policies: making, revising and archiving them, whose new cases get them, and moving open cases.

mod input;

use async_graphql::{Context, ID, Object, Result};
use domain::policy::{self, Saved};
use entity::{PolicyId, TenantId};

use super::payload::{CasesPayload, PolicyDefaultPayload, PolicyPayload, answer, answer_with};
use crate::graphql::{
    access::{env, viewer},
    id,
    loader::{self, Row},
    tenant::{Tenant, tenant_row},
};
pub(crate) use input::{PolicyInput, draft_of};
use input::{PolicyPositionInput, PolicyScopeInput};

async fn saved(ctx: &Context<'_>, tenant: TenantId, saved: Saved) -> Result<PolicyPayload> {
    let policy = loader::one(ctx, Row(tenant, saved.id)).await?;
    let warnings = saved.warnings.into_iter().map(Into::into).collect();
    Ok(PolicyPayload { policy: policy.map(Into::into), warnings: Some(warnings), user_errors: Vec::new() })
}

/// Escalation policies.
#[derive(Default)]
pub struct PolicyMutations;

#[Object]
impl PolicyMutations {
    /// Makes a policy, or adds a revision to one. Open cases keep the revision that they began with; move them with
    /// `casesMovePolicy`. The same steps again add no revision. What the country's rules forbid is refused with the rule
    /// and its source. For owners.
    async fn policy_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The policy to revise; a new one when left out.")] id: Option<ID>,
        #[graphql(desc = "Name and steps.")] input: PolicyInput,
        #[graphql(desc = "Refuse with STALE_VERSION when its newest revision is another one.")] expected_revision: Option<i32>,
    ) -> Result<PolicyPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let made = async {
            let id = id.as_ref().map(|id| id::named(id, "id")).transpose()?;
            policy::save(env, &viewer, id, &input.draft(expected_revision)?).await
        };
        answer_with(made.await, |made| saved(ctx, viewer.tenant, made)).await
    }

    /// Makes a policy of a preset, for any debtor. For owners.
    async fn policy_from_preset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The preset's key, as `policyPresets` lists it.")] key: String,
        #[graphql(desc = "Shown to people; the preset's name when left out.")] name: Option<String>,
    ) -> Result<PolicyPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let made = async {
            let draft = policy::Draft::of_preset(&key, name.as_deref())?;
            policy::save(env, &viewer, None, &draft).await
        };
        answer_with(made.await, |made| saved(ctx, viewer.tenant, made)).await
    }

    /// Takes a policy out of use. Cases that follow it go on with it. For owners.
    async fn policy_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which policy.")] id: ID,
        #[graphql(desc = "What new cases get instead, wherever they get this one; needed while they do.")] replace_with_id: Option<ID>,
    ) -> Result<PolicyPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let archived = async {
            let other = replace_with_id.as_ref().map(|id| id::named::<PolicyId>(id, "replaceWithId")).transpose()?;
            policy::archive(env, &viewer, id::named(&id, "id")?, other).await
        };
        answer(archived.await, |row| PolicyPayload { policy: Some(row.into()), ..PolicyPayload::default() })
    }

    /// Sets the policy of new cases: a debtor's comes first, then the integration's, then the tenant's. One that is made for
    /// debtors of another country or kind is passed over. Cases that are there keep theirs. For owners; a debtor's also for
    /// accountants.
    async fn policy_default_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose new cases.")] scope: PolicyScopeInput,
        #[graphql(desc = "Which policy; null takes the nearer one away. The tenant always has one.")] policy_id: Option<ID>,
    ) -> Result<PolicyDefaultPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let set = async {
            let scope = scope.scope()?;
            let policy = policy_id.as_ref().map(|id| id::named::<PolicyId>(id, "policyId")).transpose()?;
            policy::assign(env, &viewer, scope, policy).await?;
            Ok(scope)
        };
        answer_with(set.await, |scope| async move {
            let mut payload = PolicyDefaultPayload::default();
            match scope {
                policy::Scope::Tenant => payload.tenant = Some(Tenant(tenant_row(ctx, viewer.tenant).await?)),
                policy::Scope::Integration(id) => payload.integration = loader::one(ctx, Row(viewer.tenant, id)).await?.map(Into::into),
                policy::Scope::Debtor(id) => payload.debtor = loader::one(ctx, Row(viewer.tenant, id)).await?.map(Into::into),
            }
            Ok(payload)
        })
        .await
    }

    /// Moves open cases, all or none, to the newest revision of a policy. Letters and tasks that have not left are stopped;
    /// the next step is due as if the case had always followed the new steps: its wait counts from when the last step ran.
    /// The same call again changes nothing. For owners and accountants.
    async fn cases_move_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which cases, at most 500; proposed, active, or on hold while active.")] ids: Vec<ID>,
        #[graphql(desc = "Which policy; its own again to take its newest revision.")] policy_id: ID,
        #[graphql(desc = "With which step they go on.")] position: PolicyPositionInput,
    ) -> Result<CasesPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let moved = async {
            let ids = id::named_all(&ids, "ids")?;
            let policy = id::named::<PolicyId>(&policy_id, "policyId")?;
            let position = position.position()?;
            policy::move_cases(env, &viewer, &ids, policy, position).await
        };
        answer(moved.await, |cases| CasesPayload { cases: Some(cases.into_iter().map(Into::into).collect()), user_errors: Vec::new() })
    }
}
