//! Exactly what would leave when a letter gets its yes: to whom, by which channel, in which words.

use entity::{CaseId, Channel, LetterStatus, Scoped, collection_case, debtor, delivery, letter};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};

use super::super::{LetterFacts, compose, mail, sms};
use crate::{
    delivery::{Home, SmsSize, contact, measure, unusable},
    digest::hex,
    error::{Error, Refusal, RefusalCode, Result},
};

/// What would leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The ways by which it goes, each with the address, the number, or the postal address in one line.
    pub recipients: Vec<(Channel, String)>,
    /// Subject of the e-mail.
    pub subject: String,
    /// The e-mail as plain text.
    pub text: String,
    /// The short message, and how long it is, when it goes by one.
    pub sms: Option<(String, SmsSize)>,
    /// Digest of all that a person sees here: a yes that names it is given to nothing else.
    pub seen: String,
}

/// What would leave of a letter, or of the one that speaks for it; of one that was decided on, what left or leaves.
///
/// # Errors
///
/// `INVALID` when its words cannot be put together.
pub async fn preview(db: &impl ConnectionTrait, letter: &letter::Model) -> Result<Preview> {
    let lead = match letter.lead_id {
        Some(lead) => Some(super::find_row(db, letter.tenant_id, lead).await?),
        None => None,
    };
    let letter = lead.as_ref().unwrap_or(letter);
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    let broken = |error: super::super::ComposeError| Refusal::new(RefusalCode::Invalid, error.to_string());
    let mail = mail(&compose(&facts).map_err(broken)?);
    let recipients = recipients(db, letter).await?;
    let by_sms = recipients.iter().any(|(channel, _)| *channel == Channel::Sms);
    let sms = if by_sms { Some(sms(&facts.for_message(letter)?).map_err(broken)?) } else { None };
    let seen = digest(&serde_json::to_vec(&(letter.id, &letter.facts, &recipients))?);
    Ok(Preview { subject: mail.subject, text: mail.text, sms: sms.map(|text| (text.clone(), measure(&text))), recipients, seen })
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

/// Planned ones as they stand; before they are planned, those that planning would make.
async fn recipients(db: &impl ConnectionTrait, letter: &letter::Model) -> Result<Vec<(Channel, String)>> {
    if letter.status != LetterStatus::AwaitingConsent {
        let rows = delivery::Entity::of(letter.tenant_id).filter(delivery::Column::LetterId.eq(letter.id));
        let rows = rows.order_by_asc(delivery::Column::Id).all(db).await?;
        return Ok(rows.into_iter().map(|row| (row.channel, row.recipient)).collect());
    }
    let tenant = crate::tenant::find(db, letter.tenant_id).await?;
    let home = Home::of(&tenant)?;
    let debtor = debtor_of(db, letter.tenant_id, letter.case_id).await?;
    let unusable = unusable(db, letter.tenant_id, &debtor, &home).await?;
    let channels: Vec<Channel> = serde_json::from_value(letter.channels.clone())?;
    let address = |channel: Channel| contact(channel, &debtor, &home).filter(|address| unusable.of(channel, address).is_none());
    Ok(channels.into_iter().filter_map(|channel| Some((channel, address(channel)?))).collect())
}

async fn debtor_of(db: &impl ConnectionTrait, tenant: entity::TenantId, case: CaseId) -> Result<debtor::Model> {
    let gone = || Error::Bug(format!("case {case} without its debtor"));
    let case = collection_case::Entity::of(tenant).filter(collection_case::Column::Id.eq(case)).one(db).await?.ok_or_else(gone)?;
    debtor::Entity::of(tenant).filter(debtor::Column::Id.eq(case.debtor_id)).one(db).await?.ok_or_else(gone)
}
