//! Getting a letter out, exactly once in effect. [`deliver`] is the whole walk: draw, [`begin`] (check again, mark as
//! sending, commit), call the channel, [`finish`]. The row is the fence: whatever dies in between is found by
//! [`recover`] and reconciled, never re-sent blindly.

mod attempt;
mod begin;
mod contact;
mod due;
mod fallback;
mod finish;
mod gate;
mod heard;
mod hold;
mod home;
mod outgoing;
mod plan;
mod recover;
mod resolve;
mod retry;
mod segments;
mod suppress;
mod told;
mod unsubscribe;

pub use attempt::attempts;
pub use begin::{Begun, HandOver, begin};
pub use contact::{address_usable, contact, email_usable, phone_usable, reachable, sms_usable};
pub use due::{due_deliveries, orphaned_deliveries};
pub use finish::{Outcome, finish};
pub use gate::{GateFacts, MAX_LETTER_AGE, Verdict, gate};
pub use heard::heard;
pub use home::Home;
pub(crate) use plan::plan;
pub use recover::{LEASE, recover};
pub use resolve::{Resolution, resolve};
pub use retry::{LONGEST_ASKED, MAX_ATTEMPTS};
pub use segments::{SmsEncoding, SmsSize, measure};
pub use suppress::{Unusable, addresses, in_force, lift, spelled, unusable, why_suppressed};
pub use told::told;
pub use unsubscribe::{unsubscribe, unsubscribe_language};

use entity::{Channel, DeliveryId, DeliveryStatus, Scoped, TenantId, delivery};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter};

use crate::{
    change::Change,
    env::Env,
    error::{Error, Result},
    letter,
};

/// What delivering did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Nothing was due, or the gate is closed.
    Nothing,
    /// The channel was asked; the row says how it went.
    Asked,
}

/// Hands one delivery to its channel, if it may leave now.
///
/// # Errors
///
/// When the database fails. A channel's refusal is an outcome on the row, not an error.
pub async fn deliver(env: &Env, tenant: TenantId, id: DeliveryId) -> Result<Delivered> {
    let Some((row, letter)) = hold::find_with_letter(&env.db, tenant, id).await? else { return Ok(Delivered::Nothing) };
    if row.status != DeliveryStatus::Scheduled {
        return Ok(Delivered::Nothing);
    }
    let page = match letter::page(env, &letter).await {
        Ok(page) => page,
        Err(Error::Refused(refusal)) => {
            finish(env, &row, Outcome::Undrawable(refusal)).await?;
            return Ok(Delivered::Nothing);
        }
        Err(error) => return Err(error),
    };
    let Begun::Go(begun) = Box::pin(begin(env, &row, page)).await? else { return Ok(Delivered::Nothing) };
    let HandOver { row, mut outgoing } = *begun;
    if outgoing.channel == Channel::Email {
        outgoing.unsubscribe_url = env.outside.unsubscribe.as_ref().map(|links| links.url(tenant, id));
    }
    let postman = env.outside.postmen.get(&outgoing.channel).ok_or_else(|| Error::Bug(format!("no postman for {:?}", outgoing.channel)))?;
    let answer = postman.send(&outgoing).await;
    Box::pin(finish(env, &row, Outcome::Answered(answer))).await?;
    Ok(Delivered::Asked)
}

pub(crate) async fn find(db: &impl ConnectionTrait, tenant: TenantId, id: DeliveryId) -> Result<Option<delivery::Model>> {
    Ok(delivery::Entity::of(tenant).filter(delivery::Column::Id.eq(id)).one(db).await?)
}

/// Saves a delivery whose case is locked.
pub(crate) async fn save(change: &Change<'_>, row: &mut delivery::Model) -> Result<()> {
    row.updated_at = change.now;
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}
