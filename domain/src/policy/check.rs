//! What a ladder must be like whatever the country: a refusal names the step. What the country's law adds is
//! [`super::legal`]'s.

use std::collections::BTreeSet;

use entity::{Channel, LetterKind, StepAction};

use super::{Ladder, Price, Step};
use crate::{
    error::{Refusal, RefusalCode, Result},
    letter::text,
    money::{self, MAX_AMOUNT_MINOR},
};

/// More steps than any law or debtor should see.
pub const MAX_STEPS: usize = 20;

/// Longest wait between steps, in days.
pub const MAX_WAIT_DAYS: u32 = 365;

/// Earliest reminder ahead of the due date, in days.
pub const MAX_BEFORE_DUE_DAYS: u32 = 60;

/// Longest name of a policy or a step, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// Longest note of a task, in characters.
pub const MAX_STEP_NOTE_CHARS: usize = 500;

/// Most currencies that a fee or a minimum names.
pub const MAX_PRICES: usize = 20;

/// Something that is allowed and still deserves a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Path into the input.
    pub field: Vec<String>,
    /// For people.
    pub message: String,
}

impl Warning {
    pub(super) fn at(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.split('.').map(str::to_owned).collect(), message: message.into() }
    }
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
        let offers = self.steps.last().is_some_and(|step| step.action == StepAction::OfferHandover);
        if offers && self.handover_after_days.is_some() {
            let message = "the last step offers the hand-over already: leave these days out";
            return Err(Refusal::new(RefusalCode::Invalid, message).at("handoverAfterDays"));
        }
        let last = self.steps.len() - 1;
        self.steps.iter().enumerate().try_for_each(|(index, step)| Place { step, index, last: index == last }.check())
    }

    /// What is allowed and still deserves a second look.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut found = Vec::new();
        for (index, pair) in self.steps.windows(2).enumerate() {
            let (step, next) = (&pair[0], &pair[1]);
            if step.speaks() && next.wait_days < step.pay_within_days && next.action != StepAction::ManualTask {
                let message = format!("it comes before the {} days that the letter before it gives are over", step.pay_within_days);
                found.push(Warning::at(&format!("steps.{}.waitDays", index + 1), message));
            }
            if step.speaks() && step.kind == LetterKind::FinalDemand && next.speaks() {
                found.push(Warning::at(
                    &format!("steps.{}.kind", index + 1),
                    "it follows a final demand, which said that no other letter follows",
                ));
            }
        }
        let only_sms =
            |step: &Step| step.action == StepAction::SendLetter && step.channels.iter().chain(&step.fallback).all(|c| *c == Channel::Sms);
        for (index, _) in self.steps.iter().enumerate().filter(|(_, step)| only_sms(step)) {
            found.push(Warning::at(&format!("steps.{index}.channels"), "by SMS alone nobody gets the letter itself"));
        }
        found
    }
}

/// A step and where it stands.
struct Place<'a> {
    step: &'a Step,
    index: usize,
    last: bool,
}

impl Place<'_> {
    fn refuse(&self, code: RefusalCode, field: &str, message: impl Into<String>) -> Result<(), Refusal> {
        Err(Refusal::new(code, message).at(&format!("steps.{}.{field}", self.index)))
    }

    fn check(&self) -> Result<(), Refusal> {
        let step = self.step;
        if name_of(&step.name).is_none() {
            let message = format!("a step has a name of at most {MAX_NAME_CHARS} characters");
            return self.refuse(RefusalCode::Invalid, "name", message);
        }
        if step.wait_days > MAX_WAIT_DAYS {
            return self.refuse(RefusalCode::OutOfRange, "waitDays", format!("a step waits 0 to {MAX_WAIT_DAYS} days"));
        }
        if !(1..=MAX_WAIT_DAYS).contains(&step.pay_within_days) {
            return self.refuse(RefusalCode::OutOfRange, "payWithinDays", format!("a deadline is 1 to {MAX_WAIT_DAYS} days away"));
        }
        self.check_note()?;
        self.check_before_due()?;
        self.check_prices("fee", &step.fee)?;
        self.check_prices("minimum", &step.minimum)?;
        if !step.fee.is_empty() && step.action != StepAction::SendLetter {
            return self.refuse(RefusalCode::Invalid, "fee", "a fee goes with a letter that states it");
        }
        match step.action {
            StepAction::SendLetter | StepAction::SendMessage => self.check_words(),
            StepAction::CallTask | StepAction::ManualTask => Ok(()),
            StepAction::OfferHandover if self.last => Ok(()),
            StepAction::OfferHandover => self.refuse(RefusalCode::Invalid, "action", "nothing follows the hand-over: it is the last step"),
        }
    }

    /// What goes to the debtor: its kind and its ways.
    fn check_words(&self) -> Result<(), Refusal> {
        let step = self.step;
        if !step.kind.is_step() {
            return self.refuse(RefusalCode::Invalid, "kind", "thanks, receipts and statements are no steps: they come by themselves");
        }
        if step.channels.is_empty() {
            return self.refuse(RefusalCode::Required, "channels", "a step has at least one channel");
        }
        let ways: Vec<Channel> = step.channels.iter().chain(&step.fallback).copied().collect();
        if ways.iter().collect::<BTreeSet<_>>().len() != ways.len() {
            return self.refuse(RefusalCode::Invalid, "channels", "each channel once, as a channel or as a fallback");
        }
        if step.action == StepAction::SendMessage && ways.contains(&Channel::Post) {
            return self.refuse(RefusalCode::Invalid, "channels", "a message has no page that could be posted");
        }
        Ok(())
    }

    fn check_note(&self) -> Result<(), Refusal> {
        let Some(note) = &self.step.note else { return Ok(()) };
        if note.chars().count() > MAX_STEP_NOTE_CHARS {
            return self.refuse(RefusalCode::TooLong, "note", format!("a note has at most {MAX_STEP_NOTE_CHARS} characters"));
        }
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return self.refuse(RefusalCode::Invalid, "note", "a note has no control characters");
        }
        Ok(())
    }

    fn check_before_due(&self) -> Result<(), Refusal> {
        let ahead = self.step.kind == LetterKind::PreDueReminder;
        let Some(days) = self.step.before_due_days else {
            if ahead && self.step.speaks() {
                return self.refuse(RefusalCode::Required, "beforeDueDays", "say how many days before the due date it comes");
            }
            return Ok(());
        };
        if self.index > 0 || !self.step.speaks() {
            return self.refuse(RefusalCode::Invalid, "beforeDueDays", "only a letter that is the first step may come before the due date");
        }
        if !ahead {
            return self.refuse(RefusalCode::Invalid, "kind", "before the due date nothing may be demanded: use PRE_DUE_REMINDER");
        }
        if !self.step.fee.is_empty() {
            return self.refuse(RefusalCode::Invalid, "fee", "before the due date nothing may be charged");
        }
        if !(1..=MAX_BEFORE_DUE_DAYS).contains(&days) {
            return self.refuse(RefusalCode::OutOfRange, "beforeDueDays", format!("1 to {MAX_BEFORE_DUE_DAYS} days"));
        }
        Ok(())
    }

    fn check_prices(&self, field: &str, prices: &[Price]) -> Result<(), Refusal> {
        if prices.len() > MAX_PRICES {
            return self.refuse(RefusalCode::LimitExceeded, field, format!("at most {MAX_PRICES} currencies"));
        }
        let mut seen = BTreeSet::new();
        for price in prices {
            if money::minor_digits(&price.currency).is_none() || !seen.insert(&price.currency) {
                return self.refuse(RefusalCode::Invalid, field, "each currency once, by its ISO 4217 code");
            }
            if !(0..=MAX_AMOUNT_MINOR).contains(&price.minor) {
                return self.refuse(RefusalCode::OutOfRange, field, "zero or more");
            }
        }
        Ok(())
    }
}

/// The cleaned name of a policy or a step; none when it is not one.
pub(super) fn name_of(name: &str) -> Option<String> {
    let name = text::clean_line(name).ok()?;
    (!name.is_empty() && name.chars().count() <= MAX_NAME_CHARS).then_some(name)
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
