//! What tests and the control page tell the stand-in Pingen alone: where letters stand, others' letters, the end of tokens.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CLIENT_ID, CLIENT_SECRET, ORGANISATION, letter::Letter};
use crate::{
    input::{Refused, answer, read},
    post::control::{Control, Kept},
    webhooks::{Headers, digits},
};

/// What tests tell the stand-in Pingen directly.
pub type PingenControl = Control<Letter>;

/// What Pingen holds beside letters.
#[derive(Default)]
pub struct Beside {
    /// Tokens and their ends.
    pub(super) tokens: HashMap<String, DateTime<Utc>>,
    /// Uploads that were named, by their signature: the address and the bytes, once they came.
    pub(super) uploads: HashMap<String, (String, Option<Vec<u8>>)>,
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

    fn sign(secret: &str, _: DateTime<Utc>, body: &[u8]) -> Headers {
        vec![("Signature", digits(secret, &[body]))]
    }

    fn account() -> Value {
        json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "organisation": ORGANISATION })
    }
}

impl PingenControl {
    /// Moves a letter to a state, for instance `sent`, `undeliverable` or `action_required`, and tells it.
    ///
    /// # Errors
    /// When there is no such letter.
    pub fn move_to(&self, id: &str, status: &str, code: &str, reason: &str) -> Result<(), Refused> {
        let event = self.frame.chance.uuid().to_string();
        let told = |letter: &Letter, event: &str, now| (letter.category().to_owned(), letter.told(event, code, reason, now));
        self.happens(id, event, |letter| status.clone_into(&mut letter.status), told)
    }

    /// Adds letters that somebody else sent, made now.
    pub fn add_others(&self, count: usize) {
        let now = self.frame.now();
        for _ in 0..count {
            let id = self.frame.chance.uuid().to_string();
            let letter = Letter {
                file_original_name: format!("{id}-other.pdf"),
                id,
                status: "sent".into(),
                pages: 1,
                delivery_product: "cheap".into(),
                print_mode: "simplex".into(),
                print_spectrum: "grayscale".into(),
                created_at: now,
                pdf: Vec::new(),
            };
            self.held().letters.push(letter);
        }
    }

    /// Ends all access tokens; new ones can be had.
    pub fn expire_tokens(&self) {
        self.held().beside.tokens.clear();
    }
}

/// Adds the control paths that it alone has.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(move_to).service(expire_tokens);
}

#[derive(Deserialize)]
struct MoveInput {
    status: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    reason: String,
}

#[post("/_control/letters/{id}/move")]
async fn move_to(control: Data<PingenControl>, request: HttpRequest, id: Path<String>, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: MoveInput| control.move_to(&id, &input.status, &input.code, &input.reason));
    answer(&request, outcome)
}

#[post("/_control/tokens/expire")]
async fn expire_tokens(control: Data<PingenControl>, request: HttpRequest) -> HttpResponse {
    control.expire_tokens();
    answer(&request, Ok(()))
}
