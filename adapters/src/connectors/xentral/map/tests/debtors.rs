//! Who owes.

use super::*;

#[test]
fn the_address_that_counts_in_the_end_goes_first() {
    let bill_to = json!({ "name": "Erika Beispiel", "type": "mrs", "department": "", "subDepartment": "Einkauf", "addressSupplement": "Haus 2", "phone": "0821 1", "mobile": "0170 2", "email": " erika@beispiel.example " });
    let told = Told { outstanding_minor: Some(1), ..Told::default() };
    let debtor = records(&json!({ "/effectiveAddresses": { "billTo": bill_to } }), told)[0].debtor.clone().unwrap();
    assert_eq!(
        (debtor.name.as_str(), debtor.kind, debtor.line2.as_deref()),
        ("Erika Beispiel", Some(DebtorKind::Consumer), Some("Einkauf, Haus 2"))
    );
    assert_eq!((debtor.phone.as_deref(), debtor.email.as_deref()), (Some("0170 2"), Some("erika@beispiel.example")));
}

#[test]
fn every_kind_of_address_is_read_and_an_odd_one_is_unknown() {
    for (word, kind) in [
        (json!("mr"), Some(DebtorKind::Consumer)),
        (json!("mrs"), Some(DebtorKind::Consumer)),
        (json!("company"), Some(DebtorKind::Business)),
        (json!("other"), None),
        (json!("guild"), None),
        (json!(null), None),
    ] {
        let told = Told { outstanding_minor: Some(1), ..Told::default() };
        let debtor = records(&json!({ "/documentAddress/type": word }), told)[0].debtor.clone().unwrap();
        assert_eq!(debtor.kind, kind, "{word}");
    }
}

#[test]
fn a_customer_is_reminded_where_it_asked_to_be() {
    let customer = json!({
        "id": "31",
        "primaryAddress": { "name": "Huber", "type": "mr", "email": "huber@beispiel.example", "country": "AT" },
        "deviatingBillingAddress": null,
        "communication": { "language": "DE" },
        "documentDelivery": { "documentRecipients": { "invoice": { "to": "rechnung@beispiel.example" }, "dunning": { "to": null } } },
        "groups": [{ "id": "1", "name": "Großhandel" }, { "id": "2", "name": null }]
    });
    let read = |customer: Value| of_customer(&serde_json::from_value(customer).unwrap());
    let debtor = read(customer.clone()).unwrap();
    assert_eq!(
        (debtor.external_id.as_str(), debtor.name.as_str(), debtor.email.as_deref()),
        ("31", "Huber", Some("rechnung@beispiel.example"))
    );
    assert_eq!((debtor.language.as_deref(), debtor.groups), (Some("de"), Some(vec!["Großhandel".to_owned()])));
    let mut moved = customer.clone();
    moved["deviatingBillingAddress"] = json!({ "name": "Huber, Buchhaltung", "type": "company" });
    moved["documentDelivery"]["documentRecipients"]["dunning"]["to"] = json!("mahnung@beispiel.example");
    let debtor = read(moved).unwrap();
    assert_eq!((debtor.name.as_str(), debtor.email.as_deref()), ("Huber, Buchhaltung", Some("mahnung@beispiel.example")));
    let mut nowhere = customer;
    nowhere["primaryAddress"] = json!(null);
    assert!(read(nowhere).is_err());
}
