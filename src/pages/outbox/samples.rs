//! Made-up messages for the tests of the page, with what a hostile debtor would call himself.

use adapters::delivery::OutboxMessage;
use chrono::{DateTime, Duration, TimeZone, Utc};
use entity::{CaseGrouping, Channel, ConsentMode, DeliveryId, LetterId, LetterKind, TenantId, tenant};
use serde_json::json;
use uuid::Uuid;

use super::reader::{Known, OutboxReader, ReadError, Shown};

/// Messages in memory.
pub struct Samples {
    pub tenants: Vec<tenant::Model>,
    /// Oldest first.
    pub shown: Vec<Shown>,
}

pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap()
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub fn tenant(number: u128, name: &str, zone: &str) -> tenant::Model {
    tenant::Model {
        id: TenantId(id(number)),
        name: name.into(),
        legal_name: None,
        registration_number: None,
        country: "NZ".into(),
        time_zone: zone.into(),
        language: "en".into(),
        currency: "NZD".into(),
        email: "accounts@example.nz".into(),
        phone: None,
        address_lines: json!([]),
        bank: json!({}),
        automatic_actions: true,
        consent_mode: ConsentMode::Automatic,
        case_grouping: CaseGrouping::PerInvoice,
        contact_windows: json!([]),
        part_payment_delay_days: 7,
        consent_days: 14,
        skip_holidays: true,
        contact_gap_days: 0,
        contacts_per_week: None,
        contacts_per_month: None,
        group_letters: true,
        charges: serde_json::json!({}),
        legal: serde_json::json!({}),
        sms_countries: serde_json::json!([]),
        default_policy_id: None,
        next_case_number: 1,
        version: 1,
        created_at: start(),
        updated_at: start(),
    }
}

pub fn message(number: u128, tenant: &tenant::Model, channel: Channel, to: &str) -> Shown {
    let message = OutboxMessage {
        tenant: tenant.id,
        delivery: DeliveryId(id(number)),
        letter: LetterId(id(number)),
        channel,
        recipient: "mere@example.nz".into(),
        recipient_name: to.into(),
        sender_name: tenant.name.clone(),
        reply_to: tenant.email.clone(),
        message_id: format!("<{number}@example.nz>"),
        subject: format!("Invoice INV-{number} is overdue"),
        text: format!("Dear {to}\n\nPlease pay invoice INV-{number}."),
        html: (channel == Channel::Email).then(|| "<p>Please pay.</p><script>alert(1)</script>".into()),
        pdf: (channel != Channel::Sms).then(|| "letter.pdf".into()),
        language: "en".into(),
    };
    let sent_at = start() + Duration::hours(i64::try_from(number).unwrap());
    let known = Known { sent_at: Some(sent_at), case: format!("D{number:06}"), kind: LetterKind::LetterOfDemand };
    Shown { message, known: Some(known) }
}

#[async_trait::async_trait]
impl OutboxReader for Samples {
    async fn tenants(&self) -> Result<Vec<tenant::Model>, ReadError> {
        Ok(self.tenants.clone())
    }

    async fn list(&self, tenant: Option<TenantId>, before: Option<DeliveryId>, limit: usize) -> Result<Vec<Shown>, ReadError> {
        let wanted =
            |shown: &&Shown| tenant.is_none_or(|id| shown.message.tenant == id) && before.is_none_or(|id| shown.message.delivery < id);
        Ok(self.shown.iter().rev().filter(wanted).take(limit).cloned().collect())
    }

    async fn message(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<OutboxMessage>, ReadError> {
        let mut all = self.shown.iter().map(|shown| &shown.message);
        Ok(all.find(|message| message.tenant == tenant && message.delivery == delivery).cloned())
    }

    async fn pdf(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.message(tenant, delivery).await?.and_then(|message| message.pdf).map(|_| b"%PDF-1.7".to_vec()))
    }

    fn now(&self) -> DateTime<Utc> {
        start()
    }
}
