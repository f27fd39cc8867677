//! Looking into a PDF as far as its sheets.

use lopdf::{Document, Object, ObjectId};

/// The pages' widths and heights in points; none for what is no PDF.
pub(super) fn sheets(pdf: &[u8]) -> Option<Vec<(f64, f64)>> {
    let document = Document::load_mem(pdf).ok()?;
    let sheets: Option<Vec<_>> = document.get_pages().into_values().map(|page| sheet(&document, page)).collect();
    sheets.filter(|sheets| !sheets.is_empty())
}

fn sheet(document: &Document, page: ObjectId) -> Option<(f64, f64)> {
    let mut node = document.get_dictionary(page).ok()?;
    for _ in 0..16 {
        if let Ok(found) = node.get(b"MediaBox") {
            let (_, found) = document.dereference(found).ok()?;
            let numbers: Vec<f64> = found.as_array().ok()?.iter().filter_map(|one| one.as_float().ok().map(f64::from)).collect();
            let &[left, low, right, high] = numbers.as_slice() else { return None };
            return Some((right - left, high - low));
        }
        node = document.get_dictionary(node.get(b"Parent").and_then(Object::as_reference).ok()?).ok()?;
    }
    None
}

/// Whether all sheets have a size, give or take a point.
pub(super) fn all_are(sheets: &[(f64, f64)], width: f64, height: f64) -> bool {
    sheets.iter().all(|sheet| (sheet.0 - width).abs() < 1.5 && (sheet.1 - height).abs() < 1.5)
}
