//! The client against servers that do what servers should not.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::port::{SourceError, access::RenewError, connect::ConnectError, vault::SecretString};
use reqwest::{
    StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::HeaderName,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, body_string, header, method, path, query_param},
};

use super::{Answer, Http, HttpError, resolver::PublicOnly};

/// What no error and nothing printed may hold.
const CANARY: &str = "CANARY7f3a";

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

async fn get(text: &str) -> Result<Answer, HttpError> {
    Http::trusted().unwrap().get(url(text)).send().await
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// A server that says `head`, then `piece` over and over with `pause` between; counts connections.
async fn raw(head: &'static str, piece: &'static [u8], pause: Duration) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, connections) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(head.as_bytes()).await;
                while !piece.is_empty() && stream.write_all(piece).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            });
        }
    });
    (address, connections)
}

/// Answers each name with the next of these lists, the last one for ever.
struct Names(Vec<Vec<IpAddr>>, AtomicUsize);

impl Names {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers.iter().map(|answer| answer.iter().map(|text| text.parse().unwrap()).collect()).collect();
        Arc::new(Self(answers, AtomicUsize::new(0)))
    }
}

impl Resolve for Names {
    fn resolve(&self, _: Name) -> Resolving {
        let turn = self.1.fetch_add(1, Ordering::SeqCst).min(self.0.len() - 1);
        let found: Vec<_> = self.0[turn].iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

#[tokio::test]
async fn a_call_carries_what_it_was_given_and_nothing_else_of_note() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/token"))
        .and(query_param("page", "1 2"))
        .and(header("authorization", "Basic aWQ6c2VjcmV0"))
        .and(header("xero-tenant-id", "t1"))
        .and(header("user-agent", concat!("Dunwell/", env!("CARGO_PKG_VERSION"))))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string("grant_type=refresh_token&refresh_token=a%26b"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"ok": true})))
        .mount(&server)
        .await;
    let http = Http::trusted().unwrap();
    let answer = http
        .post(url(&format!("{}/token", server.uri())))
        .query(&[("page", "1 2")])
        .basic("id", &SecretString::from("secret"))
        .header(HeaderName::from_static("xero-tenant-id"), "t1")
        .form(&[("grant_type", "refresh_token"), ("refresh_token", "a&b")])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.json::<Value>(), Ok(json!({"ok": true})));
    let sent = &server.received_requests().await.unwrap()[0].headers;
    for name in ["accept-encoding", "referer", "cookie"] {
        assert!(!sent.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn a_document_and_a_bearer_token_arrive() {
    let server = MockServer::start().await;
    Mock::given(header("authorization", "Bearer abc"))
        .and(header("content-type", "application/json"))
        .and(body_string(r#"{"a":1}"#))
        .respond_with(ResponseTemplate::new(204))
        .mount(&server)
        .await;
    let http = Http::trusted().unwrap();
    let answer = http.post(url(&server.uri())).bearer(&SecretString::from("abc")).json(&json!({"a": 1})).send().await.unwrap();
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed() {
    let elsewhere = server(ResponseTemplate::new(200)).await;
    for status in [301, 302, 303, 307, 308] {
        for to in ["http://169.254.169.254/latest/meta-data?CANARY7f3a", &format!("{}/x", elsewhere.uri()), "/relative"] {
            let from = server(ResponseTemplate::new(status).insert_header("location", to)).await;
            let error = get(&from.uri()).await.unwrap_err();
            let HttpError::Redirected(message) = &error else { panic!("{error:?}") };
            assert!(!to.starts_with("http://169") || message.contains("169.254.169.254"), "{message}");
            assert!(!message.contains(CANARY), "{message}");
            assert_eq!(from.received_requests().await.unwrap().len(), 1);
            assert!(matches!(SourceError::from(error.clone()), SourceError::Broken(_)));
            assert!(matches!(ConnectError::from(error), ConnectError::BadAddress(_)));
        }
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    let (address, _) = raw("HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 1 << 13], Duration::ZERO).await;
    let error = Http::trusted().unwrap().get(url(&format!("http://{address}"))).at_most(1 << 20).send().await.unwrap_err();
    assert_eq!(error, HttpError::Broken(format!("the answer of {address} is longer than 1048576 bytes")));
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not() {
    let server = server(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 100])).await;
    let http = Http::trusted().unwrap();
    let read = |limit| http.get(url(&server.uri())).at_most(limit).send();
    assert_eq!(read(100).await.map(|answer| answer.body.len()), Ok(100));
    assert!(matches!(read(99).await, Err(HttpError::Broken(_))));
}

#[tokio::test]
async fn a_slow_body_ends_with_the_deadline() {
    let (address, _) = raw("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b"x", Duration::from_millis(20)).await;
    let began = Instant::now();
    let error =
        Http::trusted().unwrap().get(url(&format!("http://{address}"))).within(Duration::from_millis(300)).send().await.unwrap_err();
    assert_eq!(error, HttpError::Unavailable(format!("{address} did not answer in time")));
    assert!(began.elapsed() < Duration::from_secs(5), "each byte prolonged the wait");
}

#[tokio::test]
async fn a_broken_connection_and_a_missing_server_are_unavailable() {
    let (address, _) = raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", b"", Duration::ZERO).await;
    let (garbage, _) = raw("SSH-2.0-OpenSSH_9.6\r\n\r\n", b"", Duration::ZERO).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for place in [address, garbage, closed] {
        let error = get(&format!("http://{place}/?key={CANARY}")).await.unwrap_err();
        let HttpError::Unavailable(message) = &error else { panic!("{error:?}") };
        assert!(message.starts_with(&place.to_string()) && !message.contains(CANARY), "{message}");
        assert!(matches!(SourceError::from(error.clone()), SourceError::Unavailable(_)));
        assert!(matches!(RenewError::from(error), RenewError::Unavailable(_)));
    }
}

#[tokio::test]
async fn an_answer_that_is_compressed_unasked_is_not_opened() {
    let bomb = server(ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(b"\x1f\x8b")).await;
    assert!(matches!(get(&bomb.uri()).await, Err(HttpError::Broken(_))));
}

#[tokio::test]
async fn a_name_that_leads_home_is_refused_before_anything_is_connected() {
    let (address, connections) = raw("HTTP/1.1 200 OK\r\n\r\n", b"", Duration::ZERO).await;
    let http = Http::guarded_over(&[], Names::new(&[&["127.0.0.1", "10.0.0.1", "::1"]])).unwrap();
    let error = http.get(url(&format!("https://books.example:{}/{CANARY}", address.port()))).send().await.unwrap_err();
    let HttpError::Blocked(message) = &error else { panic!("{error:?}") };
    assert!(message.contains("books.example") && !message.contains(CANARY), "{message}");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    assert!(matches!(ConnectError::from(error.clone()), ConnectError::BadAddress(_)));
    assert!(matches!(SourceError::from(error), SourceError::Refused { code, .. } if code == "INVALID"));
}

#[tokio::test]
async fn a_name_that_turns_private_is_refused_at_the_next_connection() {
    let names = PublicOnly(Names::new(&[&["1.1.1.1", "192.168.0.1"], &["127.0.0.1"]]));
    let name = || "books.example".parse().unwrap();
    let first: Vec<_> = names.resolve(name()).await.unwrap().map(|address| address.ip().to_string()).collect();
    assert_eq!(first, ["1.1.1.1"], "only the public one is connected to");
    assert!(names.resolve(name()).await.is_err());
}

#[tokio::test]
async fn an_allowed_host_may_be_at_home_and_its_neighbours_may_not() {
    let server = server(ResponseTemplate::new(204)).await;
    let port = server.address().port();
    let http = Http::guarded_over(&[format!("books.example:{port}")], Names::new(&[&["127.0.0.1"]])).unwrap();
    let status = |text: String| {
        let call = http.get(url(&text));
        async { call.send().await.map(|answer| answer.status) }
    };
    assert_eq!(status(format!("http://books.example:{port}")).await, Ok(StatusCode::NO_CONTENT));
    assert!(matches!(status("https://books.example:8443".into()).await, Err(HttpError::Blocked(_))), "another port of it");
    assert!(matches!(status(format!("http://other.example:{port}")).await, Err(HttpError::Blocked(_))));
    assert!(matches!(status(format!("http://127.0.0.1:{port}")).await, Err(HttpError::Blocked(_))), "its address is not its name");
}

#[tokio::test]
async fn a_bad_address_is_refused_when_it_is_given_and_again_when_it_is_called() {
    let http = Http::guarded(&[]).unwrap();
    assert_eq!(http.address(" https://example.com/x ").map(String::from), Ok("https://example.com/x".into()));
    for text in ["", "example.com", "https://", "https://0x7f.1", "https://2130706433", "http://example.com"] {
        assert!(matches!(http.address(text), Err(HttpError::Blocked(_))), "{text}");
    }
    let error = http.get(url(&format!("https://user:{CANARY}@127.0.0.1"))).send().await.unwrap_err();
    assert!(matches!(&error, HttpError::Blocked(message) if !message.contains(CANARY)), "{error:?}");
}

#[tokio::test]
async fn nothing_that_prints_holds_a_key() {
    let server = server(ResponseTemplate::new(200).insert_header("set-cookie", CANARY).set_body_raw(CANARY, "application/json")).await;
    let http = Http::trusted().unwrap();
    let answer = http.get(url(&server.uri())).bearer(&SecretString::from(CANARY)).send().await.unwrap();
    let broken_key = SecretString::from(format!("{CANARY}\n"));
    let unsendable = http.get(url(&server.uri())).bearer(&broken_key).send().await.unwrap_err();
    assert!(matches!(ConnectError::from(unsendable.clone()), ConnectError::Refused(_)));
    let printed = format!("{http:?} {answer:?} {unsendable:?} {:?}", answer.json::<Value>());
    assert!(!printed.contains(CANARY), "{printed}");
}
