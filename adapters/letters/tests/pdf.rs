//! The finished file: its bytes, its texts, its standards, and what is refused.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../samples/mod.rs"]
mod samples;

use std::{sync::LazyLock, thread};

use domain::letter::{LetterDocument, LetterFacts, LetterKind, compose};
use letters::{Pdf, RenderError, Renderer};
use lopdf::{Dictionary, Document, Object};
use proptest::prelude::*;

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new(Vec::new()).unwrap());

fn letter() -> LetterDocument {
    compose(&samples::english(LetterKind::Reminder)).unwrap()
}

fn render(facts: &LetterFacts) -> Pdf {
    RENDERER.render(&compose(facts).unwrap()).unwrap()
}

fn text(pdf: &Pdf) -> String {
    let document = Document::load_mem(&pdf.bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).unwrap()
}

/// Line ends of the page do not matter, nor how spaces are stored.
fn squeezed(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

#[test]
fn same_letter_gives_same_bytes_in_any_renderer_and_thread() {
    let expected = RENDERER.render(&letter()).unwrap();
    assert_eq!(RENDERER.render(&letter()).unwrap(), expected);
    assert_eq!(Renderer::new(Vec::new()).unwrap().render(&letter()).unwrap(), expected);
    let mut other = letter();
    other.subject.push_str(" (2)");
    let different = thread::scope(|scope| {
        let same: Vec<_> = (0..4).map(|_| scope.spawn(|| RENDERER.render(&letter()).unwrap())).collect();
        let different = scope.spawn(|| RENDERER.render(&other).unwrap());
        assert!(same.into_iter().all(|thread| thread.join().unwrap() == expected));
        different.join().unwrap()
    });
    assert_ne!(different.sha256_hex, expected.sha256_hex);
    assert_eq!(expected.sha256_hex.len(), 64);
}

#[test]
fn amounts_deadline_and_account_can_be_selected() {
    let text = squeezed(&text(&render(&samples::german(LetterKind::FinalDemand))));
    for part in ["4.821,65€", "4.Dezember2026", "DE893704", "COBADEFFXXX", "C-2026-1042", "Weißgerber&Söhne", "Seite1/2"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn names_in_every_script_can_be_selected() {
    for (name, country) in samples::NAMES {
        let mut facts = samples::english(LetterKind::Reminder);
        name.clone_into(&mut facts.debtor.name);
        country.clone_into(&mut facts.debtor.country);
        let text = squeezed(&text(&render(&facts)));
        let (forward, drawn) = (squeezed(name), squeezed(name).chars().rev().collect::<String>());
        let found = match country {
            // Joined and reordered letters carry their text beside the glyphs, where this reader does not look.
            "AE" | "IN" => forward.chars().all(|char| text.contains(char)),
            // From right to left is stored as drawn; viewers turn it round.
            "IL" => text.contains(&drawn),
            _ => text.contains(&forward),
        };
        assert!(found, "{name} is missing in {text}");
    }
}

#[test]
fn character_without_a_glyph_is_an_error_and_never_a_box() {
    for (name, char) in [("Smile 😀 Ltd", '😀'), ("\u{e000}", '\u{e000}'), ("ꔀꔁ", 'ꔀ')] {
        let mut letter = letter();
        name.clone_into(&mut letter.recipient[0]);
        assert_eq!(RENDERER.render(&letter), Err(RenderError::MissingGlyph { char }));
    }
    assert_eq!(RENDERER.missing_glyphs("a😀b😀c\u{e000}"), ['😀', '\u{e000}']);
    for (name, _) in samples::NAMES {
        assert!(RENDERER.missing_glyphs(name).is_empty(), "{name}");
    }
}

#[test]
fn joiners_within_words_do_not_hinder() {
    for name in ["می\u{200c}خواهم", "क्\u{200d}ष"] {
        let mut letter = letter();
        name.clone_into(&mut letter.recipient[0]);
        assert!(RENDERER.render(&letter).is_ok(), "{name}");
    }
}

/// A character of any block that letters support, each block as likely as the next.
fn any_script() -> impl Strategy<Value = char> {
    let blocks = ['!'..='~', 'À'..='ɏ', '\u{300}'..='\u{36f}', 'Ͱ'..='ԯ', '\u{590}'..='\u{6ff}', '\u{900}'..='\u{97f}'];
    let further = ['\u{e00}'..='\u{e7f}', '\u{200c}'..='\u{200d}', 'ぁ'..='ヿ', '一'..='黿', '가'..='걿', ' '..=' '];
    let ranges = blocks.into_iter().chain(further).map(|block| prop::char::range(*block.start(), *block.end()));
    prop::strategy::Union::new(ranges)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn mixed_scripts_and_stray_marks_are_drawn_or_refused(name in prop::collection::vec(any_script(), 1..25)) {
        let name = String::from_iter(name);
        let mut facts = samples::english(LetterKind::Reminder);
        facts.debtor.name.clone_from(&name);
        if let Ok(letter) = compose(&facts) {
            let missing = letter.recipient.iter().any(|line| !RENDERER.missing_glyphs(line).is_empty());
            match RENDERER.render(&letter) {
                Ok(_) => prop_assert!(!missing),
                Err(RenderError::MissingGlyph { .. }) => prop_assert!(missing),
                Err(RenderError::AddressDoesNotFit | RenderError::Layout(_)) => {}
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}

#[test]
fn markup_in_names_is_printed_as_it_is() {
    let names = ["#read(\"/etc/passwd\")", "$x$ @a ] [ } {", "*b* _i_ `c` //c /*d*/", "#import \"@preview/x:1.0.0\"", "\\u{41} ~ -- ..."];
    for name in names {
        let mut facts = samples::english(LetterKind::Reminder);
        name.clone_into(&mut facts.debtor.name);
        facts.lines[0].title = Some(name.to_owned());
        facts.creditor.name = name.to_owned();
        let text = squeezed(&text(&render(&facts)));
        assert!(text.matches(&squeezed(name)).count() >= 3, "{name} is not literal in {text}");
    }
}

#[test]
fn absurd_content_is_refused_without_panic() {
    let stacked = format!("z{}", "\u{301}".repeat(10_000));
    let long = "Acme ".repeat(20_000);
    for name in [&stacked, &long] {
        let mut facts = samples::english(LetterKind::Reminder);
        facts.debtor.name.clone_from(name);
        assert!(compose(&facts).is_err());
        let mut letter = letter();
        letter.recipient[0].clone_from(name);
        assert_eq!(RENDERER.render(&letter), Err(RenderError::TextTooLong));
    }
    let mut letter = letter();
    letter.recipient[0] = "Acme ".repeat(80);
    assert_eq!(RENDERER.render(&letter), Err(RenderError::AddressDoesNotFit));
    letter = compose(&samples::english(LetterKind::Reminder)).unwrap();
    letter.dated_on = chrono::NaiveDate::MIN;
    assert_eq!(RENDERER.render(&letter), Err(RenderError::Date));
    assert_eq!(Renderer::new(vec![b"no font".to_vec()]).err(), Some(RenderError::UnreadableFont(0)));
}

#[test]
fn file_claims_accessibility_and_archiving_and_names_language_and_title() {
    let pdf = render(&samples::german(LetterKind::Reminder));
    let document = Document::load_mem(&pdf.bytes).unwrap();
    let catalog = document.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"de");
    assert!(catalog.has(b"StructTreeRoot"));
    let marked = dictionary(&document, catalog.get(b"MarkInfo").unwrap()).get(b"Marked").unwrap();
    assert!(marked.as_bool().unwrap());
    let (_, metadata) = document.dereference(catalog.get(b"Metadata").unwrap()).unwrap();
    let xmp = String::from_utf8(metadata.as_stream().unwrap().get_plain_content().unwrap()).unwrap();
    for claim in ["pdfuaid:part>1<", "pdfaid:part>2<", "pdfaid:conformance>A<", "Zahlungserinnerung"] {
        assert!(xmp.contains(claim), "{claim} is missing in {xmp}");
    }
}

#[test]
fn a_norwegian_letter_says_that_it_is_one_and_writes_numbers_as_norwegians_do() {
    let pdf = render(&samples::norwegian(LetterKind::Reminder));
    let document = Document::load_mem(&pdf.bytes).unwrap();
    assert_eq!(document.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"nb");
    // Words wider than their place bear marks without width where they may break.
    let text = squeezed(&text(&pdf)).replace('\u{200b}', "");
    for part in [
        "3733,50",
        "4.desember2026",
        "8601.11.17947",
        "2345676",
        "ØvreStorgate7",
        "Betalpånett",
        "https://betaling.fjordbygg.example/f/01042",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn headings_paragraphs_and_table_cells_are_tagged() {
    let pdf = render(&samples::english(LetterKind::Reminder));
    let document = Document::load_mem(&pdf.bytes).unwrap();
    let elements = document.objects.values().filter_map(|object| object.as_dict().ok()).filter(|element| element.has(b"P"));
    let roles: Vec<_> = elements.filter_map(|element| element.get(b"S").ok()?.as_name().ok()).collect();
    let count = |role: &[u8]| roles.iter().filter(|found| **found == role).count();
    assert_eq!((count(b"H1"), count(b"H2"), count(b"Table"), count(b"TH")), (1, 2, 1, 4));
    // Header, three lines, total.
    assert_eq!(count(b"TR"), 5);
    assert!(count(b"TD") >= 14 && count(b"P") >= 5, "{roles:?}");
}

#[test]
fn every_font_is_embedded() {
    let mut facts = samples::english(LetterKind::Reminder);
    facts.debtor.name = "李小龍 Жанна שלום".to_owned();
    let pdf = render(&facts);
    let document = Document::load_mem(&pdf.bytes).unwrap();
    let descriptors: Vec<_> = document
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter(|dictionary| dictionary.has_type(b"FontDescriptor"))
        .collect();
    assert!(descriptors.len() >= 4, "{} fonts", descriptors.len());
    assert!(descriptors.iter().all(|font| font.has(b"FontFile2") || font.has(b"FontFile3")));
}

#[test]
fn letter_of_many_pages_is_drawn_in_full() {
    let pdf = render(&samples::many_lines(200));
    let text = text(&pdf);
    assert!(text.contains("INV-00001") && text.contains("INV-00200"));
    assert_eq!(Document::load_mem(&pdf.bytes).unwrap().get_pages().len(), pdf.pages);
}

fn dictionary<'a>(document: &'a Document, object: &'a Object) -> &'a Dictionary {
    document.dereference(object).unwrap().1.as_dict().unwrap()
}
