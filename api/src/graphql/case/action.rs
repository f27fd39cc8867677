//! What the viewer may do with a case: asked of the state machine and of the viewer's rights, not copied from them.

use async_graphql::{Enum, SimpleObject};
use chrono::NaiveDate;
use domain::{
    Action, RefusalCode, Viewer,
    case::{Command, State, transition},
};
use entity::{CloseReason, HoldReason, collection_case};

use crate::graphql::error::{UserErrorCode, query_error};

/// Something that a person can do with a case, named like the mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CaseAction {
    /// `casesApprove`
    Approve,
    /// `casesDecline`
    Decline,
    /// `casePause`
    Pause,
    /// `caseResume`
    Resume,
    /// `caseWriteOff`
    WriteOff,
    /// `caseWithdraw`
    Withdraw,
}

/// Whether the viewer may do something now.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ActionState {
    /// What.
    pub action: CaseAction,
    /// Whether it would be taken.
    pub allowed: bool,
    /// Why not; empty when it is allowed.
    pub reasons: Vec<UserErrorCode>,
}

const ALL: [CaseAction; 6] =
    [CaseAction::Approve, CaseAction::Decline, CaseAction::Pause, CaseAction::Resume, CaseAction::WriteOff, CaseAction::Withdraw];

fn command(action: CaseAction, today: NaiveDate) -> Command {
    match action {
        CaseAction::Approve => Command::Approve,
        CaseAction::Decline => Command::Decline,
        CaseAction::Pause => Command::Hold(HoldReason::Paused, today),
        CaseAction::Resume => Command::Resume,
        CaseAction::WriteOff => Command::Close(CloseReason::WrittenOff),
        CaseAction::Withdraw => Command::Close(CloseReason::Withdrawn),
    }
}

/// Every action on a case, with whether the viewer may do it.
pub(super) fn actions(case: &collection_case::Model, viewer: &Viewer, today: NaiveDate) -> async_graphql::Result<Vec<ActionState>> {
    let state = State::of(case).map_err(query_error)?;
    let forbidden = (!viewer.may(Action::WorkCases)).then_some(RefusalCode::Forbidden);
    let judged = ALL.into_iter().map(|action| {
        let refused = transition(state, command(action, today)).err().map(|refusal| refusal.code);
        let reasons: Vec<UserErrorCode> = forbidden.into_iter().chain(refused).map(UserErrorCode::from).collect();
        ActionState { action, allowed: reasons.is_empty(), reasons }
    });
    Ok(judged.collect())
}
