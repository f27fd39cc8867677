//! Which reference a debtor is asked to quote.

use serde::{Deserialize, Serialize};

use super::{kid, rf};
use crate::case::{number_of, reference};

/// Characters of a KID when the creditor agreed no other length with the bank.
pub const KID_DIGITS: u8 = 10;

/// The form in which the creditor's bank reads references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "style")]
pub enum ReferenceStyle {
    /// The case number as it is printed elsewhere: `D001042`.
    #[default]
    CaseNumber,
    /// The case number within a creditor reference of ISO 11649: `RF..D001042`.
    CreditorReference,
    /// The case number, filled up with zeros, within a Norwegian KID.
    Kid {
        /// Characters with the check digit, as agreed with the bank.
        length: u8,
        /// How the check digit is made, as agreed with the bank.
        check: kid::Check,
    },
}

/// The reference that a letter asks for. A letter on one invoice that has a reference of its own asks for that one: the
/// books know it already. Otherwise it is the case number, in the form that the bank reads; the plain number where it does
/// not fit that form.
pub fn quoted(case_number: i64, style: ReferenceStyle, only_invoice: Option<&str>) -> String {
    if let Some(own) = only_invoice.map(str::trim).filter(|own| !own.is_empty()) {
        return own.to_owned();
    }
    let plain = reference(case_number);
    let formed = match style {
        ReferenceStyle::CaseNumber => None,
        ReferenceStyle::CreditorReference => rf::reference(&plain),
        ReferenceStyle::Kid { length, check } => u64::try_from(case_number).ok().and_then(|number| kid::of(number, length.into(), check)),
    };
    formed.unwrap_or(plain)
}

/// What a payment's reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The case of this number.
    Case(i64),
    /// It has the form of a structured reference, and its check digits do not fit: it was copied wrongly.
    BadCheckDigits,
    /// Nothing that [`quoted`] writes.
    Nothing,
}

/// Reads back what [`quoted`] wrote, with or without blanks. A creditor reference and the plain number are known in
/// every style, because letters of an earlier one are still paid; a KID has no mark of its own and is one only where the
/// style says so.
pub fn named(reference: &str, style: ReferenceStyle) -> Named {
    let spelled: String = reference.split_whitespace().collect::<String>().to_ascii_uppercase();
    if rf::looks_like_one(&spelled) {
        let Some(good) = rf::verified(&spelled) else { return Named::BadCheckDigits };
        return good.get(4..).and_then(numbered).map_or(Named::Nothing, Named::Case);
    }
    match style {
        ReferenceStyle::Kid { length, check } if kid::looks_like_one(&spelled, length.into()) => {
            let Some(good) = kid::verified(&spelled, length.into(), check) else { return Named::BadCheckDigits };
            good.get(..good.len() - 1).and_then(|number| number.parse().ok()).map_or(Named::Nothing, Named::Case)
        }
        _ => numbered(&spelled).map_or(Named::Nothing, Named::Case),
    }
}

/// The number in a case's plain reference; a bare number is none.
fn numbered(reference: &str) -> Option<i64> {
    reference.starts_with('D').then(|| number_of(reference)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KID: ReferenceStyle = ReferenceStyle::Kid { length: KID_DIGITS, check: kid::Check::Mod10 };

    #[test]
    fn an_invoices_own_reference_comes_first_then_the_banks_form_then_the_plain_number() {
        assert_eq!(quoted(1042, KID, Some(" 2345676 ")), "2345676");
        assert_eq!(quoted(1042, KID, Some(" ")), "0000010421");
        assert_eq!(quoted(1042, ReferenceStyle::CaseNumber, None), reference(1042));
        assert_eq!(quoted(1042, ReferenceStyle::Kid { length: 4, check: kid::Check::Mod10 }, None), reference(1042));
        assert!(quoted(1042, ReferenceStyle::CreditorReference, None).starts_with("RF"));
    }

    #[test]
    fn what_was_quoted_leads_back_to_the_case_however_it_is_spelled() {
        for style in [KID, ReferenceStyle::CreditorReference, ReferenceStyle::Kid { length: 9, check: kid::Check::Mod11 }] {
            for number in [1, 7, 1042, 99_999] {
                let whole = quoted(number, style, None);
                let (front, back) = whole.split_at(4);
                assert_eq!(named(&whole, style), Named::Case(number), "{style:?}");
                assert_eq!(named(&format!(" {front} {} ", back.to_lowercase()), style), Named::Case(number), "{style:?}");
            }
            // Letters of an earlier style are still paid.
            assert_eq!(named("D001042", style), Named::Case(1042));
            assert_eq!(named(&quoted(1042, ReferenceStyle::CreditorReference, None), style), Named::Case(1042));
        }
    }

    #[test]
    fn a_digit_that_was_copied_wrongly_is_told_and_what_is_none_of_ours_is_not() {
        for (text, style, expected) in [
            ("0000010422", KID, Named::BadCheckDigits),
            ("000001042-", KID, Named::BadCheckDigits),
            ("RF19D001042", KID, Named::BadCheckDigits),
            ("RF18 5390 0754 7034", KID, Named::Nothing),
            ("RF Elektro", KID, Named::Nothing),
            ("00000104", KID, Named::Nothing),
            ("0000010421", ReferenceStyle::CaseNumber, Named::Nothing),
            ("1042", ReferenceStyle::CaseNumber, Named::Nothing),
            ("Rent for May", KID, Named::Nothing),
            ("", KID, Named::Nothing),
            ("é", KID, Named::Nothing),
        ] {
            assert_eq!(named(text, style), expected, "{text}");
        }
    }

    #[test]
    fn styles_are_stored_by_name() {
        let stored = serde_json::to_value(KID).unwrap();
        assert_eq!(stored, serde_json::json!({ "style": "kid", "length": 10, "check": "mod10" }));
        assert_eq!(serde_json::from_value::<ReferenceStyle>(stored).unwrap(), KID);
    }
}
