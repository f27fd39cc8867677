//! Cells that hold one of a few words, in English and German.

use domain::port::InvoiceState;
use entity::{DebtorKind, PaymentKind};

/// Yes or no.
pub(super) fn flag(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "ja" | "j" | "wahr" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "nein" | "falsch" | "-" => Some(false),
        _ => None,
    }
}

/// Private person or business.
pub(super) fn debtor_kind(cell: &str) -> Option<DebtorKind> {
    match cell.to_lowercase().as_str() {
        "person" | "private" | "private person" | "individual" | "consumer" | "b2c" | "privat" | "privatperson" | "verbraucher" => {
            Some(DebtorKind::Consumer)
        }
        "business" | "company" | "organisation" | "organization" | "b2b" | "firma" | "unternehmen" | "geschäftlich" | "gewerblich" => {
            Some(DebtorKind::Business)
        }
        _ => None,
    }
}

/// Money or credit note.
pub(super) fn payment_kind(cell: &str) -> Option<PaymentKind> {
    match cell.to_lowercase().as_str() {
        "payment" | "zahlung" | "zahlungseingang" => Some(PaymentKind::Payment),
        "credit note" | "credit_note" | "creditnote" | "credit" | "gutschrift" => Some(PaymentKind::CreditNote),
        _ => None,
    }
}

/// The states in which an invoice exists in the books; drafts and unknown words are none of them.
pub(super) fn invoice_state(cell: &str) -> Option<InvoiceState> {
    match cell.to_lowercase().as_str() {
        "approved" | "authorised" | "authorized" | "open" | "sent" | "issued" | "overdue" | "unpaid" | "partially paid" | "paid"
        | "offen" | "versendet" | "gebucht" | "überfällig" | "fällig" | "teilbezahlt" | "bezahlt" => Some(InvoiceState::Approved),
        "void" | "voided" | "cancelled" | "canceled" | "deleted" | "storniert" | "gelöscht" => Some(InvoiceState::Voided),
        "written off" | "written_off" | "write-off" | "writeoff" | "ausgebucht" | "abgeschrieben" => Some(InvoiceState::WrittenOff),
        _ => None,
    }
}

/// A language tag: `en`, `de-CH`, or the language's name.
pub(super) fn language(cell: &str) -> Option<String> {
    let is_tag = cell.split(['-', '_']).enumerate().all(|(index, part)| {
        let longest = if index == 0 { 3 } else { 8 };
        (if index == 0 { 2 } else { 1 }..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    match cell.to_lowercase().as_str() {
        "english" | "englisch" => Some("en".into()),
        "german" | "deutsch" => Some("de".into()),
        "norwegian" | "norsk" | "norwegisch" | "bokmål" | "norsk bokmål" => Some("nb".into()),
        _ if is_tag && cell.len() <= 35 => Some(cell.replace('_', "-")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_the_same_in_both_languages_and_any_case() {
        assert_eq!([flag("Ja"), flag("TRUE"), flag("0"), flag("maybe")], [Some(true), Some(true), Some(false), None]);
        assert_eq!(debtor_kind("Privatperson"), Some(DebtorKind::Consumer));
        assert_eq!(payment_kind("Gutschrift"), Some(PaymentKind::CreditNote));
        assert_eq!(invoice_state("Storniert"), Some(InvoiceState::Voided));
        assert_eq!(language("de_CH").as_deref(), Some("de-CH"));
        assert_eq!(language("Norsk").as_deref(), Some("nb"));
        assert_eq!(language("Deutsch").as_deref(), Some("de"));
    }

    #[test]
    fn unknown_words_are_not_guessed() {
        assert_eq!(invoice_state("draft"), None);
        assert_eq!(payment_kind("refund"), None);
        assert_eq!(debtor_kind("alien"), None);
        for odd in ["x", "toolong", "en;drop", "", "e n"] {
            assert_eq!(language(odd), None, "{odd}");
        }
    }
}
