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

/// Longest address of an invoice's page that is printed; nobody types a longer one.
const MAX_ADDRESS_BYTES: usize = 300;

/// Whether a text is an address that a browser opens safely and that a letter can show: nothing in it but visible ASCII.
pub fn is_web_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphanumeric()));
    host && text.len() <= MAX_ADDRESS_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The label of an invoice's page on the web.
pub(in super::super) fn online_label(language: Language) -> &'static str {
    match language {
        Language::De => "Online bezahlen",
        Language::Nb => "Betal på nett",
        Language::En => "Pay online",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_opens_safely_is_printed() {
        assert!(is_web_address("https://in.xero.com/bCWCCfytGdTXoJam9HENWlQt07G6zcDaj4gQojHu"));
        let long = format!("https://pay.example/{}", "a".repeat(300));
        for bad in [
            "",
            "http://in.xero.com/a",
            "javascript:alert(1)",
            "https://",
            "https:///a",
            "https://in.xero.com/a b",
            "https://in.xero.com/a\nBcc: x",
            "https://in.xero.com/\u{202e}gpj",
            &long,
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
