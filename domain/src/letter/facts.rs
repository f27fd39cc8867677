//! The facts a letter is made of, frozen and stored when it is issued.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use entity::CaseId;

use super::{Demanded, Language, LetterKind, OwnWording};

/// Everything a letter states. Stored as JSON beside the letter, so that it can be drawn again, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterFacts {
    /// What the letter is.
    pub kind: LetterKind,
    /// The language it is written in.
    pub language: Language,
    /// Position on the policy's ladder, from 1.
    pub step_number: u32,
    /// How many letters the ladder has.
    pub steps_total: u32,
    /// What truly happens next when nothing is paid: the letter threatens nothing else.
    pub next_step: NextStep,
    /// The letter's date, in the tenant's zone.
    pub dated_on: NaiveDate,
    /// The day by which payment is asked for. Not printed on a thank-you.
    pub pay_by: NaiveDate,
    /// The case number that debtor and creditor quote.
    pub reference: String,
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// Who is owed.
    pub creditor: Creditor,
    /// Who owes, and where the letter goes.
    pub debtor: Recipient,
    /// The claim, line by line; the amounts add up to `outstanding_minor`.
    pub lines: Vec<ClaimLine>,
    /// What is still to be paid, in minor units. Zero on a thank-you.
    pub outstanding_minor: i64,
    /// What was paid altogether, in minor units; stated on a thank-you.
    pub paid_minor: i64,
    /// Where to pay.
    pub bank: Bank,
    /// Which wording the letter was issued with: [`super::TEXT_REVISION`] for new letters.
    pub text_revision: String,
    /// What of `outstanding_minor` is owed beside the invoices: interest, fees, fixed sums, less what came for them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub charges_minor: i64,
    /// The day of the figures, when interest may be among them; consent may date the letter later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures_on: Option<NaiveDate>,
    /// Nothing but a message: no page goes along with it.
    #[serde(default)]
    pub message_only: bool,
    /// The cases that the letter speaks for when it speaks for several, the one that it was issued for first. Together
    /// they have all of `lines`, in this order; `reference`, `outstanding_minor` and `paid_minor` are the letter's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grouped: Vec<Member>,
    /// The tenant's own text that it was issued with; the product's when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<OwnWording>,
    /// What the law asks it to state beside the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal: Option<Demanded>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

impl LetterFacts {
    /// What names its words: the revision of the product's text, and the tenant's own where there is one.
    pub fn words(&self) -> String {
        match &self.wording {
            Some(OwnWording { template: Some(template), revision, .. }) => format!("{} {template}/{revision}", self.text_revision),
            _ => self.text_revision.clone(),
        }
    }
}

/// One case of a letter that speaks for several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Which.
    pub case_id: CaseId,
    /// Its number, as the debtor knows it.
    pub reference: String,
    /// How many of the letter's lines are its.
    pub lines: usize,
    /// What is open on it, in minor units: the sum of its lines.
    pub outstanding_minor: i64,
}

/// What the policy does next when the debtor does not pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The ladder has a further letter.
    Letter,
    /// The claim is offered to a collection agency.
    Handover,
    /// Nothing is planned; the letter does not announce anything.
    #[default]
    Nothing,
}

/// The creditor as it appears on the letterhead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creditor {
    /// The name that debtors know.
    pub name: String,
    /// The registered name, when it differs.
    pub legal_name: Option<String>,
    /// Company register number or the like, as it should be printed.
    pub registration_number: Option<String>,
    /// Street, town and so on, one entry a line, without name and country.
    pub address_lines: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where the debtor's questions go.
    pub email: String,
    /// Telephone for questions, as it should be printed.
    pub phone: Option<String>,
}

/// The debtor as it appears in the address window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Person or company.
    pub name: String,
    /// A person within the company.
    pub attention: Option<String>,
    /// Street, town and so on, one entry a line, without name and country. Empty when unknown.
    pub address_lines: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// One line of the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimLine {
    /// What the amount is.
    pub kind: ClaimLineKind,
    /// The invoice it belongs to, as the debtor knows it.
    pub invoice_number: Option<String>,
    /// What it was for, in the creditor's words.
    pub title: Option<String>,
    /// Date of the invoice, the payment or the credit note.
    pub issued_on: Option<NaiveDate>,
    /// When the invoice fell due.
    pub due_on: Option<NaiveDate>,
    /// Signed minor units: what is owed is positive, payments and credit notes are negative.
    pub amount_minor: i64,
    /// How the amount was reached or why it is owed, in the letter's language, for example
    /// `1.234,50 € × 10,27 % × 41/365`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a line of the claim stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimLineKind {
    /// The invoice amount.
    Principal,
    /// Interest for late payment.
    Interest,
    /// A fee for collecting.
    Fee,
    /// A fixed sum for late payment that the law allows.
    FixedSum,
    /// A payment received; negative.
    Payment,
    /// A credit note; negative.
    CreditNote,
    /// A charge that the creditor gave up; negative.
    Waiver,
}

impl ClaimLineKind {
    /// Whether the line makes the debt smaller.
    pub const fn reduces(self) -> bool {
        match self {
            Self::Principal | Self::Interest | Self::Fee | Self::FixedSum => false,
            Self::Payment | Self::CreditNote | Self::Waiver => true,
        }
    }
}

/// The account to pay into: the creditor's own by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bank {
    /// Name of the account's holder.
    pub account_name: String,
    /// IBAN, with or without spaces.
    pub iban: Option<String>,
    /// BIC.
    pub bic: Option<String>,
    /// Account number of a country without IBAN, as it should be printed.
    pub local_account: Option<String>,
    /// What the debtor quotes with the payment.
    pub payment_reference: String,
    /// A code for banking apps is printed where the payment has one. Off for letters that were issued before there was one.
    #[serde(default)]
    pub code: bool,
    /// Where the one invoice of the letter is seen and paid on the web.
    #[serde(default)]
    pub online_url: Option<String>,
}
