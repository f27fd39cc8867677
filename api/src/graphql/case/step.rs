//! The steps of a case's ladder: what ran and what is planned, told by the letters.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use domain::policy::Ladder;
use entity::{CaseStatus, LetterStatus, WorkTaskStatus, collection_case, letter, work_task};

use crate::graphql::{letter::Letter, policy::EscalationStep, task::Task};

/// Where a step of a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CaseStepStatus {
    /// Will run when its time comes.
    Planned,
    /// Its letter waits for a person's yes.
    AwaitingConsent,
    /// A person was asked to do it.
    WaitsForPerson,
    /// Its letter is on its way out.
    UnderWay,
    /// Its letter went out, or the person did it.
    Done,
    /// The creditor refused its letter, or the person passed it over; the ladder went on.
    Skipped,
    /// No channel took its letter.
    Failed,
    /// Will not run any more.
    Cancelled,
}

/// One step of a case's ladder.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct CaseStep {
    /// What the ladder says.
    pub step: EscalationStep,
    /// Where it stands.
    pub status: CaseStepStatus,
    /// When it is due; only known of the next one.
    pub due_at: Option<DateTime<Utc>>,
    /// When its letter went out, or the person did it.
    pub ran_at: Option<DateTime<Utc>>,
    /// Its letter, the newest when it was issued anew.
    pub letter: Option<Letter>,
    /// What a person was asked to do, the newest when it was asked anew.
    pub task: Option<Task>,
}

/// Every step, in order; by the letters and tasks of the case's course, since a case may be set back.
pub(super) fn steps(
    case: &collection_case::Model,
    ladder: &Ladder,
    letters: &[letter::Model],
    tasks: &[work_task::Model],
) -> Vec<CaseStep> {
    (0..)
        .zip(&ladder.steps)
        .map(|(index, step)| {
            let letter = letters.iter().rev().find(|letter| (letter.course, letter.step) == (case.course, index));
            let task = tasks.iter().rev().find(|task| (task.course, task.step) == (case.course, index));
            let status = if let Some(task) = task { task_status(case, task) } else { status(case, index, letter) };
            CaseStep {
                step: EscalationStep::of(step, index + 1),
                status,
                due_at: case.next_action_at.filter(|_| status == CaseStepStatus::Planned && index == case.next_step),
                ran_at: letter.and_then(|letter| letter.sent_at).or(task.and_then(|task| task.done_at)),
                letter: letter.cloned().map(Letter),
                task: task.cloned().map(Task),
            }
        })
        .collect()
}

fn task_status(case: &collection_case::Model, task: &work_task::Model) -> CaseStepStatus {
    match task.status {
        WorkTaskStatus::Open => CaseStepStatus::WaitsForPerson,
        WorkTaskStatus::Done => CaseStepStatus::Done,
        WorkTaskStatus::Skipped => CaseStepStatus::Skipped,
        WorkTaskStatus::Cancelled => status(case, task.step, None),
    }
}

fn status(case: &collection_case::Model, index: i32, letter: Option<&letter::Model>) -> CaseStepStatus {
    let over = matches!(case.status, CaseStatus::Closed | CaseStatus::Declined);
    match letter.map(|letter| (letter.status, letter.consent_granted)) {
        Some((LetterStatus::AwaitingConsent, _)) => CaseStepStatus::AwaitingConsent,
        Some((LetterStatus::Scheduled | LetterStatus::Sending, _)) => CaseStepStatus::UnderWay,
        Some((LetterStatus::Sent, _)) => CaseStepStatus::Done,
        Some((LetterStatus::Failed, _)) => CaseStepStatus::Failed,
        Some((LetterStatus::Cancelled, Some(false))) => CaseStepStatus::Skipped,
        Some((LetterStatus::Cancelled, _)) | None if over || index < case.next_step => CaseStepStatus::Cancelled,
        Some((LetterStatus::Cancelled, _)) | None => CaseStepStatus::Planned,
    }
}
