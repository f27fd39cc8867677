//! Lists as Xero answers them: filtered, ordered, cut into pages, and only what changed since. A list is looked for once
//! and kept until something of its kind changes, so that every page of a long list comes at once; when something does
//! change between two pages, rows move, as they do with Xero.

mod cell;
mod filter;
mod lexer;
mod order;

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};
use uuid::Uuid;

pub use cell::Filtered;
pub use filter::Filter;
pub use order::Order;

use super::{
    books::{Books, Document, Shelf},
    wire::Pagination,
};

/// Records above which Xero refuses what it has no index for.
const UNINDEXED_LIMIT: usize = 100_000;

/// Rows on a page unless asked otherwise.
const PAGE_SIZE: usize = 100;

/// Rows on a page at most.
const PAGE_SIZE_LIMIT: usize = 1_000;

/// Why a list cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// The expression cannot be read.
    #[error("cannot be parsed: {0}")]
    Syntax(String),
    /// There is no such column.
    #[error("No property or field '{name}' exists in type '{of}'")]
    Column {
        /// What was named.
        name: String,
        /// The kind of document.
        of: &'static str,
    },
    /// Too much to look through without an index.
    #[error("The filter or order is not optimised and there are more than 100000 records: use optimised fields and paging")]
    TooMuch,
    /// The value of a parameter cannot be read.
    #[error("{0} is not valid")]
    Parameter(&'static str),
}

/// What was asked of a list.
#[derive(Clone, Debug, Default)]
pub struct Query {
    parameters: Vec<(String, String)>,
    since: Option<DateTime<Utc>>,
}

/// A list that was found.
pub struct Found {
    /// Positions of the rows asked for, in order.
    pub rows: Vec<u32>,
    /// Where the page stands; none when no page was asked for.
    pub pagination: Option<Pagination>,
}

impl Query {
    /// Reads the query of an address and the header `If-Modified-Since`.
    ///
    /// # Errors
    /// When the header is no ISO date and time.
    pub fn new(query: &str, modified_since: Option<&str>) -> Result<Self, BadQuery> {
        let parameters = actix_web::web::Query::<Vec<(String, String)>>::from_query(query);
        let parameters = parameters.map_err(|_| BadQuery::Parameter("the query"))?.into_inner();
        let since = modified_since.map(instant).transpose()?;
        Ok(Self { parameters, since })
    }

    /// The text of a parameter, unless it is missing or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a parameter says true.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The ids in a parameter, separated by commas.
    ///
    /// # Errors
    /// When one of them is no id.
    pub fn ids(&self, name: &'static str) -> Result<Option<HashSet<Uuid>>, BadQuery> {
        let ids = self.words(name).map(|words| words.into_iter().map(|word| word.parse().map_err(|_| BadQuery::Parameter(name))).collect());
        ids.transpose()
    }

    /// The words in a parameter, separated by commas.
    pub fn words(&self, name: &str) -> Option<HashSet<&str>> {
        self.text(name).map(|text| text.split(',').map(str::trim).collect())
    }

    /// Finds the rows of one kind that match `where`, changed since, and what else the caller asks, in order and page.
    ///
    /// # Errors
    /// When the expressions cannot be read, or need an index that there is none for.
    pub fn find<T: Filtered + Document>(&self, books: &Books, kept: &Shelf<T>, also: impl Fn(&T) -> bool) -> Result<Found, BadQuery> {
        let filter = self.text("where").map_or_else(|| Ok(Filter::all()), Filter::<T>::parse)?;
        let order = Order::<T>::parse(self.text("order").unwrap_or_default())?;
        let page = self.page()?;
        let indexed = filter.is_indexed() && order.is_indexed();
        if kept.count() > UNINDEXED_LIMIT && !(indexed && (page.is_some() || self.is_narrow())) {
            return Err(BadQuery::TooMuch);
        }
        // A filter by the contact's name must notice a new name, too; both numbers only grow.
        let version = kept.version() + books.contacts.version();
        let rows = kept.lists.of(version, &self.key(), || {
            let rows = kept.since(self.since);
            let mut rows: Vec<u32> = rows.filter(|row| filter.lets(kept.at(*row), books) && also(kept.at(*row))).collect();
            if !order.is_by_update() {
                rows.sort_by(|one, other| order.compare(kept.at(*one), kept.at(*other), books));
            }
            rows
        });
        Ok(cut(&rows, page))
    }

    /// Whether ids, or what changed since, keep the list short without a page.
    fn is_narrow(&self) -> bool {
        self.since.is_some() || ["IDs", "InvoiceNumbers"].iter().any(|name| self.text(name).is_some())
    }

    /// The page asked for, from 1, and its size; `summaryOnly` and a size alone ask for the first.
    fn page(&self) -> Result<Option<(usize, usize)>, BadQuery> {
        let number =
            |name: &'static str| self.text(name).map(|text| text.parse::<i64>().map_err(|_| BadQuery::Parameter(name))).transpose();
        let (page, size) = (number("page")?, number("pageSize")?);
        if page.is_none() && size.is_none() && !self.flag("summaryOnly") {
            return Ok(None);
        }
        let clamped = |value: i64, limit: usize| usize::try_from(value).unwrap_or(1).clamp(1, limit);
        Ok(Some((clamped(page.unwrap_or(1), usize::MAX), size.map_or(PAGE_SIZE, |size| clamped(size, PAGE_SIZE_LIMIT)))))
    }

    /// What tells one list from another: everything asked but which page of it.
    fn key(&self) -> String {
        let asked = self.parameters.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("page") && !name.eq_ignore_ascii_case("pageSize"));
        let asked: Vec<String> = asked.map(|(name, value)| format!("{name}={value:?}")).collect();
        format!("{} since {:?}", asked.join("&"), self.since)
    }
}

fn cut(rows: &[u32], page: Option<(usize, usize)>) -> Found {
    let Some((page, size)) = page else { return Found { rows: rows.to_vec(), pagination: None } };
    let start = (page - 1).saturating_mul(size).min(rows.len());
    let end = start.saturating_add(size).min(rows.len());
    let pagination = Pagination { page, page_size: size, page_count: rows.len().div_ceil(size), item_count: rows.len() };
    Found { rows: rows[start..end].to_vec(), pagination: Some(pagination) }
}

/// An instant as `If-Modified-Since` gives it: ISO, with or without a zone, taken to the second.
fn instant(text: &str) -> Result<DateTime<Utc>, BadQuery> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|instant| instant.with_timezone(&Utc)).ok();
    let plain = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|instant| instant.and_utc());
    zoned.or_else(plain).map(|instant| instant.trunc_subsecs(0)).ok_or(BadQuery::Parameter("If-Modified-Since"))
}

#[cfg(test)]
mod tests;
