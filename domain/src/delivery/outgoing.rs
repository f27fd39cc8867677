//! What leaves the building, from the frozen letter.

use std::time::Duration;

use entity::{Channel, delivery, letter};

use crate::{
    error::{Error, Result},
    letter::{Document, LetterFacts, compose, mail, sms},
    port::Outgoing,
};

/// How long after the beginning a hand-over may still start; well before the lease of a hand-over ends.
pub(super) const VALID_FOR: Duration = Duration::from_mins(1);

/// Builds it.
pub(super) fn build(letter: &letter::Model, row: &delivery::Model, document: Document) -> Result<Outgoing> {
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    let broken = |e: crate::letter::ComposeError| Error::Bug(format!("letter {} was drawn and cannot be composed: {e}", letter.id));
    let text = compose(&facts).map_err(broken)?;
    let mail = mail(&text);
    let (body, html, pdf) = match row.channel {
        Channel::Email => (mail.text, Some(mail.html), Some((document.file_name, document.pdf))),
        Channel::Sms => (sms(&facts).map_err(broken)?, None, None),
        Channel::Post => (mail.text, None, Some((document.file_name, document.pdf))),
    };
    Ok(Outgoing {
        tenant: row.tenant_id,
        delivery: row.id,
        letter: letter.id,
        channel: row.channel,
        recipient: row.recipient.clone(),
        recipient_name: facts.debtor.name,
        sender_name: facts.creditor.name,
        reply_to: facts.creditor.email,
        message_id: row.message_id.clone(),
        subject: mail.subject,
        text: body,
        html,
        pdf,
        language: letter.language.clone(),
        valid_for: VALID_FOR,
    })
}
