//! A step ran: the next one counts from now.

use entity::{CaseStatus, LetterStatus, collection_case, letter};

use crate::{change::Change, claim, error::Result, escalation};

/// Notes that a letter's step ran; the case is saved by the caller. Sent or refused by the creditor, the step is done.
pub(crate) async fn step_ran(change: &mut Change<'_>, case: &mut collection_case::Model, letter: &letter::Model) -> Result<()> {
    let around = escalation::around(&change.tx, case).await?;
    if letter.status == LetterStatus::Sent {
        claim::letter_left(change, &around.tenant, case, letter).await?;
    }
    if letter.step != case.next_step || letter.course != case.course {
        return Ok(());
    }
    case.next_step = letter.step + 1;
    case.last_step_at = Some(change.now);
    case.postponed_because = None;
    if case.status == CaseStatus::Active {
        case.next_action_at = Some(escalation::next_due_around(change, case, &around).await?);
    }
    Ok(())
}
