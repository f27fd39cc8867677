//! Issuing: a row with frozen figures, unique per case and step. From here on the letter is never edited.

use chrono::{DateTime, Utc};
use entity::{CaseId, Channel, LetterStatus, StepAction, collection_case, letter};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{
    super::{LetterFacts, LetterKind, Member, aid::quoted, template},
    frozen::{Beside, Occasion, freeze},
    reissue::supersede,
};
use crate::{
    calendar,
    change::Change,
    claim, delivery,
    error::{Error, Result},
    escalation::{self, Gathered},
    event::{Happened, kind},
    tenant,
};

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
    // The case was moved on while its letter was on its way, and then no channel took that: a new one takes its place.
    if gathered.failed_before(case) {
        supersede(change, case, |letter| (letter.step, letter.course) == (case.next_step, case.course)).await?;
    }
    let occasion = Occasion::of_step(gathered, step, plan.kind, plan.pay_within_days, change.now);
    let channels = escalation::channels(plan, &gathered.reachable);
    let message_only = plan.action == StepAction::SendMessage;
    let fits = |channel: &&Channel| !(channels.contains(channel) || message_only && **channel == Channel::Post);
    let fallback = plan.fallback.iter().filter(fits).copied().collect();
    let consent = gathered.ladder.asks_consent(plan, gathered.tenant.consent_mode);
    case.next_action_at = None;
    case.postponed_because = None;
    let number = i32::try_from(step).map_err(|_| Error::Bug("step number".into()))?;
    draft(change, case, gathered, &occasion, Plan { number, channels, fallback, message_only, consent }).await
}

/// What issuing decided of a letter.
pub(super) struct Plan {
    pub(super) number: i32,
    pub(super) channels: Vec<Channel>,
    pub(super) fallback: Vec<Channel>,
    pub(super) message_only: bool,
    pub(super) consent: bool,
}

/// The row of a letter, with what it charges; not written yet.
pub(super) async fn draft(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    gathered: &Gathered,
    occasion: &Occasion,
    plan: Plan,
) -> Result<letter::Model> {
    let (kind, beside) = (occasion.kind, charged(change, case, gathered, occasion, plan.number).await?);
    let facts = freeze(case, gathered, occasion, &beside)?;
    let wording = template::choose(&change.tx, change.tenant, &facts).await?;
    let facts = LetterFacts { message_only: plan.message_only, wording, ..facts };
    Ok(letter::Model {
        tenant_id: change.tenant,
        id: beside.letter,
        case_id: case.id,
        step: plan.number,
        course: if kind.is_step() { case.course } else { 0 },
        kind,
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
        consent_expires_at: (plan.consent && kind != LetterKind::ThankYou).then(|| asked_until(gathered, &facts, change.now)),
        lead_id: None,
        fallback: serde_json::to_value(&plan.fallback)?,
        rule_revision: gathered.rules.revision.clone(),
        message_only: plan.message_only,
        fee_minor: claim::fee_of(&beside.known, beside.letter),
        cancelled_because: None,
        sent_at: None,
        posted_on: None,
        posted_by: None,
        created_at: change.now,
        updated_at: change.now,
    })
}

/// A new letter's id, and what is owed with what it charges as the letter of that step.
pub(super) async fn charged(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    gathered: &Gathered,
    occasion: &Occasion,
    step: i32,
) -> Result<Beside> {
    let letter = change.env.new_id();
    if !occasion.kind.speaks_of_arrears() {
        return Ok(Beside { letter, known: gathered.charges.clone() });
    }
    let plan = usize::try_from(step).ok().and_then(|step| gathered.ladder.steps.get(step));
    let fee = plan.map_or(&[][..], |plan| plan.fee.as_slice());
    let charging = claim::Occasion { letter, step, fee, dated_on: occasion.dated_on, gives_days: occasion.pay_within_days };
    Ok(Beside { letter, known: claim::propose(change, &gathered.claim(case), &charging).await? })
}

/// Writes a letter, and plans its ways when it goes by its own and needs no yes.
pub(super) async fn put(
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
        delivery::plan(change, &letter, &gathered.debtor, &delivery::Home::of(&gathered.tenant)?, &gathered.unusable).await?;
    }
    Ok(())
}

/// Until when a yes is asked for: ahead of the due date not beyond it.
fn asked_until(gathered: &Gathered, facts: &LetterFacts, now: DateTime<Utc>) -> DateTime<Utc> {
    let until = super::consent_until(&gathered.tenant, now);
    if facts.kind == LetterKind::PreDueReminder { until.min(calendar::day_start(gathered.tenant_zone, facts.pay_by)) } else { until }
}
