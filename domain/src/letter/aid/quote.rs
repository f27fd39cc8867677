//! Which reference a debtor is asked to quote.

use serde::{Deserialize, Serialize};

use super::{kid, rf};
use crate::case::reference;

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

/// The case that a payment's reference names in the creditor's form; none when it names none. The plain number is not
/// looked for here.
pub fn case_number(quoted: &str, style: ReferenceStyle) -> Option<i64> {
    match style {
        ReferenceStyle::CaseNumber => None,
        ReferenceStyle::CreditorReference => rf::verified(quoted)?.get(4..)?.strip_prefix('D')?.parse().ok(),
        ReferenceStyle::Kid { length, check } => {
            let spelled = kid::verified(quoted, length.into(), check)?;
            spelled.get(..spelled.len() - 1)?.parse().ok()
        }
    }
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
    fn what_was_quoted_leads_back_to_the_case() {
        for style in [KID, ReferenceStyle::CreditorReference, ReferenceStyle::Kid { length: 9, check: kid::Check::Mod11 }] {
            for number in [1, 7, 1042, 99_999] {
                assert_eq!(case_number(&quoted(number, style, None), style), Some(number), "{style:?}");
            }
            assert_eq!(case_number("D001042", style), None);
            assert_eq!(case_number("", style), None);
        }
    }

    #[test]
    fn styles_are_stored_by_name() {
        let stored = serde_json::to_value(KID).unwrap();
        assert_eq!(stored, serde_json::json!({ "style": "kid", "length": 10, "check": "mod10" }));
        assert_eq!(serde_json::from_value::<ReferenceStyle>(stored).unwrap(), KID);
    }
}
