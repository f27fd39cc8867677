//! Collection agencies as the product needs them: one connector per API, and a packer that makes a file for agencies
//! without one. A connector is a stateless translator; what it is called for, when and how often is decided by
//! [`crate::handover`] and [`crate::agency_task`]. Submitting answers with the reference of a batch, because agencies
//! look closely only later; our hand-over's id is the unique id of a claim there, so that after a crash the agency can
//! be asked before anything is sent again.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{AgencyKind, DebtorKind, HandoverId, LetterId, LetterKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::vault::SecretString;
use crate::claim::{Calculation, LineKind};

/// The ways to agencies that are set up.
#[derive(Clone, Default)]
pub struct Agencies {
    /// By API.
    pub connectors: BTreeMap<AgencyKind, Arc<dyn AgencyConnector>>,
    /// For agencies without one.
    pub packer: Option<Arc<dyn ClaimPacker>>,
}

/// The way to one agency: whose account, keys for one call, the machine's instant.
#[derive(Debug, Clone)]
pub struct AgencyLink {
    /// The creditor's organisation there.
    pub organization: String,
    /// The keys.
    pub keys: AgencyKeys,
    /// By the machine's clock: tokens run out by it.
    pub now: DateTime<Utc>,
}

/// Keys to an agency's API, opened for one call. Their secret does not print.
#[derive(Debug, Clone)]
pub struct AgencyKeys {
    /// Who asks.
    pub client_id: String,
    /// With what.
    pub client_secret: SecretString,
}

/// One case as it is handed over: everything frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Our id, unique for ever at the agency.
    pub handover: HandoverId,
    /// The case number that debtor and creditor quote.
    pub reference: String,
    /// Who is owed.
    pub creditor: ClaimCreditor,
    /// Who owes.
    pub debtor: ClaimDebtor,
    /// What is open, oldest first.
    pub invoices: Vec<ClaimInvoice>,
    /// Letters that went out, oldest first.
    pub letters: Vec<ClaimLetter>,
    /// ISO 4217 of all amounts.
    pub currency: String,
    /// What is open of the invoices altogether, in minor units.
    pub outstanding_minor: i64,
    /// What was claimed beside them until the day of the hand-over; together what is open of it.
    pub charges: Vec<ClaimCharge>,
}

/// Who is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimCreditor {
    /// Name that debtors know.
    pub name: String,
    /// Register number.
    pub registration_number: Option<String>,
    /// Where questions go.
    pub email: String,
}

/// Who owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDebtor {
    /// The accounting system's number of the customer.
    pub number: String,
    /// Name.
    pub name: String,
    /// Private or business.
    pub kind: DebtorKind,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// First line of the postal address.
    pub line1: Option<String>,
    /// Second line.
    pub line2: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// One open invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimInvoice {
    /// As printed on it.
    pub number: String,
    /// What it is about.
    pub title: Option<String>,
    /// Invoice date.
    pub issued_on: NaiveDate,
    /// Due date.
    pub due_on: NaiveDate,
    /// Total, in minor units.
    pub total_minor: i64,
    /// Still open, in minor units.
    pub outstanding_minor: i64,
}

/// A line of what was claimed beside the invoices: interest, fees, fixed sums, and what was paid or given up of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimCharge {
    /// What it is.
    pub kind: LineKind,
    /// Number of the invoice that it belongs to.
    pub invoice: Option<String>,
    /// Its day; of interest the last one.
    pub on: Option<NaiveDate>,
    /// In minor units; negative where it was paid or given up.
    pub amount_minor: i64,
    /// How interest came about.
    pub calculation: Option<Calculation>,
}

/// A letter that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimLetter {
    /// Which.
    pub letter: LetterId,
    /// What it is.
    pub kind: LetterKind,
    /// When it left.
    pub sent_at: DateTime<Utc>,
}

/// What an agency says to one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It takes the claim; its case's reference.
    Accepted(String),
    /// It does not.
    Rejected {
        /// The agency's word.
        code: String,
        /// For people.
        message: String,
    },
}

/// Where a batch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// The agency has not looked yet.
    Pending,
    /// It has, claim by claim.
    Done(Vec<(HandoverId, Verdict)>),
}

/// A case as the agency tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyCase {
    /// The agency's reference.
    pub reference: String,
    /// In its own words.
    pub status: String,
    /// Whether it is over there.
    pub closed: bool,
    /// What is left, in minor units; none when it does not tell.
    pub remaining_minor: Option<i64>,
}

/// What an agency is told about a case that it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Stand still.
    Pause,
    /// Go on.
    Resume,
    /// Stop for good.
    Withdraw,
    /// Money arrived at the creditor, or a payment was reversed.
    Payment {
        /// In minor units; negative for a reversal.
        amount_minor: i64,
        /// ISO 4217.
        currency: String,
        /// Value date.
        on: NaiveDate,
    },
    /// The claim changed without money: a credit note, an edited or voided invoice.
    Correction {
        /// How much less is claimed, in minor units; negative when it is more.
        amount_minor: i64,
        /// ISO 4217.
        currency: String,
        /// The day.
        on: NaiveDate,
    },
}

/// Something to tell, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Idempotency key.
    pub id: Uuid,
    /// Our id of the claim.
    pub handover: HandoverId,
    /// The agency's reference of its case.
    pub reference: String,
    /// What.
    pub order: Order,
}

/// Why an agency did not do what it was asked, sorted by what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgencyError {
    /// Not done; later may help.
    #[error("{0}")]
    Unavailable(String),
    /// Not done; asked to wait this many seconds.
    #[error("the agency asks to wait {0} seconds")]
    RateLimited(u64),
    /// Not done: our keys are refused until a person acts.
    #[error("{0}")]
    Unauthorised(String),
    /// Refused for good.
    #[error("{message}")]
    Rejected {
        /// Stable reason.
        code: String,
        /// For people, without secrets.
        message: String,
    },
    /// It may have been done: the answer was lost. Ask before doing it again.
    #[error("{0}")]
    Unknown(String),
}

/// What an agency tells without being asked: a hint, never a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgencyHint {
    /// A batch was looked at.
    Batch(String),
    /// A case changed; the agency's reference.
    Case(String),
    /// Anything else.
    Other,
}

/// An agency's API. Called with no transaction open.
#[async_trait::async_trait]
pub trait AgencyConnector: Send + Sync + 'static {
    /// Checks keys by a cheap call.
    ///
    /// # Errors
    ///
    /// [`AgencyError`].
    async fn check(&self, link: &AgencyLink) -> Result<(), AgencyError>;

    /// Hands claims over and answers the reference of the batch in which they are looked at.
    ///
    /// # Errors
    ///
    /// [`AgencyError`]; `Unknown` when the claims may have arrived.
    async fn submit(&self, link: &AgencyLink, claims: &[Claim]) -> Result<String, AgencyError>;

    /// Asks what became of a batch.
    ///
    /// # Errors
    ///
    /// [`AgencyError`].
    async fn poll(&self, link: &AgencyLink, batch: &str) -> Result<Batch, AgencyError>;

    /// Looks a claim up by our id; none when the agency does not know it.
    ///
    /// # Errors
    ///
    /// [`AgencyError`].
    async fn find(&self, link: &AgencyLink, handover: HandoverId) -> Result<Option<AgencyCase>, AgencyError>;

    /// Asks where a case stands; none when the agency does not know it any more. Amounts are read in the currency.
    ///
    /// # Errors
    ///
    /// [`AgencyError`].
    async fn status(&self, link: &AgencyLink, reference: &str, currency: &str) -> Result<Option<AgencyCase>, AgencyError>;

    /// Pauses, resumes or withdraws a case, or reports a payment. What is so already is a success.
    ///
    /// # Errors
    ///
    /// [`AgencyError`].
    async fn tell(&self, link: &AgencyLink, notice: &Notice) -> Result<(), AgencyError>;

    /// Reads what the agency tells without being asked. Pure. None when it is not of the documented shape.
    fn read(&self, event: Option<&str>, body: &[u8]) -> Option<AgencyHint>;
}

/// A claim with its letters as they were sent.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The claim.
    pub claim: Claim,
    /// File names, made from ids, and pages.
    pub letters: Vec<(String, Vec<u8>)>,
}

/// Makes a file of claims for an agency without an API. Pure.
pub trait ClaimPacker: Send + Sync + 'static {
    /// The file's bytes; the same claims give the same bytes.
    ///
    /// # Errors
    ///
    /// Why it cannot be made, for people.
    fn pack(&self, bundles: &[Bundle]) -> Result<Vec<u8>, String>;
}
