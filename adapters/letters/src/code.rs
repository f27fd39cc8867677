//! A payment code as a drawing: one path of its dark modules, so that it prints sharp at any size.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder, Version};

use crate::RenderError;

/// The largest code that the standard of payment codes allows (EPC069-12): 69 modules a side.
const LARGEST: Version = Version::V13;

/// The code as SVG, without white around it. The same text gives the same drawing.
pub fn drawing(payload: &str) -> Result<String, RenderError> {
    let code = QRBuilder::new(payload).ecl(ECL::M).build().map_err(|error| RenderError::Layout(error.to_string()))?;
    if code.version.is_some_and(|version| version as usize > LARGEST as usize) {
        return Err(RenderError::TextTooLong);
    }
    let mut path = String::new();
    for y in 0..code.size {
        for (x, length) in runs(&code[y].iter().map(|module| module.value()).collect::<Vec<_>>()) {
            let _infallible = write!(path, "M{x} {y}h{length}v1h-{length}z");
        }
    }
    let side = code.size;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{side}\" height=\"{side}\"><path d=\"{path}\"/></svg>"
    ))
}

/// Where dark modules begin in a row, and how many follow.
fn runs(row: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_the_dark_modules_and_no_others() {
        let row = [true, true, false, true, false, false, true];
        assert_eq!(runs(&row), [(0, 2), (3, 1), (6, 1)]);
        assert!(runs(&[]).is_empty() && runs(&[false]).is_empty());
    }

    #[test]
    fn what_the_standard_allows_fits_and_more_does_not() {
        assert!(drawing(&"x".repeat(331)).is_ok());
        assert_eq!(drawing(&"x".repeat(332)), Err(RenderError::TextTooLong));
    }
}
