//! A GraphQL client as small as one can be: documents in, JSON out.

use std::time::{Duration, Instant};

use reqwest::{
    Method,
    header::{AUTHORIZATION, HeaderMap},
};
use serde_json::{Value, json};

use super::product::LOOK;

/// Longer than any answer but a hung one.
const PATIENCE: Duration = Duration::from_secs(100);

/// Somebody who talks to a running server.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the first error of the request.
    pub fn error_code(&self) -> String {
        let body = self.json();
        body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error: {body}")).to_owned()
    }
}

impl Client {
    pub fn nobody(url: &str) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { http, url: url.into(), token: None }
    }

    /// The same server, with a bearer token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same person at another server.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.into(), ..self.clone() }
    }

    /// Signs in by password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Self {
        let document = "mutation($email: EmailAddress!, $password: String!) {
            sessionCreate(email: $email, password: $password) { accessToken userErrors { code } } }";
        let session = self.change(document, json!({ "email": email, "password": password })).await;
        self.with_token(session["accessToken"].as_str().unwrap())
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// Any request below the server's address.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> reqwest::Result<Answer> {
        read(self.request(Method::GET, path)).await
    }

    /// Sends a document; the answer is an error only when the connection broke.
    pub async fn send(&self, document: &str, variables: Value) -> reqwest::Result<Answer> {
        let body = json!({ "query": document, "variables": variables });
        read(self.request(Method::POST, "/graphql").json(&body)).await
    }

    /// Data of a document that must succeed.
    pub async fn ask(&self, document: &str, variables: Value) -> Value {
        let answer = self.send(document, variables).await.unwrap();
        let body = answer.json();
        assert!(body["errors"].is_null() && body["data"].is_object(), "{document}: {body}");
        body["data"].clone()
    }

    /// Asks again and again until what is seen fits.
    pub async fn until(&self, document: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let seen = self.ask(document, json!({})).await;
            if fits(&seen) {
                return seen;
            }
            assert!(began.elapsed() < PATIENCE, "{seen:#}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The payload of a mutation that must succeed.
    pub async fn change(&self, document: &str, variables: Value) -> Value {
        let payload = only_field(self.ask(document, variables).await);
        assert_eq!(payload["userErrors"], json!([]), "{document}: {payload}");
        payload
    }

    /// The code of the refusal that a mutation must answer, as data.
    pub async fn refused(&self, document: &str, variables: Value) -> String {
        let payload = only_field(self.ask(document, variables).await);
        let code = payload["userErrors"][0]["code"].as_str();
        code.unwrap_or_else(|| panic!("not refused: {document}: {payload}")).to_owned()
    }

    /// Announces a file and sends its bytes; answers the upload's id.
    pub async fn upload(&self, name: &str, bytes: &[u8]) -> String {
        let document = "mutation($name: String!, $size: Int!) {
            uploadCreate(fileName: $name, byteSize: $size) { target { id url } userErrors { code message } } }";
        let payload = self.change(document, json!({ "name": name, "size": bytes.len() })).await;
        // Behind a proxy the world's address is another one.
        let url = payload["target"]["url"].as_str().unwrap();
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("an address with a path").1;
        let sent = self.http.put(format!("{}/{path}", self.url)).body(bytes.to_vec()).send().await.unwrap();
        assert_eq!(sent.status(), 200, "{}", sent.text().await.unwrap());
        payload["target"]["id"].as_str().unwrap().to_owned()
    }

    /// Every node of a connection, page by page. `field` is the connection with `$after` and `arguments` in it.
    pub async fn all(&self, field: &str, arguments: &str, selection: &str) -> Vec<Value> {
        let document = format!(
            "query($after: String) {{ {field}(first: 100, after: $after{arguments}) {{
                nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (mut nodes, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = only_field(self.ask(&document, json!({ "after": after })).await);
            nodes.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                return nodes;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// Opens a subscription by server-sent events.
    pub async fn subscribe(&self, document: &str, variables: Value) -> Stream {
        let body = json!({ "query": document, "variables": variables });
        let request = self.request(Method::POST, "/graphql/stream").header("accept", "text/event-stream").json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        Stream { response, read: Vec::new() }
    }
}

/// Asks for a path exactly as it is written; answers the status and everything that was said.
pub async fn get_raw(url: &str, path: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("an answer").unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    let status = said.split(' ').nth(1).and_then(|word| word.parse().ok());
    (status.unwrap_or_else(|| panic!("no answer of HTTP: {said}")), said)
}

/// The value of an object with one field.
pub fn only_field(data: Value) -> Value {
    let Value::Object(fields) = data else { panic!("no object: {data}") };
    assert_eq!(fields.len(), 1);
    fields.into_iter().next().unwrap().1
}

async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: response.text().await? })
}

/// An open stream of events.
pub struct Stream {
    response: reqwest::Response,
    read: Vec<u8>,
}

impl Stream {
    /// The next event's name and data; none when the stream ended. Keep-alives are skipped.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some(end) = self.read.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.read.drain(..end + 2).collect();
                if let Some(event) = event_of(std::str::from_utf8(&event).unwrap()) {
                    return Some(event);
                }
            }
            let more = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("the stream goes on");
            self.read.extend(more.ok()??);
        }
    }

    /// The payload of the next `next` event.
    pub async fn next_data(&mut self) -> Value {
        let (name, data) = self.next().await.expect("the stream goes on");
        assert_eq!(name, "next", "{data}");
        assert!(data["errors"].is_null(), "{data}");
        data["data"].clone()
    }

    /// The next payload of the subscription that fits.
    pub async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let payload = only_field(self.next_data().await);
            if fits(&payload) {
                return payload;
            }
        }
    }
}

fn event_of(text: &str) -> Option<(String, Value)> {
    let line = |field: &str| text.lines().find_map(|line| line.strip_prefix(field)).map(str::trim);
    let name = line("event:")?;
    let data = line("data:").unwrap_or_default();
    Some((name.to_owned(), serde_json::from_str(data).unwrap_or(Value::Null)))
}
