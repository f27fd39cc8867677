//! The three ways in which v3 pages a list, chosen by the header `x-pagination`: `simple` knows no total, `table` does,
//! `cursor` goes on after the last row seen and so bears rows that move.

use actix_web::HttpRequest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    book::Book,
    field::Atom,
    filter::{Order, Pairs, Violation},
};

/// Rows of a page unless told.
const DEFAULT_PER_PAGE: usize = 15;

/// Rows of a page at most.
const MAX_PER_PAGE: usize = 1_000;

/// The way of paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Simple,
    Table,
    Cursor,
}

/// Which page of a list is asked for, and how.
#[derive(Debug)]
pub struct Asked {
    style: Style,
    page: usize,
    per_page: usize,
    cursor: Option<Cursor>,
}

/// Where a page ended: what its last row is sorted by.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    keys: Vec<Value>,
}

impl Asked {
    /// Reads the page asked for.
    pub fn of(request: &HttpRequest, pairs: &Pairs) -> Result<Self, Violation> {
        let style = match request.headers().get("x-pagination").map(|value| value.to_str()) {
            None | Some(Ok("simple")) => Style::Simple,
            Some(Ok("table")) => Style::Table,
            Some(Ok("cursor")) => Style::Cursor,
            Some(_) => return Err(Violation::new("x-pagination", "It is simple, table or cursor.")),
        };
        let per_page = number(pairs, "perPage", DEFAULT_PER_PAGE, MAX_PER_PAGE)?;
        let page = number(pairs, "page", 1, usize::MAX)?;
        let cursor = pairs.iter().find(|(name, _)| name == "cursor").map(|(_, text)| read_cursor(text)).transpose()?;
        if style != Style::Cursor && cursor.is_some() {
            return Err(Violation::new("cursor", "It goes with the pagination cursor only."));
        }
        if style == Style::Cursor && pairs.iter().any(|(name, _)| name == "page") {
            return Err(Violation::new("page", "It does not go with the pagination cursor."));
        }
        Ok(Self { style, page, per_page, cursor })
    }

    /// The part of a list that is on the page: from where to where.
    pub fn range(&self, rows: &[u32], book: &Book, order: &Order) -> std::ops::Range<usize> {
        let start = match (&self.cursor, self.style) {
            (Some(cursor), Style::Cursor) => after(cursor, rows, book, order),
            _ => self.page.saturating_sub(1).saturating_mul(self.per_page).min(rows.len()),
        };
        start..start.saturating_add(self.per_page).min(rows.len())
    }

    /// `links` and `meta` of the page.
    pub fn frame(
        &self,
        request: &HttpRequest,
        pairs: &Pairs,
        rows: &[u32],
        range: &std::ops::Range<usize>,
        next: Option<&str>,
    ) -> (Value, Value) {
        let path = format!("http://{}{}", request.connection_info().host(), request.path());
        let link = |name: &str, value: &str| {
            let kept = pairs.iter().filter(|(key, _)| key != "page" && key != "cursor");
            let all = kept.map(|(key, value)| (key.as_str(), value.as_str())).chain([(name, value)]);
            reqwest::Url::parse_with_params(&path, all).map(String::from).ok()
        };
        let page = |at: usize| link("page", &at.to_string());
        let more = range.end < rows.len();
        if self.style == Style::Cursor {
            let next_link = next.and_then(|cursor| link("cursor", cursor));
            let links = json!({ "first": null, "last": null, "prev": null, "next": next_link });
            return (links, json!({ "path": path, "perPage": self.per_page, "nextCursor": next, "prevCursor": null }));
        }
        let last_page = rows.len().div_ceil(self.per_page).max(1);
        let (from, to) = ((!range.is_empty()).then_some(range.start + 1), (!range.is_empty()).then_some(range.end));
        let mut links = json!({
            "first": page(1),
            "last": null,
            "prev": (self.page > 1).then(|| page(self.page - 1)).flatten(),
            "next": more.then(|| page(self.page + 1)).flatten(),
        });
        let mut meta = json!({ "currentPage": self.page, "from": from, "path": path, "perPage": self.per_page, "to": to });
        if self.style == Style::Table {
            links["last"] = json!(page(last_page));
            meta["lastPage"] = json!(last_page);
            meta["total"] = json!(rows.len());
        }
        (links, meta)
    }

    /// The cursor behind the last row of a page, when there are more.
    pub fn next_cursor(&self, rows: &[u32], range: &std::ops::Range<usize>, book: &Book, order: &Order) -> Option<String> {
        if self.style != Style::Cursor || range.end >= rows.len() || range.is_empty() {
            return None;
        }
        let invoice = &book.invoices()[rows[range.end - 1] as usize];
        let keys = order.keys(invoice, book.customer_of(invoice)).into_iter().map(|atom| match atom {
            Atom::Null => Value::Null,
            Atom::Int(number) => number.into(),
            Atom::Text(text) => text.into(),
        });
        let text = json!(Cursor { keys: keys.collect() }).to_string();
        Some(URL_SAFE_NO_PAD.encode(text))
    }
}

fn number(pairs: &Pairs, name: &str, default: usize, max: usize) -> Result<usize, Violation> {
    let Some((_, text)) = pairs.iter().find(|(key, _)| key == name) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| Violation::new(name, format!("{text:?} is not a number from 1 to {max}.")))
}

fn read_cursor(text: &str) -> Result<Cursor, Violation> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let cursor = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    cursor.ok_or_else(|| Violation::new("cursor", "This cursor was not handed out."))
}

/// The position of the first row behind a cursor.
fn after(cursor: &Cursor, rows: &[u32], book: &Book, order: &Order) -> usize {
    let keys: Vec<Atom<'_>> = cursor.keys.iter().map(atom).collect();
    rows.partition_point(|row| {
        let invoice = &book.invoices()[*row as usize];
        order.compare((invoice, book.customer_of(invoice)), &keys).is_le()
    })
}

fn atom(value: &Value) -> Atom<'_> {
    match value {
        Value::Number(number) => number.as_i64().map_or(Atom::Null, Atom::Int),
        Value::String(text) => Atom::Text(text),
        _ => Atom::Null,
    }
}
