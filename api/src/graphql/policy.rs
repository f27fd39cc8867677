//! Escalation policies: ladders of steps.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::policy;
use entity::escalation_policy;

use super::{
    id,
    kind::{Channel, ConsentMode, LetterKind},
    loader::{self, LadderOf},
    scalars::CountryCode,
};

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct EscalationStep {
    /// Counts from 1.
    pub position: i32,
    /// Shown to people.
    pub name: String,
    /// What the letter is.
    pub kind: LetterKind,
    /// Days after the previous step ran (the first: after approval); so nothing is skipped and nothing comes in a burst.
    pub wait_days: i32,
    /// Days that the letter gives for paying.
    pub pay_within_days: i32,
    /// Every one of these by which the debtor can be reached is used.
    pub channels: Vec<Channel>,
    /// The first possible one of these is used when none of `channels` is possible.
    pub fallback: Vec<Channel>,
    /// Overrides the tenant's consent mode; null follows it.
    pub consent: Option<ConsentMode>,
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
            kind: step.kind.into(),
            wait_days: days(step.wait_days),
            pay_within_days: days(step.pay_within_days),
            channels: step.channels.iter().copied().map(Channel::from).collect(),
            fallback: step.fallback.iter().copied().map(Channel::from).collect(),
            consent: step.consent.map(ConsentMode::from),
        }
    }
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

    /// The newest revision; new cases get it.
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// The steps of the newest revision.
    async fn ladder(&self, ctx: &Context<'_>) -> async_graphql::Result<Ladder> {
        let ladder = loader::one(ctx, LadderOf(self.0.tenant_id, self.0.id, self.0.revision)).await?;
        ladder.map(|ladder| Ladder::of(&ladder, Some(self.0.revision))).ok_or_else(|| "a policy without its revision".into())
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
