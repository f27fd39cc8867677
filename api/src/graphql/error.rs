//! Refusals and faults on their way out. A refusal of a mutation is data (`userErrors`), a refusal of a query is a
//! top-level error with the same code. A fault carries no code here: the transport logs it once with the trace id and
//! shows the client one opaque message.

use async_graphql::{Enum, ErrorExtensions, SimpleObject};
use domain::Refusal;

/// Stable reasons of refusals. Branch on these, never on messages; treat an unknown one as INVALID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::RefusalCode")]
pub enum UserErrorCode {
    /// A value is missing.
    Required,
    /// A value does not have the right form.
    Invalid,
    /// A text is longer than allowed.
    TooLong,
    /// A number or date is outside its bounds.
    OutOfRange,
    /// Unknown, or not the viewer's.
    NotFound,
    /// It is there already.
    AlreadyExists,
    /// The viewer's role does not allow it.
    Forbidden,
    /// The object changed since the caller read it.
    StaleVersion,
    /// The object's state does not allow it.
    IllegalTransition,
    /// The set that the caller saw is not the set that is there now.
    SelectionChanged,
    /// More than a named limit allows.
    LimitExceeded,
    /// The debtor is exempt from collection.
    DebtorExempt,
    /// The debtor cannot be reached: no e-mail, phone or address.
    DebtorIncomplete,
    /// Nothing is outstanding.
    InvoicePaid,
    /// The claim is disputed.
    InvoiceDisputed,
    /// Two currencies met.
    CurrencyMismatch,
    /// Letters only go out in the contact window.
    OutsideContactHours,
    /// The channel cannot be used for this debtor or is not set up.
    ChannelUnavailable,
    /// The master switch is off.
    AutomaticActionsOff,
    /// A payment is known that the accounting system has not reconciled yet.
    PaymentPending,
    /// The last sync is older than the tenant allows.
    FactsStale,
    /// An invoice of the claim is not due yet, or not any more: its due date moved.
    NotDue,
    /// The creditor's bank account is missing.
    BankDetailsMissing,
    /// The country's rules do not allow this fee.
    FeeNotAllowed,
    /// The debtor was contacted as often as the tenant's settings or the country's rules allow.
    ContactLimitReached,
    /// The time that a collection notice gives for paying is not over.
    NoticePeriod,
    /// The collection notice is too old to collect on: a new one is needed.
    NoticeOutdated,
    /// The claim is older than its limitation period, as far as the country's rules tell.
    TimeBarred,
    /// Something that the country's law wants in the letter is not known.
    LegalDetailsMissing,
    /// The address must not be used: what was sent there came back, or the debtor does not want it.
    ContactSuppressed,
    /// No channel took the letter: its address must be mended and the letter issued again, or the step skipped.
    LetterFailed,
    /// A character has no glyph in the fonts at hand.
    GlyphMissing,
    /// The file is not a table of the kind that was expected.
    NotATable,
    /// The file has no rows.
    EmptyFile,
    /// The idempotency key was used with other arguments.
    IdempotencyKeyReused,
    /// The first call with this key has not answered yet.
    IdempotencyInProgress,
    /// The call needs an idempotency key: `@idempotent(key: "…")` on the field.
    IdempotencyKeyRequired,
    /// E-mail and password, or the token, do not belong to anyone.
    BadCredentials,
    /// Too many attempts; wait a little.
    RateLimited,
    /// The accounting system refuses our access: connect it again.
    ProviderUnauthorized,
    /// The accounting system does not answer; try again later.
    ProviderUnavailable,
    /// The accounting system refuses what it was asked, for good.
    ProviderRejected,
    /// The access that was granted lacks a right that is needed; the message names it.
    ProviderScopeMissing,
    /// What is asked for is not set up on this server.
    NotConfigured,
}

/// An expected, actionable failure.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// What to branch on.
    pub code: UserErrorCode,
    /// Path to the value, e.g. `["steps", "2", "waitDays"]`; the argument's own name `input` need not stand in front. Null
    /// when it is about the whole.
    pub field: Option<Vec<String>>,
    /// For people; may change.
    pub message: String,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let field = (!refusal.field.is_empty()).then_some(refusal.field);
        Self { code: refusal.code.into(), field, message: refusal.message }
    }
}

/// Separates a use case's refusal, which is data, from its faults.
///
/// # Errors
///
/// A fault, for the transport to log and to hide.
pub fn refused<T>(result: domain::Result<T>) -> async_graphql::Result<Result<T, UserError>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(domain::Error::Refused(refusal)) => Ok(Err(refusal.into())),
        Err(fault) => Err(fault_of(&fault)),
    }
}

/// What a query answers when a use case did not succeed.
pub fn query_error(error: domain::Error) -> async_graphql::Error {
    match error {
        domain::Error::Refused(refusal) => coded(refusal.code.as_str(), &refusal.message),
        fault => fault_of(&fault),
    }
}

/// What a query answers when the database failed.
pub fn database_error(error: sea_orm::DbErr) -> async_graphql::Error {
    query_error(error.into())
}

/// A value that a query cannot take.
pub fn bad_input(message: &str) -> async_graphql::Error {
    coded("BAD_USER_INPUT", message)
}

/// Nobody is signed in.
pub(super) fn unauthenticated() -> async_graphql::Error {
    coded("UNAUTHENTICATED", "Sign in first.")
}

fn coded(code: &str, message: &str) -> async_graphql::Error {
    async_graphql::Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// Without a code: the transport takes it for a fault. The words before the driver's keep it from being taken for one
/// of the executor's complaints about input.
fn fault_of(error: &domain::Error) -> async_graphql::Error {
    async_graphql::Error::new(format!("fault: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::resolver_utils::EnumType;
    use domain::RefusalCode;

    #[test]
    fn every_code_is_spelled_as_in_the_domain() {
        for item in UserErrorCode::items() {
            assert_eq!(item.name, RefusalCode::from(item.value).as_str());
        }
    }

    #[test]
    fn a_fault_never_carries_a_code_and_a_refusal_always_does() {
        let fault = query_error(domain::Error::Bug("Failed to parse \"x\"".into()));
        assert!(fault.extensions.is_none(), "{fault:?}");
        assert!(fault.message.starts_with("fault: "), "{fault:?}");
        let refusal = query_error(Refusal::not_found("case").into());
        assert!(refusal.extensions.is_some_and(|e| e.get("code") == Some(&"NOT_FOUND".into())));
    }
}
