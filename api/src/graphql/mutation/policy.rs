//! Escalation policies.

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::policy::{self, Ladder, Step};

use super::payload::{PolicyPayload, answer_with};
use crate::graphql::{
    access::{env, viewer},
    id,
    kind::{Channel, ConsentMode, LetterKind},
    loader::{self, Row},
};

/// A policy as a person writes it.
#[derive(InputObject)]
pub struct PolicyInput {
    /// Shown to people, at most 100 characters.
    pub name: String,
    /// The steps in order, 1 to 20.
    pub steps: Vec<EscalationStepInput>,
    /// Whether a paid case ends with a thank-you letter.
    #[graphql(default = true)]
    pub thank_you: bool,
    /// Days after the last step ran until the agency is asked to take over; left out, the case just rests.
    pub handover_after_days: Option<i32>,
}

/// One step of a policy.
#[derive(InputObject)]
pub struct EscalationStepInput {
    /// Shown to people, at most 100 characters.
    pub name: String,
    /// What the letter is; the thank-you letter is no step.
    pub kind: LetterKind,
    /// Days after the previous step ran (the first: after approval), 0 to 365.
    pub wait_days: i32,
    /// Days that the letter gives for paying, 1 to 365.
    pub pay_within_days: i32,
    /// Every one of these by which the debtor can be reached is used.
    pub channels: Vec<Channel>,
    /// The first possible one of these is used when none of `channels` is possible.
    #[graphql(default)]
    pub fallback: Vec<Channel>,
    /// Overrides the tenant's consent mode.
    pub consent: Option<ConsentMode>,
}

/// A number of days that is out of range stays out of range.
fn days(days: i32) -> u32 {
    u32::try_from(days).unwrap_or(u32::MAX)
}

impl From<PolicyInput> for Ladder {
    fn from(input: PolicyInput) -> Self {
        Self {
            steps: input.steps.into_iter().map(Step::from).collect(),
            thank_you: input.thank_you,
            part_payment_letter: false,
            consent: None,
            handover_after_days: input.handover_after_days.map(days),
        }
    }
}

impl From<EscalationStepInput> for Step {
    fn from(input: EscalationStepInput) -> Self {
        Self {
            name: input.name,
            kind: input.kind.into(),
            wait_days: days(input.wait_days),
            pay_within_days: days(input.pay_within_days),
            channels: input.channels.into_iter().map(Into::into).collect(),
            fallback: input.fallback.into_iter().map(Into::into).collect(),
            consent: input.consent.map(Into::into),
            action: entity::StepAction::SendLetter,
            before_due_days: None,
            fee: Vec::new(),
            minimum: Vec::new(),
            note: None,
        }
    }
}

/// Escalation policies.
#[derive(Default)]
pub struct PolicyMutations;

#[Object]
impl PolicyMutations {
    /// Makes a policy, or adds a revision to one. Open cases keep the revision that they began with. For owners.
    async fn policy_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The policy to revise; a new one when left out.")] id: Option<ID>,
        #[graphql(desc = "Name and steps.")] input: PolicyInput,
    ) -> Result<PolicyPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let saved = async {
            let id = id.as_ref().map(|id| id::named(id, "id")).transpose()?;
            let name = input.name.clone();
            policy::save(env, &viewer, id, &policy::Draft::new(&name, &input.into())).await
        };
        answer_with(saved.await, |saved| async move {
            let policy = loader::one(ctx, Row(viewer.tenant, saved.id)).await?;
            Ok(PolicyPayload { policy: policy.map(Into::into), user_errors: Vec::new() })
        })
        .await
    }
}
