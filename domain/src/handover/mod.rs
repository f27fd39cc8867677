//! One case on its way to an agency: offered when its ladder is exhausted ([`offer`]), stopped or confirmed by the
//! creditor or by time ([`decide`]), submitted ([`submit`]), asked about until the agency has it ([`poll`]), and taken
//! back ([`recall`]). What happens to a case meanwhile reaches the agency through [`hook`] and [`crate::agency_task`].
//!
//! [`step`] does whatever is due; the row's `next_action_at` is the promise and jobs only remind. Everything changes
//! under the case's lock. A submission goes begin → commit → call → finish; what dies in between is asked about first.

mod answer;
mod claim;
mod decide;
mod due;
mod gate;
mod hint;
pub(crate) mod hook;
mod offer;
mod payments;
mod poll;
mod recall;
mod stall;
mod submit;

pub(crate) use answer::{backoff, word};
pub use decide::{confirm, opt_out};
pub use due::{due, orphaned};
pub use gate::{Gate, gate};
pub use hint::{Told, told};
pub(crate) use offer::offer;
pub use offer::request;
pub use poll::accept;
pub use recall::recall;
pub use stall::stalls_at;
pub use submit::LEASE;

use entity::{AgencyExportId, CaseId, HandoverId, HandoverStatus, Scoped, TenantId, agency_export, collection_case, handover};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::{
    actor::{Action, Actor, Viewer},
    case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
};

/// Where a hand-over still leads somewhere; a case has one such at most.
pub const LIVE: [HandoverStatus; 5] =
    [HandoverStatus::Offered, HandoverStatus::Confirmed, HandoverStatus::Sending, HandoverStatus::Sent, HandoverStatus::Accepted];

/// Does what is due of a hand-over. An agency's refusal is an outcome on the row, not an error.
///
/// # Errors
///
/// When the database fails.
pub async fn step(env: &Env, tenant: TenantId, id: HandoverId) -> Result<()> {
    let Some(row) = find(&env.db, tenant, id).await? else { return Ok(()) };
    match row.status {
        HandoverStatus::Offered => decide::by_time(env, &row).await,
        HandoverStatus::Confirmed => submit::submit(env, &row).await,
        HandoverStatus::Sending => submit::recover(env, &row).await,
        HandoverStatus::Sent => poll::poll(env, &row).await,
        HandoverStatus::Accepted => poll::watch(env, &row).await,
        HandoverStatus::OptedOut | HandoverStatus::Rejected | HandoverStatus::Failed | HandoverStatus::Recalled | HandoverStatus::Ended => {
            Ok(())
        }
    }
}

/// The newest hand-over of a case; none when it was never offered.
///
/// # Errors
///
/// When the database refuses.
pub async fn newest(db: &impl ConnectionTrait, tenant: TenantId, case: CaseId) -> Result<Option<handover::Model>> {
    let select = handover::Entity::of(tenant).filter(handover::Column::CaseId.eq(case));
    Ok(select.order_by_desc(handover::Column::CreatedAt).order_by_desc(handover::Column::Id).one(db).await?)
}

/// The file that was made for an agency.
///
/// # Errors
///
/// `NOT_FOUND`, the same for an unknown id and a neighbour's.
pub async fn export(env: &Env, viewer: &Viewer, id: AgencyExportId) -> Result<agency_export::Model> {
    viewer.require(Action::WorkCases)?;
    let found = agency_export::Entity::of(viewer.tenant).filter(agency_export::Column::Id.eq(id)).one(&env.db).await?;
    found.ok_or_else(|| Refusal::not_found("export").at("id").into())
}

pub(crate) async fn find(db: &impl ConnectionTrait, tenant: TenantId, id: HandoverId) -> Result<Option<handover::Model>> {
    Ok(handover::Entity::of(tenant).filter(handover::Column::Id.eq(id)).one(db).await?)
}

/// The hand-over of a locked case that still leads somewhere.
pub(crate) async fn live(change: &Change<'_>, case: CaseId) -> Result<Option<handover::Model>> {
    let select = handover::Entity::of(change.tenant).filter(handover::Column::CaseId.eq(case));
    Ok(select.filter(handover::Column::Status.is_in(LIVE)).order_by_desc(handover::Column::Id).one(&change.tx).await?)
}

/// Saves a hand-over whose case is locked.
async fn save(change: &Change<'_>, row: &mut handover::Model) -> Result<()> {
    row.updated_at = change.now;
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

/// A hand-over under the lock of its case.
struct Held<'e> {
    change: Change<'e>,
    case: collection_case::Model,
    row: handover::Model,
}

impl<'e> Held<'e> {
    /// Locks the case and reads the hand-over anew; none when it is no longer where it was seen.
    async fn lock(env: &'e Env, seen: &handover::Model) -> Result<Option<Self>> {
        let change = Change::begin(env, seen.tenant_id, Actor::System).await?;
        let case = case::lock(&change, seen.case_id).await?;
        let row = find(&change.tx, seen.tenant_id, seen.id).await?.filter(|row| row.status == seen.status);
        Ok(row.map(|row| Self { change, case, row }))
    }

    /// The same for a person, who names the case and expects the hand-over in one of these places.
    async fn of_person(env: &'e Env, viewer: &Viewer, case: CaseId, expected: &[HandoverStatus]) -> Result<Self> {
        viewer.require(Action::WorkCases)?;
        let change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
        let case = case::lock(&change, case).await?;
        let row = newest(&change.tx, viewer.tenant, case.id).await?.filter(|row| expected.contains(&row.status));
        let missing =
            || Refusal::new(RefusalCode::IllegalTransition, "the case's hand-over does not stand where this is possible").at("caseId");
        Ok(Self { row: row.ok_or_else(missing)?, change, case })
    }

    /// Saves the hand-over and commits.
    async fn commit(mut self) -> Result<handover::Model> {
        save(&self.change, &mut self.row).await?;
        self.change.commit().await?;
        Ok(self.row)
    }

    /// Makes the case say why it does not move; none when it does.
    async fn mark(&mut self, because: Option<&str>) -> Result<()> {
        if self.case.postponed_because.as_deref() != because {
            self.case.postponed_because = because.map(str::to_owned);
            case::save(&self.change, &mut self.case).await?;
        }
        Ok(())
    }
}
