//! How long a short message is where it is paid for: in parts. Text of the GSM alphabet (3GPP TS 23.038 § 6.2.1) has
//! 160 characters in one part and 153 in each of several; any other character makes it UCS-2 with 70 and 67 (TS 23.040
//! § 9.2.3.24.1). A character of the extension table counts twice, one outside the basic plane too, and neither is torn
//! apart.

/// In what a short message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsEncoding {
    /// Seven bits per character.
    Gsm7,
    /// Sixteen bits per character.
    Ucs2,
}

/// The length of a short message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsSize {
    /// In what it is sent.
    pub encoding: SmsEncoding,
    /// Characters of that encoding.
    pub units: usize,
    /// Parts that are paid for; 0 for an empty text.
    pub segments: usize,
}

const BASIC: &str =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// Measures a text.
pub fn measure(text: &str) -> SmsSize {
    let gsm: Option<Vec<usize>> = text.chars().map(septets).collect();
    match gsm {
        Some(widths) => size(SmsEncoding::Gsm7, &widths, 160, 153),
        None => size(SmsEncoding::Ucs2, &text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

fn septets(char: char) -> Option<usize> {
    if BASIC.contains(char) { Some(1) } else { EXTENSION.contains(char).then_some(2) }
}

fn size(encoding: SmsEncoding, widths: &[usize], alone: usize, part: usize) -> SmsSize {
    let units: usize = widths.iter().sum();
    if units <= alone {
        return SmsSize { encoding, units, segments: usize::from(units > 0) };
    }
    let (mut segments, mut filled) = (1, 0);
    for width in widths {
        if filled + width > part {
            (segments, filled) = (segments + 1, 0);
        }
        filled += width;
    }
    SmsSize { encoding, units, segments }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_as_they_are_paid_for() {
        let cases = [
            (String::new(), SmsEncoding::Gsm7, 0, 0),
            ("a".repeat(160), SmsEncoding::Gsm7, 160, 1),
            ("a".repeat(161), SmsEncoding::Gsm7, 161, 2),
            ("ä".repeat(306), SmsEncoding::Gsm7, 306, 2),
            ("a".repeat(307), SmsEncoding::Gsm7, 307, 3),
            ("€".repeat(80), SmsEncoding::Gsm7, 160, 1),
            // 76 fit into 153 with one septet left over: 153 characters of two septets need three parts, not two.
            ("€".repeat(153), SmsEncoding::Gsm7, 306, 3),
            ("ō".repeat(70), SmsEncoding::Ucs2, 70, 1),
            ("ō".repeat(71), SmsEncoding::Ucs2, 71, 2),
            ("ō".repeat(134), SmsEncoding::Ucs2, 134, 2),
            ("ō".repeat(135), SmsEncoding::Ucs2, 135, 3),
            ("😀".repeat(35), SmsEncoding::Ucs2, 70, 1),
            // 33 pairs fill 66 of 67: the 67th unit stays empty.
            ("😀".repeat(67), SmsEncoding::Ucs2, 134, 3),
            (format!("{}ō", "a".repeat(70)), SmsEncoding::Ucs2, 71, 2),
        ];
        for (text, encoding, units, segments) in cases {
            assert_eq!(measure(&text), SmsSize { encoding, units, segments }, "{text}");
        }
        assert_eq!(BASIC.chars().count(), 127, "the alphabet without its escape");
    }
}
