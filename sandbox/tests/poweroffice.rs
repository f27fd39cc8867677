//! The stand-in PowerOffice GO as a client over HTTP meets it. Every test starts its own on a free port, with a clock
//! that only the test moves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect::Policy};
use sandbox::{
    Options, Provider, Running,
    poweroffice::{APPLICATION_KEY, CLIENT_KEY, Details, NewInvoice, SUBSCRIPTION_KEY},
    serve,
};
use serde_json::{Value, json};

const KEY: &str = "Ocp-Apim-Subscription-Key";

fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

struct Stand {
    running: Running,
    client: Client,
    seconds: Arc<AtomicI64>,
    token: String,
}

impl Stand {
    async fn new(options: Options) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let options = options.with_clock(move || start() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = serve(Provider::PowerOffice, listen, options).await.unwrap();
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let mut stand = Self { running, client, seconds, token: String::new() };
        let token: Value = stand.token_of(CLIENT_KEY).await.json().await.unwrap();
        token["access_token"].as_str().unwrap().clone_into(&mut stand.token);
        stand
    }

    async fn unlimited() -> Self {
        Self::new(Options { limits: false, ..Options::default() }).await
    }

    fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url())
    }

    async fn token_of(&self, client_key: &str) -> Response {
        let request =
            self.client.post(self.url("/OAuth/Token")).basic_auth(APPLICATION_KEY, Some(client_key)).header(KEY, SUBSCRIPTION_KEY);
        request.form(&[("grant_type", "client_credentials")]).send().await.unwrap()
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(&format!("/v2{path}"))).header(KEY, SUBSCRIPTION_KEY).bearer_auth(&self.token)
    }

    async fn ask(&self, path: &str) -> Response {
        self.get(path).send().await.unwrap()
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let answer = self.ask(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        self.client.post(self.url(path)).header(KEY, SUBSCRIPTION_KEY).json(&body).send().await.unwrap()
    }

    async fn entry(&self, no: u64) -> Value {
        self.list(&format!("/Customerledger/Statement?invoiceNos={no}&voucherTypes=OutgoingInvoice")).await.remove(0)
    }
}

#[tokio::test]
async fn a_token_needs_all_three_keys_and_the_grant() {
    let stand = Stand::unlimited().await;
    let token = stand.token_of(CLIENT_KEY).await.json::<Value>().await.unwrap();
    assert_eq!((token["token_type"].as_str(), token["expires_in"].as_i64()), (Some("bearer"), Some(1_200)));
    let wrong = stand.token_of("00000000-0000-4000-8000-000000000000").await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json::<Value>().await.unwrap()["error"], "invalid_client");
    let ask = || stand.client.post(stand.url("/OAuth/Token")).basic_auth(APPLICATION_KEY, Some(CLIENT_KEY));
    let no_subscription = ask().form(&[("grant_type", "client_credentials")]).send().await.unwrap();
    assert_eq!(no_subscription.status(), StatusCode::UNAUTHORIZED);
    let no_grant = ask().header(KEY, SUBSCRIPTION_KEY).form(&[("grant_type", "password")]).send().await.unwrap();
    assert_eq!(no_grant.json::<Value>().await.unwrap()["error"], "unsupported_grant_type");
    let demo =
        stand.client.post(stand.url("/Demo/OAuth/Token")).basic_auth(APPLICATION_KEY, Some(CLIENT_KEY)).header(KEY, SUBSCRIPTION_KEY);
    assert_eq!(demo.form(&[("grant_type", "client_credentials")]).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn calls_need_the_subscription_key_and_a_token_that_has_not_expired() {
    let stand = Stand::unlimited().await;
    let without_key = stand.client.get(stand.url("/v2/Customers")).bearer_auth(&stand.token).send().await.unwrap();
    let without_token = stand.client.get(stand.url("/v2/Customers")).header(KEY, SUBSCRIPTION_KEY).send().await.unwrap();
    assert_eq!((without_key.status(), without_token.status()), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    stand.pass(1_199);
    assert_eq!(stand.ask("/Customers").await.status(), StatusCode::OK);
    stand.pass(1);
    assert_eq!(stand.ask("/Customers").await.status(), StatusCode::UNAUTHORIZED);
    stand.running.poweroffice().set_token_seconds(600);
    assert_eq!(stand.token_of(CLIENT_KEY).await.json::<Value>().await.unwrap()["expires_in"], 600);
}

#[tokio::test]
async fn a_removed_integration_ends_tokens_and_key_and_a_missing_privilege_is_forbidden() {
    let stand = Stand::unlimited().await;
    let control = stand.running.poweroffice();
    control.set_privilege(0, "CustomerLedger", false).unwrap();
    assert_eq!(stand.ask("/Customerledger/OpenItems").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(stand.ask("/OutgoingInvoices").await.status(), StatusCode::OK);
    let information: Value = stand.ask("/ClientIntegrationInformation").await.json().await.unwrap();
    assert_eq!(information["InvalidPrivileges"], json!(["CustomerLedger"]));
    assert!(!information["ValidPrivileges"].as_array().unwrap().contains(&json!("CustomerLedger")));
    control.remove_integration(0).unwrap();
    assert_eq!(stand.ask("/Customers").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(stand.token_of(CLIENT_KEY).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_eleventh_call_in_a_second_is_refused_with_the_documented_body_and_no_header() {
    let stand = Stand::new(Options::default()).await;
    for _ in 1..10 {
        assert_eq!(stand.ask("/ClientIntegrationInformation").await.status(), StatusCode::OK);
    }
    let refused = stand.ask("/ClientIntegrationInformation").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "the token was the first of the ten");
    assert!(refused.headers().get("retry-after").is_none());
    assert_eq!(refused.json::<Value>().await.unwrap()["statusCode"], "429");
    stand.pass(1);
    assert_eq!(stand.ask("/ClientIntegrationInformation").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn onboarding_gives_the_keys_of_the_clients_agreed_to_once() {
    let stand = Stand::unlimited().await;
    let begin = json!({ "ApplicationKey": APPLICATION_KEY, "RedirectUri": "http://localhost:9/back?state=abc" });
    let onboarding: Value = stand.post("/v2/Onboarding/Initiate", begin).await.json().await.unwrap();
    assert_eq!(onboarding["ValidUntilDateTimeOffset"], "2026-11-21 09:15:00.000000+00:00");
    let page_url = onboarding["TemporaryUrl"].as_str().unwrap();
    let page = stand.client.get(page_url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Nordlys Trevare AS") && page.contains("Måseskjær Rederi AS"));
    let agreed = stand
        .client
        .post(page_url)
        .form(&[("client", "1"), ("email", "eier@maaseskjaer.example"), ("decision", "allow")])
        .send()
        .await
        .unwrap();
    let back = reqwest::Url::parse(agreed.headers()["location"].to_str().unwrap()).unwrap();
    let parameters: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    assert_eq!(parameters[0], ("state".to_owned(), "abc".to_owned()));
    assert_eq!(parameters[1].0, "token");
    let end = json!({ "OnboardingToken": parameters[1].1 });
    let keys: Value = stand.post("/v2/Onboarding/Finalize", end.clone()).await.json().await.unwrap();
    let onboarded = &keys["OnboardedClientsInformation"];
    assert_eq!((onboarded.as_array().unwrap().len(), &onboarded[0]["ClientName"]), (1, &json!("Måseskjær Rederi AS")));
    assert_eq!(keys["UserEmail"], "eier@maaseskjaer.example");
    assert_eq!(stand.post("/v2/Onboarding/Finalize", end).await.status(), StatusCode::BAD_REQUEST, "good once");
    let token = stand.token_of(onboarded[0]["ClientKey"].as_str().unwrap()).await.json::<Value>().await.unwrap();
    let own = stand.client.get(stand.url("/v2/OutgoingInvoices")).header(KEY, SUBSCRIPTION_KEY);
    let invoices: Vec<Value> = own.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
    assert_eq!(invoices.len(), 1, "each client has books of its own");
}

#[tokio::test]
async fn onboarding_refuses_strange_redirects_old_addresses_and_people_who_deny() {
    let stand = Stand::unlimited().await;
    let begin = |uri: &str| stand.post("/v2/Onboarding/Initiate", json!({ "ApplicationKey": APPLICATION_KEY, "RedirectUri": uri }));
    assert_eq!(begin("https://evil.example/back").await.status(), StatusCode::BAD_REQUEST);
    stand.running.poweroffice().allow_redirect("https://app.example/back");
    assert_eq!(begin("http://localhost:9/back").await.status(), StatusCode::BAD_REQUEST, "only the list counts now");
    let onboarding: Value = begin("https://app.example/back").await.json().await.unwrap();
    let denied = stand
        .client
        .post(onboarding["TemporaryUrl"].as_str().unwrap())
        .form(&[("client", "0"), ("decision", "deny")])
        .send()
        .await
        .unwrap();
    assert_eq!(denied.headers()["location"], "https://app.example/back?error=access_denied");
    let onboarding: Value = begin("https://app.example/back").await.json().await.unwrap();
    stand.pass(15 * 60);
    let old = stand.client.get(onboarding["TemporaryUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(old.status(), StatusCode::GONE);
}

#[tokio::test]
async fn consent_is_given_at_once_when_the_options_say_so() {
    let stand = Stand::new(Options { limits: false, auto_consent: true, ..Options::default() }).await;
    let begin = json!({ "ApplicationKey": APPLICATION_KEY, "RedirectUri": "http://localhost:9/back", "ClientOrganizationNo": "918273645" });
    let onboarding: Value = stand.post("/v2/Onboarding/Initiate", begin).await.json().await.unwrap();
    let back = stand.client.get(onboarding["TemporaryUrl"].as_str().unwrap()).send().await.unwrap();
    let token = back.headers()["location"].to_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let keys: Value = stand.post("/v2/Onboarding/Finalize", json!({ "OnboardingToken": token })).await.json().await.unwrap();
    assert_eq!(
        keys["OnboardedClientsInformation"],
        json!([{ "ClientKey": CLIENT_KEY, "ClientName": "Nordlys Trevare AS", "ClientOrganizationNumber": "918273645" }])
    );
}

#[tokio::test]
async fn a_payment_lessens_the_balance_and_shares_the_match_and_taking_it_back_restores_both() {
    let stand = Stand::unlimited().await;
    let control = stand.running.poweroffice();
    stand.pass(60);
    let payment = control.record_payment(10_001, 500_000).unwrap();
    let entry = stand.entry(10_001).await;
    assert_eq!(entry["Balance"].to_string(), "7500.0");
    assert_eq!(entry["LastChangedDateTimeOffset"], "2026-11-21 09:01:00.000000+00:00");
    let matched = stand.list(&format!("/Customerledger/EntriesByMatchId?matchId={}", entry["MatchId"])).await;
    let paid = matched.iter().find(|other| other["Id"] == payment).unwrap();
    assert_eq!((matched.len(), paid["VoucherType"].as_str(), paid["Amount"].as_f64()), (2, Some("IncomingOcrGiro"), Some(-5_000.0)));
    assert_eq!((&paid["InvoiceNo"], &paid["Cid"]), (&Value::Null, &entry["Cid"]), "a payment has the KID but no invoice number");
    control.delete_payment(payment).unwrap();
    let entry = stand.entry(10_001).await;
    assert_eq!((entry["Balance"].as_f64(), &entry["MatchId"]), (Some(12_500.0), &Value::Null));
    let reversal = stand.list("/Customerledger/Statement?voucherTypes=ReversalVoucher&fromDate=2026-11-21").await;
    assert_eq!((reversal.len(), reversal[0]["Amount"].as_f64(), reversal[0]["Balance"].as_f64()), (1, Some(5_000.0), Some(0.0)));
    assert!(control.delete_payment(payment).is_err(), "it was taken back");
}

#[tokio::test]
async fn what_is_overpaid_stays_open_and_what_is_settled_leaves_the_open_items() {
    let stand = Stand::unlimited().await;
    let payment = stand.running.poweroffice().record_payment(10_005, 50_000).unwrap();
    let open = stand.list("/Customerledger/OpenItems?customerNos=10002").await;
    assert!(open.iter().all(|entry| entry["InvoiceNo"] != "10005"));
    let rest = open.iter().find(|entry| entry["Id"] == payment).unwrap();
    assert_eq!(rest["Balance"].as_f64(), Some(-45.0));
    let before = stand.list("/Customerledger/OpenItems?customerNos=10002&date=2026-11-20").await;
    let owed = before.iter().find(|entry| entry["InvoiceNo"] == "10005").unwrap();
    assert_eq!(owed["Balance"].as_f64(), Some(455.0), "yesterday it was owed");
    assert!(before.iter().all(|entry| entry["Id"] != payment));
}

#[tokio::test]
async fn write_offs_credit_notes_and_reversals_are_told_from_payments() {
    let stand = Stand::unlimited().await;
    let control = stand.running.poweroffice();
    let write_off = control.write_off(10_003).unwrap();
    let entry = stand.entry(10_003).await;
    let matched = stand.list(&format!("/Customerledger/EntriesByMatchId?matchId={}", entry["MatchId"])).await;
    let written = matched.iter().find(|other| other["Id"] == write_off).unwrap();
    assert_eq!((&written["IsWriteOff"], written["Amount"].as_f64()), (&json!(true), Some(-47_650.5)));
    assert_eq!(matched.iter().filter(|other| other["IsWriteOff"] == true).count(), 1, "the earlier payment is none");
    let note = control.credit(10_011, 15_000).unwrap();
    let credit: Value = stand.list(&format!("/OutgoingInvoices?invoiceNos={note}")).await.remove(0);
    assert_eq!((credit["VoucherType"].as_str(), credit["TotalAmount"].as_f64()), (Some("OutgoingCreditNote"), Some(-150.0)));
    assert_eq!(credit["RelatedInvoiceNo"], 10_011);
    assert_eq!(stand.entry(10_011).await["Balance"].as_f64(), Some(4_000.0));
    control.record_payment(10_011, 100_000).unwrap();
    control.reverse(10_011).unwrap();
    let reversed: Value = stand.list("/OutgoingInvoices?invoiceNos=10011").await.remove(0);
    assert_eq!((&reversed["IsReversed"], reversed["Balance"].as_f64()), (&json!(true), Some(0.0)));
    let open = stand.list("/Customerledger/OpenItems?customerNos=10005").await;
    let left: f64 = open.iter().filter_map(|entry| entry["Balance"].as_f64()).filter(|balance| *balance < 0.0).sum();
    assert!((left + 1_150.0).abs() < 0.001, "payment and credit note are open again: {left}");
}

#[tokio::test]
async fn the_light_poll_finds_exactly_the_invoices_whose_balance_changed() {
    let stand = Stand::unlimited().await;
    let since = "2026-11-21T09:00:00Z";
    let poll = format!("/OutgoingInvoices?balanceLastChangedDateTimeOffsetGreaterThan={since}");
    assert_eq!(stand.ask(&poll).await.status(), StatusCode::NO_CONTENT, "nothing changed: no body, no array");
    stand.pass(30);
    let control = stand.running.poweroffice();
    control.record_payment(10_007, 1).unwrap();
    control.set_due_on(10_009, date("2026-12-24")).unwrap();
    let changed = stand.list(&poll).await;
    assert_eq!(changed.iter().map(|invoice| invoice["InvoiceNo"].as_u64().unwrap()).collect::<Vec<_>>(), [10_007]);
    let again = "/OutgoingInvoices?balanceLastChangedDateTimeOffsetGreaterThan=2026-11-21%2009:00:30.000000%2B00:00";
    assert_eq!(stand.ask(again).await.status(), StatusCode::NO_CONTENT, "the instant itself is not greater");
    let ledger = "/Customerledger/Statement?lastChangedDateTimeOffsetGreaterThan=2026-11-21T09:00:30Z";
    assert_eq!(stand.ask(ledger).await.status(), StatusCode::NO_CONTENT, "nor in the ledger");
    let due = stand
        .list("/Customerledger/OpenItems?lastChangedDateTimeOffsetGreaterThan=2026-11-21T09:00:00Z&voucherTypes=OutgoingInvoice")
        .await;
    assert_eq!(due.iter().map(|entry| entry["DueDate"].as_str().unwrap()).collect::<Vec<_>>(), ["2026-11-02", "2026-12-24"]);
}

#[tokio::test]
async fn invoices_are_filtered_paged_ordered_and_cut_to_fields() {
    let stand = Stand::unlimited().await;
    let unpaid = stand.list("/OutgoingInvoices?onlyUnpaidInvoices=true&fromDate=2026-11-01&toDate=2026-11-20").await;
    assert!(unpaid.iter().all(|invoice| invoice["Balance"].as_f64() != Some(0.0)));
    assert_eq!(
        unpaid.iter().map(|invoice| invoice["InvoiceNo"].as_u64().unwrap()).collect::<Vec<_>>(),
        [10_004, 10_010, 10_014, 10_023, 10_024]
    );
    let all = stand.list("/OutgoingInvoices").await.len();
    let mut paged = 0;
    for page in 1..=3 {
        paged += stand.list(&format!("/OutgoingInvoices?PageNumber={page}&PageSize=10")).await.len();
    }
    assert_eq!((all, paged), (25, 25), "24 invoices and a credit note");
    assert_eq!(stand.ask("/OutgoingInvoices?pageNumber=4&pageSize=10").await.status(), StatusCode::NO_CONTENT);
    let ordered = stand.list("/OutgoingInvoices?OrderBy=DueDate%20desc&Fields=InvoiceNo,DueDate&pageSize=2&invoiceNos=10001-10024").await;
    assert_eq!(ordered, [json!({ "InvoiceNo": 10_004, "DueDate": "2026-12-09" }), json!({ "InvoiceNo": 10_024, "DueDate": "2026-12-04" })]);
    let id = stand.list("/OutgoingInvoices?invoiceNos=10003").await[0]["Id"].as_str().unwrap().to_owned();
    let one: Value = stand.ask(&format!("/OutgoingInvoices/{id}")).await.json().await.unwrap();
    assert_eq!((one["InvoiceNo"].as_u64(), one["Cid"].as_str().map(str::len)), (Some(10_003), Some(10)));
    assert_eq!(stand.list(&format!("/OutgoingInvoices?invoiceIds={id}")).await.len(), 1);
    assert_eq!(stand.ask("/OutgoingInvoices/6d1f07b2-0000-4a58-b3e0-000000000000").await.status(), StatusCode::NOT_FOUND);
    for wrong in ["pageSize=20001", "pageNumber=0", "customerNos=a-b", "onlyUnpaid=true", "fromDate=yesterday", "orderBy=Colour"] {
        let answer = stand.ask(&format!("/OutgoingInvoices?{wrong}")).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        assert!(answer.json::<Value>().await.unwrap()["detail"].is_string());
    }
}

#[tokio::test]
async fn amounts_are_exact_bare_numbers_and_instants_have_a_space() {
    let stand = Stand::unlimited().await;
    let text = stand.ask("/OutgoingInvoices?invoiceNos=10018").await.text().await.unwrap();
    assert!(text.contains(r#""TotalAmount":19999.99"#), "{text}");
    let entry = stand.entry(10_018).await;
    assert_eq!(entry["CreatedDateTimeOffset"], "2026-09-24 09:00:00.000000+00:00");
    assert_eq!(entry["InvoiceNo"], "10018", "text in the ledger, a number on the invoice");
}

#[tokio::test]
async fn customers_carry_the_flags_that_exempt_them_and_take_a_json_patch() {
    let stand = Stand::unlimited().await;
    let exempt = &stand.list("/Customers?customerNos=10003").await[0];
    assert_eq!((&exempt["TransferToDebtCollectionAgency"], &exempt["SendPaymentReminders"]), (&json!(false), &json!(true)));
    let person = &stand.list("/Customers?customerNos=10002").await[0];
    assert_eq!((&person["IsPerson"], &person["FirstName"], &person["Name"]), (&json!(true), &json!("Åse"), &Value::Null));
    let customer_url = stand.url(&format!("/v2/Customers/{}", person["Id"]));
    let patch = |content_type: &'static str, body: Value| {
        let request =
            stand.client.patch(&customer_url).header(KEY, SUBSCRIPTION_KEY).bearer_auth(&stand.token).header("content-type", content_type);
        async move { request.body(body.to_string()).send().await.unwrap() }
    };
    stand.pass(5);
    let operations = json!([
        { "op": "replace", "path": "/TransferToDebtCollectionAgency", "value": false },
        { "op": "add", "path": "/mailAddress/city", "value": "Tønsberg" },
        { "op": "test", "path": "/PhoneNumber", "value": "+4795550133" },
    ]);
    assert_eq!(patch("application/json", operations.clone()).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let patched: Value = patch("application/json-patch+json", operations).await.json().await.unwrap();
    assert_eq!((&patched["TransferToDebtCollectionAgency"], &patched["MailAddress"]["City"]), (&json!(false), &json!("Tønsberg")));
    let changed = stand.list("/Customers?lastChangedDateTimeOffsetGreaterThan=2026-11-21T09:00:00Z").await;
    assert_eq!(changed.iter().map(|customer| customer["Number"].as_u64().unwrap()).collect::<Vec<_>>(), [10_002]);
    for wrong in [
        json!([{ "op": "replace", "path": "/Id", "value": 1 }]),
        json!([{ "op": "replace", "path": "/IsArchived", "value": "maybe" }]),
        json!([{ "op": "replace", "path": "/IsArchived", "value": true }, { "op": "test", "path": "/FirstName", "value": "Ola" }]),
    ] {
        assert_eq!(patch("application/json-patch+json", wrong.clone()).await.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert!(!stand.running.poweroffice().customer(10_002).unwrap().details.is_archived, "a refused patch changes nothing");
}

#[tokio::test]
async fn contact_persons_are_found_by_their_customer() {
    let stand = Stand::unlimited().await;
    let id = &stand.list("/Customers?customerNos=10000").await[0]["Id"];
    let persons = stand.list(&format!("/ContactPersons?contactIds={id},1")).await;
    assert_eq!((persons.len(), &persons[0]["LastName"], &persons[0]["IsDefault"]), (1, &json!("Sæther"), &json!(true)));
    assert_eq!(stand.ask("/ContactPersons?contactIds=1").await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_control_paths_do_what_the_typed_control_does() {
    let stand = Stand::new(Options { samples: false, limits: false, ..Options::default() }).await;
    assert_eq!(stand.ask("/Customers").await.status(), StatusCode::NO_CONTENT);
    let send = |path: &'static str, body: Value| stand.client.post(stand.url(path)).json(&body).send();
    let customer: Value = send("/_control/customers", json!({ "name": "Åse & Sønn AS" })).await.unwrap().json().await.unwrap();
    assert_eq!(customer["number"], 10_000);
    let invoice = json!({ "customer": 10_000, "amount": "1250.00", "issued_on": "2026-10-01", "due_on": "2026-10-15" });
    assert_eq!(send("/_control/invoices", invoice).await.unwrap().json::<Value>().await.unwrap()["no"], 10_001);
    assert!(send("/_control/invoices/10001/payments", json!({ "amount": "250.00" })).await.unwrap().status().is_success());
    assert!(send("/_control/invoices/10001/due", json!({ "due_on": "2026-12-01" })).await.unwrap().status().is_success());
    assert!(send("/_control/customers/10000", json!({ "collection": false })).await.unwrap().status().is_success());
    let control = stand.running.poweroffice();
    let (invoice, entry) = control.invoice(10_001).unwrap();
    assert_eq!((invoice.due_on, entry.balance_minor), (date("2026-12-01"), 100_000));
    assert!(!control.customer(10_000).unwrap().details.transfer_to_debt_collection_agency);
    assert_eq!(send("/_control/invoices/77/reverse", json!({})).await.unwrap().status(), StatusCode::NOT_FOUND);
    assert!(send("/_control/tokens/expire", json!({})).await.unwrap().status().is_success());
    assert_eq!(stand.ask("/Customers").await.status(), StatusCode::UNAUTHORIZED);
    let page = stand.client.get(stand.running.url()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Åse &amp; Sønn AS") && page.contains(CLIENT_KEY));
}

#[tokio::test]
async fn invented_invoices_come_in_pages_of_twenty_thousand_at_most() {
    let stand = Stand::new(Options { samples: false, limits: false, invoices: 3_000, ..Options::default() }).await;
    let unpaid = stand.list("/OutgoingInvoices?onlyUnpaidInvoices=true&pageSize=20000").await;
    assert_eq!(unpaid.len(), 2_700);
    let control = stand.running.poweroffice();
    let customer_no = control.add_customer(Details { name: Some("Ny AS".to_owned()), ..Details::default() });
    let issued_on = date("2026-11-01");
    let no = control.add_invoice(&NewInvoice { customer_no, issued_on, due_on: issued_on + Days::new(14), total_minor: 100 }).unwrap();
    assert_eq!(stand.list("/OutgoingInvoices?onlyUnpaidInvoices=true&pageSize=20000").await.last().unwrap()["InvoiceNo"], no);
}
