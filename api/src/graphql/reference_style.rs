//! The form in which a creditor's bank reads references.

use async_graphql::Enum;
use domain::letter::aid::{self, KID_DIGITS, kid::Check};

/// The form of the reference that letters ask debtors to quote. A letter on one invoice that has a reference of its own
/// asks for that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PaymentReferenceStyle {
    /// The case number as it is printed elsewhere.
    CaseNumber,
    /// The case number within a creditor reference of ISO 11649, `RF…`.
    CreditorReference,
    /// The case number within a Norwegian KID whose check digit is made by MOD10.
    KidMod10,
    /// The case number within a Norwegian KID whose check digit is made by MOD11.
    KidMod11,
}

impl PaymentReferenceStyle {
    /// The domain's style; a KID of this length.
    pub fn with_length(self, kid_length: Option<i32>) -> aid::ReferenceStyle {
        // A length that no KID has stays one.
        let length = kid_length.map_or(KID_DIGITS, |length| u8::try_from(length).unwrap_or(u8::MAX));
        match self {
            Self::CaseNumber => aid::ReferenceStyle::CaseNumber,
            Self::CreditorReference => aid::ReferenceStyle::CreditorReference,
            Self::KidMod10 => aid::ReferenceStyle::Kid { length, check: Check::Mod10 },
            Self::KidMod11 => aid::ReferenceStyle::Kid { length, check: Check::Mod11 },
        }
    }

    /// The style with the length of a KID.
    pub fn of(style: aid::ReferenceStyle) -> (Self, Option<i32>) {
        match style {
            aid::ReferenceStyle::CaseNumber => (Self::CaseNumber, None),
            aid::ReferenceStyle::CreditorReference => (Self::CreditorReference, None),
            aid::ReferenceStyle::Kid { length, check: Check::Mod10 } => (Self::KidMod10, Some(length.into())),
            aid::ReferenceStyle::Kid { length, check: Check::Mod11 } => (Self::KidMod11, Some(length.into())),
        }
    }
}
