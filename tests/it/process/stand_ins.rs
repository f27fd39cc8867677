//! Stand-ins of the accounting systems beside the product: `dunwell sandbox` alone, and those of the demo, whose pages
//! are worked at as somebody in the creditor's office would.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    client::Client,
    demo::{Demo, Tour, describe, operation},
    product::Installation,
};

/// Days without office hours in a row at most: a weekend with holidays beside it.
const WEEKEND: usize = 5;

#[test]
fn sandbox_serves_a_stand_in_and_prints_settings_that_are_settings() {
    testdb::block_on(async {
        for provider in ["xero", "xentral", "poweroffice", "amili", "pingen", "lob"] {
            let name = if matches!(provider, "pingen" | "lob") { "post" } else { provider };
            let installation = Installation::embedded();
            let mut running = installation.start(&["sandbox", "--provider", provider, "--port", "0"]);
            let page = running.until_said("control page").await;
            let url = page.split_whitespace().last().unwrap();
            let shown = Client::nobody(url).get("/").await.unwrap();
            assert_eq!(shown.status, 200, "{provider}: {}", shown.body);
            running.until_said(&format!("[{name}]")).await;
            running.signal("TERM");
            assert_eq!(running.ended().await.code(), Some(0), "{}", running.stderr());
            let printed = running.stdout();
            let section = printed.split_once(&format!("[{name}]")).unwrap().1;
            assert!(section.contains(url.trim_start_matches("http://")), "it points at the stand-in: {section}");
            std::fs::write(installation.folder().join("dunwell.toml"), format!("[{name}]{section}")).unwrap();
            assert_eq!(installation.done(&["admin", "tenants"]).await, "", "the product takes the section");
        }
    });
}

#[test]
fn a_provider_without_a_stand_in_is_named() {
    testdb::block_on(async {
        let finished = Installation::embedded().run(&["sandbox", "--provider", "sage"]).await;
        assert!(!finished.status.success());
        assert!(finished.stderr.contains("sage"), "{finished:?}");
    });
}

/// The invoice that the stand-in Xero has 31 days overdue at the start, for a debtor who can be reached.
const IN_XERO: &str = "INV-1003";

/// Tells a stand-in what a person does on its page.
async fn on_the_page(stand_in: &Client, path: &str, told: Value) -> Value {
    let answer = stand_in.request(Method::POST, &format!("/_control/{path}")).json(&told).send().await.unwrap();
    let status = answer.status();
    let body = answer.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {body}");
    serde_json::from_str(&body).unwrap()
}

impl Tour {
    /// The case of an invoice that the first tenant's accounting system holds.
    async fn begin_in_xero() -> Self {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let document = "query($number: String!) { cases(first: 2, search: $number) { nodes {
            id debtor { email } claim { outstanding { amount } } invoices { externalId number } integration { id provider } } } }";
        let found = owner.ask(document, json!({ "number": IN_XERO })).await;
        let case = found["cases"]["nodes"][0].clone();
        assert_eq!((&case["integration"]["provider"], &case["invoices"][0]["number"]), (&json!("XERO"), &json!(IN_XERO)));
        Self { demo, owner, case }
    }

    async fn status(&self) -> Value {
        let shown = self.owner.ask("query($id: ID!) { case(id: $id) { status closeReason } }", json!({ "id": self.case["id"] })).await;
        json!([shown["case"]["status"], shown["case"]["closeReason"]])
    }

    async fn days_pass(&self, days: u32) {
        let document = "mutation($days: Int!) { demoAdvanceClock(days: $days) { clock userErrors { code message } } }";
        self.owner.change(document, json!({ "days": days })).await;
    }
}

#[test]
fn a_payment_that_is_reconciled_in_xero_closes_the_case_and_is_thanked_for() {
    testdb::block_on(async {
        let tour = Tour::begin_in_xero().await;
        tour.approve().await;
        tour.days_pass(1).await;
        let first = tour.letters().await;
        assert_eq!(first, [("LETTER_OF_DEMAND".to_owned(), "SENT".to_owned())]);

        let xero = Client::nobody(tour.demo.description["standIns"]["xero"].as_str().unwrap());
        let invoice = tour.case["invoices"][0]["externalId"].as_str().unwrap();
        let amount = json!({ "amount": tour.case["claim"]["outstanding"]["amount"] });
        let paid = on_the_page(&xero, &format!("invoices/{invoice}/payments"), amount).await;
        tour.days_pass(9).await;
        assert_eq!(tour.status().await, json!(["ACTIVE", null]), "the bank's statement does not show it yet");
        assert_eq!(tour.letters().await, first, "who says that he paid is not chased");

        let payment = paid["payment"].as_str().unwrap();
        on_the_page(&xero, &format!("payments/{payment}/do/reconcile"), json!({})).await;
        let mut watch = tour.owner.subscribe(&operation("3-watch.graphql"), json!({ "case": tour.case["id"] })).await;
        let document = "mutation($id: ID!) { integrationSyncNow(id: $id) { userErrors { code message } } }";
        tour.owner.change(document, json!({ "id": tour.case["integration"]["id"] })).await;
        watch.until(|payload| payload["case"]["status"] == "CLOSED").await;
        assert_eq!(tour.status().await, json!(["CLOSED", "PAID"]));

        let thanks = ("THANK_YOU".to_owned(), "SENT".to_owned());
        for _ in 0..WEEKEND {
            if tour.letters().await.last() != Some(&thanks) {
                tour.days_pass(1).await;
            }
        }
        assert_eq!(tour.letters().await, [first[0].clone(), thanks], "thanked once, in office hours");
        let outbox = tour.demo.process.client().get("/outbox").await.unwrap();
        let debtor = tour.case["debtor"]["email"].as_str().unwrap();
        assert!(outbox.body.contains(debtor) && outbox.body.contains("Thank you"), "the outbox page shows what {debtor} got");
    });
}

#[test]
fn what_xero_tells_is_believed_by_its_signature_and_followed_at_once() {
    testdb::block_on(async {
        let tour = Tour::begin_in_xero().await;
        tour.approve().await;
        let xero = Client::nobody(tour.demo.description["standIns"]["xero"].as_str().unwrap());
        let receiver = json!({ "url": format!("{}/webhooks/xero", tour.demo.process.url()) });
        let intent = on_the_page(&xero, "webhooks/intent", receiver.clone()).await;
        assert_eq!(intent["passed"], true, "{intent}");

        let mut watch = tour.owner.subscribe(&operation("3-watch.graphql"), json!({ "case": tour.case["id"] })).await;
        let invoice = tour.case["invoices"][0]["externalId"].as_str().unwrap();
        let paid = json!({ "amount": tour.case["claim"]["outstanding"]["amount"], "reconciled": true });
        on_the_page(&xero, &format!("invoices/{invoice}/payments"), paid).await;
        let sent = on_the_page(&xero, "webhooks/send", receiver).await;
        assert_eq!(sent["delivery"]["accepted"], true, "{sent}");
        watch.until(|payload| payload["case"]["status"] == "CLOSED").await;
    });
}

#[test]
fn a_browser_that_brings_an_unknown_state_is_told_so_in_words() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        for path in ["/integrations/xero/callback?code=x&state=y", "/integrations/poweroffice/callback?state=y"] {
            let answer = demo.process.client().get(path).await.unwrap();
            assert_eq!(answer.status, 400, "{path}");
            assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        }
    });
}

#[test]
fn a_restart_finds_the_stand_ins_where_they_were_and_still_connected() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let stand_ins = demo.description["standIns"].clone();
        demo.process.kill().await;
        let process = demo.installation.serve(&["demo"]).await;
        let demo = Demo { process, description: describe(&demo.installation), installation: demo.installation };
        assert_eq!(demo.description["standIns"], stand_ins);
        for tenant in 0..3 {
            let owner = demo.client(tenant, "OWNER");
            let cases = owner.ask("{ cases(first: 1) { totalCount { value } } }", json!({})).await;
            owner.change("mutation { demoAdvanceClock(days: 1) { clock userErrors { code } } }", json!({})).await;
            let seen = owner.ask("{ tenant { integrations { provider status health { ok code } } } }", json!({})).await;
            for integration in seen["tenant"]["integrations"].as_array().unwrap() {
                assert_eq!(integration["status"], "ACTIVE", "{integration}");
                assert_eq!(integration["health"]["ok"], true, "{integration}");
            }
            let after = owner.ask("{ cases(first: 1) { totalCount { value } } }", json!({})).await;
            assert!(after["cases"]["totalCount"]["value"].as_i64() >= cases["cases"]["totalCount"]["value"].as_i64(), "{after}");
        }
    });
}
