//! A file as decoded text, one piece at a time, with the place in the file of whatever was read.

use domain::{
    RefusalCode,
    port::{Blob, SourceError},
};
use encoding_rs::{Decoder, DecoderResult};

use super::{charset::Charset, refused};

/// Why a file could not be read on.
#[derive(Debug)]
pub(super) enum TableError {
    /// Not to be had, or not a table.
    Source(SourceError),
    /// These bytes are not text in this encoding.
    Misspelt {
        charset: Charset,
        near: u64,
        /// Text outside ASCII came before that did read well.
        beyond_ascii: bool,
    },
}

impl From<SourceError> for TableError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<TableError> for SourceError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Source(error) => error,
            TableError::Misspelt { charset, near, .. } => refused(
                RefusalCode::NotATable,
                format!("the file is not text in {} (near byte {near}); choose another encoding", charset.name()),
            ),
        }
    }
}

/// Decodes a file from a place on.
pub(super) struct Pieces {
    charset: Charset,
    decoder: Decoder,
    /// Where the next piece of the file begins.
    next: u64,
    at_end: bool,
    beyond_ascii: bool,
    /// The decoded piece, and how much of it was passed.
    text: Vec<u8>,
    passed: usize,
    offset: u64,
}

impl Pieces {
    pub(super) fn new(charset: Charset, start: u64) -> Self {
        Self {
            charset,
            decoder: charset.decoder(),
            next: start,
            at_end: false,
            beyond_ascii: false,
            text: Vec::new(),
            passed: 0,
            offset: start,
        }
    }

    /// Makes text ready unless some is left or the file is at its end. A piece may end within a character and give
    /// nothing yet.
    pub(super) async fn fill(&mut self, blob: &dyn Blob) -> Result<(), TableError> {
        if self.passed < self.text.len() || self.at_end {
            return Ok(());
        }
        let piece = blob.read(self.next).await?.unwrap_or_default();
        let end = self.next + piece.len() as u64;
        self.at_end = piece.is_empty() || end >= blob.size();
        self.decode(&piece)?;
        self.next = end;
        if self.text.contains(&0) {
            return Err(zero_bytes().into());
        }
        Ok(())
    }

    fn decode(&mut self, piece: &[u8]) -> Result<(), TableError> {
        let room = self.decoder.max_utf8_buffer_length_without_replacement(piece.len()).unwrap_or(4 * piece.len() + 16);
        self.passed = 0;
        self.text.clear();
        self.text.resize(room, 0);
        let (result, _, written) = self.decoder.decode_to_utf8_without_replacement(piece, &mut self.text, self.at_end);
        self.text.truncate(written);
        self.beyond_ascii |= !self.text.is_ascii();
        if matches!(result, DecoderResult::InputEmpty) {
            return Ok(());
        }
        let near = self.next + self.charset.source_len(&self.text);
        Err(TableError::Misspelt { charset: self.charset, near, beyond_ascii: self.beyond_ascii })
    }

    /// The text that is ready.
    pub(super) fn rest(&self) -> &[u8] {
        self.text.get(self.passed..).unwrap_or_default()
    }

    /// Whether no text is ready and none will come.
    pub(super) fn is_over(&self) -> bool {
        self.at_end && self.passed == self.text.len()
    }

    /// Passes over ready text.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.offset += self.charset.source_len(self.rest().get(..bytes).unwrap_or_default());
        self.passed += bytes;
    }

    /// The last byte passed of this piece.
    pub(super) fn last(&self) -> Option<u8> {
        self.text.get(self.passed.checked_sub(1)?).copied()
    }

    /// The place in the file behind what was passed.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }
}

/// What text never holds.
pub(super) fn zero_bytes() -> SourceError {
    refused(RefusalCode::NotATable, "the file holds zero bytes: it is not text. Save the table as CSV and try again")
}
