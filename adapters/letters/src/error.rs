//! Why a letter cannot be drawn.

use thiserror::Error;

/// Why a letter cannot be drawn. Nothing here is worth a retry: the same letter fails the same way.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// No font has this character; it would show as an empty box.
    #[error("no font has the character {char:?} (U+{:04X})", u32::from(*.char))]
    MissingGlyph {
        /// The first such character.
        char: char,
    },
    /// One text of more than [`crate::MAX_TEXT_BYTES`]; no composed letter has one.
    #[error("a text is too long")]
    TextTooLong,
    /// The address does not fit the envelope's window even in the smallest size.
    #[error("the address does not fit the window")]
    AddressDoesNotFit,
    /// More than [`crate::MAX_PAGES`] pages.
    #[error("the letter has {0} pages")]
    TooManyPages(usize),
    /// The date is outside what a PDF can state.
    #[error("the letter's date cannot be written")]
    Date,
    /// An additional font that is none, by its position.
    #[error("font {0} cannot be read")]
    UnreadableFont(usize),
    /// The layout or the PDF standard refused the content.
    #[error("cannot be laid out: {0}")]
    Layout(String),
    /// A file that should be a drawn letter cannot be read.
    #[error("a drawn letter cannot be read: {0}")]
    Unreadable(String),
}
