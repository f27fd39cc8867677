//! Filters, order, pages, and what changed since.

use std::collections::HashSet;

use reqwest::{Method, Url};
use sandbox::{
    Options,
    xero::{
        NewInvoice,
        books::{Cents, ContactStatus},
    },
};
use serde_json::Value;

use super::stand::{Stand, texts, today};

/// A path with a query that is encoded as a client must.
fn path(resource: &str, fields: &[(&str, &str)]) -> String {
    let url = Url::parse_with_params("http://localhost", fields).unwrap();
    format!("/{resource}?{}", url.query().unwrap_or_default())
}

#[tokio::test]
async fn a_filter_finds_what_an_own_count_finds() {
    let stand = Stand::unlimited().await;
    let all = stand.json("/Invoices").await;
    let rows = all["Invoices"].as_array().unwrap();
    assert_eq!(rows.len(), 25);
    let count = |like: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| like(row)).count();
    let is = |row: &Value, field: &str, value: &str| row[field] == value;
    let due = |row: &Value| row["AmountDue"].as_f64().unwrap();
    for (text, expected) in [
        ("Type==\"ACCREC\"", count(&|row| is(row, "Type", "ACCREC"))),
        ("Type==\"ACCREC\" AND Status==\"AUTHORISED\"", count(&|row| is(row, "Type", "ACCREC") && is(row, "Status", "AUTHORISED"))),
        ("Status==\"PAID\" OR Status==\"VOIDED\"", count(&|row| is(row, "Status", "PAID") || is(row, "Status", "VOIDED"))),
        ("(Status==\"DRAFT\" || Status==\"SUBMITTED\") && AmountDue>0", 2),
        ("AmountDue>=9200.00", count(&|row| due(row) >= 9_200.0)),
        ("AmountPaid==2000", 1),
        ("DueDate<DateTime(2026, 10, 1)", count(&|row| row["DueDateString"].as_str().unwrap() < "2026-10-01")),
        ("Contact.Name=\"Ōtaki Organics\"", count(&|row| is(&row["Contact"], "Name", "Ōtaki Organics"))),
        ("Reference==\"Lot 7\"", 2),
        ("InvoiceNumber==\"INV-1001\"", 1),
    ] {
        assert!(expected > 0, "{text} would find nothing");
        let found = stand.json(&path("Invoices", &[("where", text)])).await;
        assert_eq!(found["Invoices"].as_array().unwrap().len(), expected, "{text}");
    }
    let id = rows[3]["InvoiceID"].as_str().unwrap();
    let one = stand.json(&path("Invoices", &[("where", &format!("InvoiceID==Guid(\"{id}\")"))])).await;
    assert_eq!(texts(&one, "Invoices", "InvoiceID"), [id]);
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_refused() {
    let stand = Stand::unlimited().await;
    for text in ["Colour==\"red\"", "Status==", "Status==\"PAID"] {
        let answer = stand.get(&path("Invoices", &[("where", text)])).await;
        assert_eq!(answer.status(), 400, "{text}");
        assert_eq!(answer.json::<Value>().await.unwrap()["Type"], "QueryParseException");
    }
}

#[tokio::test]
async fn a_filter_by_name_notices_a_new_name() {
    let stand = Stand::unlimited().await;
    let contact = stand.control().contacts(stand.tenant())[3].id;
    let by_name = path("Invoices", &[("where", "Contact.Name==\"Ōtaki Organics\"")]);
    assert_eq!(stand.json(&by_name).await["Invoices"].as_array().unwrap().len(), 4);
    stand.control().edit_contact(contact, |contact| contact.name = "Ōtaki Gardens".to_owned()).unwrap();
    assert!(stand.json(&by_name).await["Invoices"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn lists_of_ids_numbers_contacts_and_statuses_narrow() {
    let stand = Stand::unlimited().await;
    let invoices = stand.control().invoices(stand.tenant());
    let ids = format!("{},{}", invoices[0].id, invoices[5].id);
    let found = stand.json(&path("Invoices", &[("IDs", &ids)])).await;
    assert_eq!(texts(&found, "Invoices", "InvoiceID").len(), 2);
    let found = stand.json(&path("Invoices", &[("InvoiceNumbers", "INV-1002,INV-1003,INV-9")])).await;
    assert_eq!(
        texts(&found, "Invoices", "InvoiceNumber"),
        ["INV-1003", "INV-1002"].map(|number| number).into_iter().rev().collect::<Vec<_>>()
    );
    let contact = invoices[0].contact.to_string();
    let found = stand.json(&path("Invoices", &[("ContactIDs", &contact), ("Statuses", "AUTHORISED")])).await;
    assert_eq!(texts(&found, "Invoices", "InvoiceNumber").len(), 4);
}

#[tokio::test]
async fn the_default_order_is_that_of_the_last_change_and_others_can_be_asked_for() {
    let stand = Stand::unlimited().await;
    let first = texts(&stand.json("/Invoices").await, "Invoices", "UpdatedDateUTCString").join(" ");
    let mut sorted: Vec<&str> = first.split(' ').collect();
    sorted.sort_unstable();
    assert_eq!(first, sorted.join(" "));
    let falling = stand.json(&path("Invoices", &[("order", "Date DESC, InvoiceID ASC")])).await;
    let dates = texts(&falling, "Invoices", "DateString");
    assert!(dates.is_sorted_by(|one, other| one >= other));
    assert_eq!(stand.get(&path("Invoices", &[("order", "Colour ASC")])).await.status(), 400);
}

#[tokio::test]
async fn pages_hold_every_invoice_once_and_say_where_they_stand() {
    let stand = Stand::with(Options { invoices: 2_500, samples: false, limits: false, ..Options::default() }).await;
    let mut seen = HashSet::new();
    for (page, rows) in [(1, 1_000), (2, 1_000), (3, 500), (4, 0)] {
        let answer = stand.json(&format!("/Invoices?page={page}&pageSize=5000")).await;
        let pagination = &answer["pagination"];
        assert_eq!((&pagination["page"], &pagination["pageSize"]), (&page.into(), &1_000.into()));
        assert_eq!((&pagination["pageCount"], &pagination["itemCount"]), (&3.into(), &2_500.into()));
        let ids = texts(&answer, "Invoices", "InvoiceID");
        assert_eq!(ids.len(), rows);
        seen.extend(ids.into_iter().map(str::to_owned));
    }
    assert_eq!(seen.len(), 2_500);
    assert_eq!(stand.json("/Invoices?page=1").await["Invoices"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn a_change_between_two_pages_moves_rows() {
    let stand = Stand::with(Options { invoices: 20, samples: false, limits: false, ..Options::default() }).await;
    let first = stand.json("/Invoices?page=1&pageSize=10").await;
    let moved = texts(&first, "Invoices", "InvoiceID")[0].parse().unwrap();
    let next = stand.json("/Invoices?page=2&pageSize=10").await;
    stand.pass(60);
    stand.control().edit_invoice(moved, |invoice| invoice.reference = "changed".to_owned()).unwrap();
    let second = stand.json("/Invoices?page=2&pageSize=10").await;
    let ids = texts(&second, "Invoices", "InvoiceID");
    assert_eq!(ids.last(), Some(&moved.to_string().as_str()), "what changed is now the last");
    assert!(!ids.contains(&texts(&next, "Invoices", "InvoiceID")[0]), "one that was to come slipped to the page before");
}

#[tokio::test]
async fn if_modified_since_answers_what_changed_after_it() {
    let stand = Stand::unlimited().await;
    let invoice = stand.control().invoices(stand.tenant())[0].id;
    stand.pass(60);
    assert_eq!(stand.since("/Invoices", "2026-11-21T21:00:00").await["Invoices"], Value::Array(Vec::new()));
    stand.control().edit_invoice(invoice, |invoice| invoice.reference = "changed".to_owned()).unwrap();
    let found = stand.since("/Invoices?page=1", "2026-11-21T21:00:00Z").await;
    assert_eq!(texts(&found, "Invoices", "InvoiceID"), [invoice.to_string()]);
    let bad = stand.call(Method::GET, "/Invoices").header("if-modified-since", "21/11/2026").send().await.unwrap();
    assert_eq!(bad.status(), 400);
}

#[tokio::test]
async fn a_due_date_of_a_part_paid_invoice_moves_without_a_trace() {
    let stand = Stand::unlimited().await;
    let invoices = stand.control().invoices(stand.tenant());
    let (part_paid, open) = (invoices[1].id, invoices[0].id);
    stand.pass(60);
    stand.control().edit_due_date(part_paid, today(), sandbox::xero::Stamp::Usual).unwrap();
    stand.control().edit_due_date(open, today(), sandbox::xero::Stamp::Keep).unwrap();
    assert!(stand.since("/Invoices", "2026-11-21T21:00:00").await["Invoices"].as_array().unwrap().is_empty());
    assert_eq!(stand.invoice(part_paid).await["DueDateString"], "2026-11-21T00:00:00");
    stand.control().edit_due_date(open, today(), sandbox::xero::Stamp::Usual).unwrap();
    assert_eq!(stand.since("/Invoices", "2026-11-21T21:00:00").await["Invoices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn lists_carry_contacts_as_stubs_and_a_single_invoice_the_whole() {
    let stand = Stand::unlimited().await;
    let listed = &stand.json("/Invoices?page=1").await["Invoices"][0];
    let contact = listed["Contact"].as_object().unwrap();
    assert!(contact.contains_key("Name") && !contact.contains_key("EmailAddress"));
    assert_eq!((&contact["Addresses"], &contact["Phones"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
    let single = stand.invoice(listed["InvoiceID"].as_str().unwrap().parse().unwrap()).await;
    assert!(single["Contact"]["EmailAddress"].as_str().is_some());
    assert!(!single["Contact"]["Phones"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn lines_come_with_pages_and_summaries_leave_them_and_the_payments_out() {
    let stand = Stand::unlimited().await;
    assert_eq!(stand.json("/Invoices").await["Invoices"][0]["LineItems"], Value::Array(Vec::new()));
    assert_eq!(stand.json("/Invoices?page=1").await["Invoices"][0]["LineItems"].as_array().unwrap().len(), 1);
    let summary = stand.json("/Invoices?summaryOnly=true").await;
    assert_eq!(summary["pagination"]["page"], 1);
    for left_out in ["LineItems", "Payments", "HasAttachments"] {
        assert!(summary["Invoices"][0].get(left_out).is_none(), "{left_out}");
    }
}

#[tokio::test]
async fn who_forgets_to_ask_for_json_gets_xml() {
    let stand = Stand::unlimited().await;
    let answer = stand.call(Method::GET, "/Organisation").header("accept", "*/*");
    let mut request = answer.build().unwrap();
    request.headers_mut().insert("accept", "*/*".parse().unwrap());
    let answer = stand.client.execute(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/xml"));
}

#[tokio::test]
async fn amounts_and_dates_are_written_as_xero_writes_them() {
    let stand = Stand::unlimited().await;
    let contact = stand.control().contacts(stand.tenant())[0].id;
    let new = NewInvoice::due(contact, "2026-11-07".parse().unwrap(), Cents(14_806_276));
    let id = stand.control().add_invoice(stand.tenant(), new).unwrap();
    let text = stand.get(&format!("/Invoices/{id}")).await.text().await.unwrap();
    for part in [
        "\"AmountDue\":148062.76,",
        "\"AmountPaid\":0.00,",
        "\"DueDate\":\"/Date(1794009600000+0000)/\"",
        "\"DueDateString\":\"2026-11-07T00:00:00\"",
        "\"UpdatedDateUTCString\":\"2026-11-21T21:00:00Z\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn contacts_are_found_by_id_and_archived_ones_only_when_asked_for() {
    let stand = Stand::unlimited().await;
    let contacts = stand.control().contacts(stand.tenant());
    assert_eq!(contacts.len(), 8);
    stand.control().set_contact_status(contacts[2].id, ContactStatus::Archived).unwrap();
    let listed = stand.json("/Contacts").await;
    assert_eq!(texts(&listed, "Contacts", "Name").len(), 7);
    assert!(texts(&listed, "Contacts", "ContactStatus").contains(&"GDPRREQUEST"));
    assert_eq!(texts(&stand.json("/Contacts?includeArchived=true").await, "Contacts", "Name").len(), 8);
    let ids = format!("/Contacts?IDs={},{}", contacts[0].id, contacts[1].id);
    let found = stand.json(&ids).await;
    assert_eq!(found["Contacts"].as_array().unwrap().len(), 2);
    assert!(found["Contacts"][0].get("ContactPersons").is_none());
    assert!(stand.json(&format!("{ids}&page=1")).await["Contacts"][0].get("ContactPersons").is_some());
    let whole = &stand.json(&format!("/Contacts/{}", contacts[0].id)).await["Contacts"][0];
    assert_eq!(whole["Phones"].as_array().unwrap().len(), 3);
    assert_eq!(whole["Addresses"][0]["AddressType"], "POBOX");
    let named = stand.json(&path("Contacts", &[("where", "EmailAddress=\"maia@otakiorganics.example.co.nz\"")])).await;
    assert_eq!(texts(&named, "Contacts", "Name"), ["Ōtaki Organics"]);
}

#[tokio::test]
async fn what_has_no_index_is_refused_above_a_hundred_thousand_records() {
    let stand = Stand::with(Options { invoices: 100_001, samples: false, limits: false, ..Options::default() }).await;
    for refused in [&[("where", "Total>10"), ("page", "1")][..], &[("order", "DueDate"), ("page", "1")], &[]] {
        assert_eq!(stand.get(&path("Invoices", refused)).await.status(), 400, "{refused:?}");
    }
    let fine = [("where", "Type==\"ACCREC\" AND AmountDue>0"), ("order", "UpdatedDateUTC ASC"), ("page", "1"), ("pageSize", "1")];
    assert_eq!(stand.get(&path("Invoices", &fine)).await.status(), 200);
}
