//! The hours of contact that a tenant chose.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{HORIZON_DAYS, instant, local_date};
use crate::error::{Refusal, RefusalCode, Result};

/// One stretch of a weekday in which contact is allowed, in the debtor's local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactWindow {
    /// 1 Monday to 7 Sunday.
    pub weekday: u8,
    /// First moment.
    pub from: NaiveTime,
    /// First moment after.
    pub to: NaiveTime,
}

/// The hours of contact of a tenant, sorted by weekday and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactHours(Vec<ContactWindow>);

impl Default for ContactHours {
    /// Monday to Friday, nine to five: inside every rule pack's hours.
    fn default() -> Self {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self((1..=5).map(|weekday| ContactWindow { weekday, from: at(9), to: at(17) }).collect())
    }
}

impl ContactHours {
    /// Takes windows as a person gave them.
    ///
    /// # Errors
    ///
    /// `INVALID` for a weekday outside 1 to 7, a window that ends before it starts, or none at all; `LIMIT_EXCEEDED`
    /// for more than 28.
    pub fn new(mut windows: Vec<ContactWindow>) -> Result<Self, Refusal> {
        if windows.is_empty() {
            return Err(
                Refusal::new(RefusalCode::Invalid, "at least one window is needed, otherwise no letter ever leaves").at("contactHours")
            );
        }
        if windows.len() > 28 {
            return Err(Refusal::new(RefusalCode::LimitExceeded, "at most 28 windows").at("contactHours"));
        }
        if windows.iter().any(|w| !(1..=7).contains(&w.weekday) || w.from >= w.to) {
            let message = "a window has a weekday from 1 (Monday) to 7 (Sunday) and ends after it starts";
            return Err(Refusal::new(RefusalCode::Invalid, message).at("contactHours"));
        }
        windows.sort_by_key(|w| (w.weekday, w.from));
        Ok(Self(windows))
    }

    /// The windows.
    pub fn windows(&self) -> &[ContactWindow] {
        &self.0
    }

    /// The instant itself when it lies in a window, otherwise the next opening; none when there never is one.
    pub fn next_open(&self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = local_date(zone, at);
        self.openings(zone, today).find_map(|(from, to)| (to > at).then_some(from.max(at)))
    }

    /// The first opening on the day or after it.
    pub fn opening_from(&self, zone: Tz, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.openings(zone, day).next().map(|(from, _)| from)
    }

    fn openings(&self, zone: Tz, from: NaiveDate) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        (0..HORIZON_DAYS).filter_map(move |n| from.checked_add_days(Days::new(n))).flat_map(move |day| {
            let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or(1);
            self.0.iter().filter(move |w| w.weekday == weekday).map(move |w| (instant(zone, day, w.from), instant(zone, day, w.to)))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn weekends_and_nights_wait_for_the_next_opening_in_the_debtors_zone() {
        let hours = ContactHours::default();
        let auckland = Tz::Pacific__Auckland;
        for (at, open) in [
            // Friday 16:59 local is open, 17:00 waits for Monday 9:00 (NZDT, UTC+13).
            ("2026-11-20T03:59:00Z", "2026-11-20T03:59:00Z"),
            ("2026-11-20T04:00:00Z", "2026-11-22T20:00:00Z"),
            // Sunday morning.
            ("2026-11-21T21:00:00Z", "2026-11-22T20:00:00Z"),
            // Monday before opening.
            ("2026-11-22T19:59:59Z", "2026-11-22T20:00:00Z"),
        ] {
            assert_eq!(hours.next_open(auckland, utc(at)), Some(utc(open)), "{at}");
        }
    }

    #[test]
    fn daylight_saving_moves_the_instant_and_not_the_hour() {
        let hours = ContactHours::default();
        let berlin = Tz::Europe__Berlin;
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(hours.opening_from(berlin, day("2026-10-23")), Some(utc("2026-10-23T07:00:00Z")));
        assert_eq!(hours.opening_from(berlin, day("2026-10-24")), Some(utc("2026-10-26T08:00:00Z")));
    }

    #[test]
    fn windows_that_never_open_are_refused() {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        assert!(ContactHours::new(vec![]).is_err());
        assert!(ContactHours::new(vec![ContactWindow { weekday: 8, from: at(9), to: at(10) }]).is_err());
        assert!(ContactHours::new(vec![ContactWindow { weekday: 1, from: at(10), to: at(10) }]).is_err());
    }
}
