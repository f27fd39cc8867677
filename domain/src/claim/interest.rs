//! The interest of one invoice, stretch by stretch: split where the rate or the length of the year changes. The
//! arithmetic is the law's ([`crate::law::Sum`]): exact, and rounded so that the lines add up to the exact total.

use chrono::{Datelike, Days, NaiveDate};

use super::lines::{Calculation, Gap, Rate, TooLarge};
use crate::law::{DayCount, Sum};

/// The interest of an invoice so far.
#[derive(Default)]
pub(super) struct Running(Sum);

/// The lines of a stretch with their amounts, and the days for which no rate is known.
pub(super) type Stretch = (Vec<(Calculation, i64)>, Vec<Gap>);

impl Running {
    /// Adds the interest of a stretch, both ends included.
    pub(super) fn add(
        &mut self,
        principal_minor: i64,
        first: NaiveDate,
        last: NaiveDate,
        rates: &[Rate],
        count: DayCount,
    ) -> Result<Stretch, TooLarge> {
        let (mut lines, mut gaps) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(day) = next.filter(|day| *day <= last) {
            let known = rates.iter().find(|rate| rate.first <= day && day <= rate.last);
            let end = match known {
                Some(rate) => rate.last.min(end_of_year(day, count)).min(last),
                None => rates.iter().filter(|rate| rate.first > day).map(|rate| day_before(rate.first)).min().unwrap_or(last).min(last),
            };
            match known {
                Some(rate) => lines.extend(self.line(principal_minor, day, end, rate.ppm, count)?),
                None => gaps.push(Gap { first: day, last: end }),
            }
            next = end.succ_opt();
        }
        Ok((lines, gaps))
    }

    fn line(
        &mut self,
        principal_minor: i64,
        first: NaiveDate,
        last: NaiveDate,
        ppm: u32,
        count: DayCount,
    ) -> Result<Option<(Calculation, i64)>, TooLarge> {
        let (days, year_days) = ((last - first).num_days() + 1, count.days_of_year(first));
        let amount = self.0.add(principal_minor, ppm, days, year_days).ok_or(TooLarge)?;
        Ok((amount > 0).then_some((Calculation { principal_minor, ppm, first, last, days, year_days }, amount)))
    }
}

/// The last day whose year is as long as that of a day, at least within its own year.
fn end_of_year(day: NaiveDate, count: DayCount) -> NaiveDate {
    match count {
        DayCount::Act365 => NaiveDate::MAX,
        DayCount::ActAct => NaiveDate::from_ymd_opt(day.year(), 12, 31).unwrap_or(day),
    }
}

/// The day before, or the first day there is.
pub(super) fn day_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rate(first: &str, last: &str, ppm: u32) -> Rate {
        Rate { first: day(first), last: day(last), ppm }
    }

    fn interest(minor: i64, first: &str, last: &str, rates: &[Rate], count: DayCount) -> Stretch {
        Running::default().add(minor, day(first), day(last), rates, count).unwrap()
    }

    /// 1,000.00 at 10.27 % for the 31 days of January 2026 are 8.7225…
    #[test]
    fn a_month_at_the_german_rate_for_businesses() {
        let rates = [rate("2026-01-01", "2026-06-30", 102_700)];
        let (lines, gaps) = interest(100_000, "2026-01-01", "2026-01-31", &rates, DayCount::ActAct);
        assert_eq!((lines.len(), lines[0].1, lines[0].0.days, gaps.len()), (1, 872, 31, 0));
    }

    #[test]
    fn the_line_is_split_where_the_rate_changes_and_unknown_days_are_named() {
        let rates = [rate("2025-07-01", "2025-12-31", 117_500), rate("2026-02-01", "2026-06-30", 120_000)];
        let (lines, gaps) = interest(365_000, "2025-12-22", "2026-02-10", &rates, DayCount::Act365);
        let found: Vec<_> = lines.iter().map(|(c, amount)| (c.first, c.last, c.days, *amount)).collect();
        assert_eq!(
            found,
            [(day("2025-12-22"), day("2025-12-31"), 10, 1_175), (day("2026-02-01"), day("2026-02-10"), 10, 1_200)],
            "1,000 a day's millionths"
        );
        assert_eq!(gaps, [Gap { first: day("2026-01-01"), last: day("2026-01-31") }]);
        let (lines, gaps) = interest(365_000, "2026-06-30", "2026-07-02", &rates, DayCount::Act365);
        assert_eq!((lines.len(), gaps), (1, vec![Gap { first: day("2026-07-01"), last: day("2026-07-02") }]));
    }

    #[test]
    fn a_line_tells_the_length_of_its_year() {
        let across = [rate("2023-12-31", "2024-01-01", 366_000)];
        let (lines, _) = interest(365_000_000, "2023-12-31", "2024-01-01", &across, DayCount::ActAct);
        let found: Vec<_> = lines.iter().map(|(c, amount)| (c.year_days, *amount)).collect();
        assert_eq!(found, [(365, 366_000), (366, 365_000)]);
        let (lines, _) = interest(365_000_000, "2023-12-31", "2024-01-01", &across, DayCount::Act365);
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn the_largest_amounts_do_not_wrap() {
        let rates = [rate("1900-01-01", "2199-12-31", u32::MAX)];
        let add = |minor, last| Running::default().add(minor, day("1900-01-01"), day(last), &rates, DayCount::Act365);
        assert_eq!(add(i64::MAX, "2199-12-31"), Err(TooLarge));
        assert_eq!(add(crate::money::MAX_AMOUNT_MINOR, "2199-12-31"), Err(TooLarge));
        assert!(add(crate::money::MAX_AMOUNT_MINOR, "1900-01-31").is_ok());
    }
}
