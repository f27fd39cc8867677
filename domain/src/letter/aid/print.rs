//! What is printed beside the account: the code for banking apps, the invoice's page on the web.

use super::super::{Language, LetterFacts, PaymentCode};
use super::Epc;

/// The letter's payment code; none where the payment has none, or the letter was issued before there were codes.
pub(in super::super) fn code(facts: &LetterFacts) -> Option<PaymentCode> {
    if !facts.bank.code || !facts.kind.demands_payment() {
        return None;
    }
    let payment = Epc {
        name: &facts.bank.account_name,
        iban: facts.bank.iban.as_deref()?,
        bic: facts.bank.bic.as_deref(),
        currency: &facts.currency,
        amount_minor: facts.outstanding_minor,
        reference: &facts.bank.payment_reference,
    };
    payment.payload().ok().map(|payload| named(payload, facts.language))
}

/// The code with its words: how such a code is called in the language, and what it is, for who cannot see it.
fn named(payload: String, language: Language) -> PaymentCode {
    let (caption, alt) = match language {
        Language::De => ("GiroCode", "GiroCode: QR-Code mit Konto, Betrag und Verwendungszweck für die Überweisung"),
        Language::Nb => ("QR-kode for betaling", "QR-kode med konto, beløp og referanse for betalingen"),
        Language::En => ("Scan to pay", "QR code with account, amount and reference of the bank transfer"),
    };
    PaymentCode { payload, caption: caption.to_owned(), alt: alt.to_owned() }
}

/// The label of an invoice's page on the web.
pub(in super::super) fn online_label(language: Language) -> &'static str {
    match language {
        Language::De => "Online bezahlen",
        Language::Nb => "Betal på nett",
        Language::En => "Pay online",
    }
}
