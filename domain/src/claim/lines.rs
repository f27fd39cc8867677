//! The words of a claim: what goes in ([`Input`]), line by line what comes out ([`State`]). Pure data.

use chrono::NaiveDate;
use entity::{ChargeId, ChargeKind, InvoiceId, PaymentId, PaymentKind};
use serde::{Deserialize, Serialize};

use crate::law::{DayCount, Part, RatePeriod};

/// Everything that a claim is computed from. Amounts are minor units of one currency; order plays no part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Invoices that were not cancelled.
    pub invoices: Vec<Owed>,
    /// Payments and credit notes that count.
    pub payments: Vec<Paid>,
    /// Fees and fixed sums that are owed, or were until they were given up.
    pub charges: Vec<Charged>,
    /// Money that a person told of, received for what is owed beside the invoices.
    pub received: Vec<Received>,
    /// Rates of interest by stretches of days that do not overlap; days outside all of them have no known rate. None when
    /// no interest is claimed.
    pub rates: Option<Vec<RatePeriod>>,
    /// Whether an invoice keeps the rate of its first day of interest.
    pub fixed_at_start: bool,
    /// How days become a part of a year.
    pub day_count: DayCount,
    /// What of interest, and of principal that money was taken from for interest and costs, was given up.
    pub waivers: Vec<Waiver>,
    /// What a payment settles first.
    pub order: [Part; 3],
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Which.
    pub id: InvoiceId,
    /// Its sum, not negative.
    pub total_minor: i64,
    /// What the books say is open.
    pub outstanding_minor: i64,
    /// When it fell due.
    pub due_on: NaiveDate,
    /// The creditor gave up what no payment explains.
    pub given_up: bool,
    /// The first day that bears interest; none when no day does yet.
    pub interest_from: Option<NaiveDate>,
}

/// A payment or credit note on an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// Which; orders payments of one day.
    pub id: PaymentId,
    /// On which invoice.
    pub invoice: InvoiceId,
    /// Money or credit note.
    pub kind: PaymentKind,
    /// How much, positive.
    pub amount_minor: i64,
    /// Value date.
    pub on: NaiveDate,
}

/// A fee or a fixed sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    /// Which.
    pub id: ChargeId,
    /// Fee or fixed sum.
    pub kind: ChargeKind,
    /// How much, positive.
    pub amount_minor: i64,
    /// Since when it is owed.
    pub on: NaiveDate,
    /// The invoice that a fixed sum belongs to.
    pub invoice: Option<InvoiceId>,
    /// The day on which what was open of it was given up.
    pub waived_on: Option<NaiveDate>,
}

/// Interest that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// At most so much, positive: what was open then, by what was known then.
    pub amount_minor: i64,
    /// When.
    pub on: NaiveDate,
}

/// Money received for charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// How much, positive.
    pub amount_minor: i64,
    /// Value date.
    pub on: NaiveDate,
}

/// A claim on a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// By invoice, then what is owed beside, by day and each charge before what became of it; together
    /// [`State::total_minor`].
    pub lines: Vec<Line>,
    /// What is open, by what money was settled on by the country's order.
    pub open: Open,
    /// What the books say is open on the invoices.
    pub books_minor: i64,
    /// What is open beside that.
    pub charges_minor: i64,
    /// What is open of each fee and fixed sum that is owed.
    pub open_charges: Vec<(ChargeId, i64)>,
    /// Stretches of days whose interest is not claimed because no rate is known.
    pub missing: Vec<Gap>,
}

impl State {
    /// All that is open.
    pub fn total_minor(&self) -> i64 {
        // Both were checked against the sum when they were computed.
        self.books_minor.saturating_add(self.charges_minor)
    }
}

/// What is open, kind by kind. By the order of settlement money goes to interest and costs before it goes to principal,
/// so more principal can be open here than in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Open {
    /// Of the invoices.
    pub principal_minor: i64,
    /// Interest.
    pub interest_minor: i64,
    /// Fees.
    pub fees_minor: i64,
    /// Fixed sums.
    pub fixed_sums_minor: i64,
}

/// Days without a rate, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

/// One line of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// The invoice that it belongs to.
    pub invoice: Option<InvoiceId>,
    /// The row that it comes from.
    pub charge: Option<ChargeId>,
    /// Its day; of interest the last one.
    pub on: Option<NaiveDate>,
    /// What is owed is positive, what reduces it negative.
    pub amount_minor: i64,
    /// How interest came about.
    pub calculation: Option<Calculation>,
}

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// An invoice's sum.
    Principal,
    /// Interest for late payment.
    Interest,
    /// A fee.
    Fee,
    /// A fixed sum.
    FixedSum,
    /// Money received on an invoice.
    Payment,
    /// Money received for charges, or more on an invoice than it asked for.
    ChargePayment,
    /// A credit note.
    CreditNote,
    /// What the creditor gave up of an invoice.
    WriteOff,
    /// What the creditor gave up of what is owed beside.
    Waiver,
}

impl LineKind {
    /// Whether it is about what is owed beside the invoices: these lines add up to [`State::charges_minor`].
    pub fn is_beside(self) -> bool {
        match self {
            Self::Interest | Self::Fee | Self::FixedSum | Self::ChargePayment | Self::Waiver => true,
            Self::Principal | Self::Payment | Self::CreditNote | Self::WriteOff => false,
        }
    }
}

/// How an amount of interest came about: `principal × rate × days / days of the year`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calculation {
    /// On what.
    pub principal_minor: i64,
    /// Millionths a year.
    pub ppm: u32,
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
    /// How many.
    pub days: i64,
    /// Days of the year that they are a part of: 365 or 366.
    pub year_days: u32,
}
