//! The last gate before a case leaves for the agency: pure, over the same facts and the same list of gates as letters.

use chrono::{DateTime, TimeDelta, Utc};
use entity::CaseStatus;

use crate::{
    RefusalCode,
    escalation::{
        FRESH_FACTS_TAKE, Facts,
        gates::{Door, Opens, first_closed},
    },
};

/// How long a closed gate stays closed before it is looked at again.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(6);

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It may leave.
    Leave,
    /// Not before the case moves or the master switch is on.
    Rest,
    /// Not before the instant, and why.
    Later(DateTime<Utc>, RefusalCode),
    /// Never: nothing is left to hand over.
    Over,
}

/// Says whether a case may leave now.
pub fn gate(facts: &Facts<'_>, now: DateTime<Utc>) -> Gate {
    match facts.status {
        CaseStatus::AwaitingHandover => {}
        CaseStatus::OnHold => return Gate::Rest,
        CaseStatus::Proposed | CaseStatus::Declined | CaseStatus::Active | CaseStatus::HandedOver | CaseStatus::Closed => {
            return Gate::Over;
        }
    }
    if facts.outstanding_minor <= 0 {
        return Gate::Over;
    }
    let Some(closed) = first_closed(Door::HandOver, facts, now) else { return Gate::Leave };
    let until = match closed.opens {
        Opens::ByChange => return Gate::Rest,
        Opens::At(at) => at,
        Opens::Asked => now + FRESH_FACTS_TAKE,
        Opens::Unknown => now + LOOK_AGAIN,
    };
    closed.code.map_or(Gate::Rest, |code| Gate::Later(until, code))
}
