//! Files of comma-separated values as an accounting system.
//!
//! A file is read twice. The `survey` walks over it once, keeps nothing but what it learned (encoding, delimiter,
//! order of dates, decimal mark, number of rows) and refuses what is not a table before anything is taken over. Then
//! `source` streams it page by page; `map` turns one row into one record or says what is wrong with it. Memory is
//! bounded by the limits below whatever the file holds.
//!
//! Cells are data: a cell that a spreadsheet would take for a formula is taken as text. Whether a record is new,
//! changed or known is not decided here but in `domain::sync`.

mod amount;
mod charset;
mod date;
mod delimiter;
mod evidence;
mod header;
mod identity;
mod map;
mod pieces;
mod position;
mod preview;
mod reading;
mod settle;
mod source;
mod survey;
mod synonyms;
mod table;
mod word;

#[cfg(test)]
mod tests;

use super::country;
use domain::{
    RefusalCode,
    import::ImportRequest,
    port::{Blob, Connector, Preview, Pull, Source, SourceError},
};

/// Rows per page: one transaction of the taking over.
pub const PAGE_ROWS: usize = 2_000;
/// Most columns of a file.
pub const MAX_COLUMNS: usize = 200;
/// Longest cell in bytes; also what a quote that is never closed runs into.
pub const MAX_CELL_BYTES: usize = 1024 * 1024;
/// Longest row in bytes.
pub const MAX_ROW_BYTES: usize = 4 * MAX_CELL_BYTES;
/// Most rows of a file: what was seen of each is remembered in some thirty bytes while it is read.
pub const MAX_ROWS: u64 = 3_000_000;

/// Reads files of comma-separated values. Stateless.
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvConnector;

#[async_trait::async_trait]
impl Connector for CsvConnector {
    async fn pull(&self, pull: Pull) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(source::open(pull).await?))
    }

    async fn preview(&self, pull: Pull, rows: usize) -> Result<Preview, SourceError> {
        preview::look(pull, rows).await
    }
}

/// The file of a pull, or the refusal of a pull without one.
fn file_of(file: Option<(Box<dyn Blob>, ImportRequest)>) -> Result<(Box<dyn Blob>, ImportRequest), SourceError> {
    file.ok_or_else(|| refused(RefusalCode::Required, "a file is needed: upload one and import it"))
}

/// A refusal of the whole file.
fn refused(code: RefusalCode, message: impl Into<String>) -> SourceError {
    SourceError::Refused { code: code.as_str().to_owned(), message: message.into() }
}
