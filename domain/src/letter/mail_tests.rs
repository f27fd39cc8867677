use super::*;
use crate::letter::{Language, LetterKind, compose, compose_examples::facts};

fn mail_of(kind: LetterKind, language: Language) -> MailText {
    mail(&compose(&facts(kind, language)).expect("composes"))
}

#[test]
fn both_bodies_say_what_the_letter_says() {
    let mail = mail_of(LetterKind::Reminder, Language::En);
    assert_eq!(mail.subject, "Payment reminder – invoice INV-7 – Kōwhai Timber");
    for body in [&mail.text, &mail.html] {
        for part in [
            "Please pay NZD\u{a0}1,234.50 by 5\u{a0}December\u{a0}2026.",
            "C-1042",
            "01-0001-0000001-00",
            "1,500.00",
            "\u{2212}300.00",
            "accounts@kowhai.example",
            "Deck timber",
        ] {
            assert!(body.contains(part), "{part:?} is missing in {body}");
        }
    }
}

#[test]
fn html_in_names_is_shown_not_run() {
    let mut facts = facts(LetterKind::Reminder, Language::En);
    facts.creditor.name = "<script>alert(1)</script>".to_owned();
    facts.reference = "\"><img src=https://evil.example/p.gif>".to_owned();
    facts.lines[0].title = Some("<a href='javascript:x'>{{ 7 * 7 }}</a>".to_owned());
    let html = mail(&compose(&facts).expect("composes")).html;
    for tag in ["<script", "<img", "<a ", "49"] {
        assert!(!html.contains(tag), "{tag} got through");
    }
    assert!(html.contains("&lt;script&gt;"));
}

#[test]
fn html_is_self_contained_and_names_its_language() {
    for language in Language::ALL {
        for kind in LetterKind::ALL {
            let html = mail_of(kind, language).html;
            assert!(html.contains(&format!("<html lang=\"{}\">", language.as_str())));
            for remote in ["http:", "https:", "src=", "href=", "url("] {
                assert!(!html.contains(remote), "{remote} in {kind:?}");
            }
            assert!(html.contains("<h1"));
        }
    }
}

#[test]
fn subject_is_one_line_whatever_the_names_are() {
    let mut facts = facts(LetterKind::Reminder, Language::De);
    facts.creditor.name = "Acme\r\nBcc: a@b.example".to_owned();
    facts.lines[0].invoice_number = Some("7\nX".to_owned());
    let subject = mail(&compose(&facts).expect("composes")).subject;
    assert_eq!(subject, "Zahlungserinnerung – Rechnung 7 X – Acme Bcc: a@b.example");
}

#[test]
fn thanks_have_no_bank_details_in_either_body() {
    let mail = mail_of(LetterKind::ThankYou, Language::De);
    for body in [&mail.text, &mail.html] {
        assert!(!body.contains("01-0001-0000001-00") && !body.contains("Bitte zahlen"), "{body}");
        assert!(body.contains("1.534,50\u{a0}NZD"), "{body}");
    }
}
