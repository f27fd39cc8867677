//! Reading a form with a file in it, and whether what it says is a letter.

use std::collections::BTreeMap;

use crate::post::paper;

/// The fields of a form and its file.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) file: Option<Vec<u8>>,
}

/// Why a form is no letter: Lob's code and words.
pub(super) type Wrong = (&'static str, String);

impl Form {
    /// Reads it; none when it is no such form.
    pub(super) fn read(media_type: &str, body: &[u8]) -> Option<Self> {
        let (_, boundary) = media_type.strip_prefix("multipart/form-data")?.split_once("boundary=")?;
        let fence = format!("--{}", boundary.trim_matches('"'));
        let mut form = Self::default();
        let mut rest = body.strip_prefix(fence.as_bytes())?;
        loop {
            if rest.starts_with(b"--") {
                return Some(form);
            }
            rest = rest.strip_prefix(b"\r\n")?;
            let end = find(rest, format!("\r\n{fence}").as_bytes())?;
            let (part, after) = (&rest[..end], &rest[end + 2 + fence.len()..]);
            form.take(part)?;
            rest = after;
        }
    }

    fn take(&mut self, part: &[u8]) -> Option<()> {
        let end = find(part, b"\r\n\r\n")?;
        let (head, value) = (String::from_utf8_lossy(&part[..end]), &part[end + 4..]);
        let name = head.split("name=\"").nth(1)?.split('"').next()?.to_owned();
        if head.contains("filename=") {
            self.file = Some(value.to_vec());
        } else {
            self.texts.insert(name, String::from_utf8(value.to_vec()).ok()?);
        }
        Some(())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Looks whether it is a letter and tells its pages.
    pub(super) fn pages(&self) -> Result<usize, Wrong> {
        self.address("to", false)?;
        self.address("from", true)?;
        for (field, words) in [("color", &["true", "false"]), ("use_type", &["marketing", "operational"])] {
            if !words.contains(&self.text(field)) {
                return Err(("invalid", format!("{field} is required")));
            }
        }
        let both = self.text("double_sided") != "false";
        let file = self.file.as_ref().ok_or(("invalid", "file is required".to_owned()))?;
        let sheets = paper::sheets(file).ok_or(("invalid_file", "file is no PDF".to_owned()))?;
        if !paper::all_are(&sheets, 612.0, 792.0) {
            return Err(("invalid_file_dimensions", "pages must be 8.5\"x11\"".to_owned()));
        }
        let most = if self.text("to[address_country]") == "US" { 60 } else { 6 } * if both { 2 } else { 1 };
        if sheets.len() > most {
            return Err(("file_pages_exceed_max", format!("at most {most} pages")));
        }
        Ok(sheets.len())
    }

    fn address(&self, whose: &str, must_be_us: bool) -> Result<(), Wrong> {
        let field = |name: &str| self.text(&format!("{whose}[{name}]"));
        let invalid = |name: &str| ("invalid", format!("{whose}.{name} is invalid"));
        let (line1, line2) = (field("address_line1"), field("address_line2"));
        if (field("name").is_empty() && field("company").is_empty())
            || field("name").chars().count() > 40
            || field("company").chars().count() > 40
        {
            return Err(invalid("name"));
        }
        if line1.is_empty() {
            return Err(invalid("address_line1"));
        }
        let (zip, state, city) = (field("address_zip"), field("address_state"), field("address_city"));
        if field("address_country") != "US" {
            if must_be_us {
                return Err(("foreign_return_address", "from must be in the United States".to_owned()));
            }
            let by_town = !city.is_empty() && !state.is_empty();
            return if by_town == zip.is_empty() { Ok(()) } else { Err(invalid("address_zip")) };
        }
        if line1.chars().count() + line2.chars().count() > 50 {
            return Err(("address_length_exceeds_limit", format!("{whose}.address_line1 and address_line2 have more than 50 characters")));
        }
        let is_state = state.len() == 2 && state.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_zip = zip.split('-').all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) && matches!(zip.len(), 5 | 10);
        match (city.is_empty(), is_state, is_zip) {
            (true, _, _) => Err(invalid("address_city")),
            (_, false, _) => Err(invalid("address_state")),
            (_, _, false) => Err(invalid("address_zip")),
            _ => Ok(()),
        }
    }
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}
