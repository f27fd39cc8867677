//! What a printer sees of a PDF: how many pages of which size, and where on the first there is text. Lengths are in
//! millimetres from the upper left corner.

use lopdf::{
    Dictionary, Document, Object, ObjectId, Stream,
    content::{Content, Operation},
};

/// Millimetres in a point.
const POINT_MM: f64 = 25.4 / 72.0;

/// Share of the type size that stands above the base line.
const ASCENT: f64 = 0.75;

/// Width and height of US Letter paper in points.
const LETTER: (f64, f64) = (612.0, 792.0);

/// An area of the first page: left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Where a piece of text begins.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mark {
    left: f64,
    /// The base line.
    base: f64,
    /// The type's size.
    size: f64,
}

/// A PDF as the printer sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paper {
    pub(super) pages: usize,
    /// Width and height of the largest page.
    pub(super) size: (f64, f64),
    marks: Vec<Mark>,
}

impl Paper {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// In words for people, when it is none.
    pub(super) fn read(pdf: &[u8]) -> Result<Self, &'static str> {
        let document = Document::load_mem(pdf).map_err(|_| "the PDF cannot be read")?;
        let pages = document.get_pages();
        let sizes = pages.values().map(|id| media_box(&document, *id).map(|[left, low, right, high]| (right - left, high - low)));
        let sizes = sizes.collect::<Option<Vec<_>>>().ok_or("a page of the PDF has no size")?;
        let first = *pages.values().next().ok_or("the PDF has no page")?;
        let [_, _, _, high] = media_box(&document, first).ok_or("a page of the PDF has no size")?;
        let widest = sizes.iter().fold((0.0, 0.0), |most: (f64, f64), size| (most.0.max(size.0), most.1.max(size.1)));
        let content = document.get_page_content(first);
        let content = Content::decode(&content).map_err(|_| "the first page of the PDF cannot be read")?;
        Ok(Self { pages: pages.len(), size: (widest.0 * POINT_MM, widest.1 * POINT_MM), marks: marks(&content.operations, high) })
    }

    /// Whether all pages fit on A4.
    pub(super) fn is_a4(&self) -> bool {
        (self.size.0 - 210.0).abs() < 1.0 && (self.size.1 - 297.0).abs() < 1.0
    }

    /// Whether some text of the first page begins in an area.
    pub(super) fn has_text_in(&self, area: Area) -> bool {
        self.marks.iter().any(|mark| {
            let across = mark.left >= area.left && mark.left <= area.right;
            across && mark.base > area.top && mark.base - mark.size * ASCENT < area.bottom
        })
    }

    /// Whether text of the first page begins in an area's width, between two heights, and stands on a line below the
    /// area or sticks out above it.
    pub(super) fn leaves(&self, area: Area, below: f64) -> bool {
        self.marks.iter().any(|mark| {
            let across = mark.left >= area.left && mark.left <= area.right;
            across && mark.base > area.bottom && mark.base < below
        })
    }
}

/// The same pages on US Letter paper, smaller by a sixteenth so that all of A4 is on it.
///
/// # Errors
///
/// In words for people, when it cannot be read.
pub(super) fn on_us_letter(pdf: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut document = Document::load_mem(pdf).map_err(|_| "the PDF cannot be read")?;
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    for page in pages {
        let [left, low, right, high] = media_box(&document, page).ok_or("a page of the PDF has no size")?;
        let scale = (LETTER.0 / (right - left)).min(LETTER.1 / (high - low));
        let across = (LETTER.0 - (right - left) * scale) / 2.0 - left * scale;
        let up = (LETTER.1 - (high - low) * scale) / 2.0 - low * scale;
        let before = format!("q {scale:.6} 0 0 {scale:.6} {across:.3} {up:.3} cm\n");
        let begin = document.add_object(Stream::new(Dictionary::new(), before.into_bytes()));
        let end = document.add_object(Stream::new(Dictionary::new(), b"\nQ\n".to_vec()));
        let contents = std::iter::once(begin).chain(document.get_page_contents(page)).chain([end]).map(Object::Reference);
        let contents: Vec<Object> = contents.collect();
        let entry = document.get_dictionary_mut(page).map_err(|_| "a page of the PDF cannot be read")?;
        entry.set("Contents", contents);
        entry.set("MediaBox", vec![0.into(), 0.into(), Object::Real(612.0), Object::Real(792.0)]);
        for box_or_link in [b"CropBox".as_slice(), b"BleedBox", b"TrimBox", b"ArtBox", b"Annots"] {
            entry.remove(box_or_link);
        }
    }
    let mut out = Vec::new();
    document.save_to(&mut out).map_err(|_| "the PDF cannot be written for US paper")?;
    Ok(out)
}

/// The page's sheet in points, its own or its parent's.
fn media_box(document: &Document, page: ObjectId) -> Option<[f64; 4]> {
    let mut node = document.get_dictionary(page).ok()?;
    // A tree of pages is a few levels deep; one that leads back to itself ends here.
    for _ in 0..32 {
        if let Ok(found) = node.get(b"MediaBox") {
            let (_, found) = document.dereference(found).ok()?;
            let numbers: Option<Vec<f64>> = found.as_array().ok()?.iter().map(number).collect();
            return numbers?.try_into().ok();
        }
        node = document.get_dictionary(node.get(b"Parent").and_then(Object::as_reference).ok()?).ok()?;
    }
    None
}

fn number(object: &Object) -> Option<f64> {
    object.as_float().ok().map(f64::from)
}

/// A transformation as PDF writes it: a b c d e f.
type Matrix = [f64; 6];

const STILL: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

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

/// What the drawing stands at while it is walked through.
struct Pen {
    page: Matrix,
    kept: Vec<Matrix>,
    text: Matrix,
    line: Matrix,
    size: f64,
    leading: f64,
}

impl Pen {
    fn moved(&mut self, across: f64, up: f64) {
        self.line = times([1.0, 0.0, 0.0, 1.0, across, up], self.line);
        self.text = self.line;
    }

    fn mark(&self, high: f64) -> Mark {
        let at = times(self.text, self.page);
        let size = self.size * (at[2] * at[2] + at[3] * at[3]).sqrt();
        Mark { left: at[4] * POINT_MM, base: (high - at[5]) * POINT_MM, size: size * POINT_MM }
    }
}

/// Where each piece of text begins; `high` is the page's upper edge in points.
fn marks(operations: &[Operation], high: f64) -> Vec<Mark> {
    let mut pen = Pen { page: STILL, kept: Vec::new(), text: STILL, line: STILL, size: 0.0, leading: 0.0 };
    let mut marks = Vec::new();
    for operation in operations {
        let numbers: Vec<f64> = operation.operands.iter().filter_map(number).collect();
        let matrix = Matrix::try_from(numbers.as_slice()).ok();
        match (operation.operator.as_str(), numbers.as_slice()) {
            ("q", _) => pen.kept.push(pen.page),
            ("Q", _) => pen.page = pen.kept.pop().unwrap_or(STILL),
            ("cm", _) => pen.page = matrix.map_or(pen.page, |matrix| times(matrix, pen.page)),
            ("BT", _) => (pen.text, pen.line) = (STILL, STILL),
            ("Tm", _) => (pen.text, pen.line) = matrix.map_or((pen.text, pen.line), |matrix| (matrix, matrix)),
            ("Td", &[across, up]) => pen.moved(across, up),
            ("TD", &[across, up]) => {
                pen.leading = -up;
                pen.moved(across, up);
            }
            ("TL", &[leading]) => pen.leading = leading,
            ("Tf", &[size]) => pen.size = size,
            ("T*", _) => pen.moved(0.0, -pen.leading),
            ("Tj" | "TJ", _) => marks.push(pen.mark(high)),
            ("'" | "\"", _) => {
                pen.moved(0.0, -pen.leading);
                marks.push(pen.mark(high));
            }
            _ => {}
        }
    }
    marks
}
