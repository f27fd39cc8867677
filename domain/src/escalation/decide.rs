//! The decision, pure: from facts and `now`, what is due. Every gate is one line of the list in [`decide`], in the
//! order in which a person would want to be told.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{CaseStatus, Channel};

use crate::{RefusalCode, calendar, calendar::ContactHours, policy::Ladder};

/// Everything that the decision looks at.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; every mixture of them happens")]
pub struct Facts<'a> {
    /// The master switch.
    pub automatic_actions: bool,
    /// Where the case stands.
    pub status: CaseStatus,
    /// Index of the step that runs next.
    pub next_step: usize,
    /// When the case must be looked at.
    pub next_action_at: Option<DateTime<Utc>>,
    /// What is open.
    pub outstanding_minor: i64,
    /// A letter is issued and has not left yet.
    pub letter_under_way: bool,
    /// The debtor must not be collected from.
    pub exempt: bool,
    /// An invoice is marked as disputed.
    pub disputed: bool,
    /// An open invoice of the claim is not overdue: its due date moved.
    pub not_due: bool,
    /// A payment is known that is not reconciled yet.
    pub payment_pending: bool,
    /// An account to pay to is known.
    pub bank_known: bool,
    /// How old the facts are.
    pub freshness: Freshness,
    /// The ways by which the debtor can be reached, as far as is known.
    pub reachable: &'a [Channel],
    /// The ladder that the case began with.
    pub ladder: &'a Ladder,
    /// The tenant's hours of contact.
    pub hours: &'a ContactHours,
    /// The debtor's zone.
    pub zone: Tz,
}

/// When a letter that waits for fresh facts is looked at again: the source was asked meanwhile.
pub const FRESH_FACTS_TAKE: TimeDelta = TimeDelta::minutes(15);

/// How old the facts of the accounting system are, and how old they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness {
    /// End of the last run that took everything over.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// A letter waits when that is longer ago; none when age does not matter.
    pub limit: Option<TimeDelta>,
    /// The last full pull did not tell of an invoice that is open here: it may be paid, and is being asked for by name.
    pub unseen: bool,
    /// Whether fresh facts come by asking; files come when a person imports them.
    pub askable: bool,
}

impl Freshness {
    /// Whether the facts are too old, or too doubtful, to send on.
    pub fn stale(&self, now: DateTime<Utc>) -> bool {
        self.unseen || self.limit.is_some_and(|limit| self.last_synced_at.is_none_or(|at| now - at > limit))
    }
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing, now or by time alone.
    Rest,
    /// Nothing before the instant.
    Wait {
        /// When to look again.
        until: DateTime<Utc>,
        /// Why, when it is more than the calendar.
        because: Option<RefusalCode>,
    },
    /// Issue the letter of this step.
    Issue {
        /// Index in the ladder.
        step: usize,
    },
    /// The ladder is exhausted.
    Exhaust,
}

/// Decides.
pub fn decide(facts: &Facts<'_>, now: DateTime<Utc>) -> Decision {
    if facts.status != CaseStatus::Active || facts.letter_under_way || facts.outstanding_minor <= 0 || !facts.automatic_actions {
        return Decision::Rest;
    }
    match facts.next_action_at {
        None => return Decision::Rest,
        Some(due) if due > now => return Decision::Wait { until: due, because: None },
        Some(_) => {}
    }
    if facts.next_step >= facts.ladder.steps.len() {
        return if facts.ladder.handover_after_days.is_some() { Decision::Exhaust } else { Decision::Rest };
    }
    match obstacle(facts, now) {
        // Fresh facts are a pull away.
        Some(RefusalCode::FactsStale) if facts.freshness.askable => {
            return Decision::Wait { until: now + FRESH_FACTS_TAKE, because: Some(RefusalCode::FactsStale) };
        }
        Some(because) => return tomorrow(facts, now, because),
        None => {}
    }
    match facts.hours.next_open(facts.zone, now) {
        Some(open) if open <= now => Decision::Issue { step: facts.next_step },
        Some(open) => Decision::Wait { until: open, because: Some(RefusalCode::OutsideContactHours) },
        None => tomorrow(facts, now, RefusalCode::OutsideContactHours),
    }
}

/// The first gate that is closed.
fn obstacle(facts: &Facts<'_>, now: DateTime<Utc>) -> Option<RefusalCode> {
    let step = &facts.ladder.steps[facts.next_step];
    let reachable = step.channels.iter().chain(&step.fallback).any(|c| facts.reachable.contains(c));
    [
        (facts.exempt, RefusalCode::DebtorExempt),
        (facts.disputed, RefusalCode::InvoiceDisputed),
        (facts.not_due, RefusalCode::NotDue),
        (facts.payment_pending, RefusalCode::PaymentPending),
        (!facts.bank_known, RefusalCode::BankDetailsMissing),
        (facts.freshness.stale(now), RefusalCode::FactsStale),
        (!reachable, RefusalCode::DebtorIncomplete),
    ]
    .into_iter()
    .find_map(|(closed, code)| closed.then_some(code))
}

/// Looks again at the next opening of another day.
fn tomorrow(facts: &Facts<'_>, now: DateTime<Utc>, because: RefusalCode) -> Decision {
    let day = calendar::local_date(facts.zone, now) + Days::new(1);
    let until = facts.hours.opening_from(facts.zone, day).unwrap_or_else(|| calendar::day_start(facts.zone, day));
    Decision::Wait { until, because: Some(because) }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
