//! What happens next to a case by itself.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use domain::policy::Ladder;
use entity::{CaseStatus, StepAction, collection_case, tenant};

/// What time does to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum NextActionKind {
    /// The next letter is issued.
    SendLetter,
    /// The next message is issued.
    SendMessage,
    /// A person is asked to do something.
    OpenTask,
    /// The agency is asked to take over.
    AskForHandover,
    /// The hold ends.
    EndHold,
}

/// What happens next by itself.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct NextAction {
    /// What.
    pub kind: NextActionKind,
    /// When, at the earliest. Nothing happens while the tenant's automatic actions are off, except that holds end.
    pub due_at: DateTime<Utc>,
    /// Why it was pushed here from its first date; mostly a `UserErrorCode`.
    pub postponed_because: Option<String>,
    /// Whether a person must say yes before the letter leaves.
    pub requires_consent: bool,
}

/// The next action, when one is promised.
pub(super) fn next_action(case: &collection_case::Model, ladder: &Ladder, tenant: &tenant::Model) -> Option<NextAction> {
    let due_at = case.next_action_at?;
    let step = usize::try_from(case.next_step).ok().and_then(|index| ladder.steps.get(index));
    let kind = match (case.status, step) {
        (CaseStatus::OnHold, _) => NextActionKind::EndHold,
        (CaseStatus::Active, Some(step)) => match step.action {
            StepAction::SendLetter => NextActionKind::SendLetter,
            StepAction::SendMessage => NextActionKind::SendMessage,
            StepAction::CallTask | StepAction::ManualTask => NextActionKind::OpenTask,
            StepAction::OfferHandover => NextActionKind::AskForHandover,
        },
        (CaseStatus::Active, None) => ladder.ends_with_handover().then_some(NextActionKind::AskForHandover)?,
        (CaseStatus::Proposed | CaseStatus::Declined | CaseStatus::AwaitingHandover | CaseStatus::HandedOver | CaseStatus::Closed, _) => {
            return None;
        }
    };
    let asks = step.is_some_and(|step| step.speaks() && ladder.asks_consent(step, tenant.consent_mode));
    Some(NextAction {
        kind,
        due_at,
        postponed_because: case.postponed_because.clone(),
        requires_consent: case.status == CaseStatus::Active && asks,
    })
}
