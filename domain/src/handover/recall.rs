//! The creditor takes a case back from the agency. It waits for hand-over again, and for a person: nothing is handed
//! over by itself after that.

use entity::{AgencyTaskKind, CaseId, HandoverStatus, handover};

use super::Held;
use crate::{
    actor::Viewer,
    agency_task::{self, News},
    case::Command,
    env::Env,
    error::Result,
    event::{Happened, kind},
};

/// Takes a case back; the agency is told to stop.
///
/// # Errors
///
/// A refusal: unknown case, one that no agency has accepted, a note that is too long.
pub async fn recall(env: &Env, viewer: &Viewer, case: CaseId, note: &str) -> Result<handover::Model> {
    let note = crate::case::check_note(note)?;
    let mut held = Held::of_person(env, viewer, case, &[HandoverStatus::Accepted, HandoverStatus::Ended]).await?;
    held.move_case(Command::Recall).await?;
    let works_it = held.row.status == HandoverStatus::Accepted;
    held.row.status = HandoverStatus::Recalled;
    held.row.next_action_at = None;
    held.row.version += 1;
    if works_it {
        agency_task::plan(&mut held.change, &held.row, News::order(AgencyTaskKind::Withdraw), None).await?;
    }
    held.mark(Some("HANDOVER_RECALLED")).await?;
    held.change.record(Happened::new(kind::HANDOVER_RECALLED).case(&held.case).subject(held.row.id.0).with("note", note));
    held.commit().await
}
