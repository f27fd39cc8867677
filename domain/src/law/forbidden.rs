//! What letters must not say, as far as words can tell.
//!
//! This is a check of words, not of meaning: it finds the words of the list and nothing that says the same in others. It
//! keeps a creditor from a slip, not from a purpose.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::LetterKind;
use serde::Deserialize;

use super::pack::{Ground, Pack};
use crate::letter::Language;

/// Words that some letters must not hold, by language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForbiddenWords {
    /// Which letters.
    pub letters: Vec<LetterKind>,
    /// What the words amount to, for people: `a threat of court`.
    pub what: String,
    /// By ISO 639-1 code: words or phrases, whatever their case, that stand alone or, with a star at the end, begin a word.
    pub words: BTreeMap<String, Vec<String>>,
    /// On what it rests.
    pub ground: Ground,
}

impl ForbiddenWords {
    /// Whether every word can be found in a text that somebody may write.
    pub(super) fn is_sound(&self) -> bool {
        let fits = |word: &String| {
            let bare = bare(word);
            bare.chars().next().is_some_and(char::is_alphanumeric) && bare.chars().last().is_some_and(char::is_alphanumeric)
        };
        let language =
            |(code, words): (&String, &Vec<String>)| Language::parse(code).is_some() && !words.is_empty() && words.iter().all(fits);
        !self.letters.is_empty() && !self.words.is_empty() && self.words.iter().all(language)
    }
}

/// A word that a letter must not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forbidden<'a> {
    /// The word as the list has it, without its star.
    pub word: &'a str,
    /// At which character of the text it begins, counted from 1.
    pub at: usize,
    /// The rule.
    pub rule: &'a ForbiddenWords,
}

/// The first word of a text, in a letter of this kind and language, that the country forbids on this day. White space in
/// the text is taken to be single blanks.
pub fn forbidden<'a>(pack: &'a Pack, letter: LetterKind, language: Language, text: &str, day: NaiveDate) -> Option<Forbidden<'a>> {
    let rules = pack.forbidden_words.iter().filter(|rule| rule.letters.contains(&letter) && rule.ground.holds_on(day));
    let found = rules.flat_map(|rule| {
        let words = rule.words.get(language.as_str()).into_iter().flatten();
        words.filter_map(move |word| Some(Forbidden { word: bare(word), at: find(text, word)?, rule }))
    });
    found.min_by_key(|found| found.at)
}

fn bare(word: &str) -> &str {
    word.strip_suffix('*').unwrap_or(word)
}

/// At which character a word of the list begins, counted from 1.
fn find(text: &str, word: &str) -> Option<usize> {
    let mut inside = false;
    text.char_indices().zip(1..).find_map(|((byte, char), at)| {
        let begins = !std::mem::replace(&mut inside, char.is_alphanumeric());
        (begins && begins_with(&text[byte..], word)).then_some(at)
    })
}

/// Whether a text begins with a word of the list, whatever their case.
fn begins_with(text: &str, word: &str) -> bool {
    let mut rest = text.chars().flat_map(char::to_lowercase);
    let same = bare(word).chars().flat_map(char::to_lowercase).all(|char| rest.next() == Some(char));
    same && (word.ends_with('*') || rest.next().is_none_or(|next| !next.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::law::pack;

    fn found(language: Language, text: &str) -> Option<(&'static str, usize)> {
        let day = "2026-11-22".parse().unwrap();
        forbidden(pack("NO").unwrap(), LetterKind::CollectionNotice, language, text, day).map(|found| (found.word, found.at))
    }

    #[test]
    fn a_threat_of_court_is_found_by_its_words() {
        for (language, text, word) in [
            (Language::En, "We shall see you in COURT.", Some(("court", 21))),
            (Language::En, "Court-ordered", Some(("court", 1))),
            (Language::En, "or face legal proceedings and a lawsuit", Some(("legal proceeding", 9))),
            (Language::Nb, "Ellers sender vi saken til Forliksrådet.", Some(("forliksråd", 28))),
            (Language::Nb, "Vi vurderer rettslige skritt", Some(("rettslig", 13))),
            (Language::De, "Wir werden Sie verklagen", Some(("verklag", 16))),
            (Language::De, "öffentlich, dann vor GERICHT", Some(("Gericht", 22))),
            (Language::De, "ein gerichtliches Mahnverfahren", Some(("gerichtlich", 5))),
        ] {
            assert_eq!(found(language, text), word, "{text}");
        }
    }

    #[test]
    fn words_that_only_look_like_it_are_not() {
        for (language, text) in [
            (Language::En, "As a courtesy, Courtney of Suez is pursuing the issue {creditor}"),
            (Language::Nb, "utenrettslig innkreving, rett adresse, retten til å klage, utlegg"),
            (Language::De, "an Sie gerichtet, außergerichtlich, Beklagenswert, Anklage"),
            (Language::En, ""),
        ] {
            assert_eq!(found(language, text), None, "{text}");
        }
    }

    #[test]
    fn other_letters_and_other_countries_may_say_so() {
        let day = "2026-11-22".parse().unwrap();
        let of = |country, letter| forbidden(pack(country).unwrap(), letter, Language::En, "in court", day);
        assert_eq!(of("NO", LetterKind::FinalDemand), None);
        assert_eq!(of("GB", LetterKind::CollectionNotice), None);
        assert!(of("NO", LetterKind::CollectionNotice).is_some());
    }
}
