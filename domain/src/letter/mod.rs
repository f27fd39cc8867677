//! Letters: what a letter to a debtor says, from frozen facts to finished text.
//!
//! [`LetterFacts`] are the figures and names kept when a letter is issued. [`compose`] turns them into a
//! [`LetterDocument`]: every sentence, table cell and label in the debtor's language. [`mail()`] and [`sms()`] give the
//! other channels' form of the same content. All of it is pure: no clock, no files, no floats; the same facts always
//! give the same words.
//!
//! Drawing pages does not belong here (crate `letters` does that), nor does deciding who gets which letter when
//! (escalation), nor sending (delivery). A new kind of letter starts in `entity::LetterKind`; a new language in `templates/`, without code.

pub mod aid;
mod amount;
mod check;
mod compose;
#[cfg(test)]
mod compose_examples;
pub(crate) mod country;
mod date;
mod document;
mod facts;
#[cfg(test)]
mod hostile_tests;
mod language;
mod legal;
mod mail;
mod names;
#[cfg(test)]
mod revision_tests;
mod sms;
mod table;
pub mod template;
pub mod text;
mod wording;

pub use amount::{AmountError, format_amount, format_number};
pub use compose::{ComposeError, MAX_ADDRESS_LINES, MAX_CLAIM_LINES, compose};
pub use date::{format_long, format_short};
pub use document::{Block, Demand, Field, LetterDocument, PaymentCode, Row, RowRole, Table};
pub use entity::LetterKind;
pub use facts::{Bank, ClaimLine, ClaimLineKind, Creditor, LetterFacts, Member, NextStep, Recipient};
pub use language::Language;
pub use legal::{Authority, Demanded, LegalDetails, Missing, demanded, required_missing};
pub use mail::{MailText, mail};
pub use sms::{MAX_SMS_CHARS, sms};
pub use template::{OwnText, OwnWording, TEXT_REVISION};

mod life;
pub use life::{
    Consent, Document, Page, Preview, THANK_YOU_STEP, decide_consent, decide_consents_in, decide_seen_in, document, mark_posted, page,
    preview, reissue, send_statement_in,
};
pub(crate) use life::{
    Due, Follower, acknowledge, cancel_unsent, cancel_with_deliveries, cases_of, follow, followers, issue_group, issue_step,
    issue_thank_you, let_go_alone, lock_cases, lock_open, members, own_sum, recipient_of, save_row, step_ran, withdraw_expired, write_anew,
};
pub(crate) use life::{lacking, only_open};
