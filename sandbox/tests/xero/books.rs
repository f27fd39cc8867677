//! What payments, credits and merges do to invoices, and the paths of one invoice.

use reqwest::Method;
use sandbox::xero::books::{Cents, CreditKind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stand::{Stand, texts};

/// An approved invoice of 967.15 without payments.
fn open(stand: &Stand) -> Uuid {
    stand.control().invoices(stand.tenant())[2].id
}

fn amounts(invoice: &Value) -> [String; 3] {
    ["AmountDue", "AmountPaid", "AmountCredited"].map(|field| format!("{:.2}", invoice[field].as_f64().unwrap()))
}

#[tokio::test]
async fn a_payment_in_full_makes_the_invoice_paid_and_its_deletion_makes_it_due_again() {
    let stand = Stand::unlimited().await;
    let invoice = open(&stand);
    stand.pass(60);
    let payment = stand.control().record_payment(invoice, Cents(96_715), false).unwrap();
    let paid = stand.invoice(invoice).await;
    assert_eq!(paid["Status"], "PAID");
    assert_eq!(amounts(&paid), ["0.00", "967.15", "0.00"]);
    assert_eq!(paid["FullyPaidOnDate"], "/Date(1795219200000+0000)/");
    assert_eq!(paid["Payments"][0]["PaymentID"], payment.to_string());
    stand.pass(60);
    stand.control().delete_payment(payment).unwrap();
    let due = stand.invoice(invoice).await;
    assert_eq!(due["Status"], "AUTHORISED");
    assert_eq!(amounts(&due), ["967.15", "0.00", "0.00"]);
    assert_eq!((due.get("FullyPaidOnDate"), &due["Payments"]), (None, &json!([])));
    let changed = stand.since("/Payments", "2026-11-21T21:01:30").await;
    assert_eq!(texts(&changed, "Payments", "Status"), ["DELETED"]);
    assert!(stand.control().delete_payment(payment).is_err());
}

#[tokio::test]
async fn a_part_payment_leaves_the_rest_due_and_more_than_that_is_refused() {
    let stand = Stand::unlimited().await;
    let invoice = open(&stand);
    stand.control().record_payment(invoice, Cents(50_000), true).unwrap();
    let before = stand.invoice(invoice).await;
    assert_eq!((before["Status"].as_str().unwrap(), amounts(&before)), ("AUTHORISED", ["467.15", "500.00", "0.00"].map(str::to_owned)));
    assert!(stand.control().record_payment(invoice, Cents(46_716), true).is_err());
    assert!(stand.control().record_payment(invoice, Cents(0), true).is_err());
    assert_eq!(stand.invoice(invoice).await, before);
}

#[tokio::test]
async fn reconciling_is_a_change_of_the_payment() {
    let stand = Stand::unlimited().await;
    let payment = stand.control().record_payment(open(&stand), Cents(96_715), false).unwrap();
    stand.pass(60);
    stand.control().reconcile_payment(payment, true).unwrap();
    let changed = stand.since("/Payments?page=1&where=PaymentType%3D%3D%22ACCRECPAYMENT%22", "2026-11-21T21:00:30").await;
    assert_eq!(texts(&changed, "Payments", "PaymentID"), [payment.to_string()]);
    assert_eq!(changed["Payments"][0]["IsReconciled"], true);
}

#[tokio::test]
async fn a_batch_writes_its_total_and_its_mark_as_strings() {
    let stand = Stand::unlimited().await;
    let id = stand.control().record_batched_payment(open(&stand), Cents(1_000), Cents(5_000)).unwrap();
    let payment = stand.json(&format!("/Payments/{id}")).await["Payments"][0].clone();
    assert_eq!((&payment["BatchPayment"]["TotalAmount"], &payment["BatchPayment"]["IsReconciled"]), (&json!("50.00"), &json!("false")));
    assert_eq!(payment["BatchPaymentID"], payment["BatchPayment"]["BatchPaymentID"]);
}

#[tokio::test]
async fn credits_lower_what_is_due_and_show_inside_the_invoice() {
    let stand = Stand::unlimited().await;
    let invoice = open(&stand);
    for (kind, cents) in [(CreditKind::CreditNote, 6_715), (CreditKind::Overpayment, 20_000), (CreditKind::Prepayment, 70_000)] {
        stand.control().credit_invoice(invoice, Cents(cents), kind).unwrap();
    }
    let credited = stand.invoice(invoice).await;
    assert_eq!((credited["Status"].as_str().unwrap(), amounts(&credited)), ("PAID", ["0.00", "0.00", "967.15"].map(str::to_owned)));
    for list in ["CreditNotes", "Overpayments", "Prepayments"] {
        assert_eq!(credited[list].as_array().unwrap().len(), 1, "{list}");
    }
    let note = credited["CreditNotes"][0]["CreditNoteID"].as_str().unwrap();
    let note = stand.json(&format!("/CreditNotes/{note}")).await["CreditNotes"][0].clone();
    assert_eq!(note["Allocations"][0]["Invoice"]["InvoiceID"], invoice.to_string());
    assert_eq!((note["RemainingCredit"].as_f64(), note["Total"].as_f64()), (Some(0.0), Some(67.15)));
}

#[tokio::test]
async fn every_sample_balances() {
    let stand = Stand::unlimited().await;
    for (tenant, _) in stand.control().organisations() {
        let request = stand.client.get(stand.url("/api.xro/2.0/Invoices?page=1")).bearer_auth(&stand.token);
        let request = request.header("xero-tenant-id", tenant.to_string()).header("accept", "application/json");
        let list: Value = request.send().await.unwrap().json().await.unwrap();
        for invoice in list["Invoices"].as_array().unwrap() {
            let cents = |field: &str| format!("{:.2}", invoice[field].as_f64().unwrap()).replace('.', "").parse::<i64>().unwrap();
            if invoice["Status"] != "VOIDED" {
                assert_eq!(cents("AmountDue"), cents("Total") - cents("AmountPaid") - cents("AmountCredited"), "{invoice}");
            }
            assert_eq!(cents("Total"), cents("SubTotal") + cents("TotalTax"), "{invoice}");
        }
    }
}

#[tokio::test]
async fn a_voided_invoice_owes_nothing_and_a_paid_one_cannot_be_voided() {
    let stand = Stand::unlimited().await;
    let invoice = open(&stand);
    stand.control().void_invoice(invoice).unwrap();
    let voided = stand.invoice(invoice).await;
    assert_eq!((voided["Status"].as_str().unwrap(), amounts(&voided)[0].as_str()), ("VOIDED", "0.00"));
    let part_paid = stand.control().invoices(stand.tenant())[1].id;
    assert!(stand.control().void_invoice(part_paid).is_err());
    assert_eq!(stand.invoice(part_paid).await["Status"], "AUTHORISED");
}

#[tokio::test]
async fn merged_contacts_hand_their_invoices_over_and_point_at_the_other() {
    let stand = Stand::unlimited().await;
    let contacts = stand.control().contacts(stand.tenant());
    let (from, into) = (contacts[1].id, contacts[0].id);
    stand.pass(60);
    stand.control().merge_contacts(from, into).unwrap();
    let changed = stand.since("/Contacts?includeArchived=true", "2026-11-21T21:00:00").await;
    let merged = changed["Contacts"].as_array().unwrap().iter().find(|row| row["ContactID"] == from.to_string()).unwrap();
    assert_eq!((&merged["ContactStatus"], &merged["MergedToContactID"]), (&json!("ARCHIVED"), &json!(into.to_string())));
    assert!(stand.control().invoices(stand.tenant()).iter().all(|invoice| invoice.contact != from));
    assert!(stand.control().merge_contacts(into, into).is_err());
}

#[tokio::test]
async fn a_note_is_written_once_for_each_key_and_another_body_is_refused() {
    let stand = Stand::unlimited().await;
    let invoice = open(&stand);
    let write = |key: &'static str, details: &str| {
        let request = stand.call(Method::PUT, &format!("/Invoices/{invoice}/History")).header("Idempotency-Key", key);
        request.json(&json!({ "HistoryRecords": [{ "Details": details }] })).send()
    };
    let first = write("key-1", "Reminder sent").await.unwrap();
    assert_eq!(first.status(), 200);
    let first = first.text().await.unwrap();
    stand.pass(60);
    assert_eq!(write("key-1", "Reminder sent").await.unwrap().text().await.unwrap(), first);
    assert_eq!(stand.control().notes(invoice).len(), 1);
    let other = write("key-1", "Demand sent").await.unwrap();
    assert_eq!(other.status(), 400);
    assert_eq!(other.json::<Value>().await.unwrap()["Type"], "ValidationException");
    write("key-2", "Reminder sent").await.unwrap();
    assert_eq!(stand.control().notes(invoice).len(), 2);
    stand.pass(6 * 60);
    write("key-1", "Reminder sent").await.unwrap();
    assert_eq!(stand.control().notes(invoice).len(), 3, "after six minutes the key is forgotten");
}

#[tokio::test]
async fn a_note_has_at_most_2500_characters_and_needs_the_scope_to_write() {
    let stand = Stand::unlimited().await;
    let path = format!("/Invoices/{}/History", open(&stand));
    let write = |length: usize| {
        let details = "ā".repeat(length);
        stand.call(Method::PUT, &path).json(&json!({ "HistoryRecords": [{ "Details": details }] })).send()
    };
    assert_eq!(write(2_500).await.unwrap().status(), 200);
    assert_eq!(write(2_501).await.unwrap().status(), 400);
    let reader = stand.control().sign_in("accounting.invoices.read").unwrap().access_token;
    let request = stand.client.put(stand.url(&format!("/api.xro/2.0{path}"))).bearer_auth(reader);
    let refused = request.header("xero-tenant-id", stand.tenant().to_string()).body("{}").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(stand.control().notes(open(&stand)).len(), 1);
}

#[tokio::test]
async fn a_sales_invoice_has_a_pdf_and_an_address_and_a_draft_or_a_bill_has_not() {
    let stand = Stand::unlimited().await;
    let pdf = stand.get(&format!("/Invoices/{}/pdf", open(&stand))).await;
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-1."));
    let online = stand.json(&format!("/Invoices/{}/OnlineInvoice", open(&stand))).await;
    assert!(online["OnlineInvoices"][0]["OnlineInvoiceUrl"].as_str().unwrap().starts_with("https://in.xero.com/"));
    let invoices = stand.control().invoices(stand.tenant());
    for without in invoices.iter().filter(|invoice| invoice.reference == "Our order 812" || invoice.status.word() == "DRAFT") {
        assert_eq!(stand.get(&format!("/Invoices/{}/pdf", without.id)).await.status(), 404);
        assert_eq!(stand.get(&format!("/Invoices/{}/OnlineInvoice", without.id)).await.status(), 404);
    }
}

#[tokio::test]
async fn one_organisation_never_answers_with_another_s_documents() {
    let stand = Stand::unlimited().await;
    let other = stand.control().organisations()[1].0;
    let foreign = stand.control().invoices(other)[0].id;
    assert_eq!(stand.get(&format!("/Invoices/{foreign}")).await.status(), 404);
    let listed = stand.json(&format!("/Invoices?IDs={foreign}")).await;
    assert!(listed["Invoices"].as_array().unwrap().is_empty());
}
