//! The last gate, right before a letter leaves: pure. A letter that no longer tells the truth is cancelled; one that
//! is only early waits. What it asks of the case are the gates of [`crate::escalation::gates`] once more; what it adds
//! is about the letter and its channel.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{CaseStatus, Channel, CloseReason, DeliveryStatus, LetterKind, LetterStatus};

use crate::{
    RefusalCode,
    escalation::{
        FRESH_FACTS_TAKE, Facts,
        gates::{Door, first_closed},
    },
};

/// A letter that is dated longer ago does not leave: its deadline would have shrunk. What is written the evening before a
/// run of closed days must outlast it; the longest one, with contact from Monday to Friday, is of five days (the
/// Norwegian Easter), and the letter leaves on the sixth.
pub const MAX_LETTER_AGE: TimeDelta = TimeDelta::days(6);

/// Why a letter is cancelled that waited too long.
pub(super) const LETTER_OUTDATED: &str = "LETTER_OUTDATED";

/// What the gate looks at.
#[derive(Debug, Clone)]
pub struct GateFacts<'a> {
    /// The facts of the case, as they are now.
    pub case: Facts<'a>,
    /// How the case ended, if it did.
    pub close_reason: Option<CloseReason>,
    /// Where the delivery stands.
    pub delivery: DeliveryStatus,
    /// Its channel.
    pub channel: Channel,
    /// When the delivery is due.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Another delivery of the letter may still go out, by a channel that a collection notice may take.
    pub notice_to_come: bool,
    /// One by such a channel left, and did not come back.
    pub notice_left: bool,
    /// Where the letter stands.
    pub letter: LetterStatus,
    /// What the letter is.
    pub kind: LetterKind,
    /// The sum that the letter demands.
    pub stated_minor: i64,
    /// The sum that it would demand now.
    pub owed_minor: i64,
    /// Until when the creditor's yes holds, where one was needed.
    pub consent_expires_at: Option<DateTime<Utc>>,
    /// The day that the letter bears.
    pub dated_on: NaiveDate,
    /// The day by which it demands payment.
    pub pay_by: NaiveDate,
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
    /// It must not leave by this channel, whatever becomes of the letter.
    Fail(&'static str),
}

impl Verdict {
    /// Of the verdicts on two cases of one letter, the one that holds for the letter.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Later(one, because), Self::Later(two, _)) if one >= two => Self::Later(one, because),
            (Self::Later(..), Self::Later(..)) => other,
            _ if other.weight() > self.weight() => other,
            _ => self,
        }
    }

    const fn weight(self) -> u8 {
        match self {
            Self::Leave => 0,
            Self::Fail(_) => 1,
            Self::Later(..) => 2,
            Self::Stay => 3,
            Self::Cancel(_) => 4,
        }
    }
}

/// Says whether a delivery may leave now.
pub fn gate(facts: &GateFacts<'_>, now: DateTime<Utc>) -> Verdict {
    let due = facts.next_attempt_at.is_some_and(|at| at <= now);
    let issued = matches!(facts.letter, LetterStatus::Scheduled | LetterStatus::Sending | LetterStatus::Sent);
    if facts.delivery != DeliveryStatus::Scheduled || !due || !issued || !facts.case.automatic_actions {
        return Verdict::Stay;
    }
    let (untrue, door) = match facts.kind {
        LetterKind::ThankYou => (thanks_untrue(facts), Door::Thank),
        LetterKind::Statement => (statement_untrue(facts), Door::Inform),
        LetterKind::PartPayment => (demand_untrue(facts, now), Door::Acknowledge),
        LetterKind::PreDueReminder
        | LetterKind::Reminder
        | LetterKind::LetterOfDemand
        | LetterKind::FinalDemand
        | LetterKind::CollectionNotice => (demand_untrue(facts, now), Door::Leave),
    };
    if let Some(because) = untrue {
        return Verdict::Cancel(because);
    }
    if let Some(closed) = first_closed(door, &facts.case, now) {
        let code = closed.code.unwrap_or(RefusalCode::IllegalTransition);
        return match closed.look_again(&facts.case, now) {
            _ if closed.gate.makes_untrue() => Verdict::Cancel(code.as_str()),
            Some(until) => Verdict::Later(until, code),
            None => Verdict::Stay,
        };
    }
    notice_alone(facts, now).unwrap_or(Verdict::Leave)
}

/// What only tells of a collection notice, such as a short message, follows the notice: alone it would be none.
fn notice_alone(facts: &GateFacts<'_>, now: DateTime<Utc>) -> Option<Verdict> {
    let alone = !facts.notice_left && !facts.case.rules.notice_by(&[facts.channel]);
    if facts.kind != LetterKind::CollectionNotice || !alone {
        return None;
    }
    let wait = Verdict::Later(now + FRESH_FACTS_TAKE, RefusalCode::ChannelUnavailable);
    Some(if facts.notice_to_come { wait } else { Verdict::Fail("NOTICE_NEEDS_ANOTHER_CHANNEL") })
}

fn thanks_untrue(facts: &GateFacts<'_>) -> Option<&'static str> {
    let paid = facts.case.status == CaseStatus::Closed && facts.close_reason == Some(CloseReason::Paid);
    (!paid).then_some("CASE_REOPENED")
}

/// A statement is true of the day that it bears, as long as the case is the creditor's and the sum is the same.
fn statement_untrue(facts: &GateFacts<'_>) -> Option<&'static str> {
    let open = matches!(facts.case.status, CaseStatus::Active | CaseStatus::OnHold | CaseStatus::AwaitingHandover);
    [
        (!open, "CASE_NOT_ACTIVE"),
        (facts.owed_minor != facts.stated_minor, "CLAIM_CHANGED"),
        (facts.case.today - facts.dated_on > MAX_LETTER_AGE, LETTER_OUTDATED),
    ]
    .into_iter()
    .find_map(|(untrue, because)| untrue.then_some(because))
}

fn demand_untrue(facts: &GateFacts<'_>, now: DateTime<Utc>) -> Option<&'static str> {
    // A second channel of a letter that partly left may follow after the case moved on to its next step only.
    let working = matches!(facts.case.status, CaseStatus::Active | CaseStatus::AwaitingHandover);
    let today = facts.case.today;
    [
        (!working, "CASE_NOT_ACTIVE"),
        (facts.owed_minor != facts.stated_minor || facts.owed_minor <= 0, "CLAIM_CHANGED"),
        // The switch was off, the channel or we were down: a step's letter is issued anew, with a whole deadline. An
        // acknowledgement is so only where contact was closed all the time, see `letter::write_anew`.
        (today >= facts.pay_by || today - facts.dated_on > MAX_LETTER_AGE, LETTER_OUTDATED),
        (facts.kind == LetterKind::PreDueReminder && facts.case.first_due_on != Some(facts.pay_by), "DUE_DATE_CHANGED"),
        (facts.letter == LetterStatus::Scheduled && facts.consent_expires_at.is_some_and(|at| at <= now), "CONSENT_EXPIRED"),
    ]
    .into_iter()
    .find_map(|(untrue, because)| untrue.then_some(because))
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
