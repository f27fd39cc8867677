//! What HTTP itself shows: headers, paths, methods.

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{client::get_raw, demo::Demo};

#[test]
fn answers_tell_browsers_what_not_to_do_and_nobody_what_runs_here() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let nobody = demo.process.client();
        for path in ["/livez", "/readyz", "/nowhere", "/outbox", "/graphiql", "/graphql?query=%7B__typename%7D"] {
            let answer = nobody.get(path).await.unwrap();
            for name in ["server", "x-powered-by", "via"] {
                assert_eq!(answer.header(name), "", "{path} tells {name}");
            }
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
            if !["/livez", "/readyz"].contains(&path) {
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
                assert!(answer.header("cache-control").contains("no-store"), "{path}");
            }
        }
        for origin in ["https://evil.example", "null", "http://127.0.0.1.evil.example"] {
            let asked = nobody.request(Method::POST, "/graphql").header("origin", origin).json(&json!({ "query": "{ __typename }" }));
            let answer = asked.send().await.unwrap();
            assert!(answer.headers().get("access-control-allow-origin").is_none(), "{origin}");
        }
    });
}

#[test]
fn there_is_nothing_but_what_is_named() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let paths = [
            "/",
            "/metrics",
            "/.env",
            "/.git/config",
            "/dunwell.db",
            "/data/dunwell.db",
            "/secret.key",
            "/demo.json",
            "/outbox/../secret.key",
            "/outbox/%2e%2e/secret.key",
            "/outbox/..%2fsecret.key",
            "/outbox/letter/../../secret.key",
            "/graphiql/../../Cargo.toml",
            "//graphql",
            "/graphql/",
            "/GRAPHQL",
            "/apalis",
            "/admin",
            "/debug",
            "/api",
            "/uploads",
            "/uploads/",
            "/letters",
            "/letters/x.pdf/..",
            "/graphql/stream/x",
        ];
        for path in paths {
            let (status, said) = get_raw(demo.process.url(), path).await;
            assert!([400, 404].contains(&status), "{path}: {said}");
            assert!(said.len() < 600 && !said.contains("panicked"), "{path}: {said}");
        }
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
            let answer = owner.request(method.clone(), "/graphql").send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method}");
        }
    });
}

#[test]
fn a_foreign_host_never_gets_into_a_link() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let document = "mutation { uploadCreate(fileName: \"a.csv\", byteSize: 8) { target { url } userErrors { code } } }";
        let asked = owner.request(Method::POST, "/graphql").header("host", "evil.example").header("x-forwarded-host", "evil.example");
        let answer: Value = asked.json(&json!({ "query": document })).send().await.unwrap().json().await.unwrap();
        let url = answer["data"]["uploadCreate"]["target"]["url"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert!(url.starts_with(demo.process.url()), "{url}");
    });
}

#[test]
fn a_request_of_ten_megabytes_is_refused_early_and_the_next_one_answered() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let huge = "x".repeat(10 << 20);
        let document = "mutation($name: String!) { integrationCreateCsv(name: $name) { userErrors { code } } }";
        // The connection may be closed under the sender: it is told early.
        if let Ok(answer) = owner.send(document, json!({ "name": huge })).await {
            assert_eq!((answer.status, answer.error_code().as_str()), (413, "BODY_TOO_LARGE"));
        }
        let almost = "x".repeat(900_000);
        assert_eq!(owner.refused(document, json!({ "name": almost })).await, "INVALID");
        assert_eq!(owner.ask("{ viewer { role } }", json!({})).await["viewer"]["role"], "OWNER");
    });
}
