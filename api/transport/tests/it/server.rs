//! Starts a server of its own for each test, and speaks to it.

use std::{net::SocketAddr, sync::Arc, sync::atomic::AtomicBool, sync::atomic::Ordering, time::Duration};

use actix_web::{App, HttpServer};
use async_trait::async_trait;
use reqwest::{RequestBuilder, StatusCode, header};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use transport::{Admission, Channel, Credentials, Denied, Endpoint, EndpointBuilder, Gate, Limits, TraceId};

use crate::schema::{self, State, Viewer};

/// Knows six tokens: `good`, `expiring` (a second), `revocable` (until the test says so), `inspector` (introspection
/// where it is off), `held` (a holder of its connections) and `throttled`.
#[derive(Clone, Default)]
pub struct TestGate {
    pub revoked: Arc<AtomicBool>,
}

#[async_trait]
impl Gate for TestGate {
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, Denied> {
        let Some(authorization) = credentials.authorization else { return Ok(Admission::new(|_| {})) };
        let name = authorization.strip_prefix("Bearer ").unwrap_or_default().to_owned();
        let known = name.clone();
        let admission = Admission::new(move |data| data.insert(Viewer(known.clone())));
        match name.as_str() {
            "good" => Ok(admission),
            "expiring" => Ok(admission.expires_after(Duration::from_millis(300))),
            "revocable" => {
                let revoked = Arc::clone(&self.revoked);
                Ok(admission.recheck(move || {
                    let revoked = Arc::clone(&revoked);
                    async move { !revoked.load(Ordering::SeqCst) }
                }))
            }
            "held" | "held-by-another" => Ok(admission.held_by(name)),
            "inspector" => Ok(admission.introspection(true)),
            "throttled" => Err(Denied::Throttled(Duration::from_secs(7))),
            "broken" => Err(Denied::Unavailable),
            "slow" if credentials.channel == Channel::Socket => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(admission)
            }
            _ => Err(Denied::Unauthenticated("The token is not valid.".to_owned())),
        }
    }

    fn trace_id(&self, offered: Option<&str>) -> TraceId {
        TraceId(offered.unwrap_or("trace-1").into())
    }
}

pub struct Server {
    pub address: SocketAddr,
    pub state: State,
    pub gate: TestGate,
    pub shutdown: CancellationToken,
    pub sdl: String,
    pub client: reqwest::Client,
    running: actix_web::dev::ServerHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
        drop(self.running.stop(false));
    }
}

/// A server with the default limits.
pub async fn start() -> Server {
    with(|builder| builder).await
}

pub async fn limited(change: impl FnOnce(&mut Limits)) -> Server {
    let mut limits = Limits::default();
    change(&mut limits);
    with(move |builder| builder.limits(limits)).await
}

#[allow(clippy::unused_async, reason = "the server needs the runtime that the caller is in")]
pub async fn with(settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) -> Server {
    let state = State::default();
    let gate = TestGate::default();
    let shutdown = CancellationToken::new();
    let schema = schema::schema(state.clone());
    let sdl = schema.sdl();
    let builder =
        Endpoint::builder(&schema, gate.clone()).shutdown(shutdown.clone()).origins(["https://app.example"]).scales(schema::scales());
    let endpoint = settings(builder).build().unwrap();
    let server = HttpServer::new(move || App::new().configure(endpoint.routes()))
        .on_connect(transport::on_connect)
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let running = server.handle();
    tokio::spawn(server);
    Server { address, state, gate, shutdown, sdl, client: reqwest::Client::new(), running }
}

impl Server {
    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    pub fn stream_url(&self) -> String {
        format!("http://{}/graphql/stream", self.address)
    }

    /// A POST that asks for meaningful statuses.
    pub fn post(&self) -> RequestBuilder {
        self.client
            .post(self.url())
            .header(header::ACCEPT, "application/graphql-response+json")
            .header(header::CONTENT_TYPE, "application/json")
    }

    /// A GET with parameters.
    pub fn get(&self, url: &str, parameters: &[(&str, &str)]) -> RequestBuilder {
        self.client.get(reqwest::Url::parse_with_params(url, parameters).unwrap())
    }

    pub async fn ask(&self, query: &str) -> Answer {
        self.ask_with(query, json!({})).await
    }

    pub async fn ask_with(&self, query: &str, variables: Value) -> Answer {
        answer(self.post().body(json!({ "query": query, "variables": variables }).to_string())).await
    }

    pub fn changes(&self) -> i64 {
        self.state.changes.load(Ordering::SeqCst)
    }

    /// Waits until so many feeds are open; the test's own time limit is the generous bound.
    pub async fn open_feeds_become(&self, expected: i64) {
        let reached = async {
            while self.state.open_feeds.load(Ordering::SeqCst) != expected {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let open = || self.state.open_feeds.load(Ordering::SeqCst);
        assert!(tokio::time::timeout(Duration::from_secs(20), reached).await.is_ok(), "{} feeds are open", open());
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Value,
    pub bytes: usize,
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, body, bytes: text.len() }
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or("no code")
    }

    /// A refusal: this status and code, no data, a trace id, a short message.
    #[track_caller]
    pub fn is_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{self:?}");
        assert!(self.body.get("data").is_none(), "{self:?}");
        assert!(self.body["errors"][0]["extensions"]["traceId"].is_string(), "{self:?}");
        assert!(self.bytes < 64 * 1024, "{} bytes", self.bytes);
    }

    #[track_caller]
    pub fn is_data(&self, data: &Value) {
        assert_eq!((self.status.as_u16(), &self.body), (200, &json!({ "data": data })), "{self:?}");
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
