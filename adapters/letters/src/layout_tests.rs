//! Where things stand on the sheet, asked from the layout itself.

use std::collections::BTreeSet;

use domain::letter::{Language, LetterKind, compose};
use typst::{
    World,
    layout::{Frame, FrameItem, Point},
};

use super::*;

/// A run of text with its left, right and base line, in millimetres from the top left corner of the sheet.
struct Run {
    text: String,
    left: f64,
    right: f64,
    base: f64,
}

fn runs(frame: &Frame, origin: Point, out: &mut Vec<Run>) {
    for (position, item) in frame.items() {
        let at = origin + *position;
        match item {
            FrameItem::Group(group) => runs(&group.frame, at, out),
            FrameItem::Text(text) => {
                out.push(Run { text: text.text.to_string(), left: at.x.to_mm(), right: (at.x + text.width()).to_mm(), base: at.y.to_mm() });
            }
            _ => {}
        }
    }
}

fn pages(facts: &domain::letter::LetterFacts) -> Vec<Vec<Run>> {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    let letter = compose(facts).expect("composes");
    let mut sheet = Sheet::new(&letter, &renderer.fonts, &renderer.ruler).expect("fits");
    let document = renderer.draw(&mut sheet).expect("is laid out");
    let page = |page: &typst_layout::Page| {
        let mut found = Vec::new();
        runs(&page.frame, Point::zero(), &mut found);
        found
    };
    document.pages().iter().map(page).collect()
}

fn find<'a>(page: &'a [Run], text: &str) -> &'a Run {
    page.iter().find(|run| run.text.contains(text)).unwrap_or_else(|| panic!("{text:?} is not on the page"))
}

fn near(measured: f64, expected: f64) -> bool {
    (measured - expected).abs() < 0.3
}

#[test]
fn an_address_that_fills_its_column_is_copied_without_marks() {
    let mut facts = samples::german(LetterKind::Reminder);
    "buchhaltung@blumenthal.example.org".clone_into(&mut facts.creditor.email);
    let pages = pages(&facts);
    let shown = pages.iter().flatten().filter(|run| run.text == facts.creditor.email).count();
    assert_eq!(shown, 2 + pages.len(), "beside the address, beside the signature, and in each footer");
}

#[test]
fn address_stands_in_the_window_of_the_envelope() {
    let mut facts = samples::german(LetterKind::Reminder);
    facts.debtor.name = "Wirtschaftsprüfungs- und Steuerberatungsgesellschaft Müller-Lüdenscheidt, Klöbner & Partner".to_owned();
    facts.debtor.country = "AT".to_owned();
    let page = &pages(&facts)[0];
    for part in ["Wirtschaftsprüfungs", "Partner", "Weißgerber", "Prenzlauer", "17268", "ÖSTERREICH"] {
        let run = find(page, part);
        assert!(near(run.left, 25.0), "{part} begins at {} mm", run.left);
        assert!(run.right < 105.0, "{part} ends at {} mm", run.right);
        assert!(run.base > 62.7 && run.base < 85.5, "{part} stands at {} mm", run.base);
    }
    let sender = page.iter().find(|run| run.text.contains('·')).expect("a sender line");
    assert!(sender.base > 61.5 && sender.base < 62.7 && sender.right < 105.0, "sender line at {} mm", sender.base);
}

#[test]
fn names_of_every_script_stand_in_the_window() {
    for (name, country) in samples::NAMES {
        let mut facts = samples::english(LetterKind::Reminder);
        name.clone_into(&mut facts.debtor.name);
        country.clone_into(&mut facts.debtor.country);
        facts.debtor.attention = None;
        let page = &pages(&facts)[0];
        let first_line = page.iter().filter(|run| run.base > 62.7 && run.base < 67.5 && run.left < 105.0);
        let shown: String = first_line.map(|run| run.text.as_str()).collect();
        // A character drawn as letter and mark is counted with both, so only the kinds of characters are compared.
        let characters = |text: &str| text.chars().collect::<BTreeSet<_>>();
        assert_eq!(characters(&shown), characters(name), "{name} became {shown}");
    }
}

#[test]
fn amounts_end_at_one_line() {
    let page = &pages(&samples::english(LetterKind::Reminder))[0];
    for amount in ["4,860.00", "73.50", "\u{2212}1,200.00", "Amount (NZD)"] {
        let right = find(page, amount).right;
        assert!(near(right, 190.0), "{amount} ends at {right} mm");
    }
}

#[test]
fn text_stays_inside_the_margins_whatever_it_is() {
    let mut facts = samples::english(LetterKind::Reminder);
    facts.creditor.name = "W".repeat(280);
    facts.creditor.email = "i".repeat(300);
    facts.reference = "M".repeat(300);
    facts.bank.account_name = "漢".repeat(200);
    facts.lines[0].invoice_number = Some("Ä".repeat(300));
    facts.lines[0].title = Some("ж".repeat(300));
    for page in pages(&facts) {
        for run in page {
            assert!(run.left > 24.9 && run.right < 190.3, "{} … from {} to {} mm", &run.text[..1], run.left, run.right);
            assert!(run.base < 295.0, "below the sheet: {} mm", run.base);
        }
    }
}

#[test]
fn ordinary_letters_have_one_page_and_a_page_number() {
    for language in Language::ALL {
        for kind in LetterKind::ALL {
            let mut facts = samples::english(kind);
            facts.language = language;
            let pages = pages(&facts);
            assert_eq!(pages.len(), 1, "{kind:?} in {language:?}");
            find(&pages[0], "1 / 1");
        }
    }
}

#[test]
fn table_header_and_page_number_repeat_on_every_page() {
    let pages = pages(&samples::many_lines(60));
    assert!(pages.len() >= 3, "{} pages", pages.len());
    let numbered = |number: usize| format!("{number} / {}", pages.len());
    for (index, page) in pages.iter().enumerate() {
        find(page, &numbered(index + 1));
        if page.iter().any(|run| run.text.contains("INV-")) {
            find(page, "Amount (NZD)");
        }
    }
    let invoices: Vec<_> = pages.iter().flatten().filter(|run| run.text.contains("INV-")).collect();
    assert_eq!(invoices.len(), 60);
}

#[test]
fn template_reaches_nothing_but_its_data_and_fonts() {
    let renderer = Renderer::new(Vec::new()).expect("embedded fonts");
    let world = LetterWorld {
        library: &renderer.library,
        fonts: &renderer.fonts,
        template: &renderer.template,
        data_id: renderer.data_id,
        data: Bytes::new(Vec::new()),
        code_id: renderer.code_id,
        code: None,
    };
    for path in ["/etc/passwd", "/letter.typ", "/other.json", "/code.svg"] {
        assert!(world.file(file_id(path).expect("a path")).is_err(), "{path} can be read");
    }
    assert!(world.source(file_id("/other.typ").expect("a path")).is_err());
    assert!(world.today(None).is_none());
}
