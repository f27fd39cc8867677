//! How wide a text is before it is laid out: the sum of its characters' advances, in the font that has them.
//!
//! Kerning and ligatures only make text narrower, so what fits by this ruler fits on the page.

use typst::text::{FontInstance, FontVariations, FontWeight};

use crate::fonts::Fonts;

/// Advance assumed where a font gives none, in em.
const UNKNOWN_ADVANCE: f64 = 1.0;

/// Measures text in the fonts of a renderer.
pub struct Ruler {
    regular: Vec<FontInstance>,
    bold: Vec<FontInstance>,
}

impl Ruler {
    /// A ruler for these fonts.
    pub fn new(fonts: &Fonts) -> Self {
        let instances = |bold: bool| {
            let suits = |weight: FontWeight| if bold { true } else { weight < FontWeight::SEMIBOLD };
            let mut fonts: Vec<_> = fonts.iter().filter(|font| suits(font.info().variant.weight)).collect();
            if bold {
                fonts.sort_by_key(|font| font.info().variant.weight < FontWeight::SEMIBOLD);
            }
            fonts.into_iter().map(instance).collect()
        };
        Self { regular: instances(false), bold: instances(true) }
    }

    /// Width in multiples of the font size.
    pub fn width(&self, text: &str, bold: bool) -> f64 {
        text.chars().map(|char| self.advance(char, bold)).sum()
    }

    /// Width of one character in multiples of the font size.
    pub fn advance(&self, char: char, bold: bool) -> f64 {
        let fonts = if bold { &self.bold } else { &self.regular };
        fonts.iter().find_map(|font| font.x_advance(font.ttf().glyph_index(char)?.0)).map_or(UNKNOWN_ADVANCE, typst::layout::Em::get)
    }
}

fn instance(font: &typst::text::Font) -> FontInstance {
    let variant = font.info().variant;
    font.clone().instantiate(variant, typst::layout::Abs::pt(10.0), &FontVariations::default())
}
