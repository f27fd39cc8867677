//! The creditor's time to stop a hand-over, and what ends it: a yes, a no, or the time itself.
//!
//! After a no the case stays in `AWAITING_HANDOVER` and waits for a person: to hand it over after all, pause it, write
//! it off or close it.

use entity::{AgencyStatus, CaseId, CaseStatus, HandoverStatus, collection_case, handover};

use super::Held;
use crate::{
    actor::Viewer,
    agency,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    port::Work,
};

/// Says yes before the time is over.
///
/// # Errors
///
/// A refusal: unknown case, a hand-over that is not offered, an agency that was ended.
pub async fn confirm(env: &Env, viewer: &Viewer, case: CaseId) -> Result<handover::Model> {
    let mut held = Held::of_person(env, viewer, case, &[HandoverStatus::Offered]).await?;
    let agency = agency::find(&held.change.tx, viewer.tenant, held.row.agency_id).await?;
    if agency.status == AgencyStatus::Ended {
        let message = "the agency was ended: ask for the hand-over anew";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("caseId").into());
    }
    confirm_row(&mut held.change, &held.case, &mut held.row);
    held.row.version += 1;
    held.commit().await
}

/// Stops a hand-over that did not begin.
///
/// # Errors
///
/// A refusal: unknown case, a hand-over that is neither offered nor waits to be submitted.
pub async fn opt_out(env: &Env, viewer: &Viewer, case: CaseId, reason: &str) -> Result<handover::Model> {
    let reason = crate::case::check_note(reason)?;
    let mut held = Held::of_person(env, viewer, case, &[HandoverStatus::Offered, HandoverStatus::Confirmed]).await?;
    held.row.status = HandoverStatus::OptedOut;
    held.row.decided_by = held.change.actor.user();
    held.row.next_action_at = None;
    held.row.version += 1;
    held.mark(Some("HANDOVER_STOPPED")).await?;
    held.change.record(Happened::new(kind::HANDOVER_STOPPED).case(&held.case).subject(held.row.id.0).with("note", reason));
    held.commit().await
}

/// The time to decide is over: an automatic agency is asked, otherwise a person is.
pub(super) async fn by_time(env: &Env, seen: &handover::Model) -> Result<()> {
    let Some(mut held) = Held::lock(env, seen).await? else { return Ok(()) };
    if held.row.next_action_at.is_none_or(|at| at > held.change.now) {
        return Ok(());
    }
    let agency = agency::find(&held.change.tx, seen.tenant_id, seen.agency_id).await?;
    if agency.status == AgencyStatus::Ended {
        held.end("AGENCY_ENDED").await?;
        held.mark(Some("AGENCY_ENDED")).await?;
    } else if held.case.status != CaseStatus::AwaitingHandover {
        // On hold: resuming wakes it.
        held.row.next_action_at = None;
    } else if agency.automatic {
        confirm_row(&mut held.change, &held.case, &mut held.row);
    } else {
        held.row.next_action_at = None;
        held.mark(Some("HANDOVER_UNDECIDED")).await?;
        held.change.record(Happened::new(kind::HANDOVER_ASKED).case(&held.case).subject(held.row.id.0));
    }
    held.commit().await.map(drop)
}

/// Confirms an offered hand-over; the row is saved by the caller.
pub(super) fn confirm_row(change: &mut Change<'_>, case: &collection_case::Model, row: &mut handover::Model) {
    row.status = HandoverStatus::Confirmed;
    row.decided_by = change.actor.user();
    row.confirmed_at = Some(change.now);
    row.next_action_at = Some(change.now);
    change.record(Happened::new(kind::HANDOVER_CONFIRMED).case(case).subject(row.id.0));
    change.enqueue(Work::HandOver { tenant: row.tenant_id, handover: row.id });
}
