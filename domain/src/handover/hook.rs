//! What happens to a case while it is on its way to an agency or there: called under the case's lock by whoever holds,
//! resumes, settles or closes it.

use entity::{AgencyTaskKind, CaseStatus, HandoverStatus, collection_case, handover};

use super::{live, payments, save};
use crate::{
    agency_task::{self, News},
    change::Change,
    error::Result,
    event::{Happened, kind},
    port::Work,
};

/// Whether the agency has the claim, or may have it.
fn is_there(row: &handover::Model) -> bool {
    matches!(row.status, HandoverStatus::Sending | HandoverStatus::Sent | HandoverStatus::Accepted)
}

/// The case was put on hold: an agency that works it stands still.
pub(crate) async fn held(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    match live(change, case.id).await? {
        Some(row) if row.status == HandoverStatus::Accepted => {
            agency_task::plan(change, &row, News { on: case.hold_until, ..News::order(AgencyTaskKind::Pause) }, None).await
        }
        Some(_) | None => Ok(()),
    }
}

/// The hold is over: an agency goes on, a hand-over that waited is looked at.
pub(crate) async fn resumed(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    let Some(mut row) = live(change, case.id).await? else { return Ok(()) };
    match row.status {
        HandoverStatus::Accepted => agency_task::plan(change, &row, News::order(AgencyTaskKind::Resume), None).await,
        HandoverStatus::Offered | HandoverStatus::Confirmed if case.status == CaseStatus::AwaitingHandover => {
            row.next_action_at = Some(if row.status == HandoverStatus::Offered { row.decide_by.max(change.now) } else { change.now });
            save(change, &mut row).await?;
            if row.next_action_at == Some(change.now) {
                change.enqueue(Work::HandOver { tenant: row.tenant_id, handover: row.id });
            }
            Ok(())
        }
        HandoverStatus::Offered
        | HandoverStatus::Confirmed
        | HandoverStatus::Sending
        | HandoverStatus::Sent
        | HandoverStatus::OptedOut
        | HandoverStatus::Rejected
        | HandoverStatus::Failed
        | HandoverStatus::Recalled
        | HandoverStatus::Ended => Ok(()),
    }
}

/// Another sum is outstanding than before: the agency is told which money came or went, and what was corrected.
pub(crate) async fn claim_changed(change: &mut Change<'_>, case: &collection_case::Model, before_minor: i64) -> Result<()> {
    match live(change, case.id).await? {
        Some(row) if is_there(&row) => {
            let paid = payments::tell(change, case, &row).await?;
            payments::correct(change, &row, before_minor - case.outstanding_minor, paid).await
        }
        Some(_) | None => Ok(()),
    }
}

/// The case is over: an agency is told what was paid, and to stop; one that does not have it never gets it.
pub(crate) async fn closed(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    let Some(mut row) = live(change, case.id).await? else { return Ok(()) };
    if is_there(&row) {
        payments::tell(change, case, &row).await?;
        agency_task::plan(change, &row, News::order(AgencyTaskKind::Withdraw), None).await?;
    }
    // What is being looked at is asked about further: the order to stop waits for the agency's number.
    if matches!(row.status, HandoverStatus::Sending | HandoverStatus::Sent) {
        return Ok(());
    }
    row.status = HandoverStatus::Ended;
    row.next_action_at = None;
    save(change, &mut row).await?;
    change.record(Happened::new(kind::HANDOVER_ENDED).case(case).subject(row.id.0).with("because", "CASE_CLOSED"));
    Ok(())
}

/// The case is open again while an agency looks at it: what waited to be told of its end is no longer true. When the
/// agency takes it, it is told what stands then.
pub(crate) async fn reopened(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    match live(change, case.id).await? {
        Some(row) if matches!(row.status, HandoverStatus::Sending | HandoverStatus::Sent) => agency_task::cancel(change, row.id).await,
        Some(_) | None => Ok(()),
    }
}
