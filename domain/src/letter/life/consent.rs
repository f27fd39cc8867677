//! The creditor's yes or no to one letter, given over exactly what would leave.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{CaseId, CaseStatus, DebtorId, LetterId, LetterStatus, Scoped, collection_case, debtor, letter, letter_document};
use sea_orm::{ColumnTrait, QueryFilter};

use super::super::{LetterFacts, LetterKind};
use crate::{
    actor::{Action, Viewer},
    calendar, case,
    change::Change,
    delivery,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    escalation::{Gathered, gather},
    event::{Happened, kind},
    tenant,
};

/// A decision on a letter that waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Send it.
    Granted,
    /// Do not send it; the case goes on with the next step.
    Refused,
}

/// Decides on a letter. Granting dates it today, so that its deadline counts from sending.
///
/// # Errors
///
/// A refusal: unknown letter, one that does not wait for consent.
pub async fn decide(env: &Env, viewer: &Viewer, id: LetterId, consent: Consent) -> Result<letter::Model> {
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut letters = decide_in(&mut change, viewer, &[id], consent).await?;
    change.commit().await?;
    letters.pop().ok_or_else(|| Error::Bug(format!("no decision on letter {id}")))
}

/// Decides on several letters inside a change that the caller commits. All or none.
///
/// # Errors
///
/// See [`decide`]; `REQUIRED` when no letter is named, `LIMIT_EXCEEDED` for more than [`case::MAX_NAMED`].
pub async fn decide_in(change: &mut Change<'_>, viewer: &Viewer, ids: &[LetterId], consent: Consent) -> Result<Vec<letter::Model>> {
    decide_seen_in(change, viewer, ids, None, consent).await
}

/// The same for letters that the person has seen: `seen` has the digest of [`super::preview`] for each of `ids`.
///
/// # Errors
///
/// See [`decide_in`]; `SELECTION_CHANGED` when one of them, or where it would go, is not what was seen.
pub async fn decide_seen_in(
    change: &mut Change<'_>,
    viewer: &Viewer,
    ids: &[LetterId],
    seen: Option<&[String]>,
    consent: Consent,
) -> Result<Vec<letter::Model>> {
    viewer.require(Action::WorkCases)?;
    if seen.is_some_and(|seen| seen.len() != ids.len()) {
        return Err(Refusal::new(RefusalCode::Invalid, "`seen` has one entry for each letter").at("seen").into());
    }
    let seen: BTreeMap<LetterId, &String> = ids.iter().copied().zip(seen.unwrap_or_default()).collect();
    let ids: BTreeSet<LetterId> = ids.iter().copied().collect();
    if ids.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "name at least one letter").at("ids").into());
    }
    if ids.len() > case::MAX_NAMED {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {} letters in one call", case::MAX_NAMED)).at("ids").into());
    }
    let mut of_cases = BTreeSet::new();
    for id in &ids {
        of_cases.insert(super::find_row(&change.tx, viewer.tenant, *id).await?.case_id);
    }
    let cases = case::lock_many(change, &of_cases.into_iter().collect::<Vec<_>>()).await?;
    let mut cases: BTreeMap<CaseId, collection_case::Model> = cases.into_iter().map(|case| (case.id, case)).collect();
    let mut decided = Vec::with_capacity(ids.len());
    for id in ids {
        // Read again: the lock may have had to wait.
        let letter = super::lock_row(change, id).await?;
        if let Some(seen) = seen.get(&id)
            && super::preview(&change.tx, &letter).await?.seen != **seen
        {
            let message = "a letter, or where it would go, is not what you saw: look again";
            return Err(Refusal::new(RefusalCode::SelectionChanged, message).at("seen").into());
        }
        let case = cases.get_mut(&letter.case_id).ok_or_else(|| Error::Bug(format!("letter {id} without a case")))?;
        decided.push(decide_one(change, viewer, case, letter, consent).await?);
    }
    Ok(decided)
}

/// Until when a consent holds that is asked for or given now.
pub(super) fn consent_until(tenant: &entity::tenant::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(i64::from(tenant.consent_days.max(1)))
}

/// Withdraws the letters of a locked case whose consent, asked for or given, is over before they left; their step is
/// due at once and asked for anew, with the figures of then. Says whether there were any; the case is saved by the
/// caller.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn withdraw_expired(change: &mut Change<'_>, case: &mut collection_case::Model, gathered: &mut Gathered) -> Result<bool> {
    let expired = gathered.expired_letters();
    for id in &expired {
        let mut letter = super::lock_row(change, *id).await?;
        let answered = letter.consent_granted.is_some();
        super::cancel_with_deliveries(change, case, &mut letter, "CONSENT_EXPIRED").await?;
        let happened = Happened::new(kind::CONSENT_EXPIRED).case(case).subject(id.0).with("step", letter.step);
        change.record(happened.with("granted", answered));
        if case.status == CaseStatus::Active && letter.step == case.next_step && letter.course == case.course {
            case.next_action_at = Some(change.now);
        }
    }
    if !expired.is_empty() {
        *gathered = gather(change, case).await?;
    }
    Ok(!expired.is_empty())
}

async fn decide_one(
    change: &mut Change<'_>,
    viewer: &Viewer,
    case: &mut collection_case::Model,
    mut letter: letter::Model,
    consent: Consent,
) -> Result<letter::Model> {
    if letter.status != LetterStatus::AwaitingConsent {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "this letter does not wait for consent").at("id").into());
    }
    if letter.consent_expires_at.is_some_and(|at| at <= change.now) {
        let message = "this request is over: the letter is asked for anew, with the figures of that day";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    letter.consent_by = Some(viewer.user);
    letter.consent_at = Some(change.now);
    letter.consent_granted = Some(consent == Consent::Granted);
    let happened = Happened::new(kind::LETTER_CONSENTED).case(case).subject(letter.id.0);
    change.record(happened.with("granted", consent == Consent::Granted));
    match consent {
        Consent::Granted => grant(change, &mut letter, case.debtor_id).await?,
        Consent::Refused => refuse(change, case, &mut letter).await?,
    }
    Ok(letter)
}

async fn grant(change: &mut Change<'_>, letter: &mut letter::Model, debtor: DebtorId) -> Result<()> {
    let tenant = tenant::find(&change.tx, change.tenant).await?;
    let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, change.now);
    redate(change, letter, today).await?;
    letter.status = LetterStatus::Scheduled;
    letter.consent_expires_at = letter.consent_expires_at.map(|_| consent_until(&tenant, change.now));
    super::save_row(change, letter).await?;
    let debtor = debtor::Entity::of(change.tenant).filter(debtor::Column::Id.eq(debtor)).one(&change.tx).await?;
    let debtor = debtor.ok_or_else(|| Error::Bug(format!("letter {} without a debtor", letter.id)))?;
    if delivery::plan(change, letter, &debtor, &delivery::Home::of(&tenant)?, change.now).await? == 0 {
        let message = "the debtor can no longer be reached by this letter's channels; correct the contact, or refuse the letter";
        return Err(Refusal::new(RefusalCode::DebtorIncomplete, message).at("id").into());
    }
    Ok(())
}

/// Dates the letter today and keeps the length of its deadline; a page drawn before is drawn anew.
async fn redate(change: &Change<'_>, letter: &mut letter::Model, today: chrono::NaiveDate) -> Result<()> {
    let mut facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    if facts.dated_on == today {
        return Ok(());
    }
    let given = facts.pay_by - facts.dated_on;
    facts.dated_on = today;
    if facts.kind != LetterKind::PreDueReminder {
        facts.pay_by = today + given;
    }
    letter.facts = serde_json::to_value(&facts)?;
    letter.pdf_sha256 = None;
    letter.pdf_pages = None;
    letter_document::Entity::delete_of(change.tenant).filter(letter_document::Column::LetterId.eq(letter.id)).exec(&change.tx).await?;
    Ok(())
}

async fn refuse(change: &mut Change<'_>, case: &mut collection_case::Model, letter: &mut letter::Model) -> Result<()> {
    letter.status = LetterStatus::Cancelled;
    letter.consent_expires_at = None;
    letter.cancelled_because = Some("CONSENT_REFUSED".into());
    super::save_row(change, letter).await?;
    change.record(Happened::new(kind::LETTER_CANCELLED).case(case).subject(letter.id.0).with("because", "CONSENT_REFUSED"));
    if case.status == CaseStatus::Active {
        super::step_ran(change, case, letter).await?;
        case::save(change, case).await?;
    }
    Ok(())
}
