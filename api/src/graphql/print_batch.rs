//! Print batches: letters that are printed together and posted by hand.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::print::{self, Entry};
use entity::print_batch;

use super::{
    access,
    connection::{db, list_cost},
    error::query_error,
    id,
    kind::PrintBatchStatus,
    letter::Letter,
    loader::{self, Row},
    scalars::{CountryCode, Date, Url},
    viewer::{User, member},
};
use crate::auth::link::{Links, PrintPart};

/// Letters that are printed together and posted by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintBatch(pub print_batch::Model);

impl From<print_batch::Model> for PrintBatch {
    fn from(row: print_batch::Model) -> Self {
        Self(row)
    }
}

impl PrintBatch {
    fn url(&self, ctx: &Context<'_>, part: PrintPart) -> async_graphql::Result<Url> {
        let now = access::env(ctx)?.clock.machine();
        Ok(Url(ctx.data::<Links>()?.print(&access::viewer(ctx)?, self.0.id, part, now)))
    }
}

/// Letters that are printed together and posted by hand.
#[Object]
impl PrintBatch {
    /// Its id, `prn_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Where it stands.
    async fn status(&self) -> PrintBatchStatus {
        self.0.status.into()
    }

    /// Whether each letter begins on a front page, for paper that is printed on both sides.
    async fn duplex(&self) -> bool {
        self.0.duplex
    }

    /// How many letters were chosen.
    async fn letter_count(&self) -> i32 {
        self.0.letters
    }

    /// Pages of the file with the blank ones, once it was drawn.
    async fn pages(&self) -> Option<i32> {
        self.0.pages
    }

    /// Hex SHA-256 of the file, once it was drawn.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// Where the file of all letters can be fetched for some minutes; ask again for a new address. It is drawn on the first
    /// fetch and stays the same from then on.
    async fn pdf_url(&self, ctx: &Context<'_>) -> async_graphql::Result<Url> {
        self.url(ctx, PrintPart::Pdf)
    }

    /// Where the list of what stands where in the file can be fetched for some minutes, as JSON.
    async fn manifest_url(&self, ctx: &Context<'_>) -> async_graphql::Result<Url> {
        self.url(ctx, PrintPart::Manifest)
    }

    /// Its letters in the order of the file, at most five hundred.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn letters(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<PrintedLetter>> {
        let entries = print::manifest(db(ctx)?, self.0.tenant_id, self.0.id).await.map_err(query_error)?;
        Ok(entries.into_iter().map(|entry| PrintedLetter { tenant: self.0.tenant_id, entry }).collect())
    }

    /// Who chose the letters.
    async fn created_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.created_by).await
    }

    /// When.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The day on which its letters were posted.
    async fn posted_on(&self) -> Option<Date> {
        self.0.posted_on.map(Date)
    }

    /// Who posted it or gave it up.
    async fn ended_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.ended_by).await
    }

    /// When.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
}

/// A letter in the file of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedLetter {
    tenant: entity::TenantId,
    entry: Entry,
}

/// A letter in the file of a batch.
#[Object]
impl PrintedLetter {
    /// Which letter. One that was cancelled after the file was drawn is taken out by hand.
    async fn letter(&self, ctx: &Context<'_>) -> async_graphql::Result<Letter> {
        let row = loader::one(ctx, Row(self.tenant, self.entry.letter)).await?;
        row.map(Letter).ok_or_else(|| "a batch without its letter".into())
    }

    /// Its first page in the file, from 1; null before the file is drawn, and when the letter was stopped before.
    async fn first_page(&self) -> Option<i32> {
        self.entry.first_page
    }

    /// Its pages in the file, without a blank one after them.
    async fn pages(&self) -> Option<i32> {
        self.entry.pages
    }

    /// The reference that it bears.
    async fn reference(&self) -> &str {
        &self.entry.reference
    }

    /// The name in its window.
    async fn recipient(&self) -> &str {
        &self.entry.recipient
    }

    /// The lines below the name.
    async fn address_lines(&self) -> &[String] {
        &self.entry.address_lines
    }

    /// The country of the address.
    async fn country(&self) -> CountryCode {
        CountryCode(self.entry.country.clone())
    }
}
