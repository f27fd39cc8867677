//! A PDF of one page with one line of text: small, but a real one that any reader opens.

use std::fmt::Write as _;

/// The document. Characters beyond ASCII and what PDF strings treat specially become question marks.
pub fn of_one_line(text: &str) -> Vec<u8> {
    let plain: String =
        text.chars().map(|char| if char.is_ascii() && !"()\\".contains(char) && !char.is_control() { char } else { '?' }).collect();
    let content = format!("BT /F1 18 Tf 72 770 Td ({plain}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut index = String::new();
    for (number, object) in objects.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(index, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let (start, size) = (file.len(), objects.len() + 1);
    let _ =
        write!(file, "xref\n0 {size}\n0000000000 65535 f \n{index}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}
