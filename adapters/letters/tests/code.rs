//! The payment code on the page, read back from the file by another reader than the one that wrote it.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../samples/mod.rs"]
mod samples;

use domain::letter::{LetterFacts, LetterKind, compose};
use letters::Renderer;
use lopdf::{
    Dictionary, Document, Object,
    content::{Content, Operation},
};

/// Fewest rectangles of a code; nothing else on the page is filled by so many.
const MODULE_RUNS: usize = 100;
/// Pixels of a module, and modules of white around the code.
const PIXELS: usize = 6;
const QUIET: usize = 4;

/// An affine map as a PDF writes it.
type Matrix = [f32; 6];

/// Left, bottom, right, top.
type Rectangle = [f32; 4];

fn numbers<const N: usize>(operands: &[Object]) -> [f32; N] {
    let numbers: Vec<f32> = operands.iter().map(|operand| operand.as_float().unwrap()).collect();
    numbers.try_into().unwrap()
}

fn times(a: Matrix, b: Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

/// What is filled on a page: each fill as the boxes of its closed lines.
#[derive(Default)]
struct Fills {
    found: Vec<Vec<Rectangle>>,
    path: Vec<Rectangle>,
}

impl Fills {
    fn point(&mut self, at: Matrix, x: f32, y: f32, begins: bool) {
        let (x, y) = (x * at[0] + y * at[2] + at[4], x * at[1] + y * at[3] + at[5]);
        match self.path.last_mut() {
            Some(last) if !begins => *last = [last[0].min(x), last[1].min(y), last[2].max(x), last[3].max(y)],
            _ => self.path.push([x, y, x, y]),
        }
    }

    fn draw(&mut self, document: &Document, resources: &Dictionary, content: &[u8], mut at: Matrix) {
        let mut kept = Vec::new();
        for Operation { operator, operands } in Content::decode(content).unwrap().operations {
            match operator.as_str() {
                "q" => kept.push(at),
                "Q" => at = kept.pop().unwrap(),
                "cm" => at = times(numbers(&operands), at),
                "m" | "l" => {
                    let [x, y] = numbers(&operands);
                    self.point(at, x, y, operator == "m");
                }
                "re" => {
                    let [x, y, width, height] = numbers(&operands);
                    self.point(at, x, y, true);
                    self.point(at, x + width, y + height, false);
                }
                "f" | "f*" => self.found.push(std::mem::take(&mut self.path)),
                "n" | "S" => self.path.clear(),
                "Do" => {
                    let forms = resources.get_deref(b"XObject", document).unwrap().as_dict().unwrap();
                    let form = forms.get_deref(operands[0].as_name().unwrap(), document).unwrap().as_stream().unwrap();
                    let own = form.dict.get_deref(b"Resources", document).and_then(Object::as_dict).unwrap_or(resources);
                    let matrix = form.dict.get(b"Matrix").and_then(Object::as_array).map_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], |m| numbers(m));
                    self.draw(document, own, &form.get_plain_content().unwrap(), times(matrix, at));
                }
                _ => {}
            }
        }
    }
}

/// The dark runs of the code on the first page.
fn runs(pdf: &[u8]) -> Option<Vec<Rectangle>> {
    let document = Document::load_mem(pdf).unwrap();
    let page = document.get_pages()[&1];
    let resources = document.get_dictionary(page).unwrap().get_deref(b"Resources", &document).unwrap().as_dict().unwrap().clone();
    let mut fills = Fills::default();
    fills.draw(&document, &resources, &document.get_page_content(page), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    fills.found.into_iter().find(|fill| fill.len() > MODULE_RUNS)
}

/// What a scanner reads, and the left, right, lower and upper end in millimetres.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen modules")]
fn scanned(runs: &[Rectangle]) -> (String, Rectangle) {
    let end = |pick: fn(f32, f32) -> f32, place: usize| runs.iter().map(|run| run[place]).reduce(pick).unwrap();
    let [left, bottom, right, top] = [end(f32::min, 0), end(f32::min, 1), end(f32::max, 2), end(f32::max, 3)];
    let module = runs.iter().map(|run| run[3] - run[1]).reduce(f32::min).unwrap();
    let side = ((right - left) / module).round() as usize;
    let mut dark = vec![false; side * side];
    for run in runs {
        let place = |from: f32| (from / module).round() as usize;
        let y = place(top - run[3]);
        for x in place(run[0] - left)..place(run[2] - left) {
            dark[y * side + x] = true;
        }
    }
    let width = (side + 2 * QUIET) * PIXELS;
    let inside = |pixel: usize| (pixel / PIXELS).checked_sub(QUIET).filter(|module| *module < side);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, width, |x, y| match (inside(x), inside(y)) {
        (Some(x), Some(y)) if dark[y * side + x] => 0,
        _ => 255,
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    (grids[0].decode().unwrap().1, [left, bottom, right, top].map(|pt| pt * 25.4 / 72.0))
}

fn pdf(facts: &LetterFacts) -> Vec<u8> {
    Renderer::new(Vec::new()).unwrap().render(&compose(facts).unwrap()).unwrap().bytes
}

#[test]
fn a_scanner_reads_account_amount_and_reference() {
    let facts = samples::german(LetterKind::FinalDemand);
    let (read, [left, bottom, right, top]) = scanned(&runs(&pdf(&facts)).unwrap());
    let expected = "BCD\n002\n1\nSCT\nCOBADEFFXXX\nMärkische Großhandels-Ges. mbH\nDE89370400440532013000\nEUR4821.65\n\n\nC-2026-1042";
    assert_eq!(read, expected);
    assert!((right - left - 26.0).abs() < 0.1 && (top - bottom - 26.0).abs() < 0.1, "{left} to {right} mm, {bottom} to {top} mm");
    assert!(left > 25.0 && right < 190.0, "from {left} to {right} mm");
}

#[test]
fn the_code_has_a_text_for_who_cannot_see_it() {
    let document = Document::load_mem(&pdf(&samples::german(LetterKind::FinalDemand))).unwrap();
    let elements = document.objects.values().filter_map(|object| object.as_dict().ok());
    let mut figures = elements.filter(|element| element.get(b"S").and_then(Object::as_name).is_ok_and(|role| role == b"Figure"));
    let alt = figures.next().unwrap().get(b"Alt").unwrap();
    assert!(lopdf::decode_text_string(alt).unwrap().starts_with("GiroCode"), "{alt:?}");
    assert!(figures.next().is_none());
}

#[test]
fn letters_without_a_payable_euro_amount_have_no_code() {
    let mut old = samples::german(LetterKind::FinalDemand);
    old.bank.code = false;
    let mut kroner = samples::german(LetterKind::FinalDemand);
    "NOK".clone_into(&mut kroner.currency);
    for facts in [old, kroner, samples::german(LetterKind::ThankYou), samples::english(LetterKind::Reminder)] {
        assert_eq!(compose(&facts).unwrap().code, None);
        assert!(runs(&pdf(&facts)).is_none());
    }
}
