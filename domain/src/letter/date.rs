//! Dates as a reader of the language expects them.

use chrono::{Datelike, NaiveDate};

use super::Language;

const MONTHS_EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const MONTHS_DE: [&str; 12] =
    ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"];

const MONTHS_NB: [&str; 12] =
    ["januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"];

/// The date in words, for sentences: `5 December 2026`, `5. Dezember 2026`. Its parts never break across lines.
pub fn format_long(date: NaiveDate, language: Language) -> String {
    let (day, month, year) = (date.day(), date.month0() as usize, date.year());
    match language {
        Language::En => format!("{day}\u{a0}{}\u{a0}{year}", MONTHS_EN[month]),
        Language::De => format!("{day}.\u{a0}{}\u{a0}{year}", MONTHS_DE[month]),
        Language::Nb => format!("{day}.\u{a0}{}\u{a0}{year}", MONTHS_NB[month]),
    }
}

/// The short date for tables, never ambiguous: `5 Dec 2026`, `05.12.2026`.
pub fn format_short(date: NaiveDate, language: Language) -> String {
    let (day, month, year) = (date.day(), date.month(), date.year());
    match language {
        Language::En => format!("{day}\u{a0}{}\u{a0}{year}", &MONTHS_EN[date.month0() as usize][..3]),
        Language::De | Language::Nb => format!("{day:02}.{month:02}.{year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_naturally_in_every_language() {
        let date = |month, day| NaiveDate::from_ymd_opt(2026, month, day).expect("a date");
        assert_eq!(format_long(date(12, 5), Language::En), "5\u{a0}December\u{a0}2026");
        assert_eq!(format_long(date(3, 31), Language::De), "31.\u{a0}März\u{a0}2026");
        assert_eq!(format_long(date(5, 17), Language::Nb), "17.\u{a0}mai\u{a0}2026");
        assert_eq!(format_short(date(5, 7), Language::Nb), "07.05.2026");
        assert_eq!(format_short(date(12, 5), Language::En), "5\u{a0}Dec\u{a0}2026");
        assert_eq!(format_short(date(3, 1), Language::De), "01.03.2026");
    }

    #[test]
    fn every_month_has_a_short_name_in_ascii() {
        assert!(MONTHS_EN.iter().all(|name| name.is_ascii() && name.len() >= 3));
    }
}
