//! Cases: what one debtor owes in one currency, worked together.

mod action;
mod event;
mod next;
mod step;

use async_graphql::{Context, ID, Object, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use domain::{
    calendar,
    case::{Blocker as Found, ProposalFacts, blockers, reference},
    claim::{Facts, Known},
    policy::Ladder as Stored,
};
use entity::{CaseStatus as StoredStatus, collection_case, handover, invoice, letter, payment, work_task};

pub use action::ActionState;
pub use event::{CaseEvent, ChangeKind};
pub use next::NextAction;
pub use step::CaseStep;

use crate::auth::link::Links;

use super::{
    access,
    claim::{Claim, claim},
    connection::{Counted, list_cost, page_cost},
    debtor::{Debtor, unusable},
    error::{UserErrorCode, query_error},
    handover::Handover,
    id,
    integration::Integration,
    invoice::{Invoice, today},
    keyset::Paging,
    kind::{CaseStatus, CloseReason, HoldReason},
    letter::Letter,
    loader::{self, ChargePaymentsOf, ChargesOf, HandoversOf, InvoicesOf, LadderOf, LettersOf, PaymentsOf, Row, TasksOf},
    payment::Payment,
    policy::{EscalationPolicy, EscalationStep, Ladder},
    scalars::{Date, Url},
    task::Task,
    tenant::{Tenant, tenant_row},
    timeline::{self, TimelineEntry},
    viewer::{User, member},
};

/// What one debtor owes in one currency, worked together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case(pub collection_case::Model);

impl From<collection_case::Model> for Case {
    fn from(row: collection_case::Model) -> Self {
        Self(row)
    }
}

/// Something that stands in the way of reaching the debtor.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Blocker {
    /// Stable reason.
    pub code: UserErrorCode,
    /// What it is about: `email`, `phone`, `address`, `contact`, `name`, `exemption`, `invoices` or `bank`.
    pub field: String,
    /// For people.
    pub message: String,
    /// Whether no letter can leave while it stands.
    pub fatal: bool,
}

impl From<Found> for Blocker {
    fn from(found: Found) -> Self {
        Self { code: found.code.into(), field: found.field.into(), message: found.message, fatal: found.fatal }
    }
}

impl Case {
    async fn invoice_rows(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<invoice::Model>> {
        Ok(loader::one(ctx, InvoicesOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default())
    }

    async fn letter_rows(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<letter::Model>> {
        Ok(loader::one(ctx, LettersOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default())
    }

    async fn task_rows(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<work_task::Model>> {
        Ok(loader::one(ctx, TasksOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default())
    }

    /// Oldest first.
    async fn payment_rows(&self, ctx: &Context<'_>, invoices: &[invoice::Model]) -> async_graphql::Result<Vec<payment::Model>> {
        let keys = invoices.iter().map(|invoice| PaymentsOf(invoice.tenant_id, invoice.id));
        let mut rows: Vec<payment::Model> = loader::many(ctx, keys).await?.into_values().flatten().collect();
        rows.sort_by_key(|row| (row.received_on, row.id));
        Ok(rows)
    }

    /// What is known of its charges; nothing more is read when its tenant never charged anything.
    async fn known_charges(&self, ctx: &Context<'_>, tenant: &entity::tenant::Model) -> async_graphql::Result<Known> {
        if !domain::claim::in_use(tenant) {
            return Ok(Known::default());
        }
        let (tenant_id, case) = (self.0.tenant_id, self.0.id);
        let charges = loader::one(ctx, ChargesOf(tenant_id, case)).await?.unwrap_or_default();
        let received = loader::one(ctx, ChargePaymentsOf(tenant_id, case)).await?.unwrap_or_default();
        Known::of(tenant, charges, received, &self.letter_rows(ctx).await?).map_err(query_error)
    }

    async fn handover_rows(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<handover::Model>> {
        Ok(loader::one(ctx, HandoversOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default())
    }

    async fn stored_ladder(&self, ctx: &Context<'_>) -> async_graphql::Result<Stored> {
        let ladder = loader::one(ctx, LadderOf(self.0.tenant_id, self.0.policy_id, self.0.policy_revision)).await?;
        ladder.ok_or_else(|| "a case without its ladder".into())
    }

    async fn debtor_row(&self, ctx: &Context<'_>) -> async_graphql::Result<entity::debtor::Model> {
        loader::one(ctx, Row(self.0.tenant_id, self.0.debtor_id)).await?.ok_or_else(|| "a case without a debtor".into())
    }

    async fn found_blockers(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Found>> {
        let tenant = tenant_row(ctx, self.0.tenant_id).await?;
        let debtor = self.debtor_row(ctx).await?;
        let (home, unusable) = unusable(ctx, &debtor).await?;
        let facts = ProposalFacts {
            debtor: &debtor,
            home: &home,
            unusable: &unusable,
            bank_known: domain::tenant::bank_known(&tenant),
            disputed: self.invoice_rows(ctx).await?.iter().any(|invoice| invoice.disputed),
            today: today(ctx, self.0.tenant_id).await?,
        };
        Ok(blockers(&facts, access::env(ctx)?.outside.renderer.as_ref()))
    }
}

/// The day on which a case ended, on its tenant's calendar.
fn ended_on(case: &collection_case::Model, tenant: &entity::tenant::Model) -> async_graphql::Result<Option<chrono::NaiveDate>> {
    let zone = calendar::zone(&tenant.time_zone).map_err(|refusal| query_error(refusal.into()))?;
    Ok(case.closed_at.map(|at| calendar::local_date(zone, at)))
}

/// What one debtor owes in one currency, worked together.
#[Object]
impl Case {
    /// Its id, `case_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// As people and letters quote it, e.g. `D000123`.
    async fn number(&self) -> String {
        reference(self.0.number)
    }

    /// Whose claim it is.
    async fn tenant(&self, ctx: &Context<'_>) -> async_graphql::Result<Tenant> {
        Ok(Tenant(tenant_row(ctx, self.0.tenant_id).await?))
    }

    /// Who owes.
    async fn debtor(&self, ctx: &Context<'_>) -> async_graphql::Result<Debtor> {
        Ok(Debtor(self.debtor_row(ctx).await?))
    }

    /// Where its invoices come from.
    async fn integration(&self, ctx: &Context<'_>) -> async_graphql::Result<Integration> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.integration_id)).await?;
        row.map(Integration).ok_or_else(|| "a case without an integration".into())
    }

    /// The invoices that it works, oldest due first.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn invoices(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Invoice>> {
        Ok(self.invoice_rows(ctx).await?.into_iter().map(Invoice).collect())
    }

    /// Where it stands.
    async fn status(&self) -> CaseStatus {
        self.0.status.into()
    }

    /// Why it is on hold.
    async fn hold_reason(&self) -> Option<HoldReason> {
        self.0.hold_reason.map(HoldReason::from)
    }

    /// The last day of the hold, on the tenant's calendar.
    async fn hold_until(&self) -> Option<Date> {
        self.0.hold_until.map(Date)
    }

    /// How it ended.
    async fn close_reason(&self) -> Option<CloseReason> {
        self.0.close_reason.map(CloseReason::from)
    }

    /// While PROPOSED: what stands in the way of reaching the debtor, the fatal first. Empty for other cases.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn blockers(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Blocker>> {
        if self.0.status != StoredStatus::Proposed {
            return Ok(Vec::new());
        }
        Ok(self.found_blockers(ctx).await?.into_iter().map(Blocker::from).collect())
    }

    /// What is owed, line by line.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn claim(&self, ctx: &Context<'_>) -> async_graphql::Result<Claim> {
        let invoices = self.invoice_rows(ctx).await?;
        let payments = self.payment_rows(ctx, &invoices).await?;
        let (tenant, debtor) = (tenant_row(ctx, self.0.tenant_id).await?, self.debtor_row(ctx).await?);
        let known = self.known_charges(ctx, &tenant).await?;
        let today = today(ctx, self.0.tenant_id).await?;
        let facts = Facts { tenant: &tenant, debtor: &debtor, case: &self.0, invoices: &invoices, payments: &payments, known: &known };
        claim(&facts, ended_on(&self.0, &tenant)?.map_or(today, |ended| ended.min(today)))
    }

    /// The policy that it follows, with its newest steps; the case's own are in `ladder`.
    async fn policy(&self, ctx: &Context<'_>) -> async_graphql::Result<EscalationPolicy> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.policy_id)).await?;
        row.map(EscalationPolicy).ok_or_else(|| "a case without a policy".into())
    }

    /// The steps of the revision that it began with, and keeps.
    async fn ladder(&self, ctx: &Context<'_>) -> async_graphql::Result<Ladder> {
        Ok(Ladder::of(&self.stored_ladder(ctx).await?, Some(self.0.policy_revision)))
    }

    /// The step that runs next, or whose letter is under way; null when there is none left.
    async fn current_step(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<EscalationStep>> {
        let ladder = self.stored_ladder(ctx).await?;
        let index = usize::try_from(self.0.next_step).unwrap_or(usize::MAX);
        let open = !matches!(self.0.status, StoredStatus::Closed | StoredStatus::Declined);
        Ok(ladder.steps.get(index).filter(|_| open).map(|step| EscalationStep::of(step, self.0.next_step + 1)))
    }

    /// What happens next by itself; null when nothing does.
    async fn next_action(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<NextAction>> {
        let tenant = tenant_row(ctx, self.0.tenant_id).await?;
        Ok(next::next_action(&self.0, &self.stored_ladder(ctx).await?, &tenant))
    }

    /// Why it does not move on, or later than planned: mostly a `UserErrorCode`, on the way to an agency also
    /// `HANDOVER_STOPPED`, `HANDOVER_UNDECIDED`, `HANDOVER_STALLED`, `HANDOVER_RECALLED` or `AGENCY_CLOSED`;
    /// `NOT_CONFIGURED` there is an agency that nobody entered. Null when nothing is in its way.
    async fn waiting_because(&self) -> Option<&str> {
        self.0.postponed_because.as_deref()
    }

    /// Every step of its ladder: what ran, and what is planned.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn steps(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<CaseStep>> {
        Ok(step::steps(&self.0, &self.stored_ladder(ctx).await?, &self.letter_rows(ctx).await?, &self.task_rows(ctx).await?))
    }

    /// Its letters, in the order of issue; cancelled ones included.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn letters(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Letter>> {
        Ok(self.letter_rows(ctx).await?.into_iter().map(Letter).collect())
    }

    /// What its policy asked persons to do, in the order in which it was asked; cancelled ones included.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn tasks(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Task>> {
        Ok(self.task_rows(ctx).await?.into_iter().map(Task).collect())
    }

    /// Payments and credit notes on its invoices, oldest first; reversed ones included.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn payments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Payment>> {
        let invoices = self.invoice_rows(ctx).await?;
        Ok(self.payment_rows(ctx, &invoices).await?.into_iter().map(Payment).collect())
    }

    /// Its way to an agency, the newest one; null when no agency was thought of.
    async fn handover(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Handover>> {
        Ok(self.handover_rows(ctx).await?.pop().map(Handover))
    }

    /// Its ways to agencies, in the order in which they were offered.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn handovers(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Handover>> {
        Ok(self.handover_rows(ctx).await?.into_iter().map(Handover).collect())
    }

    /// What happened, oldest first. Use `last` for the newest.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Entries from the oldest, or after `after`; at most 100.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Entries from the newest, or before `before`; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<Connection<String, TimelineEntry, Counted>> {
        timeline::of_case(ctx, &self.0, &Paging { first, after, last, before }).await
    }

    /// What the viewer may do with it now, and why not, so that clients need no copy of the rules.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ActionState>> {
        action::actions(&self.0, &access::viewer(ctx)?, today(ctx, self.0.tenant_id).await?)
    }

    /// Where the evidence can be fetched for some minutes, as one zip: all events, the letters as they were sent, deliveries
    /// with each answer, claim, payments and consents, with the hash of each file. Ask again for a new address.
    async fn evidence_url(&self, ctx: &Context<'_>) -> async_graphql::Result<Url> {
        let now = access::env(ctx)?.clock.machine();
        Ok(Url(ctx.data::<Links>()?.evidence(&access::viewer(ctx)?, self.0.id, now)))
    }

    /// When it was proposed.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// When the creditor, or the integration's switch, said yes.
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.approved_at
    }

    /// Who said yes; null for automatic approval.
    async fn approved_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.approved_by).await
    }

    /// When it ended.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// Grows with each change; for `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}
