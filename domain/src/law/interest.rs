//! Simple interest over slices of time in which the principal stands still, split where the rate changes.
//!
//! Integers alone. The exact interest is a fraction; each line shows the difference between the rounded sums up to its
//! end and up to its beginning (half to even). So the lines add up to the exact total, rounded once: nothing drifts,
//! however many lines there are, and cutting a slice in two changes no total. A line may differ from its own exact
//! value by less than one minor unit. Interest bears no interest anywhere.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};

use super::rate::{DayCount, RatePeriod};

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

/// What a slice comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stretch {
    /// In order, without gap where every day has a rate.
    pub lines: Vec<InterestLine>,
    /// The days without a rate, in order: they bear nothing here, and a person must be told.
    pub gaps: Vec<Range<NaiveDate>>,
}

/// A sum that is too large to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the interest is too large to count")]
pub struct TooLarge;

impl Slice {
    fn bears(&self) -> bool {
        self.principal_minor > 0 && self.from < self.to
    }
}

/// The interest of one debt, added up slice by slice; rounded as a whole.
#[derive(Debug, Clone, Default)]
pub struct Accrual(Sum);

impl Accrual {
    /// Adds a slice: split where the rate or the length of the year changes. A slice that bears nothing adds no line.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] when a figure does not fit.
    pub fn add(&mut self, slice: Slice, rates: &[RatePeriod], count: DayCount) -> Result<Stretch, TooLarge> {
        let mut stretch = Stretch::default();
        let mut from = slice.from;
        while slice.bears() && from < slice.to {
            let rate = rates.iter().find(|rate| rate.first <= from && from <= rate.last);
            let to = next_change(rates, rate, from, count).map_or(slice.to, |change| change.min(slice.to));
            match rate {
                Some(rate) => stretch.lines.push(self.line(Slice { from, to, ..slice }, rate.ppm, count)?),
                None => stretch.gaps.push(from..to),
            }
            from = to;
        }
        Ok(stretch)
    }

    fn line(&mut self, piece: Slice, rate_ppm: u32, count: DayCount) -> Result<InterestLine, TooLarge> {
        let Slice { from, to, principal_minor } = piece;
        let (days, year_days) = ((to - from).num_days(), count.days_of_year(from));
        let amount_minor = self.0.add(principal_minor, rate_ppm, days, year_days).ok_or(TooLarge)?;
        Ok(InterestLine { from, to, days, principal_minor, rate_ppm, year_days, amount_minor })
    }
}

/// The first day after another on which the rate or the length of the year is not the same.
fn next_change(rates: &[RatePeriod], rate: Option<&RatePeriod>, from: NaiveDate, count: DayCount) -> Option<NaiveDate> {
    let Some(rate) = rate else { return rates.iter().map(|rate| rate.first).filter(|first| *first > from).min() };
    let new_year = (count == DayCount::ActAct).then(|| NaiveDate::from_ymd_opt(from.year() + 1, 1, 1)).flatten();
    [rate.last.succ_opt(), new_year].into_iter().flatten().min()
}

/// Both lengths of a year divide it, so that the sum stays exact.
const YEAR_DAYS: i128 = 365 * 366;
const MILLION: i128 = 1_000_000;

/// The exact interest so far, in parts of a minor unit, and what of it was shown.
#[derive(Debug, Clone, Default)]
struct Sum {
    exact: i128,
    shown: i128,
}

impl Sum {
    /// Adds a piece and answers what its line shows; none when it does not fit.
    fn add(&mut self, principal_minor: i64, ppm: u32, days: i64, year_days: u32) -> Option<i64> {
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
