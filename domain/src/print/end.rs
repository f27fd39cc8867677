//! The end of a batch: posted, or given up.

use chrono::NaiveDate;
use entity::{LetterId, PrintBatchId, PrintBatchStatus, Scoped, letter, print_batch, print_batch_letter};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

use super::{find, letters, lock_open, still_open};
use crate::{
    actor::{Action, Viewer},
    calendar,
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::LetterFacts,
    tenant,
};

/// A batch that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The batch as it is now.
    pub batch: print_batch::Model,
    /// Letters that were stopped after they were drawn: they do not count as posted and must not leave.
    pub left_out: Vec<LetterId>,
}

/// Marks all letters of a batch as posted on a day, each as if alone, then the batch. A call that died halfway is repeated
/// without harm: what was posted stays posted on its day.
///
/// # Errors
///
/// A refusal: unknown batch, one that ended, one that was not drawn yet, a day before the date of one of its letters or in
/// the future.
pub async fn mark_posted(env: &Env, viewer: &Viewer, id: PrintBatchId, on: NaiveDate) -> Result<Posted> {
    viewer.require(Action::WorkCases)?;
    let batch = find(&env.db, viewer.tenant, id).await?;
    still_open(&batch)?;
    if batch.sha256.is_none() {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "the batch was not printed yet: fetch its file first").at("id").into());
    }
    let drawn: Vec<LetterId> =
        letters(&env.db, viewer.tenant, id).await?.iter().filter(|row| row.first_page.is_some()).map(|row| row.letter_id).collect();
    check_day(env, viewer, &drawn, on).await?;
    let mut left_out = Vec::new();
    for letter in drawn {
        match crate::letter::mark_posted(env, viewer, letter, on).await {
            Ok(_) => {}
            Err(Error::Refused(refusal)) if refusal.code == RefusalCode::IllegalTransition => {
                if !is_posted(env, viewer, letter).await? {
                    left_out.push(letter);
                }
            }
            Err(error) => return Err(error),
        }
    }
    let happened = Happened::new(kind::PRINT_BATCH_POSTED).subject(id.0).with("on", on.to_string()).with("leftOut", left_out.len());
    let batch = end(env, viewer, id, PrintBatchStatus::Posted, Some(on), happened).await?;
    Ok(Posted { batch, left_out })
}

/// Gives a batch up; its letters may be printed in another one.
///
/// # Errors
///
/// A refusal: unknown batch, one that ended.
pub async fn cancel(env: &Env, viewer: &Viewer, id: PrintBatchId) -> Result<print_batch::Model> {
    viewer.require(Action::WorkCases)?;
    end(env, viewer, id, PrintBatchStatus::Cancelled, None, Happened::new(kind::PRINT_BATCH_CANCELLED).subject(id.0)).await
}

/// One wrong day must not leave half of a batch posted.
async fn check_day(env: &Env, viewer: &Viewer, ids: &[LetterId], on: NaiveDate) -> Result<()> {
    let today = calendar::local_date(calendar::zone(&tenant::find(&env.db, viewer.tenant).await?.time_zone)?, env.now());
    let rows = letter::Entity::of(viewer.tenant).filter(letter::Column::Id.is_in(ids.iter().copied())).all(&env.db).await?;
    let mut latest = None;
    for row in rows.into_iter().filter(|row| row.posted_on.is_none()) {
        let facts: LetterFacts = serde_json::from_value(row.facts)?;
        latest = latest.max(Some(facts.dated_on));
    }
    if on > today || latest.is_some_and(|latest| on < latest) {
        let from = latest.unwrap_or(today);
        return Err(Refusal::new(RefusalCode::OutOfRange, format!("the batch was posted between {from} and today")).at("postedOn").into());
    }
    Ok(())
}

async fn is_posted(env: &Env, viewer: &Viewer, id: LetterId) -> Result<bool> {
    let row = letter::Entity::of(viewer.tenant).filter(letter::Column::Id.eq(id)).one(&env.db).await?;
    Ok(row.is_some_and(|row| row.posted_on.is_some()))
}

async fn end(
    env: &Env,
    viewer: &Viewer,
    id: PrintBatchId,
    status: PrintBatchStatus,
    posted_on: Option<NaiveDate>,
    happened: Happened,
) -> Result<print_batch::Model> {
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut batch = lock_open(&change, id).await?;
    batch.status = status;
    batch.posted_on = posted_on;
    batch.ended_by = Some(viewer.user);
    batch.ended_at = Some(change.now);
    batch.updated_at = change.now;
    batch.clone().into_active_model().reset_all().update(&change.tx).await?;
    print_batch_letter::Entity::update_of(viewer.tenant)
        .filter(print_batch_letter::Column::BatchId.eq(id))
        .col_expr(print_batch_letter::Column::Open, Expr::value(false))
        .exec(&change.tx)
        .await?;
    change.record(happened);
    change.commit().await?;
    Ok(batch)
}
