//! A look at what a server said instead of what was expected, fit for a log line and for a person: one line, short, and
//! without anything that could be a key.

/// Longest look.
const MAX_CHARS: usize = 200;

/// Words from this length on could be tokens; those of pages for people are shorter.
const TOKEN_CHARS: usize = 20;

/// How much of a text is looked at.
const LOOKED_AT_BYTES: usize = 4096;

/// The beginning of a text on one line, with everything that looks like a token left out.
pub(super) fn snippet(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(LOOKED_AT_BYTES)];
    let text: String = String::from_utf8_lossy(head).chars().map(|char| if is_odd(char) { ' ' } else { char }).collect();
    let words: Vec<String> = text.split_whitespace().map(without_tokens).collect();
    words.join(" ").chars().take(MAX_CHARS).collect()
}

/// Characters that move the cursor or turn the direction of writing.
fn is_odd(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn without_tokens(word: &str) -> String {
    let is_token_char = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.' | '+' | '/' | '=' | '%' | '~');
    let mut kept = String::new();
    for part in word.split_inclusive(|char| !is_token_char(char)) {
        if part.chars().count() > TOKEN_CHARS { kept.push('…') } else { kept.push_str(part) }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_for_people_are_readable_on_one_line() {
        let page = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\x1b[31m\0";
        assert_eq!(snippet(page), "<html> <head><title>502 Bad Gateway</title></head> [31m");
    }

    #[test]
    fn what_looks_like_a_token_is_left_out() {
        let said = snippet(b"bad token eyJhbGciOiJSUzI1NiIsImtpZCI6IjFD.abc for key=0123456789abcdef0123456789abcdef!");
        assert_eq!(said, "bad token … for …");
    }

    #[test]
    fn a_look_is_short_whatever_was_said() {
        assert_eq!(snippet(&"wort ".repeat(10_000).into_bytes()).chars().count(), 200);
        assert!(snippet(&[0xff; 5000]).chars().count() <= 200);
        assert!(!snippet("a\u{202e}b\u{2028}c".as_bytes()).contains(['\u{202e}', '\u{2028}']));
    }
}
