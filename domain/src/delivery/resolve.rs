//! A person decides about a delivery that the machine must not decide about.

use entity::{DeliveryId, DeliveryStatus, LetterStatus, delivery};

use super::{
    hold::{Held, hold},
    suppress,
};
use crate::{
    actor::{Action, Viewer},
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    port::Work,
};

/// What the person found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// It did arrive.
    WasSent,
    /// It did not: hand it over again.
    SendAgain,
}

/// Resolves an unknown delivery, or sends a failed one again.
///
/// # Errors
///
/// A refusal: unknown delivery, one that is neither unknown nor failed, a letter that was cancelled, an address that the
/// debtor does not want to be used.
pub async fn resolve(env: &Env, viewer: &Viewer, id: DeliveryId, resolution: Resolution) -> Result<delivery::Model> {
    viewer.require(Action::WorkCases)?;
    let unknown = || Refusal::not_found("delivery").at("id");
    let seen = super::find(&env.db, viewer.tenant, id).await?.ok_or_else(unknown)?;
    let Held { mut change, mut row, mut of } = hold(env, viewer.actor(), &seen).await?.ok_or_else(unknown)?;
    let open = matches!(row.status, DeliveryStatus::Unknown | DeliveryStatus::Failed) && of.letter.status != LetterStatus::Cancelled;
    if !open {
        let message = "only a delivery that failed or whose answer was lost needs a decision";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    match resolution {
        Resolution::WasSent => {
            row.status = DeliveryStatus::Sent;
            row.sent_at = Some(change.now);
            change.record(Happened::new(kind::DELIVERY_SENT).case(&of.case).subject(id.0).with("resolved", true));
        }
        Resolution::SendAgain => {
            suppress::lift_mistaken(&mut change, viewer, &row).await?;
            row.status = DeliveryStatus::Scheduled;
            row.attempts = 0;
            row.next_attempt_at = Some(change.now);
            if of.letter.status == LetterStatus::Failed {
                of.letter.status = LetterStatus::Scheduled;
                crate::letter::save_row(&change, &mut of.letter).await?;
                crate::letter::follow(&change, &of.letter, &mut of.followers).await?;
            }
            change.enqueue(Work::Deliver { tenant: viewer.tenant, delivery: id });
            change.record(Happened::new(kind::DELIVERY_RETRIED).case(&of.case).subject(id.0));
        }
    }
    super::save(&change, &mut row).await?;
    super::finish::roll_up(&mut change, &mut of, &row).await?;
    change.commit().await?;
    Ok(row)
}
