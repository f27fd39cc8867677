//! What single rows become.

use std::collections::BTreeMap;

use domain::{
    import::{DateOrder, Field, ImportRequest, Selection},
    port::{InvoiceState, Record},
};
use entity::{DebtorKind, PaymentKind};

use super::{day, read};

const REAL: &str = "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill\n\
    391,0379-NEVHP,4/6/2013,0000611365,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper\n\
    406,8976-AMJEO,3/3/2012,0007900770,1/26/2013,2/25/2013,61.74,Yes,,Electronic\n";

fn id(record: &Record) -> &str {
    &record.invoice.as_ref().unwrap().external_id
}

#[tokio::test]
async fn the_real_files_shape_is_understood_without_a_word() {
    let (records, problems) = read(REAL, ImportRequest::default()).await;
    assert_eq!(problems, vec![]);
    let [paid, open] = records.as_slice() else { panic!("{records:?}") };
    let invoice = paid.invoice.as_ref().unwrap();
    assert_eq!((paid.row, invoice.number.as_str(), invoice.total_minor), (Some(2), "0000611365", 5_594));
    assert_eq!((invoice.issued_on, invoice.due_on), (day("2013-01-02"), day("2013-02-01")));
    let debtor = paid.debtor.as_ref().unwrap();
    assert_eq!((debtor.external_id.as_str(), debtor.name.as_str(), &debtor.country), ("0379-NEVHP", "0379-NEVHP", &None));
    let payment = paid.payment.as_ref().unwrap();
    assert_eq!((payment.external_id.as_str(), payment.amount_minor, payment.received_on), ("0000611365:paid", None, day("2013-01-15")));
    assert!(payment.reconciled && !payment.reversed);
    assert!(open.payment.is_none() && open.invoice.as_ref().unwrap().disputed);
}

#[tokio::test]
async fn every_field_arrives() {
    let text = "Rechnungsnummer;Rechnungs-ID;Betreff;Rechnungsdatum;Fällig am;Gesamtbetrag;Offener Betrag;Währung;Rechnungsstatus;Kundennummer;\
        Kunde;Kundenart;E-Mail;Telefon;Straße;Adresszusatz;PLZ;Ort;Bundesland;Land;Sprache;Zahlungs-ID;Zahlbetrag;Zahlungsdatum;Abgeglichen;\
        Rücklastschrift;Verwendungszweck;Zahlungsart;KID-Nummer;Zahlungslink\n\
        R-1;77;\"Wartung\n\"\"Mai\"\"\";03.05.2026;17.05.2026;1.234,50;1.200,00 €;eur;Storniert;K9;Müller & Söhne;Firma;a@b.example;+49 30 1;\
        Weg 1;Hof;10115;Berlin;Berlin;Deutschland;Deutsch;Z-5;34,50;20.05.2026;nein;ja;Danke;Gutschrift;2345676;https://zahlen.example/R-1\n";
    let (records, problems) = read(text, ImportRequest::default()).await;
    assert_eq!(problems, vec![]);
    let record = &records[0];
    let invoice = record.invoice.as_ref().unwrap();
    assert_eq!((invoice.external_id.as_str(), invoice.number.as_str(), invoice.title.as_deref()), ("77", "R-1", Some("Wartung \"Mai\"")));
    assert_eq!((invoice.total_minor, invoice.outstanding_minor, invoice.currency.as_deref()), (123_450, Some(120_000), Some("EUR")));
    assert_eq!(invoice.state, InvoiceState::Voided);
    let told = [&invoice.payment_reference, &invoice.online_url].map(Option::as_deref);
    assert_eq!(told, [Some("2345676"), Some("https://zahlen.example/R-1")]);
    let debtor = record.debtor.as_ref().unwrap();
    assert_eq!((debtor.external_id.as_str(), debtor.name.as_str(), debtor.kind), ("K9", "Müller & Söhne", Some(DebtorKind::Business)));
    let texts = [&debtor.email, &debtor.phone, &debtor.line1, &debtor.line2, &debtor.postal_code, &debtor.city, &debtor.region];
    assert_eq!(texts.map(|text| text.as_deref().unwrap()), ["a@b.example", "+49 30 1", "Weg 1", "Hof", "10115", "Berlin", "Berlin"]);
    assert_eq!((debtor.country.as_deref(), debtor.language.as_deref()), (Some("DE"), Some("de")));
    let payment = record.payment.as_ref().unwrap();
    assert_eq!((payment.external_id.as_str(), payment.invoice_external_id.as_str(), payment.amount_minor), ("Z-5", "77", Some(3_450)));
    assert_eq!((payment.kind, payment.reconciled, payment.reversed), (PaymentKind::CreditNote, false, true));
    assert_eq!(payment.reference.as_deref(), Some("Danke"));
}

#[tokio::test]
async fn an_address_that_no_letter_can_show_keeps_no_claim_away() {
    for bad in ["http://pay.example/1", "javascript:alert(1)", "pay.example", &format!("https://pay.example/{}", "a".repeat(300))] {
        let text = format!("Invoice no,Due on,Total,Customer,Payment link\n1,2026-01-02,5,A,{bad}\n");
        let (records, problems) = read(text.as_str(), ImportRequest::default()).await;
        // As it stands: whoever takes it over looks at it.
        let told = records[0].invoice.as_ref().unwrap().online_url.as_deref();
        assert_eq!((problems, told), (vec![], Some(bad)), "{bad}");
    }
}

#[tokio::test]
async fn bad_cells_are_named_with_row_and_column_and_good_rows_stay() {
    let header = "Invoice no,Issued on,Due on,Total,Currency,Customer,Country,Status";
    let cases = [
        (",2026-01-01,2026-01-02,5,,A,,", "Invoice no", "REQUIRED"),
        ("1,2026-01-01,,5,,A,,", "Due on", "REQUIRED"),
        ("1,2026-01-01,2026-01-02,,,A,,", "Total", "REQUIRED"),
        ("1,,2026-01-02,5,,A,,", "Issued on", "REQUIRED"),
        ("1,2026-01-01,2026-01-02,5,,,,", "Customer", "REQUIRED"),
        ("1,2026-01-01,2026-02-30,5,,A,,", "Due on", "INVALID"),
        ("1,2026-01-01,soon,5,,A,,", "Due on", "INVALID"),
        ("1,2026-01-03,2026-01-02,5,,A,,", "Due on", "OUT_OF_RANGE"),
        ("1,2026-01-01,2099-01-02,5,,A,,", "Due on", "OUT_OF_RANGE"),
        ("1,2026-01-01,2026-01-02,1e3,,A,,", "Total", "INVALID"),
        ("1,2026-01-01,2026-01-02,NaN,,A,,", "Total", "INVALID"),
        ("1,2026-01-01,2026-01-02,١٢,,A,,", "Total", "INVALID"),
        ("1,2026-01-01,2026-01-02,1.005,,A,,", "Total", "INVALID"),
        ("1,2026-01-01,2026-01-02,0,,A,,", "Total", "OUT_OF_RANGE"),
        ("1,2026-01-01,2026-01-02,-0.00,,A,,", "Total", "OUT_OF_RANGE"),
        ("1,2026-01-01,2026-01-02,-5,,A,,", "Total", "OUT_OF_RANGE"),
        ("1,2026-01-01,2026-01-02,99999999999999999999999999999,,A,,", "Total", "OUT_OF_RANGE"),
        ("1,2026-01-01,2026-01-02,5,XYZ,A,,", "Currency", "INVALID"),
        ("1,2026-01-01,2026-01-02,5.00,JPY,A,,", "Total", "INVALID"),
        ("1,2026-01-01,2026-01-02,€5,,A,,", "Total", "CURRENCY_MISMATCH"),
        ("1,2026-01-01,2026-01-02,5,,A,Atlantis,", "Country", "INVALID"),
        ("1,2026-01-01,2026-01-02,5,,A,,draft", "Status", "INVALID"),
    ];
    for (row, column, code) in cases {
        let good = "9,2026-01-01,2026-01-02,7.50,NZD,B,nz,open";
        let (records, problems) = read(format!("{header}\n{row}\n{good}\n"), ImportRequest::default()).await;
        let found: Vec<_> =
            problems.iter().map(|problem| (problem.row, problem.column.as_deref().unwrap(), problem.code.as_str())).collect();
        assert_eq!(found, vec![(Some(2), column, code)], "{row}: {problems:?}");
        assert_eq!(records.iter().map(id).collect::<Vec<_>>(), vec!["9"], "{row}");
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_a_row_is_told_at_once() {
    let text = "number,due date,total,customer\nA-1,never,free,Ann\n";
    let (records, problems) = read(text, ImportRequest { mapping: mapping(), ..ImportRequest::default() }).await;
    assert_eq!(records, vec![]);
    let columns: Vec<_> =
        problems.iter().map(|problem| (problem.column.as_deref().unwrap(), problem.external_id.as_deref().unwrap())).collect();
    assert_eq!(columns, vec![("due date", "A-1"), ("total", "A-1")]);
    assert!(problems[0].message.contains("\"never\" is not a date like 2026-11-21"), "{}", problems[0].message);
}

fn mapping() -> BTreeMap<Field, String> {
    [(Field::InvoiceNumber, "number"), (Field::DueOn, "due date"), (Field::Total, "total"), (Field::DebtorName, "customer")]
        .into_iter()
        .map(|(field, name)| (field, name.to_owned()))
        .collect()
}

#[tokio::test]
async fn names_are_data_cleaned_of_what_cannot_be_printed() {
    let long = "x".repeat(201);
    let text = format!(
        "number,due date,total,customer\n1,2026-01-01,5,=HYPERLINK(0)\n2,2026-01-01,5,@SUM(1)\n3,2026-01-01,5,\"Acme\u{202e}\u{7}\u{200b}\r\nLtd\"\n\
         4,2026-01-01,5,\u{202e}\u{200b}\n5,2026-01-01,5,{long}\n6,2026-01-01,5,z{}\n7,2026-01-01,5,Ngāti Ōrākei 李小龍 🎉\n",
        "\u{301}".repeat(50)
    );
    let (records, problems) = read(text, ImportRequest { mapping: mapping(), ..ImportRequest::default() }).await;
    let names: Vec<_> = records.iter().map(|record| record.debtor.as_ref().unwrap().name.as_str()).collect();
    assert_eq!(names, vec!["=HYPERLINK(0)", "@SUM(1)", "Acme Ltd", "Ngāti Ōrākei 李小龍 🎉"]);
    let codes: Vec<_> = problems.iter().map(|problem| (problem.row.unwrap(), problem.code.as_str())).collect();
    assert_eq!(codes, vec![(5, "REQUIRED"), (6, "TOO_LONG"), (7, "INVALID")], "a row of two lines is one row");
}

#[tokio::test]
async fn without_an_issue_date_column_the_due_date_counts() {
    let (records, _) =
        read("number,due date,total,customer\n1,2026-01-05,5,A\n", ImportRequest { mapping: mapping(), ..ImportRequest::default() }).await;
    assert_eq!(records[0].invoice.as_ref().unwrap().issued_on, day("2026-01-05"));
}

#[tokio::test]
async fn payments_without_ids_get_stable_ones_and_twins_stay_two() {
    let text = "Invoice,Date,Amount,Reference\nA,2026-01-05,5.00,\nA,2026-01-05,5.00,thanks\nA,2026-01-05,5.00,\nA,2026-01-06,5.00,\n";
    let (records, problems) = read(text, ImportRequest::default()).await;
    assert_eq!(problems, vec![]);
    let ids: Vec<_> = records.iter().map(|record| record.payment.as_ref().unwrap().external_id.clone()).collect();
    assert_eq!(ids, vec!["A:2026-01-05:500", "A:2026-01-05:500:06e5365e", "A:2026-01-05:500:#2", "A:2026-01-06:500"]);
    let (reordered, _) = read("Reference;Amount;Date;Invoice\nthanks;5,00;2026-01-05;A\n", ImportRequest::default()).await;
    assert_eq!(reordered[0].payment.as_ref().unwrap().external_id, ids[1], "another export of the same payment is the same payment");
}

#[tokio::test]
async fn a_payment_taken_back_further_down_is_the_same_payment() {
    for (header, own) in [("Payment ID,Invoice,Date,Amount,Reversed", "P1"), ("Nothing,Invoice,Date,Amount,Reversed", "")] {
        let text = format!("{header}\n{own},A,2026-01-05,5.00,no\n{own},A,2026-01-05,5.00,yes\n");
        let (records, problems) = read(text, ImportRequest::default()).await;
        assert_eq!(problems, vec![], "{header}");
        let found: Vec<_> = records.iter().map(|record| record.payment.as_ref().unwrap()).collect();
        assert_eq!(found[0].external_id, found[1].external_id, "{header}");
        assert_eq!(found.iter().map(|payment| payment.reversed).collect::<Vec<_>>(), [false, true]);
    }
    let text = "Payment ID,Invoice,Date,Amount\nP1,A,2026-01-05,5.00\nP1,A,2026-01-05,6.00\n";
    let (records, problems) = read(text, ImportRequest::default()).await;
    assert_eq!((records.len(), problems[0].code.as_str()), (1, "ALREADY_EXISTS"), "another amount is another payment");
}

#[tokio::test]
async fn bad_payments_are_refused() {
    let header = "Invoice,Payment date,Payment amount,Paid on,Reversed";
    for (row, column, code) in [
        ("A,2026-01-05,0,,", "Payment amount", "OUT_OF_RANGE"),
        ("A,2026-01-05,-5,,", "Payment amount", "OUT_OF_RANGE"),
        ("A,2026-01-05,,,", "Payment amount", "REQUIRED"),
        ("A,,5,,", "Payment date", "REQUIRED"),
        ("A,2027-01-05,5,,", "Payment date", "OUT_OF_RANGE"),
        ("A,,,,", "Payment amount", "REQUIRED"),
        ("A,2026-01-05,5,2026-01-05,", "Paid on", "INVALID"),
        ("A,2026-01-05,5,,perhaps", "Reversed", "INVALID"),
    ] {
        let (records, problems) = read(format!("{header}\n{row}\n"), ImportRequest::default()).await;
        let found: Vec<_> = problems.iter().map(|problem| (problem.column.as_deref().unwrap(), problem.code.as_str())).collect();
        assert_eq!((found, records.len()), (vec![(column, code)], 0), "{row}");
    }
}

#[tokio::test]
async fn an_invoice_that_comes_back_changed_is_not_taken_twice() {
    let text = "number,due date,total,customer,paid on\n1,2026-01-01,5,A,\n1,2026-01-01,5,A,2026-02-01\n1,2026-01-01,6,A,\n2,2026-01-01,x,B,\n2,2026-01-01,7,B,\n";
    let (records, problems) = read(text, ImportRequest::default()).await;
    assert_eq!(
        records.iter().map(|record| (record.row.unwrap(), id(record), record.payment.is_some())).collect::<Vec<_>>(),
        vec![(2, "1", false), (3, "1", true), (6, "2", false)]
    );
    let codes: Vec<_> = problems.iter().map(|problem| (problem.row.unwrap(), problem.code.as_str())).collect();
    assert_eq!(codes, vec![(4, "ALREADY_EXISTS"), (5, "INVALID")]);
}

/// Row, whether its invoice was taken, whether its payment was.
type Taken = [(u64, bool, bool)];

#[tokio::test]
async fn only_what_is_wanted_is_taken() {
    let text = "number,issued on,due date,total,customer,paid on\n1,2026-01-01,2026-02-01,5,A,2026-03-01\n2,2026-02-01,2026-03-01,5,B,\n3,2026-02-01,2026-03-01,5,C,2026-04-01\n";
    let cases: [(Selection, &Taken); 6] = [
        (Selection::default(), &[(2, true, true), (3, true, false), (4, true, true)]),
        (
            Selection { invoices_from: Some(day("2026-02-01")), ..Selection::default() },
            &[(2, false, true), (3, true, false), (4, true, true)],
        ),
        (
            Selection { payments_from: Some(day("2026-04-01")), ..Selection::default() },
            &[(2, true, false), (3, true, false), (4, true, true)],
        ),
        (
            Selection { without_payments: true, unticked_invoices: ["3".into()].into(), ..Selection::default() },
            &[(2, true, false), (3, true, false)],
        ),
        (Selection { without_invoices: true, unticked_payments: ["1:paid".into()].into(), ..Selection::default() }, &[(4, false, true)]),
        (Selection { unticked_invoices: ["1".into()].into(), ..Selection::default() }, &[(3, true, false), (4, true, true)]),
    ];
    for (selection, expected) in cases {
        let (records, problems) = read(text, ImportRequest { selection: selection.clone(), ..ImportRequest::default() }).await;
        assert_eq!(problems, vec![]);
        let found: Vec<_> =
            records.iter().map(|record| (record.row.unwrap(), record.invoice.is_some(), record.payment.is_some())).collect();
        assert_eq!(found, expected, "{selection:?}");
        assert!(records.iter().all(|record| record.debtor.is_some() == record.invoice.is_some()));
    }
}

#[tokio::test]
async fn a_row_wider_than_the_header_is_not_guessed_at() {
    let text = "number,due date,total,customer\n1,2026-01-01,1,50,Ann\n2,2026-01-01,5,Bob,,\n3,2026-01-01,5\n";
    let (records, problems) = read(text, ImportRequest { mapping: mapping(), ..ImportRequest::default() }).await;
    assert_eq!(records.iter().map(id).collect::<Vec<_>>(), vec!["2"]);
    assert_eq!(problems.iter().map(|problem| problem.row.unwrap()).collect::<Vec<_>>(), vec![2, 4]);
    assert!(problems[0].message.contains("not quoted"), "{}", problems[0].message);
}

#[tokio::test]
async fn an_explicit_date_order_overrides_what_was_found() {
    let request = ImportRequest { mapping: mapping(), date_order: Some(DateOrder::DayMonthYear), ..ImportRequest::default() };
    let (records, problems) = read("number,due date,total,customer\n1,3/4/2026,5,A\n2,12/31/2025,5,B\n", request).await;
    assert_eq!(records[0].invoice.as_ref().unwrap().due_on, day("2026-04-03"));
    assert_eq!((problems.len(), problems[0].row), (1, Some(3)));
}
