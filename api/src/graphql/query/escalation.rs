//! Questions about what will happen: why a case waits, what waits for a yes, and what would go out by itself.

use async_graphql::{
    Context, ID, Object,
    connection::{Connection, EmptyFields},
};
use domain::escalation::{explain, simulate};
use entity::{CaseId, DebtorId, IntegrationId, LetterStatus, PolicyId, Scoped, collection_case, letter};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait};

use super::{
    cases::{CaseWhere, filter},
    distinct,
};
use crate::graphql::{
    access,
    connection::{connect, db, page_cost},
    consent_queue::{ConsentQueueWhere, QueueName, Waiting},
    error::query_error,
    explanation::CaseExplanation,
    id,
    keyset::{Key, Ordering, Paging, Place},
    kind::LetterKind,
    letter::Letter,
    mutation::{PolicyInput, draft_of},
    seal::Seal,
    simulation::PolicySimulation,
};

const OLDEST_FIRST: Ordering<letter::Model> = Ordering {
    column: letter::Column::CreatedAt,
    id: letter::Column::Id,
    nullable: false,
    descending: false,
    place: |row| Place(Key::Instant(row.created_at), row.id.0),
};

/// What a dry run costs: it may read 10,000 cases and walk each over 90 days, so that one operation asks for three at most.
const DRY_RUN_COST: usize = 6_000;

/// Questions about what will happen.
#[derive(Default)]
pub struct Escalation;

/// Questions about what will happen.
#[Object]
impl Escalation {
    /// Why a case stands where it stands: every gate before its next step with the facts that it looked at, found by the
    /// very decision that sends letters.
    #[graphql(complexity = "20 + child_complexity")]
    async fn case_explain(&self, ctx: &Context<'_>, #[graphql(desc = "Which case.")] id: ID) -> async_graphql::Result<CaseExplanation> {
        let (env, viewer) = (access::env(ctx)?, access::viewer(ctx)?);
        let case = id::queried::<CaseId>(&id, "id")?;
        let found = explain(env, viewer.tenant, case).await.map_err(query_error)?;
        Ok(CaseExplanation::new(case, found))
    }

    /// Letters that wait for a yes, oldest first, each exactly as it would leave. Decide with `lettersConsent`; a request
    /// that is not answered in time (`CollectionSettings.consentDays`) is withdrawn and asked anew with the figures of that day.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn consent_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many; 20 unless said otherwise, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Which.", name = "where")] wanted: Option<ConsentQueueWhere>,
    ) -> async_graphql::Result<Connection<String, Letter, Waiting, EmptyFields, QueueName>> {
        let (db, tenant) = (db(ctx)?, access::viewer(ctx)?.tenant);
        let wanted = wanted.unwrap_or_default();
        let mut cases = collection_case::Entity::of(tenant);
        if let Some(debtor) = &wanted.debtor_id {
            cases = cases.filter(collection_case::Column::DebtorId.eq(id::queried::<DebtorId>(debtor, "where.debtorId")?));
        }
        if let Some(integration) = &wanted.integration_id {
            let integration = id::queried::<IntegrationId>(integration, "where.integrationId")?;
            cases = cases.filter(collection_case::Column::IntegrationId.eq(integration));
        }
        let mut select = letter::Entity::of(tenant).filter(letter::Column::Status.eq(LetterStatus::AwaitingConsent));
        // One yes covers every case of a letter.
        select = select.filter(letter::Column::LeadId.is_null());
        if wanted.debtor_id.is_some() || wanted.integration_id.is_some() {
            let ids = cases.select_only().column(collection_case::Column::Id).into_query();
            select = select.filter(letter::Column::CaseId.in_subquery(ids));
        }
        if let Some(kinds) = wanted.kind {
            select = select
                .filter(letter::Column::Kind.is_in(distinct(kinds.into_iter().map(|kind: LetterKind| entity::LetterKind::from(kind)))));
        }
        let paging = Paging { first, after, last: None, before: None };
        let page = OLDEST_FIRST.page(db, select.clone(), &paging, &Seal::of(ctx, "consentQueue")?).await?;
        Ok(connect(page, Waiting::new(db, select)))
    }

    /// What would go out by itself from now on, day by day: a dry run of the very decision that sends letters, over a moved
    /// clock. Nothing is written and nothing is sent. Use it before turning automatic actions on, or before saving a policy.
    #[graphql(complexity = "DRY_RUN_COST + child_complexity")]
    async fn policy_simulate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Along the newest revision of this policy, each case at the step where it stands.")] policy_id: Option<ID>,
        #[graphql(desc = "Along these steps, which are not saved; instead of `policyId`.")] draft: Option<PolicyInput>,
        #[graphql(desc = "Which cases, at most 10,000; of them those that are proposed, active, or on hold with an end.", name = "where")]
        wanted: Option<CaseWhere>,
        #[graphql(desc = "How many days, 1 to 90.", default = 30)] days: i32,
    ) -> async_graphql::Result<PolicySimulation> {
        let (env, viewer) = (access::env(ctx)?, access::viewer(ctx)?);
        let along = match (policy_id, draft) {
            (Some(id), None) => simulate::Along::Policy(id::queried::<PolicyId>(&id, "policyId")?),
            (None, Some(draft)) => simulate::Along::Draft(Box::new(draft_of(draft).map_err(query_error)?)),
            (None, None) => simulate::Along::Own,
            (Some(_), Some(_)) => return Err(crate::graphql::error::bad_input("name a policy or a draft, not both")),
        };
        let select = filter(collection_case::Entity::of(viewer.tenant), &wanted.unwrap_or_default())?;
        let days = u32::try_from(days).unwrap_or(0);
        let found = simulate::simulate(&env.db, viewer.tenant, select, &along, days, env.now()).await.map_err(query_error)?;
        Ok(PolicySimulation { tenant: viewer.tenant, found })
    }
}
