//! How wide a text is before it is laid out: the sum of its characters' advances, in the font that has them.
//!
//! Kerning and ligatures only make text narrower, so what fits by this ruler fits on the page.

use typst::{
    layout::{Abs, Em},
    text::{Font, FontInstance, FontVariations, FontWeight},
};

use crate::fonts::Fonts;

/// Advance assumed where a font gives none, in em.
const UNKNOWN_ADVANCE: f64 = 1.0;
/// Characters whose advances are looked up once and for all: Latin.
const KNOWN: u32 = 0x250;

/// Measures text in the fonts of a renderer.
pub struct Ruler {
    regular: Face,
    bold: Face,
}

impl Ruler {
    /// A ruler for these fonts.
    pub fn new(fonts: &Fonts) -> Self {
        let is_bold = |font: &&Font| font.info().variant.weight >= FontWeight::SEMIBOLD;
        let (bold, regular): (Vec<_>, Vec<_>) = fonts.iter().partition(is_bold);
        // Scripts without a bold font are set in the regular one.
        let bold = bold.into_iter().chain(regular.iter().copied());
        Self { bold: Face::new(bold), regular: Face::new(regular.iter().copied()) }
    }

    /// Width in multiples of the font size.
    pub fn width(&self, text: &str, bold: bool) -> f64 {
        text.chars().map(|char| self.advance(char, bold)).sum()
    }

    /// Width of one character in multiples of the font size.
    pub fn advance(&self, char: char, bold: bool) -> f64 {
        let face = if bold { &self.bold } else { &self.regular };
        face.known.get(char as usize).copied().unwrap_or_else(|| face.look_up(char))
    }
}

/// Fonts in the order in which a character is looked for.
struct Face {
    fonts: Vec<FontInstance>,
    known: Vec<f64>,
}

impl Face {
    fn new<'a>(fonts: impl Iterator<Item = &'a Font>) -> Self {
        let mut face = Self { fonts: fonts.map(instance).collect(), known: Vec::new() };
        face.known = (0..KNOWN).map(|code| char::from_u32(code).map_or(UNKNOWN_ADVANCE, |char| face.look_up(char))).collect();
        face
    }

    fn look_up(&self, char: char) -> f64 {
        let advance = |font: &FontInstance| font.x_advance(font.ttf().glyph_index(char)?.0);
        self.fonts.iter().find_map(advance).map_or(UNKNOWN_ADVANCE, Em::get)
    }
}

fn instance(font: &Font) -> FontInstance {
    font.clone().instantiate(font.info().variant, Abs::pt(10.0), &FontVariations::default())
}
