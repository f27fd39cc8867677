//! The state machine of a case: pure, total, every arm written.

use chrono::NaiveDate;
use entity::{CaseStatus, CloseReason, HoldReason, collection_case};

use crate::error::{Refusal, RefusalCode};

/// Where a case stands, with what belongs to that state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for the creditor's yes.
    Proposed,
    /// The creditor said no.
    Declined,
    /// Letters go out on the policy.
    Active,
    /// Stopped, with an end.
    OnHold(Hold),
    /// The ladder is exhausted.
    AwaitingHandover,
    /// The agency works it.
    HandedOver,
    /// Over.
    Closed(CloseReason),
}

/// Why a case stands still, until when, and what it goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// Last day.
    pub until: NaiveDate,
    /// Whether the ladder was exhausted already.
    pub exhausted: bool,
}

/// What may be asked of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The creditor agrees.
    Approve,
    /// The creditor does not agree.
    Decline,
    /// Stand still until a day.
    Hold(HoldReason, NaiveDate),
    /// Go on.
    Resume,
    /// The last step and its wait are over.
    Exhaust,
    /// End.
    Close(CloseReason),
    /// A payment was reversed after the case was closed by it.
    Reopen,
}

/// The next state, or why there is none.
///
/// # Errors
///
/// `ILLEGAL_TRANSITION`, naming the state.
#[expect(clippy::match_same_arms, clippy::unnested_or_patterns, reason = "the arms are the table of states: a line each, in its order")]
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    use Command::{Approve, Close, Decline, Exhaust, Reopen, Resume};
    use State::{Active, AwaitingHandover, Closed, Declined, HandedOver, OnHold, Proposed};
    let hold = |reason, until, exhausted| Ok(OnHold(Hold { reason, until, exhausted }));
    match (state, command) {
        (Proposed, Approve) => Ok(Active),
        (Proposed, Decline) => Ok(Declined),
        (Active, Command::Hold(reason, until)) => hold(reason, until, false),
        (AwaitingHandover, Command::Hold(reason, until)) => hold(reason, until, true),
        (OnHold(Hold { exhausted: false, .. }), Resume) => Ok(Active),
        (OnHold(Hold { exhausted: true, .. }), Resume) => Ok(AwaitingHandover),
        (Active, Exhaust) => Ok(AwaitingHandover),
        (Proposed | Active | OnHold(_) | AwaitingHandover | HandedOver, Close(reason)) => Ok(Closed(reason)),
        (Closed(CloseReason::Paid | CloseReason::Credited), Reopen) => Ok(Active),
        (Proposed, Command::Hold(..) | Resume | Exhaust | Reopen)
        | (Declined, Approve | Decline | Command::Hold(..) | Resume | Exhaust | Close(_) | Reopen)
        | (Active, Approve | Decline | Resume | Reopen)
        | (OnHold(_), Approve | Decline | Command::Hold(..) | Exhaust | Reopen)
        | (AwaitingHandover, Approve | Decline | Resume | Exhaust | Reopen)
        | (HandedOver, Approve | Decline | Command::Hold(..) | Resume | Exhaust | Reopen)
        | (Closed(_), Approve | Decline | Command::Hold(..) | Resume | Exhaust | Close(_) | Reopen) => Err(refuse(state, command)),
    }
}

fn refuse(state: State, command: Command) -> Refusal {
    let verb = match command {
        Command::Approve => "approved",
        Command::Decline => "declined",
        Command::Hold(..) => "put on hold",
        Command::Resume => "resumed",
        Command::Exhaust => "exhausted",
        Command::Close(_) => "closed",
        Command::Reopen => "reopened",
    };
    let now = match state {
        State::Proposed => "proposed",
        State::Declined => "declined",
        State::Active => "active",
        State::OnHold(_) => "on hold",
        State::AwaitingHandover => "awaiting hand-over",
        State::HandedOver => "handed over",
        State::Closed(_) => "closed",
    };
    Refusal::new(RefusalCode::IllegalTransition, format!("a case that is {now} cannot be {verb}")).at("id")
}

impl State {
    /// Reads the state of a row.
    ///
    /// # Errors
    ///
    /// A bug, when the row's columns contradict each other.
    pub fn of(case: &collection_case::Model) -> crate::Result<Self> {
        let broken = || crate::Error::Bug(format!("case {} has columns that contradict its status", case.id));
        Ok(match case.status {
            CaseStatus::Proposed => Self::Proposed,
            CaseStatus::Declined => Self::Declined,
            CaseStatus::Active => Self::Active,
            CaseStatus::OnHold => Self::OnHold(Hold {
                reason: case.hold_reason.ok_or_else(broken)?,
                until: case.hold_until.ok_or_else(broken)?,
                exhausted: case.status_before_hold == Some(CaseStatus::AwaitingHandover),
            }),
            CaseStatus::AwaitingHandover => Self::AwaitingHandover,
            CaseStatus::HandedOver => Self::HandedOver,
            CaseStatus::Closed => Self::Closed(case.close_reason.ok_or_else(broken)?),
        })
    }

    /// Writes the state into a row.
    pub fn write(self, case: &mut collection_case::Model) {
        case.hold_reason = None;
        case.hold_until = None;
        case.status_before_hold = None;
        case.close_reason = None;
        case.status = match self {
            Self::Proposed => CaseStatus::Proposed,
            Self::Declined => CaseStatus::Declined,
            Self::Active => CaseStatus::Active,
            Self::OnHold(hold) => {
                case.hold_reason = Some(hold.reason);
                case.hold_until = Some(hold.until);
                case.status_before_hold = Some(if hold.exhausted { CaseStatus::AwaitingHandover } else { CaseStatus::Active });
                CaseStatus::OnHold
            }
            Self::AwaitingHandover => CaseStatus::AwaitingHandover,
            Self::HandedOver => CaseStatus::HandedOver,
            Self::Closed(reason) => {
                case.close_reason = Some(reason);
                CaseStatus::Closed
            }
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const UNTIL: NaiveDate = NaiveDate::MAX;

    fn states() -> Vec<State> {
        let hold = |exhausted| State::OnHold(Hold { reason: HoldReason::Paused, until: UNTIL, exhausted });
        vec![
            State::Proposed,
            State::Declined,
            State::Active,
            hold(false),
            hold(true),
            State::AwaitingHandover,
            State::HandedOver,
            State::Closed(CloseReason::Paid),
            State::Closed(CloseReason::Withdrawn),
        ]
    }

    /// The whole table: for each state, the commands that it takes and where they lead.
    #[test]
    fn every_state_takes_exactly_these_commands() {
        let closed = State::Closed(CloseReason::Paid);
        let hold = |exhausted| State::OnHold(Hold { reason: HoldReason::Paused, until: UNTIL, exhausted });
        let commands = [
            Command::Approve,
            Command::Decline,
            Command::Hold(HoldReason::Paused, UNTIL),
            Command::Resume,
            Command::Exhaust,
            Command::Close(CloseReason::Paid),
            Command::Reopen,
        ];
        let table = [
            [Some(State::Active), Some(State::Declined), None, None, None, Some(closed), None],
            [None, None, None, None, None, None, None],
            [None, None, Some(hold(false)), None, Some(State::AwaitingHandover), Some(closed), None],
            [None, None, None, Some(State::Active), None, Some(closed), None],
            [None, None, None, Some(State::AwaitingHandover), None, Some(closed), None],
            [None, None, Some(hold(true)), None, None, Some(closed), None],
            [None, None, None, None, None, Some(closed), None],
            [None, None, None, None, None, None, Some(State::Active)],
            [None, None, None, None, None, None, None],
        ];
        for (state, row) in states().into_iter().zip(table) {
            for (command, expected) in commands.into_iter().zip(row) {
                assert_eq!(transition(state, command).ok(), expected, "{state:?} {command:?}");
            }
        }
    }

    #[test]
    fn a_case_closed_by_a_person_is_not_reopened_by_a_payment() {
        for reason in [CloseReason::WrittenOff, CloseReason::Withdrawn, CloseReason::DebtorDeceased, CloseReason::TimeBarred] {
            assert_eq!(transition(State::Closed(reason), Command::Reopen).unwrap_err().code, RefusalCode::IllegalTransition);
        }
    }
}
