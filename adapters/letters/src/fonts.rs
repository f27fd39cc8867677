//! The fonts that are part of the program, which characters they have and in which order they are tried.

use typst::{
    foundations::Bytes,
    text::{Font, FontBook},
    utils::LazyHash,
};

use crate::RenderError;

/// Text fonts first, then one font for each further script. See `fonts/README.md` for source and licence.
static EMBEDDED: [&[u8]; 9] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-Bold.ttf"),
    include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../fonts/NotoSansThai-Regular.ttf"),
    include_bytes!("../fonts/NotoSansSC-Regular.ttf"),
    include_bytes!("../fonts/NotoSansJP-Regular.ttf"),
    include_bytes!("../fonts/NotoSansKR-Hangul.ttf"),
];

const JAPANESE: &str = "Noto Sans JP";
const CHINESE: &str = "Noto Sans SC";

/// One bit for each Unicode scalar value.
const COVERAGE_WORDS: usize = 0x11_0000 / 64;

/// All fonts of a renderer.
pub struct Fonts {
    /// What the layout asks for names and styles.
    pub book: LazyHash<FontBook>,
    all: Vec<Font>,
    coverage: Vec<u64>,
    families: Vec<String>,
    families_japanese: Vec<String>,
}

impl Fonts {
    /// The embedded fonts, then the additional ones.
    pub fn new(extra: Vec<Vec<u8>>) -> Result<Self, RenderError> {
        let mut fonts: Vec<Font> = EMBEDDED.into_iter().flat_map(|data| Font::iter(Bytes::new(data))).collect();
        for (index, data) in extra.into_iter().enumerate() {
            let before = fonts.len();
            fonts.extend(Font::iter(Bytes::new(data)));
            if fonts.len() == before {
                return Err(RenderError::UnreadableFont(index));
            }
        }
        let families = families(&fonts);
        let families_japanese = japanese_first(&families);
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Ok(Self { book, coverage: coverage(&fonts), all: fonts, families, families_japanese })
    }

    /// The font at this index of the book.
    pub fn get(&self, index: usize) -> Option<Font> {
        self.all.get(index).cloned()
    }

    /// Every font, in the book's order.
    pub fn iter(&self) -> impl Iterator<Item = &Font> {
        self.all.iter()
    }

    /// The families in the order in which a character is looked for. Chinese and Japanese share code points but not
    /// shapes, so the recipient's country decides which comes first.
    pub fn families(&self, country: &str) -> &[String] {
        if country == "JP" { &self.families_japanese } else { &self.families }
    }

    /// Whether some font has the character, or it needs none.
    pub fn covers(&self, char: char) -> bool {
        let code = char as usize;
        matches!(char, '\u{200b}'..='\u{200d}') || self.coverage[code / 64] & (1 << (code % 64)) != 0
    }
}

fn families(fonts: &[Font]) -> Vec<String> {
    let mut families: Vec<String> = Vec::new();
    for font in fonts {
        if !families.contains(&font.info().family) {
            families.push(font.info().family.clone());
        }
    }
    families
}

fn japanese_first(families: &[String]) -> Vec<String> {
    let mut order = families.to_vec();
    order.retain(|family| family != JAPANESE);
    let chinese = order.iter().position(|family| family == CHINESE).unwrap_or(order.len());
    order.insert(chinese, JAPANESE.to_owned());
    order
}

fn coverage(fonts: &[Font]) -> Vec<u64> {
    let mut words = vec![0; COVERAGE_WORDS];
    for code in fonts.iter().flat_map(|font| font.info().coverage.iter()) {
        let code = code as usize;
        words[code / 64] |= 1 << (code % 64);
    }
    words
}
