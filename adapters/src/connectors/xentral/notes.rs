//! What is written into the books.
//!
//! On hand-over: the dunning level `debtCollection`, with the note behind the comment that is there, by v3's PATCH
//! (Beta); where that does not exist, by v1's, which wants the dunning settings back whole. The note's mark in the
//! comment makes a second writing do nothing, and tells later pulls that it is us who collect.
//! On closing: nothing of the invoice is changed; the note goes into its log of activities, once by its mark. An
//! instance without such a log is left alone.

use domain::{
    RefusalCode,
    port::{
        Link, SourceError,
        connect::{BookEvent, BookNote, Notes},
    },
};
use serde_json::json;

use super::{
    client::{Ask, Client, JSON, unwanted},
    mark,
    query::Query,
    row::{is_number, record},
    wire,
};
use crate::http::{Http, StatusCode};

/// The right to change invoices.
const UPDATE_INVOICES: &str = "invoice:update";

/// The level that a hand-over sets; v1 and v3 spell it alike.
const HANDED_OVER: &str = "debtCollection";

/// Writes notes. Stateless.
pub(super) struct XentralNotes {
    pub http: Http,
}

#[async_trait::async_trait]
impl Notes for XentralNotes {
    async fn write(&self, link: &Link, note: &BookNote) -> Result<(), SourceError> {
        if !is_number(&note.invoice_external_id) {
            let message = "no invoice of Xentral has this id".into();
            return Err(SourceError::Refused { code: RefusalCode::NotFound.as_str().into(), message });
        }
        let writer = Writer { client: Client::new(self.http.clone(), link.clone())?, note };
        match note.about {
            BookEvent::HandedOver => writer.handed_over().await,
            BookEvent::Closed => writer.closed().await,
        }
    }
}

struct Writer<'a> {
    client: Client,
    note: &'a BookNote,
}

impl Writer<'_> {
    async fn handed_over(mut self) -> Result<(), SourceError> {
        let one: wire::One = self.client.read(&Ask::get(self.path("v3"), Query::default(), JSON), "invoice:read").await?;
        let invoice: wire::Dunned = record(&one.data).map_err(|problem| SourceError::Broken(problem.message))?;
        let comment = invoice.dunning_settings.comment.unwrap_or_default();
        if comment.contains(&mark::of(self.note)) {
            return Ok(());
        }
        let body = json!({ "dunningSettings": { "level": HANDED_OVER, "comment": self.behind(&comment) } });
        let ask = Ask::patch(self.path("v3"), body);
        let answer = self.client.call(&ask).await?;
        match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => self.handed_over_by_v1().await,
            _ => Err(unwanted(&ask, &answer, UPDATE_INVOICES)),
        }
    }

    async fn handed_over_by_v1(&mut self) -> Result<(), SourceError> {
        let one: wire::One = self.client.read(&Ask::get(self.path("v1"), Query::default(), JSON), "invoice:read").await?;
        let invoice: wire::InvoiceV1 = record(&one.data).map_err(|problem| SourceError::Broken(problem.message))?;
        let known = invoice.dunning_settings;
        let known = known.ok_or_else(|| SourceError::Broken(format!("GET {}: dunningSettings is missing", self.path("v1"))))?;
        let comment = self.behind(known.comment.as_deref().unwrap_or_default());
        let settings = wire::DunningV1 { level: HANDED_OVER.into(), comment: Some(comment), ..known };
        let ask = Ask::patch(self.path("v1"), json!({ "dunningSettings": settings }));
        let answer = self.client.call(&ask).await?;
        if answer.status.is_success() { Ok(()) } else { Err(unwanted(&ask, &answer, UPDATE_INVOICES)) }
    }

    async fn closed(mut self) -> Result<(), SourceError> {
        let ask = Ask::get(self.path("v3"), Query::default().with("include", "activity"), JSON);
        let one: wire::One = self.client.read(&ask, "invoice:read").await?;
        let logged: wire::Logged = record(&one.data).map_err(|problem| SourceError::Broken(problem.message))?;
        let mark = mark::of(self.note);
        if logged.activity.iter().any(|entry| entry.message.contains(&mark)) {
            return Ok(());
        }
        let ask = Ask::patch(format!("{}/actions/logActivity", self.path("v3")), json!({ "message": self.behind("") }));
        let answer = self.client.call(&ask).await?;
        match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(()),
            _ => Err(unwanted(&ask, &answer, UPDATE_INVOICES)),
        }
    }

    fn path(&self, version: &str) -> String {
        format!("/api/{version}/invoices/{}", self.note.invoice_external_id)
    }

    /// The note with its mark, behind what people wrote.
    fn behind(&self, comment: &str) -> String {
        format!("{comment} {} ({})", self.note.text, mark::of(self.note)).trim_start().to_owned()
    }
}
