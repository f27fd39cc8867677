//! Tables as comma-separated values (RFC 4180).

/// One line. Texts that a spreadsheet would run as a formula are made plain.
pub(super) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let plain = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if plain.contains([',', '"', '\n', '\r']) { format!("\"{}\"", plain.replace('"', "\"\"")) } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_apart_and_are_no_formulas() {
        assert_eq!(line(["a", "b,c", "say \"x\"", "1\n2"]), "a,\"b,c\",\"say \"\"x\"\"\",\"1\n2\"\r\n");
        assert_eq!(line(["=1+1", "@x", "-2", "2-1"]), "'=1+1,'@x,'-2,2-1\r\n");
    }
}
