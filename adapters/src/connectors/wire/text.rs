//! Texts that people typed into an accounting system, on their way into letters and pages.

/// One line of at most `longest` characters, trimmed; none when nothing is left. Line breaks and tabs become blanks;
/// NUL, other control characters and those that turn the direction of writing are dropped: a name must not be able to
/// rearrange the line that it stands in. Joiners, which some scripts need, stay.
pub fn text(given: Option<&str>, longest: usize) -> Option<String> {
    let kept = given?.chars().filter_map(|char| match char {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        char if char.is_control() || is_steering(char) => None,
        char => Some(char),
    });
    let cleaned: String = kept.skip_while(|char| char.is_whitespace()).take(longest).collect();
    let trimmed = cleaned.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// Marks, embeddings, overrides and isolates of the Unicode bidirectional algorithm, and the byte order mark.
fn is_steering(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
