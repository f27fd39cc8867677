//! The last gate before a case leaves for the agency: pure, over the same facts as the gate of letters.

use chrono::{DateTime, TimeDelta, Utc};
use entity::CaseStatus;

use crate::{
    RefusalCode,
    escalation::{FRESH_FACTS_TAKE, Facts},
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
    if !facts.automatic_actions {
        return Gate::Rest;
    }
    let closed = [
        (facts.exempt, RefusalCode::DebtorExempt),
        (facts.disputed, RefusalCode::InvoiceDisputed),
        (facts.not_due, RefusalCode::NotDue),
        (facts.payment_pending, RefusalCode::PaymentPending),
        (facts.freshness.stale(now), RefusalCode::FactsStale),
    ];
    match closed.into_iter().find_map(|(closed, code)| closed.then_some(code)) {
        None => Gate::Leave,
        Some(RefusalCode::FactsStale) if facts.freshness.askable => Gate::Later(now + FRESH_FACTS_TAKE, RefusalCode::FactsStale),
        Some(code) => Gate::Later(now + LOOK_AGAIN, code),
    }
}
