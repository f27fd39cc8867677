//! A file as rows of cells: decoded and split piece by piece, within limits, with the place of each row kept exactly.
//! What the cells mean is not known here.

use csv_core::{ReadRecordResult, Reader};
use domain::{
    RefusalCode,
    import::Delimiter,
    port::{Blob, SourceError},
};

use super::{
    MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROW_BYTES,
    charset::Charset,
    delimiter,
    pieces::{Pieces, TableError},
    refused,
};

/// One row's cells, trimmed on reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'a> {
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell without white space around it; empty beyond the row's end.
    pub(super) fn get(&self, index: usize) -> &'a str {
        let Some(end) = self.ends.get(index) else { return "" };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.text.get(start..*end).unwrap_or_default().trim()
    }

    /// All of them.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |index| self.get(index))
    }

    /// Whether nothing stands in the row.
    pub(super) fn is_blank(self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Where and how to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub charset: Charset,
    pub delimiter: Delimiter,
    /// Offset of the header in the file.
    pub start: u64,
}

/// Reads a file's rows in order.
pub(super) struct TableReader {
    pieces: Pieces,
    parser: Reader,
    cells: Vec<u8>,
    cells_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    in_row: bool,
    /// The last byte passed was a carriage return: a line feed now belongs to it.
    after_return: bool,
    row: u64,
}

enum Step {
    Row,
    Again,
    End,
}

impl TableReader {
    /// Stands before the header.
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            pieces: Pieces::new(layout.charset, layout.start),
            parser: delimiter::parser(layout.delimiter),
            cells: vec![0; 4096],
            cells_len: 0,
            ends: vec![0; MAX_COLUMNS + 1],
            ends_len: 0,
            in_row: false,
            after_return: false,
            row: 0,
        }
    }

    /// Moves to the next row; false at the end. Empty lines count as rows but are not stopped at.
    pub(super) async fn next(&mut self, blob: &dyn Blob) -> Result<bool, TableError> {
        loop {
            self.pieces.fill(blob).await?;
            match self.step()? {
                Step::Row => return Ok(true),
                Step::End => return Ok(false),
                Step::Again => {}
            }
        }
    }

    /// The row that was moved to.
    pub(super) fn cells(&self) -> Cells<'_> {
        let text = std::str::from_utf8(self.cells.get(..self.cells_len).unwrap_or_default()).unwrap_or_default();
        Cells { text, ends: self.ends.get(..self.ends_len).unwrap_or_default() }
    }

    /// Its number, the header being 1.
    pub(super) const fn row(&self) -> u64 {
        self.row
    }

    /// The place in the file after it.
    pub(super) const fn offset(&self) -> u64 {
        self.pieces.offset()
    }

    fn step(&mut self) -> Result<Step, SourceError> {
        if !self.in_row && !self.begin_row() {
            return Ok(if self.pieces.is_over() { Step::End } else { Step::Again });
        }
        let is_over = self.pieces.is_over();
        if self.pieces.rest().is_empty() && !is_over {
            return Ok(Step::Again);
        }
        // A line end after the last byte closes every row but one inside quotes.
        let input = if is_over { b"\n" } else { self.pieces.rest() };
        let cells = self.cells.get_mut(self.cells_len..).unwrap_or_default();
        let ends = self.ends.get_mut(self.ends_len..).unwrap_or_default();
        let (result, read, written, ended) = self.parser.read_record(input, cells, ends);
        if !is_over {
            self.pieces.pass(read);
        }
        self.cells_len += written;
        self.ends_len += ended;
        self.check_cell()?;
        match result {
            ReadRecordResult::InputEmpty if is_over => Err(self.never_closed()),
            ReadRecordResult::InputEmpty => Ok(Step::Again),
            ReadRecordResult::OutputFull => self.grow().map(|()| Step::Again),
            ReadRecordResult::OutputEndsFull => Err(too_wide()),
            ReadRecordResult::Record | ReadRecordResult::End => self.end_row(),
        }
    }

    /// Passes line ends before a row; false when the piece has nothing else.
    fn begin_row(&mut self) -> bool {
        let rest = self.pieces.rest();
        let mut passed = 0;
        for byte in rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')) {
            let ends_a_return = *byte == b'\n' && self.after_return;
            self.row += u64::from(!ends_a_return);
            self.after_return = *byte == b'\r';
            passed += 1;
        }
        self.in_row = passed < rest.len();
        if self.in_row {
            self.cells_len = 0;
            self.ends_len = 0;
            self.row += 1;
        }
        self.pieces.pass(passed);
        self.in_row
    }

    fn end_row(&mut self) -> Result<Step, SourceError> {
        self.in_row = false;
        self.after_return = self.pieces.last() == Some(b'\r');
        if self.ends_len > MAX_COLUMNS {
            return Err(too_wide());
        }
        Ok(Step::Row)
    }

    fn check_cell(&self) -> Result<(), SourceError> {
        let ended = self.ends.get(..self.ends_len).unwrap_or_default();
        let (mut start, mut longest) = (0, 0);
        if self.cells_len > MAX_CELL_BYTES {
            for end in ended.iter().chain([&self.cells_len]) {
                longest = longest.max(end.saturating_sub(start));
                start = *end;
            }
        }
        if longest <= MAX_CELL_BYTES {
            return Ok(());
        }
        Err(not_a_table(format!("row {} has a cell of more than 1 MiB: probably a quotation mark (\") is never closed", self.row)))
    }

    fn grow(&mut self) -> Result<(), SourceError> {
        if self.cells.len() >= MAX_ROW_BYTES {
            return Err(not_a_table(format!("row {} is longer than 4 MiB", self.row)));
        }
        self.cells.resize(self.cells.len() * 2, 0);
        Ok(())
    }

    fn never_closed(&self) -> SourceError {
        not_a_table(format!("row {} opens a quotation mark (\") that is never closed", self.row))
    }
}

fn too_wide() -> SourceError {
    not_a_table(format!("the file has more than {MAX_COLUMNS} columns"))
}

fn not_a_table(message: impl Into<String>) -> SourceError {
    refused(RefusalCode::NotATable, message)
}
