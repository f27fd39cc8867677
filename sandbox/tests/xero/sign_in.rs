//! Consent, tokens and connections.

use reqwest::{Response, Url};
use sandbox::Options;
use serde_json::Value;

use super::stand::{SCOPES, Stand};

const BACK: &str = "http://localhost:8080/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn ask(stand: &Stand, changed: &[(&str, &str)]) -> Response {
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", "sandbox-client"),
        ("redirect_uri", BACK),
        ("scope", SCOPES),
        ("state", "a&b c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changed {
        fields.iter_mut().filter(|(key, _)| key == name).for_each(|field| field.1 = value);
    }
    let url = Url::parse_with_params(&stand.url("/identity/connect/authorize"), fields).unwrap();
    stand.client.get(url).send().await.unwrap()
}

/// What the person is led back with.
fn returned(answer: &Response, name: &str) -> Option<String> {
    let location = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn code(stand: &Stand) -> String {
    stand.control().consent_at_once(true);
    returned(&ask(stand, &[]).await, "code").unwrap()
}

async fn exchange(stand: &Stand, code: &str, redirect_uri: &str, verifier: &str) -> Response {
    let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri), ("code_verifier", verifier)];
    stand.token(&fields).await
}

async fn refresh(stand: &Stand, token: &str) -> Response {
    stand.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn pair(answer: Response) -> (String, String) {
    assert_eq!(answer.status(), 200);
    let set: Value = answer.json().await.unwrap();
    (set["access_token"].as_str().unwrap().to_owned(), set["refresh_token"].as_str().unwrap().to_owned())
}

async fn assert_refused(answer: Response, error: &str) {
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], error);
}

async fn works(stand: &Stand, token: &str) -> bool {
    stand.client.get(stand.url("/connections")).bearer_auth(token).send().await.unwrap().status() == 200
}

#[tokio::test]
async fn a_person_allows_one_organisation_on_the_page_and_the_app_reaches_that_alone() {
    let stand = Stand::unlimited().await;
    stand.control().revoke_grant();
    let page = ask(&stand, &[]).await.text().await.unwrap();
    assert!(page.contains("Kōwhai Joinery") && page.contains("Bluegum Electrical"));
    let name = page.split("name=\"name\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let tenant = stand.tenant().to_string();
    let fields = [("name", name), ("decision", "allow"), ("organisation", tenant.as_str())];
    let consented = stand.client.post(stand.url("/identity/connect/consent")).form(&fields).send().await.unwrap();
    assert_eq!(consented.status(), 302);
    assert_eq!(returned(&consented, "state").as_deref(), Some("a&b c"));
    let (access, _) = pair(exchange(&stand, &returned(&consented, "code").unwrap(), BACK, VERIFIER).await).await;
    let connections: Value = stand.client.get(stand.url("/connections")).bearer_auth(access).send().await.unwrap().json().await.unwrap();
    assert_eq!(connections.as_array().unwrap().len(), 1);
    assert_eq!(connections[0]["tenantId"], tenant);
}

#[tokio::test]
async fn a_person_who_denies_is_led_back_with_access_denied_and_nothing_is_connected() {
    let stand = Stand::unlimited().await;
    stand.control().revoke_grant();
    let page = ask(&stand, &[]).await.text().await.unwrap();
    let name = page.split("name=\"name\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("name", name), ("decision", "deny")];
    let denied = stand.client.post(stand.url("/identity/connect/consent")).form(&fields).send().await.unwrap();
    assert_eq!(returned(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(returned(&denied, "state").as_deref(), Some("a&b c"));
    assert!(stand.control().connections().is_empty());
}

#[tokio::test]
async fn a_wrong_question_is_shown_to_the_person_and_never_sent_to_the_app() {
    let stand = Stand::unlimited().await;
    stand.control().consent_at_once(true);
    for (changed, word) in [
        (("client_id", "somebody"), "unauthorized_client"),
        (("redirect_uri", "http://127.0.0.1:8080/callback"), "redirect_uri"),
        (("redirect_uri", "http://localhost.example.com/"), "redirect_uri"),
        (("scope", "offline_access accounting.transactions.read"), "invalid_scope"),
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge_method", "plain"), "code_challenge_method"),
    ] {
        let answer = ask(&stand, &[changed]).await;
        assert_eq!(answer.status(), 400, "{changed:?}");
        assert!(answer.text().await.unwrap().contains(word), "{changed:?}");
    }
}

#[tokio::test]
async fn a_code_is_good_once() {
    let stand = Stand::unlimited().await;
    let code = code(&stand).await;
    assert_eq!(exchange(&stand, &code, BACK, VERIFIER).await.status(), 200);
    assert_refused(exchange(&stand, &code, BACK, VERIFIER).await, "invalid_grant").await;
}

#[tokio::test]
async fn a_code_needs_its_secret_its_address_and_five_minutes() {
    let stand = Stand::unlimited().await;
    let other = "x".repeat(43);
    assert_refused(exchange(&stand, &code(&stand).await, BACK, &other).await, "invalid_grant").await;
    assert_refused(exchange(&stand, &code(&stand).await, "http://localhost:8080/other", VERIFIER).await, "invalid_grant").await;
    let late = code(&stand).await;
    stand.pass(300);
    assert_refused(exchange(&stand, &late, BACK, VERIFIER).await, "invalid_grant").await;
    let in_time = code(&stand).await;
    stand.pass(299);
    assert_eq!(exchange(&stand, &in_time, BACK, VERIFIER).await.status(), 200);
}

#[tokio::test]
async fn the_token_endpoint_wants_the_app_s_secret() {
    let stand = Stand::unlimited().await;
    let request = stand.client.post(stand.url("/connect/token")).basic_auth("sandbox-client", Some("wrong"));
    assert_refused(request.form(&[("grant_type", "refresh_token")]).send().await.unwrap(), "invalid_client").await;
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let stand = Stand::unlimited().await;
    let set = stand.control().sign_in("accounting.invoices.read").unwrap();
    assert_eq!((set.refresh_token, set.id_token), (None, None));
}

#[tokio::test]
async fn a_refresh_token_rotates_and_within_the_grace_the_lost_pair_dies() {
    let stand = Stand::unlimited().await;
    let first = stand.control().sign_in(SCOPES).unwrap().refresh_token.unwrap();
    let (lost_access, lost) = pair(refresh(&stand, &first).await).await;
    stand.pass(29 * 60);
    let (access, second) = pair(refresh(&stand, &first).await).await;
    assert_ne!(lost, second);
    assert_refused(refresh(&stand, &lost).await, "invalid_grant").await;
    assert!(works(&stand, &access).await && !works(&stand, &lost_access).await);
    pair(refresh(&stand, &second).await).await;
}

#[tokio::test]
async fn the_grace_ends_after_thirty_minutes_and_is_not_prolonged_by_trying_again() {
    let stand = Stand::unlimited().await;
    let first = stand.control().sign_in(SCOPES).unwrap().refresh_token.unwrap();
    pair(refresh(&stand, &first).await).await;
    stand.pass(20 * 60);
    let (_, last) = pair(refresh(&stand, &first).await).await;
    stand.pass(10 * 60);
    assert_refused(refresh(&stand, &first).await, "invalid_grant").await;
    pair(refresh(&stand, &last).await).await;
}

#[tokio::test]
async fn a_token_whose_successor_was_used_has_no_grace() {
    let stand = Stand::unlimited().await;
    let first = stand.control().sign_in(SCOPES).unwrap().refresh_token.unwrap();
    let (_, second) = pair(refresh(&stand, &first).await).await;
    let (_, third) = pair(refresh(&stand, &second).await).await;
    assert_refused(refresh(&stand, &first).await, "invalid_grant").await;
    pair(refresh(&stand, &third).await).await;
}

#[tokio::test]
async fn an_unused_refresh_token_dies_after_sixty_days() {
    let stand = Stand::unlimited().await;
    let kept = stand.control().sign_in(SCOPES).unwrap().refresh_token.unwrap();
    let left = stand.control().sign_in(SCOPES).unwrap().refresh_token.unwrap();
    stand.pass(60 * 24 * 3_600 - 1);
    pair(refresh(&stand, &kept).await).await;
    stand.pass(1);
    assert_refused(refresh(&stand, &left).await, "invalid_grant").await;
}

#[tokio::test]
async fn an_access_token_is_over_after_thirty_minutes_and_the_answer_says_so() {
    let stand = Stand::unlimited().await;
    stand.pass(30 * 60 - 1);
    assert_eq!(stand.get("/Organisation").await.status(), 200);
    stand.pass(1);
    let over = stand.get("/Organisation").await;
    assert_eq!(over.status(), 401);
    let body: Value = over.json().await.unwrap();
    assert_eq!(body["Detail"], "TokenExpired: token expired at 11/21/2026 21:30:00");
    assert_eq!((&body["Title"], &body["Status"]), (&"Unauthorized".into(), &401.into()));
}

#[tokio::test]
async fn revocation_ends_every_connection() {
    let stand = Stand::unlimited().await;
    let token = stand.control().sign_in(SCOPES).unwrap().refresh_token.unwrap();
    let request = stand.client.post(stand.url("/connect/revocation")).basic_auth("sandbox-client", Some("sandbox-secret"));
    let revoked = request.form(&[("token", &token)]).send().await.unwrap();
    assert_eq!((revoked.status().as_u16(), revoked.bytes().await.unwrap().len()), (200, 0));
    assert_refused(refresh(&stand, &token).await, "invalid_grant").await;
    assert!(stand.control().connections().is_empty());
    assert_eq!(stand.get("/Organisation").await.status(), 403);
}

#[tokio::test]
async fn a_connection_is_found_by_its_event_and_deleted_by_its_id() {
    let stand = Stand::unlimited().await;
    let connection = stand.control().connections()[0].clone();
    let list = |event: String| stand.client.get(stand.url(&format!("/connections?authEventId={event}"))).bearer_auth(&stand.token).send();
    let found: Value = list(connection.event.to_string()).await.unwrap().json().await.unwrap();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(found[0]["createdDateUtc"], "2026-11-21T21:00:00.0000000");
    let none: Value = list(stand.tenant().to_string()).await.unwrap().json().await.unwrap();
    assert!(none.as_array().unwrap().is_empty());
    let delete = |id: String| stand.client.delete(stand.url(&format!("/connections/{id}"))).bearer_auth(&stand.token).send();
    assert_eq!(delete(connection.tenant.to_string()).await.unwrap().status(), 404);
    assert_eq!(delete(connection.id.to_string()).await.unwrap().status(), 204);
    assert_eq!(stand.get("/Organisation").await.status(), 403);
}

#[tokio::test]
async fn a_missing_or_foreign_organisation_and_a_missing_scope_are_refused_in_xero_s_words() {
    let stand = Stand::unlimited().await;
    let without = stand.client.get(stand.url("/api.xro/2.0/Invoices")).bearer_auth(&stand.token).send().await.unwrap();
    assert_eq!(without.status(), 403);
    assert_eq!(without.json::<Value>().await.unwrap()["Detail"], "AuthenticationUnsuccessful");
    let narrow = stand.control().sign_in("accounting.invoices.read").unwrap().access_token;
    let request = stand.client.get(stand.url("/api.xro/2.0/Payments")).bearer_auth(narrow);
    let refused = request.header("xero-tenant-id", stand.tenant().to_string()).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.json::<Value>().await.unwrap()["Detail"], "AuthorizationUnsuccessful");
}

#[tokio::test]
async fn consent_at_once_may_be_an_option_from_the_start() {
    let stand = Stand::with(Options { auto_consent: true, ..Options::default() }).await;
    assert!(returned(&ask(&stand, &[]).await, "code").is_some());
}
