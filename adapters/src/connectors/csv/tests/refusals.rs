//! Files that are no tables, or that a person must explain first: refused as a whole, before anything is taken over.

use std::fmt::Write;

use domain::import::{DateOrder, DecimalMark, Delimiter, Encoding, Field, ImportRequest};

use super::{MemoryFile, day, pages, preview, read, refusal};

#[tokio::test]
async fn what_is_not_a_table_is_refused_with_a_reason() {
    let cases: [(&[u8], &str, &str); 17] = [
        (b"", "EMPTY_FILE", "empty"),
        (b" \r\n\n", "EMPTY_FILE", "empty"),
        (b"\xEF\xBB\xBF", "EMPTY_FILE", "empty"),
        (b"number,due date,total,customer\n", "EMPTY_FILE", "no rows"),
        (b"number,due date,total,customer\n,,,\n\n", "EMPTY_FILE", "no rows"),
        (b"%PDF-1.7\n1,2\n", "NOT_A_TABLE", "PDF"),
        (b"PK\x03\x04....", "NOT_A_TABLE", "xlsx"),
        (b"\x89PNG\r\n\x1a\n", "NOT_A_TABLE", "picture"),
        (b"<!DOCTYPE html><p>a,b</p>\n", "NOT_A_TABLE", "HTML"),
        (b"{\"a\": 1, \"b\": 2}", "NOT_A_TABLE", "JSON"),
        (b"just\none\ncolumn\n", "NOT_A_TABLE", "no columns"),
        (b"number,due date,total,customer\n1,\0,\n", "NOT_A_TABLE", "zero bytes"),
        (
            b"number,due date,total,customer\n1,2026-01-01,5,\"never closed\n2,2026-01-01,5,B\n",
            "NOT_A_TABLE",
            "row 2 opens a quotation mark",
        ),
        (b"what,is,this\n1,2,3\n", "INVALID", "no column was recognised for: invoice number, due date, total"),
        (b"number,due date,total,customer\n1,1/2/2026,5,A\n", "INVALID", "the column \"due date\""),
        (b"number,due date,total,customer\n1,1/13/2026,5,A\n2,13/1/2026,5,B\n", "INVALID", "contradict"),
        (b"number,due date,total,customer\n1,2026-01-01,5.5,A\n2,2026-01-01,\"5,5\",B\n", "INVALID", "decimal mark"),
    ];
    for (bytes, code, part) in cases {
        let (found, message) = refusal(bytes, ImportRequest::default()).await;
        assert!(found == code && message.contains(part), "{:?}: {found} {message}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test]
async fn a_good_file_that_breaks_in_its_last_row_gives_no_page() {
    let mut text = String::from("number,due date,total,customer\n");
    for row in 0..5_000 {
        let _ = writeln!(text, "{row},2026-01-01,5,A");
    }
    text.push_str("x,2026-01-01,5,\"open\n");
    let (code, message) = refusal(text, ImportRequest::default()).await;
    assert_eq!(code, "NOT_A_TABLE");
    assert!(message.contains("row 5002"), "{message}");
}

#[tokio::test]
async fn bombs_run_into_a_limit() {
    let endless_cell = format!("number,due date,total,customer\n1,2026-01-01,5,\"{}", "x".repeat(3 << 20));
    let endless_row = format!("number,due date,total,customer\n1,{}", "y".repeat(2 << 20));
    let wide = format!("number,due date,total,customer{}\n1,2026-01-01,5,A\n", ",x".repeat(100_000));
    let wide_row = format!("number,due date,total,customer\n1,2026-01-01,5,A{}\n", ",".repeat(100_000));
    let long_row = format!("number,due date,total,customer\n1,{}\n", ["z".repeat(900_000).as_str(); 6].join(","));
    for (bytes, part) in [(endless_cell, "1 MiB"), (endless_row, "1 MiB"), (wide, "columns"), (wide_row, "columns"), (long_row, "4 MiB")] {
        let (code, message) = refusal(bytes, ImportRequest::default()).await;
        assert!(code == "NOT_A_TABLE" && message.contains(part), "{part}: {message}");
    }
}

#[tokio::test]
async fn an_ambiguous_file_becomes_clear_by_a_word_or_another_column() {
    let text = "number,due date,total,customer,paid on\n1,1/2/2026,5,A,\n";
    let asked = ImportRequest { date_order: Some(DateOrder::MonthDayYear), ..ImportRequest::default() };
    let (records, _) = read(text, asked).await;
    assert_eq!(records[0].invoice.as_ref().unwrap().due_on, day("2026-01-02"));
    let settled = format!("{text}2,2026-01-01,5,B,25/1/2026\n");
    let (records, _) = read(settled, ImportRequest::default()).await;
    assert_eq!(records[0].invoice.as_ref().unwrap().due_on, day("2026-02-01"), "the paid-on column settles the due date");
}

#[tokio::test]
async fn three_decimals_are_asked_about_only_where_the_currency_has_them() {
    let text = "number,due date,total,customer,currency\n1,2026-01-01,\"1,234\",A,";
    let (records, _) = read(format!("{text}NZD\n"), ImportRequest::default()).await;
    assert_eq!(records[0].invoice.as_ref().unwrap().total_minor, 123_400);
    let (code, message) = refusal(format!("{text}KWD\n"), ImportRequest::default()).await;
    assert!(code == "INVALID" && message.contains("the column \"total\""), "{message}");
    let asked = ImportRequest { decimal_mark: Some(DecimalMark::Comma), ..ImportRequest::default() };
    let (records, _) = read(format!("{text}KWD\n"), asked).await;
    assert_eq!(records[0].invoice.as_ref().unwrap().total_minor, 1_234);
}

#[tokio::test]
async fn a_wrong_word_about_the_file_is_refused_by_name() {
    let text = "number,due date,total,customer\n1,2026-01-01,5,K\u{f6}ln\n";
    let utf16 = ImportRequest { encoding: Some(Encoding::Utf16), ..ImportRequest::default() };
    assert_eq!(refusal(text, utf16).await.0, "NOT_A_TABLE");
    let latin: Vec<u8> = text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
    let utf8 = ImportRequest { encoding: Some(Encoding::Utf8), ..ImportRequest::default() };
    let (code, message) = refusal(latin, utf8).await;
    assert!(code == "NOT_A_TABLE" && message.contains("UTF-8"), "{message}");
    let semicolon = ImportRequest { delimiter: Some(Delimiter::Semicolon), ..ImportRequest::default() };
    let (code, message) = refusal(text, semicolon).await;
    assert!(code == "NOT_A_TABLE" && message.contains("choose another delimiter"), "{message}");
    let damaged = [text.as_bytes(), b"2,2026-01-01,5,M\xFCller\n"].concat();
    let (code, message) = refusal(damaged, ImportRequest::default()).await;
    assert!(code == "NOT_A_TABLE" && message.contains("UTF-8"), "not turned into other letters: {message}");
    let mapping = [(Field::InvoiceNumber, "Nummer".to_owned())].into();
    let (code, message) = refusal(text, ImportRequest { mapping, ..ImportRequest::default() }).await;
    assert!(code == "INVALID" && message.contains("\"Nummer\"") && message.contains("\"due date\""), "{message}");
}

#[tokio::test]
async fn a_place_of_another_file_or_version_is_refused() {
    let text = "number,due date,total,customer\n1,2026-01-01,5,A\n2,2026-01-01,5,B\n";
    let file = MemoryFile::new(text, 100);
    let position = pages(file.clone(), ImportRequest::default(), None).await.unwrap()[0].position.clone();
    assert_eq!(pages(file, ImportRequest::default(), Some(position.clone())).await.unwrap().len(), 0, "nothing is left");
    let other = MemoryFile::new("number,due date,total,customer\n1,2026-01-01,5,Other\n2,2026-01-01,5,B\n", 100);
    assert!(pages(other, ImportRequest::default(), Some(position)).await.is_err());
    let file = MemoryFile::new(text, 100);
    assert!(pages(file, ImportRequest::default(), Some("{\"version\":0}".into())).await.is_err());
}

#[tokio::test]
async fn a_preview_shows_what_an_import_would_ask() {
    let seen = preview("number,due date,total,customer\n1,1/2/2026,5,A\n2,13/13/2026,x,B\n", ImportRequest::default(), 1).await;
    assert_eq!((seen.request.date_order, seen.request.encoding, seen.rows.len(), seen.more), (None, Some(Encoding::Utf8), 1, true));
    assert_eq!(seen.rows[0].problems[0].column.as_deref(), Some("due date"));
    assert!(seen.rows[0].problems[0].message.contains("two days"), "{}", seen.rows[0].problems[0].message);
    let strange = preview("what;this\n1;2\n", ImportRequest::default(), 10).await;
    assert_eq!(
        strange.columns.iter().map(|column| (column.name.as_str(), column.suggestion)).collect::<Vec<_>>(),
        [("what", None), ("this", None)]
    );
    assert_eq!((strange.rows[0].problems[0].code.as_str(), strange.more), ("REQUIRED", false));
}
