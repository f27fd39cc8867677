//! Bodies against the official schemas, where the file with them lies beside the project.

use std::{fs, path::PathBuf};

use jsonschema::Validator;
use reqwest::Response;
use sandbox::xero::books::Cents;
use serde_json::{Value, json};

use super::stand::{SCOPES, Stand};

/// The official description of the API, with what JSON Schema does not know taken out; none when it is not here.
fn official() -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/specs/xero_subset.yaml");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {} is not here, so no body was checked against the official schemas", path.display());
        return None;
    };
    let mut description: Value = serde_yaml::from_str(&text).unwrap();
    allow_null(&mut description["components"]["schemas"]);
    Some(description)
}

/// The description says `nullable` where JSON Schema adds a type.
fn allow_null(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.remove("nullable") == Some(Value::Bool(true)) {
                let kind = fields.get("type").cloned().unwrap_or_default();
                fields.insert("type".to_owned(), json!([kind, "null"]));
            }
            fields.values_mut().for_each(allow_null);
        }
        Value::Array(items) => items.iter_mut().for_each(allow_null),
        _ => {}
    }
}

fn validator(description: &Value, schema: &Value) -> Validator {
    let root = json!({ "$schema": "http://json-schema.org/draft-04/schema#", "components": description["components"], "allOf": [schema] });
    jsonschema::options().should_validate_formats(true).build(&root).unwrap()
}

fn check(description: &Value, name: &str, body: &Value) {
    let validator = validator(description, &json!({ "$ref": format!("#/components/schemas/{name}") }));
    let wrong: Vec<String> = validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
}

#[tokio::test]
async fn every_body_is_as_the_official_schemas_describe_it() {
    let Some(official) = official() else { return };
    let stand = Stand::unlimited().await;
    let invoice = stand.control().invoices(stand.tenant())[0].id;
    let contact = stand.control().contacts(stand.tenant())[0].id;
    for (name, path) in [
        ("Organisations", "/Organisation".to_owned()),
        ("Invoices", "/Invoices".to_owned()),
        ("Invoices", "/Invoices?page=1".to_owned()),
        ("Invoices", "/Invoices?summaryOnly=true".to_owned()),
        ("Invoices", format!("/Invoices/{invoice}")),
        ("OnlineInvoices", format!("/Invoices/{invoice}/OnlineInvoice")),
        ("HistoryRecords", format!("/Invoices/{invoice}/History")),
        ("Contacts", "/Contacts".to_owned()),
        ("Contacts", "/Contacts?page=1&includeArchived=true".to_owned()),
        ("Contacts", format!("/Contacts/{contact}")),
        ("Payments", "/Payments?page=1".to_owned()),
        ("CreditNotes", "/CreditNotes?page=1".to_owned()),
    ] {
        let body = stand.json(&path).await;
        check(&official, name, &body);
        let list = if name == "Organisations" { "Organisations" } else { name };
        assert!(name == "HistoryRecords" || !body[list].as_array().unwrap().is_empty(), "{path} had nothing to check");
    }
    let connections = stand.client.get(stand.url("/connections")).bearer_auth(&stand.token).send().await.map(Response::json::<Value>);
    for connection in connections.unwrap().await.unwrap().as_array().unwrap() {
        check_connection(&official, connection);
    }
    let token = serde_json::to_value(stand.control().sign_in(SCOPES).unwrap()).unwrap();
    check(&official, "AccessToken", &token);
}

/// Xero's instants there have no zone, against the format that its own schema names, so those two are looked at apart.
fn check_connection(official: &Value, connection: &Value) {
    let mut zoned = connection.clone();
    for field in ["createdDateUtc", "updatedDateUtc"] {
        let text = connection[field].as_str().unwrap();
        assert_eq!(text.len(), "2019-12-07T18:46:19.5165400".len());
        zoned[field] = json!(format!("{text}Z"));
    }
    check(official, "Connection", &zoned);
}

#[tokio::test]
async fn the_batch_of_a_payment_breaks_the_official_schema_just_as_the_official_example_does() {
    let Some(official) = official() else { return };
    let stand = Stand::unlimited().await;
    let invoice = stand.control().invoices(stand.tenant())[0].id;
    let id = stand.control().record_batched_payment(invoice, Cents(1_000), Cents(5_000)).unwrap();
    let body = stand.json(&format!("/Payments/{id}")).await;
    let validator = validator(&official, &json!({ "$ref": "#/components/schemas/Payments" }));
    let mut wrong: Vec<String> = validator.iter_errors(&body).map(|error| error.instance_path().to_string()).collect();
    wrong.sort_unstable();
    assert_eq!(wrong, ["/Payments/0/BatchPayment/IsReconciled", "/Payments/0/BatchPayment/TotalAmount"]);
}

#[tokio::test]
async fn the_check_finds_a_wrong_body() {
    let Some(official) = official() else { return };
    let validator = validator(&official, &json!({ "$ref": "#/components/schemas/Invoices" }));
    assert!(!validator.is_valid(&json!({ "Invoices": [{ "Status": "UNHEARD_OF" }] })));
    assert!(!validator.is_valid(&json!({ "Invoices": [{ "AmountDue": "115.00" }] })));
}
