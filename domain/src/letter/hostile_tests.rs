//! Nothing that a debtor, a creditor or a text is called breaks a letter, a mail header, a short message or a page,
//! also where the tenant's own text speaks of it.

use proptest::prelude::*;

use super::{Language, LetterFacts, LetterKind, OwnText, OwnWording, compose, compose_examples::facts, mail, sms, template::Piece, text};

/// Names that were tried on others: markup of HTML, of the page's language, of templates, of SQL, of shells; headers,
/// control and direction characters, marks without end, everything that somebody's program once evaluated.
const HOSTILE: [&str; 32] = [
    "{outstanding}",
    "{{creditor}}",
    "{",
    "}}",
    "{debtor",
    "${7*7}",
    "{{ 7 * 7 }}",
    "{% for x in (1..9) %}",
    "<%= 7*7 %>",
    "#{7*7}",
    "#read(\"/etc/passwd\")",
    "#import \"@preview/x:1.0.0\"",
    "]#panic()[",
    "$ x^2 $",
    "@label <label>",
    "*bold* _it_ `raw` \\ // /* x",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<a href='javascript:x'>",
    "'; DROP TABLE letter; --",
    "`id` $(id) | id",
    "Acme\r\nBcc: x@evil.example",
    "Acme\r\n.\r\nMAIL FROM:<x@evil.example>",
    "a\u{0}b\u{7}c\u{1b}[31m",
    "\u{202e}dtL emcA\u{202c}",
    "\u{2066}Acme\u{2069}\u{200b}\u{feff}",
    "%s%n%x",
    "../../etc/passwd",
    "=HYPERLINK(\"http://evil.example\")",
    "https://evil.example/pay www.evil.example evil.example/x",
    "שלום عالم",
    "👩‍👩‍👧‍👦 𝕬𝖈𝖒𝖊",
];

fn own(text: OwnText) -> OwnWording {
    OwnWording { template: None, revision: 1, text }
}

fn piece(text: &str) -> Piece {
    Piece { text: text.to_owned(), when: None, continues: false }
}

/// A text that names everybody everywhere.
fn naming() -> OwnText {
    OwnText {
        subject: "{creditor} {reference}".into(),
        opening: vec![piece(
            "[{debtor}] [{creditor}] [{reference}] [{payment_reference}] [{contact}] [{claim}] [{outstanding}] [{pay_by}]",
        )],
        closing: vec![piece("({debtor})")],
        sms: Some("{creditor} {debtor} {reference} {payment_reference} {contact} {outstanding} {pay_by}".into()),
    }
}

fn named(name: &str, language: Language, with_own: bool) -> LetterFacts {
    let mut facts = facts(LetterKind::Reminder, language);
    facts.debtor.name = name.to_owned();
    facts.debtor.attention = Some(name.to_owned());
    facts.debtor.address_lines = vec![name.to_owned()];
    facts.creditor.name = name.to_owned();
    facts.creditor.legal_name = None;
    facts.reference = name.to_owned();
    facts.bank.payment_reference = name.to_owned();
    facts.lines[0].title = Some(name.to_owned());
    facts.lines[0].invoice_number = Some(name.to_owned());
    facts.lines[1].note = Some(name.to_owned());
    if with_own {
        facts.wording = Some(own(naming()));
    }
    facts
}

fn harmless(facts: &LetterFacts) {
    let Ok(letter) = compose(facts) else { return };
    for text in letter.texts() {
        assert!(
            !text.chars().any(|char| char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')),
            "{text:?}"
        );
    }
    let mail = mail(&letter);
    assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
    for tag in ["<script", "<img", "<a ", "javascript:x'>"] {
        assert!(!mail.html.contains(tag), "{tag} in {}", mail.html);
    }
    // A name stands where the text put it, letter by letter, and nothing in it was put in anew.
    if facts.wording.is_some() {
        let name = text::clean_line(&facts.debtor.name).expect("composed");
        assert!(letter.opening[0].starts_with(&format!("[{name}] [{name}] [{name}]")), "{:?}", letter.opening);
        assert_eq!(letter.closing_paragraphs[0], format!("({name})"));
    }
    let message = sms(facts).expect("as the letter");
    assert!(!message.contains("evil.example/") && !message.contains("://") && !message.chars().any(char::is_control), "{message}");
}

#[test]
fn hostile_names_stay_names_in_every_text() {
    for name in HOSTILE {
        for language in Language::ALL {
            for with_own in [false, true] {
                let facts = named(name, language, with_own);
                assert!(compose(&facts).is_ok(), "{name:?}");
                harmless(&facts);
            }
        }
    }
}

#[test]
fn a_placeholder_in_a_name_is_never_put_in() {
    let facts = named("{outstanding} {{creditor}}", Language::En, true);
    let letter = compose(&facts).expect("composes");
    assert!(letter.opening[0].starts_with("[{outstanding} {{creditor}}] ["), "{:?}", letter.opening);
    assert!(letter.opening[0].ends_with("[NZD\u{a0}1,234.50] [5\u{a0}December\u{a0}2026]"), "{:?}", letter.opening);
}

#[test]
fn too_much_of_a_name_is_refused_with_its_reason_not_drawn() {
    let marks = format!("z{}", "\u{301}".repeat(10_000));
    for name in ["x".repeat(100_000), marks] {
        let error = compose(&named(&name, Language::Nb, true)).expect_err("too much");
        assert!(error.to_string().starts_with("creditor name"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_name_breaks_a_letter(name in ".{1,80}", at in 0..HOSTILE.len(), with_own: bool) {
        harmless(&named(&format!("{name}{}", HOSTILE[at]), Language::De, with_own));
    }

    #[test]
    fn no_text_of_a_tenants_makes_composing_panic(subject in ".{0,40}", opening in "[a-z{} ]{0,40}|.{0,80}", sms_text in ".{0,80}") {
        let mut facts = facts(LetterKind::Reminder, Language::En);
        facts.wording = Some(own(OwnText { subject, opening: vec![piece(&opening)], closing: Vec::new(), sms: Some(sms_text) }));
        let _ = compose(&facts).map(|letter| mail(&letter));
        let _ = sms(&facts);
    }
}
