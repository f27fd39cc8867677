//! The control paths that every stand-in has: telling it to have faults, ending them, reading the log of calls. Each
//! reads JSON or form fields; the page at `/` uses the same paths.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    fault::{Faults, Manner, Outage, Throttle},
    frame::Frame,
    input::{Refused, answer, blank_is_none, read},
};

/// Adds the shared control paths.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(throttle).service(break_answers).service(outage).service(latency).service(clear).service(waiting_faults);
    config.service(calls).service(forget_calls);
}

#[derive(Deserialize)]
struct ThrottleInput {
    #[serde(default)]
    path: String,
    calls: u32,
    #[serde(default, deserialize_with = "blank_is_none")]
    retry_after: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    problem: Option<String>,
}

#[post("/_control/faults/throttle")]
async fn throttle(frame: Data<Frame>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: ThrottleInput| {
        let seconds = input.retry_after.map(|text| text.parse().map_err(|_| Refused::Unreadable(format!("{text:?} seconds"))));
        let throttle = Throttle { retry_after: seconds.transpose()?, problem: input.problem };
        frame.faults.throttle(&input.path, input.calls, throttle);
        Ok(waiting(&frame.faults))
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct BreakInput {
    #[serde(default)]
    path: String,
    calls: u32,
    kind: String,
    /// The field for `unknown_value` and `missing_field`.
    #[serde(default, deserialize_with = "blank_is_none")]
    field: Option<String>,
    /// How late, for `slow`.
    #[serde(default, deserialize_with = "blank_is_none")]
    milliseconds: Option<String>,
}

impl BreakInput {
    fn manner(&self) -> Result<Manner, Refused> {
        let field = || self.field.clone().ok_or_else(|| Refused::Unreadable(format!("{} needs a field", self.kind)));
        Ok(match self.kind.as_str() {
            "html" => Manner::Html,
            "truncated" => Manner::Truncated,
            "unknown_value" => Manner::UnknownValue { field: field()? },
            "missing_field" => Manner::MissingField { field: field()? },
            "huge" => Manner::Huge,
            "500" => Manner::Status { status: 500 },
            "503" => Manner::Status { status: 503 },
            "slow" => Manner::Slow { milliseconds: self.milliseconds.as_deref().and_then(|text| text.parse().ok()).unwrap_or(10_000) },
            "lost" => Manner::Lost,
            other => return Err(Refused::Unreadable(format!("no manner {other:?}"))),
        })
    }
}

#[post("/_control/faults/break")]
async fn break_answers(frame: Data<Frame>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: BreakInput| {
        frame.faults.break_answers(&input.path, input.calls, input.manner()?);
        Ok(waiting(&frame.faults))
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct OutageInput {
    outage: Outage,
}

#[post("/_control/faults/outage")]
async fn outage(frame: Data<Frame>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: OutageInput| {
        frame.faults.outage(input.outage);
        waiting(&frame.faults)
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct LatencyInput {
    milliseconds: u64,
}

#[post("/_control/faults/latency")]
async fn latency(frame: Data<Frame>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: LatencyInput| {
        frame.faults.latency(Duration::from_millis(input.milliseconds));
        waiting(&frame.faults)
    });
    answer(&request, outcome)
}

#[post("/_control/faults/clear")]
async fn clear(frame: Data<Frame>, request: HttpRequest) -> HttpResponse {
    frame.faults.clear();
    answer(&request, Ok(waiting(&frame.faults)))
}

#[get("/_control/faults")]
async fn waiting_faults(frame: Data<Frame>) -> HttpResponse {
    HttpResponse::Ok().json(waiting(&frame.faults))
}

#[get("/_control/calls")]
async fn calls(frame: Data<Frame>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "total": frame.calls.total(), "calls": frame.calls.all() }))
}

#[post("/_control/calls/clear")]
async fn forget_calls(frame: Data<Frame>, request: HttpRequest) -> HttpResponse {
    frame.calls.clear();
    answer(&request, Ok(json!({ "total": 0 })))
}

fn waiting(faults: &Faults) -> serde_json::Value {
    json!({ "waiting": faults.lines() })
}
