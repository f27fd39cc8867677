//! A person printed a letter and put it into the post.

use chrono::NaiveDate;
use entity::{Channel, DeliveryStatus, LetterId, LetterStatus, Scoped, delivery, letter};
use sea_orm::{ColumnTrait, QueryFilter};

use super::super::LetterFacts;
use crate::{
    actor::{Action, Viewer},
    calendar, case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    tenant,
};

/// Marks a letter as posted on a day.
///
/// # Errors
///
/// A refusal: unknown letter, one that was cancelled, failed or still waits for consent, one posted already, a day
/// before the letter's date or in the future.
pub async fn mark_posted(env: &Env, viewer: &Viewer, id: LetterId, on: NaiveDate) -> Result<letter::Model> {
    viewer.require(Action::WorkCases)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let case_id = super::find_row(&change.tx, viewer.tenant, id).await?.case_id;
    let mut case = case::lock(&change, case_id).await?;
    let mut letter = super::lock_row(&change, id).await?;
    let ready = ready_to_post(&change, id).await?;
    if !(letter.status == LetterStatus::Sent || ready.is_some()) || letter.posted_on.is_some() {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "only a letter that was issued and not posted yet can be posted")
            .at("id")
            .into());
    }
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    let today = calendar::local_date(calendar::zone(&tenant::find(&change.tx, viewer.tenant).await?.time_zone)?, change.now);
    if on < facts.dated_on || on > today {
        let message = format!("a letter dated {} was posted between that day and today", facts.dated_on);
        return Err(Refusal::new(RefusalCode::OutOfRange, message).at("postedOn").into());
    }
    if let Some(mut row) = ready {
        row.status = DeliveryStatus::Sent;
        row.sent_at = Some(change.now);
        crate::delivery::save(&change, &mut row).await?;
    }
    letter.posted_on = Some(on);
    letter.posted_by = Some(viewer.user);
    change.record(Happened::new(kind::LETTER_POSTED).case(&case).subject(letter.id.0).with("on", on.to_string()));
    if letter.status != LetterStatus::Sent {
        letter.status = LetterStatus::Sent;
        letter.sent_at = Some(change.now);
        change.record(Happened::new(kind::LETTER_SENT).case(&case).subject(letter.id.0).with("channel", "post").with("step", letter.step));
        super::step_ran(&mut change, &mut case, &letter).await?;
        case::save(&change, &mut case).await?;
    }
    super::save_row(&change, &mut letter).await?;
    change.commit().await?;
    Ok(letter)
}

async fn ready_to_post(change: &Change<'_>, letter: LetterId) -> Result<Option<delivery::Model>> {
    let select = delivery::Entity::of(change.tenant).filter(delivery::Column::LetterId.eq(letter));
    let select =
        select.filter(delivery::Column::Channel.eq(Channel::Post)).filter(delivery::Column::Status.eq(DeliveryStatus::ReadyToPost));
    Ok(select.one(&change.tx).await?)
}
