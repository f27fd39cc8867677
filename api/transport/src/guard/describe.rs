//! Descriptions of operations, fragments and variables: in the language since 2025, without meaning to a server, and
//! unknown to the parser behind. They are blanked out, byte for byte, so that every position stays what it was.

use std::borrow::Cow;

use super::lex::Tokens;

pub(super) fn without_descriptions<'a>(source: &'a str, tokens: &Tokens) -> Cow<'a, str> {
    let spans: Vec<_> = descriptions(source, tokens).collect();
    if spans.is_empty() {
        return Cow::Borrowed(source);
    }
    let mut text = String::with_capacity(source.len());
    let mut copied = 0;
    for (start, end) in spans {
        text.push_str(source.get(copied..start).unwrap_or_default());
        let blank = |byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' };
        text.extend(source.bytes().take(end).skip(start).map(blank));
        copied = end;
    }
    text.push_str(source.get(copied..).unwrap_or_default());
    Cow::Owned(text)
}

/// The strings that stand where a description may: before a definition's keyword, and before a variable's declaration.
fn descriptions<'a>(source: &'a str, tokens: &'a Tokens) -> impl Iterator<Item = (usize, usize)> + 'a {
    let first = |index: usize| tokens.get(index).and_then(|token| source.as_bytes().get(token.start)).copied();
    let mut depth = 0_usize;
    let mut outermost = 0;
    (0..tokens.len()).filter_map(move |index| {
        let token = tokens.get(index)?;
        match first(index)? {
            opening @ (b'{' | b'[' | b'(') => {
                if depth == 0 {
                    outermost = opening;
                }
                depth += 1;
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'"' => {
                let before = index.checked_sub(1).and_then(first);
                let found = match depth {
                    0 => matches!(before, None | Some(b'}')) && is_keyword(source, tokens, index + 1),
                    1 => outermost == b'(' && !matches!(before, Some(b':' | b'=')) && first(index + 1) == Some(b'$'),
                    _ => false,
                };
                return found.then_some((token.start, token.end));
            }
            _ => {}
        }
        None
    })
}

fn is_keyword(source: &str, tokens: &Tokens, index: usize) -> bool {
    let word = tokens.get(index).and_then(|token| source.get(token.start..token.end));
    matches!(word, Some("query" | "mutation" | "subscription" | "fragment"))
}
