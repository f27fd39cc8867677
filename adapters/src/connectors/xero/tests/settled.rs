//! What settles an invoice, as a table.

use serde_json::{Value, json};

use super::books::{contact_id, invoice, invoice_id, pay, payment_id, start};
use crate::connectors::xero::{map, wire::Invoice};

fn settled_by(told: &Value) -> Option<Vec<String>> {
    // As text, so that numbers are read as they are written.
    let told: Invoice = serde_json::from_str(&told.to_string()).unwrap();
    map::invoice::claim(&told).unwrap().unwrap().invoice.settled_by
}

#[test]
fn an_invoice_tells_the_ids_of_all_that_settles_it_or_none() {
    let date = "/Date(1551744000000+0000)/";
    let mut told = invoice(1, 1, start());
    pay(&mut told, 4, true, start());
    told["CreditNotes"] = json!([
        { "CreditNoteID": contact_id(5), "AppliedAmount": 20.5, "Date": date },
        { "CreditNoteID": contact_id(8), "AppliedAmount": 0.0, "Date": date },
    ]);
    told["Overpayments"] = json!([{ "OverpaymentID": contact_id(6), "Date": date }]);
    told["Prepayments"] = json!([{ "PrepaymentID": contact_id(7), "AppliedAmount": 10.0, "Date": date }]);
    let all = settled_by(&told).unwrap();
    let spelled = [("credit-note", 5), ("overpayment", 6), ("prepayment", 7)]
        .map(|(word, id)| format!("{word}:{}:{}", contact_id(id), invoice_id(1)));
    assert_eq!(all, [[payment_id(4)].as_slice(), &spelled].concat(), "an allocation of nothing does not count");
    let read: Invoice = serde_json::from_str(&told.to_string()).unwrap();
    let whole = map::invoice::claim(&read).unwrap().unwrap();
    let snapshots = map::credit::credits(&read, &whole).into_iter().filter_map(Result::ok).map(|one| one.external_id);
    assert!(snapshots.into_iter().all(|id| all.contains(&id)), "as the records are spelled");

    told["Payments"][0]["Status"] = json!("DELETED");
    assert_eq!(settled_by(&told).unwrap(), spelled);
    told["Payments"][0]["Status"] = json!("AUTHORISED");
    assert_eq!(settled_by(&told), Some(all));
    assert_eq!(settled_by(&invoice(1, 1, start())), Some(Vec::new()));
    for field in ["Payments", "CreditNotes", "Overpayments", "Prepayments"] {
        let mut summary = told.clone();
        summary.as_object_mut().unwrap().remove(field);
        assert_eq!(settled_by(&summary), None, "{field}");
    }
    told["CreditNotes"][0]["CreditNoteID"] = json!("");
    assert_eq!(settled_by(&told), None, "a credit that cannot be named");
}
