//! The steps of a policy, as they are stored with each revision.

use entity::{Channel, ConsentMode, LetterKind, StepAction};
use serde::{Deserialize, Serialize};

/// The steps of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// In order.
    pub steps: Vec<Step>,
    /// Whether a paid case ends with a thank-you letter.
    pub thank_you: bool,
    /// Whether a part payment is acknowledged by a letter, once the debtor was asked for money.
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
    /// Days that the letter gives for paying; for a task, days that the person has for it.
    pub pay_within_days: u32,
    /// Every one of these by which the debtor can be reached is used.
    pub channels: Vec<Channel>,
    /// The first of these by which the debtor can be reached is used when none of `channels` is possible.
    pub fallback: Vec<Channel>,
    /// Overrides the policy's and the tenant's mode for this step.
    pub consent: Option<ConsentMode>,
    /// Days before the due date on which it runs instead: a reminder ahead of time, only as the first step. Invoices are
    /// proposed that early then, and the step is passed over once the due date has come. With one case for each debtor
    /// nothing is proposed ahead: a case's invoices fall due on different days.
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

/// What comes after a step when the debtor does not pay; letters must not announce anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// Another letter, message or call.
    Step,
    /// The agency is asked to take over.
    Handover,
    /// Nothing.
    Nothing,
}

impl Ladder {
    /// What comes after the step at this index. What a person does in between is not the debtor's to know.
    pub fn after(&self, step: usize) -> Follows {
        let visible = |step: &&Step| step.action != StepAction::ManualTask;
        match self.steps.iter().skip(step + 1).find(visible).map(|step| step.action) {
            Some(StepAction::OfferHandover) => Follows::Handover,
            Some(_) => Follows::Step,
            None if self.handover_after_days.is_some() => Follows::Handover,
            None => Follows::Nothing,
        }
    }

    /// Whether its end asks the agency to take over: by its last step, or some days after it.
    pub fn ends_with_handover(&self) -> bool {
        self.handover_after_days.is_some() || self.steps.last().is_some_and(|step| step.action == StepAction::OfferHandover)
    }

    /// How many days before the due date it begins; none when it begins once the claim is overdue.
    pub fn before_due(&self) -> Option<u32> {
        self.steps.first().filter(|step| step.speaks())?.before_due_days
    }

    /// Whether a person must say yes before a step's letter leaves: the step's word, else the policy's, else the tenant's.
    pub fn asks_consent(&self, step: &Step, tenant: ConsentMode) -> bool {
        step.consent.or(self.consent).unwrap_or(tenant) == ConsentMode::EachLetter
    }

    /// The same of thanks and of the receipt for a part payment, which are no steps: the policy's word, else the tenant's.
    pub fn asks_consent_beside(&self, tenant: ConsentMode) -> bool {
        self.consent.unwrap_or(tenant) == ConsentMode::EachLetter
    }
}

impl Step {
    /// Whether it reaches the debtor by a letter or a message.
    pub fn speaks(&self) -> bool {
        matches!(self.action, StepAction::SendLetter | StepAction::SendMessage)
    }

    /// Whether it asks a person to call the debtor: a contact like a letter.
    pub fn is_call(&self) -> bool {
        self.action == StepAction::CallTask
    }

    /// The least that must be outstanding for it to run, in minor units.
    pub fn minimum_in(&self, currency: &str) -> i64 {
        in_currency(&self.minimum, currency)
    }
}

fn in_currency(prices: &[Price], currency: &str) -> i64 {
    prices.iter().find(|price| price.currency == currency).map_or(0, |price| price.minor)
}
