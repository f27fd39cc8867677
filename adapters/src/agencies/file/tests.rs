use std::io::{Cursor, Read};

use chrono::NaiveDate;
use domain::{
    claim::{Calculation, LineKind},
    port::agency::{Bundle, Claim, ClaimCharge, ClaimCreditor, ClaimDebtor, ClaimInvoice, ClaimLetter, ClaimPacker},
};
use entity::{DebtorKind, HandoverId, LetterId, LetterKind};
use uuid::Uuid;
use zip::ZipArchive;

use super::{CHARGES, HEADER, ZipPacker};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn bundle() -> Bundle {
    let claim = Claim {
        handover: HandoverId(Uuid::from_u128(7)),
        reference: "D000012".into(),
        creditor: ClaimCreditor { name: "Kauri Supplies".into(), registration_number: None, email: "office@kauri.example".into() },
        debtor: ClaimDebtor {
            number: "C-1".into(),
            name: "=HYPERLINK(\"http://evil.example\")".into(),
            kind: DebtorKind::Business,
            email: None,
            phone: Some("+4722334455".into()),
            line1: Some("Storgata 1, oppgang \"B\"".into()),
            line2: None,
            postal_code: Some("0155".into()),
            city: Some("Oslo".into()),
            country: Some("NO".into()),
        },
        invoices: vec![
            ClaimInvoice {
                number: "INV-1".into(),
                title: Some(" @SUM(1)".into()),
                issued_on: day("2026-08-01"),
                due_on: day("2026-08-15"),
                total_minor: 150_050,
                outstanding_minor: 50_050,
            },
            ClaimInvoice {
                number: "INV-2".into(),
                title: None,
                issued_on: day("2026-08-02"),
                due_on: day("2026-08-16"),
                total_minor: 5,
                outstanding_minor: 5,
            },
        ],
        letters: vec![ClaimLetter {
            letter: LetterId(Uuid::from_u128(8)),
            kind: LetterKind::FinalDemand,
            sent_at: "2026-10-01T09:00:00Z".parse().unwrap(),
        }],
        currency: "NOK".into(),
        outstanding_minor: 50_055,
        charges: Vec::new(),
    };
    Bundle { claim, letters: vec![("letter-8.pdf".into(), b"%PDF-1.7 eight".to_vec())] }
}

fn entry(zip: &[u8], name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    ZipArchive::new(Cursor::new(zip)).unwrap().by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_zip_opens_again_with_a_row_per_invoice_and_the_letters_as_they_were_sent() {
    let zip = ZipPacker.pack(&[bundle()]).unwrap();
    let table = entry(&zip, "claims.csv");
    let mut csv = csv::Reader::from_reader(table.as_slice());
    assert_eq!(csv.headers().unwrap().iter().collect::<Vec<_>>(), HEADER);
    let rows: Vec<_> = csv.records().map(Result::unwrap).collect();
    let column = |row: usize, name: &str| rows[row][HEADER.iter().position(|column| *column == name).unwrap()].to_owned();
    assert_eq!(rows.len(), 2);
    assert_eq!((column(0, "invoice"), column(0, "total"), column(0, "outstanding")), ("INV-1".into(), "1500.50".into(), "500.50".into()));
    assert_eq!((column(1, "invoice"), column(1, "outstanding"), column(1, "currency")), ("INV-2".into(), "0.05".into(), "NOK".into()));
    assert_eq!((column(0, "case"), column(0, "letters_sent_on")), ("D000012".into(), "2026-10-01".into()));
    assert_eq!(column(0, "line1"), "Storgata 1, oppgang \"B\"");
    assert_eq!(entry(&zip, "letters/D000012/letter-8.pdf"), b"%PDF-1.7 eight");
    assert_eq!(ZipArchive::new(Cursor::new(&zip)).unwrap().len(), 2);
}

#[test]
fn what_is_claimed_beside_has_a_table_of_its_own_with_each_calculation() {
    let calculation =
        Calculation { principal_minor: 50_050, ppm: 120_000, first: day("2026-05-01"), last: day("2026-06-30"), days: 61, year_days: 365 };
    let line = |kind, amount_minor, invoice: Option<&str>, calculation| ClaimCharge {
        kind,
        invoice: invoice.map(str::to_owned),
        on: Some(day("2026-06-30")),
        amount_minor,
        calculation,
    };
    let mut bundle = bundle();
    bundle.claim.charges = vec![
        line(LineKind::Interest, 1_004, Some("INV-1"), Some(calculation)),
        line(LineKind::Fee, 3_500, None, None),
        line(LineKind::ChargePayment, -500, None, None),
    ];
    let table = String::from_utf8(entry(&ZipPacker.pack(&[bundle]).unwrap(), "charges.csv")).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next().unwrap(), CHARGES.join(","));
    let id = Uuid::from_u128(7);
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            format!("{id},D000012,interest,INV-1,2026-06-30,10.04,NOK,500.50,12,2026-05-01,2026-06-30,61,365"),
            format!("{id},D000012,fee,,2026-06-30,35.00,NOK,,,,,,"),
            format!("{id},D000012,paid,,2026-06-30,-5.00,NOK,,,,,,"),
        ]
    );
}

#[test]
fn no_cell_begins_a_formula() {
    let table = String::from_utf8(entry(&ZipPacker.pack(&[bundle()]).unwrap(), "claims.csv")).unwrap();
    let mut csv = csv::Reader::from_reader(table.as_bytes());
    for row in csv.records() {
        for cell in &row.unwrap() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t']), "{cell:?}");
        }
    }
    assert!(table.contains("'=HYPERLINK") && table.contains("'+4722334455") && table.contains("' @SUM(1)"), "{table}");
}

#[test]
fn the_same_claims_give_the_same_bytes() {
    assert_eq!(ZipPacker.pack(&[bundle()]).unwrap(), ZipPacker.pack(&[bundle()]).unwrap());
}
