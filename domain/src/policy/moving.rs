//! Moving open cases to another ladder, or to another step of theirs. What has not left is stopped; the next step is due
//! as if the case had always followed the new ladder: its wait counts from when the last step ran.

use std::collections::BTreeSet;

use entity::{CaseId, CaseStatus, LetterStatus, PolicyId, Scoped, collection_case, letter};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use super::save::{ladder_of, lock_offered};
use crate::{
    actor::{Action, Viewer},
    case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    escalation,
    event::{Happened, kind},
    letter as letters,
};

/// Most cases that one call moves.
pub const MAX_MOVED: usize = case::MAX_NAMED;

/// With which step of the new ladder a moved case goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The one with the number of its next step in the old ladder; behind a shorter ladder, it is exhausted.
    KeepIndex,
    /// The first.
    Restart,
    /// This one, counted from 0.
    At(usize),
}

/// Moves cases to the newest revision of a policy. All or none; a case that stands there already is left alone, so that
/// the same call again changes nothing.
///
/// # Errors
///
/// A refusal: unknown case, unknown or archived policy, a step that the ladder does not have; `LIMIT_EXCEEDED` for more
/// than [`MAX_MOVED`]; `ILLEGAL_TRANSITION` for a case that no longer follows a ladder, or whose letter is with its
/// provider right now.
pub async fn move_cases(
    env: &Env,
    viewer: &Viewer,
    ids: &[CaseId],
    policy: PolicyId,
    position: Position,
) -> Result<Vec<collection_case::Model>> {
    viewer.require(Action::WorkCases)?;
    let ids = named(ids)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut cases = case::lock_many(&change, &ids).await?;
    if cases.len() != ids.len() {
        return Err(Refusal::not_found("case").at("ids").into());
    }
    let policy = lock_offered(&change, policy, "policyId").await?;
    let steps = ladder_of(&change.tx, viewer.tenant, policy.id, policy.revision).await?.steps.len();
    for case in &mut cases {
        let next = next_step(case, position, steps)?;
        if (case.policy_id, case.policy_revision, case.next_step) != (policy.id, policy.revision, next) {
            move_one(&mut change, case, (policy.id, policy.revision), next).await?;
        }
    }
    change.commit().await?;
    Ok(cases)
}

fn named(ids: &[CaseId]) -> Result<Vec<CaseId>, Refusal> {
    let ids: BTreeSet<CaseId> = ids.iter().copied().collect();
    if ids.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "name at least one case").at("ids"));
    }
    if ids.len() > MAX_MOVED {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_MOVED} cases in one call")).at("ids"));
    }
    Ok(ids.into_iter().collect())
}

/// The index with which a case goes on; the number of steps when nothing is left of the new ladder.
fn next_step(case: &collection_case::Model, position: Position, steps: usize) -> Result<i32, Refusal> {
    let last = i32::try_from(steps).unwrap_or(i32::MAX);
    match position {
        Position::KeepIndex => Ok(case.next_step.min(last)),
        Position::Restart => Ok(0),
        Position::At(step) if step < steps => Ok(i32::try_from(step).unwrap_or(last)),
        Position::At(_) => Err(Refusal::new(RefusalCode::OutOfRange, format!("the ladder has {steps} steps")).at("position")),
    }
}

async fn move_one(change: &mut Change<'_>, case: &mut collection_case::Model, to: (PolicyId, i32), next: i32) -> Result<()> {
    let follows = match case.status {
        CaseStatus::Proposed | CaseStatus::Active => true,
        CaseStatus::OnHold => case.status_before_hold.is_none_or(|before| before == CaseStatus::Active),
        CaseStatus::AwaitingHandover | CaseStatus::HandedOver | CaseStatus::Closed | CaseStatus::Declined => false,
    };
    if !follows {
        let message = format!("case {} no longer follows a ladder", case::reference(case.number));
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("ids").into());
    }
    letters::cancel_unsent(change, case, "CASE_MOVED").await?;
    if on_its_way(change, case.id).await? {
        let message = format!(
            "a letter of case {} is with its provider: try again when it left, or say what became of it",
            case::reference(case.number)
        );
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("ids").into());
    }
    let happened = Happened::new(kind::CASE_MOVED).case(case).with("fromStep", case.next_step).with("toStep", next);
    let happened = happened.with("fromPolicyId", case.policy_id.0.to_string()).with("fromRevision", case.policy_revision);
    change.record(happened.with("policyId", to.0.0.to_string()).with("revision", to.1));
    // Steps that ran already run anew: their letters are new letters.
    case.course += i32::from(next < case.next_step);
    (case.policy_id, case.policy_revision, case.next_step) = (to.0, to.1, next);
    if case.status == CaseStatus::Active {
        case.postponed_because = None;
        case.next_action_at = Some(escalation::next_due(change, case).await?);
        escalation::call_if_due(change, case);
    }
    case::save(change, case).await
}

/// Whether a provider may hold a step's letter whose answer is not known, so that nobody can say which step ran.
async fn on_its_way(change: &Change<'_>, case: CaseId) -> Result<bool> {
    let under_way = [LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending];
    let left = letter::Entity::of(change.tenant).filter(letter::Column::CaseId.eq(case));
    let left = left.filter(letter::Column::Step.lt(letters::THANK_YOU_STEP));
    Ok(left.filter(letter::Column::Status.is_in(under_way)).count(&change.tx).await? > 0)
}
