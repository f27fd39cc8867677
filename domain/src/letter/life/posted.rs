//! A person printed a letter and put it into the post.

use chrono::NaiveDate;
use entity::{Channel, DeliveryStatus, LetterId, LetterStatus, Scoped, collection_case, delivery, letter};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    super::LetterFacts,
    group::{self, Follower},
};
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
    let named = super::find_row(&change.tx, viewer.tenant, id).await?;
    let id = group::bearer(&named);
    let cases = group::cases_of(&change.tx, &named).await?;
    let of = if named.id == id { named.case_id } else { super::find_row(&change.tx, viewer.tenant, id).await?.case_id };
    let (mut case, others) = group::lock_cases(&change, &cases, of).await?;
    let mut letter = super::lock_row(&change, id).await?;
    let mut followers = if others.is_empty() { Vec::new() } else { group::followers(&change, id, others).await? };
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
    let leaves = letter.status != LetterStatus::Sent;
    if leaves {
        letter.status = LetterStatus::Sent;
        letter.sent_at = Some(change.now);
        ran(&mut change, &mut case, &letter).await?;
    }
    for Follower { case, letter: own } in &mut followers {
        change.record(Happened::new(kind::LETTER_POSTED).case(case).subject(own.id.0).with("on", on.to_string()));
        own.posted_on = letter.posted_on;
        own.posted_by = letter.posted_by;
        own.status = letter.status;
        own.sent_at = letter.sent_at;
        own.consent_expires_at = None;
        super::save_row(&change, own).await?;
        if leaves {
            ran(&mut change, case, own).await?;
        }
    }
    super::save_row(&change, &mut letter).await?;
    change.commit().await?;
    Ok(letter)
}

async fn ran(change: &mut Change<'_>, case: &mut collection_case::Model, letter: &letter::Model) -> Result<()> {
    change.record(Happened::new(kind::LETTER_SENT).case(case).subject(letter.id.0).with("channel", "post").with("step", letter.step));
    super::step_ran(change, case, letter).await?;
    case::save(change, case).await
}

async fn ready_to_post(change: &Change<'_>, letter: LetterId) -> Result<Option<delivery::Model>> {
    let select = delivery::Entity::of(change.tenant).filter(delivery::Column::LetterId.eq(letter));
    let select =
        select.filter(delivery::Column::Channel.eq(Channel::Post)).filter(delivery::Column::Status.eq(DeliveryStatus::ReadyToPost));
    Ok(select.one(&change.tx).await?)
}
