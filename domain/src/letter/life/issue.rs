//! Issuing: a row with frozen figures, unique per case and step. From here on the letter is never edited.

use entity::{Channel, ConsentMode, LetterStatus, Scoped, collection_case, letter};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::{
    super::{LetterKind, NextStep},
    frozen::{Occasion, freeze},
};
use crate::{
    calendar,
    change::Change,
    delivery,
    error::{Error, Result},
    escalation::{Gathered, gather},
    event::{Happened, kind},
};

/// The step number of the thank-you letter: behind every ladder.
pub const THANK_YOU_STEP: i32 = 10_000;

/// Deadline printed nowhere: a thank-you asks for nothing.
const NO_DEADLINE_DAYS: u32 = 0;

/// Issues the letter of a step; the case is saved by the caller.
pub(crate) async fn issue_step(change: &mut Change<'_>, case: &mut collection_case::Model, gathered: &Gathered, step: usize) -> Result<()> {
    let plan = gathered.ladder.steps.get(step).ok_or_else(|| Error::Bug(format!("case {} has no step {step}", case.id)))?;
    let next_step = match (step + 1 < gathered.ladder.steps.len(), gathered.ladder.handover_after_days) {
        (true, _) => NextStep::Letter,
        (false, Some(_)) => NextStep::Handover,
        (false, None) => NextStep::Nothing,
    };
    let occasion = Occasion {
        kind: plan.kind,
        step_number: u32::try_from(step + 1).unwrap_or(u32::MAX),
        next_step,
        dated_on: calendar::local_date(gathered.tenant_zone, change.now),
        pay_within_days: plan.pay_within_days,
    };
    let channels = channels(&plan.channels, &plan.fallback, &gathered.reachable);
    let consent = plan.consent.unwrap_or(gathered.tenant.consent_mode) == ConsentMode::EachLetter;
    case.next_action_at = None;
    case.postponed_because = None;
    let number = i32::try_from(step).map_err(|_| Error::Bug("step number".into()))?;
    insert(change, case, gathered, &occasion, Plan { number, kind: plan.kind, channels, consent }).await
}

/// Issues the thank-you letter of a case that was just paid, once in its life.
pub(crate) async fn issue_thank_you(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    let earlier = letter::Entity::of(change.tenant)
        .filter(letter::Column::CaseId.eq(case.id))
        .filter(letter::Column::Step.eq(THANK_YOU_STEP))
        .filter(letter::Column::Status.ne(LetterStatus::Cancelled));
    let gathered = gather(change, case).await?;
    if !gathered.ladder.thank_you || earlier.count(&change.tx).await? > 0 {
        return Ok(());
    }
    let channels = channels(&[Channel::Email, Channel::Sms], &[Channel::Post], &gathered.reachable);
    if channels.is_empty() {
        return Ok(());
    }
    let occasion = Occasion {
        kind: LetterKind::ThankYou,
        // Paid before its first letter left: the thanks stand where that letter would have.
        step_number: u32::try_from(case.next_step).unwrap_or(0).max(1),
        next_step: NextStep::Nothing,
        dated_on: calendar::local_date(gathered.tenant_zone, change.now),
        pay_within_days: NO_DEADLINE_DAYS,
    };
    let consent = gathered.tenant.consent_mode == ConsentMode::EachLetter;
    insert(change, case, &gathered, &occasion, Plan { number: THANK_YOU_STEP, kind: LetterKind::ThankYou, channels, consent }).await
}

struct Plan {
    number: i32,
    kind: LetterKind,
    channels: Vec<Channel>,
    consent: bool,
}

async fn insert(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    gathered: &Gathered,
    occasion: &Occasion,
    plan: Plan,
) -> Result<()> {
    let facts = freeze(case, gathered, occasion)?;
    let letter = letter::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        case_id: case.id,
        step: plan.number,
        course: if plan.number == THANK_YOU_STEP { 0 } else { case.course },
        kind: plan.kind,
        language: facts.language.as_str().to_owned(),
        status: if plan.consent { LetterStatus::AwaitingConsent } else { LetterStatus::Scheduled },
        channels: serde_json::to_value(&plan.channels)?,
        outstanding_minor: facts.outstanding_minor,
        text_revision: facts.text_revision.clone(),
        facts: serde_json::to_value(&facts)?,
        pdf_sha256: None,
        pdf_pages: None,
        consent_required: plan.consent,
        consent_by: None,
        consent_at: None,
        consent_granted: None,
        consent_expires_at: None,
        lead_id: None,
        fallback: serde_json::json!([]),
        rule_revision: String::new(),
        message_only: false,
        fee_minor: 0,
        cancelled_because: None,
        sent_at: None,
        posted_on: None,
        posted_by: None,
        created_at: change.now,
        updated_at: change.now,
    };
    letter.clone().into_active_model().reset_all().insert(&change.tx).await?;
    let happened = Happened::new(kind::LETTER_ISSUED).case(case).subject(letter.id.0).with("kind", serde_json::to_value(letter.kind)?);
    change.record(
        happened.with("step", plan.number).with("outstandingMinor", letter.outstanding_minor).with("consentRequired", plan.consent),
    );
    if !plan.consent {
        delivery::plan(change, &letter, &gathered.debtor, &gathered.tenant.country, change.now).await?;
    }
    Ok(())
}

/// Every wanted way by which the debtor can be reached; when there is none, the first possible fallback.
fn channels(wanted: &[Channel], fallback: &[Channel], reachable: &[Channel]) -> Vec<Channel> {
    let possible: Vec<Channel> = wanted.iter().copied().filter(|c| reachable.contains(c)).collect();
    if possible.is_empty() { fallback.iter().copied().find(|c| reachable.contains(c)).into_iter().collect() } else { possible }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Channel::{Email, Post, Sms};

    #[test]
    fn every_possible_channel_is_used_and_the_fallback_only_when_none_is() {
        assert_eq!(channels(&[Email, Sms], &[Post], &[Email, Sms, Post]), [Email, Sms]);
        assert_eq!(channels(&[Email, Sms], &[Post], &[Sms, Post]), [Sms]);
        assert_eq!(channels(&[Email, Sms], &[Post], &[Post]), [Post]);
        assert_eq!(channels(&[Email], &[Sms, Post], &[Sms, Post]), [Sms]);
        assert_eq!(channels(&[Email], &[], &[Post]), []);
    }
}
