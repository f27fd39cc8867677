//! GraphiQL at `/graphiql`: the reference client of the API, with queries, mutations and live subscriptions, offline.
//!
//! The page asks `/graphiql/settings.json` what to show. A token there is for demos and development only: whoever can
//! open the page has it.

use actix_web::{HttpResponse, middleware::Compress, web};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{answer, asset::Asset};

/// What the page shows at first.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Bearer token put into each tab's headers; none asks the reader for one.
    pub token: Option<String>,
    /// Example operations, one tab each.
    pub tabs: Vec<Tab>,
}

/// One example operation.
#[derive(Debug, Clone, Serialize)]
pub struct Tab {
    /// Shown as a comment above the operation.
    pub name: String,
    /// The document; its operation's name is the tab's title.
    pub query: String,
    /// Its variables.
    pub variables: Option<Map<String, Value>>,
}

/// GraphiQL's editor writes style rules into the page, so styles are let in by name and inline; scripts are ours only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("assets/graphiql.html");

const ASSETS: [Asset; 3] = [
    Asset { name: "/graphiql.js", content_type: "text/javascript; charset=utf-8", bytes: include_bytes!("assets/graphiql.js") },
    Asset { name: "/graphiql.css", content_type: "text/css; charset=utf-8", bytes: include_bytes!("assets/graphiql.css") },
    Asset { name: "/licenses.txt", content_type: "text/plain; charset=utf-8", bytes: include_bytes!("assets/graphiql.licenses.txt") },
];

/// Mounts the page; for `App::configure`.
pub fn configure(settings: Settings) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let told = web::Data::new(Told(told(&settings).to_string()));
        let mut scope = web::scope("/graphiql").wrap(Compress::default()).app_data(told);
        scope = scope.route("", web::get().to(page)).route("/settings.json", web::get().to(settings_of_page));
        for asset in ASSETS {
            scope = scope.service(asset.resource());
        }
        config.service(scope);
    }
}

/// The settings as JSON, made once.
struct Told(String);

async fn page() -> HttpResponse {
    answer("text/html; charset=utf-8", POLICY, PAGE)
}

async fn settings_of_page(told: web::Data<Told>) -> HttpResponse {
    answer("application/json", POLICY, told.0.clone())
}

/// The settings as the page's script reads them.
fn told(settings: &Settings) -> Value {
    let headers = settings.token.as_ref().map(|token| json!({ "Authorization": format!("Bearer {token}") }));
    json!({ "endpoint": "/graphql", "headers": headers, "tabs": settings.tabs })
}

#[cfg(test)]
mod tests {
    use actix_web::{App, http::StatusCode, test};

    use super::{super::header_text, *};

    fn settings() -> Settings {
        let variables = json!({ "days": 7 }).as_object().cloned();
        let tab = Tab { name: "A week later".into(), query: "mutation Later { ok }".into(), variables };
        Settings { token: Some("t0ken".into()), tabs: vec![tab] }
    }

    async fn get(path: &str, header: (&'static str, String)) -> (StatusCode, actix_web::http::header::HeaderMap, Vec<u8>) {
        let app = test::init_service(App::new().configure(configure(settings()))).await;
        let request = test::TestRequest::get().uri(path).insert_header(header).to_request();
        let response = test::call_service(&app, request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, test::read_body(response).await.to_vec())
    }

    fn plain() -> (&'static str, String) {
        ("accept-encoding", "identity".into())
    }

    #[actix_web::test]
    async fn the_page_loads_nothing_from_elsewhere() {
        let (status, headers, body) = get("/graphiql", plain()).await;
        let html = String::from_utf8(body).unwrap();
        assert_eq!(status, StatusCode::OK);
        assert!(!html.contains("http:") && !html.contains("https:"), "{html}");
        assert!(header_text(&headers, "content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
        for asset in ASSETS.iter().filter(|asset| html.contains(asset.name)) {
            let (status, _, body) = get(&format!("/graphiql{}", asset.name), plain()).await;
            assert_eq!((status, body.len()), (StatusCode::OK, asset.bytes.len()), "{}", asset.name);
        }
    }

    #[actix_web::test]
    async fn the_script_learns_the_token_and_the_examples() {
        let (_, headers, body) = get("/graphiql/settings.json", plain()).await;
        let told: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(told["headers"]["Authorization"], "Bearer t0ken");
        assert_eq!(told["tabs"][0]["variables"]["days"], 7);
        assert_eq!(header_text(&headers, "cache-control"), "no-store");
    }

    #[actix_web::test]
    async fn the_script_travels_compressed_and_only_when_it_changed() {
        let (_, headers, body) = get("/graphiql/graphiql.js", ("accept-encoding", "gzip".into())).await;
        assert_eq!(header_text(&headers, "content-encoding"), "gzip");
        assert!(body.len() < ASSETS[0].bytes.len() / 2);
        let version = header_text(&headers, "etag");
        let (status, _, body) = get("/graphiql/graphiql.js", ("if-none-match", version)).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    }
}
