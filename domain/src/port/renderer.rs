//! Drawing letters.

use crate::letter::LetterDocument;

/// A drawn letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file. The same document gives the same bytes.
    pub bytes: Vec<u8>,
    /// Hex SHA-256 of the bytes.
    pub sha256: String,
    /// Number of pages.
    pub pages: u32,
}

/// Why a letter was not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A character has no glyph in any font at hand: a person must be named, not a box.
    #[error("no font has the character {0:?} (U+{code:04X})", code = u32::from(*.0))]
    MissingGlyph(char),
    /// The text is larger or stranger than a letter may be.
    #[error("the letter cannot be drawn: {0}")]
    Unprintable(String),
}

/// Draws letters. Slow and busy with the processor: callers run it on a blocking thread.
pub trait Renderer: Send + Sync + 'static {
    /// Draws a letter as A4 PDF.
    ///
    /// # Errors
    ///
    /// [`RenderError`], always the same for the same document.
    fn render(&self, document: &LetterDocument) -> Result<Pdf, RenderError>;

    /// The characters of a text that no font at hand has; shown on the proposal, before approval.
    fn missing_glyphs(&self, text: &str) -> Vec<char>;
}
