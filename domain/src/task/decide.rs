//! A person did what was asked, or passes it over: the step ran, and the next one counts from now.

use entity::{CaseStatus, Scoped, WorkTaskId, WorkTaskStatus, collection_case, work_task};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{
    actor::{Action, Viewer},
    case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    escalation,
    event::{Happened, kind},
};

/// Says what came of a task; its step ran.
///
/// # Errors
///
/// A refusal: unknown task, one that does not wait any more, no outcome given.
pub async fn complete(env: &Env, viewer: &Viewer, id: WorkTaskId, outcome: &str) -> Result<work_task::Model> {
    end(env, viewer, id, WorkTaskStatus::Done, outcome).await
}

/// Passes a task over; the ladder goes on with the next step as if it had been done.
///
/// # Errors
///
/// A refusal: unknown task, one that does not wait any more, no reason given.
pub async fn skip(env: &Env, viewer: &Viewer, id: WorkTaskId, reason: &str) -> Result<work_task::Model> {
    end(env, viewer, id, WorkTaskStatus::Skipped, reason).await
}

async fn end(env: &Env, viewer: &Viewer, id: WorkTaskId, status: WorkTaskStatus, words: &str) -> Result<work_task::Model> {
    viewer.require(Action::WorkCases)?;
    let field = if status == WorkTaskStatus::Done { "outcome" } else { "reason" };
    let words = case::check_note(words).map_err(|error| match error {
        crate::Error::Refused(refusal) => Refusal { field: vec![field.to_owned()], ..refusal }.into(),
        fault => fault,
    })?;
    if words.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "say what came of it, or why not").at(field).into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    // Locks: the case before its task.
    let case_id = find(&change, id).await?.case_id;
    let mut case = case::lock(&change, case_id).await?;
    let mut task = lock(&change, id).await?;
    if task.status != WorkTaskStatus::Open {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "this task does not wait for anybody any more").at("id").into());
    }
    task.status = status;
    task.outcome = Some(words);
    task.done_by = Some(viewer.user);
    task.done_at = Some(change.now);
    super::save(&change, &mut task).await?;
    let what = if status == WorkTaskStatus::Done { kind::TASK_DONE } else { kind::TASK_SKIPPED };
    change.record(Happened::new(what).case(&case).subject(task.id.0).with("step", task.step));
    step_ran(&mut change, &mut case, &task).await?;
    case::save(&change, &mut case).await?;
    change.commit().await?;
    Ok(task)
}

/// The step of a task is over; the case is saved by the caller.
async fn step_ran(change: &mut Change<'_>, case: &mut collection_case::Model, task: &work_task::Model) -> Result<()> {
    if (task.course, task.step) != (case.course, case.next_step) {
        return Ok(());
    }
    case.next_step = task.step + 1;
    case.last_step_at = Some(change.now);
    case.postponed_because = None;
    if case.status == CaseStatus::Active {
        case.next_action_at = Some(escalation::next_due(change, case).await?);
        escalation::call_if_due(change, case);
    }
    Ok(())
}

fn of(change: &Change<'_>, id: WorkTaskId) -> sea_orm::Select<work_task::Entity> {
    work_task::Entity::of(change.tenant).filter(work_task::Column::Id.eq(id))
}

async fn find(change: &Change<'_>, id: WorkTaskId) -> Result<work_task::Model> {
    of(change, id).one(&change.tx).await?.ok_or_else(|| Refusal::not_found("task").at("id").into())
}

async fn lock(change: &Change<'_>, id: WorkTaskId) -> Result<work_task::Model> {
    of(change, id).lock_exclusive().one(&change.tx).await?.ok_or_else(|| Refusal::not_found("task").at("id").into())
}
