//! The decision, pure: from facts and `now`, what is due. What holds it back is the list of [`super::gates`].

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{CaseStatus, Channel, LetterId, StepAction};

use super::{
    contacts::{Contact, Means},
    gates::{Door, first_closed},
    rules::Rules,
};
use crate::{
    RefusalCode, calendar,
    calendar::Openings,
    online_page::Question,
    policy::{Ladder, Step},
};

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
    /// ISO 4217 code of the claim.
    pub currency: &'a str,
    /// What is open.
    pub outstanding_minor: i64,
    /// A letter is issued and has not left yet.
    pub letter_under_way: bool,
    /// The letter of the step that runs next is there, and no channel took it.
    pub letter_failed: bool,
    /// A person was asked to do the step and has not answered yet.
    pub task_open: bool,
    /// The debtor must not be collected from.
    pub exempt: bool,
    /// An invoice is marked as disputed.
    pub disputed: bool,
    /// An open invoice of the claim is not overdue: its due date moved.
    pub not_due: bool,
    /// What is done, or is about to leave, is the reminder ahead of the due date.
    pub ahead: bool,
    /// The day on which the first open invoice falls due.
    pub first_due_on: Option<NaiveDate>,
    /// A payment is known that is not reconciled yet.
    pub payment_pending: bool,
    /// An account to pay to is known.
    pub bank_known: bool,
    /// How old the facts are.
    pub freshness: Freshness,
    /// The ways by which the debtor can be reached, as far as is known.
    pub reachable: &'a [Channel],
    /// What the country's law wants in the next letter and nobody knows.
    pub missing: &'a [&'static str],
    /// When the newest collection notice of the case left.
    pub notice_sent_at: Option<DateTime<Utc>>,
    /// The last day of the claim's limitation period, where a rule pack tells.
    pub limitation: Option<NaiveDate>,
    /// Whether the letter is to name a page on the web whose address nobody asked for, or waits for the answer.
    pub page: Question,
    /// The contacts with the debtor, over all its cases.
    pub contacts: &'a [Contact],
    /// The letter that is about to leave; none when one is only about to be issued.
    pub letter: Option<LetterId>,
    /// The ladder that the case began with.
    pub ladder: &'a Ladder,
    /// What the countries' rules say.
    pub rules: &'a Rules,
    /// When contact is open at the debtor's place.
    pub openings: &'a Openings,
    /// The debtor's zone.
    pub zone: Tz,
    /// The tenant's day.
    pub today: NaiveDate,
}

impl Facts<'_> {
    /// The next step is the reminder ahead of the due date, and that day has come.
    pub fn too_late_for_ahead(&self) -> bool {
        self.ahead && self.first_due_on.is_none_or(|due_on| due_on <= self.today)
    }

    /// The debtor's days of contact, newest first, one for each letter and day, and one for each call. Other channels of a
    /// letter that is about to leave belong to the same contact on the same day; what else is only about to leave does not
    /// hold it back.
    pub fn contact_days(&self, now: DateTime<Utc>) -> Vec<NaiveDate> {
        let today = calendar::local_date(self.zone, now);
        let counts = |contact: &&Contact| self.letter.is_none() || !contact.planned;
        let own = self.letter.map(Means::Letter);
        let mut days: Vec<(NaiveDate, Means)> = self
            .contacts
            .iter()
            .filter(counts)
            .map(|contact| (calendar::local_date(self.zone, contact.at), contact.means))
            .filter(|(day, means)| !(Some(*means) == own && *day == today))
            .collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        days.dedup();
        days.into_iter().map(|(day, _)| day).collect()
    }
}

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
    /// Issue the letter or message of this step.
    Issue {
        /// Index in the ladder.
        step: usize,
    },
    /// Ask a person to do this step.
    Ask {
        /// Index in the ladder.
        step: usize,
    },
    /// Pass this step over: less is owed than it is made for, or it is made for the time before the due date.
    Pass {
        /// Index in the ladder.
        step: usize,
    },
    /// The ladder is exhausted, or its next step is the hand-over.
    Exhaust,
}

impl Decision {
    /// The door that it leads through; none for waiting.
    pub(super) fn door(self, ladder: &Ladder) -> Option<Door> {
        match self {
            Self::Rest | Self::Wait { .. } => None,
            Self::Issue { .. } => Some(Door::Letter),
            Self::Ask { step } => Some(if ladder.steps.get(step).is_some_and(Step::is_call) { Door::Call } else { Door::Task }),
            Self::Pass { .. } => Some(Door::Pass),
            Self::Exhaust => Some(Door::Exhaust),
        }
    }
}

/// Decides.
pub fn decide(facts: &Facts<'_>, now: DateTime<Utc>) -> Decision {
    let next = next(facts);
    let Some(door) = next.door(facts.ladder) else { return Decision::Rest };
    let Some(closed) = first_closed(door, facts, now) else { return next };
    match closed.look_again(facts, now) {
        Some(until) => Decision::Wait { until, because: closed.code },
        None => Decision::Rest,
    }
}

/// The step whose letter is due, if nothing but its invoice's page holds it back. One that speaks for several cases names
/// no page, and does not wait for one.
pub(super) fn letter_due(facts: &Facts<'_>, now: DateTime<Utc>) -> Option<usize> {
    match decide(&Facts { page: Question::Settled, ..facts.clone() }, now) {
        Decision::Issue { step } => Some(step),
        Decision::Rest | Decision::Wait { .. } | Decision::Ask { .. } | Decision::Pass { .. } | Decision::Exhaust => None,
    }
}

/// What comes next once every gate is open.
pub fn next(facts: &Facts<'_>) -> Decision {
    let step = facts.next_step;
    match facts.ladder.steps.get(step) {
        // Also once more, after a payment that closed the case went away: its offer ended with it.
        None if facts.ladder.ends_with_handover() => Decision::Exhaust,
        None => Decision::Rest,
        Some(_) if facts.too_late_for_ahead() => Decision::Pass { step },
        Some(plan) if facts.outstanding_minor < plan.minimum_in(facts.currency) => Decision::Pass { step },
        Some(plan) => match plan.action {
            StepAction::SendLetter | StepAction::SendMessage => Decision::Issue { step },
            StepAction::CallTask | StepAction::ManualTask => Decision::Ask { step },
            StepAction::OfferHandover => Decision::Exhaust,
        },
    }
}

/// The channels of a step's letter: every wanted way by which the debtor can be reached; when there is none, the first
/// possible fallback. A message without a page does not go by post.
pub fn channels(step: &Step, reachable: &[Channel]) -> Vec<Channel> {
    let fits = |channel: &Channel| step.action != StepAction::SendMessage || *channel != Channel::Post;
    let possible = |channels: &[Channel]| -> Vec<Channel> {
        channels.iter().copied().filter(|channel| reachable.contains(channel) && fits(channel)).collect()
    };
    let wanted = possible(&step.channels);
    if wanted.is_empty() { possible(&step.fallback).into_iter().take(1).collect() } else { wanted }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
