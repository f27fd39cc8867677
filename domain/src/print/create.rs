//! Choosing letters for a batch.

use std::collections::HashSet;

use entity::{LetterId, PrintBatchId, PrintBatchStatus, Scoped, delivery, letter, print_batch, print_batch_letter};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, SqlErr,
};

use super::{MAX_LETTERS, ready, waiting};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// Which letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// These, in this order.
    These(Vec<LetterId>),
    /// All that are ready and in no open batch, oldest first, at most [`MAX_LETTERS`].
    All,
}

/// Makes a batch of letters that are ready to post. Its file is drawn when it is first asked for.
///
/// # Errors
///
/// A refusal: no letter, too many, one that is not ready to post or in another open batch.
pub async fn create(env: &Env, viewer: &Viewer, choice: &Choice, duplex: bool) -> Result<print_batch::Model> {
    viewer.require(Action::WorkCases)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let chosen = match choice {
        Choice::These(ids) => these(&change, ids).await?,
        Choice::All => all(&change).await?,
    };
    if chosen.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "no letter is ready to post").at("letterIds").into());
    }
    let batch = print_batch::Model {
        tenant_id: viewer.tenant,
        id: env.new_id(),
        status: PrintBatchStatus::Open,
        duplex,
        letters: i32::try_from(chosen.len()).unwrap_or(i32::MAX),
        pages: None,
        sha256: None,
        created_by: Some(viewer.user),
        posted_on: None,
        ended_by: None,
        ended_at: None,
        created_at: change.now,
        updated_at: change.now,
    };
    batch.clone().into_active_model().reset_all().insert(&change.tx).await?;
    let rows = (0..).zip(&chosen).map(|(position, letter)| row(&change, batch.id, *letter, position));
    print_batch_letter::Entity::insert_many(rows).exec_without_returning(&change.tx).await.map_err(taken)?;
    change.record(Happened::new(kind::PRINT_BATCH_CREATED).subject(batch.id.0).with("letters", batch.letters));
    change.commit().await?;
    Ok(batch)
}

fn row(change: &Change<'_>, batch: PrintBatchId, letter: LetterId, position: i32) -> print_batch_letter::ActiveModel {
    print_batch_letter::Model {
        tenant_id: change.tenant,
        batch_id: batch,
        letter_id: letter,
        position,
        open: true,
        first_page: None,
        pages: None,
    }
    .into_active_model()
    .reset_all()
}

async fn these(change: &Change<'_>, ids: &[LetterId]) -> Result<Vec<LetterId>> {
    if ids.len() > MAX_LETTERS {
        let message = format!("a batch has at most {MAX_LETTERS} letters");
        return Err(Refusal::new(RefusalCode::LimitExceeded, message).at("letterIds").into());
    }
    let ready = ready(&change.tx, change.tenant, ids).await?;
    let known = letter::Entity::of(change.tenant).select_only().column(letter::Column::Id);
    let known: Vec<LetterId> = known.filter(letter::Column::Id.is_in(ids.iter().copied())).into_tuple().all(&change.tx).await?;
    let mut seen = HashSet::new();
    let mut chosen = Vec::with_capacity(ids.len());
    for id in ids.iter().filter(|id| seen.insert(**id)) {
        if !known.contains(id) {
            return Err(Refusal::not_found("letter").at("letterIds").into());
        }
        if !ready.contains(id) {
            return Err(Refusal::new(RefusalCode::IllegalTransition, "a letter is not ready to post").at("letterIds").into());
        }
        chosen.push(*id);
    }
    Ok(chosen)
}

async fn all(change: &Change<'_>) -> Result<Vec<LetterId>> {
    let taken = print_batch_letter::Entity::of(change.tenant)
        .select_only()
        .column(print_batch_letter::Column::LetterId)
        .filter(print_batch_letter::Column::Open.eq(true))
        .into_query();
    let select = waiting(change.tenant)
        .filter(delivery::Column::LetterId.not_in_subquery(taken))
        .order_by_asc(delivery::Column::CreatedAt)
        .order_by_asc(delivery::Column::Id);
    Ok(select.limit(MAX_LETTERS as u64).into_tuple().all(&change.tx).await?)
}

/// Two people chose the same letter at once: the second one is told.
fn taken(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            Refusal::new(RefusalCode::AlreadyExists, "a letter is in another open batch").at("letterIds").into()
        }
        _ => error.into(),
    }
}
