//! Access tokens that are not ours, or not ours any more.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, header::AUTHORIZATION};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::process::demo::Demo;

const ASK: &str = "{ viewer { role } }";

/// Signs what it is given with any key.
fn token(header: &Value, claims: &Value, key: &[u8]) -> String {
    let body = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(body.as_bytes());
    format!("{body}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&BASE64.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

/// The attacks of D02 to D06 and D12, from a token that is right.
fn forged(good: &str, file_key: &str) -> Vec<String> {
    let (header, claims) = (part(good, 0), part(good, 1));
    let pieces: Vec<&str> = good.split('.').collect();
    let hex_key: Vec<u8> = (0..file_key.len()).step_by(2).map(|at| u8::from_str_radix(&file_key[at..at + 2], 16).unwrap()).collect();
    let mut all = vec![
        String::new(),
        "x".repeat(8_192),
        "' OR '1'='1' --".into(),
        good[..good.len() - 1].into(),
        format!("{good}A"),
        format!("{good} {good}"),
        format!("{good}.{}", pieces[2]),
        format!("{}.{}", pieces[0], pieces[1]),
        format!("{}.{}.", pieces[0], pieces[1]),
    ];
    for algorithm in ["none", "None", "NONE", "nOnE"] {
        let header = BASE64.encode(json!({ "typ": "JWT", "alg": algorithm }).to_string());
        all.push(format!("{header}.{}.", pieces[1]));
        all.push(format!("{header}.{}.{}", pieces[1], pieces[2]));
    }
    all.push(format!("{}.{}.{}", BASE64.encode(json!({ "typ": "JWT" }).to_string()), pieces[1], pieces[2]));
    // The key that is kept in the folder signs nothing by itself.
    for key in [&b""[..], b"secret", b"dunwell", file_key.as_bytes(), &hex_key] {
        all.push(token(&header, &claims, key));
    }
    for (name, value) in [
        ("kid", json!("../../dev/null")),
        ("kid", json!("' UNION SELECT 'k' --")),
        ("kid", json!("http://127.0.0.1:1/key")),
        ("jku", json!("http://127.0.0.1:1/keys.json")),
        ("x5u", json!("http://127.0.0.1:1/chain.pem")),
        ("jwk", json!({ "kty": "oct", "k": BASE64.encode(b"secret") })),
        ("crit", json!(["exp"])),
    ] {
        let mut header = header.clone();
        header[name] = value;
        all.push(token(&header, &claims, b"secret"));
        all.push(format!("{}.{}.{}", BASE64.encode(header.to_string()), pieces[1], pieces[2]));
    }
    for (name, value) in
        [("role", json!("owner")), ("exp", json!(9_999_999_999_i64)), ("iss", json!("elsewhere")), ("aud", json!("elsewhere"))]
    {
        let mut claims = claims.clone();
        claims[name] = value;
        all.push(format!("{}.{}.{}", pieces[0], BASE64.encode(claims.to_string()), pieces[2]));
    }
    all
}

#[test]
fn no_forged_token_is_taken_and_the_right_one_still_is() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let viewer = demo.client(0, "VIEWER");
        let key = std::fs::read_to_string(demo.installation.data().join("secret.key")).unwrap();
        let forged = forged(viewer.token(), &key);
        assert!(forged.len() > 35);
        for token in forged {
            let answer = viewer.with_token(&token).send(ASK, json!({})).await.unwrap();
            // 429: whoever goes on trying is told to wait.
            assert!([401, 429].contains(&answer.status), "{token}: {answer:?}");
            assert!(answer.status == 429 || answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
            assert!(["UNAUTHENTICATED", "TOO_MANY_REQUESTS"].contains(&answer.error_code().as_str()));
            assert!(answer.json()["data"].is_null(), "{answer:?}");
        }
        assert_eq!(viewer.ask(ASK, json!({})).await["viewer"]["role"], "VIEWER");
    });
}

#[test]
fn a_token_is_taken_from_its_header_only_and_only_once() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let (nobody, good) = (demo.process.client(), demo.client(0, "OWNER").token().to_owned());
        let body = json!({ "query": ASK });
        let path = format!("/graphql?access_token={good}&token={good}");
        let elsewhere = nobody.request(Method::POST, &path).header("cookie", format!("access_token={good}; Authorization=Bearer {good}"));
        let elsewhere = elsewhere.header("x-user-id", "1").header("x-tenant-id", "1").header("x-forwarded-for", "127.0.0.1");
        let refused: Value = elsewhere.json(&body).send().await.unwrap().json().await.unwrap();
        assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
        let twice = nobody.request(Method::POST, "/graphql").header(AUTHORIZATION, format!("Bearer {good}"));
        let twice = twice.header(AUTHORIZATION, format!("Bearer {good}")).json(&body).send().await.unwrap();
        assert_eq!(twice.status(), 400);
        for scheme in ["bearer", "Basic", "Token", "BEARER", ""] {
            let request = nobody.request(Method::POST, "/graphql").header(AUTHORIZATION, format!("{scheme} {good}"));
            assert_eq!(request.json(&body).send().await.unwrap().status(), 401, "{scheme:?}");
        }
        let logged = demo.process.stderr();
        assert!(!logged.contains(&good), "a token is logged nowhere");
    });
}

#[test]
fn guessing_passwords_is_slowed_down_and_tells_nothing() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let document = "mutation($email: EmailAddress!) { sessionCreate(email: $email, password: \"guess\") { accessToken userErrors { code message } } }";
        let nobody = demo.process.client();
        let known = nobody.ask(document, json!({ "email": "owner@kereru-joinery.example.org" })).await;
        let unknown = nobody.ask(document, json!({ "email": "nobody@kereru-joinery.example.org" })).await;
        assert_eq!(known, unknown, "known and unknown people answer alike");
        let mut codes = Vec::new();
        for _ in 0..14 {
            codes.push(nobody.refused(document, json!({ "email": "owner@kereru-joinery.example.org" })).await);
        }
        assert_eq!(codes.first().unwrap(), "BAD_CREDENTIALS");
        assert_eq!(codes.last().unwrap(), "RATE_LIMITED");
    });
}
