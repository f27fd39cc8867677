//! Cells that spreadsheets show and never run. <https://owasp.org/www-community/attacks/CSV_Injection>

/// The text; with an apostrophe before it when a spreadsheet would take it for a formula. Phone numbers in international
/// form get one, too: nobody can tell `+47…` from a sum.
pub(super) fn plain(text: &str) -> String {
    let starts_a_formula = text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if starts_a_formula || text.starts_with(['\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}
