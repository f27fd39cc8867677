//! A payment tears a letter for two cases, and the process dies before anybody withdraws it: the instants on the rows are
//! the promise, and whoever starts next keeps it.

use chrono::Days;
use serde_json::{Value, json};
use testdb::Backend;

use super::creditor::{self, now};
use crate::process::product::Installation;

const SETTINGS: &str =
    "mutation { tenantUpdate(input: { consentMode: EACH_LETTER, caseGrouping: PER_INVOICE }) { userErrors { code message } } }";

const IMPORT: &str = "mutation($integration: ID!, $upload: ID!) {
    importStart(integrationId: $integration, uploadId: $upload) @idempotent(key: \"import\") { userErrors { code message } } }";

const APPROVE: &str = "mutation($ids: [ID!]!) {
    casesApprove(selection: { ids: $ids }) @idempotent(key: \"approve\") { userErrors { code message } } }";

const PAY: &str = "mutation($case: ID!, $on: Date!) {
    paymentRecord(caseId: $case, amount: { amount: \"80.00\", currency: \"EUR\" }, receivedOn: $on) @idempotent(key: \"pay\") {
        userErrors { code message } } }";

const CASES: &str = "{ cases(first: 10) { nodes {
    id status claim { outstanding { amount } } letters { status lead { id } figures { outstanding { amount } } } } } }";

/// The story, on a process that does everything.
pub async fn tell(backend: Backend) {
    let installation = Installation::on(backend).await;
    let owner = creditor::settle_in(&installation).await;
    let process = installation.serve(&["serve"]).await;
    let (client, integration) = creditor::sign_in(process.url(), &owner).await;
    client.change(SETTINGS, json!({})).await;
    let upload = client.upload("invoices.csv", file().as_bytes()).await;
    client.change(IMPORT, json!({ "integration": integration, "upload": upload })).await;
    let proposed = client.until(CASES, |seen| nodes(seen).len() == 2).await;
    let ids: Vec<&Value> = nodes(&proposed).iter().map(|case| &case["id"]).collect();
    client.change(APPROVE, json!({ "ids": ids })).await;
    let asked = client.until(CASES, |seen| nodes(seen).iter().all(|case| statuses(case) == ["AWAITING_CONSENT"])).await;
    let asked = nodes(&asked);
    let leads = asked.iter().filter(|case| case["letters"][0]["lead"].is_null()).count();
    assert_eq!(leads, 1, "one letter speaks for both: {asked:?}");
    process.kill().await;

    // Nobody works: what is torn now stays so until the death.
    let process = installation.serve(&["serve", "--no-jobs"]).await;
    let client = client.at(process.url());
    let paid = asked.iter().find(|case| case["claim"]["outstanding"]["amount"] == "80.00").unwrap();
    client.change(PAY, json!({ "case": paid["id"], "on": now().date_naive().to_string() })).await;
    let torn = client.ask(CASES, json!({})).await;
    let of = |seen: &Value, is_paid: bool| nodes(seen).iter().find(|case| (case["id"] == paid["id"]) == is_paid).unwrap().clone();
    assert_eq!((statuses(&of(&torn, true)), statuses(&of(&torn, false))), (vec!["CANCELLED"], vec!["AWAITING_CONSENT"]));
    process.kill().await;

    let process = installation.serve(&["serve"]).await;
    let client = client.at(process.url());
    let mended = client.until(CASES, |seen| statuses(&of(seen, false)) == ["CANCELLED", "AWAITING_CONSENT"]).await;
    let other = of(&mended, false);
    assert_eq!((&other["letters"][1]["lead"], &other["letters"][1]["figures"]["outstanding"]["amount"]), (&Value::Null, &json!("120.00")));
    assert_eq!((of(&mended, true)["status"].clone(), statuses(&of(&mended, true))), (json!("CLOSED"), vec!["CANCELLED"]));
}

/// Two invoices of one debtor, each of which becomes a case.
fn file() -> String {
    let (issued, due) = (now().date_naive() - Days::new(75), now().date_naive() - Days::new(45));
    let row = |number: &str, total: &str| format!("{number},{issued},{due},{total},EUR,C1,Debtor Ltd,pay@example.com\n");
    let head = "Invoice number,Issue date,Due date,Total,Currency,Customer ID,Customer name,Email\n";
    format!("{head}{}{}", row("R1", "120.00"), row("R2", "80.00"))
}

fn nodes(seen: &Value) -> &[Value] {
    seen["cases"]["nodes"].as_array().unwrap()
}

fn statuses(case: &Value) -> Vec<&str> {
    case["letters"].as_array().unwrap().iter().map(|letter| letter["status"].as_str().unwrap()).collect()
}
