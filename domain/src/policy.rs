//! Escalation policies as data: a [`Ladder`] of steps. A case keeps the revision that it began with. The presets are
//! what the market sells; a new tenant starts with one of them.

mod save;

use entity::{Channel, ConsentMode, LetterKind, StepAction};
use serde::{Deserialize, Serialize};

pub(crate) use save::{ladder_of, newest_revision};
pub use save::{save, seed};

use crate::error::{Refusal, RefusalCode, Result};

/// More steps than any law or debtor should see.
pub const MAX_STEPS: usize = 20;

/// Longest wait between steps, in days.
pub const MAX_WAIT_DAYS: u32 = 365;

/// The steps of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// In order.
    pub steps: Vec<Step>,
    /// Whether a paid case ends with a thank-you letter.
    pub thank_you: bool,
    /// Whether a part payment is acknowledged by a letter.
    #[serde(default)]
    pub part_payment_letter: bool,
    /// Overrides the tenant's mode for all steps.
    #[serde(default)]
    pub consent: Option<ConsentMode>,
    /// Days after the last step ran until the agency is asked to take over; none means that the case just rests.
    pub handover_after_days: Option<u32>,
}

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Shown to people.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub action: StepAction,
    /// What the letter or message is; without meaning for tasks and hand-over.
    pub kind: LetterKind,
    /// Days after the previous step *ran* (the first: after approval), so that nothing is skipped and nothing bursts.
    pub wait_days: u32,
    /// Days that the letter gives for paying.
    pub pay_within_days: u32,
    /// Every one of these by which the debtor can be reached is used.
    pub channels: Vec<Channel>,
    /// The first of these by which the debtor can be reached is used when none of `channels` is possible.
    pub fallback: Vec<Channel>,
    /// Overrides the policy's and the tenant's mode for this step.
    pub consent: Option<ConsentMode>,
    /// Days before the due date on which it runs instead: a reminder ahead of time, only as the first step.
    #[serde(default)]
    pub before_due_days: Option<u32>,
    /// What it adds to the claim, per currency; in other currencies it is free.
    #[serde(default)]
    pub fee: Vec<Price>,
    /// Below this, per currency, the step is passed over.
    #[serde(default)]
    pub minimum: Vec<Price>,
    /// What a task asks the person to do.
    #[serde(default)]
    pub note: Option<String>,
}

/// A sum in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// ISO 4217.
    pub currency: String,
    /// Minor units.
    pub minor: i64,
}

impl Ladder {
    /// Checks a ladder as a person gave it.
    ///
    /// # Errors
    ///
    /// A refusal naming the step.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.steps.is_empty() {
            return Err(Refusal::new(RefusalCode::Required, "a policy has at least one step").at("steps"));
        }
        if self.steps.len() > MAX_STEPS {
            return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_STEPS} steps")).at("steps"));
        }
        if self.handover_after_days.is_some_and(|days| days > MAX_WAIT_DAYS) {
            return Err(Refusal::new(RefusalCode::OutOfRange, format!("at most {MAX_WAIT_DAYS} days")).at("handoverAfterDays"));
        }
        self.steps.iter().enumerate().try_for_each(|(index, step)| step.check(index))
    }
}

impl Step {
    fn check(&self, index: usize) -> Result<(), Refusal> {
        let refuse = |code, field: &str, message: String| Err(Refusal::new(code, message).at(&format!("steps.{index}.{field}")));
        if self.name.trim().is_empty() || self.name.chars().count() > 100 {
            return refuse(RefusalCode::Invalid, "name", "a step has a name of at most 100 characters".into());
        }
        if self.kind == LetterKind::ThankYou {
            return refuse(RefusalCode::Invalid, "kind", "the thank-you letter is not a step".into());
        }
        if self.wait_days > MAX_WAIT_DAYS || !(1..=MAX_WAIT_DAYS).contains(&self.pay_within_days) {
            return refuse(
                RefusalCode::OutOfRange,
                "waitDays",
                format!("waits are 0 to {MAX_WAIT_DAYS} days, deadlines 1 to {MAX_WAIT_DAYS}"),
            );
        }
        if self.channels.is_empty() {
            return refuse(RefusalCode::Required, "channels", "a step has at least one channel".into());
        }
        Ok(())
    }
}

fn step(name: &str, kind: LetterKind, wait_days: u32) -> Step {
    Step {
        name: name.into(),
        kind,
        wait_days,
        pay_within_days: 7,
        channels: vec![Channel::Email, Channel::Sms],
        fallback: vec![Channel::Post],
        consent: None,
        action: StepAction::SendLetter,
        before_due_days: None,
        fee: Vec::new(),
        minimum: Vec::new(),
        note: None,
    }
}

/// Three weekly letters, as iCollect sells them (day 1, 7 and 14, then the creditor decides).
pub fn three_weekly_letters() -> Ladder {
    Ladder {
        steps: vec![
            step("Letter of demand", LetterKind::LetterOfDemand, 0),
            step("Second demand", LetterKind::LetterOfDemand, 7),
            step("Final notice", LetterKind::FinalDemand, 7),
        ],
        thank_you: true,
        part_payment_letter: false,
        consent: None,
        handover_after_days: Some(7),
    }
}

/// Reminder, reminder, collection letter, final demand, hand-over, seven days apart, as IODM sells it.
pub fn reminder_to_handover() -> Ladder {
    Ladder {
        steps: vec![
            step("First reminder", LetterKind::Reminder, 0),
            step("Second reminder", LetterKind::Reminder, 7),
            step("Letter of demand", LetterKind::LetterOfDemand, 7),
            step("Final demand", LetterKind::FinalDemand, 7),
        ],
        thank_you: true,
        part_payment_letter: false,
        consent: None,
        handover_after_days: Some(7),
    }
}

/// The collection notice first, with the fourteen days that Norwegian law demands (inkassoloven § 9), never by SMS
/// alone.
pub fn notice_first() -> Ladder {
    let notice = Step { pay_within_days: 14, channels: vec![Channel::Email], ..step("Collection notice", LetterKind::CollectionNotice, 0) };
    Ladder { steps: vec![notice], thank_you: true, part_payment_letter: false, consent: None, handover_after_days: Some(15) }
}

/// The preset that a new tenant of the country starts with, and its name.
pub fn preset(country: &str) -> (&'static str, Ladder) {
    match country {
        "NO" => ("Notice first", notice_first()),
        "AU" | "DE" | "GB" => ("Reminder to hand-over", reminder_to_handover()),
        _ => ("Three weekly letters", three_weekly_letters()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_presets_pass_their_own_check() {
        for country in ["NZ", "AU", "DE", "NO", "GB", "US"] {
            assert_eq!(preset(country).1.check(), Ok(()), "{country}");
        }
    }

    #[test]
    fn a_bad_step_is_refused_by_its_place() {
        let mut ladder = three_weekly_letters();
        ladder.steps[1].channels.clear();
        assert_eq!(ladder.check().unwrap_err().field, ["steps", "1", "channels"]);
        ladder.steps.clear();
        assert_eq!(ladder.check().unwrap_err().code, RefusalCode::Required);
    }

    #[test]
    fn the_norwegian_notice_gives_fourteen_days_and_hand_over_comes_after_them() {
        let ladder = notice_first();
        assert!(ladder.steps[0].pay_within_days >= 14);
        assert!(ladder.handover_after_days.unwrap() > ladder.steps[0].pay_within_days);
    }
}
