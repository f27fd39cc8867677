//! Which statutory rate holds on a day, for whom, and from when interest runs.

use chrono::{Days, NaiveDate};
use entity::DebtorKind;
use serde::{Deserialize, Serialize};

use super::pack::Pack;

/// How days become a part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// Every year has 365 days; a leap year costs a day more.
    Act365,
    /// Days of a leap year count out of 366.
    ActAct,
}

impl DayCount {
    /// The days of the year that a day lies in.
    pub fn days_of_year(self, day: NaiveDate) -> u32 {
        match self {
            Self::ActAct if day.leap_year() => 366,
            Self::Act365 | Self::ActAct => 365,
        }
    }
}

/// The rate that holds on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// What is charged: base and margin, in millionths per year.
    pub ppm: u32,
    /// The base rate.
    pub base_ppm: u32,
    /// What is added to it.
    pub margin_ppm: u32,
    /// First day of the rate.
    pub from: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
    /// The page that says so.
    pub source: &'static str,
}

/// There is no statutory rate for a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no statutory interest in {country} on {day} from a {}: {why}", word(*.debtor))]
pub struct NoRate {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The first day without one.
    pub day: NaiveDate,
    /// From whom.
    pub debtor: DebtorKind,
    /// Why.
    pub why: WhyNoRate,
}

/// Why there is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WhyNoRate {
    /// The country gives no right to interest: it takes a contract.
    #[error("the law gives no right to it, only a contract does")]
    NoRight,
    /// It gives the right against other debtors only.
    #[error("the law gives the right only against other kinds of debtors")]
    NotFromThisKind,
    /// The rate of that day is not on file; a later edition of the pack may know it.
    #[error("the rate of that day is not on file")]
    NotOnFile,
}

fn word(kind: DebtorKind) -> &'static str {
    match kind {
        DebtorKind::Consumer => "consumer",
        DebtorKind::Business => "business",
    }
}

/// A rate for a time, margin included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatePeriod {
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
    /// Millionths per year.
    pub ppm: u32,
}

impl RatePeriod {
    /// A rate that holds on every day.
    pub fn always(ppm: u32) -> Self {
        Self { first: NaiveDate::MIN, last: NaiveDate::MAX, ppm }
    }
}

/// The statutory rate of a day.
///
/// # Errors
///
/// [`NoRate`] with the country and the day: a rate is never carried on from an earlier one.
pub fn rate_on(pack: &'static Pack, debtor: DebtorKind, day: NaiveDate) -> Result<Rate, NoRate> {
    let interest = &pack.interest;
    let found = interest.rates.iter().find(|row| row.from <= day && day <= row.last && interest.ground.holds_on(day));
    let (row, margin_ppm) = found.zip(interest.margin_ppm.of(debtor)).ok_or_else(|| no_rate(pack, debtor, day))?;
    let ppm = row.ppm.saturating_add(margin_ppm);
    Ok(Rate { ppm, base_ppm: row.ppm, margin_ppm, from: row.from, last: row.last, source: &row.source })
}

/// Why there is no rate on a day.
fn no_rate(pack: &Pack, debtor: DebtorKind, day: NaiveDate) -> NoRate {
    let margins = pack.interest.margin_ppm;
    let why = match (margins.of(debtor), margins.consumer.or(margins.business)) {
        (Some(_), _) => WhyNoRate::NotOnFile,
        (None, Some(_)) => WhyNoRate::NotFromThisKind,
        (None, None) => WhyNoRate::NoRight,
    };
    NoRate { country: pack.country.clone(), day, debtor, why }
}

/// The statutory rates that are on file, by day; none when the law gives no right against such a debtor.
pub fn statutory_rates(pack: &Pack, debtor: DebtorKind) -> Option<Vec<RatePeriod>> {
    let margin = pack.interest.margin_ppm.of(debtor)?;
    let ground = &pack.interest.ground;
    let periods = pack.interest.rates.iter().map(|row| RatePeriod {
        first: ground.from.map_or(row.from, |from| row.from.max(from)),
        last: ground.last.map_or(row.last, |last| row.last.min(last)),
        ppm: row.ppm.saturating_add(margin),
    });
    Some(periods.filter(|period| period.first <= period.last).collect())
}

/// What of a table counts for a debt that keeps the rate of the day on which its interest began: that one for good, or
/// nothing when it is not known.
pub fn kept_rate(table: &[RatePeriod], began: NaiveDate) -> Vec<RatePeriod> {
    let held = table.iter().find(|period| period.first <= began && began <= period.last);
    held.map(|period| RatePeriod { last: NaiveDate::MAX, ..*period }).into_iter().collect()
}

/// The first day that bears interest, of an invoice due on a day, with the day of the first demand after it, if any;
/// none while the debtor is not late in the law's sense, or owes no statutory interest.
pub fn interest_starts(pack: &Pack, debtor: DebtorKind, due_on: NaiveDate, first_demand_on: Option<NaiveDate>) -> Option<NaiveDate> {
    let starts = pack.interest.starts.of(debtor)?;
    let by_time = starts.days_after_due.and_then(|days| due_on.checked_add_days(Days::new(u64::from(days) + 1)));
    let demanded = first_demand_on.filter(|day| starts.after_demand && *day > due_on);
    let by_demand = demanded.and_then(|day| day.succ_opt());
    [by_time, by_demand].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::law::pack;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_published_rates_are_found_by_day_and_debtor() {
        use DebtorKind::{Business, Consumer};
        for (country, debtor, on, ppm) in [
            ("DE", Consumer, "2026-01-01", 62_700),
            ("DE", Business, "2026-06-30", 102_700),
            ("DE", Consumer, "2023-05-01", 66_200),
            ("NO", Consumer, "2026-03-01", 120_000),
            ("NO", Business, "2025-06-30", 125_000),
            ("NO", Business, "2021-07-01", 80_000),
            ("GB", Business, "2026-11-22", 117_500),
            ("GB", Business, "2024-06-30", 132_500),
        ] {
            assert_eq!(rate_on(pack(country).unwrap(), debtor, day(on)).unwrap().ppm, ppm, "{country} {on}");
        }
    }

    #[test]
    fn a_day_without_a_rate_is_an_error_that_names_country_and_day() {
        use DebtorKind::{Business, Consumer};
        for (country, debtor, on, why) in [
            ("NO", Business, "2026-07-01", WhyNoRate::NotOnFile),
            ("NO", Business, "2025-12-31", WhyNoRate::NotOnFile),
            ("DE", Consumer, "2026-11-22", WhyNoRate::NotOnFile),
            ("GB", Business, "2025-11-22", WhyNoRate::NotOnFile),
            ("GB", Consumer, "2026-11-22", WhyNoRate::NotFromThisKind),
            ("AU", Business, "2026-11-22", WhyNoRate::NoRight),
            ("NZ", Consumer, "2026-11-22", WhyNoRate::NoRight),
        ] {
            let error = rate_on(pack(country).unwrap(), debtor, day(on)).unwrap_err();
            assert_eq!((error.why, error.day), (why, day(on)), "{country} {on}");
            assert!(error.to_string().contains(country) && error.to_string().contains(on), "{error}");
        }
    }

    #[test]
    fn the_table_says_of_each_day_what_the_law_says() {
        let days = || day("2019-12-01").iter_days().take(2_600);
        for pack in crate::law::packs() {
            for debtor in [DebtorKind::Consumer, DebtorKind::Business] {
                let table = statutory_rates(pack, debtor).unwrap_or_default();
                for day in days() {
                    let found = table.iter().find(|period| period.first <= day && day <= period.last).map(|period| period.ppm);
                    assert_eq!(found, rate_on(pack, debtor, day).ok().map(|rate| rate.ppm), "{} {debtor:?} {day}", pack.country);
                    let kept = kept_rate(&table, day);
                    assert_eq!(kept.first().map(|period| (period.ppm, period.last)), found.map(|ppm| (ppm, NaiveDate::MAX)));
                }
            }
        }
    }

    #[test]
    fn interest_runs_from_the_day_after_due_or_from_default() {
        use DebtorKind::{Business, Consumer};
        for (country, debtor, demand, first) in [
            ("NO", Consumer, None, Some("2026-03-02")),
            ("GB", Business, None, Some("2026-03-02")),
            ("GB", Consumer, None, None),
            ("DE", Business, None, Some("2026-04-01")),
            ("DE", Business, Some("2026-03-10"), Some("2026-03-11")),
            ("DE", Business, Some("2026-05-10"), Some("2026-04-01")),
            ("DE", Consumer, None, None),
            ("DE", Consumer, Some("2026-03-10"), Some("2026-03-11")),
            // A reminder ahead of time puts nobody in default.
            ("DE", Consumer, Some("2026-03-01"), None),
            ("AU", Business, Some("2026-03-10"), None),
        ] {
            let starts = interest_starts(pack(country).unwrap(), debtor, day("2026-03-01"), demand.map(day));
            assert_eq!(starts, first.map(day), "{country} {debtor:?} {demand:?}");
        }
    }
}
