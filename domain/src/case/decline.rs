//! The creditor says no to proposals.

use entity::collection_case;

use super::{Command, Selection, hold::MAX_NOTE_CHARS, move_to, save, select};
use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// Declines the selected proposals. All or none: one in another state refuses the whole.
///
/// # Errors
///
/// A refusal: see [`Selection`]; `ILLEGAL_TRANSITION` for a case that is not proposed.
pub async fn decline(env: &Env, viewer: &Viewer, selection: &Selection, reason: Option<&str>) -> Result<Vec<collection_case::Model>> {
    viewer.require(Action::WorkCases)?;
    let reason = reason.unwrap_or("").trim().to_owned();
    if reason.chars().count() > MAX_NOTE_CHARS {
        return Err(Refusal::new(RefusalCode::TooLong, format!("a reason has at most {MAX_NOTE_CHARS} characters")).at("reason").into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut cases = select::lock_selected(&change, selection).await?;
    for case in &mut cases {
        decline_in(&mut change, case, &reason).await?;
    }
    change.commit().await?;
    Ok(cases)
}

/// Declines a locked proposal inside a change and saves it.
pub(crate) async fn decline_in(change: &mut Change<'_>, case: &mut collection_case::Model, reason: &str) -> Result<()> {
    move_to(case, Command::Decline)?;
    case.next_action_at = None;
    case.closed_at = Some(change.now);
    save(change, case).await?;
    change.record(Happened::new(kind::CASE_DECLINED).case(case).with("reason", reason));
    Ok(())
}
