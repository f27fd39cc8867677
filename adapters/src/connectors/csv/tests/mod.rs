//! The connector as its callers see it: bytes in, pages out.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod files;
mod paging;
mod refusals;
mod round_trip;
mod rows;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::NaiveDate;
use domain::{
    import::ImportRequest,
    port::{Blob, Connector, Page, Preview, Problem, Pull, Record, SourceError},
};
use entity::{IntegrationId, TenantId};
use uuid::Uuid;

use super::CsvConnector;

/// A file in memory that serves pieces of one size and remembers the largest piece asked for.
#[derive(Clone)]
pub(super) struct MemoryFile {
    pub bytes: Arc<Vec<u8>>,
    pub piece: usize,
    pub reads: Arc<AtomicUsize>,
}

impl MemoryFile {
    pub(super) fn new(bytes: impl Into<Vec<u8>>, piece: usize) -> Self {
        Self { bytes: Arc::new(bytes.into()), piece, reads: Arc::default() }
    }
}

#[async_trait::async_trait]
impl Blob for MemoryFile {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    async fn read(&self, offset: u64) -> Result<Option<Vec<u8>>, SourceError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let start = usize::try_from(offset).unwrap().min(self.bytes.len());
        let end = (start + self.piece).min(self.bytes.len());
        Ok((start < end).then(|| self.bytes[start..end].to_vec()))
    }
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn pull_of(file: MemoryFile, request: ImportRequest, position: Option<String>) -> Pull {
    Pull {
        tenant: TenantId(Uuid::nil()),
        integration: IntegrationId(Uuid::nil()),
        currency: "NZD".into(),
        position,
        scope: domain::port::Scope::Everything,
        link: None,
        file: Some((Box::new(file), request)),
        today: day("2026-11-21"),
    }
}

pub(super) async fn pages(file: MemoryFile, request: ImportRequest, position: Option<String>) -> Result<Vec<Page>, SourceError> {
    let mut source = CsvConnector.pull(pull_of(file, request, position)).await?;
    let mut pages = Vec::new();
    while let Some(page) = source.next_page().await? {
        pages.push(page);
    }
    Ok(pages)
}

/// All records and problems of a text.
pub(super) async fn read(bytes: impl Into<Vec<u8>>, request: ImportRequest) -> (Vec<Record>, Vec<Problem>) {
    let pages = pages(MemoryFile::new(bytes, 1 << 20), request, None).await.unwrap();
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    for page in pages {
        records.extend(page.records);
        problems.extend(page.problems);
    }
    (records, problems)
}

/// The code and message with which a file is refused.
pub(super) async fn refusal(bytes: impl Into<Vec<u8>>, request: ImportRequest) -> (String, String) {
    match pages(MemoryFile::new(bytes, 1 << 20), request, None).await {
        Err(SourceError::Refused { code, message }) => (code, message),
        other => panic!("not refused: {:?}", other.map(|pages| pages.len())),
    }
}

pub(super) async fn preview(bytes: impl Into<Vec<u8>>, request: ImportRequest, rows: usize) -> Preview {
    CsvConnector.preview(pull_of(MemoryFile::new(bytes, 1000), request, None), rows).await.unwrap()
}
