//! The grammar of executable documents, to the letter, over the tokens of [`super::lex`].
//!
//! The parser behind is made for editors and recovers from what it can: `a a: 1` passes there as an argument. This is a
//! recogniser only; it builds nothing. It recurses no deeper than the lexer's limit of nesting.

use async_graphql::Pos;

use super::{lex::Tokens, literal};
use crate::fault::{Code, Fault};

/// Whether a source is a document.
pub(super) fn check(source: &str, tokens: &Tokens) -> Result<(), Fault> {
    let mut grammar = Grammar { source, tokens, at: 0 };
    grammar.definition()?;
    while grammar.at < tokens.len() {
        grammar.definition()?;
    }
    Ok(())
}

type Checked = Result<(), Fault>;

struct Grammar<'a> {
    source: &'a str,
    tokens: &'a Tokens,
    at: usize,
}

impl<'a> Grammar<'a> {
    /// The text of the token ahead; empty at the end.
    fn ahead(&self) -> &'a str {
        self.tokens.get(self.at).and_then(|token| self.source.get(token.start..token.end)).unwrap_or_default()
    }

    fn first(&self) -> u8 {
        self.ahead().bytes().next().unwrap_or_default()
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let (found, at) = match self.tokens.get(self.at) {
            Some(token) => (format!("\"{}\"", self.ahead()), token.pos),
            None => ("the end".to_owned(), self.tokens.last().map_or(Pos { line: 1, column: 1 }, |token| token.pos)),
        };
        Fault::new(Code::ParseFailed, format!("Syntax error: expected {expected}, found {found}.")).at(Some(at))
    }

    /// Takes the token ahead when it is this one.
    fn took(&mut self, text: &str) -> bool {
        let taken = self.ahead() == text;
        self.at += usize::from(taken);
        taken
    }

    fn take(&mut self, text: &str) -> Checked {
        if self.took(text) { Ok(()) } else { Err(self.unexpected(&format!("\"{text}\""))) }
    }

    fn is_name(&self) -> bool {
        matches!(self.first(), b'A'..=b'Z' | b'a'..=b'z' | b'_')
    }

    fn name(&mut self) -> Checked {
        if !self.is_name() {
            return Err(self.unexpected("a name"));
        }
        self.at += 1;
        Ok(())
    }

    fn description(&mut self) -> Result<bool, Fault> {
        if self.first() != b'"' {
            return Ok(false);
        }
        self.literal()?;
        Ok(true)
    }

    fn definition(&mut self) -> Checked {
        if self.description()? && self.ahead() == "{" {
            return Err(self.unexpected("an operation that has a keyword"));
        }
        match self.ahead() {
            "{" => self.selection_set(),
            "query" | "mutation" | "subscription" => {
                self.at += 1;
                if self.is_name() {
                    self.at += 1;
                }
                self.variables()?;
                self.directives(false)?;
                self.selection_set()
            }
            "fragment" => {
                self.at += 1;
                self.fragment_name()?;
                self.take("on")?;
                self.name()?;
                self.directives(false)?;
                self.selection_set()
            }
            _ => Err(self.unexpected("an operation or a fragment")),
        }
    }

    fn fragment_name(&mut self) -> Checked {
        if self.ahead() == "on" { Err(self.unexpected("a fragment's name")) } else { self.name() }
    }

    fn variables(&mut self) -> Checked {
        if !self.took("(") {
            return Ok(());
        }
        loop {
            self.description()?;
            self.variable()?;
            self.take(":")?;
            self.variable_type()?;
            if self.took("=") {
                self.value(true)?;
            }
            self.directives(true)?;
            if self.took(")") {
                return Ok(());
            }
        }
    }

    fn variable(&mut self) -> Checked {
        self.take("$")?;
        self.name()
    }

    fn variable_type(&mut self) -> Checked {
        if self.took("[") {
            self.variable_type()?;
            self.take("]")?;
        } else {
            self.name()?;
        }
        self.took("!");
        Ok(())
    }

    fn directives(&mut self, constant: bool) -> Checked {
        while self.took("@") {
            self.name()?;
            self.arguments(constant)?;
        }
        Ok(())
    }

    fn arguments(&mut self, constant: bool) -> Checked {
        if !self.took("(") {
            return Ok(());
        }
        loop {
            self.named_value(constant)?;
            if self.took(")") {
                return Ok(());
            }
        }
    }

    fn named_value(&mut self, constant: bool) -> Checked {
        self.name()?;
        self.take(":")?;
        self.value(constant)
    }

    fn value(&mut self, constant: bool) -> Checked {
        match self.first() {
            b'$' if constant => Err(self.unexpected("a constant value")),
            b'$' => self.variable(),
            b'[' => {
                self.at += 1;
                while !self.took("]") {
                    self.value(constant)?;
                }
                Ok(())
            }
            b'{' => {
                self.at += 1;
                while !self.took("}") {
                    self.named_value(constant)?;
                }
                Ok(())
            }
            b'"' | b'-' | b'0'..=b'9' => self.literal(),
            _ if self.is_name() => self.name(),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn literal(&mut self) -> Checked {
        if !literal::is_well_formed(self.ahead()) {
            return Err(self.unexpected("a well-formed string or number"));
        }
        self.at += 1;
        Ok(())
    }

    fn selection_set(&mut self) -> Checked {
        self.take("{")?;
        loop {
            self.selection()?;
            if self.took("}") {
                return Ok(());
            }
        }
    }

    fn selection(&mut self) -> Checked {
        if self.took("...") {
            return self.fragment();
        }
        self.name()?;
        if self.took(":") {
            self.name()?;
        }
        self.arguments(false)?;
        self.directives(false)?;
        if self.ahead() == "{" { self.selection_set() } else { Ok(()) }
    }

    fn fragment(&mut self) -> Checked {
        let inline = if self.took("on") {
            self.name()?;
            true
        } else {
            !self.is_name()
        };
        if !inline {
            self.name()?;
            return self.directives(false);
        }
        self.directives(false)?;
        self.selection_set()
    }
}
