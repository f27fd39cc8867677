//! Rows per second of the CSV connector alone: from bytes in memory to records, both walks over the file included.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a panic ends the benchmark")]

use std::{fmt::Write, sync::Arc};

use adapters::connectors::csv::CsvConnector;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::{
    import::ImportRequest,
    port::{Blob, Connector, Pull, SourceError},
};
use entity::{IntegrationId, TenantId};
use uuid::Uuid;

const ROWS: u64 = 100_000;
const PIECE: usize = 1 << 20;

struct MemoryFile(Arc<Vec<u8>>);

#[async_trait::async_trait]
impl Blob for MemoryFile {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    async fn read(&self, offset: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let start = usize::try_from(offset).unwrap();
        let end = (start + PIECE).min(self.0.len());
        Ok((start < end).then(|| self.0[start..end].to_vec()))
    }
}

/// Invoices as a small business exports them, every third one paid.
fn file() -> String {
    let mut text = String::from(
        "Invoice number,Invoice date,Due date,Invoice amount,Customer ID,Customer name,E-mail,Street,Postcode,City,Country,Settled date\n",
    );
    for row in 0..ROWS {
        let (month, day) = (row % 12 + 1, row % 28 + 1);
        let paid = if row % 3 == 0 { format!("{month}/{day}/2026") } else { String::new() };
        let _ = writeln!(
            text,
            "INV-{row:07},{month}/{day}/2025,{month}/{day}/2026,\"1,{:03}.{:02}\",C{:05},Customer {},c{}@example.org,{} Queen Street,1010,Auckland,NZ,{paid}",
            row % 1000,
            row % 100,
            row % 20_000,
            row % 20_000,
            row % 20_000,
            row % 500,
        );
    }
    text
}

async fn read_all(bytes: Arc<Vec<u8>>) -> u64 {
    let pull = Pull {
        tenant: TenantId(Uuid::nil()),
        integration: IntegrationId(Uuid::nil()),
        currency: "NZD".into(),
        position: None,
        scope: domain::port::Scope::Everything,
        link: None,
        file: Some((Box::new(MemoryFile(bytes)), ImportRequest::default())),
        today: "2026-12-31".parse().unwrap(),
    };
    let mut source = CsvConnector.pull(pull).await.unwrap();
    let mut records = 0;
    while let Some(page) = source.next_page().await.unwrap() {
        assert!(page.problems.is_empty(), "{:?}", page.problems.first());
        records += page.records.len() as u64;
    }
    records
}

fn rows_per_second(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let text = file();
    let spellings =
        [("utf-8", text.clone().into_bytes()), ("utf-16", format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect())];
    let mut group = criterion.benchmark_group("csv");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    for (name, bytes) in spellings {
        let bytes = Arc::new(bytes);
        group.bench_with_input(BenchmarkId::new("rows", name), &bytes, |bencher, bytes| {
            bencher.to_async(&runtime).iter(|| async { assert_eq!(read_all(Arc::clone(bytes)).await, ROWS) });
        });
    }
    group.finish();
}

criterion_group!(benches, rows_per_second);
criterion_main!(benches);
