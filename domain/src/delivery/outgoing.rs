//! What leaves the building, from the frozen letter.

use std::time::Duration;

use entity::{Channel, debtor, delivery, letter};

use crate::{
    error::{Error, Result},
    escalation::Gathered,
    letter::{Document, LetterFacts, Recipient, compose, mail, recipient_of, sms},
    port::{Outgoing, Postal, PostalParts},
};

/// How long after the beginning a hand-over may still start; well before the lease of a hand-over ends.
pub(super) const VALID_FOR: Duration = Duration::from_mins(1);

/// Builds it.
pub(super) fn build(letter: &letter::Model, row: &delivery::Model, gathered: &Gathered, document: Document) -> Result<Outgoing> {
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    let broken = |e: crate::letter::ComposeError| Error::Bug(format!("letter {} was drawn and cannot be composed: {e}", letter.id));
    let text = compose(&facts).map_err(broken)?;
    let mail = mail(&text);
    // A message has no page.
    let page = (!letter.message_only).then_some((document.file_name, document.pdf));
    let (body, html, pdf) = match row.channel {
        Channel::Email => (mail.text, Some(mail.html), page),
        Channel::Sms => (sms(&facts.clone().for_message(letter)?).map_err(broken)?, None, None),
        Channel::Post => (mail.text, None, page),
    };
    Ok(Outgoing {
        tenant: row.tenant_id,
        delivery: row.id,
        letter: letter.id,
        channel: row.channel,
        recipient: row.recipient.clone(),
        postal: (row.channel == Channel::Post).then(|| postal(&facts.debtor, &gathered.debtor, &gathered.tenant.country)),
        recipient_name: facts.debtor.name,
        sender_name: facts.creditor.name,
        reply_to: facts.creditor.email,
        message_id: row.message_id.clone(),
        subject: mail.subject,
        text: body,
        html,
        pdf,
        language: letter.language.clone(),
        unsubscribe_url: None,
        valid_for: VALID_FOR,
    })
}

/// The frozen address; its parts only while the record still writes it like this, so that no envelope contradicts its
/// letter.
fn postal(frozen: &Recipient, debtor: &debtor::Model, tenant_country: &str) -> Postal {
    let text = |field: &Option<String>| field.clone().filter(|text| !text.trim().is_empty());
    let same = recipient_of(debtor, tenant_country).address_lines == frozen.address_lines;
    let parts = text(&debtor.line1).zip(text(&debtor.city)).filter(|_| same).map(|(line1, city)| PostalParts {
        line1,
        line2: text(&debtor.line2),
        postal_code: text(&debtor.postal_code),
        city,
        region: text(&debtor.region),
    });
    Postal { name: frozen.name.clone(), country: frozen.country.clone(), parts }
}
