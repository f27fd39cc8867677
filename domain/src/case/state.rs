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
    /// What it was before, and goes back to.
    pub before: Before,
}

/// What a hold interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Letters.
    Active,
    /// The hand-over.
    AwaitingHandover,
    /// The agency's work.
    HandedOver,
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
    /// The agency took it.
    Accept,
    /// The creditor takes it back from the agency.
    Recall,
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
    use Command::{Accept, Approve, Close, Decline, Exhaust, Recall, Reopen, Resume};
    use State::{Active, AwaitingHandover, Closed, Declined, HandedOver, OnHold, Proposed};
    let hold = |reason, until, before| Ok(OnHold(Hold { reason, until, before }));
    match (state, command) {
        (Proposed, Approve) => Ok(Active),
        (Proposed, Decline) => Ok(Declined),
        (Active, Command::Hold(reason, until)) => hold(reason, until, Before::Active),
        (AwaitingHandover, Command::Hold(reason, until)) => hold(reason, until, Before::AwaitingHandover),
        (HandedOver, Command::Hold(reason, until)) => hold(reason, until, Before::HandedOver),
        (OnHold(Hold { before: Before::Active, .. }), Resume) => Ok(Active),
        (OnHold(Hold { before: Before::AwaitingHandover, .. }), Resume) => Ok(AwaitingHandover),
        (OnHold(Hold { before: Before::HandedOver, .. }), Resume) => Ok(HandedOver),
        (Active, Exhaust) => Ok(AwaitingHandover),
        (AwaitingHandover, Accept) => Ok(HandedOver),
        // The agency had it already when the creditor asked it to stand still.
        (OnHold(Hold { reason, until, before: Before::AwaitingHandover }), Accept) => hold(reason, until, Before::HandedOver),
        (HandedOver, Recall) => Ok(AwaitingHandover),
        (OnHold(Hold { before: Before::HandedOver, .. }), Recall) => Ok(AwaitingHandover),
        (Proposed | Active | OnHold(_) | AwaitingHandover | HandedOver, Close(reason)) => Ok(Closed(reason)),
        (Closed(CloseReason::Paid | CloseReason::Credited), Reopen) => Ok(Active),
        (Proposed, Command::Hold(..) | Resume | Exhaust | Accept | Recall | Reopen)
        | (Declined, Approve | Decline | Command::Hold(..) | Resume | Exhaust | Accept | Recall | Close(_) | Reopen)
        | (Active, Approve | Decline | Resume | Accept | Recall | Reopen)
        | (OnHold(_), Approve | Decline | Command::Hold(..) | Exhaust | Accept | Recall | Reopen)
        | (AwaitingHandover, Approve | Decline | Resume | Exhaust | Recall | Reopen)
        | (HandedOver, Approve | Decline | Resume | Exhaust | Accept | Reopen)
        | (Closed(_), Approve | Decline | Command::Hold(..) | Resume | Exhaust | Accept | Recall | Close(_) | Reopen) => {
            Err(refuse(state, command))
        }
    }
}

fn refuse(state: State, command: Command) -> Refusal {
    let verb = match command {
        Command::Approve => "approved",
        Command::Decline => "declined",
        Command::Hold(..) => "put on hold",
        Command::Resume => "resumed",
        Command::Exhaust => "exhausted",
        Command::Accept => "taken by the agency",
        Command::Recall => "taken back from the agency",
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
                before: match case.status_before_hold {
                    Some(CaseStatus::AwaitingHandover) => Before::AwaitingHandover,
                    Some(CaseStatus::HandedOver) => Before::HandedOver,
                    Some(_) | None => Before::Active,
                },
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
                case.status_before_hold = Some(match hold.before {
                    Before::Active => CaseStatus::Active,
                    Before::AwaitingHandover => CaseStatus::AwaitingHandover,
                    Before::HandedOver => CaseStatus::HandedOver,
                });
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
        let hold = |before| State::OnHold(Hold { reason: HoldReason::Paused, until: UNTIL, before });
        vec![
            State::Proposed,
            State::Declined,
            State::Active,
            hold(Before::Active),
            hold(Before::AwaitingHandover),
            hold(Before::HandedOver),
            State::AwaitingHandover,
            State::HandedOver,
            State::Closed(CloseReason::Paid),
            State::Closed(CloseReason::Withdrawn),
        ]
    }

    /// The whole table: for each state, the commands that it takes and where they lead.
    #[test]
    fn every_state_takes_exactly_these_commands() {
        let closed = Some(State::Closed(CloseReason::Paid));
        let hold = |before| State::OnHold(Hold { reason: HoldReason::Paused, until: UNTIL, before });
        let commands = [
            Command::Approve,
            Command::Decline,
            Command::Hold(HoldReason::Paused, UNTIL),
            Command::Resume,
            Command::Exhaust,
            Command::Accept,
            Command::Recall,
            Command::Close(CloseReason::Paid),
            Command::Reopen,
        ];
        let (active, awaiting, agency) = (Some(State::Active), Some(State::AwaitingHandover), Some(State::HandedOver));
        let (of_letters, of_awaiting, of_agency) =
            (Some(hold(Before::Active)), Some(hold(Before::AwaitingHandover)), Some(hold(Before::HandedOver)));
        let table = [
            [active, Some(State::Declined), None, None, None, None, None, closed, None],
            [None, None, None, None, None, None, None, None, None],
            [None, None, of_letters, None, awaiting, None, None, closed, None],
            [None, None, None, active, None, None, None, closed, None],
            [None, None, None, awaiting, None, of_agency, None, closed, None],
            [None, None, None, agency, None, None, awaiting, closed, None],
            [None, None, of_awaiting, None, None, agency, None, closed, None],
            [None, None, of_agency, None, None, None, awaiting, closed, None],
            [None, None, None, None, None, None, None, None, active],
            [None, None, None, None, None, None, None, None, None],
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
