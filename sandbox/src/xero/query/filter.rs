//! The `where` parameter: comparisons of columns, joined with AND, OR and brackets.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    BadQuery,
    cell::{Cell, Column, Filtered, Indexed, column_of},
    lexer::{Token, tokens},
};
use crate::xero::books::{Books, Cents};

/// A value as a client wrote it.
#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Text(String),
    Id(Uuid),
    Amount(Cents),
    Date(NaiveDate),
    Flag(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Is,
    IsNot,
    Above,
    AtLeast,
    Below,
    AtMost,
}

enum Expression<T: 'static> {
    Compare(&'static Column<T>, Comparison, Literal),
    All(Vec<Expression<T>>),
    Any(Vec<Expression<T>>),
}

/// A filter of documents; without comparisons it lets all through.
pub struct Filter<T: 'static>(Expression<T>);

impl<T: Filtered> Filter<T> {
    /// Lets all through.
    pub fn all() -> Self {
        Self(Expression::All(Vec::new()))
    }

    /// Reads a `where` expression.
    ///
    /// # Errors
    /// When it cannot be read or names an unknown column.
    pub fn parse(text: &str) -> Result<Self, BadQuery> {
        let tokens = tokens(text).ok_or_else(|| BadQuery::Syntax(text.to_owned()))?;
        let mut parser = Parser { tokens: &tokens, text };
        let expression = parser.any()?;
        if parser.tokens.is_empty() { Ok(Self(expression)) } else { Err(parser.wrong()) }
    }

    /// Whether a document is let through.
    pub fn lets(&self, row: &T, books: &Books) -> bool {
        self.0.holds(row, books)
    }

    /// Whether Xero has an index for every comparison.
    pub fn is_indexed(&self) -> bool {
        self.0.is_indexed()
    }
}

impl<T: Filtered> Expression<T> {
    fn holds(&self, row: &T, books: &Books) -> bool {
        match self {
            Self::Compare(column, comparison, literal) => comparison.holds(&(column.value)(row, books), literal),
            Self::All(parts) => parts.iter().all(|part| part.holds(row, books)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(row, books)),
        }
    }

    fn is_indexed(&self) -> bool {
        match self {
            Self::Compare(column, Comparison::Is, _) => column.indexed != Indexed::No,
            Self::Compare(_, Comparison::IsNot, _) => false,
            Self::Compare(column, ..) => column.indexed == Indexed::Range,
            Self::All(parts) | Self::Any(parts) => parts.iter().all(Self::is_indexed),
        }
    }
}

impl Comparison {
    fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "==" => Self::Is,
            "!=" => Self::IsNot,
            ">" => Self::Above,
            ">=" => Self::AtLeast,
            "<" => Self::Below,
            "<=" => Self::AtMost,
            _ => return None,
        })
    }

    fn holds(self, cell: &Cell<'_>, literal: &Literal) -> bool {
        let other = match literal {
            Literal::Null => Cell::Null,
            Literal::Text(text) => Cell::Text(text),
            Literal::Id(id) => Cell::Id(*id),
            Literal::Amount(amount) => Cell::Amount(*amount),
            Literal::Date(date) if matches!(cell, Cell::Instant(_)) => Cell::Instant(date.and_time(chrono::NaiveTime::MIN).and_utc()),
            Literal::Date(date) => Cell::Date(*date),
            Literal::Flag(flag) => Cell::Flag(*flag),
        };
        let comparable = std::mem::discriminant(cell) == std::mem::discriminant(&other);
        match self {
            Self::Is => *cell == other,
            Self::IsNot => *cell != other,
            Self::Above => comparable && *cell > other,
            Self::AtLeast => comparable && *cell >= other,
            Self::Below => comparable && *cell < other,
            Self::AtMost => comparable && *cell <= other,
        }
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    text: &'a str,
}

impl Parser<'_> {
    fn any<T: Filtered>(&mut self) -> Result<Expression<T>, BadQuery> {
        let mut parts = vec![self.all()?];
        while self.joined_by("||", "OR") {
            parts.push(self.all()?);
        }
        Ok(Expression::Any(parts))
    }

    fn all<T: Filtered>(&mut self) -> Result<Expression<T>, BadQuery> {
        let mut parts = vec![self.one()?];
        while self.joined_by("&&", "AND") {
            parts.push(self.one()?);
        }
        Ok(Expression::All(parts))
    }

    fn one<T: Filtered>(&mut self) -> Result<Expression<T>, BadQuery> {
        match self.next()? {
            Token::Open => {
                let inner = self.any()?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Token::Name(name) => {
                let column = column_of::<T>(&name).ok_or(BadQuery::Column { name, of: T::NAME })?;
                let Token::Sign(sign) = self.next()? else { return Err(self.wrong()) };
                let comparison = Comparison::of(sign).ok_or_else(|| self.wrong())?;
                Ok(Expression::Compare(column, comparison, self.literal()?))
            }
            _ => Err(self.wrong()),
        }
    }

    fn literal(&mut self) -> Result<Literal, BadQuery> {
        match self.next()? {
            Token::Text(text) => Ok(Literal::Text(text)),
            Token::Number(number) => number.parse().map(Literal::Amount).map_err(|_| self.wrong()),
            Token::Name(name) => match name.to_ascii_lowercase().as_str() {
                "true" => Ok(Literal::Flag(true)),
                "false" => Ok(Literal::Flag(false)),
                "null" => Ok(Literal::Null),
                "guid" => self.guid(),
                "datetime" => self.date(),
                _ => Err(self.wrong()),
            },
            _ => Err(self.wrong()),
        }
    }

    /// `Guid("…")`, after its name.
    fn guid(&mut self) -> Result<Literal, BadQuery> {
        self.expect(&Token::Open)?;
        let Token::Text(text) = self.next()? else { return Err(self.wrong()) };
        self.expect(&Token::Close)?;
        text.parse().map(Literal::Id).map_err(|_| self.wrong())
    }

    /// `DateTime(2026, 11, 21)`, after its name.
    fn date(&mut self) -> Result<Literal, BadQuery> {
        self.expect(&Token::Open)?;
        let year = self.number()?;
        self.expect(&Token::Comma)?;
        let month = self.number()?;
        self.expect(&Token::Comma)?;
        let day = self.number()?;
        self.expect(&Token::Close)?;
        let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
        date.map(Literal::Date).ok_or_else(|| self.wrong())
    }

    fn number(&mut self) -> Result<u32, BadQuery> {
        let Token::Number(number) = self.next()? else { return Err(self.wrong()) };
        number.parse().map_err(|_| self.wrong())
    }

    fn joined_by(&mut self, sign: &str, word: &str) -> bool {
        let found = match self.tokens.first() {
            Some(Token::Sign(found)) => *found == sign,
            Some(Token::Name(found)) => found.eq_ignore_ascii_case(word),
            _ => false,
        };
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn expect(&mut self, token: &Token) -> Result<(), BadQuery> {
        if self.next()? == *token { Ok(()) } else { Err(self.wrong()) }
    }

    fn next(&mut self) -> Result<Token, BadQuery> {
        let (first, rest) = self.tokens.split_first().ok_or_else(|| self.wrong())?;
        self.tokens = rest;
        Ok(first.clone())
    }

    fn wrong(&self) -> BadQuery {
        BadQuery::Syntax(self.text.to_owned())
    }
}
