//! The creditor's yes or no to one letter, given over exactly what would leave.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{CaseId, CaseStatus, DebtorId, LetterId, LetterStatus, Scoped, collection_case, debtor, letter, letter_document};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    super::{LetterFacts, LetterKind},
    group::{self, Follower},
};
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
    if ids.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "name at least one letter").at("ids").into());
    }
    if ids.len() > case::MAX_NAMED {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {} letters in one call", case::MAX_NAMED)).at("ids").into());
    }
    let (mut of_cases, mut bearers, mut seen_of) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
    for (at, id) in ids.iter().enumerate() {
        // A yes to one of several cases of a letter is a yes to the letter.
        let letter = super::find_row(&change.tx, viewer.tenant, *id).await.map_err(|error| error.refused_at(&format!("ids.{at}")))?;
        of_cases.extend(group::cases_of(&change.tx, &letter).await?);
        bearers.entry(group::bearer(&letter)).or_insert(at);
        if let Some(seen) = seen.and_then(|seen| seen.get(at)) {
            seen_of.insert(group::bearer(&letter), seen);
        }
    }
    let cases = case::lock_many(change, &of_cases.into_iter().collect::<Vec<_>>()).await?;
    let mut cases: BTreeMap<CaseId, collection_case::Model> = cases.into_iter().map(|case| (case.id, case)).collect();
    let mut decided = Vec::with_capacity(bearers.len());
    for (id, at) in bearers {
        // Read again: the lock may have had to wait.
        let letter = super::lock_row(change, id).await?;
        if let Some(seen) = seen_of.get(&id)
            && super::preview(&change.tx, &letter).await?.seen != **seen
        {
            let message = "a letter, or where it would go, is not what you saw: look again";
            return Err(Refusal::new(RefusalCode::SelectionChanged, message).at(&format!("seen.{at}")).into());
        }
        let mut case = cases.remove(&letter.case_id).ok_or_else(|| Error::Bug(format!("letter {id} without a case")))?;
        let mut followers = followers(change, &letter, &mut cases).await?;
        let one = decide_one(change, viewer, &mut case, letter, &mut followers, consent).await;
        decided.push(one.map_err(|error| error.refused_at(&format!("ids.{at}")))?);
        // Another letter of the same case may be decided on in the same call.
        cases.extend(followers.into_iter().map(|follower| follower.case).chain([case]).map(|case| (case.id, case)));
    }
    Ok(decided)
}

/// The other letters that one speaks for; their cases are taken out of the locked ones.
async fn followers(
    change: &Change<'_>,
    lead: &letter::Model,
    cases: &mut BTreeMap<CaseId, collection_case::Model>,
) -> Result<Vec<Follower>> {
    let members = group::members(lead)?;
    let others: Vec<_> = members.iter().filter_map(|member| cases.remove(&member.case_id)).collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let kept = others.clone();
    let found = group::followers(change, lead.id, others).await?;
    // One that left the group keeps its place among the locked.
    cases.extend(kept.into_iter().filter(|case| found.iter().all(|follower| follower.case.id != case.id)).map(|case| (case.id, case)));
    Ok(found)
}

/// Until when a consent holds that is asked for or given now.
pub(super) fn consent_until(tenant: &entity::tenant::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(i64::from(tenant.consent_days.max(1)))
}

/// Withdraws the letters of a locked case whose consent, asked for or given, is over before they left. That of its next
/// step is due at once and asked for anew, with the figures of then; an acknowledgement, which is no step, ends with it.
/// Says whether there were any; the case is saved by the caller.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn withdraw_expired(change: &mut Change<'_>, case: &mut collection_case::Model, gathered: &mut Gathered) -> Result<bool> {
    let expired = gathered.expired_letters();
    for id in &expired {
        let mut letter = super::lock_row(change, *id).await?;
        let answered = letter.consent_granted.is_some();
        // A letter that speaks for several cases ends before its consent does when one of them changed.
        let asked = letter.consent_required && matches!(letter.status, LetterStatus::AwaitingConsent | LetterStatus::Scheduled);
        let whole = consent_until(&gathered.tenant, letter.consent_at.unwrap_or(letter.created_at));
        let consent = asked && (speaks_for_one(&letter)? || letter.consent_expires_at.is_some_and(|at| at >= whole));
        let because = if consent { "CONSENT_EXPIRED" } else { "GROUP_CHANGED" };
        if !super::cancel_with_deliveries(change, case, &mut letter, because).await? {
            letter.consent_expires_at = None;
            super::save_row(change, &mut letter).await?;
            continue;
        }
        if consent {
            let happened = Happened::new(kind::CONSENT_EXPIRED).case(case).subject(id.0).with("step", letter.step);
            change.record(happened.with("granted", answered));
        }
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
    followers: &mut [Follower],
    consent: Consent,
) -> Result<letter::Model> {
    if letter.status != LetterStatus::AwaitingConsent {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "this letter does not wait for consent").at("id").into());
    }
    if letter.consent_expires_at.is_some_and(|at| at <= change.now) {
        let message = "this request is over: the letter is asked for anew, with the figures of that day";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    if group::members(&letter)?.len().saturating_sub(1) > followers.len() {
        let message = "a case of this letter changed: what is left of it is asked for anew";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    answer(change, viewer, case, &mut letter, consent);
    match consent {
        Consent::Granted => grant(change, &mut letter, case.debtor_id).await?,
        Consent::Refused => refuse(change, case, &mut letter).await?,
    }
    for Follower { case, letter: own } in followers {
        answer(change, viewer, case, own, consent);
        match consent {
            Consent::Granted => {
                let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
                redate(change, own, facts.dated_on).await?;
                (own.status, own.consent_expires_at) = (letter.status, letter.consent_expires_at);
                super::save_row(change, own).await?;
            }
            Consent::Refused => refuse(change, case, own).await?,
        }
    }
    Ok(letter)
}

fn answer(change: &mut Change<'_>, viewer: &Viewer, case: &collection_case::Model, letter: &mut letter::Model, consent: Consent) {
    letter.consent_by = Some(viewer.user);
    letter.consent_at = Some(change.now);
    letter.consent_granted = Some(consent == Consent::Granted);
    let happened = Happened::new(kind::LETTER_CONSENTED).case(case).subject(letter.id.0);
    change.record(happened.with("granted", consent == Consent::Granted));
}

/// Whether a letter speaks for its own case only.
fn speaks_for_one(letter: &letter::Model) -> Result<bool> {
    Ok(letter.lead_id.is_none() && group::members(letter)?.is_empty())
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
    let home = delivery::Home::of(&tenant)?;
    let unusable = delivery::unusable(&change.tx, change.tenant, &debtor, &home).await?;
    if delivery::plan(change, letter, &debtor, &home, &unusable).await? == 0 {
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
