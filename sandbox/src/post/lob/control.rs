//! What tests and the control page tell the stand-in Lob alone: what happens to letters, and whom none reaches.

use std::collections::HashSet;

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{API_KEY, letter::Letter};
use crate::{
    input::{Refused, answer, read},
    post::control::{Control, Kept},
    webhooks::{Headers, digits},
};

/// What tests tell the stand-in Lob directly.
pub type LobControl = Control<Letter>;

/// What Lob holds beside letters.
#[derive(Default)]
pub struct Beside {
    /// First address lines that are known not to be deliverable.
    pub(super) undeliverable: HashSet<String>,
}

impl Kept for Letter {
    type Beside = Beside;

    const PAGE: &'static str = include_str!("page.html");

    fn id(&self) -> &str {
        &self.id
    }

    fn pdf(&self) -> &[u8] {
        &self.pdf
    }

    fn sign(secret: &str, now: DateTime<Utc>, body: &[u8]) -> Headers {
        let time = now.timestamp_millis().to_string();
        let signature = digits(secret, &[time.as_bytes(), b".", body]);
        vec![("Lob-Signature", signature), ("Lob-Signature-Timestamp", time)]
    }

    fn account() -> Value {
        json!({ "api_key": API_KEY })
    }
}

impl LobControl {
    /// Says that no mail arrives at addresses with this first line.
    pub fn refuse_address(&self, line1: &str) {
        self.held().beside.undeliverable.insert(line1.to_owned());
    }

    /// Something happens to a letter, for instance `mailed`, `delivered`, `returned_to_sender`; it is told.
    ///
    /// # Errors
    /// When there is no such letter.
    pub fn happen(&self, id: &str, word: &str) -> Result<(), Refused> {
        let event = format!("evt_{}", self.frame.chance.uuid().simple());
        let told = |letter: &Letter, event: &str, now| (format!("letter.{word}"), letter.told(event, word, now));
        self.happens(id, event, |letter| letter.events.push(word.to_owned()), told)
    }
}

/// Adds the control paths that it alone has.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(happen).service(refuse);
}

#[derive(Deserialize)]
struct HappenInput {
    word: String,
}

#[post("/_control/letters/{id}/happen")]
async fn happen(control: Data<LobControl>, request: HttpRequest, id: Path<String>, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).and_then(|input: HappenInput| control.happen(&id, &input.word)))
}

#[derive(Deserialize)]
struct RefuseInput {
    line1: String,
}

#[post("/_control/undeliverable")]
async fn refuse(control: Data<LobControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).map(|input: RefuseInput| control.refuse_address(&input.line1)))
}
