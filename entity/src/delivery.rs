//! One letter over one channel. The row is the fence against sending twice.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, DebtorId, DeliveryId, LetterId, TenantId};
use crate::kind::{Channel, DeliveryStatus};

/// One letter over one channel. The row is the fence against sending twice.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key; the idempotency key towards providers.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeliveryId,
    /// Which letter.
    pub letter_id: LetterId,
    /// Whose.
    pub case_id: CaseId,
    /// Which way.
    pub channel: Channel,
    /// Address, number, or the postal address in one line.
    pub recipient: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was handed to the provider.
    pub attempts: i32,
    /// The promise: when it is due.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// Machine time of the hand-over under way.
    pub sending_since: Option<DateTimeUtc>,
    /// Message-ID of the e-mail: the delivery's id in the domain that mails came from when it was planned.
    pub message_id: String,
    /// The provider's name for it.
    pub provider_id: Option<String>,
    /// Why it waits or failed.
    pub error_code: Option<String>,
    /// The same for people.
    pub error_message: Option<String>,
    /// When the provider accepted it.
    pub sent_at: Option<DateTimeUtc>,
    /// Who gets it: contacts are counted by debtor.
    pub debtor_id: Option<DebtorId>,
    /// When the provider said that it arrived.
    pub delivered_at: Option<DateTimeUtc>,
    /// The provider's last word on it, as it said it.
    pub provider_status: Option<String>,
    /// Parts that the short message is sent in.
    pub sms_segments: Option<i32>,
    /// What proves the hand-over: the provider's answer.
    pub receipt: Option<Json>,
    /// When it was planned.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();
