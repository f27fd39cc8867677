//! A refusal is data, a fault is an error. A [`Refusal`] is expected and tells the caller what to do otherwise; a
//! fault (database, provider, bug) is told to the caller as one opaque message and to us in the log.

use sea_orm::DbErr;

/// What every use case may answer besides success.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Expected: the caller asked for something that is not allowed or not possible now.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// A stored document does not have the shape that this program writes.
    #[error("stored data: {0}")]
    Stored(#[from] serde_json::Error),
    /// Something that must not be possible happened.
    #[error("bug: {0}")]
    Bug(String),
}

impl Error {
    /// The same, a refusal about one argument; a fault is about none.
    #[must_use]
    pub fn refused_at(self, field: &str) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.at(field)),
            fault => fault,
        }
    }
}

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case was refused: a stable code, the argument it is about, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What clients branch on.
    pub code: RefusalCode,
    /// Path into the arguments, empty when it is about the whole.
    pub field: Vec<String>,
    /// For people; may change.
    pub message: String,
}

impl Refusal {
    /// A refusal about no particular argument.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, field: Vec::new(), message: message.into() }
    }

    /// The same, about one argument.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = field.split('.').map(str::to_owned).collect();
        self
    }

    /// What an unknown id and a neighbour's id answer alike.
    pub fn not_found(what: &str) -> Self {
        Self::new(RefusalCode::NotFound, format!("there is no such {what}"))
    }
}

/// The stable codes of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
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
    /// The call needs an idempotency key.
    IdempotencyKeyRequired,
    /// E-mail and password do not belong together.
    BadCredentials,
    /// Too many attempts.
    RateLimited,
    /// The provider refuses our access: a person must connect again.
    ProviderUnauthorized,
    /// The provider does not answer; later may help.
    ProviderUnavailable,
    /// The provider refuses what it was asked, for good.
    ProviderRejected,
    /// The provider's access lacks a right that is needed.
    ProviderScopeMissing,
    /// What is asked for is not set up on this server.
    NotConfigured,
}

impl RefusalCode {
    /// The code as the API and the rows spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::Invalid => "INVALID",
            Self::TooLong => "TOO_LONG",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::Forbidden => "FORBIDDEN",
            Self::StaleVersion => "STALE_VERSION",
            Self::IllegalTransition => "ILLEGAL_TRANSITION",
            Self::SelectionChanged => "SELECTION_CHANGED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::DebtorExempt => "DEBTOR_EXEMPT",
            Self::DebtorIncomplete => "DEBTOR_INCOMPLETE",
            Self::InvoicePaid => "INVOICE_PAID",
            Self::InvoiceDisputed => "INVOICE_DISPUTED",
            Self::CurrencyMismatch => "CURRENCY_MISMATCH",
            Self::OutsideContactHours => "OUTSIDE_CONTACT_HOURS",
            Self::ChannelUnavailable => "CHANNEL_UNAVAILABLE",
            Self::AutomaticActionsOff => "AUTOMATIC_ACTIONS_OFF",
            Self::PaymentPending => "PAYMENT_PENDING",
            Self::FactsStale => "FACTS_STALE",
            Self::NotDue => "NOT_DUE",
            Self::BankDetailsMissing => "BANK_DETAILS_MISSING",
            Self::FeeNotAllowed => "FEE_NOT_ALLOWED",
            Self::ContactLimitReached => "CONTACT_LIMIT_REACHED",
            Self::NoticePeriod => "NOTICE_PERIOD",
            Self::NoticeOutdated => "NOTICE_OUTDATED",
            Self::TimeBarred => "TIME_BARRED",
            Self::LegalDetailsMissing => "LEGAL_DETAILS_MISSING",
            Self::ContactSuppressed => "CONTACT_SUPPRESSED",
            Self::LetterFailed => "LETTER_FAILED",
            Self::GlyphMissing => "GLYPH_MISSING",
            Self::NotATable => "NOT_A_TABLE",
            Self::EmptyFile => "EMPTY_FILE",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::IdempotencyInProgress => "IDEMPOTENCY_IN_PROGRESS",
            Self::IdempotencyKeyRequired => "IDEMPOTENCY_KEY_REQUIRED",
            Self::BadCredentials => "BAD_CREDENTIALS",
            Self::RateLimited => "RATE_LIMITED",
            Self::ProviderUnauthorized => "PROVIDER_UNAUTHORIZED",
            Self::ProviderUnavailable => "PROVIDER_UNAVAILABLE",
            Self::ProviderRejected => "PROVIDER_REJECTED",
            Self::ProviderScopeMissing => "PROVIDER_SCOPE_MISSING",
            Self::NotConfigured => "NOT_CONFIGURED",
        }
    }
}
