//! Ids as clients see them: `case_` and 26 characters. The characters are the UUID in Crockford's base 32, lower case,
//! and there is exactly one spelling of each id: nothing else is read, so two spellings never name one object.
//!
//! What an id means is looked up under the viewer's tenant; an unknown id and a neighbour's answer alike.

use async_graphql::ID;
use domain::{Refusal, RefusalCode};
use entity::{
    AgencyExportId, AgencyId, AuthorizationId, CaseId, ChargeId, ChargePaymentId, DebtorId, DeliveryId, HandoverId, IntegrationId,
    InvoiceId, LetterId, PaymentId, PolicyId, PrintBatchId, SuppressionId, SyncIssueId, SyncRunId, TemplateId, TenantId, UploadId, UserId,
    WorkTaskId,
};
use uuid::Uuid;

use super::error::bad_input;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters after the prefix: 26 × 5 bits hold 128 bits and two that are always zero.
const LENGTH: usize = 26;

/// Most ids that one argument names.
pub const MAX_IDS: usize = 500;

/// An id that has a spelling outside.
pub trait GlobalId: Copy {
    /// What stands before the underscore.
    const PREFIX: &'static str;

    /// The id as a number.
    fn number(self) -> u128;

    /// The id of a number, when there can be one.
    fn of_number(number: u128) -> Option<Self>;
}

macro_rules! global_ids {
    ($($name:ident => $prefix:literal),+ $(,)?) => {$(
        impl GlobalId for $name {
            const PREFIX: &'static str = $prefix;

            fn number(self) -> u128 {
                self.0.as_u128()
            }

            fn of_number(number: u128) -> Option<Self> {
                Some(Self(Uuid::from_u128(number)))
            }
        }
    )+};
}

global_ids! {
    TenantId => "tenant",
    UserId => "user",
    IntegrationId => "int",
    SyncRunId => "run",
    SyncIssueId => "iss",
    UploadId => "upl",
    DebtorId => "deb",
    InvoiceId => "inv",
    PaymentId => "pay",
    PolicyId => "pol",
    CaseId => "case",
    WorkTaskId => "tsk",
    LetterId => "let",
    DeliveryId => "dlv",
    SuppressionId => "sup",
    AuthorizationId => "aut",
    AgencyId => "agn",
    HandoverId => "hov",
    AgencyExportId => "exp",
    ChargeId => "chg",
    ChargePaymentId => "cpy",
    PrintBatchId => "prn",
    TemplateId => "tpl",
}

/// The place of an event in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventSequence(pub i64);

impl GlobalId for EventSequence {
    const PREFIX: &'static str = "evt";

    fn number(self) -> u128 {
        u128::try_from(self.0).unwrap_or(0)
    }

    fn of_number(number: u128) -> Option<Self> {
        i64::try_from(number).ok().map(Self)
    }
}

/// The spelling of an id.
pub fn encode<T: GlobalId>(id: T) -> ID {
    let number = id.number();
    let digits = (0..LENGTH).rev().map(|place| {
        let index = usize::try_from((number >> (5 * place)) & 31).unwrap_or(0);
        char::from(ALPHABET[index])
    });
    let text: String = T::PREFIX.chars().chain(['_']).chain(digits).collect();
    ID(text)
}

/// Reads the one spelling of an id; none for any other text.
pub fn decode<T: GlobalId>(text: &str) -> Option<T> {
    let digits = text.strip_prefix(T::PREFIX)?.strip_prefix('_')?.as_bytes();
    // The first digit holds three bits: a larger one would be cut off silently.
    if digits.len() != LENGTH || digits[0] > b'7' {
        return None;
    }
    let mut number: u128 = 0;
    for digit in digits {
        let value = ALPHABET.iter().position(|known| known == digit)?;
        number = number << 5 | value as u128;
    }
    T::of_number(number)
}

/// The prefix of an id of any type; for `node(id:)`.
pub fn prefix(text: &str) -> Option<&str> {
    text.split_once('_').map(|(prefix, _)| prefix)
}

/// Reads an id that a query names.
///
/// # Errors
///
/// `BAD_USER_INPUT` when it is not an id of this type.
pub fn queried<T: GlobalId>(id: &ID, argument: &str) -> async_graphql::Result<T> {
    decode(id).ok_or_else(|| bad_input(&format!("`{argument}` is not an id that starts with {}_", T::PREFIX)))
}

/// Reads an id that a mutation names.
///
/// # Errors
///
/// `INVALID` when it is not an id of this type.
pub fn named<T: GlobalId>(id: &ID, argument: &str) -> Result<T, Refusal> {
    let message = || format!("this is not an id that starts with {}_", T::PREFIX);
    decode(id).ok_or_else(|| Refusal::new(RefusalCode::Invalid, message()).at(argument))
}

/// Reads the ids that a mutation names, at most [`MAX_IDS`].
///
/// # Errors
///
/// `LIMIT_EXCEEDED`; `INVALID` when one is not an id of this type.
pub fn named_all<T: GlobalId>(ids: &[ID], argument: &str) -> Result<Vec<T>, Refusal> {
    if ids.len() > MAX_IDS {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_IDS} ids in one call")).at(argument));
    }
    ids.iter().map(|id| named(id, argument)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn ids_round_trip_and_sort_like_their_uuids() {
        for number in [0, 1, 31, 32, u128::MAX, u128::MAX - 1, 0x0193_4b1c_7a00_7000_8000_0000_0000_0001] {
            let id = CaseId(Uuid::from_u128(number));
            let text = encode(id);
            assert_eq!(text.len(), "case_".len() + LENGTH);
            assert_eq!(decode::<CaseId>(&text), Some(id));
        }
        assert!(*encode(CaseId(Uuid::from_u128(5))) < *encode(CaseId(Uuid::from_u128(6 << 64))));
    }

    #[test]
    fn only_the_one_spelling_is_read() {
        let good = encode(CaseId(Uuid::from_u128(77))).0;
        for bad in [
            format!("{good}0"),
            good[..good.len() - 1].to_owned(),
            good.to_uppercase(),
            good.replace("case_", "let_"),
            good.replace("case_", "case_8").chars().take(31).collect(),
            good.replace('d', "l"),
            format!(" {good}"),
            String::new(),
            "case_".to_owned(),
        ] {
            assert_eq!(decode::<CaseId>(&bad), None, "{bad:?}");
        }
        // 2^128 would need a bit that is not there.
        assert_eq!(decode::<CaseId>("case_80000000000000000000000000"), None);
    }

    #[test]
    fn an_event_is_named_by_its_sequence_only() {
        assert_eq!(decode::<EventSequence>(&encode(EventSequence(12))), Some(EventSequence(12)));
        assert_eq!(decode::<EventSequence>(&encode(CaseId(Uuid::max())).replace("case", "evt")), None);
    }
}
