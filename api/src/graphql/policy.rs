//! Escalation policies: ladders of steps.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::policy;
use entity::escalation_policy;

use super::{
    connection::list_cost,
    id,
    kind::{Channel, ConsentMode, DebtorKind, LetterKind, StepAction},
    loader::{self, LadderOf, RevisionsOf},
    money::Money,
    scalars::CountryCode,
};

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct EscalationStep {
    /// Counts from 1.
    pub position: i32,
    /// Shown to people.
    pub name: String,
    /// What it does.
    pub action: StepAction,
    /// What the letter or message is; without meaning for tasks and the hand-over.
    pub kind: LetterKind,
    /// Days after the previous step ran (the first: after approval); so nothing is skipped and nothing comes in a burst.
    pub wait_days: i32,
    /// Days that the letter gives for paying; for a task, days that the person has for it.
    pub pay_within_days: i32,
    /// Every one of these by which the debtor can be reached is used.
    pub channels: Vec<Channel>,
    /// The first possible one of these is used when none of `channels` is possible.
    pub fallback: Vec<Channel>,
    /// Overrides the policy's and the tenant's consent mode; null follows them.
    pub consent: Option<ConsentMode>,
    /// Days before the due date on which it comes instead: a reminder ahead of time, only as the first step. With one case
    /// per debtor it is passed over.
    pub before_due_days: Option<i32>,
    /// What it adds to the claim, by currency; in other currencies it is free.
    pub fee: Vec<Money>,
    /// Below this much outstanding it is passed over, by currency.
    pub minimum: Vec<Money>,
    /// What a task asks the person to do.
    pub note: Option<String>,
}

/// The steps of a policy.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Ladder {
    /// The revision of the policy; null for a preset.
    pub revision: Option<i32>,
    /// In order.
    pub steps: Vec<EscalationStep>,
    /// Whether a paid case ends with a thank-you letter.
    pub thank_you: bool,
    /// Whether money that leaves something open is acknowledged by a letter: what was received altogether and what is
    /// open. Only on an active case whose debtor was asked for money already, and once for each payment; several that
    /// become known before it leaves share one. Asks for consent as the policy's or else the tenant's mode says.
    /// A hold withdraws one that waits, and its end issues none: the next letter tells of all money itself.
    pub part_payment_letter: bool,
    /// Overrides the tenant's consent mode for all steps, and for thanks and receipts for part payments; null follows it.
    pub consent: Option<ConsentMode>,
    /// Days after the last step ran until the agency is asked to take over; null means that the case just rests.
    pub handover_after_days: Option<i32>,
}

impl Ladder {
    /// Of a stored or preset ladder.
    pub fn of(ladder: &policy::Ladder, revision: Option<i32>) -> Self {
        Self {
            revision,
            steps: (1..).zip(&ladder.steps).map(|(position, step)| EscalationStep::of(step, position)).collect(),
            thank_you: ladder.thank_you,
            part_payment_letter: ladder.part_payment_letter,
            consent: ladder.consent.map(ConsentMode::from),
            handover_after_days: ladder.handover_after_days.map(days),
        }
    }
}

impl EscalationStep {
    /// Of a step and its position, counted from 1.
    pub fn of(step: &policy::Step, position: i32) -> Self {
        Self {
            position,
            name: step.name.clone(),
            action: step.action.into(),
            kind: step.kind.into(),
            wait_days: days(step.wait_days),
            pay_within_days: days(step.pay_within_days),
            channels: step.channels.iter().copied().map(Channel::from).collect(),
            fallback: step.fallback.iter().copied().map(Channel::from).collect(),
            consent: step.consent.map(ConsentMode::from),
            before_due_days: step.before_due_days.map(days),
            fee: prices(&step.fee),
            minimum: prices(&step.minimum),
            note: step.note.clone(),
        }
    }
}

fn prices(prices: &[policy::Price]) -> Vec<Money> {
    prices.iter().map(|price| Money::new(price.minor, &price.currency)).collect()
}

fn days(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

/// A ladder to start from.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PolicyPreset {
    /// Names it for good, e.g. `notice_first`; for `policyFromPreset`.
    pub key: String,
    /// Shown to people.
    pub name: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// The countries whose new tenants start with it.
    pub countries: Vec<CountryCode>,
    /// Its steps.
    pub ladder: Ladder,
    /// Whether a new tenant of the country starts with it.
    pub recommended: bool,
}

/// The ladders to start from; `country` decides which one is recommended.
pub fn presets(country: &str) -> Vec<PolicyPreset> {
    let recommended = &policy::preset_of(country).key;
    let of = |preset: &policy::Preset| PolicyPreset {
        key: preset.key.clone(),
        name: preset.name.clone(),
        summary: preset.summary.clone(),
        countries: preset.countries.iter().cloned().map(CountryCode).collect(),
        ladder: Ladder::of(&preset.ladder, None),
        recommended: preset.key == *recommended,
    };
    policy::presets().iter().map(of).collect()
}

/// One revision of a policy; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PolicyRevision {
    /// Counts from 1.
    pub number: i32,
    /// Its steps.
    pub ladder: Ladder,
    /// Cases that follow it and are neither declined nor closed.
    pub open_cases: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<loader::Revision> for PolicyRevision {
    fn from(row: loader::Revision) -> Self {
        let ladder = Ladder::of(&row.ladder, Some(row.number));
        Self { number: row.number, ladder, open_cases: row.open_cases, created_at: row.created_at }
    }
}

/// Something about a policy that is allowed and still deserves a second look.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PolicyWarning {
    /// Path into the input, e.g. `["steps", "1", "waitDays"]`.
    pub field: Vec<String>,
    /// For people; may change.
    pub message: String,
}

impl From<policy::Warning> for PolicyWarning {
    fn from(warning: policy::Warning) -> Self {
        Self { field: warning.field, message: warning.message }
    }
}

/// An escalation policy: a ladder of steps, revised over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationPolicy(pub escalation_policy::Model);

impl From<escalation_policy::Model> for EscalationPolicy {
    fn from(row: escalation_policy::Model) -> Self {
        Self(row)
    }
}

/// An escalation policy: a ladder of steps, revised over time. A case keeps the revision that it began with.
#[Object]
impl EscalationPolicy {
    /// Its id, `pol_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Shown to people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The country of the debtors that it is made for; null for any. Where a new case's debtor is elsewhere, the next
    /// policy in line is taken.
    async fn country(&self) -> Option<CountryCode> {
        self.0.country.clone().map(CountryCode)
    }

    /// The kind of debtors that it is made for; null for any.
    async fn debtor_kind(&self) -> Option<DebtorKind> {
        self.0.debtor_kind.map(DebtorKind::from)
    }

    /// The key of the preset that it was made from, as `policyPresets` lists it; null when a person wrote it.
    async fn preset(&self) -> Option<&str> {
        self.0.preset.as_deref()
    }

    /// The newest revision; new cases get it.
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// The steps of the newest revision.
    async fn ladder(&self, ctx: &Context<'_>) -> async_graphql::Result<Ladder> {
        let ladder = loader::one(ctx, LadderOf(self.0.tenant_id, self.0.id, self.0.revision)).await?;
        ladder.map(|ladder| Ladder::of(&ladder, Some(self.0.revision))).ok_or_else(|| "a policy without its revision".into())
    }

    /// All revisions, oldest first, with how many open cases follow each: open cases keep theirs unless they are moved.
    #[graphql(complexity = "10 + list_cost(child_complexity)")]
    async fn revisions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<PolicyRevision>> {
        let rows = loader::one(ctx, RevisionsOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(PolicyRevision::from).collect())
    }

    /// No longer offered.
    async fn archived(&self) -> bool {
        self.0.archived
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last revised.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
