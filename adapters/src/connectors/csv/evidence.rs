//! What a file's cells say together about its order of dates and its decimal mark.
//!
//! Dates: a number above 12 in first or second place settles the order for the whole file, and so does a date with dots
//! (day first); one column may settle it for the others. When every date fits both orders, a person must say. Dates
//! with the year in front never need settling.
//!
//! Decimal mark: any amount that fits one mark only settles it. When all amounts look like `1,234`, the mark is read as
//! separating thousands if the currency has other than three decimals, because an amount never has three there; with
//! three decimals (KWD, BHD, …) a person must say.

use std::collections::BTreeSet;

use domain::import::{DateOrder, DecimalMark};

use super::{
    amount::{self, MarkHint},
    date::{self, Shape},
};

/// What was seen of dates.
#[derive(Debug, Default)]
pub(super) struct DateEvidence {
    day_first: Option<usize>,
    month_first: Option<usize>,
    either: BTreeSet<usize>,
    same: bool,
    year_first: bool,
}

/// What was seen of amounts.
#[derive(Debug, Default)]
pub(super) struct MarkEvidence {
    point: Option<usize>,
    comma: Option<usize>,
    open_point: Option<usize>,
    open_comma: Option<usize>,
}

/// Why a person must say it: the columns that do not settle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unsettled {
    /// Everything fits both.
    Ambiguous(BTreeSet<usize>),
    /// Both were seen for certain.
    Contradicting(BTreeSet<usize>),
}

impl DateEvidence {
    /// Takes a cell of a date column into account.
    pub(super) fn observe(&mut self, column: usize, cell: &str) {
        let (first, second, dotted) = match date::shape(cell) {
            Some(Shape::YearLast { first, second, dotted, .. }) => (first, second, dotted),
            Some(Shape::YearFirst { .. }) => {
                self.year_first = true;
                return;
            }
            None => return,
        };
        match (first > 12, second > 12) {
            (true, false) => self.day_first = self.day_first.or(Some(column)),
            (false, true) => self.month_first = self.month_first.or(Some(column)),
            (false, false) if dotted => self.day_first = self.day_first.or(Some(column)),
            (false, false) if first == second => self.same = true,
            (false, false) => {
                self.either.insert(column);
            }
            (true, true) => {}
        }
    }

    /// The order of all dates of the file; none when it has no dates.
    pub(super) fn settle(&self) -> Result<Option<DateOrder>, Unsettled> {
        match (self.day_first, self.month_first) {
            (Some(day), Some(month)) => Err(Unsettled::Contradicting([day, month].into())),
            (Some(_), None) => Ok(Some(DateOrder::DayMonthYear)),
            (None, Some(_)) => Ok(Some(DateOrder::MonthDayYear)),
            (None, None) if !self.either.is_empty() => Err(Unsettled::Ambiguous(self.either.clone())),
            (None, None) if self.same => Ok(Some(DateOrder::DayMonthYear)),
            (None, None) => Ok(self.year_first.then_some(DateOrder::YearMonthDay)),
        }
    }
}

impl MarkEvidence {
    /// Takes a cell of an amount column into account.
    pub(super) fn observe(&mut self, column: usize, cell: &str) {
        let place = match amount::hint(cell) {
            MarkHint::None => return,
            MarkHint::Sure(DecimalMark::Point) => &mut self.point,
            MarkHint::Sure(DecimalMark::Comma) => &mut self.comma,
            MarkHint::Open(DecimalMark::Point) => &mut self.open_point,
            MarkHint::Open(DecimalMark::Comma) => &mut self.open_comma,
        };
        *place = place.or(Some(column));
    }

    /// The mark of all amounts of the file, none when none has any; `three_decimals` says that an amount may have exactly
    /// three.
    pub(super) fn settle(&self, three_decimals: bool) -> Result<Option<DecimalMark>, Unsettled> {
        let columns = |found: [Option<usize>; 2]| found.into_iter().flatten().collect();
        match (self.point, self.comma) {
            (Some(_), Some(_)) => return Err(Unsettled::Contradicting(columns([self.point, self.comma]))),
            (Some(_), None) => return Ok(Some(DecimalMark::Point)),
            (None, Some(_)) => return Ok(Some(DecimalMark::Comma)),
            (None, None) => {}
        }
        match (self.open_point, self.open_comma) {
            (None, None) => Ok(None),
            (Some(_), None) if !three_decimals => Ok(Some(DecimalMark::Comma)),
            (None, Some(_)) if !three_decimals => Ok(Some(DecimalMark::Point)),
            open => Err(Unsettled::Ambiguous(columns([open.0, open.1]))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(columns: &[(usize, &str)]) -> Result<Option<DateOrder>, Unsettled> {
        let mut seen = DateEvidence::default();
        for (column, cell) in columns {
            seen.observe(*column, cell);
        }
        seen.settle()
    }

    fn marks(cells: &[&str], three: bool) -> Result<Option<DecimalMark>, Unsettled> {
        let mut seen = MarkEvidence::default();
        for cell in cells {
            seen.observe(0, cell);
        }
        seen.settle(three)
    }

    #[test]
    fn one_telling_date_settles_the_file() {
        assert_eq!(dates(&[(0, "1/2/2013"), (0, "1/13/2013")]), Ok(Some(DateOrder::MonthDayYear)));
        assert_eq!(dates(&[(0, "1/2/2013"), (3, "13/1/2013")]), Ok(Some(DateOrder::DayMonthYear)));
        assert_eq!(dates(&[(0, "1/2/2013"), (3, "01.02.2013")]), Ok(Some(DateOrder::DayMonthYear)));
        assert_eq!(dates(&[(0, "2013-02-01"), (1, "")]), Ok(Some(DateOrder::YearMonthDay)));
        assert_eq!(dates(&[(0, "3/3/2013")]), Ok(Some(DateOrder::DayMonthYear)));
        assert_eq!(dates(&[(0, "99/99/2013"), (0, "soon")]), Ok(None));
    }

    #[test]
    fn dates_that_fit_both_orders_are_asked_about_by_column() {
        assert_eq!(dates(&[(2, "1/2/2013"), (4, "11/12/2013"), (5, "5/5/2013")]), Err(Unsettled::Ambiguous([2, 4].into())));
        assert_eq!(dates(&[(2, "13/1/2013"), (4, "1/13/2013")]), Err(Unsettled::Contradicting([2, 4].into())));
    }

    #[test]
    fn the_decimal_mark_is_the_one_that_explains_every_amount() {
        assert_eq!(marks(&["1,234", "55.94"], false), Ok(Some(DecimalMark::Point)));
        assert_eq!(marks(&["1.234", "12,5"], true), Ok(Some(DecimalMark::Comma)));
        assert_eq!(marks(&["1,234", "5"], false), Ok(Some(DecimalMark::Point)));
        assert_eq!(marks(&["1.234"], false), Ok(Some(DecimalMark::Comma)));
        assert_eq!(marks(&["100"], true), Ok(None));
        assert!(matches!(marks(&["1.234"], true), Err(Unsettled::Ambiguous(_))));
        assert!(matches!(marks(&["1.234", "1,234"], false), Err(Unsettled::Ambiguous(_))));
        assert!(matches!(marks(&["1.5", "1,5"], false), Err(Unsettled::Contradicting(_))));
    }
}
