//! The last gate, right before a letter leaves: pure. A letter that no longer tells the truth is cancelled; one that
//! is only early waits.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{CaseStatus, CloseReason, DeliveryStatus, LetterStatus};

use crate::{
    RefusalCode,
    escalation::{FRESH_FACTS_TAKE, Facts},
    letter::THANK_YOU_STEP,
};

/// A demand that is dated longer ago does not leave: its deadline would have shrunk. Longer than any run of closed days.
pub const MAX_LETTER_AGE: TimeDelta = TimeDelta::days(5);

/// What the gate looks at.
#[derive(Debug, Clone)]
pub struct GateFacts<'a> {
    /// The facts of the case, as they are now.
    pub case: Facts<'a>,
    /// How the case ended, if it did.
    pub close_reason: Option<CloseReason>,
    /// Where the delivery stands.
    pub delivery: DeliveryStatus,
    /// When the delivery is due.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Where the letter stands.
    pub letter: LetterStatus,
    /// The letter's step.
    pub step: i32,
    /// The sum that the letter demands.
    pub stated_minor: i64,
    /// The day that the letter bears.
    pub dated_on: NaiveDate,
    /// The day by which it demands payment.
    pub pay_by: NaiveDate,
    /// The tenant's day.
    pub today: NaiveDate,
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may leave.
    Leave,
    /// Not this time; nothing changes.
    Stay,
    /// Not before the instant.
    Later(DateTime<Utc>, RefusalCode),
    /// It must not leave: the facts changed since it was issued.
    Cancel(&'static str),
}

/// Says whether a delivery may leave now.
pub fn gate(facts: &GateFacts<'_>, now: DateTime<Utc>) -> Verdict {
    let due = facts.next_attempt_at.is_some_and(|at| at <= now);
    let issued = matches!(facts.letter, LetterStatus::Scheduled | LetterStatus::Sending | LetterStatus::Sent);
    if facts.delivery != DeliveryStatus::Scheduled || !due || !issued || !facts.case.automatic_actions {
        return Verdict::Stay;
    }
    let untrue = if facts.step == THANK_YOU_STEP { thanks_untrue(facts) } else { demand_untrue(facts) };
    if let Some(because) = untrue {
        return Verdict::Cancel(because);
    }
    if facts.step != THANK_YOU_STEP && facts.case.freshness.stale(now) {
        let tomorrow = crate::calendar::local_date(facts.case.zone, now) + chrono::Days::new(1);
        let until = if facts.case.freshness.askable {
            now + FRESH_FACTS_TAKE
        } else {
            facts.case.hours.opening_from(facts.case.zone, tomorrow).unwrap_or(now + TimeDelta::days(1))
        };
        return Verdict::Later(until, RefusalCode::FactsStale);
    }
    match facts.case.hours.next_open(facts.case.zone, now) {
        Some(open) if open <= now => Verdict::Leave,
        Some(open) => Verdict::Later(open, RefusalCode::OutsideContactHours),
        None => Verdict::Stay,
    }
}

fn thanks_untrue(facts: &GateFacts<'_>) -> Option<&'static str> {
    let paid = facts.case.status == CaseStatus::Closed && facts.close_reason == Some(CloseReason::Paid);
    (!paid).then_some("CASE_REOPENED")
}

fn demand_untrue(facts: &GateFacts<'_>) -> Option<&'static str> {
    let case = &facts.case;
    // A second channel of a letter that partly left may follow after the case moved on to its next step only.
    let working = matches!(case.status, CaseStatus::Active | CaseStatus::AwaitingHandover);
    [
        (!working, "CASE_NOT_ACTIVE"),
        (case.outstanding_minor != facts.stated_minor, "CLAIM_CHANGED"),
        (case.exempt, "DEBTOR_EXEMPT"),
        (case.disputed, "INVOICE_DISPUTED"),
        (case.not_due, "NOT_DUE"),
        (case.payment_pending, "PAYMENT_PENDING"),
        // The switch was off, the channel or we were down: it is issued anew, with a whole deadline.
        (facts.today >= facts.pay_by || facts.today - facts.dated_on > MAX_LETTER_AGE, "LETTER_OUTDATED"),
    ]
    .into_iter()
    .find_map(|(untrue, because)| untrue.then_some(because))
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
