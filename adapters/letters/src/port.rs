//! The product's port for drawing letters, served by [`Renderer`].

use domain::{letter::LetterDocument, port};

use crate::{RenderError, Renderer, bind};

impl port::Renderer for Renderer {
    fn render(&self, document: &LetterDocument) -> Result<port::Pdf, port::RenderError> {
        let drawn = Self::render(self, document).map_err(|error| match error {
            RenderError::MissingGlyph { char } => port::RenderError::MissingGlyph(char),
            other => port::RenderError::Unprintable(other.to_string()),
        })?;
        Ok(port::Pdf { bytes: drawn.bytes, sha256: drawn.sha256_hex, pages: u32::try_from(drawn.pages).unwrap_or(u32::MAX) })
    }

    fn bind(&self, letters: &[Vec<u8>], both_sides: bool) -> Result<port::Bound, port::RenderError> {
        bind(letters, both_sides).map_err(|error| port::RenderError::Unprintable(error.to_string()))
    }

    fn missing_glyphs(&self, text: &str) -> Vec<char> {
        Self::missing_glyphs(self, text)
    }
}
