//! Lists in which one record is broken.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::connectors::wire::{CONTRACT_BROKEN, Day, Number, WireError, each, records};

/// Stands for a debtor's data, which no message may hold.
const CANARY: &str = "CANARY7f3a";

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invoice {
    #[serde(rename = "InvoiceId")]
    id: String,
    total: Number,
    due_date: Option<Day>,
    contact: Contact,
    #[serde(default)]
    lines: Vec<Number>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contact {
    name: String,
}

const GOOD: &str =
    r#"{"InvoiceId": "good", "Total": 115.0, "DueDate": "\/Date(1541548800000+0000)\/", "Contact": {"Name": "A"}, "New": [1]}"#;

fn told(item: &str) -> (Option<String>, String) {
    let document = format!(r#"{{"Id": 1, "Invoices": [{GOOD}, {item}, {GOOD}], "After": {{}}}}"#);
    let read = records::<Invoice>(document.as_bytes(), Some("Invoices"), &["InvoiceId", "Number"]).unwrap();
    assert_eq!(read.good.len(), 2, "the neighbours of {item} are kept");
    assert_eq!((read.good[0].id.as_str(), read.good[0].total.minor("NZD")), ("good", Ok(11_500)));
    let [problem] = read.problems.as_slice() else { panic!("{:?}", read.problems) };
    assert_eq!(problem.code, CONTRACT_BROKEN);
    assert!(!problem.message.contains(CANARY), "{}", problem.message);
    (problem.external_id.clone(), problem.message.clone())
}

#[test]
fn a_bad_record_names_its_field_and_hides_no_good_one() {
    let contact = r#""Contact": {"Name": "A"}"#;
    for (item, id, message) in [
        (format!(r#"{{"InvoiceId": "i1", "Total": "{CANARY}", {contact}}}"#), Some("i1"), "the field Total is not of the documented form"),
        (format!(r#"{{"InvoiceId": "i1", "Total": true, {contact}}}"#), Some("i1"), "the field Total is not of the documented form"),
        (format!(r#"{{"InvoiceId": "i1", {contact}}}"#), Some("i1"), "the field Total is missing"),
        (format!(r#"{{"InvoiceId": "i1", "Total": null, {contact}}}"#), Some("i1"), "the field Total is not of the documented form"),
        (format!(r#"{{"InvoiceId": "i1", "Total": 1, "Total": 2, {contact}}}"#), Some("i1"), "the field Total is there twice"),
        (
            format!(r#"{{"InvoiceId": "i1", "Total": 1, "DueDate": "{CANARY}", {contact}}}"#),
            Some("i1"),
            "the field DueDate is not of the documented form",
        ),
        (
            format!(r#"{{"InvoiceId": "i1", "Total": 1, "Contact": {{"Name": ["{CANARY}"]}}}}"#),
            Some("i1"),
            "the field Contact.Name is not of the documented form",
        ),
        (r#"{"InvoiceId": "i1", "Total": 1, "Contact": {}}"#.into(), Some("i1"), "the field Contact.Name is missing"),
        (
            format!(r#"{{"InvoiceId": "i1", "Total": 1, {contact}, "Lines": [1, "{CANARY}"]}}"#),
            Some("i1"),
            "the field Lines[1] is not of the documented form",
        ),
        (
            format!(r#"{{"InvoiceId": ["{CANARY}"], "Number": 4711, "Total": 1, {contact}}}"#),
            Some("4711"),
            "the field InvoiceId is not of the documented form",
        ),
        (format!(r#""{CANARY}""#), None, "the record is not of the documented form"),
        ("null".into(), None, "the record is not of the documented form"),
        ("17".into(), None, "the record is not of the documented form"),
    ] {
        assert_eq!(told(&item), (id.map(str::to_owned), message.to_owned()), "{item}");
    }
}

#[test]
fn a_bare_list_and_an_empty_one_are_read() {
    let bare = format!("[{GOOD}]");
    assert_eq!(records::<Invoice>(bare.as_bytes(), None, &[]).unwrap().good.len(), 1);
    let empty = records::<Invoice>(br#"{"Invoices": []}"#, Some("Invoices"), &[]).unwrap();
    assert!(empty.good.is_empty() && empty.problems.is_empty());
}

#[test]
fn an_envelope_without_its_list_is_broken_and_not_empty() {
    for document in ["", "{}", "[]", "null", r#"{"Invoices": null}"#, r#"{"Invoices": {}}"#, r#"{"Invoices": [{}"#, r#"{"invoices": []}"#] {
        assert_eq!(records::<Invoice>(document.as_bytes(), Some("Invoices"), &[]), Err(WireError::Missing), "{document}");
    }
    for document in ["", "{}", "[1", "null"] {
        assert_eq!(records::<Invoice>(document.as_bytes(), None, &[]), Err(WireError::Missing), "{document}");
    }
}

#[test]
fn a_connectors_own_envelope_is_split_the_same_way() {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        page: Number,
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
    }
    let document = format!(r#"{{"page": "3", "data": [{GOOD}, 1]}}"#);
    let envelope: Envelope = serde_json::from_str(&document).unwrap();
    let read = each::<Invoice>(envelope.data, &["InvoiceId"]);
    assert_eq!((envelope.page.whole(), read.good.len(), read.problems.len()), (Ok(3), 1, 1));
}

#[test]
fn a_mapping_names_the_field_that_it_could_not_use() {
    let problem = WireError::TooFine.at("AmountDue", Some("i1"));
    assert_eq!((problem.external_id.as_deref(), problem.code.as_str()), (Some("i1"), CONTRACT_BROKEN));
    assert_eq!(problem.message, "the field AmountDue has more decimals than its currency");
}
