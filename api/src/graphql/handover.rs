//! Hand-overs: a case on its way to an agency, and its life there.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::Action;
use entity::{AgencyExportId, AgencyKind, agency, handover};

use super::{
    access,
    agency::Agency,
    case::Case,
    id,
    kind::HandoverStatus,
    loader::{self, Row},
    money::Money,
    scalars::Url,
    viewer::{User, member},
};
use crate::auth::link::Links;

/// A case on its way to an agency, and its life there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover(pub handover::Model);

impl From<handover::Model> for Handover {
    fn from(row: handover::Model) -> Self {
        Self(row)
    }
}

/// Why a hand-over did not come about.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct HandoverFailure {
    /// Stable reason, or the agency's own word.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Handover {
    async fn agency_row(&self, ctx: &Context<'_>) -> async_graphql::Result<agency::Model> {
        loader::one(ctx, Row(self.0.tenant_id, self.0.agency_id)).await?.ok_or_else(|| "a hand-over without its agency".into())
    }

    async fn case_row(&self, ctx: &Context<'_>) -> async_graphql::Result<entity::collection_case::Model> {
        loader::one(ctx, Row(self.0.tenant_id, self.0.case_id)).await?.ok_or_else(|| "a hand-over without its case".into())
    }
}

/// A case on its way to an agency, and its life there.
#[Object]
impl Handover {
    /// Its id, `hov_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Which case.
    async fn case(&self, ctx: &Context<'_>) -> async_graphql::Result<Case> {
        Ok(Case(self.case_row(ctx).await?))
    }

    /// To whom.
    async fn agency(&self, ctx: &Context<'_>) -> async_graphql::Result<Agency> {
        Ok(Agency(self.agency_row(ctx).await?))
    }

    /// Where it stands.
    async fn status(&self) -> HandoverStatus {
        self.0.status.into()
    }

    /// The claim as it is, or was, handed over.
    async fn outstanding(&self, ctx: &Context<'_>) -> async_graphql::Result<Money> {
        Ok(Money::new(self.0.outstanding_minor, &self.case_row(ctx).await?.currency))
    }

    /// When the last step of the policy was over and the agency was thought of.
    async fn offered_at(&self) -> DateTime<Utc> {
        self.0.offered_at
    }

    /// Until when the creditor may stop it.
    async fn decide_by(&self) -> DateTime<Utc> {
        self.0.decide_by
    }

    /// Who confirmed or stopped it; null when nobody did, or the time.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.decided_by).await
    }

    /// When it was confirmed.
    async fn confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.0.confirmed_at
    }

    /// When it was first handed to the agency.
    async fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.0.submitted_at
    }

    /// When the agency took it.
    async fn accepted_at(&self) -> Option<DateTime<Utc>> {
        self.0.accepted_at
    }

    /// The agency's case number.
    async fn external_reference(&self) -> Option<&str> {
        self.0.external_reference.as_deref()
    }

    /// What the agency says about its case, in its own words.
    async fn external_status(&self) -> Option<&str> {
        self.0.external_status.as_deref()
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When something happens next by itself: the end of the time to decide, another try, a question to the agency.
    async fn next_action_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_action_at
    }

    /// Why it failed, was rejected or waits; null when all is well.
    async fn failure(&self) -> Option<HandoverFailure> {
        let code = self.0.error_code.clone()?;
        Some(HandoverFailure { code, message: self.0.error_message.clone().unwrap_or_default() })
    }

    /// It was not accepted within two business days: somebody must ask the agency.
    async fn stalled(&self) -> bool {
        self.0.stalled_at.is_some()
    }

    /// Since when it is stalled.
    async fn stalled_at(&self) -> Option<DateTime<Utc>> {
        self.0.stalled_at
    }

    /// Whom to ask at the agency: e-mail or phone.
    async fn support_contact(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.agency_row(ctx).await?.support_contact)
    }

    /// For agencies that take files: where the file with the claim and its letters can be fetched for some minutes; ask
    /// again for a new address. Null before it was made, and for those who may not work cases.
    async fn export_url(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Url>> {
        let Some(export) = self.0.batch_reference.as_ref().and_then(|batch| batch.parse().ok()).map(AgencyExportId) else {
            return Ok(None);
        };
        let viewer = access::viewer(ctx)?;
        if self.agency_row(ctx).await?.kind != AgencyKind::File || !viewer.may(Action::WorkCases) {
            return Ok(None);
        }
        let now = access::env(ctx)?.clock.machine();
        Ok(Some(Url(ctx.data::<Links>()?.export(&viewer, export, now))))
    }

    /// Grows with each change by a person; for `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
