//! The product's port for drawing letters, served by [`Renderer`].

use domain::{letter::LetterDocument, port};

use crate::{RenderError, Renderer};

impl port::Renderer for Renderer {
    fn render(&self, document: &LetterDocument) -> Result<port::Pdf, port::RenderError> {
        let drawn = Self::render(self, document).map_err(|error| match error {
            RenderError::MissingGlyph { char } => port::RenderError::MissingGlyph(char),
            other => port::RenderError::Unprintable(other.to_string()),
        })?;
        Ok(port::Pdf { bytes: drawn.bytes, sha256: drawn.sha256_hex, pages: u32::try_from(drawn.pages).unwrap_or(u32::MAX) })
    }

    fn missing_glyphs(&self, text: &str) -> Vec<char> {
        Self::missing_glyphs(self, text)
    }
}
