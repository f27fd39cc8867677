//! A room's sources as code alone: comments and the contents of strings are blanked out, so that a word in a sentence
//! is no finding, and test modules can be told from code.

use std::{fs, path::Path};

use super::root;

/// One source file.
pub struct Source {
    /// Its path from the root of the repository.
    pub path: String,
    /// Its code: comments and strings blanked, lines kept.
    pub code: String,
}

/// The sources below a folder, without tests that have files of their own.
pub fn of(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

fn walk(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source { path, code: blanked(&text) });
        }
    }
}

/// Code with its comments and strings replaced by spaces; the line breaks stay.
pub fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let skipped = comment(rest).or_else(|| string(rest)).or_else(|| character(rest));
        if let Some(length) = skipped {
            code.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        } else {
            // A word at once, so that the `r` of `for"…"` does not begin a raw string.
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').filter(|at| *at > 0);
            let length = word.unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
            code.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    code
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let inside = rest.strip_prefix("/*")?;
    Some(inside.find("*/").map_or(rest.len(), |at| at + 4))
}

fn string(rest: &str) -> Option<usize> {
    let prefix = ["\"", "b\"", "c\""].into_iter().find(|start| rest.starts_with(start));
    if let Some(prefix) = prefix {
        return Some(closed(rest, prefix.len(), '"'));
    }
    let raw = ["r", "br", "cr"].into_iter().find_map(|start| rest.strip_prefix(start).filter(|r| r.starts_with(['#', '"'])))?;
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    let body = raw[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let opened = rest.len() - body.len();
    Some(body.find(&end).map_or(rest.len(), |at| opened + at + end.len()))
}

/// A character in quotes; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    let plain = first != '\\' && inside[first.len_utf8()..].starts_with('\'');
    (plain || first == '\\').then(|| closed(rest, 1, '\''))
}

/// Where a quoted text ends that was opened before `from`.
fn closed(rest: &str, from: usize, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest[from..].char_indices() {
        if c == quote && !escaped {
            return from + at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

#[test]
fn only_code_is_left_of_a_source() {
    let text = "let a = \"f64\"; // f64\nlet b = r#\"f64 \" f64\"#; /* f64 */ let c: u8 = b'\"'; fn d<'a>(x: &'a f64) {}\n";
    let code = blanked(text);
    assert_eq!(code.matches("f64").count(), 1, "{code}");
    assert_eq!(code.lines().count(), text.lines().count());
    assert!(code.contains("fn d<'a>(x: &'a f64) {}"), "{code}");
}
