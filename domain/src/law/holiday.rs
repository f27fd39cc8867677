//! Public holidays of countries and their regions, from the files that `scripts/holidays` makes. Read once; a look-up
//! is two binary searches.

use std::{collections::HashMap, ops::RangeInclusive, sync::LazyLock};

use chrono::{Datelike, NaiveDate};

use super::region::{fold, region};

/// The years that the files cover; outside of them no day is known to be a holiday, nor to be none ([`holidays_known`]).
pub const HOLIDAY_YEARS: RangeInclusive<i32> = 2024..=2035;

const SOURCES: [(&str, &str); 5] = [
    ("AU", include_str!("holidays/au.txt")),
    ("DE", include_str!("holidays/de.txt")),
    ("GB", include_str!("holidays/gb.txt")),
    ("NO", include_str!("holidays/no.txt")),
    ("NZ", include_str!("holidays/nz.txt")),
];

/// A country's file.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Codes of the regions, with what addresses call them.
    pub(super) regions: Vec<(&'static str, Vec<&'static str>)>,
    /// Codes by folded name.
    pub(super) codes: HashMap<String, &'static str>,
    /// The region of places that name none, or an unknown one.
    otherwise: Option<&'static str>,
    /// Holidays by day; one day may be one thing here and another there.
    days: Vec<Day>,
}

#[derive(Debug)]
struct Day {
    on: NaiveDate,
    reach: Reach,
    name: &'static str,
}

/// Where a day is a holiday.
#[derive(Debug)]
enum Reach {
    Everywhere,
    AllBut(Vec<&'static str>),
    Only(Vec<&'static str>),
}

impl Reach {
    fn read(text: &'static str) -> Self {
        let codes = |text: &'static str| text.split(',').collect();
        match text.strip_prefix("*-") {
            Some(without) => Self::AllBut(codes(without)),
            None if text == "*" => Self::Everywhere,
            None => Self::Only(codes(text)),
        }
    }

    fn holds(&self, region: Option<&str>) -> bool {
        match self {
            Self::Everywhere => true,
            Self::AllBut(codes) => region.is_none_or(|region| !codes.contains(&region)),
            Self::Only(codes) => region.is_some_and(|region| codes.contains(&region)),
        }
    }
}

static BOOKS: LazyLock<Vec<(&'static str, Book)>> =
    LazyLock::new(|| SOURCES.iter().map(|(country, text)| (*country, read(country, text))).collect());

/// The files are part of the program, like the packs: a line that cannot be read stops it. A test reads them all.
#[expect(clippy::panic, reason = "a broken file is a broken build; taking holidays for working days would be worse")]
fn read(country: &str, text: &'static str) -> Book {
    let mut book = Book::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        add(&mut book, line).unwrap_or_else(|| panic!("the holidays of {country}: {line}"));
    }
    book.days.sort_by_key(|day| day.on);
    book
}

fn add(book: &mut Book, line: &'static str) -> Option<()> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    match fields[..] {
        ["region", code, names] => {
            let names: Vec<_> = names.split('|').collect();
            book.codes.extend(names.iter().map(|name| (fold(name), code)));
            book.regions.push((code, names));
        }
        ["else", code] => book.otherwise = Some(code),
        ["day", on, reach, name] => book.days.push(Day { on: on.parse().ok()?, reach: Reach::read(reach), name }),
        _ => return None,
    }
    Some(())
}

pub(super) fn book(country: &str) -> Option<&'static Book> {
    BOOKS.iter().find(|(of, _)| *of == country).map(|(_, book)| book)
}

/// The name of the public holiday of a day in a place, in the country's language; none when it is not one.
///
/// The region is what the debtor's address says: a code, a name or a usual abbreviation ([`region()`]). Without one,
/// or with one that is unknown, only the holidays of the whole country count: closing on days that are holidays
/// somewhere would close more than law or courtesy ask. British addresses hardly ever name the nation: England's are
/// taken.
pub fn holiday(country: &str, place: Option<&str>, day: NaiveDate) -> Option<&'static str> {
    let book = book(country)?;
    let region = place.and_then(|text| region(country, text)).or(book.otherwise);
    find(book, region, day)
}

/// Whether it is known if a day is a public holiday of a country: it has a file, and the file the year.
pub fn holidays_known(country: &str, day: NaiveDate) -> bool {
    book(country).is_some() && HOLIDAY_YEARS.contains(&day.year())
}

/// The name of the holiday that a day is in the whole country.
pub fn national_holiday(country: &str, day: NaiveDate) -> Option<&'static str> {
    find(book(country)?, None, day)
}

fn find(book: &Book, region: Option<&str>, day: NaiveDate) -> Option<&'static str> {
    let first = book.days.partition_point(|entry| entry.on < day);
    let that_day = book.days[first..].iter().take_while(|entry| entry.on == day);
    that_day.into_iter().find(|entry| entry.reach.holds(region)).map(|entry| entry.name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn is(country: &str, place: &str, day: &str) -> Option<&'static str> {
        holiday(country, (!place.is_empty()).then_some(place), day.parse().unwrap())
    }

    #[test]
    fn days_that_calendars_on_walls_tell() {
        for (country, place, day, name) in [
            ("NZ", "", "2026-07-10", Some("Matariki")),
            ("NZ", "", "2026-04-27", Some("Anzac Day (observed)")),
            ("NZ", "Auckland", "2026-01-26", Some("Auckland Anniversary Day")),
            ("NZ", "Waikato", "2026-01-26", Some("Auckland Anniversary Day")),
            ("NZ", "Wellington", "2026-01-26", None),
            ("NZ", "", "2026-01-26", None),
            ("NZ", "Canterbury", "2026-11-13", Some("Canterbury Anniversary Day")),
            ("AU", "NSW", "2026-01-26", Some("Australia Day")),
            ("AU", "Western Australia", "2026-04-27", Some("ANZAC Day (observed)")),
            ("AU", "VIC", "2026-04-27", None),
            ("AU", "Victoria", "2026-11-03", Some("Melbourne Cup Day")),
            ("AU", "NSW", "2026-11-03", None),
            ("DE", "", "2027-03-26", Some("Karfreitag")),
            ("DE", "", "2027-03-29", Some("Ostermontag")),
            ("DE", "Sachsen", "2026-11-18", Some("Buß- und Bettag")),
            ("DE", "Bayern", "2026-11-18", None),
            ("DE", "Bavaria", "2026-06-04", Some("Fronleichnam")),
            ("DE", "Berlin", "2026-06-04", None),
            ("NO", "", "2026-05-17", Some("Grunnlovsdag")),
            ("NO", "Oslo", "2027-03-25", Some("Skjærtorsdag")),
            ("GB", "Scotland", "2026-01-02", Some("New Year Holiday")),
            ("GB", "England", "2026-01-02", None),
            ("GB", "Scotland", "2027-03-29", None),
            ("GB", "Kent", "2027-03-29", Some("Easter Monday")),
            ("GB", "", "2026-08-31", Some("Late Summer Bank Holiday")),
            ("FR", "", "2026-07-14", None),
        ] {
            assert_eq!(is(country, place, day), name, "{country} {place} {day}");
        }
    }

    #[test]
    fn a_day_that_some_regions_keep_on_another_is_the_countrys_still() {
        // Australia Day 2025 fell on a Sunday: every state keeps the Monday.
        assert_eq!((is("AU", "NSW", "2025-01-26"), is("AU", "NSW", "2025-01-27").is_some()), (None, true));
        assert_eq!(national_holiday("AU", "2025-01-26".parse().unwrap()), Some("Australia Day"));
        assert!(national_holiday("AU", "2025-01-27".parse().unwrap()).is_some());
    }

    #[test]
    fn what_is_not_on_file_is_not_said_to_be_no_holiday() {
        let known = |country: &str, day: &str| holidays_known(country, day.parse().unwrap());
        assert!(known("NO", "2024-01-01") && known("NO", "2035-12-31"));
        assert!(!known("NO", "2023-12-31") && !known("NO", "2036-01-01") && !known("FR", "2026-07-14"));
    }

    #[test]
    fn every_country_with_a_pack_has_all_its_years() {
        for pack in crate::law::packs() {
            let book = book(&pack.country).unwrap();
            for year in HOLIDAY_YEARS {
                let count = book.days.iter().filter(|day| day.on.year() == year && day.reach.holds(None)).count();
                assert!((5..=16).contains(&count), "{} {year}: {count} national holidays", pack.country);
            }
            assert!(book.days.iter().all(|day| HOLIDAY_YEARS.contains(&day.on.year())));
            let known = |code: &&str| book.regions.iter().any(|(region, _)| region == code);
            for day in &book.days {
                let (Reach::AllBut(codes) | Reach::Only(codes)) = &day.reach else { continue };
                assert!(codes.iter().all(known), "{} {day:?}", pack.country);
            }
        }
    }
}
