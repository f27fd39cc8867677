//! The `order` parameter: columns, each ASC or DESC.

use std::cmp::Ordering;

use super::{
    BadQuery,
    cell::{Column, Filtered, column_of},
};
use crate::xero::books::Books;

/// In which order documents are listed.
pub struct Order<T: 'static>(Vec<(&'static Column<T>, bool)>);

impl<T: Filtered> Order<T> {
    /// Reads an order such as `UpdatedDateUTC ASC, InvoiceID DESC`; an empty text is the default order.
    ///
    /// # Errors
    /// When it names an unknown column or direction.
    pub fn parse(text: &str) -> Result<Self, BadQuery> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(one).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this is the order of the last change, in which documents are kept; ties are then in the order of ids.
    pub fn is_by_update(&self) -> bool {
        match &self.0[..] {
            [] => true,
            [(first, true)] => first.name == "UpdatedDateUTC",
            [(first, true), (second, true)] => first.name == "UpdatedDateUTC" && second.name == T::ID,
            _ => false,
        }
    }

    /// Whether Xero has an index for every column.
    pub fn is_indexed(&self) -> bool {
        self.0.iter().all(|(column, _)| column.sorted)
    }

    /// Which of two documents comes first.
    pub fn compare(&self, one: &T, other: &T, books: &Books) -> Ordering {
        let each = self.0.iter().map(|(column, rising)| {
            let ordering = (column.value)(one, books).partial_cmp(&(column.value)(other, books)).unwrap_or(Ordering::Equal);
            if *rising { ordering } else { ordering.reverse() }
        });
        each.fold(Ordering::Equal, Ordering::then)
    }
}

fn one<T: Filtered>(part: &str) -> Result<(&'static Column<T>, bool), BadQuery> {
    let (name, direction) = part.split_once(' ').unwrap_or((part, "ASC"));
    let column = column_of::<T>(name).ok_or_else(|| BadQuery::Column { name: name.to_owned(), of: T::NAME })?;
    match direction.trim() {
        rising if rising.eq_ignore_ascii_case("ASC") => Ok((column, true)),
        falling if falling.eq_ignore_ascii_case("DESC") => Ok((column, false)),
        _ => Err(BadQuery::Syntax(part.to_owned())),
    }
}
