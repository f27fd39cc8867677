//! Attempts as rows: one for each hand-over, written before the provider is asked and completed with its answer. What
//! died in between shows as an attempt without an end.

use entity::{AttemptOutcome, DeliveryId, Scoped, TenantId, attempt, delivery};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::{
    change::Change,
    error::Result,
    port::{Reconciled, SendError},
};

use super::Outcome;

/// Writes that a provider is about to be asked.
pub(super) async fn started(change: &Change<'_>, row: &delivery::Model) -> Result<()> {
    let last = attempt::Entity::of(change.tenant).filter(attempt::Column::DeliveryId.eq(row.id));
    let last = last.order_by_desc(attempt::Column::Number).one(&change.tx).await?;
    let new = attempt::Model {
        tenant_id: change.tenant,
        delivery_id: row.id,
        number: last.map_or(1, |last| last.number + 1),
        started_at: change.now,
        finished_at: None,
        outcome: None,
        code: None,
        message: None,
        provider_id: None,
    };
    new.into_active_model().reset_all().insert(&change.tx).await?;
    Ok(())
}

/// Writes how the hand-over under way ended; nothing when none is under way.
pub(super) async fn ended(change: &Change<'_>, row: &delivery::Model, outcome: AttemptOutcome) -> Result<()> {
    let open = attempt::Entity::of(change.tenant)
        .filter(attempt::Column::DeliveryId.eq(row.id))
        .filter(attempt::Column::FinishedAt.is_null())
        .one(&change.tx)
        .await?;
    let Some(mut open) = open else { return Ok(()) };
    let failed = outcome != AttemptOutcome::Accepted;
    open.finished_at = Some(change.now);
    open.outcome = Some(outcome);
    open.code = row.error_code.clone().filter(|_| failed);
    open.message = row.error_message.clone().filter(|_| failed);
    open.provider_id.clone_from(&row.provider_id);
    open.into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

/// What an outcome is called on the attempt; none when there was no hand-over.
pub(super) const fn called(outcome: &Outcome) -> Option<AttemptOutcome> {
    Some(match outcome {
        Outcome::Answered(Ok(_)) | Outcome::Reconciled(Reconciled::Sent(_)) => AttemptOutcome::Accepted,
        Outcome::Answered(Err(SendError::Transient { .. })) => AttemptOutcome::Deferred,
        Outcome::Answered(Err(SendError::Unauthorised { .. })) => AttemptOutcome::Unauthorised,
        Outcome::Answered(Err(SendError::Rejected { .. })) => AttemptOutcome::Rejected,
        Outcome::Answered(Err(SendError::Unknown { .. })) | Outcome::Reconciled(Reconciled::Unknown) => AttemptOutcome::Unknown,
        Outcome::Reconciled(Reconciled::SafeToRepeat) => AttemptOutcome::NotTaken,
        Outcome::Undrawable(_) | Outcome::Suppressed(_) => return None,
    })
}

/// The attempts of deliveries, oldest first.
///
/// # Errors
///
/// When the database refuses.
pub async fn attempts(db: &impl ConnectionTrait, tenant: TenantId, of: &[DeliveryId]) -> Result<Vec<attempt::Model>> {
    let select = attempt::Entity::of(tenant).filter(attempt::Column::DeliveryId.is_in(of.iter().copied()));
    Ok(select.order_by_asc(attempt::Column::DeliveryId).order_by_asc(attempt::Column::Number).all(db).await?)
}
