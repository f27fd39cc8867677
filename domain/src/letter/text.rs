//! One line of foreign text made fit for a letter: normalised, free of invisible and direction-changing characters,
//! bounded in length.
//!
//! Names, addresses and references come from other systems and may hold anything. Whatever is printed, mailed or sent
//! by SMS passes through [`clean_line`]. Escaping for HTML or for the page layout does not happen here.

use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// Longest line, in characters as people count them (grapheme clusters).
pub const MAX_GRAPHEMES: usize = 300;
/// Longest line in bytes, checked before anything else is done with it.
pub const MAX_BYTES: usize = 4_000;
/// Most combining marks on one character; no script in use needs more than four.
pub const MAX_MARKS: usize = 8;

/// Why a text cannot stand on a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing visible is left.
    #[error("is empty")]
    Empty,
    /// More than [`MAX_GRAPHEMES`] characters or [`MAX_BYTES`] bytes.
    #[error("is too long")]
    TooLong,
    /// More than [`MAX_MARKS`] combining marks on one character.
    #[error("stacks too many combining marks")]
    TooManyMarks,
}

/// The line as it is printed: Unicode NFC, white space of any kind as single spaces, control, zero-width and
/// bidirectional formatting characters removed.
///
/// The joiners U+200C and U+200D stay between letters outside Latin, Greek and Cyrillic: Persian and the scripts of
/// India are misspelt without them.
///
/// # Errors
/// [`TextError`] when the text is empty, too long or stacks combining marks.
pub fn clean_line(raw: &str) -> Result<String, TextError> {
    let line = clean_optional_line(raw)?;
    if line.is_empty() { Err(TextError::Empty) } else { Ok(line) }
}

/// As [`clean_line`], but nothing at all is fine too.
///
/// # Errors
/// [`TextError`] when the text is too long or stacks combining marks.
pub fn clean_optional_line(raw: &str) -> Result<String, TextError> {
    if raw.len() > MAX_BYTES {
        return Err(TextError::TooLong);
    }
    let line: String = collapse(raw.chars()).nfc().collect();
    check_marks(&line)?;
    if line.graphemes(true).count() > MAX_GRAPHEMES {
        return Err(TextError::TooLong);
    }
    Ok(line)
}

/// As [`clean_line`] for a paragraph of at most `most` characters.
///
/// # Errors
/// [`TextError`] when the text is empty, too long or stacks combining marks.
pub(super) fn clean_long(raw: &str, most: usize) -> Result<String, TextError> {
    let text: String = collapse(raw.chars()).nfc().collect();
    check_marks(&text)?;
    if text.graphemes(true).count() > most {
        return Err(TextError::TooLong);
    }
    if text.is_empty() { Err(TextError::Empty) } else { Ok(text) }
}

/// Whether a phone would turn the word into a link.
pub(super) fn looks_like_link(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.contains("://") || lower.starts_with("www.") || (lower.contains('.') && lower.contains('/'))
}

fn collapse(chars: impl Iterator<Item = char>) -> String {
    let mut line = String::new();
    let mut space_before_next = false;
    let mut chars = chars.peekable();
    while let Some(char) = chars.next() {
        if char.is_whitespace() {
            space_before_next = !line.is_empty();
        } else if is_joiner(char) {
            if line.chars().next_back().is_some_and(joins) && chars.peek().copied().is_some_and(joins) {
                line.push(char);
            }
        } else if !is_invisible(char) {
            if std::mem::take(&mut space_before_next) {
                line.push(' ');
            }
            line.push(char);
        }
    }
    line
}

const fn is_joiner(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}')
}

/// Letters and signs from Arabic to the scripts of south-east Asia.
const fn joins(char: char) -> bool {
    matches!(char, '\u{600}'..='\u{1cff}' | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Characters without a shape of their own that change or hide what stands around them.
pub(super) const fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffc}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn check_marks(line: &str) -> Result<(), TextError> {
    let mut marks = 0;
    for char in line.chars() {
        marks = if is_combining_mark(char) { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            return Err(TextError::TooManyMarks);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_characters_never_reach_a_letter() {
        let cases = [
            ("Acme\u{0}\u{7} Ltd\u{85}", "Acme Ltd"),
            ("\u{feff}Acme\u{200b} Ltd", "Acme Ltd"),
            ("Acme \u{202e}dtL\u{202c}", "Acme dtL"),
            ("\u{2066}Acme\u{2069}", "Acme"),
            ("Acme\r\nBcc: x@example.org", "Acme Bcc: x@example.org"),
            ("  Acme \t\u{2003} Ltd  ", "Acme Ltd"),
            ("Soft\u{ad}hyphen", "Softhyphen"),
            ("tag\u{e0041}\u{e007f}", "tag"),
        ];
        for (raw, expected) in cases {
            assert_eq!(clean_line(raw).as_deref(), Ok(expected), "from {raw:?}");
        }
    }

    #[test]
    fn real_names_stay_as_they_are() {
        for name in [
            "Ngāti Whātua Ōrākei",
            "Bjørn Ærlig-Åsen",
            "Straße & Söhne",
            "Жанна Щукина",
            "李小龍",
            "עברית",
            "محمد",
            "किशोर",
            "สมชาย",
            "山田太郎",
            "김철수",
            "Nguyễn Văn Ước",
            "O’Neill",
        ] {
            assert_eq!(clean_line(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn decomposed_letters_are_composed() {
        assert_eq!(clean_line("Mu\u{308}ller").as_deref(), Ok("Müller"));
    }

    #[test]
    fn joiners_stay_only_where_a_script_needs_them() {
        assert_eq!(clean_line("می\u{200c}خواهم").as_deref(), Ok("می\u{200c}خواهم"));
        assert_eq!(clean_line("क्\u{200d}ष").as_deref(), Ok("क्\u{200d}ष"));
        assert_eq!(clean_line("Ac\u{200d}me\u{200c}").as_deref(), Ok("Acme"));
    }

    #[test]
    fn too_much_is_refused_with_its_reason() {
        assert_eq!(clean_line("\u{200b}\n "), Err(TextError::Empty));
        assert_eq!(clean_optional_line("\u{200b}\n ").as_deref(), Ok(""));
        assert_eq!(clean_line(&"x".repeat(100_000)), Err(TextError::TooLong));
        assert_eq!(clean_line(&"x".repeat(MAX_GRAPHEMES + 1)), Err(TextError::TooLong));
        assert!(clean_line(&"ß".repeat(MAX_GRAPHEMES)).is_ok());
        assert_eq!(clean_line(&format!("z{}", "\u{301}".repeat(50))), Err(TextError::TooManyMarks));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(raw in "\\PC{0,60}|.{0,60}") {
            if let Ok(line) = clean_line(&raw) {
                prop_assert!(!line.chars().any(|char| char.is_control() || is_invisible(char)));
                prop_assert_eq!(clean_line(&line), Ok(line.clone()));
            }
        }
    }
}
