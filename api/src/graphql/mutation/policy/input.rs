//! What clients write about policies.

use async_graphql::{Enum, ID, InputObject, OneofObject};
use domain::{
    Refusal, RefusalCode,
    policy::{Draft, Ladder, Position, Price, Scope, Step},
};

use crate::graphql::{
    id,
    kind::{Channel, ConsentMode, DebtorKind, LetterKind, StepAction},
    money::MoneyInput,
    scalars::CountryCode,
};

/// A policy as a person writes it.
#[derive(InputObject)]
pub struct PolicyInput {
    /// Shown to people, at most 100 characters.
    pub name: String,
    /// The country of the debtors that it is made for; any when left out. The tenant's own policy is for any.
    pub country: Option<CountryCode>,
    /// The kind of debtors that it is made for; any when left out. The tenant's own policy is for any.
    pub debtor_kind: Option<DebtorKind>,
    /// The steps in order, 1 to 20.
    pub steps: Vec<EscalationStepInput>,
    /// Whether a paid case ends with a thank-you letter.
    #[graphql(default = true)]
    pub thank_you: bool,
    /// Whether money that leaves something open is acknowledged by a letter: what was received altogether and what is
    /// open. Only on an active case whose debtor was asked for money already, and once for each payment; several that
    /// become known before it leaves share one. Asks for consent as the policy's or else the tenant's mode says.
    /// A hold withdraws one that waits, and its end issues none: the next letter tells of all money itself.
    #[graphql(default)]
    pub part_payment_letter: bool,
    /// Overrides the tenant's consent mode for all steps, and for thanks and receipts for part payments.
    pub consent: Option<ConsentMode>,
    /// Days after the last step ran until the agency is asked to take over; left out, the case just rests. Not beside a last
    /// step that offers the hand-over.
    pub handover_after_days: Option<i32>,
}

/// One step of a policy.
#[derive(InputObject)]
pub struct EscalationStepInput {
    /// Shown to people, at most 100 characters.
    pub name: String,
    /// What it does.
    #[graphql(default_with = "StepAction::SendLetter")]
    pub action: StepAction,
    /// What the letter or message is; thanks, receipts and statements are no steps. Without meaning for tasks and the
    /// hand-over.
    #[graphql(default_with = "LetterKind::Reminder")]
    pub kind: LetterKind,
    /// Days after the previous step ran (the first: after approval), 0 to 365.
    pub wait_days: i32,
    /// Days that the letter gives for paying, or that the person has for a task, 1 to 365.
    #[graphql(default = 7)]
    pub pay_within_days: i32,
    /// Every one of these by which the debtor can be reached is used. Needed for letters and messages.
    #[graphql(default)]
    pub channels: Vec<Channel>,
    /// The first possible one of these is used when none of `channels` is possible.
    #[graphql(default)]
    pub fallback: Vec<Channel>,
    /// Overrides the policy's and the tenant's consent mode.
    pub consent: Option<ConsentMode>,
    /// Days before the due date on which it comes instead, 1 to 60; only on the first step, as `PRE_DUE_REMINDER`. With one
    /// case per debtor it is passed over.
    pub before_due_days: Option<i32>,
    /// What its letter adds to the claim, one amount for each currency; within the country's limits.
    #[graphql(default)]
    pub fee: Vec<MoneyInput>,
    /// Below this much outstanding it is passed over, one amount for each currency.
    #[graphql(default)]
    pub minimum: Vec<MoneyInput>,
    /// What a task asks the person to do, at most 500 characters.
    pub note: Option<String>,
}

/// A number of days that is out of range stays out of range.
fn days(days: i32) -> u32 {
    u32::try_from(days).unwrap_or(u32::MAX)
}

impl PolicyInput {
    /// What the domain makes of it.
    pub(super) fn draft(self, expected_revision: Option<i32>) -> Result<Draft, Refusal> {
        let steps = self.steps.into_iter().enumerate().map(|(index, step)| step.step(index)).collect::<Result<_, _>>()?;
        Ok(Draft {
            name: self.name,
            country: self.country.map(|country| country.0),
            debtor_kind: self.debtor_kind.map(Into::into),
            preset: None,
            ladder: Ladder {
                steps,
                thank_you: self.thank_you,
                part_payment_letter: self.part_payment_letter,
                consent: self.consent.map(Into::into),
                handover_after_days: self.handover_after_days.map(days),
            },
            expected_revision,
        })
    }
}

/// The steps of a policy that is not saved.
///
/// # Errors
///
/// The refusals of the amounts.
pub(crate) fn draft_of(input: PolicyInput) -> domain::Result<Ladder> {
    Ok(input.draft(None)?.ladder)
}

impl EscalationStepInput {
    fn step(self, index: usize) -> Result<Step, Refusal> {
        Ok(Step {
            fee: prices(&self.fee, &format!("steps.{index}.fee"))?,
            minimum: prices(&self.minimum, &format!("steps.{index}.minimum"))?,
            name: self.name,
            action: self.action.into(),
            kind: self.kind.into(),
            wait_days: days(self.wait_days),
            pay_within_days: days(self.pay_within_days),
            channels: self.channels.into_iter().map(Into::into).collect(),
            fallback: self.fallback.into_iter().map(Into::into).collect(),
            consent: self.consent.map(Into::into),
            before_due_days: self.before_due_days.map(days),
            note: self.note,
        })
    }
}

fn prices(given: &[MoneyInput], argument: &str) -> Result<Vec<Price>, Refusal> {
    let price = |(index, money): (usize, &MoneyInput)| {
        let minor = money.minor(&format!("{argument}.{index}"))?;
        Ok(Price { currency: money.currency.0.clone(), minor })
    };
    given.iter().enumerate().map(price).collect()
}

/// Whose new cases.
#[derive(OneofObject)]
pub enum PolicyScopeInput {
    /// All that have no nearer one; always true.
    Tenant(bool),
    /// Those of this integration.
    IntegrationId(ID),
    /// Those of this debtor.
    DebtorId(ID),
}

impl PolicyScopeInput {
    pub(super) fn scope(&self) -> Result<Scope, Refusal> {
        match self {
            Self::Tenant(true) => Ok(Scope::Tenant),
            Self::Tenant(false) => Err(Refusal::new(RefusalCode::Invalid, "name the tenant by true").at("scope.tenant")),
            Self::IntegrationId(id) => Ok(Scope::Integration(id::named(id, "scope.integrationId")?)),
            Self::DebtorId(id) => Ok(Scope::Debtor(id::named(id, "scope.debtorId")?)),
        }
    }
}

/// With which step a moved case goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PolicyPosition {
    /// The one with the number of its next step in the old steps; behind shorter ones, nothing is left to run.
    KeepIndex,
    /// The first: what ran already runs anew.
    Restart,
}

/// With which step a moved case goes on.
#[derive(OneofObject)]
pub enum PolicyPositionInput {
    /// By a rule.
    Rule(PolicyPosition),
    /// This one, counted from 1.
    Step(i32),
}

impl PolicyPositionInput {
    pub(super) fn position(&self) -> Result<Position, Refusal> {
        let out_of_range = || Refusal::new(RefusalCode::OutOfRange, "steps count from 1").at("position.step");
        match self {
            Self::Rule(PolicyPosition::KeepIndex) => Ok(Position::KeepIndex),
            Self::Rule(PolicyPosition::Restart) => Ok(Position::Restart),
            Self::Step(step) => {
                let index = usize::try_from(*step).ok().and_then(|step| step.checked_sub(1)).ok_or_else(out_of_range)?;
                Ok(Position::At(index))
            }
        }
    }
}
