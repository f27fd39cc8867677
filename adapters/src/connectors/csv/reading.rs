//! One row under the settings of its file: cells by field, read as what they should be, with a problem noted for each
//! that is not.

use chrono::{Days, NaiveDate};
use domain::{
    RefusalCode,
    import::{DateOrder, DecimalMark, Field},
    letter::text,
    money,
    port::Problem,
};

use super::{
    amount::{self, excerpt},
    date::{self, DateFault},
    header::Columns,
    table::Cells,
};

/// No date may lie further ahead.
const MAX_DAYS_AHEAD: u64 = 3660;
/// No payment may be dated further ahead; banks date a few days ahead at most.
const MAX_PAYMENT_DAYS_AHEAD: u64 = 31;

/// The settings under which all rows of a file are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub columns: Columns,
    /// None when the file has none or does not tell: only dates that fit one order are read.
    pub date_order: Option<DateOrder>,
    /// None when the file has none or does not tell: only amounts that fit one mark are read.
    pub decimal_mark: Option<DecimalMark>,
    /// For rows without one.
    pub currency: String,
    /// The tenant's day.
    pub today: NaiveDate,
}

/// Reads one row, collecting what is wrong with it.
pub(super) struct RowReader<'a> {
    pub reading: &'a Reading,
    pub cells: Cells<'a>,
    pub row: u64,
    pub problems: Vec<Problem>,
}

impl<'a> RowReader<'a> {
    /// A field's cell; empty when the field has no column.
    pub(super) fn raw(&self, field: Field) -> &'a str {
        self.reading.columns.of(field).map_or("", |column| self.cells.get(column))
    }

    /// Whether the field has a column and the cell is not empty.
    pub(super) fn given(&self, field: Field) -> bool {
        !self.raw(field).is_empty()
    }

    /// Notes what is wrong with a field.
    pub(super) fn problem(&mut self, field: Field, code: RefusalCode, message: impl Into<String>) {
        let column = self.reading.columns.name(field).map(str::to_owned);
        self.problems.push(Problem {
            row: Some(self.row),
            column,
            external_id: None,
            code: code.as_str().to_owned(),
            message: message.into(),
        });
    }

    /// Notes a cell that had to be filled.
    pub(super) fn required(&mut self, field: Field, what: &str) {
        self.problem(field, RefusalCode::Required, format!("{what} is missing"));
    }

    /// One line of text fit for a letter; none when empty.
    pub(super) fn text(&mut self, field: Field, longest: usize) -> Option<String> {
        let raw = self.raw(field);
        if raw.is_empty() {
            return None;
        }
        if is_plain(raw) {
            if raw.len() <= longest {
                return Some(raw.to_owned());
            }
        } else {
            match text::clean_optional_line(raw) {
                Ok(line) if line.is_empty() => return None,
                Ok(line) if line.chars().count() <= longest => return Some(line),
                Ok(_) | Err(text::TextError::TooLong | text::TextError::Empty) => {}
                Err(error @ text::TextError::TooManyMarks) => {
                    self.problem(field, RefusalCode::Invalid, format!("the text {error}"));
                    return None;
                }
            }
        }
        self.problem(field, RefusalCode::TooLong, format!("the text is too long: at most {longest} characters"));
        None
    }

    /// A word of a few, by the reader given.
    pub(super) fn word<T>(&mut self, field: Field, read: fn(&str) -> Option<T>, expected: &str) -> Option<T> {
        let raw = self.raw(field);
        if raw.is_empty() {
            return None;
        }
        let found = read(raw);
        if found.is_none() {
            self.problem(field, RefusalCode::Invalid, format!("{} is not {expected}", excerpt(raw)));
        }
        found
    }

    /// A date; none when empty or wrong.
    pub(super) fn date(&mut self, field: Field) -> Option<NaiveDate> {
        let raw = self.raw(field);
        if raw.is_empty() {
            return None;
        }
        match date::read(raw, self.reading.date_order) {
            Ok(date) => self.in_reach(field, date),
            Err(fault) => {
                let (code, message) = explain(fault, raw, self.reading.date_order);
                self.problem(field, code, message);
                None
            }
        }
    }

    fn in_reach(&mut self, field: Field, date: NaiveDate) -> Option<NaiveDate> {
        let is_payment = matches!(field, Field::PaidOn | Field::PaymentDate);
        let ahead = if is_payment { MAX_PAYMENT_DAYS_AHEAD } else { MAX_DAYS_AHEAD };
        if self.reading.today.checked_add_days(Days::new(ahead)).is_none_or(|latest| date <= latest) {
            return Some(date);
        }
        self.problem(field, RefusalCode::OutOfRange, format!("{date} is more than {ahead} days ahead"));
        None
    }

    /// An amount in minor units; none when empty or wrong.
    pub(super) fn amount(&mut self, field: Field, currency: &str) -> Option<i64> {
        let raw = self.raw(field);
        if raw.is_empty() {
            return None;
        }
        match amount::read(raw, self.reading.decimal_mark, currency) {
            Ok(minor) => Some(minor),
            Err(fault) => {
                self.problem(field, fault.code, fault.message);
                None
            }
        }
    }

    /// The row's currency as given, and the one to read its amounts in; none when the cell names no currency.
    pub(super) fn currency(&mut self) -> Option<(Option<String>, String)> {
        let raw = self.raw(Field::Currency);
        let code = match raw {
            "" => return Some((None, self.reading.currency.clone())),
            "€" => "EUR".to_owned(),
            "£" => "GBP".to_owned(),
            _ => raw.to_ascii_uppercase(),
        };
        if money::minor_digits(&code).is_some() {
            return Some((Some(code.clone()), code));
        }
        self.problem(Field::Currency, RefusalCode::Invalid, format!("{} is not a currency code of ISO 4217 like EUR", excerpt(raw)));
        None
    }
}

/// Text that cleaning would leave as it is: printable ASCII without double spaces.
fn is_plain(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    bytes.iter().all(|byte| (0x20..0x7F).contains(byte)) && !bytes.windows(2).any(|pair| pair == b"  ")
}

fn explain(fault: DateFault, cell: &str, order: Option<DateOrder>) -> (RefusalCode, String) {
    let cell = excerpt(cell);
    let example = match order {
        Some(DateOrder::DayMonthYear) => "21.11.2026 or 2026-11-21",
        Some(DateOrder::MonthDayYear) => "11/21/2026 or 2026-11-21",
        Some(DateOrder::YearMonthDay) | None => "2026-11-21",
    };
    match fault {
        DateFault::Form => (RefusalCode::Invalid, format!("{cell} is not a date like {example}")),
        DateFault::NoSuchDay => (RefusalCode::Invalid, format!("{cell} is no day of the calendar; a date looks like {example}")),
        DateFault::Ambiguous => (RefusalCode::Invalid, format!("{cell} may be two days: say the date order")),
        DateFault::OutOfRange => (RefusalCode::OutOfRange, format!("{cell} is before 1970 or after 2100")),
    }
}
