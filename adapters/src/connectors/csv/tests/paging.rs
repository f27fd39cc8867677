//! Long files: pages, places to go on at, and how much is held at once.

use std::{fmt::Write, sync::atomic::Ordering};

use domain::{
    import::ImportRequest,
    port::{Blob, Connector, Page, SourceError},
};

use super::{super::CsvConnector, MemoryFile, pages, pull_of};

/// Payments with twins, bad rows, doubles and quoted line ends, in Windows-1252.
fn mixed(rows: usize) -> Vec<u8> {
    let mut text = String::from("number;due date;total;customer;payment date;payment amount\r\n");
    for row in 0..rows {
        let _ = match row % 7 {
            0 => write!(text, "{row};2026-01-01;1.234,50;\"Müller\r\nund {row}\";;\r\n"),
            1 => write!(text, "same;;;;05.01.2026;5,00\r\n"),
            2 => write!(text, "{row};not a date;1,00;B;;\r\n"),
            3 => write!(text, "double;2026-01-01;{row},00;C;;\r\n"),
            4 => write!(text, "\r\n;;;;;\r\n{row};2026-01-01;7,00;D;;\r\n"),
            _ => write!(text, "{row};2026-01-01;7,00;E;06.01.2026;{row},50\r\n"),
        };
    }
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

fn flat(pages: &[Page]) -> String {
    let mut text = String::new();
    for page in pages {
        let _ = writeln!(text, "{:?} {:?} {} {} {}", page.records, page.problems, page.position, page.rows_done, page.bytes_done);
    }
    text
}

#[tokio::test]
async fn a_run_cut_after_any_page_goes_on_as_if_nothing_had_happened() {
    let file = MemoryFile::new(mixed(9_000), 4_096);
    let whole = pages(file.clone(), ImportRequest::default(), None).await.unwrap();
    assert_eq!(whole.len(), 5);
    assert_eq!(whole[4].bytes_done, file.size());
    for cut in 0..whole.len() {
        let rest = pages(file.clone(), ImportRequest::default(), Some(whole[cut].position.clone())).await.unwrap();
        assert_eq!(flat(&rest), flat(&whole[cut + 1..]), "after page {cut}");
    }
    let ids: Vec<&str> =
        whole.iter().flat_map(|page| &page.records).filter_map(|record| Some(record.payment.as_ref()?.external_id.as_str())).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "equal payments stay apart over all pages");
    let taken =
        whole.iter().flat_map(|page| &page.records).filter(|record| record.invoice.as_ref().is_some_and(|i| i.external_id == "double"));
    assert_eq!(taken.count(), 1, "of a changing invoice the first row is taken");
}

#[tokio::test]
async fn the_place_is_a_byte_offset_at_a_rows_end() {
    let bytes = mixed(9_000);
    for page in pages(MemoryFile::new(bytes.clone(), 1 << 16), ImportRequest::default(), None).await.unwrap() {
        let end = usize::try_from(page.bytes_done).unwrap();
        assert!(matches!(bytes[end - 1], b'\r' | b'\n'), "{:?}", String::from_utf8_lossy(&bytes[end - 10..end]));
    }
}

/// A file of 300,000 rows that is never in memory as a whole: made piece by piece as it is asked for.
struct Generated {
    rows: u64,
    largest: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

const HEADER: &str = "number,due date,total,customer,email padding padding\n";
/// Bytes of one row.
const ROW: u64 = 53;

fn row(number: u64) -> String {
    format!("{number:010},2026-01-01,{:06}.50,Customer {:04},a@b\n", number % 100_000, number % 10_000).replace(",a@b", ",a@b.ex")
}

#[async_trait::async_trait]
impl Blob for Generated {
    fn size(&self) -> u64 {
        ROW * (self.rows + 1)
    }

    async fn read(&self, offset: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if offset >= self.size() {
            return Ok(None);
        }
        let (first, skip) = (offset / ROW, usize::try_from(offset % ROW).unwrap());
        let last = (first + 2_000).min(self.rows + 1);
        let text: String = (first..last).map(|number| if number == 0 { HEADER.to_owned() } else { row(number) }).collect();
        let piece = text.into_bytes().split_off(skip);
        self.largest.fetch_max(piece.len(), Ordering::Relaxed);
        Ok(Some(piece))
    }
}

#[tokio::test]
async fn a_long_file_streams_page_by_page() {
    assert_eq!((HEADER.len() as u64, row(1).len() as u64), (ROW, ROW));
    let largest = std::sync::Arc::default();
    let file = Generated { rows: 300_000, largest: std::sync::Arc::clone(&largest) };
    let mut pull = pull_of(MemoryFile::new("", 1), ImportRequest::default(), None);
    pull.file = Some((Box::new(file), ImportRequest::default()));
    let mut source = CsvConnector.pull(pull).await.unwrap();
    let (mut records, mut done) = (0, 0);
    while let Some(page) = source.next_page().await.unwrap() {
        assert!(page.records.len() <= 2_000 && page.problems.is_empty());
        assert_eq!(page.bytes_done, ROW * (page.rows_done + 1), "read no further than handed out");
        records += page.records.len();
        done = page.rows_done;
    }
    assert_eq!((records, done), (300_000, 300_000));
    assert!(largest.load(Ordering::Relaxed) <= 2_000 * usize::try_from(ROW).unwrap());
}
