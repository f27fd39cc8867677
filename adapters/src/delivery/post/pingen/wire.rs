//! Pingen's documents, as far as we read them. Instants have an offset without a colon: `2026-07-29T11:23:11+0200`.

use chrono::{DateTime, Utc};
use domain::port::Receipt;
use serde::Deserialize;
use serde_json::json;

/// A document with one thing in it.
#[derive(Deserialize)]
pub(super) struct Document<T> {
    pub(super) data: Resource<T>,
}

/// A thing.
#[derive(Deserialize)]
pub(super) struct Resource<T> {
    pub(super) id: String,
    pub(super) attributes: T,
}

/// Where a PDF goes.
#[derive(Debug, Deserialize)]
pub(super) struct Upload {
    pub(super) url: String,
    pub(super) url_signature: String,
}

/// A letter.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Letter {
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) file_original_name: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
}

impl Resource<Letter> {
    /// What proves that Pingen has it.
    pub(super) fn receipt(self) -> Receipt {
        let Letter { status, file_original_name, created_at } = self.attributes;
        let proof =
            json!({ "provider": "pingen", "letter": self.id, "status": status, "file": file_original_name, "createdAt": created_at });
        Receipt { provider_id: Some(self.id), posts_itself: true, proof: Some(proof) }
    }
}

/// A page of letters.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) data: Vec<Resource<Letter>>,
}

/// A refusal.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) errors: Vec<Error>,
}

/// Why.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Error {
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) detail: Option<String>,
    #[serde(default)]
    pub(super) source: Option<Source>,
}

/// Which field.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Source {
    #[serde(default)]
    pub(super) pointer: Option<String>,
}

/// A token.
#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
}

/// An instant as Pingen writes it, or as the standard does.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let told = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z").or_else(|_| DateTime::parse_from_rfc3339(text));
    told.ok().map(|at| at.to_utc())
}

/// A webhook.
#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) data: ToldEvent,
    #[serde(default)]
    pub(super) included: Vec<Included>,
}

/// What happened.
#[derive(Deserialize)]
pub(super) struct ToldEvent {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
    #[serde(default)]
    pub(super) attributes: ToldAttributes,
    #[serde(default)]
    pub(super) relationships: Relationships,
}

/// About it.
#[derive(Default, Deserialize)]
pub(super) struct ToldAttributes {
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
}

/// Of what. `letter` is the older name of `deliverable` and goes away.
#[derive(Default, Deserialize)]
pub(super) struct Relationships {
    #[serde(default)]
    pub(super) deliverable: Option<Related>,
    #[serde(default)]
    pub(super) letter: Option<Related>,
    #[serde(default)]
    pub(super) event: Option<Related>,
}

/// A reference.
#[derive(Deserialize)]
pub(super) struct Related {
    pub(super) data: Reference,
}

/// By type and id.
#[derive(Deserialize)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
}

/// A thing that came along: the letter or its event. Fields that are not of its type are missing.
#[derive(Deserialize)]
pub(super) struct Included {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) id: String,
    #[serde(default)]
    pub(super) attributes: IncludedAttributes,
}

/// Its fields.
#[derive(Default, Deserialize)]
pub(super) struct IncludedAttributes {
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) file_original_name: Option<String>,
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) emitted_at: Option<String>,
}
