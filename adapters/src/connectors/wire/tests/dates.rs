//! Days are never moved by a zone; instants are the same in every spelling.

use chrono::{DateTime, NaiveDate};
use proptest::{prelude::*, sample::select};

use crate::connectors::wire::{Day, Instant, WireError};

#[test]
fn a_day_is_the_one_in_the_books() {
    for (json, expected) in [
        (r#""/Date(1439434356790)/""#, "2015-08-13"),
        (r#""\/Date(1439434356790)\/""#, "2015-08-13"),
        (r#""\\/Date(1439434356790)\\/""#, "2015-08-13"),
        // 11:00 in UTC, the day after in Auckland.
        (r#""/Date(1419937200000+1300)/""#, "2014-12-30"),
        (r#""/Date(1541548800000+0000)/""#, "2018-11-07"),
        (r#""/Date(1541548800000+1300)/""#, "2018-11-07"),
        (r#""/Date(1541548800000-1100)/""#, "2018-11-07"),
        (r#""/Date(0)/""#, "1970-01-01"),
        (r#""/Date(-1)/""#, "1969-12-31"),
        (r#""/Date(-86400000+0000)/""#, "1969-12-31"),
        (r#""2018-11-07T00:00:00""#, "2018-11-07"),
        (r#""2018-11-07T00:00:00.0000000""#, "2018-11-07"),
        (r#""2018-11-07T00:00:00Z""#, "2018-11-07"),
        (r#""2018-11-07T00:00:00+13:00""#, "2018-11-07"),
        (r#""2018-11-07T23:00:00-11:00""#, "2018-11-07"),
        (r#""2018-11-07 00:00:00""#, "2018-11-07"),
        (r#"" 2018-11-07 ""#, "2018-11-07"),
        (r#""2024-02-29""#, "2024-02-29"),
    ] {
        let expected: NaiveDate = expected.parse().unwrap();
        assert_eq!(serde_json::from_str::<Day>(json).ok(), Some(Day(expected)), "{json}");
    }
}

#[test]
fn what_is_no_day_is_not_guessed() {
    for given in [
        "",
        "0000-00-00",
        "2018-02-29",
        "2018-13-01",
        "2018-1-7",
        "07.11.2018",
        "11/07/2018",
        "20181107",
        "2018-11-07T",
        "2018-11-07T00:00",
        "2018-11-07T25:00:00",
        "2018-11-07x",
        "+2018-11-7",
        "-018-11-07",
        "２０18-11-07",
        "/Date()/",
        "/Date(-)/",
        "/Date(1e3)/",
        "/Date(1.5)/",
        "/Date(15414 88000)/",
        "/Date(1541548800000+13)/",
        "/Date(1541548800000+1360)/",
        "/Date(99999999999999999999)/",
        "/Date(9223372036854775807)/",
        "/Date(1541548800000)",
        "Date(1541548800000)",
        "1541548800000",
        "äöü/Date(1)/",
    ] {
        assert_eq!(given.parse::<Day>(), Err(WireError::NotADay), "{given:?}");
    }
    assert!(serde_json::from_str::<Day>("1541548800000").is_err(), "a bare number has no unit");
}

#[test]
fn an_instant_is_the_same_in_every_spelling() {
    for (given, expected) in [
        ("2018-11-07T01:02:03Z", "2018-11-07T01:02:03Z"),
        ("2018-11-07t01:02:03z", "2018-11-07T01:02:03Z"),
        ("2018-11-07T01:02:03", "2018-11-07T01:02:03Z"),
        ("2018-11-07 01:02:03", "2018-11-07T01:02:03Z"),
        ("2018-11-07T01:02:03.1234567", "2018-11-07T01:02:03.1234567Z"),
        ("2018-11-07T01:02:03.902Z", "2018-11-07T01:02:03.902Z"),
        ("2018-11-07T01:02:03.123456789+00:00", "2018-11-07T01:02:03.123456789Z"),
        ("2018-11-07T01:02:03+13:00", "2018-11-06T12:02:03Z"),
        ("2018-11-07T01:02:03-1100", "2018-11-07T12:02:03Z"),
        ("/Date(1541552523000)/", "2018-11-07T01:02:03Z"),
        ("/Date(1541552523000+1300)/", "2018-11-07T01:02:03Z"),
        ("\\/Date(1541552523004-0500)\\/", "2018-11-07T01:02:03.004Z"),
        ("/Date(-1)/", "1969-12-31T23:59:59.999Z"),
    ] {
        let expected = DateTime::parse_from_rfc3339(expected).unwrap().to_utc();
        assert_eq!(given.parse(), Ok(Instant(expected)), "{given}");
    }
}

#[test]
fn what_is_no_instant_is_not_guessed() {
    for given in [
        "",
        "2018-11-07",
        "2018-11-07T01:02",
        "2018-11-07T1:02:03",
        "2018-11-07T24:00:00Z",
        "2018-11-07T01:02:60Z",
        "2018-11-07T01:02:03.",
        "2018-11-07T01:02:03.1234567890",
        "2018-11-07T01:02:03+25:00",
        "2018-11-07T01:02:03+0160",
        "2018-11-07T01:02:03+1",
        "2018-11-07T01:02:03 CET",
        "2018-02-30T01:02:03Z",
        "2018-11-07_01:02:03",
        "2018-11-07T01-02-03",
        "Wed, 07 Nov 2018 01:02:03 GMT",
        "1541552523",
    ] {
        assert_eq!(given.parse::<Instant>(), Err(WireError::NotAnInstant), "{given:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_of_dates_fall_over(anything in "\\PC{0,40}", near in "(\\\\?/Date\\()?[-+0-9TZ:. é]{0,30}(\\)\\\\?/)?") {
        for given in [anything, near] {
            let (_, _) = (given.parse::<Day>(), given.parse::<Instant>());
        }
    }

    #[test]
    fn a_day_told_in_milliseconds_is_never_moved_by_the_offset(days in -40_000..40_000_i64, hours in 0..14_u32, sign in select(vec!['+', '-'])) {
        let expected = DateTime::from_timestamp(days * 86_400, 0).unwrap().date_naive();
        let given = format!("/Date({}{sign}{hours:02}00)/", days * 86_400_000);
        prop_assert_eq!(given.parse(), Ok(Day(expected)));
    }
}
