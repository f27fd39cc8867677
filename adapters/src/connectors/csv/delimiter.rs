//! What stands between a file's columns: said by the file itself (`sep=;`), or found by trying.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use domain::import::Delimiter;

use super::MAX_COLUMNS;

/// Rows that are compared with the header.
const ROWS_TRIED: usize = 50;
const ALL: [Delimiter; 4] = [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab, Delimiter::Pipe];

/// The character.
pub(super) const fn byte(delimiter: Delimiter) -> u8 {
    match delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
        Delimiter::Tab => b'\t',
        Delimiter::Pipe => b'|',
    }
}

/// A parser for it: double quotes around cells, doubled inside, any line end.
pub(super) fn parser(delimiter: Delimiter) -> Reader {
    ReaderBuilder::new().delimiter(byte(delimiter)).build()
}

/// The hint that spreadsheets leave in a first line `sep=;`, and that line's length in bytes.
pub(super) fn hint(text: &str) -> Option<(Delimiter, usize)> {
    let line = text.split_inclusive('\n').next()?;
    let said = line.trim_end_matches(['\r', '\n']);
    let said = said.strip_prefix("sep=").or_else(|| said.strip_prefix("SEP="))?;
    let found = ALL.into_iter().find(|delimiter| said.as_bytes() == [byte(*delimiter)])?;
    Some((found, line.len()))
}

/// The delimiter under which most rows have as many cells as the header, two at least; among equals the one with more
/// columns. `whole` says that the text is the whole file, not its beginning.
pub(super) fn find(text: &str, whole: bool) -> Option<Delimiter> {
    ALL.into_iter()
        .filter_map(|delimiter| Some((fit(text, delimiter, whole)?, delimiter)))
        .max_by_key(|(fit, _)| *fit)
        .map(|(_, delimiter)| delimiter)
}

/// How many rows of a thousand agree with the header, and how many columns that has.
fn fit(text: &str, delimiter: Delimiter, whole: bool) -> Option<(usize, usize)> {
    let widths = widths(text.as_bytes(), delimiter, whole);
    let (header, rows) = widths.split_first()?;
    if *header < 2 {
        return None;
    }
    let agreeing = rows.iter().filter(|width| *width == header).count();
    Some((if rows.is_empty() { 1000 } else { agreeing * 1000 / rows.len() }, *header))
}

fn widths(mut text: &[u8], delimiter: Delimiter, whole: bool) -> Vec<usize> {
    let mut parser = parser(delimiter);
    let (mut cells, mut ends) = (vec![0; text.len() + 1], vec![0; 4 * MAX_COLUMNS]);
    let (mut widths, mut width) = (Vec::new(), 0);
    while widths.len() <= ROWS_TRIED {
        if text.is_empty() && !whole {
            break;
        }
        let (result, read, _, ended) = parser.read_record(text, &mut cells, &mut ends);
        text = text.get(read..).unwrap_or_default();
        width += ended;
        match result {
            ReadRecordResult::Record => widths.push(std::mem::take(&mut width)),
            ReadRecordResult::End => break,
            ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {}
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_that_keeps_rows_even_is_found() {
        let cases = [
            ("a,b\n1,2\n", Some(Delimiter::Comma)),
            ("Kunde;Betrag\nMüller, Sohn;1,50\nMeier;2,00\n", Some(Delimiter::Semicolon)),
            ("a\tb\tc\n1,5\t2\t3\n", Some(Delimiter::Tab)),
            ("a|b\n\"x|y\"|2\n", Some(Delimiter::Pipe)),
            ("\"Name, first\",Amount\n\"a;b\",1\n", Some(Delimiter::Comma)),
            ("a;b,c\n1;2,3\n4;5\n6;7\n", Some(Delimiter::Semicolon)),
            ("one column\nonly\n", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(find(text, true), expected, "{text:?}");
        }
    }

    #[test]
    fn a_cut_last_row_does_not_count() {
        assert_eq!(find("a;b\n1;2\n3", false), Some(Delimiter::Semicolon));
        assert_eq!(widths(b"a;b\n1;2\n3", Delimiter::Semicolon, false), vec![2, 2]);
    }

    #[test]
    fn a_spreadsheets_hint_is_understood() {
        assert_eq!(hint("sep=;\r\na;b\r\n"), Some((Delimiter::Semicolon, 7)));
        assert_eq!(hint("sep=x\na;b\n"), None);
        assert_eq!(hint("a;b\n"), None);
    }
}
