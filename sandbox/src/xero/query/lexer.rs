//! The words of a `where` expression.

/// A word of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name, perhaps with dots, or a keyword.
    Name(String),
    /// Text in double quotes.
    Text(String),
    /// A number, as written.
    Number(String),
    /// A comparison or a connective: `==`, `!=`, `>=`, `<=`, `>`, `<`, `&&`, `||`.
    Sign(&'static str),
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// A comma.
    Comma,
}

const SIGNS: &[(&str, &str)] = &[
    ("==", "=="),
    ("!=", "!="),
    ("<>", "!="),
    (">=", ">="),
    ("<=", "<="),
    ("&&", "&&"),
    ("||", "||"),
    (">", ">"),
    ("<", "<"),
    ("=", "=="),
];

/// The words of an expression; none when it has characters that belong nowhere.
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, used) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '"' => quoted(rest)?,
            _ if first.is_ascii_digit() || first == '-' => plain(rest, |c| c.is_ascii_digit() || c == '.' || c == '-', Token::Number),
            _ if first.is_alphabetic() => plain(rest, |c| c.is_alphanumeric() || c == '.' || c == '_', Token::Name),
            _ => sign(rest)?,
        };
        found.push(token);
        rest = rest[used..].trim_start();
    }
    Some(found)
}

fn sign(rest: &str) -> Option<(Token, usize)> {
    let (written, meant) = SIGNS.iter().find(|(written, _)| rest.starts_with(written))?;
    Some((Token::Sign(meant), written.len()))
}

fn plain(rest: &str, belongs: fn(char) -> bool, make: fn(String) -> Token) -> (Token, usize) {
    let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    (make(rest[..end].to_owned()), end)
}

/// Text in quotes and the bytes it takes; a backslash takes the next character as it is.
fn quoted(rest: &str) -> Option<(Token, usize)> {
    let mut text = String::new();
    let mut chars = rest[1..].chars();
    let mut used = 1;
    loop {
        let next = chars.next()?;
        used += next.len_utf8();
        match next {
            '"' => return Some((Token::Text(text), used)),
            '\\' => {
                let taken = chars.next()?;
                used += taken.len_utf8();
                text.push(taken);
            }
            other => text.push(other),
        }
    }
}
