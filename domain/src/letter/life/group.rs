//! One letter that speaks for several cases of a debtor. Its lead bears the page, the deliveries and the yes; each other
//! case has a letter row of its own for its step, which lives as the lead does: its follower. The lead's frozen figures
//! name the cases, so everybody who acts on the letter knows whom to lock: all of them, by their ids.

use std::collections::BTreeSet;

use entity::{CaseId, LetterId, LetterStatus, Scoped, collection_case, letter};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::Member;
use crate::{case, change::Change, error::Result, port::Work};

/// Letters that have not left.
const OPEN: [LetterStatus; 4] = [LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending, LetterStatus::Failed];

/// Another case that a letter speaks for, and its own letter. Both are locked.
pub(crate) struct Follower {
    pub(crate) case: collection_case::Model,
    pub(crate) letter: letter::Model,
}

/// The letter that speaks for this one: itself, but for a follower.
pub(crate) fn bearer(letter: &letter::Model) -> LetterId {
    letter.lead_id.unwrap_or(letter.id)
}

/// The cases that a letter speaks for, when it speaks for several.
///
/// # Errors
///
/// When the stored figures have another shape.
pub(crate) fn members(letter: &letter::Model) -> Result<Vec<Member>> {
    Ok(letter.facts.get("grouped").map(|grouped| serde_json::from_value(grouped.clone())).transpose()?.unwrap_or_default())
}

/// What a letter demands for its own case: all, but for a lead.
///
/// # Errors
///
/// See [`members`].
pub(crate) fn own_sum(letter: &letter::Model) -> Result<i64> {
    let own = members(letter)?.into_iter().find(|member| member.case_id == letter.case_id);
    Ok(own.map_or(letter.outstanding_minor, |member| member.outstanding_minor))
}

/// The ids of the cases that a letter, or the one that speaks for it, speaks for: to be locked in this order.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn cases_of(db: &impl ConnectionTrait, letter: &letter::Model) -> Result<Vec<CaseId>> {
    let lead = match letter.lead_id {
        Some(lead) => super::find_row(db, letter.tenant_id, lead).await?,
        None => letter.clone(),
    };
    let mut ids: Vec<CaseId> = members(&lead)?.into_iter().map(|member| member.case_id).chain([lead.case_id]).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The followers of a lead that are still with it; their cases are locked, and were taken out of `cases`.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn followers(change: &Change<'_>, lead: LetterId, cases: Vec<collection_case::Model>) -> Result<Vec<Follower>> {
    let select = letter::Entity::of(change.tenant).filter(letter::Column::LeadId.eq(lead));
    let select = select.filter(letter::Column::Status.ne(LetterStatus::Cancelled)).order_by_asc(letter::Column::Id);
    let mut letters = select.lock_exclusive().all(&change.tx).await?;
    let mut found = Vec::with_capacity(cases.len());
    for case in cases {
        if let Some(at) = letters.iter().position(|letter| letter.case_id == case.id) {
            found.push(Follower { case, letter: letters.swap_remove(at) });
        }
    }
    Ok(found)
}

/// The followers live as their lead does.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn follow(change: &Change<'_>, lead: &letter::Model, followers: &mut [Follower]) -> Result<()> {
    for Follower { letter, .. } in followers {
        letter.status = lead.status;
        letter.sent_at = lead.sent_at;
        letter.consent_expires_at = lead.consent_expires_at;
        super::save_row(change, letter).await?;
    }
    Ok(())
}

/// Locks the letters of a locked case that may be stopped, and what is open of those that stand in one group with them;
/// all in the order of their ids, because two cases of a group may be stopped at once.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn lock_with_group(
    change: &Change<'_>,
    case: CaseId,
    statuses: &[LetterStatus],
) -> Result<(Vec<letter::Model>, Vec<letter::Model>)> {
    let ids = with_group(change, case).await?;
    if ids.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let stoppable = Condition::all().add(letter::Column::CaseId.eq(case)).add(letter::Column::Status.is_in(statuses.iter().copied()));
    let beside = Condition::all().add(letter::Column::CaseId.ne(case)).add(letter::Column::Status.is_in(OPEN));
    let select = letter::Entity::of(change.tenant).filter(letter::Column::Id.is_in(ids));
    let select = select.filter(Condition::any().add(stoppable).add(beside));
    let rows = select.order_by_asc(letter::Column::Id).lock_exclusive().all(&change.tx).await?;
    Ok(rows.into_iter().partition(|letter| letter.case_id == case))
}

/// The ids of a locked case's letters and of those that stand in one group with them: nobody joins a group without the
/// locks of all its cases. Asked for bit by bit, because as one question all that a tenant has open would be looked through.
async fn with_group(change: &Change<'_>, case: CaseId) -> Result<BTreeSet<LetterId>> {
    let of = || letter::Entity::of(change.tenant).select_only().column(letter::Column::Id);
    let own = of().column(letter::Column::LeadId).filter(letter::Column::CaseId.eq(case));
    let own: Vec<(LetterId, Option<LetterId>)> = own.into_tuple().all(&change.tx).await?;
    let mut ids: BTreeSet<LetterId> = own.into_iter().flat_map(|(id, lead)| [Some(id), lead]).flatten().collect();
    if !ids.is_empty() {
        let followers = of().filter(letter::Column::LeadId.is_in(ids.iter().copied()));
        let followers: Vec<LetterId> = followers.into_tuple().all(&change.tx).await?;
        ids.extend(followers);
    }
    Ok(ids)
}

/// Locks what is open of the letters of locked cases, in the order of their ids: whoever stops one locks them in this
/// order too, and may hold none of these cases.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn lock_open(change: &Change<'_>, cases: &[CaseId]) -> Result<()> {
    let select = letter::Entity::of(change.tenant).select_only().column(letter::Column::Id);
    let select = select.filter(letter::Column::CaseId.is_in(cases.iter().copied())).filter(letter::Column::Status.is_in(OPEN));
    let _locked: Vec<LetterId> = select.order_by_asc(letter::Column::Id).lock_exclusive().into_tuple().all(&change.tx).await?;
    Ok(())
}

/// A letter was stopped: what it spoke for, or was spoken for by, is not true any more. The other cases' letters are
/// over from now, which the last gate sees; each case is looked at at once, withdraws its own under its own lock, and
/// goes on by itself. The instant on the row is the promise: see [`crate::escalation::due_cases`].
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn let_go(change: &mut Change<'_>, stopped: &letter::Model, beside: &mut [letter::Model]) -> Result<()> {
    let lead = bearer(stopped);
    for other in beside.iter_mut().filter(|other| bearer(other) == lead) {
        let_go_alone(change, other).await?;
    }
    Ok(())
}

/// The same for one letter of a group that came apart.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn let_go_alone(change: &mut Change<'_>, letter: &mut letter::Model) -> Result<()> {
    letter.consent_expires_at = Some(change.now);
    super::save_row(change, letter).await?;
    change.enqueue(Work::Escalate { tenant: change.tenant, case: letter.case_id });
    Ok(())
}

/// Locks the cases that a letter speaks for, by their ids, and splits its own from the others.
///
/// # Errors
///
/// When the database refuses, or a case is gone.
pub(crate) async fn lock_cases(
    change: &Change<'_>,
    ids: &[CaseId],
    own: CaseId,
) -> Result<(collection_case::Model, Vec<collection_case::Model>)> {
    let (mut own_row, others): (Vec<_>, Vec<_>) = case::lock_many(change, ids).await?.into_iter().partition(|case| case.id == own);
    let own_row = own_row.pop().ok_or_else(|| crate::error::Error::Bug(format!("case {own} is gone")))?;
    Ok((own_row, others))
}
