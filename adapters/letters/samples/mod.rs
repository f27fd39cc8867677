//! Sample letters for the example, the tests and the benchmark: invented parties, plausible claims.
#![allow(dead_code, reason = "example, tests and benchmark each take their part")]

use chrono::{Days, NaiveDate};
use domain::letter::{Bank, ClaimLine, ClaimLineKind, Creditor, Language, LetterFacts, LetterKind, NextStep, Recipient, TEXT_REVISION};

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

/// A line of the claim.
pub fn line(kind: ClaimLineKind, number: u32, title: Option<&str>, amount_minor: i64) -> ClaimLine {
    let issued_on = date(2026, 8, 3) + Days::new(u64::from(number % 60));
    ClaimLine {
        kind,
        invoice_number: Some(format!("INV-{number:05}")),
        title: title.map(str::to_owned),
        issued_on: (kind != ClaimLineKind::Interest).then_some(issued_on),
        due_on: (kind == ClaimLineKind::Principal).then(|| issued_on + Days::new(14)),
        amount_minor,
        note: None,
    }
}

/// A letter to a debtor in New Zealand about one part-paid invoice.
pub fn english(kind: LetterKind) -> LetterFacts {
    let mut lines = vec![
        line(ClaimLineKind::Principal, 1042, Some("Rimu decking, delivered to Ōtaki"), 486_000),
        line(ClaimLineKind::Interest, 1042, None, 7_350),
        line(ClaimLineKind::Payment, 1042, None, -120_000),
    ];
    let (outstanding_minor, paid_minor) = if kind.demands_payment() { (373_350, 120_000) } else { (0, 493_350) };
    if !kind.demands_payment() {
        lines.push(line(ClaimLineKind::Payment, 1042, None, -373_350));
    }
    LetterFacts {
        kind,
        language: Language::En,
        step_number: 2,
        steps_total: 3,
        next_step: NextStep::Letter,
        dated_on: date(2026, 11, 23),
        pay_by: date(2026, 12, 4),
        reference: "C-2026-1042".to_owned(),
        currency: "NZD".to_owned(),
        creditor: Creditor {
            name: "Kōwhai Timber Supplies".to_owned(),
            legal_name: Some("Kōwhai Timber Supplies Limited".to_owned()),
            registration_number: Some("NZBN 9429 0000 00000".to_owned()),
            address_lines: vec!["1 Quay Street".to_owned(), "Auckland 1010".to_owned(), "New Zealand".to_owned()],
            country: "NZ".to_owned(),
            email: "accounts@kowhai-timber.example".to_owned(),
            phone: Some("+64 9 555 0100".to_owned()),
        },
        debtor: Recipient {
            name: "Ngā Whare o Ōtaki Builders".to_owned(),
            attention: Some("Hēmi Tūhoe".to_owned()),
            address_lines: vec!["27 Mill Road".to_owned(), "Ōtaki 5512".to_owned()],
            country: "NZ".to_owned(),
        },
        lines,
        outstanding_minor,
        paid_minor,
        bank: Bank {
            account_name: "Kōwhai Timber Supplies Ltd".to_owned(),
            iban: None,
            bic: None,
            local_account: Some("01-0001-0000001-00".to_owned()),
            payment_reference: "C-2026-1042".to_owned(),
            code: true,
            online_url: None,
        },
        text_revision: TEXT_REVISION.to_owned(),
        message_only: false,
        charges_minor: 0,
        figures_on: None,
        grouped: Vec::new(),
        wording: None,
        legal: None,
    }
}

/// The last letter before hand-over to a debtor in Germany, about three invoices.
pub fn german(kind: LetterKind) -> LetterFacts {
    let mut facts = english(kind);
    facts.language = Language::De;
    "EUR".clone_into(&mut facts.currency);
    facts.step_number = 3;
    facts.next_step = NextStep::Handover;
    facts.creditor = Creditor {
        name: "Märkische Großhandels-Gesellschaft".to_owned(),
        legal_name: Some("Märkische Großhandels-Gesellschaft mbH".to_owned()),
        registration_number: Some("HRB 000000 B, Amtsgericht Charlottenburg".to_owned()),
        address_lines: vec!["Straße des 17. Juni 135".to_owned(), "10623 Berlin".to_owned()],
        country: "DE".to_owned(),
        email: "buchhaltung@maerkische.example".to_owned(),
        phone: Some("+49 30 5550100".to_owned()),
    };
    facts.debtor = Recipient {
        name: "Bäckerei Jörg Weißgerber & Söhne OHG".to_owned(),
        attention: Some("Frau Änne Weißgerber".to_owned()),
        address_lines: vec!["Prenzlauer Straße 7 a".to_owned(), "17268 Templin".to_owned()],
        country: "DE".to_owned(),
    };
    facts.bank = Bank {
        account_name: "Märkische Großhandels-Ges. mbH".to_owned(),
        iban: Some("DE89370400440532013000".to_owned()),
        bic: Some("COBADEFFXXX".to_owned()),
        local_account: None,
        payment_reference: "C-2026-1042".to_owned(),
        code: true,
        online_url: None,
    };
    facts.lines[0].title = Some("Mühlenzubehör laut Angebot 2026/07".to_owned());
    if kind.demands_payment() {
        facts.lines.insert(1, line(ClaimLineKind::Principal, 1057, Some("Weizenmehl Type 550, 40 Säcke à 25 kg"), 89_900));
        facts.lines.insert(2, line(ClaimLineKind::Principal, 1061, Some("Backzutaten laut Lieferschein 4711"), 23_415));
        facts.lines.push(line(ClaimLineKind::CreditNote, 1057, Some("Bruch"), -4_500));
        facts.outstanding_minor += 89_900 + 23_415 - 4_500;
    }
    facts
}

/// A letter to a debtor in Norway about one invoice that has a KID and a page on the web.
pub fn norwegian(kind: LetterKind) -> LetterFacts {
    let mut facts = english(kind);
    facts.language = Language::Nb;
    "NOK".clone_into(&mut facts.currency);
    facts.creditor = Creditor {
        name: "Fjordbygg Trelast".to_owned(),
        legal_name: Some("Fjordbygg Trelast AS".to_owned()),
        registration_number: Some("NO 000 000 000 MVA".to_owned()),
        address_lines: vec!["Bryggegata 1".to_owned(), "5003 Bergen".to_owned()],
        country: "NO".to_owned(),
        email: "regnskap@fjordbygg.example".to_owned(),
        phone: Some("+47 55 00 00 00".to_owned()),
    };
    facts.debtor = Recipient {
        name: "Bjørn Ærlig-Åsen Snekkerverksted".to_owned(),
        attention: None,
        address_lines: vec!["Øvre Storgate 7".to_owned(), "4006 Stavanger".to_owned()],
        country: "NO".to_owned(),
    };
    facts.bank = Bank {
        account_name: "Fjordbygg Trelast AS".to_owned(),
        iban: Some("NO9386011117947".to_owned()),
        bic: None,
        local_account: Some("8601.11.17947".to_owned()),
        payment_reference: "2345676".to_owned(),
        code: true,
        online_url: Some("https://betaling.fjordbygg.example/f/01042".to_owned()),
    };
    facts.lines[0].title = Some("Terrassebord, levert på byggeplassen".to_owned());
    facts
}

/// A demand about this many invoices.
pub fn many_lines(count: u32) -> LetterFacts {
    let mut facts = english(LetterKind::LetterOfDemand);
    facts.lines =
        (1..=count).map(|number| line(ClaimLineKind::Principal, number, Some("Monthly delivery"), 10_000 + i64::from(number))).collect();
    facts.outstanding_minor = facts.lines.iter().map(|line| line.amount_minor).sum();
    facts.paid_minor = 0;
    facts
}

/// One letter for three cases of a debtor, the second with so many lines that it goes on to the next page.
pub fn grouped() -> LetterFacts {
    let mut facts = english(LetterKind::LetterOfDemand);
    let own = facts.lines.len();
    let further =
        |from: u32, count: u32| (from..from + count).map(|number| line(ClaimLineKind::Principal, number, Some("Monthly delivery"), 10_000));
    facts.lines.extend(further(1, 20).chain(further(41, 2)));
    facts.outstanding_minor = facts.lines.iter().map(|line| line.amount_minor).sum();
    facts.grouped = serde_json::from_value(serde_json::json!([
        { "case_id": CASE, "reference": "C-2026-1042", "lines": own, "outstanding_minor": 373_350 },
        { "case_id": CASE, "reference": "C-2026-1050", "lines": 20, "outstanding_minor": 200_000 },
        { "case_id": CASE, "reference": "C-2026-1051", "lines": 2, "outstanding_minor": 20_000 },
    ]))
    .expect("members");
    facts
}

/// No case has this id.
const CASE: &str = "00000000-0000-0000-0000-000000000000";

/// The first letter to a private person in Germany: charges line by line, and all eight items of RDG § 13a.
pub fn with_annex() -> LetterFacts {
    let mut facts = german(LetterKind::LetterOfDemand);
    facts.lines[3].note = Some("4.860,00\u{a0}€ × 6,27\u{a0}% × 88/365".to_owned());
    for (kind, amount_minor) in [(ClaimLineKind::Fee, 500), (ClaimLineKind::FixedSum, 4_000)] {
        facts.lines.push(ClaimLine { invoice_number: None, issued_on: None, ..line(kind, 1042, None, amount_minor) });
        facts.outstanding_minor += amount_minor;
    }
    facts.legal = serde_json::from_value(serde_json::json!({
        "contents": [
            "client_name_and_address", "ground_object_and_contract_date", "interest_calculation", "rate_above_statutory",
            "costs_with_reason", "vat_statement", "address_origin", "supervisory_authority",
        ],
        "details": {
            "authority": { "name": "Bundesamt für Justiz", "address": "Adenauerallee 99–103, 53113 Bonn", "contact": "amt@example.de" },
            "subjectMatter": "Lieferung von Backzutaten",
            "aboveStatutoryReason": "Zinssatz nach § 5 des Vertrags",
        },
        "address_source": "Einwohnermeldeamt Templin",
        "above_statutory": true,
    }))
    .expect("what the law asks for");
    facts
}

/// Long names of a hundred and fifty characters everywhere, as companies have them.
pub fn long_names(mut facts: LetterFacts) -> LetterFacts {
    let name = |of: &str| format!("{of} ").repeat(150).chars().take(150).collect::<String>().trim_end().to_owned();
    facts.creditor.name = name("Kōwhai Timber Supplies & Sons");
    facts.creditor.email = format!("{}@{}.example", "accounts.receivable".repeat(3), "kowhai-timber-supplies".repeat(3));
    facts.debtor.name = name("Ngā Whare o Ōtaki Builders");
    facts.debtor.attention = None;
    facts.bank.account_name = name("Kōwhai Timber Supplies & Sons");
    "RF18539007547034".clone_into(&mut facts.bank.payment_reference);
    facts.lines[0].title = Some(name("Rimu decking, delivered to Ōtaki,"));
    facts
}

/// The same letter to another debtor, about another invoice and amount.
pub fn numbered(mut facts: LetterFacts, number: u32) -> LetterFacts {
    facts.reference = format!("C-2026-{number:06}");
    facts.bank.payment_reference.clone_from(&facts.reference);
    facts.debtor.name = format!("Ngā Whare o Ōtaki Builders {number}");
    facts.debtor.address_lines[0] = format!("{number} Mill Road");
    for line in &mut facts.lines {
        line.invoice_number = Some(format!("INV-{number:06}"));
    }
    facts.lines[0].amount_minor += i64::from(number);
    facts.outstanding_minor += i64::from(number);
    facts
}

/// Debtors' names in many scripts, with the country that decides their shapes.
pub const NAMES: [(&str, &str); 14] = [
    ("Ngāti Whātua Ōrākei", "NZ"),
    ("Bjørn Ærlig-Åsen", "NO"),
    ("Straße & Söhne", "DE"),
    ("Nguyễn Văn Ước", "VN"),
    ("Łukasz Żółć", "PL"),
    ("Παπαδόπουλος Α.Ε.", "GR"),
    ("Жанна Щукина", "UA"),
    ("李小龍貿易有限公司", "HK"),
    ("山田直樹ストア", "JP"),
    ("김철수 상회", "KR"),
    ("יוסף כהן", "IL"),
    ("محمد العلي", "AE"),
    ("किशोर शर्मा", "IN"),
    ("สมชาย ใจดี", "TH"),
];
