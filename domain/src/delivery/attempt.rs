//! Attempts as rows: one for each hand-over, written before the provider is asked and completed with its answer. What
//! died in between shows as an attempt without an end.

use entity::{AttemptOutcome, DeliveryId, Scoped, TenantId, attempt, delivery};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, ExprTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, Func, Query},
};

use crate::{
    change::Change,
    error::{Error, Result},
    port::{Reconciled, SendError},
};

use super::Outcome;

/// Writes that a provider is about to be asked. The attempts of a delivery are counted through, whatever its row counts.
pub(super) async fn started(change: &Change<'_>, row: &delivery::Model) -> Result<()> {
    let next = Func::coalesce([Expr::col(attempt::Column::Number).max(), Expr::val(0)]);
    let numbered = Query::select()
        .expr(Expr::val(change.tenant))
        .expr(Expr::val(row.id))
        .expr(Expr::expr(next).add(1))
        .expr(Expr::val(change.now))
        .from(attempt::Entity)
        .and_where(attempt::Column::TenantId.eq(change.tenant))
        .and_where(attempt::Column::DeliveryId.eq(row.id))
        .to_owned();
    let columns = [attempt::Column::TenantId, attempt::Column::DeliveryId, attempt::Column::Number, attempt::Column::StartedAt];
    let mut insert = Query::insert();
    let insert = insert.into_table(attempt::Entity).columns(columns).select_from(numbered).map_err(|e| Error::Bug(e.to_string()))?;
    change.tx.execute(insert).await?;
    Ok(())
}

/// Writes how the hand-over under way ended; nothing when none is under way.
pub(super) async fn ended(change: &Change<'_>, row: &delivery::Model, outcome: AttemptOutcome) -> Result<()> {
    let failed = outcome != AttemptOutcome::Accepted;
    let ended = attempt::ActiveModel {
        finished_at: Set(Some(change.now)),
        outcome: Set(Some(outcome)),
        code: Set(row.error_code.clone().filter(|_| failed)),
        message: Set(row.error_message.clone().filter(|_| failed)),
        provider_id: Set(row.provider_id.clone()),
        ..attempt::ActiveModel::default()
    };
    attempt::Entity::update_of(change.tenant)
        .set(ended)
        .filter(attempt::Column::DeliveryId.eq(row.id))
        .filter(attempt::Column::FinishedAt.is_null())
        .exec(&change.tx)
        .await?;
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
        Outcome::Undrawable(_) => return None,
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
