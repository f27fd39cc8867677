//! Parameters of a query as PowerOffice takes them: names without regard to case, lists with commas, ranges of numbers
//! with a hyphen, pages by number. A parameter that a path does not have is refused, so that a typing error is seen; the
//! real service ignores it.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};

use super::{entry::VOUCHER_TYPES, moment};

/// Rows of a page unless told.
const DEFAULT_PAGE_SIZE: usize = 5_000;

/// Rows of a page at most.
const MAX_PAGE_SIZE: usize = 20_000;

/// Parameters of every list.
const COMMON: [&str; 4] = ["pagenumber", "pagesize", "fields", "orderby"];

/// What a query says that is not allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

/// The parameters of one call.
pub struct Query(Vec<(String, String)>);

/// Numbers and ranges of numbers.
pub struct Numbers(Vec<RangeInclusive<u64>>);

impl Numbers {
    /// Whether a number is among them.
    pub fn contain(&self, number: u64) -> bool {
        self.0.iter().any(|range| range.contains(&number))
    }
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: usize,
    /// Rows.
    pub size: usize,
}

impl Page {
    /// The rows that are on the page.
    pub fn of<'a>(&self, rows: &'a [u32]) -> &'a [u32] {
        let start = (self.number - 1).saturating_mul(self.size).min(rows.len());
        &rows[start..start.saturating_add(self.size).min(rows.len())]
    }
}

impl Query {
    /// Reads a query whose path has these parameters besides those of every list; written in small letters.
    pub fn parse(text: &str, allowed: &[&str]) -> Result<Self, Wrong> {
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(text).map_err(|error| Wrong(error.to_string()))?;
        let pairs: Vec<_> = pairs.into_inner().into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        let unknown = pairs.iter().find(|(name, _)| !allowed.contains(&name.as_str()) && !COMMON.contains(&name.as_str()));
        unknown.map_or(Ok(()), |(name, _)| Err(Wrong(format!("There is no parameter {name}."))))?;
        Ok(Self(pairs))
    }

    /// A parameter; blank is as good as missing.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.trim().is_empty()).map(|(_, value)| value.as_str())
    }

    /// A date; a time behind it is not looked at.
    pub fn date(&self, name: &str) -> Result<Option<NaiveDate>, Wrong> {
        self.read(name, |text| text.get(..10)?.parse().ok())
    }

    /// An instant with its offset.
    pub fn instant(&self, name: &str) -> Result<Option<DateTime<Utc>>, Wrong> {
        self.read(name, moment::read)
    }

    /// `true` or `false`; false when it is missing.
    pub fn flag(&self, name: &str) -> Result<bool, Wrong> {
        self.read(name, |text| text.to_lowercase().parse().ok()).map(Option::unwrap_or_default)
    }

    /// One number.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Wrong> {
        self.read(name, |text| text.parse().ok())
    }

    /// Numbers and ranges: `10000-10999, 12500, 13000-`.
    pub fn numbers(&self, name: &str) -> Result<Option<Numbers>, Wrong> {
        self.read(name, |text| text.split(',').map(|part| range(part.trim())).collect::<Option<_>>().map(Numbers))
    }

    /// Numbers without ranges.
    pub fn ids(&self, name: &str) -> Result<Option<Vec<u64>>, Wrong> {
        self.read(name, |text| text.split(',').map(|part| part.trim().parse().ok()).collect())
    }

    /// Voucher types, each one that there is.
    pub fn voucher_types(&self, name: &str) -> Result<Option<Vec<&'static str>>, Wrong> {
        let known = |word: &str| VOUCHER_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(word.trim()));
        self.read(name, |text| text.split(',').map(known).collect())
    }

    /// The page asked for.
    pub fn page(&self) -> Result<Page, Wrong> {
        let within = |name: &str, default: usize, most: usize| {
            let number = self.read(name, |text| text.parse().ok().filter(|number| (1..=most).contains(number)))?;
            Ok(number.unwrap_or(default))
        };
        Ok(Page { number: within("pagenumber", 1, usize::MAX)?, size: within("pagesize", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)? })
    }

    /// The field to order by, in small letters, and whether downwards: `DueDate` or `DueDate desc`.
    pub fn order(&self) -> Result<Option<(String, bool)>, Wrong> {
        self.read("orderby", |text| {
            let lower = text.trim().to_lowercase();
            match lower.split_once(' ') {
                None => Some((lower, false)),
                Some((field, "desc")) => Some((field.to_owned(), true)),
                Some((field, "asc")) => Some((field.to_owned(), false)),
                Some(_) => None,
            }
        })
    }

    /// The fields to answer with, in small letters; all when it is missing.
    pub fn fields(&self) -> Option<Vec<String>> {
        self.text("fields").map(|text| text.split(',').map(|field| field.trim().to_lowercase()).collect())
    }

    /// All but the page and the fields: what makes a list.
    pub fn signature(&self, path: &str) -> String {
        let about = |name: &str| !["pagenumber", "pagesize", "fields"].contains(&name);
        let parts = self.0.iter().filter(|(name, _)| about(name)).map(|(name, value)| format!("&{name}={value}"));
        parts.fold(path.to_owned(), |all, part| all + &part)
    }

    fn read<T>(&self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Wrong> {
        let Some(text) = self.text(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| Wrong(format!("{name} cannot be {text:?}.")))
    }
}

fn range(text: &str) -> Option<RangeInclusive<u64>> {
    let Some((from, to)) = text.split_once('-') else {
        let number = text.parse().ok()?;
        return Some(number..=number);
    };
    let to = if to.is_empty() { u64::MAX } else { to.trim().parse().ok()? };
    Some(from.trim().parse().ok()?..=to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_single_numbers_both_ends_and_open_ends() {
        let query = Query::parse("CustomerNos=10000-10002,%2010500,%2013000-", &["customernos"]).unwrap();
        let numbers = query.numbers("customernos").unwrap().unwrap();
        let inside = [9_999, 10_000, 10_002, 10_003, 10_500, 12_999, 13_000, 99_999].map(|number| numbers.contain(number));
        assert_eq!(inside, [false, true, true, false, true, false, true, true]);
    }

    #[test]
    fn nonsense_is_refused_and_blank_is_missing() {
        let query = Query::parse("date=today&x=&pageSize=20001", &["date", "x"]).unwrap();
        assert!(query.date("date").is_err() && query.page().is_err());
        assert_eq!(query.number("x").unwrap(), None);
        assert!(Query::parse("dat=2026-11-21", &["date"]).is_err());
    }
}
