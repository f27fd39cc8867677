//! Looking for a piece of text: never a pattern, whatever a person types.

use domain::case;
use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait, Func, IntoColumnRef, LikeExpr},
};

use crate::graphql::error::bad_input;

/// Longest piece of text that is looked for, in characters.
const MAX_CHARS: usize = 200;

/// A piece of text, ready to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle {
    text: String,
    pattern: String,
}

impl Needle {
    /// Reads the argument; none when nothing is looked for.
    pub(super) fn of(search: Option<&str>, backend: DbBackend) -> async_graphql::Result<Option<Self>> {
        let Some(text) = search.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        if text.chars().count() > MAX_CHARS {
            return Err(bad_input(&format!("`search` has at most {MAX_CHARS} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(bad_input("`search` has no control characters"));
        }
        // Each database's own LOWER must meet its like: SQLite's only knows ASCII.
        let lower = if backend == DbBackend::Sqlite { text.to_ascii_lowercase() } else { text.to_lowercase() };
        let mut pattern = String::from("%");
        for character in lower.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push('%');
        Ok(Some(Self { text: text.to_owned(), pattern }))
    }

    /// Whether a column contains it, upper and lower case alike.
    pub(super) fn within(&self, column: impl IntoColumnRef) -> Expr {
        Expr::expr(Func::lower(Expr::col(column))).like(LikeExpr::new(self.pattern.clone()).escape('\\'))
    }

    /// As it was typed, without blanks at its ends.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The case number that it spells, as `D000123`, `d123` or `123`.
    pub(super) fn case_number(&self) -> Option<i64> {
        case::number_of(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_looks_like_a_pattern_is_taken_literally() {
        let needle = Needle::of(Some(" 50%_\\A "), DbBackend::Sqlite).unwrap().unwrap();
        assert_eq!(needle.pattern, "%50\\%\\_\\\\a%");
        assert_eq!(Needle::of(Some("  "), DbBackend::Sqlite).unwrap(), None);
        assert!(Needle::of(Some("a\0b"), DbBackend::Postgres).is_err());
        assert!(Needle::of(Some(&"x".repeat(201)), DbBackend::Postgres).is_err());
    }
}
