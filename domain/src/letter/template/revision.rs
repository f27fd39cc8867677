//! The product's own texts by revision.

use std::{collections::BTreeMap, sync::LazyLock};

use entity::LetterKind;
use serde::Deserialize;
use toml::{Table, Value};

use super::Piece;
use crate::letter::{ClaimLineKind, Language};

/// The revision that new letters are issued with.
pub const TEXT_REVISION: &str = "2026-11-22";

/// Every revision, oldest first; each tells only what differs from the one before.
const FILES: [(&str, &[(Language, &str)]); 2] = [
    (
        "2026-11",
        &[(Language::En, include_str!("../templates/2026-11/en.toml")), (Language::De, include_str!("../templates/2026-11/de.toml"))],
    ),
    (
        TEXT_REVISION,
        &[
            (Language::En, include_str!("../templates/2026-11-22/en.toml")),
            (Language::De, include_str!("../templates/2026-11-22/de.toml")),
            (Language::Nb, include_str!("../templates/2026-11-22/nb.toml")),
        ],
    ),
];

/// All texts of a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageText {
    /// The request for payment.
    pub demand: String,
    /// Words that stand alone.
    pub labels: Labels,
    /// What the lines of a claim are called.
    pub lines: BTreeMap<ClaimLineKind, String>,
    /// How the debtor is addressed.
    pub salutation: Salutation,
    /// How a claim is spoken of.
    pub claim: ClaimWords,
    /// What letters say that bring nothing of their own.
    common: Common,
    letters: BTreeMap<LetterKind, LetterText>,
    #[serde(default)]
    countries: BTreeMap<String, BTreeMap<LetterKind, LetterText>>,
    /// What laws demand; the first revision knew none.
    pub statements: Option<StatementTexts>,
}

/// Words that stand alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    pub date: String,
    pub reference: String,
    pub our_contact: String,
    pub email: String,
    pub phone: String,
    pub item: String,
    pub item_date: String,
    pub due: String,
    pub amount: String,
    pub outstanding: String,
    pub subtotal: String,
    pub invoice: String,
    pub bank_heading: String,
    pub account_name: String,
    pub account: String,
    pub payment_reference: String,
    pub contact_heading: String,
    pub complimentary_close: String,
    pub registration: String,
    pub attention: String,
    pub page: String,
}

/// How the debtor is addressed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Salutation {
    /// With a name.
    pub named: String,
    /// Without.
    pub unnamed: String,
}

/// How a claim is spoken of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimWords {
    /// One invoice.
    pub one: String,
    /// Several, or one without a number.
    pub several: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    closing: Vec<Piece>,
    sms: Vec<Piece>,
}

/// What a letter of one kind says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterText {
    /// The heading; the invoice's number follows it where there is only one.
    pub subject: String,
    /// The heading stands alone.
    #[serde(default)]
    pub heading_only: bool,
    /// It says itself that the claim goes to collection and that costs may follow.
    #[serde(default)]
    pub warns: bool,
    /// Before the claim.
    pub opening: Vec<Piece>,
    /// After the account.
    #[serde(default)]
    pub closing: Vec<Piece>,
    /// The short message.
    #[serde(default)]
    pub sms: Vec<Piece>,
}

/// What laws demand that a letter states, one sentence each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementTexts {
    pub collection_and_costs: String,
    pub principal: String,
    pub ground: String,
    pub ground_undated: String,
    pub interest: String,
    pub above_statutory: String,
    pub cost: String,
    pub fee_reason: String,
    pub fixed_sum_reason: String,
    pub vat_none: String,
    pub vat_not_deductible: String,
    pub address_source: String,
    pub authority: String,
}

type Revisions = BTreeMap<&'static str, BTreeMap<&'static str, LanguageText>>;

static REVISIONS: LazyLock<Revisions> = LazyLock::new(|| {
    let mut told: BTreeMap<&'static str, Table> = BTreeMap::new();
    let mut revisions = Revisions::new();
    for (revision, files) in FILES {
        for (language, file) in files {
            let changes = file.parse::<Table>().expect("part of the program; every test of this module reads it");
            merge(told.entry(language.as_str()).or_default(), changes);
        }
        let read = |(language, told): (&&'static str, &Table)| {
            (*language, Value::Table(told.clone()).try_into().expect("part of the program; every test of this module reads it"))
        };
        revisions.insert(revision, told.iter().map(read).collect());
    }
    revisions
});

/// A letter is replaced as a whole, everything else word by word.
fn merge(into: &mut Table, changes: Table) {
    for (key, value) in changes {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) if !new.contains_key("opening") => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// A language's texts of a revision; none when the revision did not have it.
pub fn language_text(revision: &str, language: Language) -> Option<&'static LanguageText> {
    REVISIONS.get(revision)?.get(language.as_str())
}

/// What a letter to a debtor in this country says, complete.
pub fn letter_text(words: &LanguageText, kind: LetterKind, country: &str) -> Option<LetterText> {
    let usual = words.letters.get(&kind);
    let mut text = words.countries.get(country).and_then(|kinds| kinds.get(&kind)).or(usual)?.clone();
    if text.closing.is_empty() {
        text.closing.clone_from(&words.common.closing);
    }
    if text.sms.is_empty() {
        text.sms = usual.filter(|usual| !usual.sms.is_empty()).map_or_else(|| words.common.sms.clone(), |usual| usual.sms.clone());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::template::{Part, allowed, placeholder::placeholders};

    #[test]
    fn the_current_revision_is_complete() {
        for language in Language::ALL {
            let words = language_text(TEXT_REVISION, language).expect("has every language");
            assert!(words.statements.is_some());
            for kind in LetterKind::ALL {
                let text = letter_text(words, kind, "XX").expect("has every kind");
                assert!(!text.opening.is_empty() && !text.closing.is_empty() && !text.sms.is_empty());
            }
            for kind in [ClaimLineKind::Principal, ClaimLineKind::FixedSum, ClaimLineKind::Waiver] {
                assert!(words.lines.contains_key(&kind));
            }
        }
        assert!(language_text("2026-11", Language::Nb).is_none());
        assert!(language_text("1999", Language::En).is_none());
    }

    #[test]
    fn every_text_uses_only_what_its_kind_knows() {
        for (revision, languages) in REVISIONS.iter() {
            for (language, words) in languages {
                for kind in LetterKind::ALL {
                    for country in ["XX", "NO"] {
                        let Some(text) = letter_text(words, kind, country) else { continue };
                        let check = |part: Part, texts: &[Piece]| {
                            for piece in texts {
                                for (placeholder, _) in placeholders(&piece.text).expect("reads") {
                                    assert!(allowed(kind, part).contains(&placeholder), "{revision} {language} {kind:?}: {placeholder:?}");
                                }
                            }
                        };
                        check(Part::Body, &text.opening);
                        check(Part::Body, &text.closing);
                        check(Part::Sms, &text.sms);
                    }
                }
            }
        }
    }

    #[test]
    fn the_norwegian_notice_is_headed_and_says_what_it_must_in_every_language() {
        for (language, warning) in [(Language::En, "Costs"), (Language::De, "Kosten"), (Language::Nb, "kostnader")] {
            let words = language_text(TEXT_REVISION, language).expect("has every language");
            let text = letter_text(words, LetterKind::CollectionNotice, "NO").expect("there");
            assert_eq!((text.subject.as_str(), text.heading_only), ("Inkassovarsel", true));
            let said: String = text.opening.iter().chain(&text.closing).map(|piece| piece.text.as_str()).collect();
            assert!(said.contains(warning), "{said}");
            for threat in ["court", "Gericht", "Klage", "domstol", "rettslig", "forliksråd"] {
                assert!(!said.contains(threat), "{threat} in {said}");
            }
        }
    }
}
