//! Asking a person to do a step.

use chrono::Days;
use entity::{StepAction, WorkTaskKind, WorkTaskStatus, collection_case, work_task};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use crate::{
    calendar,
    change::Change,
    error::{Error, Result},
    escalation::Gathered,
    event::{Happened, kind},
};

/// Opens the task of a step whose action is one; the case is saved by the caller. From here on the case waits for the
/// person, like for a letter under way.
///
/// # Errors
///
/// When the database refuses; a bug when the step is no task.
pub(crate) async fn issue(change: &mut Change<'_>, case: &mut collection_case::Model, gathered: &Gathered, step: usize) -> Result<()> {
    let plan = gathered.ladder.steps.get(step).ok_or_else(|| Error::Bug(format!("case {} has no step {step}", case.id)))?;
    let what = match plan.action {
        StepAction::CallTask => WorkTaskKind::Call,
        StepAction::ManualTask => WorkTaskKind::Manual,
        StepAction::SendLetter | StepAction::SendMessage | StepAction::OfferHandover => {
            return Err(Error::Bug(format!("step {step} of case {} is no task", case.id)));
        }
    };
    let today = calendar::local_date(gathered.tenant_zone, change.now);
    let task = work_task::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        case_id: case.id,
        step: i32::try_from(step).map_err(|_| Error::Bug("step number".into()))?,
        course: case.course,
        kind: what,
        title: plan.name.clone(),
        note: plan.note.clone(),
        due_on: today.checked_add_days(Days::new(plan.pay_within_days.into())).unwrap_or(today),
        status: WorkTaskStatus::Open,
        outcome: None,
        done_by: None,
        done_at: None,
        cancelled_because: None,
        created_at: change.now,
        updated_at: change.now,
    };
    let happened = Happened::new(kind::TASK_OPENED).case(case).subject(task.id.0).with("step", task.step);
    change.record(happened.with("kind", serde_json::to_value(what)?).with("dueOn", task.due_on.to_string()));
    task.into_active_model().reset_all().insert(&change.tx).await?;
    case.next_action_at = None;
    case.postponed_because = None;
    Ok(())
}
