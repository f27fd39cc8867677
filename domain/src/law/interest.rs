//! Simple interest over slices of time in which the principal stands still, split where the rate changes.
//!
//! Integers alone. The exact interest is a fraction; each line shows the difference between the rounded sums up to its
//! end and up to its beginning (half to even). So the lines add up to the exact total, rounded once: nothing drifts,
//! however many lines there are, and cutting a slice in two changes no total. A line may differ from its own exact
//! value by less than one minor unit. Interest bears no interest anywhere.

use chrono::{Datelike, NaiveDate};
use entity::DebtorKind;

use super::{
    pack::Pack,
    rate::{DayCount, NoRate, rate_on},
};

/// A stretch of days in which the same principal was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// First day that bears interest.
    pub from: NaiveDate,
    /// First day that does not: the day after the last.
    pub to: NaiveDate,
    /// What was open, in minor units; zero or less bears none.
    pub principal_minor: i64,
}

/// By which rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rates {
    /// As the law says.
    Statutory,
    /// As the contract says, in millionths per year.
    Contract(u32),
}

/// One line of a calculation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterestLine {
    /// First day.
    pub from: NaiveDate,
    /// First day after.
    pub to: NaiveDate,
    /// Days from one to the other.
    pub days: i64,
    /// On what, in minor units.
    pub principal_minor: i64,
    /// Millionths per year.
    pub rate_ppm: u32,
    /// Days of the year that the days are a part of: 365 or 366.
    pub year_days: u32,
    /// What it comes to, in minor units.
    pub amount_minor: i64,
}

/// Why interest cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoInterest {
    /// A day has no rate.
    #[error(transparent)]
    NoRate(#[from] NoRate),
    /// More than fits.
    #[error("the interest is too large to count")]
    TooLarge,
}

/// Interest on the slices of one debt, line by line, in their order. Slices that bear nothing give no line. Where the
/// law keeps the rate of the day on which interest began, that is the first day of the earliest slice.
///
/// # Errors
///
/// [`NoInterest::NoRate`] for the first day without a rate, [`NoInterest::TooLarge`] when a figure does not fit.
pub fn interest(pack: &'static Pack, debtor: DebtorKind, rates: Rates, slices: &[Slice]) -> Result<Vec<InterestLine>, NoInterest> {
    let mut lines = Vec::new();
    let mut sum = Sum::default();
    let bearing = || slices.iter().filter(|slice| slice.principal_minor > 0 && slice.from < slice.to);
    let began = bearing().map(|slice| slice.from).min();
    let rates = match (rates, began) {
        (Rates::Statutory, Some(began)) if pack.interest.fixed_at_start => Rates::Contract(rate_on(pack, debtor, began)?.ppm),
        _ => rates,
    };
    for slice in bearing() {
        let mut from = slice.from;
        while from < slice.to {
            let (rate_ppm, to) = piece(pack, debtor, rates, from, slice.to)?;
            let year_days = pack.interest.day_count.days_of_year(from);
            let days = (to - from).num_days();
            let amount_minor = sum.add(slice.principal_minor, rate_ppm, days, year_days).ok_or(NoInterest::TooLarge)?;
            lines.push(InterestLine { from, to, days, principal_minor: slice.principal_minor, rate_ppm, year_days, amount_minor });
            from = to;
        }
    }
    Ok(lines)
}

/// The rate of a day, and the first day after on which the rate or the length of the year is another.
fn piece(pack: &'static Pack, debtor: DebtorKind, rates: Rates, from: NaiveDate, end: NaiveDate) -> Result<(u32, NaiveDate), NoInterest> {
    let new_year = (pack.interest.day_count == DayCount::ActAct).then(|| NaiveDate::from_ymd_opt(from.year() + 1, 1, 1)).flatten();
    let (ppm, change) = match rates {
        Rates::Contract(ppm) => (ppm, None),
        Rates::Statutory => {
            let rate = rate_on(pack, debtor, from)?;
            (rate.ppm, rate.last.succ_opt())
        }
    };
    Ok((ppm, [Some(end), new_year, change].into_iter().flatten().min().unwrap_or(end)))
}

/// Both lengths of a year divide it, so that the sum stays exact.
const YEAR_DAYS: i128 = 365 * 366;
const MILLION: i128 = 1_000_000;

/// The exact interest so far, in parts of a minor unit, and what of it was shown.
#[derive(Default)]
pub(crate) struct Sum {
    exact: i128,
    shown: i128,
}

impl Sum {
    /// Adds a piece and answers what its line shows; none when it does not fit.
    pub(crate) fn add(&mut self, principal_minor: i64, ppm: u32, days: i64, year_days: u32) -> Option<i64> {
        let piece = i128::from(principal_minor).checked_mul(ppm.into())?.checked_mul(days.into())?;
        self.exact = piece.checked_mul(YEAR_DAYS / i128::from(year_days)).and_then(|piece| self.exact.checked_add(piece))?;
        let total = half_even(self.exact, MILLION * YEAR_DAYS);
        let line = i64::try_from(total - self.shown).ok()?;
        i64::try_from(total).ok()?;
        self.shown = total;
        Some(line)
    }
}

/// A quotient of two numbers that are not negative, half to even.
fn half_even(number: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (number / divisor, number % divisor);
    let up = rest > divisor - rest || (rest == divisor - rest && quotient % 2 == 1);
    quotient + i128::from(up)
}

#[cfg(test)]
#[path = "interest_tests.rs"]
mod tests;
