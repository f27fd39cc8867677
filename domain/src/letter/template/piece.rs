//! Pieces of a text, and when each is said.

use serde::{Deserialize, Serialize};

use super::{TemplateError, fill};
use crate::letter::{NextStep, wording::Values};

/// When a piece is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The claim is about one invoice.
    OneInvoice,
    /// The claim is about several invoices.
    SeveralInvoices,
    /// An earlier letter of the ladder went out.
    WroteBefore,
    /// Something was paid or credited.
    PartPaid,
    /// The ladder has a further letter.
    NextLetter,
    /// The claim is offered to a collection agency next.
    NextHandover,
    /// Something is open.
    Open,
    /// Nothing is open.
    Settled,
    /// A page goes along with the message.
    WithPage,
    /// Nothing but the message goes out.
    MessageOnly,
}

impl When {
    /// Every condition.
    pub const ALL: [Self; 10] = [
        Self::OneInvoice,
        Self::SeveralInvoices,
        Self::WroteBefore,
        Self::PartPaid,
        Self::NextLetter,
        Self::NextHandover,
        Self::Open,
        Self::Settled,
        Self::WithPage,
        Self::MessageOnly,
    ];

    fn holds(self, values: &Values<'_>) -> bool {
        match self {
            Self::OneInvoice => values.one_invoice,
            Self::SeveralInvoices => !values.one_invoice,
            Self::WroteBefore => values.wrote_before,
            Self::PartPaid => values.part_paid,
            Self::NextLetter => values.next_step == NextStep::Letter,
            Self::NextHandover => values.next_step == NextStep::Handover,
            Self::Open => values.open,
            Self::Settled => !values.open,
            Self::WithPage => !values.message_only,
            Self::MessageOnly => values.message_only,
        }
    }
}

/// A sentence or a few, said always or under a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// The words, with placeholders such as `{creditor}`; a brace of its own is written twice.
    pub text: String,
    /// When it is said; always when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// It goes on the paragraph before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
}

fn said<'a>(pieces: &'a [Piece], values: &'a Values<'_>) -> impl Iterator<Item = (&'a Piece, Result<String, TemplateError>)> {
    let said = pieces.iter().filter(|piece| piece.when.is_none_or(|when| when.holds(values)));
    said.map(|piece| (piece, fill(&piece.text, values)))
}

/// What is said, as paragraphs.
///
/// # Errors
/// A placeholder that is not there.
pub fn pieces_to_paragraphs(pieces: &[Piece], values: &Values<'_>) -> Result<Vec<String>, TemplateError> {
    let mut paragraphs: Vec<String> = Vec::new();
    for (piece, text) in said(pieces, values) {
        match paragraphs.last_mut() {
            Some(paragraph) if piece.continues => {
                paragraph.push(' ');
                paragraph.push_str(&text?);
            }
            _ => paragraphs.push(text?),
        }
    }
    Ok(paragraphs)
}

/// What is said, as one line.
///
/// # Errors
/// A placeholder that is not there.
pub fn pieces_to_line(pieces: &[Piece], values: &Values<'_>) -> Result<String, TemplateError> {
    Ok(said(pieces, values).map(|(_, text)| text).collect::<Result<Vec<_>, _>>()?.join(" "))
}
