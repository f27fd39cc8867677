#![allow(clippy::unwrap_used, reason = "tests")]
use chrono_tz::Tz;
use proptest::{prelude::*, sample::select};

use super::*;
use crate::calendar::ContactWindow;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap()
}

fn place(country: &str, region: &str) -> Place {
    Place::of(Some(country), Some(region), country, Tz::UTC)
}

fn all_week(from: NaiveTime, to: NaiveTime) -> ContactHours {
    ContactHours::new((1..=7).map(|weekday| ContactWindow { weekday, from, to }).collect()).unwrap()
}

/// Every hour of every day, as far as a tenant can say it.
fn always() -> ContactHours {
    all_week(NaiveTime::MIN, NaiveTime::from_hms_opt(23, 59, 59).unwrap())
}

#[test]
fn the_tenants_hours_are_cut_to_the_countrys() {
    for (country, on, windows) in [
        ("AU", "2026-11-23", vec!["07:30:00-21:00:00"]),
        ("AU", "2026-11-22", vec!["09:00:00-21:00:00"]),
        ("NO", "2026-11-21", vec!["09:00:00-15:00:00"]),
        ("NO", "2026-11-22", vec![]),
        ("DE", "2026-11-22", vec!["00:00:00-23:59:59"]),
    ] {
        let seen = Openings::new(always(), place(country, ""), true).windows_on(day(on));
        assert_eq!(seen.iter().map(|(from, to)| format!("{from}-{to}")).collect::<Vec<_>>(), windows, "{country} {on}");
    }
    let sunday = Openings::new(always(), place("NO", ""), true);
    assert_eq!(sunday.closed_because(day("2026-11-22")), Some(ClosedBecause::Law));
    let weekdays = Openings::new(ContactHours::default(), place("NO", ""), true);
    assert_eq!(weekdays.closed_because(day("2026-11-22")), Some(ClosedBecause::TenantsHours));
    assert_eq!(weekdays.closed_because(day("2026-11-23")), None);
}

#[test]
fn holidays_of_the_debtors_place_are_passed_over() {
    for (country, region, from, open) in [
        // Good Friday to Easter Monday 2027.
        ("DE", "Bayern", "2027-03-26", "2027-03-30"),
        ("NO", "", "2027-03-25", "2027-03-30"),
        ("GB", "Scotland", "2027-03-26", "2027-03-29"),
        ("DE", "Sachsen", "2026-11-18", "2026-11-19"),
        ("DE", "Bayern", "2026-11-18", "2026-11-18"),
        ("NZ", "Auckland", "2026-01-26", "2026-01-27"),
        ("NZ", "Otago", "2026-01-26", "2026-01-26"),
        // Christmas to the day after New Year, with a weekend on either side.
        ("NZ", "", "2026-12-25", "2026-12-29"),
    ] {
        let openings = Openings::new(ContactHours::default(), place(country, region), true);
        let found = openings.opening_from(day(from)).unwrap();
        assert_eq!(local_date(openings.place().zone, found), day(open), "{country} {region} {from}");
    }
}

#[test]
fn a_tenant_that_works_on_holidays_still_keeps_what_the_law_closes() {
    let open = |country, region, on: &str| !Openings::new(always(), place(country, region), false).windows_on(day(on)).is_empty();
    assert!(!open("AU", "VIC", "2026-04-03"), "Good Friday, the whole country");
    assert!(open("AU", "VIC", "2026-11-03"), "Melbourne Cup Day, Victoria alone");
    assert!(open("DE", "Bayern", "2026-04-03"), "German law closes no day");
    let skipping = Openings::new(always(), place("AU", "VIC"), true);
    assert_eq!(skipping.closed_because(day("2026-11-03")), Some(ClosedBecause::Holiday("Melbourne Cup Day")));
    // Australia Day 2025 was a Sunday; New South Wales kept the Monday, the guideline closes both.
    let sydney = Openings::new(always(), place("AU", "NSW"), true);
    assert!(sydney.windows_on(day("2025-01-26")).is_empty() && sydney.windows_on(day("2025-01-27")).is_empty());
}

#[test]
fn where_the_law_closes_on_holidays_a_year_that_is_not_on_file_is_closed_and_says_why() {
    for skip in [true, false] {
        let sydney = Openings::new(ContactHours::default(), place("AU", "NSW"), skip);
        assert_eq!(sydney.closed_because(day("2035-12-31")), None);
        assert_eq!(sydney.closed_because(day("2036-01-02")), Some(ClosedBecause::HolidaysUnknown));
        assert_eq!(sydney.next_open(utc("2035-12-31T12:00:00Z")), None, "never taken for a year of working days");
        assert_eq!(sydney.closed_because(day("2023-12-29")), Some(ClosedBecause::HolidaysUnknown));
        // No law closes there: as in a country without a file.
        let berlin = Openings::new(ContactHours::default(), place("DE", ""), skip);
        assert_eq!(berlin.closed_because(day("2036-01-02")), None);
    }
    // A deadline asks for no holiday, so that no year is beyond it.
    assert_eq!(crate::calendar::deadline(day("2036-12-18"), 14), day("2037-01-01"));
}

#[test]
fn weekends_and_nights_wait_for_the_next_opening_in_the_debtors_zone() {
    let openings = Openings::new(ContactHours::default(), place("NZ", ""), true);
    for (at, open) in [
        // Friday 16:59 local is open, 17:00 waits for Monday 9:00 (NZDT, UTC+13).
        ("2026-11-20T03:59:00Z", "2026-11-20T03:59:00Z"),
        ("2026-11-20T04:00:00Z", "2026-11-22T20:00:00Z"),
        // Sunday morning.
        ("2026-11-21T21:00:00Z", "2026-11-22T20:00:00Z"),
        // Monday before opening.
        ("2026-11-22T19:59:59Z", "2026-11-22T20:00:00Z"),
    ] {
        assert_eq!(openings.next_open(utc(at)), Some(utc(open)), "{at}");
    }
}

#[test]
fn daylight_saving_moves_the_instant_and_never_opens_a_closed_hour() {
    let night = |from: &str, to: &str| all_week(from.parse().unwrap(), to.parse().unwrap());
    for (country, region, hours, from, open) in [
        // Berlin, clocks forward: 02:30 to 03:30 is 03:00 to 03:30; 02:00 to 03:00 is not at all that night.
        ("DE", "", night("02:30:00", "03:30:00"), "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
        ("DE", "", night("02:00:00", "03:00:00"), "2026-03-28T23:00:00Z", "2026-03-30T00:00:00Z"),
        // Clocks back: 02:30 comes twice, and between the two it is 02:00 again. The second begins.
        ("DE", "", night("02:30:00", "04:00:00"), "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        // Lord Howe, half an hour back at 02:00: 01:45 comes twice.
        ("AU", "Lord Howe Island", night("09:00:00", "10:00:00"), "2027-04-04T12:00:00Z", "2027-04-04T22:30:00Z"),
        // Auckland's nine o'clock before and after the last Sunday of September.
        ("NZ", "", night("09:00:00", "17:00:00"), "2026-09-25T22:00:00Z", "2026-09-25T22:00:00Z"),
        ("NZ", "", night("09:00:00", "17:00:00"), "2026-09-26T06:00:00Z", "2026-09-26T20:00:00Z"),
        ("NZ", "Chatham Islands", night("09:00:00", "17:00:00"), "2026-09-26T06:00:00Z", "2026-09-26T19:15:00Z"),
    ] {
        let openings = Openings::new(hours, place(country, region), true);
        assert_eq!(openings.next_open(utc(from)), Some(utc(open)), "{country} {region} {from}");
    }
}

#[test]
fn a_regions_holiday_has_its_name_whatever_the_hours() {
    let openings = Openings::new(all_week(at(9), at(10)), place("DE", "Sachsen"), false);
    for (on, holiday) in [("2026-11-18", true), ("2026-11-19", false), ("2026-12-25", true)] {
        assert_eq!(openings.holiday(day(on)).is_some(), holiday, "{on}");
    }
}

#[test]
fn hours_outside_of_the_countrys_never_open() {
    let openings = Openings::new(all_week(at(22), at(23)), place("AU", "WA"), true);
    assert_eq!(openings.next_open(utc("2026-11-22T00:00:00Z")), None);
}

fn openings() -> impl Strategy<Value = Openings> {
    let places = select(vec![
        ("AU", "NSW"),
        ("AU", "Lord Howe Island"),
        ("AU", "WA"),
        ("DE", "Sachsen"),
        ("DE", ""),
        ("GB", "Scotland"),
        ("NO", ""),
        ("NZ", "Auckland"),
        ("NZ", "Chatham Islands"),
    ]);
    let window = (1_u8..=7, 0_u32..1435, 1_u32..600).prop_map(|(weekday, from, length)| {
        let time = |minute: u32| NaiveTime::from_num_seconds_from_midnight_opt(minute.min(1439) * 60, 0).unwrap();
        ContactWindow { weekday, from: time(from), to: time(from + length) }
    });
    (places, prop::collection::vec(window, 1..8), any::<bool>())
        .prop_map(|((country, region), windows, skip)| Openings::new(ContactHours::new(windows).unwrap(), place(country, region), skip))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// What opens is open: in a window of the tenant and of the country in local time, on no holiday that closes; it
    /// is never before what was asked, and asking again from there answers the same.
    #[test]
    fn nothing_opens_in_a_closed_window_or_on_a_holiday(openings in openings(), second in 1_704_067_200_i64..2_082_000_000) {
        let asked = DateTime::from_timestamp(second, 0).unwrap();
        if let Some(open) = openings.next_open(asked) {
            prop_assert!(open >= asked);
            prop_assert_eq!(openings.next_open(open), Some(open));
            let local = open.with_timezone(&openings.place.zone).naive_local();
            let weekday = u8::try_from(local.weekday().number_from_monday()).unwrap();
            let within = |from: NaiveTime, to: NaiveTime| from <= local.time() && local.time() < to;
            prop_assert!(openings.hours.windows().iter().any(|w| w.weekday == weekday && within(w.from, w.to)), "{local}");
            if let Some(rule) = law::pack(&openings.place.country).and_then(|pack| pack.contact_on(local.date())) {
                prop_assert!(rule.windows.iter().any(|w| w.weekdays.contains(&weekday) && within(w.from, w.to)), "{local}");
                prop_assert!(rule.closed_on != Closed::National || law::national_holiday(&openings.place.country, local.date()).is_none());
            }
            prop_assert!(!openings.skip_holidays || openings.holiday(local.date()).is_none(), "{local}");
        }
    }

    /// Nothing open is passed over: a minute that is in a window and on no holiday is answered with itself, unless
    /// clocks are moved that day.
    #[test]
    fn an_open_minute_is_not_passed_over(openings in openings(), second in 1_704_067_200_i64..2_082_000_000) {
        let asked = DateTime::from_timestamp(second, 0).unwrap();
        let local = asked.with_timezone(&openings.place.zone).naive_local();
        let moved = instant(openings.place.zone, local.date(), at(12)) - instant(openings.place.zone, local.date(), at(0)) != chrono::TimeDelta::hours(12);
        let inside = openings.windows_on(local.date()).iter().any(|(from, to)| *from <= local.time() && local.time() < *to);
        prop_assert!(moved || openings.is_open(asked) == inside);
    }

    /// A deadline is so many days away, never fewer.
    #[test]
    fn a_deadline_is_never_early(offset in 0_u64..4_000, days in 0_u32..400) {
        let sent = day("2024-01-01") + Days::new(offset);
        prop_assert_eq!((crate::calendar::deadline(sent, days) - sent).num_days(), i64::from(days));
    }
}
