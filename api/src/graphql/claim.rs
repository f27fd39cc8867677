//! The claim of a case: what is owed, line by line.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::NaiveDate;
use domain::claim::{self, Facts, Line, State};
use entity::charge_payment;

use super::{
    error::query_error,
    id,
    invoice::Invoice,
    money::Money,
    scalars::{CountryCode, Date, Decimal},
};

/// What a line of the claim stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "claim::LineKind")]
pub enum ClaimLineKind {
    /// An invoice's sum.
    Principal,
    /// Interest for late payment.
    Interest,
    /// A fee for collecting.
    Fee,
    /// A fixed sum for late payment that the law allows.
    FixedSum,
    /// Money received on an invoice; negative.
    Payment,
    /// Money received for what is owed beside the invoices, or more on an invoice than it asked for; negative.
    ChargePayment,
    /// A credit note; negative.
    CreditNote,
    /// What the creditor gave up of interest, a fee or a fixed sum; negative.
    Waiver,
    /// What the creditor gave up of an invoice; negative.
    WriteOff,
}

/// One line of the claim.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ClaimLine {
    /// What it stands for.
    pub kind: ClaimLineKind,
    /// What is owed is positive, what reduces it negative.
    pub amount: Money,
    /// The day of the invoice, payment, credit note or charge; of interest the last day. Null where only the accounting
    /// system's sum says so.
    pub on: Option<Date>,
    /// Which invoice; null for fees and for money that is for the whole case.
    pub invoice: Option<Invoice>,
    /// The fee or fixed sum, for `caseChargesWaive`; null for other lines.
    pub charge_id: Option<ID>,
    /// How interest came about; null for other lines.
    pub calculation: Option<InterestCalculation>,
}

/// How an amount of interest came about: principal × rate × days ÷ days of the year.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct InterestCalculation {
    /// What of the invoice was open.
    pub principal: Money,
    /// Percent a year.
    pub percent: Decimal,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// How many days.
    pub days: i64,
    /// Days of the year that they are a part of: 365 or 366.
    pub days_of_year: i32,
}

/// What is open, by what money was settled on in the country's order. In Germany money goes to costs and interest before
/// it goes to the invoices (BGB § 367), so more principal can be open here than in the books.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct OpenParts {
    /// Of the invoices.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Fees.
    pub fees: Money,
    /// Fixed sums.
    pub fixed_sums: Money,
}

/// Days for which no rate of interest is known. They bear no interest until one is.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct RateMissing {
    /// `RATE_MISSING`.
    pub code: String,
    /// Of which country.
    pub country: CountryCode,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// For people.
    pub message: String,
}

/// Money received for what is owed beside the invoices.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ChargePayment {
    /// Its id, for `caseChargePaymentReverse`.
    pub id: ID,
    /// How much.
    pub amount: Money,
    /// Value date.
    pub on: Date,
    /// As the payer wrote it.
    pub note: Option<String>,
}

/// What is owed in a case today; of a case that is over, on its last day. The lines add up to what is outstanding.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Claim {
    /// Sum of the invoices.
    pub principal: Money,
    /// Interest for late payment so far.
    pub interest: Money,
    /// Fees so far.
    pub fees: Money,
    /// Fixed sums for late payment so far.
    pub fixed_sums: Money,
    /// Money received, on invoices and for charges.
    pub paid: Money,
    /// Credit notes.
    pub credited: Money,
    /// What the creditor gave up of invoices.
    pub written_off: Money,
    /// What the creditor gave up of interest, fees and fixed sums.
    pub waived: Money,
    /// What is still open altogether.
    pub outstanding: Money,
    /// What of it the accounting system knows of: the sum that lists of cases, totals and filters count.
    pub outstanding_invoices: Money,
    /// What of it is owed beside the invoices.
    pub outstanding_charges: Money,
    /// What is open, by the country's order of settlement.
    pub open: OpenParts,
    /// Line by line: by invoice, then what is owed beside.
    pub lines: Vec<ClaimLine>,
    /// Money received for charges, oldest first.
    pub charge_payments: Vec<ChargePayment>,
    /// Days whose interest is not claimed because no rate is known; empty when nothing is missing.
    pub rate_missing: Vec<RateMissing>,
}

/// The claim of a case on a day, from its invoices, what reduces them, and what is owed beside.
///
/// # Errors
///
/// `OUT_OF_RANGE` when a sum leaves the range of amounts.
pub fn claim(facts: &Facts<'_>, as_of: NaiveDate) -> async_graphql::Result<Claim> {
    let state = facts.claim(as_of, None).map_err(|refusal| query_error(refusal.into()))?;
    let lines: Vec<ClaimLine> = state.lines.iter().map(|told| line(told, facts)).collect();
    let sum = |kind| lines.iter().filter(|line| line.kind == kind).map(|line| line.amount.minor).sum::<i64>();
    let money = |minor| Money::new(minor, &facts.case.currency);
    Ok(Claim {
        principal: money(facts.case.principal_minor),
        interest: money(sum(ClaimLineKind::Interest)),
        fees: money(sum(ClaimLineKind::Fee)),
        fixed_sums: money(sum(ClaimLineKind::FixedSum)),
        paid: money(-sum(ClaimLineKind::Payment) - sum(ClaimLineKind::ChargePayment)),
        credited: money(-sum(ClaimLineKind::CreditNote)),
        written_off: money(-sum(ClaimLineKind::WriteOff)),
        waived: money(-sum(ClaimLineKind::Waiver)),
        outstanding: money(facts.case.outstanding_minor.saturating_add(state.charges_minor)),
        outstanding_invoices: money(facts.case.outstanding_minor),
        outstanding_charges: money(state.charges_minor),
        open: OpenParts {
            principal: money(state.open.principal_minor),
            interest: money(state.open.interest_minor),
            fees: money(state.open.fees_minor),
            fixed_sums: money(state.open.fixed_sums_minor),
        },
        charge_payments: facts.known.received.iter().map(received).collect(),
        rate_missing: missing(&state, &facts.tenant.country),
        lines,
    })
}

fn received(row: &charge_payment::Model) -> ChargePayment {
    let amount = Money::new(row.amount_minor, &row.currency);
    ChargePayment { id: id::encode(row.id), amount, on: Date(row.received_on), note: row.note.clone() }
}

fn missing(state: &State, country: &str) -> Vec<RateMissing> {
    let told = |gap: &claim::Gap| RateMissing {
        code: "RATE_MISSING".into(),
        country: CountryCode(country.to_owned()),
        from: Date(gap.first),
        to: Date(gap.last),
        message: format!("no rate of interest of {country} is known from {} to {}: these days bear none", gap.first, gap.last),
    };
    state.missing.iter().map(told).collect()
}

fn line(line: &Line, facts: &Facts<'_>) -> ClaimLine {
    let kind = ClaimLineKind::from(line.kind);
    let invoice = facts.invoices.iter().find(|invoice| Some(invoice.id) == line.invoice);
    // An invoice's sum bears the day by which the debtor knows it, not the one on which it is due.
    let on = if kind == ClaimLineKind::Principal { invoice.map(|invoice| invoice.issued_on) } else { line.on };
    let currency = &facts.case.currency;
    ClaimLine {
        kind,
        amount: Money::new(line.amount_minor, currency),
        on: on.map(Date),
        invoice: invoice.cloned().map(Invoice),
        charge_id: line.charge.map(id::encode),
        calculation: line.calculation.map(|calculation| InterestCalculation {
            principal: Money::new(calculation.principal_minor, currency),
            percent: Decimal(claim::percent(calculation.ppm)),
            from: Date(calculation.first),
            to: Date(calculation.last),
            days: calculation.days,
            days_of_year: i32::try_from(calculation.year_days).unwrap_or(365),
        }),
    }
}
