//! Letters' texts are data: what is said, in pieces that name when they are said, with placeholders from a closed list.
//! No code runs from a text, and what is put in for a placeholder is never looked at again.
//!
//! The product's own texts stand in `letter/templates/<revision>/<language>.toml` ([`revision`]). A revision never
//! changes, because issued letters are drawn again from their facts: another word means another revision, which tells
//! only what differs. A tenant's own texts are rows that never change either ([`save`], [`archive`]); a letter keeps a
//! copy of the one that it was issued with.
//!
//! Sums, deadline, account, contact and what a law demands are not part of any text: they come from the letter's facts
//! and cannot be left out. What a law forbids a letter to say is looked for by its words ([`unsaid`]).

mod archive;
mod check;
mod choose;
mod own;
mod piece;
mod placeholder;
mod preview;
mod revision;
mod sample;
mod save;
mod test_send;
mod unsaid;

pub use archive::archive;
pub use check::{MAX_PARAGRAPH_CHARS, MAX_PARAGRAPHS, MAX_SMS_PARTS, MAX_SUBJECT_CHARS, sms_parts};
pub(crate) use choose::choose;
pub use choose::{Shipped, shipped};
pub use own::{OwnText, OwnWording, text_of};
pub use piece::{Piece, When};
pub(super) use piece::{pieces_to_line, pieces_to_paragraphs};
pub use placeholder::{Part, Placeholder, TemplateError, allowed};
pub(super) use placeholder::{fill, fill_with};
pub use preview::{Preview, Wanted, draw, preview};
pub use revision::TEXT_REVISION;
pub(super) use revision::{Labels, LanguageText, LetterText, StatementTexts, language_text, letter_text};
pub use save::{MAX_TEMPLATES, NewTemplate, save};
pub use test_send::{MAX_TESTS, TestSent, test_send};
pub use unsaid::Unsaid;
