//! Planning: one row per channel of a letter, due at the next opening.

use chrono::{DateTime, Utc};
use entity::{Channel, DeliveryId, DeliveryStatus, debtor, delivery, letter};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{Home, Unusable, contact, segments};
use crate::{
    change::Change,
    error::Result,
    letter::{LetterFacts, sms},
    port::Work,
};

/// Plans the deliveries of a letter from now on and enqueues them; answers how many.
pub(crate) async fn plan(
    change: &mut Change<'_>,
    letter: &letter::Model,
    debtor: &debtor::Model,
    home: &Home,
    unusable: &Unusable,
) -> Result<usize> {
    let mut planned = 0;
    let channels: Vec<Channel> = serde_json::from_value(letter.channels.clone())?;
    for channel in channels {
        let address = contact::contact(channel, debtor, home).filter(|address| unusable.of(channel, address).is_none());
        let Some(address) = address else { continue };
        add(change, letter, debtor, channel, address, change.now).await?;
        planned += 1;
    }
    Ok(planned)
}

/// Plans one delivery.
pub(super) async fn add(
    change: &mut Change<'_>,
    letter: &letter::Model,
    debtor: &debtor::Model,
    channel: Channel,
    recipient: String,
    at: DateTime<Utc>,
) -> Result<DeliveryId> {
    let id: DeliveryId = change.env.new_id();
    let row = delivery::Model {
        tenant_id: change.tenant,
        id,
        letter_id: letter.id,
        case_id: letter.case_id,
        channel,
        recipient,
        status: DeliveryStatus::Scheduled,
        attempts: 0,
        next_attempt_at: Some(at),
        sending_since: None,
        // Kept: it is the same on every attempt, wherever mails come from by then.
        message_id: change.env.outside.message_id(id),
        provider_id: None,
        error_code: None,
        error_message: None,
        debtor_id: Some(debtor.id),
        delivered_at: None,
        provider_status: None,
        sms_segments: if channel == Channel::Sms { parts(letter)? } else { None },
        receipt: None,
        sent_at: None,
        created_at: change.now,
        updated_at: change.now,
    };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    change.enqueue(Work::Deliver { tenant: change.tenant, delivery: id });
    Ok(id)
}

/// Parts that the letter's short message is sent in; none when it cannot be written, which the hand-over will say.
fn parts(letter: &letter::Model) -> Result<Option<i32>> {
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    Ok(sms(&facts.for_message(letter)?).ok().and_then(|text| i32::try_from(segments::measure(&text).segments).ok()))
}
