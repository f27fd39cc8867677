//! What a tenant's own text says and a law forbids, as far as words can tell ([`law::forbidden`]): refused when it is
//! saved, named in a preview, and passed over when a letter is issued, for a text may be older than the rule or written for
//! debtors elsewhere.

use chrono::NaiveDate;
use entity::LetterKind;

use super::OwnText;
use crate::{
    error::{Refusal, RefusalCode},
    law::{self, Pack},
    letter::Language,
};

/// A word that stands in a text and must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// Where, as a path into the text: `closing.0.text`.
    pub field: String,
    /// For people: the word, its character, the rule with its source.
    pub message: String,
}

impl From<Unsaid> for Refusal {
    fn from(unsaid: Unsaid) -> Self {
        Self::new(RefusalCode::Invalid, unsaid.message).at(&unsaid.field)
    }
}

/// Which letters a text is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct For<'a> {
    pub(super) kind: LetterKind,
    pub(super) language: Language,
    /// The creditor's country.
    pub(super) creditor: &'a str,
    /// The debtors' country; none for any, which is every country with rules.
    pub(super) debtors: Option<&'a str>,
    pub(super) day: NaiveDate,
}

impl For<'_> {
    fn holds(&self, pack: &Pack) -> bool {
        self.debtors.is_none_or(|debtors| [self.creditor, debtors].contains(&pack.country.as_str()))
    }
}

/// The first forbidden word of each part.
pub(super) fn unsaid(text: &OwnText, letters: For<'_>) -> Vec<Unsaid> {
    let packs: Vec<&Pack> = law::packs().iter().filter(|pack| letters.holds(pack)).collect();
    let pieces = |name: &'static str, pieces: &[super::Piece]| -> Vec<(String, String)> {
        (0..).zip(pieces).map(|(index, piece): (u32, _)| (format!("{name}.{index}.text"), piece.text.clone())).collect()
    };
    let mut parts = vec![("subject".to_owned(), text.subject.clone())];
    parts.extend(pieces("opening", &text.opening));
    parts.extend(pieces("closing", &text.closing));
    parts.extend(text.sms.clone().map(|sms| ("sms".to_owned(), sms)));
    let told = |(field, said): (String, String)| {
        let forbidden = |pack| Some((law::forbidden(pack, letters.kind, letters.language, &said, letters.day)?, pack));
        let (found, pack) = packs.iter().copied().find_map(forbidden)?;
        let source = found.rule.ground.source.first().map_or("a rule of this product", String::as_str);
        let message = format!(
            "\"{}\" at character {} is {}, which this letter must not hold ({}, {source})",
            found.word, found.at, found.rule.what, pack.revision
        );
        Some(Unsaid { field, message })
    };
    parts.into_iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::letter::template::{Piece, shipped};

    fn said(text: &OwnText, language: Language, creditor: &str, debtors: Option<&str>) -> Vec<String> {
        let day = "2026-11-22".parse().unwrap();
        let letters = For { kind: LetterKind::CollectionNotice, language, creditor, debtors, day };
        unsaid(text, letters).into_iter().map(|unsaid| unsaid.field).collect()
    }

    fn piece(text: &str) -> Piece {
        Piece { text: text.to_owned(), when: None, continues: false }
    }

    #[test]
    fn a_threat_is_named_at_its_place_where_the_creditors_or_the_debtors_country_forbids_it() {
        let text = OwnText {
            subject: "Inkassovarsel".to_owned(),
            opening: vec![piece("Pay."), piece("Or we go to court.")],
            closing: vec![piece("A courtesy of {creditor}")],
            sms: Some("{creditor} {reference}: legal action follows".to_owned()),
        };
        let places = ["opening.1.text", "sms"];
        assert_eq!(said(&text, Language::En, "NZ", Some("NO")), places);
        assert_eq!(said(&text, Language::En, "NO", Some("SE")), places);
        assert_eq!(said(&text, Language::En, "NZ", None), places, "for any country is for Norway too");
        assert_eq!(said(&text, Language::En, "NZ", Some("AU")), [""; 0]);
        assert_eq!(said(&text, Language::De, "NO", None), [""; 0], "the words are those of the text's language");
    }

    #[test]
    fn the_products_own_texts_hold_no_word_that_is_forbidden() {
        let day = "2026-11-22".parse().unwrap();
        for kind in LetterKind::ALL {
            for language in Language::ALL {
                for country in ["", "AU", "DE", "GB", "NO", "NZ"] {
                    let text = shipped(kind, language, country).unwrap();
                    let own =
                        OwnText { subject: text.subject, opening: text.opening, closing: [text.closing, text.sms].concat(), sms: None };
                    // Also under the rules of every other country: which text a debtor there gets is not the law's matter.
                    let found = unsaid(&own, For { kind, language, creditor: "NO", debtors: None, day });
                    assert_eq!(found, [], "{kind:?} {language:?} {country}");
                }
            }
        }
    }
}
