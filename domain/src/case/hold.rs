//! Standing still and going on. A hold always has an end; letters that have not left are cancelled and issued anew,
//! with the figures of that day, when the case goes on.

use chrono::{Days, NaiveDate};
use entity::{CaseId, CaseStatus, HoldReason, collection_case};

use super::{Command, lock, move_to, row::check_version, save};
use crate::{
    actor::{Action, Viewer},
    calendar,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    escalation,
    event::{Happened, kind},
    handover, letter, tenant,
};

/// Longest hold, in days.
pub const MAX_HOLD_DAYS: u64 = 366;

/// Longest note on a hold or an end, in characters.
pub const MAX_NOTE_CHARS: usize = 500;

/// Puts a case on hold until the end of a day in the tenant's zone.
///
/// # Errors
///
/// A refusal: unknown case, stale version, wrong state, an end that is not in the next 366 days.
pub async fn hold(
    env: &Env,
    viewer: &Viewer,
    id: CaseId,
    reason: HoldReason,
    until: NaiveDate,
    note: &str,
    expected: Option<i64>,
) -> Result<collection_case::Model> {
    viewer.require(Action::WorkCases)?;
    let note = super::write_off::check_note(note)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut case = lock(&change, id).await?;
    check_version(&case, expected)?;
    let zone = calendar::zone(&tenant::find(&change.tx, viewer.tenant).await?.time_zone)?;
    let today = calendar::local_date(zone, change.now);
    if until < today || until > today + Days::new(MAX_HOLD_DAYS) {
        let message = format!("a hold ends between today and {MAX_HOLD_DAYS} days from now");
        return Err(Refusal::new(RefusalCode::OutOfRange, message).at("until").into());
    }
    move_to(&mut case, Command::Hold(reason, until))?;
    letter::cancel_unsent(&mut change, &case, "ON_HOLD").await?;
    case.next_action_at = Some(calendar::day_start(zone, until + Days::new(1)));
    case.postponed_because = None;
    save(&change, &mut case).await?;
    handover::hook::held(&mut change, &case).await?;
    change.record(Happened::new(kind::CASE_HELD).case(&case).with("until", until.to_string()).with("note", note));
    change.commit().await?;
    Ok(case)
}

/// Ends a hold before its time.
///
/// # Errors
///
/// A refusal: unknown case, stale version, wrong state.
pub async fn resume(env: &Env, viewer: &Viewer, id: CaseId, expected: Option<i64>) -> Result<collection_case::Model> {
    viewer.require(Action::WorkCases)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut case = lock(&change, id).await?;
    check_version(&case, expected)?;
    resume_in(&mut change, &mut case).await?;
    save(&change, &mut case).await?;
    change.commit().await?;
    Ok(case)
}

/// Ends a hold inside a change; the row is saved by the caller.
pub(crate) async fn resume_in(change: &mut Change<'_>, case: &mut collection_case::Model) -> Result<()> {
    move_to(case, Command::Resume)?;
    case.postponed_because = None;
    case.next_action_at = if case.status == CaseStatus::Active { Some(escalation::next_due(change, case).await?) } else { None };
    change.record(Happened::new(kind::CASE_RESUMED).case(case));
    handover::hook::resumed(change, case).await?;
    escalation::call_if_due(change, case);
    Ok(())
}
