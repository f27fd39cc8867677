//! Who tells what became of mails, short messages and paper: wired by the settings, believed by its signature, and
//! nobody else is. What each sentence of theirs means is tested beside its adapter.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::json;

use super::{
    client::Client,
    killed::creditor::{now, settle_in, sign_in},
    mailbox::Mailbox,
    product::Installation,
};

const WORLD: &str = "https://dunwell.example";
const SECRET: &str = "what the mail server shows";
const TOKEN: &str = "twilio's token";
const KEY: &str = "pingen's key";

const IMPORT: &str = "mutation($integration: ID!, $upload: ID!) {
    importStart(integrationId: $integration, uploadId: $upload) @idempotent(key: \"import\") { syncRun { id } userErrors { code message } } }";
const APPROVE: &str = "mutation($ids: [ID!]!) {
    casesApprove(selection: { ids: $ids }) @idempotent(key: \"approve\") { cases { id } userErrors { code message } } }";
const SEEN: &str = "{ deliveries(first: 10) { nodes { channel status failureCode receipts { kind word } } }
    suppressions(first: 10) { nodes { channel reason } } }";

/// One debtor who has an e-mail address and a postal one.
async fn approved(client: &Client, integration: &str) {
    let (issued, due) = (now().date_naive() - chrono::Days::new(75), now().date_naive() - chrono::Days::new(45));
    let file = format!(
        "Invoice number,Issue date,Due date,Total,Currency,Customer ID,Customer name,Email,Street,Postal code,City,Country\n\
         A-1,{issued},{due},120.00,EUR,C-1,Quay Ltd,pay@quay.example.com,1 Quay Street,D01 A1B2,Dublin,IE\n"
    );
    let upload = client.upload("invoices.csv", file.as_bytes()).await;
    client.change(IMPORT, json!({ "integration": integration, "upload": upload })).await;
    let cases = "{ cases(where: { status: [PROPOSED] }) { nodes { id } } }";
    let found = client.until(cases, |found| !found["cases"]["nodes"][0].is_null()).await;
    client.change(APPROVE, json!({ "ids": [found["cases"]["nodes"][0]["id"]] })).await;
}

async fn tell(client: &Client, path: &str, header: (&str, &str), body: &str) -> u16 {
    let form = "application/x-www-form-urlencoded";
    let request = client.request(Method::POST, path).header(header.0, header.1).header("content-type", form);
    request.body(body.to_owned()).send().await.unwrap().status().as_u16()
}

/// A report that a mail came back, as mail servers write it (RFC 3464), sent to the address that the mail came from.
fn report(to: &str) -> String {
    format!(
        "From: mailer-daemon@quay.example.com\r\nTo: {to}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nNo such person.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; quay.example.com\r\n\r\n\
         Final-Recipient: rfc822; pay@quay.example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
}

/// Signs a form without fields in common names, as the SMS provider does.
fn signed(url: &str, form: &[(&str, &str)]) -> (String, String) {
    let mut sorted = form.to_vec();
    sorted.sort_unstable();
    let text = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    let mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap().chain_update(text);
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (STANDARD.encode(mac.finalize().into_bytes()), body.join("&"))
}

#[test]
fn what_came_back_is_taken_from_who_knows_the_secret_and_the_letter_goes_by_paper() {
    testdb::block_on(async {
        let mailbox = Mailbox::start(1, Duration::from_millis(1)).await;
        let installation = Installation::embedded();
        std::fs::write(installation.folder().join("bounce"), format!("{SECRET}\n")).unwrap();
        let installation = installation
            .with("DUNWELL_PUBLIC_URL", &format!("{WORLD}/"))
            .with("DUNWELL_SMTP__HOST", "127.0.0.1")
            .with("DUNWELL_SMTP__PORT", &mailbox.port.to_string())
            .with("DUNWELL_SMTP__TLS", "none")
            .with("DUNWELL_SMTP__FROM", "letters@creditor.example.com")
            .with("DUNWELL_SMTP__BOUNCE_ADDRESS", "bounces@creditor.example.com")
            .with("DUNWELL_SMTP__BOUNCE_SECRET_FILE", "bounce")
            .with("DUNWELL_TWILIO__BASE_URL", "https://sms.example.com")
            .with("DUNWELL_TWILIO__ACCOUNT_SID", "AC1")
            .with("DUNWELL_TWILIO__AUTH_TOKEN", TOKEN)
            .with("DUNWELL_TWILIO__FROM", "+15005550006");
        let owner = settle_in(&installation).await;
        let serving = installation.serve(&["serve"]).await;
        let (client, integration) = sign_in(serving.url(), &owner).await;
        approved(&client, &integration).await;
        let seen = client.until(SEEN, |seen| seen["deliveries"]["nodes"][0]["status"] == "SENT").await;
        assert_eq!(seen["suppressions"]["nodes"], json!([]));

        let (sender, headers) = mailbox.heads().pop().expect("the mail was taken");
        assert!(sender.starts_with("bounces+") && sender.ends_with("@creditor.example.com"), "an address of its own: {sender}");
        let link = headers.iter().find_map(|header| header.strip_prefix("List-Unsubscribe: <")).expect("a link that ends e-mails");
        let link = link.trim_end_matches('>').strip_prefix(WORLD).expect("where the world reaches us");
        let opened = client.get(link).await.unwrap();
        assert!(opened.status == 200 && opened.body.contains("<form method=\"post\">"), "{opened:?}");

        let nobody = serving.client();
        let back = report(&sender);
        for wrong in ["", "Bearer ", "Bearer what the mail server show", "Basic what the mail server shows", SECRET] {
            assert_eq!(tell(&nobody, "/webhooks/mail", ("authorization", wrong), &back).await, 401, "{wrong:?}");
        }
        let status = format!("/webhooks/twilio/status?d={}", sender.split(['+', '@']).nth(1).unwrap());
        let (signature, form) = signed(&format!("{WORLD}{status}"), &[("MessageSid", "SM1"), ("MessageStatus", "delivered")]);
        for (path, wrong) in [(status.as_str(), ""), (status.as_str(), "AAAA"), ("/webhooks/twilio/inbound", signature.as_str())] {
            assert_eq!(tell(&nobody, path, ("x-twilio-signature", wrong), &form).await, 401, "{path} {wrong}");
        }
        for unwired in ["/webhooks/pingen", "/webhooks/lob", "/webhooks/twilio", "/webhooks/mail/status"] {
            assert_eq!(tell(&nobody, unwired, ("authorization", &format!("Bearer {SECRET}")), &back).await, 404, "{unwired}");
        }
        assert_eq!(client.ask(SEEN, json!({})).await, seen, "neither a look at the page nor what nobody signed changes anything");

        assert_eq!(tell(&nobody, &status, ("x-twilio-signature", &signature), &form).await, 204);
        for _ in 0..2 {
            assert_eq!(tell(&nobody, "/webhooks/mail", ("authorization", &format!("Bearer {SECRET}")), &back).await, 204);
        }
        let seen = client.until(SEEN, |seen| seen["deliveries"]["nodes"][1]["status"] == "READY_TO_POST").await;
        let mail = &seen["deliveries"]["nodes"][0];
        assert_eq!(
            (&mail["channel"], &mail["status"], &mail["failureCode"]),
            (&json!("EMAIL"), &json!("BOUNCED"), &json!("MAILBOX_UNKNOWN"))
        );
        assert_eq!(mail["receipts"], json!([{ "kind": "DELIVERED", "word": "delivered" }, { "kind": "BOUNCED", "word": "failed" }]));
        assert_eq!(seen["deliveries"]["nodes"][1]["channel"], "POST");
        assert_eq!(seen["suppressions"]["nodes"], json!([{ "channel": "EMAIL", "reason": "BOUNCED" }]));
        assert_eq!(mailbox.mails().len(), 1);
    });
}

#[test]
fn a_door_is_open_only_where_the_settings_say_who_comes() {
    testdb::block_on(async {
        let mail = "/webhooks/mail";
        // No secret, no https address, no provider: nobody is believed, whatever is shown.
        let bare = Installation::embedded().with("DUNWELL_PUBLIC_URL", "http://dunwell.example");
        let bare = bare.with("DUNWELL_TWILIO__BASE_URL", "https://sms.example.com").with("DUNWELL_TWILIO__ACCOUNT_SID", "AC1");
        let bare = bare.with("DUNWELL_TWILIO__AUTH_TOKEN", TOKEN).with("DUNWELL_TWILIO__FROM", "+15005550006");
        let serving = bare.serve(&["serve"]).await;
        for path in [mail, "/webhooks/twilio/status", "/webhooks/twilio/inbound", "/webhooks/pingen", "/webhooks/lob"] {
            assert_eq!(tell(&serving.client(), path, ("authorization", "Bearer "), "{}").await, 404, "{path}");
        }
        let post = |key: &str| {
            let installation =
                Installation::embedded().with("DUNWELL_POST__PROVIDER", "pingen").with("DUNWELL_POST__ENVIRONMENT", "staging");
            let installation = installation.with("DUNWELL_POST__PINGEN__ORGANISATION", "o").with("DUNWELL_POST__PINGEN__CLIENT_ID", "c");
            installation.with("DUNWELL_POST__PINGEN__CLIENT_SECRET", "s").with("DUNWELL_POST__PINGEN__WEBHOOK_KEY", key)
        };
        let digits = |key: &str| {
            let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update("{}");
            domain::digest::hex(&mac.finalize().into_bytes())
        };
        for (key, shown, expected) in [(KEY, digits(KEY), 400), (KEY, digits("another"), 401), ("", digits(""), 401)] {
            let serving = post(key).serve(&["serve"]).await;
            assert_eq!(
                tell(&serving.client(), "/webhooks/pingen", ("signature", &shown), "{}").await,
                expected,
                "{key:?}: an unreadable call"
            );
            assert_eq!(tell(&serving.client(), mail, ("authorization", "Bearer "), "{}").await, 404);
        }
    });
}
