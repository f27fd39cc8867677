//! What expressions and parameters of lists mean.

use chrono::TimeZone as _;

use super::{super::books::Invoice, *};

#[test]
fn an_expression_that_cannot_be_read_is_refused() {
    for wrong in [
        "Status=",
        "Status==\"A",
        "==\"A\"",
        "Status==\"A\" AND",
        "(Status==\"A\"",
        "Status==\"A\")",
        "Date>DateTime(2026,13,1)",
        "Status LIKE \"A\"",
    ] {
        assert!(matches!(Filter::<Invoice>::parse(wrong), Err(BadQuery::Syntax(_))), "{wrong}");
    }
    let unknown = Filter::<Invoice>::parse("Colour==\"red\"").err().unwrap();
    assert_eq!(unknown.to_string(), "No property or field 'Colour' exists in type 'Invoice'");
}

#[test]
fn only_what_the_provider_names_has_an_index() {
    for (text, indexed) in [
        ("Type==\"ACCREC\" AND Status==\"AUTHORISED\"", true),
        ("AmountDue>0 AND DueDate<DateTime(2026, 11, 21)", true),
        ("AmountPaid==0", true),
        ("AmountPaid>0", false),
        ("Status!=\"PAID\"", false),
        ("Type==\"ACCREC\" OR Total>10", false),
    ] {
        assert_eq!(Filter::<Invoice>::parse(text).ok().unwrap().is_indexed(), indexed, "{text}");
    }
    assert!(Order::<Invoice>::parse("Date DESC, InvoiceID").ok().unwrap().is_indexed());
    assert!(!Order::<Invoice>::parse("DueDate").ok().unwrap().is_indexed());
}

#[test]
fn the_instant_of_if_modified_since_is_iso_and_taken_to_the_second() {
    let expected = Utc.with_ymd_and_hms(2026, 11, 12, 1, 2, 3).unwrap();
    for text in ["2026-11-12T01:02:03", "2026-11-12T01:02:03.900", "2026-11-12T01:02:03Z", "2026-11-12T14:02:03+13:00"] {
        assert_eq!(instant(text), Ok(expected), "{text}");
    }
    assert!(instant("12/11/2026").is_err());
    assert!(instant("Thu, 12 Nov 2026 01:02:03 GMT").is_err());
}

#[test]
fn pages_are_clamped_and_counted() {
    let rows: Vec<u32> = (0..250).collect();
    let asked = |query: &str| Query::new(query, None).unwrap().page().unwrap();
    assert_eq!(asked("page=0&pageSize=5000"), Some((1, 1_000)));
    assert_eq!(asked("page=2"), Some((2, 100)));
    assert_eq!(asked("summaryOnly=true"), Some((1, 100)));
    assert_eq!(asked("page=-3&pageSize=0"), Some((1, 1)));
    assert_eq!(asked(""), None);
    let last = cut(&rows, Some((3, 100)));
    assert_eq!((last.rows.len(), last.pagination.unwrap().page_count), (50, 3));
    assert!(cut(&rows, Some((4, 100))).rows.is_empty());
}
