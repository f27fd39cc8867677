//! Dates as files spell them. A year of four digits in front is never ambiguous; `31.12.2026` with dots is always
//! day first; for the rest the order of day and month is the file's ([`super::evidence`]). Two-digit years are 20xx. A
//! time of day behind the date is checked and dropped: a letter's day is a date.

use chrono::NaiveDate;
use domain::import::DateOrder;

/// A date's numbers, before anybody knows which is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// 2026-11-21, 2026/11/21, 20261121
    YearFirst { year: u16, month: u8, day: u8 },
    /// 3/4/2026
    YearLast { first: u8, second: u8, year: u16, dotted: bool },
}

/// Why a cell is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateFault {
    /// Not the form of a date, or not of the file's order.
    Form,
    /// The form is right, the calendar has no such day.
    NoSuchDay,
    /// Two days fit, and nothing says which.
    Ambiguous,
    /// Before 1970 or after 2100.
    OutOfRange,
}

/// Takes a cell apart.
pub(super) fn shape(cell: &str) -> Option<Shape> {
    let (date, time) = cell.split_once(['T', ' ']).unwrap_or((cell, ""));
    if !time.is_empty() && !is_time(time.trim()) {
        return None;
    }
    if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Shape::YearFirst { year: number(&date[..4], 4)?, month: small(&date[4..6])?, day: small(&date[6..])? });
    }
    let mark = date.chars().find(|char| !char.is_ascii_digit()).filter(|char| matches!(char, '-' | '/' | '.'))?;
    let mut parts = date.split(mark);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        return Some(Shape::YearFirst { year: number(first, 4)?, month: small(second)?, day: small(third)? });
    }
    let year = match third.len() {
        4 => number(third, 4)?,
        2 => 2000 + number(third, 2)?,
        _ => return None,
    };
    Some(Shape::YearLast { first: small(first)?, second: small(second)?, year, dotted: mark == '.' })
}

/// The day that a cell names. Without an order only what fits one order alone is read.
pub(super) fn read(cell: &str, order: Option<DateOrder>) -> Result<NaiveDate, DateFault> {
    let (year, month, day) = match (shape(cell).ok_or(DateFault::Form)?, order) {
        (Shape::YearFirst { year, month, day }, _) => (year, month, day),
        (Shape::YearLast { first, second, year, .. }, Some(DateOrder::DayMonthYear)) => (year, second, first),
        (Shape::YearLast { first, second, year, .. }, Some(DateOrder::MonthDayYear)) => (year, first, second),
        (Shape::YearLast { .. }, Some(DateOrder::YearMonthDay)) => return Err(DateFault::Form),
        (Shape::YearLast { first, second, year, dotted }, None) => {
            if dotted || first > 12 || first == second {
                (year, second, first)
            } else if second > 12 {
                (year, first, second)
            } else {
                return Err(DateFault::Ambiguous);
            }
        }
    };
    let date = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day)).ok_or(DateFault::NoSuchDay)?;
    if (1970..=2100).contains(&year) { Ok(date) } else { Err(DateFault::OutOfRange) }
}

fn number(digits: &str, longest: usize) -> Option<u16> {
    let fits = (1..=longest).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { digits.parse().ok() } else { None }
}

fn small(digits: &str) -> Option<u8> {
    u8::try_from(number(digits, 2)?).ok()
}

/// `14:30`, `0:00:00`, `14:30:00.000Z`, `2:30 PM`.
fn is_time(text: &str) -> bool {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let upper = text.to_ascii_uppercase();
    let clock = upper.strip_suffix("AM").or_else(|| upper.strip_suffix("PM")).unwrap_or(&upper).trim_end();
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<Option<u8>> = whole.split(':').map(small).collect();
    let in_range = match parts.as_slice() {
        [Some(hour), Some(minute)] => *hour < 24 && *minute < 60,
        [Some(hour), Some(minute), Some(second)] => *hour < 24 && *minute < 60 && *second < 60,
        _ => false,
    };
    in_range && fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic fails the test")]
    use super::*;
    use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn each_order_reads_its_own_spelling() {
        let cases = [
            ("2026-11-21", None, day(2026, 11, 21)),
            ("2026/1/2", Some(MonthDayYear), day(2026, 1, 2)),
            ("20261121", Some(DayMonthYear), day(2026, 11, 21)),
            ("2026-11-21T00:00:00", Some(YearMonthDay), day(2026, 11, 21)),
            ("2026-11-21 14:30:00.123Z", None, day(2026, 11, 21)),
            ("21.11.2026", Some(DayMonthYear), day(2026, 11, 21)),
            ("3.4.2026", None, day(2026, 4, 3)),
            ("1/2/2013 0:00", Some(MonthDayYear), day(2013, 1, 2)),
            ("1/2/13 2:30 PM", Some(DayMonthYear), day(2013, 2, 1)),
            ("13/1/2013", None, day(2013, 1, 13)),
            ("1/13/2013", None, day(2013, 1, 13)),
            ("5/5/2013", None, day(2013, 5, 5)),
            ("29-02-2024", Some(DayMonthYear), day(2024, 2, 29)),
        ];
        for (cell, order, expected) in cases {
            assert_eq!(read(cell, order), Ok(expected), "{cell}");
        }
    }

    #[test]
    fn what_is_no_date_says_why() {
        let cases = [
            ("1/2/2013", None, DateFault::Ambiguous),
            ("1/2/2013", Some(YearMonthDay), DateFault::Form),
            ("1/13/2013", Some(DayMonthYear), DateFault::NoSuchDay),
            ("29.02.2023", Some(DayMonthYear), DateFault::NoSuchDay),
            ("0000-01-01", None, DateFault::NoSuchDay),
            ("0000-01-00", None, DateFault::NoSuchDay),
            ("1969-12-31", None, DateFault::OutOfRange),
            ("9999-12-31", None, DateFault::OutOfRange),
            ("2101-01-01", None, DateFault::OutOfRange),
        ];
        for (cell, order, fault) in cases {
            // Year 0000 exists in the proleptic calendar; it is out of range all the same.
            let found = read(cell, order).unwrap_err();
            assert!(found == fault || (cell == "0000-01-01" && found == DateFault::OutOfRange), "{cell}: {found:?}");
        }
        for cell in [
            "",
            "tomorrow",
            "2026-11",
            "2026-11-21-01",
            "1/2/3",
            "1/2/202",
            "٢٠٢٦-١١-٢١",
            "2026-11-21T24:00",
            "2026-11-21T23:59:60",
            "2026-11-21+14:00",
            "2026-11-21T10:00+14:00",
            "-2026-11-21",
            "45000",
            "2026-011-21",
            "+1/2/2013",
            "1.2/2013",
            "202611211",
        ] {
            assert_eq!(read(cell, Some(DayMonthYear)), Err(DateFault::Form), "{cell:?}");
        }
    }
}
