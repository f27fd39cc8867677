use super::*;
use crate::letter::{
    AmountError, Language, LetterKind, NextStep,
    compose_examples::{claim_line, facts},
};
use proptest::prelude::*;

type Change = fn(&mut LetterFacts);

fn refused(change: Change) -> ComposeError {
    let mut facts = facts(LetterKind::Reminder, Language::En);
    change(&mut facts);
    compose(&facts).expect_err("must be refused")
}

#[test]
fn contradicting_facts_are_refused_with_their_reason() {
    let cases: [(Change, ComposeError); 13] = [
        (|facts| facts.outstanding_minor += 1, ComposeError::TotalMismatch),
        (|facts| facts.lines[0].amount_minor = i64::MAX, ComposeError::TotalMismatch),
        (|facts| facts.lines[0].amount_minor = -1, ComposeError::WrongSign(1)),
        (|facts| facts.lines[2].amount_minor = 1, ComposeError::WrongSign(3)),
        (|facts| facts.lines.clear(), ComposeError::NoLines),
        (|facts| facts.lines = vec![claim_line(ClaimLineKind::Fee, 1); MAX_CLAIM_LINES + 1], ComposeError::TooManyLines),
        (|facts| facts.pay_by = facts.dated_on, ComposeError::DeadlineNotAhead),
        (|facts| facts.step_number = 4, ComposeError::NoSuchStep { number: 4, total: 3 }),
        (|facts| facts.step_number = 0, ComposeError::NoSuchStep { number: 0, total: 3 }),
        (|facts| facts.bank.local_account = Some("\u{200b}".to_owned()), ComposeError::NoBankAccount),
        (|facts| facts.bank.iban = Some("DE89370400440532013001".to_owned()), ComposeError::InvalidIban),
        (|facts| facts.text_revision = "1999-01".to_owned(), ComposeError::UnknownRevision("1999-01".to_owned())),
        (|facts| facts.currency = "XXX".to_owned(), ComposeError::Amount(AmountError::UnknownCurrency("XXX".to_owned()))),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(change), expected);
    }
}

#[test]
fn thanks_and_demands_need_fitting_amounts() {
    let mut thanks = facts(LetterKind::ThankYou, Language::En);
    thanks.paid_minor += 1;
    assert_eq!(compose(&thanks), Err(ComposeError::PaidMismatch));
    let mut unpaid = facts(LetterKind::Reminder, Language::En);
    unpaid.kind = LetterKind::ThankYou;
    assert_eq!(compose(&unpaid), Err(ComposeError::OutstandingMismatch("thank_you")));
    let mut paid = facts(LetterKind::ThankYou, Language::En);
    paid.kind = LetterKind::FinalDemand;
    assert_eq!(compose(&paid), Err(ComposeError::OutstandingMismatch("final_demand")));
}

#[test]
fn unprintable_names_are_refused_by_field() {
    let error = refused(|facts| facts.debtor.name = "x".repeat(100_000));
    assert_eq!(error, ComposeError::Text { field: "debtor name", error: TextError::TooLong });
    let error = refused(|facts| facts.creditor.name = "\u{202e}".to_owned());
    assert_eq!(error, ComposeError::Text { field: "creditor name", error: TextError::Empty });
    let error = refused(|facts| facts.debtor.address_lines = vec!["street".to_owned(); 20]);
    assert_eq!(error, ComposeError::AddressTooLong("debtor"));
}

#[test]
fn english_reminder_says_everything_it_must() {
    let letter = compose(&facts(LetterKind::Reminder, Language::En)).expect("composes");
    assert_eq!(letter.subject, "Payment reminder – invoice INV-7");
    assert_eq!(letter.title, "Payment reminder – C-1042 – Kōwhai Timber");
    assert_eq!(letter.salutation, "Dear Sir or Madam,");
    assert!(letter.opening[0].starts_with("According to our records, our invoice INV-7 is past due"));
    assert!(letter.opening[0].contains("We have written to you about this before."));
    assert!(letter.opening[0].contains("already paid or been credited is deducted"));
    assert_eq!(
        letter.demand.as_ref().map(|demand| demand.sentence.as_str()),
        Some("Please pay NZD\u{a0}1,234.50 by 5\u{a0}December\u{a0}2026.")
    );
    assert!(letter.closing_paragraphs[0].contains("pay directly to Kōwhai Timber Limited and quote C-1042"));
    assert!(letter.closing_paragraphs[1].ends_with("you will receive a further letter from us."));
    assert_eq!(letter.recipient, ["Bjørn Straße & Sons", "2 Hill Road", "Wellington 6011"]);
    assert_eq!(letter.sender_line, "Kōwhai Timber · 1 Quay Street · Auckland 1010");
}

#[test]
fn german_demand_says_everything_it_must() {
    let mut facts = facts(LetterKind::LetterOfDemand, Language::De);
    facts.currency = "EUR".to_owned();
    facts.creditor.country = "DE".to_owned();
    facts.bank.iban = Some(" de89 37040044 0532 013000".to_owned());
    facts.debtor.attention = Some("Frau Grün".to_owned());
    facts.next_step = NextStep::Handover;
    let letter = compose(&facts).expect("composes");
    assert_eq!(letter.subject, "Mahnung – Rechnung INV-7");
    assert_eq!(letter.salutation, "Guten Tag Frau Grün,");
    assert!(letter.opening[0].starts_with("unsere Rechnung INV-7 ist fällig, wurde aber nicht vollständig bezahlt."));
    let demand = letter.demand.expect("demands");
    assert_eq!(demand.sentence, "Bitte zahlen Sie 1.234,50\u{a0}€ bis zum 5.\u{a0}Dezember\u{a0}2026.");
    assert!(letter.closing_paragraphs[1].contains("beabsichtigen wir, die Forderung einem Inkassounternehmen"));
    assert_eq!(letter.recipient, ["Bjørn Straße & Sons", "z. Hd. Frau Grün", "2 Hill Road", "Wellington 6011", "NEUSEELAND"]);
    let bank = letter.bank.expect("a bank block");
    assert_eq!(bank.fields[1], Field { label: "IBAN".to_owned(), value: "DE89 3704 0044 0532 0130 00".to_owned() });
    assert_eq!(letter.table.header[3], "Betrag (EUR)");
}

#[test]
fn norwegian_letters_say_everything_they_must() {
    let mut facts = facts(LetterKind::CollectionNotice, Language::Nb);
    facts.currency = "NOK".to_owned();
    (facts.creditor.country, facts.debtor.country) = ("NO".to_owned(), "SE".to_owned());
    let letter = compose(&facts).expect("composes");
    assert_eq!(letter.subject, "Inkassovarsel");
    assert_eq!(letter.title, "Inkassovarsel – C-1042 – Kōwhai Timber");
    assert_eq!(letter.salutation, "Hei,");
    assert!(letter.opening[0].starts_with("Dette er et inkassovarsel. Vi har ikke mottatt full betaling for vår faktura INV-7,"));
    assert!(letter.opening[1].contains("blir det sendt til inkasso. Da kan det påløpe kostnader i tillegg til kravet."));
    let demand = letter.demand.expect("demands");
    assert_eq!(demand.sentence, "Vi ber om at 1\u{a0}234,50\u{a0}kr betales innen 5.\u{a0}desember\u{a0}2026.");
    assert_eq!(letter.recipient.last().map(String::as_str), Some("SVERIGE"));
    assert_eq!((letter.table.header[3].as_str(), letter.table.rows[0].due_on.as_str()), ("Beløp (NOK)", "01.10.2026"));
}

#[test]
fn letters_that_do_not_demand_say_what_they_are_for() {
    let mut soon = facts(LetterKind::PreDueReminder, Language::En);
    soon.lines.truncate(1);
    soon.outstanding_minor = 150_000;
    let letter = compose(&soon).expect("composes");
    assert_eq!(letter.opening, ["This is a friendly note that our invoice INV-7 falls due on 1\u{a0}October\u{a0}2026."]);
    let mut part = facts(LetterKind::PartPayment, Language::De);
    part.currency = "EUR".to_owned();
    let letter = compose(&part).expect("composes");
    assert_eq!(
        letter.opening,
        [
            "vielen Dank für Ihre Zahlung. Insgesamt sind 300,00\u{a0}€ bei uns eingegangen und unten abgezogen. Offen sind noch 1.234,50\u{a0}€."
        ]
    );
    part.paid_minor = 0;
    assert_eq!(compose(&part), Err(ComposeError::PaidMismatch));
    let mut statement = facts(LetterKind::LetterOfDemand, Language::Nb);
    statement.kind = LetterKind::Statement;
    let letter = compose(&statement).expect("composes");
    assert!(letter.demand.is_none() && letter.bank.is_some(), "a statement asks for no day, and says where to pay");
    assert!(letter.opening[0].contains("står NZD") || letter.opening[0].contains("1\u{a0}234,50\u{a0}NZD åpent"), "{:?}", letter.opening);
    let settled = compose(&facts(LetterKind::Statement, Language::En)).expect("composes");
    assert!(settled.bank.is_none() && settled.opening[0].ends_with("Nothing is open on the date of this letter."));
}

#[test]
fn table_lists_the_claim_line_by_line() {
    let letter = compose(&facts(LetterKind::Reminder, Language::De)).expect("composes");
    let cells: Vec<_> = letter.table.rows.iter().map(|row| [&*row.item, &*row.detail, &*row.due_on, &*row.amount]).collect();
    assert_eq!(
        cells,
        [
            ["Rechnung INV-7", "Deck timber", "01.10.2026", "1.500,00"],
            ["Verzugszinsen (Rechnung INV-7)", "", "", "34,50"],
            ["Zahlungseingang (Rechnung INV-7)", "", "", "\u{2212}300,00"],
        ]
    );
    assert_eq!(letter.table.total, "1.234,50");
}

#[test]
fn nothing_is_announced_that_the_ladder_does_not_do() {
    let threats = ["agency", "Inkassounternehmen", "inkasso"];
    let letters = ["further letter", "weiteres Schreiben", "nytt brev"];
    for language in Language::ALL {
        for kind in LetterKind::ALL {
            for next_step in [NextStep::Letter, NextStep::Handover, NextStep::Nothing] {
                let mut facts = facts(kind, language);
                facts.next_step = next_step;
                let letter = compose(&facts).expect("composes");
                let says = |words: [&str; 3]| letter.texts().any(|text| words.iter().any(|word| text.contains(word)));
                let demands = kind.speaks_of_arrears();
                // The Norwegian notice announces collection because the law demands it.
                let notice = kind == LetterKind::CollectionNotice && language == Language::Nb;
                assert_eq!(says(threats), notice || demands && next_step == NextStep::Handover, "{kind:?} {next_step:?}");
                let further = demands && next_step == NextStep::Letter && kind != LetterKind::FinalDemand && !notice;
                assert_eq!(says(letters), further, "{kind:?} {next_step:?}");
            }
        }
    }
}

#[test]
fn first_letter_does_not_speak_of_earlier_ones() {
    for (language, words) in [(Language::En, "before."), (Language::De, "bereits geschrieben"), (Language::Nb, "tidligere")] {
        for (step_number, expected) in [(1, false), (2, true)] {
            let mut facts = facts(LetterKind::LetterOfDemand, language);
            facts.step_number = step_number;
            let letter = compose(&facts).expect("composes");
            assert_eq!(letter.opening[0].contains(words), expected);
        }
    }
}

#[test]
fn thanks_ask_for_nothing() {
    for language in Language::ALL {
        let letter = compose(&facts(LetterKind::ThankYou, language)).expect("composes");
        assert!(letter.demand.is_none() && letter.bank.is_none());
        assert!(letter.opening[0].contains("NZD"), "{:?}", letter.opening);
        assert_eq!(letter.table.rows.len(), 4);
    }
}

#[test]
fn facts_survive_their_stored_form() {
    for kind in LetterKind::ALL {
        let facts = facts(kind, Language::De);
        let stored = serde_json::to_string(&facts).expect("serializes");
        assert!(stored.contains(&format!("\"kind\":\"{}\"", kind.as_str())));
        let read: LetterFacts = serde_json::from_str(&stored).expect("reads");
        assert_eq!(read, facts);
        assert_eq!(LetterKind::parse(kind.as_str()), Some(kind));
    }
}

proptest! {
    #[test]
    fn any_claim_that_adds_up_composes_and_any_other_is_refused(
        amounts in prop::collection::vec(1_i64..1_000_000_000, 1..20), off in -2_i64..3,
    ) {
        for language in Language::ALL {
            let mut facts = facts(LetterKind::FinalDemand, language);
            facts.lines = amounts.iter().map(|amount| claim_line(ClaimLineKind::Principal, *amount)).collect();
            facts.outstanding_minor = amounts.iter().sum::<i64>() + off;
            let composed = compose(&facts);
            prop_assert_eq!(composed.is_ok(), off == 0);
            if let Ok(letter) = composed {
                prop_assert_eq!(letter.table.rows.len(), amounts.len());
            }
        }
    }

    #[test]
    fn no_name_makes_composing_panic_or_print_control_characters(name in ".{0,80}", address in ".{0,80}") {
        let mut facts = facts(LetterKind::Reminder, Language::En);
        facts.debtor.name = name;
        facts.debtor.address_lines = vec![address];
        if let Ok(letter) = compose(&facts) {
            prop_assert!(letter.texts().all(|text| !text.chars().any(char::is_control)));
        }
    }
}
