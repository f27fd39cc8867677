//! Stopping letters that have not left. What a provider may already hold is left alone: sent is sent.

use entity::{DeliveryStatus, LetterStatus, Scoped, collection_case, delivery, letter};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};

use super::group;
use crate::{
    change::Change,
    error::Result,
    event::{Happened, kind},
    task,
};

/// Cancels every letter of a locked case that has not left, the planned deliveries of those that partly have, and what
/// a person was asked to do. Returns how many letters and tasks of steps were cancelled: those steps have not run.
pub(crate) async fn cancel_unsent(change: &mut Change<'_>, case: &collection_case::Model, because: &str) -> Result<u32> {
    let stoppable =
        [LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending, LetterStatus::Sent, LetterStatus::Failed];
    let (letters, mut beside) = group::lock_with_group(change, case.id, &stoppable).await?;
    let mut cancelled = 0;
    for mut letter in letters {
        if cancel_with_deliveries(change, case, &mut letter, because).await? {
            cancelled += u32::from(letter.kind.is_step());
            group::let_go(change, &letter, &mut beside).await?;
        }
    }
    Ok(cancelled + task::cancel_open(change, case, because).await?)
}

/// Cancels what has not left of one letter, or of the one that speaks for it; true when that was all of it.
pub(crate) async fn cancel_with_deliveries(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    letter: &mut letter::Model,
    because: &str,
) -> Result<bool> {
    delivery::Entity::update_of(change.tenant)
        .col_expr(delivery::Column::Status, Expr::value(DeliveryStatus::Cancelled))
        .col_expr(delivery::Column::NextAttemptAt, Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None))
        .col_expr(delivery::Column::ErrorCode, Expr::value(because))
        .col_expr(delivery::Column::UpdatedAt, Expr::value(change.now))
        .filter(delivery::Column::LetterId.eq(group::bearer(letter)))
        .filter(delivery::Column::Status.is_in([DeliveryStatus::Scheduled, DeliveryStatus::ReadyToPost]))
        .exec(&change.tx)
        .await?;
    let under_way = [DeliveryStatus::Sending, DeliveryStatus::Unknown, DeliveryStatus::Sent, DeliveryStatus::Delivered];
    let left = delivery::Entity::of(change.tenant).filter(delivery::Column::LetterId.eq(group::bearer(letter)));
    let left = left.filter(delivery::Column::Status.is_in(under_way)).one(&change.tx).await?;
    if letter.status == LetterStatus::Sent || left.is_some() {
        return Ok(false);
    }
    letter.status = LetterStatus::Cancelled;
    letter.consent_expires_at = None;
    letter.cancelled_because = Some(because.to_owned());
    super::save_row(change, letter).await?;
    change.record(Happened::new(kind::LETTER_CANCELLED).case(case).subject(letter.id.0).with("because", because).with("step", letter.step));
    Ok(true)
}
