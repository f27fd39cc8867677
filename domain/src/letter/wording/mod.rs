//! The words of the letters, one file for each language.
//!
//! Rules for every text here: firm, factual and polite; nothing is announced that the ladder does not do
//! ([`NextStep`]); nothing is called earlier or repeated that was not; the debtor pays into the creditor's own account
//! and asks the creditor. Changing any sentence means a new [`TEXT_REVISION`], because issued letters are drawn again
//! from their facts.

mod de;
mod en;

use super::{ClaimLineKind, Language, LetterKind, NextStep};

/// The revision of all texts in this module; stored with each letter.
pub const TEXT_REVISION: &str = "2026-11";

/// The values that sentences speak of, already formatted.
pub(super) struct Values<'a> {
    pub kind: LetterKind,
    pub next_step: NextStep,
    pub creditor: &'a str,
    pub outstanding: &'a str,
    pub paid: &'a str,
    pub pay_by: &'a str,
    pub reference: &'a str,
    pub payment_reference: &'a str,
    /// Set when the claim is about one invoice.
    pub only_invoice: Option<&'a str>,
    /// Whether an earlier letter of the ladder went out.
    pub wrote_before: bool,
    /// Whether something was already paid or credited.
    pub part_paid: bool,
}

/// Words that stand alone.
pub(super) struct Labels {
    pub date: &'static str,
    pub reference: &'static str,
    pub our_contact: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub item: &'static str,
    pub item_date: &'static str,
    pub due: &'static str,
    pub amount: &'static str,
    pub outstanding: &'static str,
    pub invoice: &'static str,
    pub bank_heading: &'static str,
    pub account_name: &'static str,
    pub account: &'static str,
    pub payment_reference: &'static str,
    pub contact_heading: &'static str,
    pub complimentary_close: &'static str,
    pub registration: &'static str,
    pub attention: &'static str,
    pub page: &'static str,
}

pub(super) const fn labels(language: Language) -> &'static Labels {
    match language {
        Language::En => &en::LABELS,
        Language::De => &de::LABELS,
    }
}

pub(super) const fn kind_name(kind: LetterKind, language: Language) -> &'static str {
    match language {
        Language::En => en::kind_name(kind),
        Language::De => de::kind_name(kind),
    }
}

pub(super) const fn line_name(kind: ClaimLineKind, language: Language) -> &'static str {
    match language {
        Language::En => en::line_name(kind),
        Language::De => de::line_name(kind),
    }
}

pub(super) fn salutation(attention: Option<&str>, language: Language) -> String {
    match language {
        Language::En => en::salutation(attention),
        Language::De => de::salutation(attention),
    }
}

/// What happened: the paragraphs before the table.
pub(super) fn opening(values: &Values<'_>, language: Language) -> Vec<String> {
    match language {
        Language::En => en::opening(values),
        Language::De => de::opening(values),
    }
}

/// The request for payment with amount and deadline.
pub(super) fn demand(values: &Values<'_>, language: Language) -> String {
    match language {
        Language::En => en::demand(values),
        Language::De => de::demand(values),
    }
}

/// What happens next and what the debtor can do: the paragraphs after the bank details.
pub(super) fn closing(values: &Values<'_>, language: Language) -> Vec<String> {
    match language {
        Language::En => en::closing(values),
        Language::De => de::closing(values),
    }
}

/// The whole text message; only characters of the basic SMS alphabet besides what the values bring.
pub(super) fn sms(values: &Values<'_>, contact: &str, language: Language) -> String {
    match language {
        Language::En => en::sms(values, contact),
        Language::De => de::sms(values, contact),
    }
}
