//! The mark that a note of ours leaves in Xentral, so that it is written once, and so that the dunning level which a
//! hand-over sets is not taken for somebody else's.

use domain::port::connect::BookNote;

/// Begins our mark; the note's id follows.
const MARK: &str = "#dunwell-";

/// The mark of a note.
pub(super) fn of(note: &BookNote) -> String {
    format!("{MARK}{}", note.id.simple())
}

/// Whether a text has a mark of ours.
pub(super) fn is_ours(text: &str) -> bool {
    text.contains(MARK)
}
