//! A small GO for the tests: lists in memory with the filters that the connector uses, over real HTTP. Its data are our
//! own. Everything that it was asked is kept.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// What GO holds.
#[derive(Default)]
pub struct Books {
    pub entries: Vec<Value>,
    pub invoices: Vec<Value>,
    pub customers: Vec<Value>,
    /// Answers that come instead, by the end of the path; each once, in turn.
    pub instead: Vec<(&'static str, ResponseTemplate)>,
    /// Paths with queries, in the order of the calls.
    pub asked: Vec<String>,
}

/// The running stand-in.
#[derive(Clone)]
pub struct Go {
    pub books: Arc<Mutex<Books>>,
    server: Arc<MockServer>,
}

impl Go {
    pub async fn start() -> Self {
        let go = Self { books: Arc::default(), server: Arc::new(MockServer::start().await) };
        Mock::given(any()).respond_with(Answering(go.books.clone())).mount(&go.server).await;
        go
    }

    pub fn url(&self) -> String {
        self.server.uri()
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// The documents that were sent.
    pub async fn bodies(&self) -> Vec<Value> {
        let requests = self.server.received_requests().await.unwrap_or_default();
        requests.iter().filter_map(|request| serde_json::from_slice(&request.body).ok()).collect()
    }
}

struct Answering(Arc<Mutex<Books>>);

impl Respond for Answering {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut books = self.0.lock().unwrap();
        let path = request.url.path().to_owned();
        books.asked.push(format!("{path}?{}", request.url.query().unwrap_or_default()));
        if let Some(place) = books.instead.iter().position(|(end, _)| path.ends_with(end)) {
            return books.instead.remove(place).1;
        }
        assert_eq!(request.headers.get("Ocp-Apim-Subscription-Key").unwrap(), "subscription");
        let asked: BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
        let has = |name: &str| asked.get(name).map(String::as_str);
        if let Some(id) = path.strip_prefix("/v2/Customers/") {
            let found = books.customers.iter().find(|customer| customer["Id"] == id.parse::<i64>().unwrap());
            return found.map_or(ResponseTemplate::new(404), |customer| ResponseTemplate::new(200).set_body_json(customer));
        }
        let rows: Vec<Value> = match path.as_str() {
            "/v2/ClientIntegrationInformation" => return ResponseTemplate::new(200).set_body_json(information()),
            "/v2/Customerledger/OpenItems" => {
                books.entries.iter().filter(|entry| entry["Balance"].as_f64() != Some(0.0)).cloned().collect()
            }
            "/v2/Customerledger/Statement" => books.entries.clone(),
            "/v2/Customerledger/EntriesByMatchId" => {
                books.entries.iter().filter(|entry| entry["MatchId"] == asked["matchId"].parse::<i64>().unwrap()).cloned().collect()
            }
            "/v2/OutgoingInvoices" => books.invoices.clone(),
            "/v2/Customers" => books.customers.clone(),
            _ => return ResponseTemplate::new(404),
        };
        let mut rows: Vec<Value> = rows.into_iter().filter(|row| meets(row, &has)).collect();
        if let Some(field) = has("OrderBy") {
            rows.sort_by_key(|row| sortable(&row[field]));
        }
        let (number, size): (usize, usize) = (has("PageNumber").unwrap_or("1").parse().unwrap(), asked["PageSize"].parse().unwrap());
        let page: Vec<Value> = rows.into_iter().skip((number - 1) * size).take(size).collect();
        if page.is_empty() { ResponseTemplate::new(204) } else { ResponseTemplate::new(200).set_body_json(page) }
    }
}

fn meets<'a>(row: &Value, has: &impl Fn(&str) -> Option<&'a str>) -> bool {
    let among = |filter: &str, fields: [&str; 2]| {
        has(filter).is_none_or(|list| {
            let value = fields
                .iter()
                .find_map(|field| row[*field].as_str().map(str::to_owned).or_else(|| row[*field].as_i64().map(|n| n.to_string())));
            value.is_some_and(|value| list.split(',').any(|part| covers(part, &value)))
        })
    };
    among("voucherTypes", ["VoucherType", ""])
        && among("voucherNos", ["VoucherNo", ""])
        && among("invoiceIds", ["Id", ""])
        && among("customerNos", ["CustomerAccountNo", "Number"])
        && has("lastChangedDateTimeOffsetGreaterThan")
            .is_none_or(|after| instant(&row["LastChangedDateTimeOffset"]) > after.parse::<DateTime<Utc>>().unwrap())
}

fn covers(part: &str, value: &str) -> bool {
    let range = part.split_once('-').and_then(|(from, to)| Some(from.parse::<i64>().ok()?..=to.parse::<i64>().ok()?));
    part == value || range.is_some_and(|range| value.parse().is_ok_and(|number| range.contains(&number)))
}

fn instant(value: &Value) -> DateTime<Utc> {
    DateTime::parse_from_str(value.as_str().unwrap(), "%Y-%m-%d %H:%M:%S%.f%:z").unwrap().to_utc()
}

fn sortable(value: &Value) -> (i64, String) {
    (value.as_i64().unwrap_or_default(), value.as_str().unwrap_or_default().to_owned())
}

/// What GO says of a client with all rights.
pub fn information() -> Value {
    json!({"ClientId": "7711", "ClientName": "Fjordglass AS", "ValidPrivileges": ["CustomerLedger", "OutgoingInvoice_Full", "Customer"], "InvalidPrivileges": []})
}
