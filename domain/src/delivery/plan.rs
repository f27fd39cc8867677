//! Planning: one row per channel of a letter, due at the next opening.

use chrono::{DateTime, Utc};
use entity::{Channel, DeliveryId, DeliveryStatus, debtor, delivery, letter};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::contact;
use crate::{change::Change, error::Result, letter::recipient_of, port::Work};

/// Plans the deliveries of a letter and enqueues them; answers how many.
pub(crate) async fn plan(
    change: &mut Change<'_>,
    letter: &letter::Model,
    debtor: &debtor::Model,
    tenant_country: &str,
    at: DateTime<Utc>,
) -> Result<usize> {
    let mut planned = 0;
    let channels: Vec<Channel> = serde_json::from_value(letter.channels.clone())?;
    for channel in channels {
        let Some(recipient) = recipient(channel, debtor, tenant_country) else { continue };
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
            message_id: format!("<{}@dunwell>", id.0.simple()),
            provider_id: None,
            error_code: None,
            error_message: None,
            debtor_id: Some(debtor.id),
            delivered_at: None,
            provider_status: None,
            sms_segments: None,
            receipt: None,
            sent_at: None,
            created_at: change.now,
            updated_at: change.now,
        };
        row.into_active_model().reset_all().insert(&change.tx).await?;
        change.enqueue(Work::Deliver { tenant: change.tenant, delivery: id });
        planned += 1;
    }
    Ok(planned)
}

/// Where the letter goes by this channel; none when the debtor cannot be reached by it any more.
fn recipient(channel: Channel, debtor: &debtor::Model, tenant_country: &str) -> Option<String> {
    match channel {
        Channel::Email => debtor.email.clone().filter(|address| contact::email_usable(address)),
        Channel::Sms => {
            debtor.phone.as_deref().and_then(|phone| contact::phone_usable(phone, debtor.country.as_deref(), tenant_country).ok())
        }
        Channel::Post => contact::address_usable(debtor).then(|| {
            let window = recipient_of(debtor, tenant_country);
            std::iter::once(window.name).chain(window.address_lines).chain([window.country]).collect::<Vec<_>>().join(", ")
        }),
    }
}
