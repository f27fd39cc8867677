//! How whole files are spelt: encodings, line ends, quotes, hints, previews.

use domain::import::{DateOrder, DecimalMark, Delimiter, Encoding, Field, ImportRequest};

use super::{MemoryFile, pages, preview, read};

fn latin(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn utf16(text: &str, mark: bool, little: bool) -> Vec<u8> {
    let text = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

const GERMAN: &str = "Rechnungsnummer;Fälligkeit;Betrag;Kunde\r\n1;21.11.2026;1.234,50;Müller\r\n2;1.12.2026;2,00;\"Süß\r\nund so\"\r\n";

#[tokio::test]
async fn every_encoding_gives_the_same_records() {
    let spellings = [
        GERMAN.as_bytes().to_vec(),
        format!("\u{feff}{GERMAN}").into_bytes(),
        latin(GERMAN),
        utf16(GERMAN, true, true),
        utf16(GERMAN, true, false),
        utf16(GERMAN, false, true),
        utf16(GERMAN, false, false),
        GERMAN.replace("\r\n", "\n").into_bytes(),
        GERMAN.replace("\r\n", "\r").into_bytes(),
        GERMAN.replace(';', "\t").into_bytes(),
        GERMAN.replace(';', "|").into_bytes(),
        format!("sep=;\r\n{GERMAN}").into_bytes(),
    ];
    let (expected, _) = read(GERMAN, ImportRequest::default()).await;
    assert_eq!(expected[1].debtor.as_ref().unwrap().name, "Süß und so");
    for bytes in spellings {
        for piece in [1, 2, 3, 7, 1 << 20] {
            let found = pages(MemoryFile::new(bytes.clone(), piece), ImportRequest::default(), None).await.unwrap();
            assert_eq!(found[0].records, expected, "{:?} in pieces of {piece}", &bytes[..20]);
            assert_eq!(found[0].bytes_done, bytes.len() as u64);
        }
    }
}

#[tokio::test]
async fn a_western_letter_late_in_an_ascii_file_is_noticed() {
    let mut bytes = b"number,due date,total,customer\n".to_vec();
    for row in 0..10_000 {
        bytes.extend(format!("{row},2026-01-01,5,Somebody With A Name\n").into_bytes());
    }
    bytes.extend(latin("x,2026-01-01,5,Köln\n"));
    let (records, problems) = read(bytes.clone(), ImportRequest::default()).await;
    assert_eq!((records.len(), problems.len()), (10_001, 0));
    assert_eq!(records[10_000].debtor.as_ref().unwrap().name, "Köln");
    assert_eq!(preview(bytes, ImportRequest::default(), 1).await.request.encoding, Some(Encoding::Windows1252));
}

#[tokio::test]
async fn rows_are_counted_as_a_spreadsheet_counts_them() {
    let text = "\nnumber,due date,total,customer\n\n1,2026-01-01,5,\"two\nlines\"\n,,,\n\r\n2,bad,5,B\n";
    let pages = pages(MemoryFile::new(text, 5), ImportRequest::default(), None).await.unwrap();
    assert_eq!(pages[0].records[0].row, Some(4));
    assert_eq!(pages[0].problems[0].row, Some(7));
    assert_eq!((pages[0].rows_done, pages[0].bytes_done), (2, text.len() as u64));
}

#[tokio::test]
async fn a_preview_tells_settings_columns_and_rows() {
    let seen = preview(latin(GERMAN), ImportRequest::default(), 10).await;
    let request = &seen.request;
    assert_eq!((request.encoding, request.delimiter), (Some(Encoding::Windows1252), Some(Delimiter::Semicolon)));
    assert_eq!((request.date_order, request.decimal_mark), (Some(DateOrder::DayMonthYear), Some(DecimalMark::Comma)));
    assert_eq!(request.mapping.get(&Field::DueOn).map(String::as_str), Some("Fälligkeit"));
    assert_eq!(seen.columns[2].suggestion, Some(Field::Total));
    assert_eq!(seen.columns[2].samples, ["1.234,50", "2,00"]);
    assert_eq!(seen.rows.iter().map(|row| (row.row, row.record.is_some())).collect::<Vec<_>>(), [(2, true), (3, true)]);
    assert!(!seen.more);
    let saved = ImportRequest { mapping: request.mapping.clone(), ..request.clone() };
    let (records, _) = read(latin(GERMAN), saved).await;
    assert_eq!(Some(&records[0]), seen.rows[0].record.as_ref(), "the previewed settings import what was previewed");
}
