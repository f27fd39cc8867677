//! The languages that letters are written in.

use serde::{Deserialize, Serialize};

/// A language with complete wording for every kind of letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English, dates and numbers as in New Zealand and Britain.
    En,
    /// German, dates and numbers as in Germany.
    De,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The ISO 639-1 code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language with this ISO 639-1 code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == code)
    }

    /// The language for a debtor in this country (ISO 3166-1 alpha-2) when nothing else is known.
    pub fn for_country(country: &str) -> Self {
        match country {
            "DE" | "AT" | "CH" | "LI" => Self::De,
            _ => Self::En,
        }
    }
}
