//! A letter that no channel took is issued anew, with the figures and the contact of that day.

use entity::{CaseStatus, LetterId, LetterStatus, collection_case, letter};

use super::group;
use crate::{
    actor::{Action, Viewer},
    case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    escalation,
    event::{Happened, kind},
};

/// Cancels a failed letter and makes its step due again.
///
/// # Errors
///
/// A refusal: unknown letter, one that has not failed, a case that is not active.
pub async fn reissue(env: &Env, viewer: &Viewer, id: LetterId) -> Result<collection_case::Model> {
    viewer.require(Action::WorkCases)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let case_id = super::find_row(&change.tx, viewer.tenant, id).await?.case_id;
    let mut case = case::lock(&change, case_id).await?;
    let active = case.status == CaseStatus::Active;
    if !active || supersede(&mut change, &case, |letter| letter.id == id && letter.kind.is_step()).await? == 0 {
        let message = "only a failed letter of a step of an active case can be issued anew";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    case.next_action_at = Some(change.now);
    case.postponed_because = None;
    escalation::call_if_due(&mut change, &case);
    case::save(&change, &mut case).await?;
    change.commit().await?;
    Ok(case)
}

/// Cancels failed letters of a locked case, because their step is run anew; answers how many. What they spoke for is issued
/// anew too.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn supersede(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    wanted: impl Fn(&letter::Model) -> bool,
) -> Result<usize> {
    let (letters, mut beside) = group::lock_with_group(change, case.id, &[LetterStatus::Failed]).await?;
    let mut cancelled = 0;
    for mut letter in letters.into_iter().filter(wanted) {
        letter.status = LetterStatus::Cancelled;
        letter.cancelled_because = Some("REISSUED".into());
        super::save_row(change, &mut letter).await?;
        group::let_go(change, &letter, &mut beside).await?;
        change.record(Happened::new(kind::LETTER_CANCELLED).case(case).subject(letter.id.0).with("because", "REISSUED"));
        cancelled += 1;
    }
    Ok(cancelled)
}
