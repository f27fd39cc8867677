//! Issuing: a row with frozen figures, unique per case and step. From here on the letter is never edited.

use chrono::{DateTime, Utc};
use entity::{CaseId, Channel, ConsentMode, LetterStatus, Scoped, StepAction, collection_case, letter};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::{
    super::{LetterFacts, LetterKind, Member, NextStep, aid::quoted, template},
    frozen::{Beside, Occasion, freeze},
};
use crate::{
    calendar,
    change::Change,
    claim, delivery,
    error::{Error, Result},
    escalation::{self, Gathered, gather},
    event::{Happened, kind},
    policy::Follows,
    tenant,
};

/// The step number of the thank-you letter: behind every ladder.
pub const THANK_YOU_STEP: i32 = 10_000;

/// Deadline printed nowhere: a thank-you asks for nothing.
const NO_DEADLINE_DAYS: u32 = 0;

/// Issues the letter of a step; the case is saved by the caller.
pub(crate) async fn issue_step(change: &mut Change<'_>, case: &mut collection_case::Model, gathered: &Gathered, step: usize) -> Result<()> {
    let letter = draft_step(change, case, gathered, step).await?;
    put(change, case, gathered, letter, true).await
}

/// A case whose step's letter is due.
pub(crate) struct Due {
    pub(crate) case: collection_case::Model,
    pub(crate) gathered: Gathered,
    pub(crate) step: usize,
}

/// Issues one letter for several cases of a debtor whose steps ask for the same; the first one leads. The cases are
/// saved by the caller.
pub(crate) async fn issue_group(change: &mut Change<'_>, dues: &mut [Due]) -> Result<()> {
    let mut drafts = Vec::with_capacity(dues.len());
    for Due { case, gathered, step } in dues.iter_mut() {
        drafts.push(draft_step(change, case, gathered, *step).await?);
    }
    let Some((lead, followers)) = drafts.split_first_mut() else { return Ok(()) };
    for follower in followers.iter_mut() {
        follower.lead_id = Some(lead.id);
    }
    speak_for(lead, followers, dues)?;
    for (at, (draft, Due { case, gathered, .. })) in drafts.into_iter().zip(dues).enumerate() {
        put(change, case, gathered, draft, at == 0).await?;
    }
    Ok(())
}

/// The lead's figures become those of all: every line under its case, one sum, one place to pay.
fn speak_for(lead: &mut letter::Model, followers: &[letter::Model], dues: &[Due]) -> Result<()> {
    let mut facts: LetterFacts = serde_json::from_value(lead.facts.clone())?;
    let mut grouped = vec![member(lead.case_id, &facts)];
    for follower in followers {
        let own: LetterFacts = serde_json::from_value(follower.facts.clone())?;
        grouped.push(member(follower.case_id, &own));
        facts.outstanding_minor = facts.outstanding_minor.saturating_add(own.outstanding_minor);
        facts.charges_minor = facts.charges_minor.saturating_add(own.charges_minor);
        facts.paid_minor = facts.paid_minor.saturating_add(own.paid_minor);
        facts.lines.extend(own.lines);
        // What the law asks for in the first letter of one case is stated for all.
        facts.legal = facts.legal.or(own.legal);
    }
    facts.grouped = grouped;
    // One payment for several cases quotes no single invoice, nor its page.
    if let Some(Due { case, gathered, .. }) = dues.first() {
        facts.bank.payment_reference = quoted(case.number, tenant::bank(&gathered.tenant)?.reference, None);
    }
    facts.bank.online_url = None;
    lead.outstanding_minor = facts.outstanding_minor;
    lead.facts = serde_json::to_value(&facts)?;
    Ok(())
}

fn member(case_id: CaseId, facts: &LetterFacts) -> Member {
    Member { case_id, reference: facts.reference.clone(), lines: facts.lines.len(), outstanding_minor: facts.outstanding_minor }
}

async fn draft_step(change: &mut Change<'_>, case: &mut collection_case::Model, gathered: &Gathered, step: usize) -> Result<letter::Model> {
    let plan = gathered.ladder.steps.get(step).ok_or_else(|| Error::Bug(format!("case {} has no step {step}", case.id)))?;
    let next_step = match gathered.ladder.after(step) {
        Follows::Step => NextStep::Letter,
        Follows::Handover => NextStep::Handover,
        Follows::Nothing => NextStep::Nothing,
    };
    let occasion = Occasion {
        kind: plan.kind,
        step_number: u32::try_from(step + 1).unwrap_or(u32::MAX),
        next_step,
        dated_on: calendar::local_date(gathered.tenant_zone, change.now),
        pay_within_days: plan.pay_within_days,
        first: none_left(change, case).await?,
    };
    let channels = escalation::channels(plan, &gathered.reachable);
    let message_only = plan.action == StepAction::SendMessage;
    let fits = |channel: &&Channel| !(channels.contains(channel) || message_only && **channel == Channel::Post);
    let fallback = plan.fallback.iter().filter(fits).copied().collect();
    let consent = gathered.ladder.asks_consent(plan, gathered.tenant.consent_mode);
    case.next_action_at = None;
    case.postponed_because = None;
    let number = i32::try_from(step).map_err(|_| Error::Bug("step number".into()))?;
    draft(change, case, gathered, &occasion, Plan { number, kind: plan.kind, channels, fallback, message_only, consent }).await
}

/// Issues the thank-you letter of a case that was just paid, once in its life. Nobody is thanked who was asked for
/// nothing: no letter left, or only the reminder ahead of the due date.
pub(crate) async fn issue_thank_you(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    let earlier = letter::Entity::of(change.tenant)
        .filter(letter::Column::CaseId.eq(case.id))
        .filter(letter::Column::Step.eq(THANK_YOU_STEP))
        .filter(letter::Column::Status.ne(LetterStatus::Cancelled));
    let gathered = gather(change, case).await?;
    if !gathered.ladder.thank_you || earlier.count(&change.tx).await? > 0 || none_left(change, case).await? {
        return Ok(());
    }
    let channels = thanks_by(&gathered.reachable);
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
        first: false,
    };
    let consent = gathered.tenant.consent_mode == ConsentMode::EachLetter;
    let plan = Plan { number: THANK_YOU_STEP, kind: LetterKind::ThankYou, channels, fallback: Vec::new(), message_only: false, consent };
    let letter = draft(change, case, &gathered, &occasion, plan).await?;
    put(change, case, &gathered, letter, true).await
}

struct Plan {
    number: i32,
    kind: LetterKind,
    channels: Vec<Channel>,
    fallback: Vec<Channel>,
    message_only: bool,
    consent: bool,
}

/// The row of a letter, with what it charges; not written yet.
async fn draft(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    gathered: &Gathered,
    occasion: &Occasion,
    plan: Plan,
) -> Result<letter::Model> {
    let letter = change.env.new_id();
    let known = if plan.kind.speaks_of_arrears() {
        let fee = usize::try_from(plan.number).ok().and_then(|step| gathered.ladder.steps.get(step)).map(|step| step.fee.as_slice());
        let (dated_on, gives_days) = (occasion.dated_on, occasion.pay_within_days);
        let charging = claim::Occasion { letter, step: plan.number, fee: fee.unwrap_or_default(), dated_on, gives_days };
        claim::propose(change, &gathered.claim(case), &charging).await?
    } else {
        gathered.charges.clone()
    };
    let beside = Beside { letter, known };
    let facts = freeze(case, gathered, occasion, &beside)?;
    let wording = template::choose(&change.tx, change.tenant, facts.kind, facts.language, &facts.debtor.country).await?;
    let facts = LetterFacts { message_only: plan.message_only, wording, ..facts };
    Ok(letter::Model {
        tenant_id: change.tenant,
        id: letter,
        case_id: case.id,
        step: plan.number,
        course: if plan.number == THANK_YOU_STEP { 0 } else { case.course },
        kind: plan.kind,
        language: facts.language.as_str().to_owned(),
        status: if plan.consent { LetterStatus::AwaitingConsent } else { LetterStatus::Scheduled },
        channels: serde_json::to_value(&plan.channels)?,
        outstanding_minor: facts.outstanding_minor,
        text_revision: facts.words(),
        facts: serde_json::to_value(&facts)?,
        pdf_sha256: None,
        pdf_pages: None,
        consent_required: plan.consent,
        consent_by: None,
        consent_at: None,
        consent_granted: None,
        // Thanks are not asked for anew: nothing in them grows old.
        consent_expires_at: (plan.consent && plan.number != THANK_YOU_STEP).then(|| asked_until(gathered, &facts, change.now)),
        lead_id: None,
        fallback: serde_json::to_value(&plan.fallback)?,
        rule_revision: gathered.rules.revision.clone(),
        message_only: plan.message_only,
        fee_minor: claim::fee_of(&beside.known, letter),
        cancelled_because: None,
        sent_at: None,
        posted_on: None,
        posted_by: None,
        created_at: change.now,
        updated_at: change.now,
    })
}

/// Writes a letter, and plans its ways when it goes by its own and needs no yes.
async fn put(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    gathered: &Gathered,
    letter: letter::Model,
    speaks: bool,
) -> Result<()> {
    letter.clone().into_active_model().reset_all().insert(&change.tx).await?;
    let happened = Happened::new(kind::LETTER_ISSUED).case(case).subject(letter.id.0).with("kind", serde_json::to_value(letter.kind)?);
    let happened = happened.with("step", letter.step).with("outstandingMinor", letter.outstanding_minor);
    change.record(happened.with("consentRequired", letter.consent_required).with("lead", letter.lead_id.map(|lead| lead.0.to_string())));
    if speaks && !letter.consent_required {
        delivery::plan(change, &letter, &gathered.debtor, &delivery::Home::of(&gathered.tenant)?, change.now).await?;
    }
    Ok(())
}

/// Until when a yes is asked for: ahead of the due date not beyond it.
fn asked_until(gathered: &Gathered, facts: &LetterFacts, now: DateTime<Utc>) -> DateTime<Utc> {
    let until = super::consent_until(&gathered.tenant, now);
    if facts.kind == LetterKind::PreDueReminder { until.min(calendar::day_start(gathered.tenant_zone, facts.pay_by)) } else { until }
}

/// Whether no letter of the case has left yet that spoke of arrears: the first may have to state more than the others.
async fn none_left(change: &Change<'_>, case: &collection_case::Model) -> Result<bool> {
    let left = letter::Entity::of(change.tenant).filter(letter::Column::CaseId.eq(case.id));
    let left = left.filter(letter::Column::Status.is_in([LetterStatus::Sending, LetterStatus::Sent]));
    let left = left.filter(letter::Column::Kind.ne(LetterKind::PreDueReminder));
    Ok(left.count(&change.tx).await? == 0)
}

/// Thanks go by every quick way, on paper only where there is none.
fn thanks_by(reachable: &[Channel]) -> Vec<Channel> {
    let quick: Vec<Channel> = [Channel::Email, Channel::Sms].into_iter().filter(|channel| reachable.contains(channel)).collect();
    if quick.is_empty() && reachable.contains(&Channel::Post) { vec![Channel::Post] } else { quick }
}
