//! A flag that Xero writes as a JSON boolean, and at times in quotes.

use serde::{Deserialize, Deserializer, de::Error};

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::connectors::xero) struct Flag(pub bool);

#[derive(Deserialize)]
#[serde(untagged)]
enum Spelling {
    Plain(bool),
    Quoted(String),
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Spelling::deserialize(from)? {
            Spelling::Plain(flag) => Ok(Self(flag)),
            Spelling::Quoted(text) => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(Self(true)),
                "false" => Ok(Self(false)),
                _ => Err(D::Error::custom("neither true nor false")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_plain_and_in_quotes() {
        for (json, flag) in [
            ("true", Some(true)),
            ("false", Some(false)),
            (r#""true""#, Some(true)),
            (r#""False""#, Some(false)),
            (r#""1""#, None),
            ("1", None),
        ] {
            assert_eq!(serde_json::from_str::<Flag>(json).ok().map(|flag| flag.0), flag, "{json}");
        }
    }
}
