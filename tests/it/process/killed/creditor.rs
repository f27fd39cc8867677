//! The creditor: a tenant whose letters go out at any hour and without asking, so that a story needs no moved clock.

use chrono::Timelike;
use serde_json::{Value, json};

use crate::process::{client::Client, product::Installation};

const PASSWORD: &str = "correct horse battery staple";

const SETTINGS: &str = "mutation($input: TenantInput!) { tenantUpdate(input: $input) { userErrors { code message } } }";

/// Makes the tenant, before anything serves; answers its owner's sign-in name.
pub async fn settle_in(installation: &Installation) -> String {
    let zone = midday_zone(now().hour());
    let tenant = ["admin", "tenant-add", "--name", "Harbour Supplies", "--country", "IE", "--time-zone", &zone, "--currency", "EUR"];
    let rest = ["--email", "office@harbour.example.com", "--owner", "first@harbour.example.com"];
    let printed = installation.done(&[&tenant[..], &rest[..]].concat()).await;
    let id = printed.lines().find_map(|line| line.strip_prefix("tenant ")).expect("the tenant's id").to_owned();
    let owner = "owner@harbour.example.com";
    let user = ["admin", "user-add", "--tenant", &id, "--email", owner, "--name", "Owner", "--role", "owner", "--password-stdin"];
    let added = installation.run_told(&user, &format!("{PASSWORD}\n")).await;
    assert!(added.status.success(), "{added:?}");
    owner.to_owned()
}

/// Signs in, sets the tenant up and makes its integration; answers both.
pub async fn sign_in(url: &str, owner: &str) -> (Client, String) {
    let client = Client::nobody(url).sign_in(owner, PASSWORD).await;
    client.change(SETTINGS, settings()).await;
    let document = "mutation { integrationCreateCsv(name: \"Files\") { integration { id } userErrors { code message } } }";
    let made = client.change(document, json!({})).await;
    let integration = made["integration"]["id"].as_str().unwrap().to_owned();
    (client, integration)
}

/// One case per debtor, letters without asking, at any hour.
fn settings() -> Value {
    let hours: Vec<Value> = (1..=7).map(|weekday| json!({ "weekday": weekday, "from": "00:00", "to": "23:59" })).collect();
    json!({ "input": {
        "bankDetails": { "accountName": "Harbour Supplies Ltd", "iban": "DE89370400440532013000" },
        "automaticActionsEnabled": true,
        "consentMode": "AUTOMATIC",
        "caseGrouping": "PER_DEBTOR",
        "contactHours": hours,
    } })
}

/// A zone where it is about noon: no letter waits for midnight, and no day ends, while the story is told.
fn midday_zone(hour: u32) -> String {
    let ahead = 12 - i64::from(hour);
    // The signs of these names are turned round.
    if ahead >= 0 { format!("Etc/GMT-{ahead}") } else { format!("Etc/GMT+{}", -ahead) }
}

#[expect(clippy::disallowed_methods, reason = "the processes under test run on the machine's clock")]
pub fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
