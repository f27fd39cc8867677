//! What the template reads: the letter and the few sizes that depend on how long its texts are.

use domain::letter::{Block, LetterDocument};
use serde::Serialize;
use typst::foundations::Bytes;

use crate::{
    RenderError, code,
    fit::{self, FOOTER, Slot},
    fonts::Fonts,
    ruler::Ruler,
};

/// Millimetres in a point.
const MM_PER_PT: f64 = 25.4 / 72.0;
/// Text width of the page.
const TEXT_MM: f64 = 165.0;
/// Text width of the address window: 85 mm less 5 mm left and 4 mm right.
const WINDOW_MM: f64 = 76.0;
/// Height of the part of the window's recipient zone (DIN 5008) that print-and-post providers read, too, less half a
/// millimetre for the marks of capital letters.
const WINDOW_HEIGHT_PT: f64 = 22.3 / MM_PER_PT;
/// Line pitch in the window, in multiples of the type size; `letter.typ` sets the same.
const WINDOW_PITCH: f64 = 1.25;
/// Widths of the date columns and of the gaps between columns.
const DATES_MM: f64 = 2.0 * 22.0 + 3.0 * 3.0;
/// Narrowest amount column; wider for very large amounts.
const AMOUNT_MM: f64 = 30.0;

/// Where the text begins (DIN 5008 form B), unless the block beside the window is longer.
const HEAD_MM: f64 = 98.5;
/// Where that block begins, how wide it is, and what stays free below it.
const INFO_TOP_MM: f64 = 50.0;
const INFO_MM: f64 = 65.0;
const INFO_GAP_MM: f64 = 4.0;
/// Heights in the block, in points: a label, and a line of its value; `letter.typ` sets the same.
const LABEL_PT: f64 = 12.0;
const VALUE_PT: f64 = 10.5;

/// Between the parts of the sender's line.
const SENDER_DOT: &str = " · ";
/// So much of the sender's name is shown at least, in millimetres.
const SENDER_NAME_MM: f64 = 15.0;

/// The data of one letter as the template sees it.
#[derive(Serialize)]
pub struct Sheet<'a> {
    letter: LetterDocument,
    lang: &'static str,
    fonts: &'a [String],
    head_mm: f64,
    letterhead_size: f64,
    sender_line: String,
    sender_size: f64,
    window_size: f64,
    running_head: String,
    amount_mm: f64,
    footer_lines: usize,
    /// The payment code as a drawing; the template reads it as a file.
    #[serde(skip)]
    pub code: Option<Bytes>,
    /// Pages of the finished letter; 1 until the first layout says otherwise.
    pub total_pages: usize,
}

impl<'a> Sheet<'a> {
    /// Measures the letter's texts.
    pub fn new(letter: &LetterDocument, fonts: &'a Fonts, ruler: &Ruler) -> Result<Self, RenderError> {
        let window_size = window_size(&letter.recipient, ruler)?;
        let amount_mm = amount_mm(letter, ruler);
        let mut letter = letter.clone();
        fit::break_everywhere(&mut letter, TEXT_MM - DATES_MM - amount_mm, ruler);
        let letterhead_size = letterhead_size(&letter.letterhead, ruler);
        fit::break_long_words(&mut letter.letterhead, Slot::bold(TEXT_MM, letterhead_size), ruler);
        for line in &mut letter.recipient {
            fit::break_long_words(line, Slot::regular(WINDOW_MM, window_size), ruler);
        }
        let sender_slot = sender_slot(&letter.sender_line, ruler);
        Ok(Self {
            lang: letter.language.as_str(),
            fonts: fonts.families(&letter.recipient_country),
            head_mm: head_mm(&letter.info, ruler),
            letterhead_size,
            sender_line: sender_line(&letter.sender_line, sender_slot, ruler),
            sender_size: sender_slot.size_pt,
            window_size,
            running_head: fit::shorten(&letter.title, Slot::regular(TEXT_MM, 8.0), ruler),
            amount_mm,
            footer_lines: letter.footer.iter().map(|column| footer_lines(column, ruler)).max().unwrap_or(0),
            code: letter.code.as_ref().map(|code| code::drawing(&code.payload)).transpose()?.map(Bytes::from_string),
            total_pages: 1,
            letter,
        })
    }
}

/// The largest type in which the whole address stands in the window.
fn window_size(recipient: &[String], ruler: &Ruler) -> Result<f64, RenderError> {
    let fits = |size: &f64| {
        let lines: usize = recipient.iter().map(|line| fit::lines(line, Slot::regular(WINDOW_MM, *size), ruler)).sum();
        #[expect(clippy::cast_precision_loss, reason = "a few dozen lines")]
        let height = lines as f64 * size * WINDOW_PITCH;
        height <= WINDOW_HEIGHT_PT
    };
    [10.0, 9.0, 8.0, 7.0].into_iter().find(fits).ok_or(RenderError::AddressDoesNotFit)
}

/// The largest type in which the sender stands on one line, or the smallest that can be read.
fn sender_slot(sender_line: &str, ruler: &Ruler) -> Slot {
    let slots = [7.0, 6.5, 6.0].map(|size| Slot::regular(WINDOW_MM, size));
    slots.into_iter().find(|slot| fit::is_one_line(sender_line, *slot, ruler)).unwrap_or(slots[2])
}

/// The sender on one line: who sends mail back needs the address, so a long name is shortened before it.
fn sender_line(sender_line: &str, slot: Slot, ruler: &Ruler) -> String {
    let shortened = fit::shorten(sender_line, slot, ruler);
    let Some((name, address)) = sender_line.split_once(SENDER_DOT).filter(|_| shortened != sender_line) else { return shortened };
    let left_mm = slot.width_mm - ruler.width(&format!("{SENDER_DOT}{address}"), slot.bold) * slot.size_pt * MM_PER_PT;
    if left_mm < SENDER_NAME_MM {
        return shortened;
    }
    let name = fit::shorten(name, Slot { width_mm: left_mm, ..slot }, ruler);
    format!("{name}{SENDER_DOT}{address}")
}

/// Where the text begins: below the window, and below the block beside it.
fn head_mm(info: &Block, ruler: &Ruler) -> f64 {
    let lines: usize = info.fields.iter().map(|field| fit::lines(&field.value, Slot::regular(INFO_MM, 9.5), ruler)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few dozen lines")]
    let height_pt = info.fields.len() as f64 * LABEL_PT + lines as f64 * VALUE_PT;
    HEAD_MM.max(INFO_TOP_MM + height_pt * MM_PER_PT + INFO_GAP_MM)
}

/// One line in large type, or several in smaller type.
fn letterhead_size(name: &str, ruler: &Ruler) -> f64 {
    [16.0, 14.0, 12.0].into_iter().find(|size| fit::is_one_line(name, Slot::bold(TEXT_MM, *size), ruler)).unwrap_or(8.0)
}

fn amount_mm(letter: &LetterDocument, ruler: &Ruler) -> f64 {
    let table = &letter.table;
    let amounts = table.rows.iter().map(|row| &row.amount).chain([&table.total, &table.header[3]]);
    let widest = amounts.map(|amount| ruler.width(amount, true)).fold(0.0, f64::max);
    AMOUNT_MM.max(widest * 10.0 * MM_PER_PT + 1.0)
}

fn footer_lines(column: &[String], ruler: &Ruler) -> usize {
    column.iter().map(|line| fit::lines(line, FOOTER, ruler)).sum()
}
