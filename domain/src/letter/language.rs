//! The languages that letters are written in.

use serde::{Deserialize, Serialize};

use crate::error::{Refusal, RefusalCode};

/// A language with complete wording for every kind of letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English, dates and numbers as in New Zealand and Britain.
    En,
    /// German, dates and numbers as in Germany.
    De,
    /// Norwegian Bokmål, dates and numbers as in Norway.
    Nb,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Nb];

    /// The ISO 639-1 code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Nb => "nb",
        }
    }

    /// The language with this ISO 639-1 code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == code)
    }

    /// The language with this code, as somebody typed it.
    ///
    /// # Errors
    ///
    /// A refusal at `field` when letters are not written in it.
    pub(crate) fn wanted(code: &str, field: &str) -> Result<Self, Refusal> {
        Self::parse(code).ok_or_else(|| Self::unknown().at(field))
    }

    /// What is answered to who wants letters in a language without wording.
    pub fn unknown() -> Refusal {
        Refusal::new(RefusalCode::Invalid, "letters are written in en, de or nb")
    }

    /// The language of a locale such as `de-AT`, `nb` or `no-NO`; none when letters are not written in it.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match language.as_str() {
            "no" | "nn" => Some(Self::Nb),
            other => Self::parse(other),
        }
    }
}
