//! Walks a document once, byte by byte, before any parser sees it: counts tokens, refuses deep nesting, and remembers
//! where tokens begin, so that later stages can name a line and column without scanning again.
//!
//! It is no judge of syntax: what it does not know it counts as one token and leaves to [`super::syntax`].

use async_graphql::Pos;

use crate::{
    fault::{Code, Fault},
    limits::Limits,
};

/// The bytes of one token.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) pos: Pos,
}

/// Where each token of a document stands.
pub(super) struct Tokens(Vec<Token>);

impl Tokens {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<Token> {
        self.0.get(index).copied()
    }

    pub(super) fn last(&self) -> Option<Token> {
        self.0.last().copied()
    }

    /// The line and column of the token that begins at a byte, or else of the last one before it.
    pub(super) fn position(&self, byte: usize) -> Pos {
        let after = self.0.partition_point(|token| token.start <= byte);
        after.checked_sub(1).and_then(|index| self.get(index)).map_or(Pos { line: 1, column: 1 }, |token| token.pos)
    }
}

pub(super) fn lex(source: &str, limits: &Limits) -> Result<Tokens, Fault> {
    let mut cursor = Cursor { bytes: source.as_bytes(), at: 0, line: 1, column: 1 };
    let mut tokens = Vec::new();
    let mut nesting = 0_usize;
    while let Some(byte) = cursor.next_significant() {
        let here = Pos { line: cursor.line, column: cursor.column };
        if tokens.len() == limits.tokens {
            let message = format!("The document has more than {} tokens.", limits.tokens);
            return Err(Fault::new(Code::TokenLimit, message).at(Some(here)));
        }
        let start = cursor.at;
        match byte {
            b'{' | b'[' | b'(' => nesting += 1,
            b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if nesting > limits.nesting {
            let message = format!("The document nests deeper than {} brackets.", limits.nesting);
            return Err(Fault::new(Code::DepthLimit, message).at(Some(here)));
        }
        cursor.skip_token(byte);
        tokens.push(Token { start, end: cursor.at, pos: here });
    }
    Ok(Tokens(tokens))
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    column: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// One byte on; a line ends at LF, CR LF or CR, a column is a character.
    fn step(&mut self) {
        match self.rest() {
            [b'\r', b'\n', ..] => self.column += 1,
            [b'\n' | b'\r', ..] => {
                self.line += 1;
                self.column = 1;
            }
            [_, next, ..] if next & 0b1100_0000 == 0b1000_0000 => {}
            _ => self.column += 1,
        }
        self.at += 1;
    }

    fn step_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&accept) {
            self.step();
        }
    }

    /// Skips white space, commas, the byte order mark and comments.
    fn next_significant(&mut self) -> Option<u8> {
        loop {
            match self.rest() {
                [b' ' | b'\t' | b'\n' | b'\r' | b',', ..] => self.step(),
                [0xEF, 0xBB, 0xBF, ..] => self.at += 3,
                [b'#', ..] => self.step_while(|byte| !matches!(byte, b'\n' | b'\r')),
                [byte, ..] => return Some(*byte),
                [] => return None,
            }
        }
    }

    fn skip_token(&mut self, first: u8) {
        match first {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.step_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            b'0'..=b'9' | b'-' => self.skip_number(),
            b'"' if self.rest().starts_with(br#"""""#) => self.skip_block_string(),
            b'"' => self.skip_string(),
            b'.' => self.step_while(|byte| byte == b'.'),
            _ => {
                self.step();
                self.step_while(|byte| byte & 0b1100_0000 == 0b1000_0000);
            }
        }
    }

    /// A number and whatever letters and dots are glued to it, which make it wrong.
    fn skip_number(&mut self) {
        self.step();
        while let [byte, rest @ ..] = self.rest() {
            let exponent = matches!(byte, b'e' | b'E') && matches!(rest, [b'+' | b'-', ..]);
            match byte {
                b'.' | b'_' => self.step(),
                byte if byte.is_ascii_alphanumeric() => self.step(),
                _ => return,
            }
            if exponent {
                self.step();
            }
        }
    }

    fn skip_string(&mut self) {
        self.step();
        loop {
            match self.rest() {
                [b'\\', _, ..] => {
                    self.step();
                    self.step();
                }
                [b'"', ..] => return self.step(),
                [] | [b'\n' | b'\r', ..] => return,
                _ => self.step(),
            }
        }
    }

    fn skip_block_string(&mut self) {
        let step = |cursor: &mut Self, bytes: usize| (0..bytes).for_each(|_| cursor.step());
        step(self, 3);
        loop {
            match self.rest() {
                [b'\\', b'"', b'"', b'"', ..] => step(self, 4),
                [b'"', b'"', b'"', ..] => return step(self, 3),
                [] => return,
                _ => self.step(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn count(source: &str) -> usize {
        lex(source, &Limits::default()).unwrap().len()
    }

    #[test]
    fn strings_comments_and_commas_do_not_count_their_content() {
        assert_eq!(
            count(
                r#"{ a(s: "{ [ \" # {") # } } {
            b(s: """ { " \""" } """), ...F }"#
            ),
            16
        );
        assert_eq!(count("\u{feff},,,"), 0);
        assert_eq!(count(r#"{ a(s: """""", t: "") }"#), 11);
    }

    #[test]
    fn brackets_inside_strings_do_not_nest() {
        let source = format!("{{ a(s: \"{}\") }}", "{".repeat(1_000));
        assert!(lex(&source, &Limits::default()).is_ok());
    }

    #[test]
    fn too_many_tokens_and_deep_nesting_are_told_apart_and_located() {
        let limits = Limits { tokens: 3, nesting: 2, ..Limits::default() };
        let fault = lex("a b\nc d", &limits).err().unwrap();
        assert_eq!((fault.code, fault.at), (Code::TokenLimit, Some(Pos { line: 2, column: 3 })));
        let fault = lex("{[(", &limits).err().unwrap();
        assert_eq!((fault.code, fault.at), (Code::DepthLimit, Some(Pos { line: 1, column: 3 })));
    }

    #[test]
    fn positions_count_characters_and_all_three_line_ends() {
        let tokens = lex("{\r\n a(s: \"äöü😀\") b\rc\nd }", &Limits::default()).unwrap();
        let at = |byte| tokens.position(byte);
        let source = "{\r\n a(s: \"äöü😀\") b\rc\nd }";
        assert_eq!(at(source.find('b').unwrap()), Pos { line: 2, column: 15 });
        assert_eq!(at(source.find("\rc").unwrap() + 1), Pos { line: 3, column: 1 });
        assert_eq!(at(source.find("\nd").unwrap() + 1), Pos { line: 4, column: 1 });
    }
}
