//! Makes texts of any length fit the places they have on the sheet.

use domain::letter::{Block, LetterDocument};

use crate::ruler::Ruler;

/// Points in a millimetre.
const PT_PER_MM: f64 = 72.0 / 25.4;
/// A break opportunity without width.
const BREAK: char = '\u{200b}';

/// A place on the sheet: how wide, how large the type.
#[derive(Clone, Copy)]
pub struct Slot {
    /// Width in millimetres.
    pub width_mm: f64,
    /// Type size in points.
    pub size_pt: f64,
    /// Whether the type is bold.
    pub bold: bool,
}

impl Slot {
    /// A place for regular type.
    pub const fn regular(width_mm: f64, size_pt: f64) -> Self {
        Self { width_mm, size_pt, bold: false }
    }

    /// A place for bold type.
    pub const fn bold(width_mm: f64, size_pt: f64) -> Self {
        Self { width_mm, size_pt, bold: true }
    }

    /// Width in multiples of the type size.
    fn width_em(self) -> f64 {
        self.width_mm * PT_PER_MM / self.size_pt
    }
}

/// Whether the text stands on one line.
pub fn is_one_line(text: &str, slot: Slot, ruler: &Ruler) -> bool {
    ruler.width(text, slot.bold) <= slot.width_em()
}

/// How many lines the text takes when it breaks at spaces and, where a word is too long, within it.
pub fn lines(text: &str, slot: Slot, ruler: &Ruler) -> usize {
    let (limit, space) = (slot.width_em(), ruler.advance(' ', slot.bold));
    let (mut lines, mut used) = (1, 0.0);
    for word in text.split(' ') {
        let width = ruler.width(word, slot.bold);
        if used > 0.0 && used + space + width > limit {
            lines += 1;
            used = 0.0;
        } else if used > 0.0 {
            used += space;
        }
        used += width;
        while used > limit {
            lines += 1;
            used -= limit;
        }
    }
    lines
}

/// The beginning of the text that stands on one line, with an ellipsis when something is left out.
pub fn shorten(text: &str, slot: Slot, ruler: &Ruler) -> String {
    if is_one_line(text, slot, ruler) {
        return text.to_owned();
    }
    let limit = slot.width_em() - ruler.advance('…', slot.bold);
    let mut used = 0.0;
    let fitting = text.chars().take_while(|char| {
        used += ruler.advance(*char, slot.bold);
        used <= limit
    });
    format!("{}…", fitting.collect::<String>().trim_end_matches([' ', '·']))
}

/// Lets words wider than the place break anywhere; all other words stay as they are.
pub fn break_long_words(text: &mut String, slot: Slot, ruler: &Ruler) {
    let limit = slot.width_em();
    let too_long = |word: &str| ruler.width(word, slot.bold) > limit;
    if text.split(' ').any(too_long) {
        let words: Vec<_> = text.split(' ').map(|word| if too_long(word) { spaced(word) } else { word.to_owned() }).collect();
        *text = words.join(" ");
    }
}

fn spaced(word: &str) -> String {
    word.chars().flat_map(|char| [char, BREAK]).collect()
}

/// Lets long words break in every text that flows on the sheet.
pub fn break_everywhere(letter: &mut LetterDocument, item_mm: f64, ruler: &Ruler) {
    let body = Slot::regular(165.0, 10.0);
    let flowing = letter.opening.iter_mut().chain(&mut letter.closing_paragraphs);
    for text in flowing.chain([&mut letter.salutation, &mut letter.signature]) {
        break_long_words(text, body, ruler);
    }
    break_long_words(&mut letter.subject, Slot::bold(165.0, 12.0), ruler);
    for row in &mut letter.table.rows {
        break_long_words(&mut row.item, Slot::regular(item_mm, 9.5), ruler);
        break_long_words(&mut row.detail, Slot::regular(item_mm, 8.5), ruler);
    }
    break_block(&mut letter.info, Slot::regular(65.0, 9.5), ruler);
    if let Some(block) = &mut letter.bank {
        break_block(block, Slot::regular(60.0, 9.5), ruler);
    }
    // A mark within an address is copied with it: none where the column is wide enough.
    break_block(&mut letter.contact, Slot::regular(63.0, 9.5), ruler);
    for line in letter.footer.iter_mut().flatten() {
        break_long_words(line, FOOTER, ruler);
    }
}

/// One column of the footer.
pub const FOOTER: Slot = Slot::regular(52.0, 7.5);

fn break_block(block: &mut Block, slot: Slot, ruler: &Ruler) {
    for field in &mut block.fields {
        break_long_words(&mut field.value, slot, ruler);
    }
}
