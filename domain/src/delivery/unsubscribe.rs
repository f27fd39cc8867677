//! Who ends e-mails by the link in one of them (RFC 8058) ends them to that address. The claim stands: letters go on by
//! the other ways, and the page says so.

use entity::{Channel, DeliveryId, Scoped, SuppressionReason, letter};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    suppress::{self, Lesson},
    told,
};
use crate::{actor::Actor, change::Change, env::Env, error::Result, port::receipt::NewsOf};

/// The language of the letter that brought the link; none when there is no such e-mail.
///
/// # Errors
///
/// When the database refuses.
pub async fn unsubscribe_language(env: &Env, id: DeliveryId) -> Result<Option<String>> {
    let Some(row) = e_mail(env, id).await? else { return Ok(None) };
    let letter = letter::Entity::of(row.tenant_id).filter(letter::Column::Id.eq(row.letter_id)).one(&env.db).await?;
    Ok(letter.map(|letter| letter.language))
}

/// Ends e-mails to the address of an e-mail whose link was opened; again and for unknown ones it does nothing.
///
/// # Errors
///
/// When the database refuses.
pub async fn unsubscribe(env: &Env, id: DeliveryId) -> Result<()> {
    let Some(row) = e_mail(env, id).await? else { return Ok(()) };
    let mut change = Change::begin(env, row.tenant_id, Actor::Provider).await?;
    let lesson = Lesson {
        channel: Channel::Email,
        address: &row.recipient,
        reason: SuppressionReason::Unsubscribed,
        detail: None,
        debtor: row.debtor_id,
        delivery: Some(row.id),
    };
    suppress::suppress(&mut change, &lesson).await?;
    change.commit().await
}

async fn e_mail(env: &Env, id: DeliveryId) -> Result<Option<entity::delivery::Model>> {
    Ok(told::locate(env, &NewsOf::Delivery(id)).await?.filter(|row| row.channel == Channel::Email))
}
