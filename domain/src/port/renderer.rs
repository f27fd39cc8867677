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

/// Several drawn letters as one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The file. The same letters give the same bytes.
    pub bytes: Vec<u8>,
    /// Hex SHA-256 of the bytes.
    pub sha256: String,
    /// Pages of the file, blank ones included.
    pub pages: u32,
    /// Where each letter stands in it, in the order in which they were given.
    pub places: Vec<Placed>,
}

/// The pages of one letter in a file of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The first one, from 1.
    pub first_page: u32,
    /// How many, without a blank one after them.
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

    /// Makes one file of letters that were drawn before, each as it was drawn, in this order and with nothing between
    /// them; on paper printed on both sides each begins on a front.
    ///
    /// # Errors
    ///
    /// [`RenderError::Unprintable`] when one of them cannot be read.
    fn bind(&self, letters: &[Vec<u8>], both_sides: bool) -> Result<Bound, RenderError>;

    /// The characters of a text that no font at hand has; shown on the proposal, before approval.
    fn missing_glyphs(&self, text: &str) -> Vec<char>;
}
