//! Issued letters are drawn again from their facts: the words of a revision never change.

use std::{collections::BTreeSet, fmt::Write};

use sha2::{Digest, Sha256};

use super::{
    Language, LetterFacts, LetterKind, NextStep, compose,
    compose_examples::{claim_line, facts},
    sms,
};
use crate::{digest::hex, letter::ClaimLineKind};

/// What the first version of the product wrote, taken down when its words still stood in the program's code.
const WRITTEN: &str = include_str!("templates/2026-11/written.txt");

/// Every mixture of what changes words: one invoice or two, paid in part or not, first letter or not, what comes next.
fn occasions(kind: LetterKind, language: Language) -> Vec<LetterFacts> {
    let mut all = Vec::new();
    for next_step in [NextStep::Letter, NextStep::Handover, NextStep::Nothing] {
        for step_number in [1, 2] {
            for several in [false, true] {
                for part_paid in [false, true] {
                    let mut facts = facts(kind, language);
                    (facts.next_step, facts.step_number) = (next_step, step_number);
                    if !part_paid && kind != LetterKind::ThankYou {
                        facts.lines.pop();
                        facts.outstanding_minor += 30_000;
                    }
                    if several {
                        facts.lines.insert(0, claim_line(ClaimLineKind::Principal, 0));
                    }
                    all.push(facts);
                }
            }
        }
    }
    all
}

#[test]
fn letters_of_the_first_revision_say_the_same_for_ever() {
    let mut written = String::new();
    for language in [Language::En, Language::De] {
        for kind in
            [LetterKind::Reminder, LetterKind::LetterOfDemand, LetterKind::FinalDemand, LetterKind::CollectionNotice, LetterKind::ThankYou]
        {
            let mut sentences = BTreeSet::new();
            let mut digest = Sha256::new();
            for mut facts in occasions(kind, language) {
                "2026-11".clone_into(&mut facts.text_revision);
                let letter = compose(&facts).expect("composes");
                let mut texts: Vec<String> = letter.texts().map(str::to_owned).collect();
                texts.push(sms(&facts).expect("composes"));
                for text in &texts {
                    digest.update(text);
                    digest.update([0]);
                }
                sentences.extend(texts);
            }
            let digest = hex(&digest.finalize());
            writeln!(written, "# {} {} {digest}", language.as_str(), kind.as_str()).expect("a string");
            for sentence in sentences {
                writeln!(written, "{sentence}").expect("a string");
            }
        }
    }
    assert_eq!(written, WRITTEN);
}
