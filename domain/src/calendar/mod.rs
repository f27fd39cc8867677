//! Days and hours: the tenant's day, the debtor's place and zone, the openings in which letters leave, deadlines.
//!
//! Letters leave only inside the [`Openings`] of the debtor's place: the tenant's hours, cut down to what the country's
//! rule pack allows, without the holidays there. Deadlines are counted apart, in plain days over weekends and holidays
//! ([`deadline`]). What countries demand stands in [`crate::law`].

mod hours;
mod openings;
mod place;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

pub use hours::{ContactHours, ContactWindow};
pub use openings::{ClosedBecause, Openings};
pub use place::{Place, debtor_zone};

use crate::error::{Refusal, RefusalCode};

/// How far ahead an open day is looked for before the hours count as never open.
const HORIZON_DAYS: u64 = 370;

/// The local day of an instant.
pub fn local_date(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// The instant of a local time: the first of two when clocks are set back, the end of the gap when they are set
/// forward.
pub fn instant(zone: Tz, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let local = day.and_time(time);
    if let Some(found) = zone.from_local_datetime(&local).earliest() {
        return found.with_timezone(&Utc);
    }
    // Gaps begin and end at quarters of an hour; the longest skipped a whole day (Samoa, 2011).
    let quarter = local - TimeDelta::seconds(i64::from(time.num_seconds_from_midnight() % 900));
    let after = (1..=96).map(|n| quarter + TimeDelta::minutes(15 * n));
    let mut after = after.filter_map(|local| zone.from_local_datetime(&local).earliest());
    after.next().map_or_else(|| Utc.from_utc_datetime(&local), |found| found.with_timezone(&Utc))
}

/// The first instant of a local day.
pub fn day_start(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    instant(zone, day, NaiveTime::MIN)
}

/// A zone by its IANA name.
///
/// # Errors
///
/// `INVALID` for an unknown name.
pub fn zone(name: &str) -> Result<Tz, Refusal> {
    name.parse().map_err(|_| Refusal::new(RefusalCode::Invalid, "unknown time zone; use an IANA name such as Europe/Berlin").at("timeZone"))
}

/// The last day of a deadline of so many days that are counted from sending: plain days, over weekends and holidays;
/// fourteen days end on the same weekday.
pub fn deadline(sent_on: NaiveDate, days: u32) -> NaiveDate {
    sent_on.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

/// The latest instant of a local time: the second of two when clocks are set back. With it an opening begins, so that
/// nothing leaves at a local time before it.
fn latest_instant(zone: Tz, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    zone.from_local_datetime(&day.and_time(time)).latest().map_or_else(|| instant(zone, day, time), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use chrono::Datelike;

    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_tenants_day_is_not_the_utc_day() {
        assert_eq!(local_date(Tz::Pacific__Auckland, utc("2026-11-20T11:30:00Z")).to_string(), "2026-11-21");
    }

    #[test]
    fn a_time_that_does_not_exist_is_the_end_of_the_gap_and_one_that_exists_twice_the_first() {
        for (zone, day, time, at) in [
            (Tz::Europe__Berlin, "2027-03-28", "02:30:00", "2027-03-28T01:00:00Z"),
            (Tz::Europe__Berlin, "2027-03-28", "02:37:11", "2027-03-28T01:00:00Z"),
            (Tz::Europe__Berlin, "2026-10-25", "02:30:00", "2026-10-25T00:30:00Z"),
            // Auckland: forward on the last Sunday of September, back on the first of April.
            (Tz::Pacific__Auckland, "2026-09-27", "02:10:00", "2026-09-26T14:00:00Z"),
            (Tz::Pacific__Auckland, "2027-04-04", "02:30:00", "2027-04-03T13:30:00Z"),
            // Lord Howe moves by half an hour.
            (Tz::Australia__Lord_Howe, "2026-10-04", "02:10:00", "2026-10-03T15:30:00Z"),
            (Tz::Australia__Lord_Howe, "2027-04-04", "01:45:00", "2027-04-03T14:45:00Z"),
            // A day that never was.
            (Tz::Pacific__Apia, "2011-12-30", "09:00:00", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(instant(zone, day.parse().unwrap(), time.parse().unwrap()), utc(at), "{zone} {day} {time}");
        }
    }

    #[test]
    fn fourteen_days_end_on_the_same_weekday_over_any_holiday() {
        let sent: NaiveDate = "2026-12-18".parse().unwrap();
        assert_eq!(deadline(sent, 14).to_string(), "2027-01-01");
        assert_eq!(deadline(sent, 14).weekday(), sent.weekday());
        assert_eq!(deadline(NaiveDate::MAX, 1), NaiveDate::MAX);
    }
}
