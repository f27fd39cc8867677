//! How a file spells its characters: the guess from its first bytes, and the way back from decoded text to a place in
//! the file.

use domain::import::Encoding;
use encoding_rs::{Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

/// The encodings as they are decoded: UTF-16 has a byte order here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Charset {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    pub charset: Charset,
    /// Bytes of the byte order mark.
    pub bom: usize,
    /// Whether Windows-1252 may be tried when the rest of the file is not UTF-8.
    pub may_be_windows: bool,
}

impl Charset {
    /// A decoder that leaves byte order marks alone.
    pub(super) fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        }
        .new_decoder_without_bom_handling()
    }

    /// As the import's settings name it.
    pub(super) const fn encoding(self) -> Encoding {
        match self {
            Self::Utf8 => Encoding::Utf8,
            Self::Utf16Le | Self::Utf16Be => Encoding::Utf16,
            Self::Windows1252 => Encoding::Windows1252,
        }
    }

    /// For messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// How many bytes of the file a piece of decoded text was.
    pub(super) fn source_len(self, decoded: &[u8]) -> u64 {
        let count = match self {
            Self::Utf8 => decoded.len(),
            Self::Windows1252 => decoded.iter().filter(|byte| starts_char(**byte)).count(),
            Self::Utf16Le | Self::Utf16Be => 2 * decoded.iter().map(|byte| utf16_units(*byte)).sum::<usize>(),
        };
        count as u64
    }
}

const fn starts_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

const fn utf16_units(byte: u8) -> usize {
    match byte {
        0x80..=0xBF => 0,
        0xF0..=0xFF => 2,
        _ => 1,
    }
}

/// Reads the byte order mark, else the pattern of zero bytes that UTF-16 has in every table, else takes what was
/// wanted, else hopes for UTF-8. A byte order mark wins over a wish: no file begins with one by chance.
pub(super) fn guess(head: &[u8], wanted: Option<Encoding>) -> Guess {
    let sure = |charset, bom| Guess { charset, bom, may_be_windows: false };
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return sure(Charset::Utf8, 3),
        [0xFF, 0xFE, ..] => return sure(Charset::Utf16Le, 2),
        [0xFE, 0xFF, ..] => return sure(Charset::Utf16Be, 2),
        _ => {}
    }
    match wanted {
        Some(Encoding::Utf8) => sure(Charset::Utf8, 0),
        Some(Encoding::Windows1252) => sure(Charset::Windows1252, 0),
        Some(Encoding::Utf16) => sure(zero_pattern(head).unwrap_or(Charset::Utf16Le), 0),
        None => zero_pattern(head).map_or(Guess { charset: Charset::Utf8, bom: 0, may_be_windows: true }, |charset| sure(charset, 0)),
    }
}

/// Delimiters, digits and line ends are ASCII in every table: every second byte of UTF-16 is often zero, and the
/// others never are.
fn zero_pattern(head: &[u8]) -> Option<Charset> {
    let pairs = head.len() / 2;
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).take(pairs).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if pairs == 0 {
        None
    } else if even == 0 && odd * 3 >= pairs {
        Some(Charset::Utf16Le)
    } else if odd == 0 && even * 3 >= pairs {
        Some(Charset::Utf16Be)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn byte_order_marks_and_zero_patterns_tell_the_encoding() {
        let cases = [
            (b"a,b\n1,2\n".to_vec(), Charset::Utf8, 0),
            (b"\xEF\xBB\xBFa,b\n".to_vec(), Charset::Utf8, 3),
            ([vec![0xFF, 0xFE], utf16("a,b\n", true)].concat(), Charset::Utf16Le, 2),
            ([vec![0xFE, 0xFF], utf16("a,b\n", false)].concat(), Charset::Utf16Be, 2),
            (utf16("Kunde;Betrag\nÖl;1\n", true), Charset::Utf16Le, 0),
            (utf16("Kunde;Betrag\n李;1\n", false), Charset::Utf16Be, 0),
            (b"K\xF6ln;1\n".to_vec(), Charset::Utf8, 0),
            (vec![0; 8], Charset::Utf8, 0),
            (vec![], Charset::Utf8, 0),
        ];
        for (head, charset, bom) in cases {
            let found = guess(&head, None);
            assert_eq!((found.charset, found.bom), (charset, bom), "{head:?}");
        }
    }

    #[test]
    fn a_wish_decides_where_no_mark_contradicts_it() {
        assert_eq!(guess(b"a;b", Some(Encoding::Windows1252)).charset, Charset::Windows1252);
        assert_eq!(guess(b"\xEF\xBB\xBFa;b", Some(Encoding::Windows1252)).charset, Charset::Utf8);
        assert_eq!(guess(&utf16("a;b;c", false), Some(Encoding::Utf16)).charset, Charset::Utf16Be);
        assert_eq!(guess(&utf16("李小龍", true), Some(Encoding::Utf16)).charset, Charset::Utf16Le);
    }

    #[test]
    fn decoded_text_is_measured_in_bytes_of_the_file() {
        let text = "Öl 李 🎉\r\n";
        assert_eq!(Charset::Utf8.source_len(text.as_bytes()), text.len() as u64);
        assert_eq!(Charset::Utf16Le.source_len(text.as_bytes()), utf16(text, true).len() as u64);
        assert_eq!(Charset::Windows1252.source_len("Öl €\n".as_bytes()), 5);
    }
}
