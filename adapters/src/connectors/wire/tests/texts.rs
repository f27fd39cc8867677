//! Texts that people typed.

use crate::connectors::wire::text;

#[test]
fn texts_are_one_clean_line() {
    for (given, expected) in [
        (None, None),
        (Some(""), None),
        (Some(" \t\r\n\u{a0} "), None),
        (Some("\0\u{1}\u{202e}"), None),
        (Some("  Acme Parts Co. "), Some("Acme Parts Co.")),
        (Some("12 Fake\r\nStreet"), Some("12 Fake  Street")),
        (Some("a\0b\u{7f}c\u{9b}d"), Some("abcd")),
        (Some("abc\u{202e}gpj.exe\u{2066}x\u{2069}"), Some("abcgpj.exex")),
        (Some("\u{feff}Müller"), Some("Müller")),
        (Some("می\u{200c}خواهم"), Some("می\u{200c}خواهم")),
        (Some("   1234567890123"), Some("1234567890")),
        (Some("ääääääääääää"), Some("ääääääääää")),
    ] {
        let longest = if given.is_some_and(|given| given.contains("1234") || given.contains("ää")) { 10 } else { 100 };
        assert_eq!(text(given, longest).as_deref(), expected, "{given:?}");
    }
}
