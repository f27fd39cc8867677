//! Any table, written in any of the supported ways, reads back as it was.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate};
use domain::import::{DateOrder, DecimalMark, Delimiter, Encoding, ImportRequest};
use proptest::prelude::*;

use super::{super::delimiter, MemoryFile, pages};

#[derive(Debug, Clone)]
struct Invoice {
    name: String,
    due_on: NaiveDate,
    total: i64,
}

#[derive(Debug, Clone, Copy)]
struct Style {
    encoding: Encoding,
    big_endian: bool,
    delimiter: Delimiter,
    order: DateOrder,
    mark: DecimalMark,
    grouped: bool,
    line_end: &'static str,
}

fn invoices() -> impl Strategy<Value = Vec<Invoice>> {
    let name = "[A-Za-zäöüßéØå\"',;|&=+@-]([A-Za-zäöüßéØå\"',;|&=+@\n-]{0,20}[A-Za-zäöüß;\",])?";
    let invoice = (name, 0..47_000i32, 1..10_000_000_000i64).prop_map(|(name, days, total)| Invoice {
        name,
        due_on: NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(u64::try_from(days % 20_000).unwrap()),
        total,
    });
    proptest::collection::vec(invoice, 1..30)
}

fn styles() -> impl Strategy<Value = Style> {
    (
        prop_oneof![Just(Encoding::Utf8), Just(Encoding::Utf16), Just(Encoding::Windows1252)],
        any::<bool>(),
        prop_oneof![Just(Delimiter::Comma), Just(Delimiter::Semicolon), Just(Delimiter::Tab), Just(Delimiter::Pipe)],
        prop_oneof![Just(DateOrder::YearMonthDay), Just(DateOrder::DayMonthYear), Just(DateOrder::MonthDayYear)],
        prop_oneof![Just(DecimalMark::Point), Just(DecimalMark::Comma)],
        any::<bool>(),
        prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    )
        .prop_map(|(encoding, big_endian, delimiter, order, mark, grouped, line_end)| Style {
            encoding,
            big_endian,
            delimiter,
            order,
            mark,
            grouped,
            line_end,
        })
}

fn write(invoices: &[Invoice], style: Style) -> Vec<u8> {
    let separator = char::from(delimiter::byte(style.delimiter));
    let mut text = ["number", "due date", "total", "customer"].join(&separator.to_string());
    text.push_str(style.line_end);
    for (number, invoice) in invoices.iter().enumerate() {
        let cells = [format!("I{number}"), date(invoice.due_on, style.order), amount(invoice.total, style), invoice.name.clone()];
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        let _ = write!(text, "{}{}", quoted.join(&separator.to_string()), style.line_end);
    }
    match style.encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        Encoding::Utf16 => {
            let text = format!("\u{feff}{text}");
            text.encode_utf16().flat_map(|unit| if style.big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        }
    }
}

fn date(date: NaiveDate, order: DateOrder) -> String {
    match order {
        DateOrder::YearMonthDay => date.to_string(),
        DateOrder::DayMonthYear => format!("{}/{}/{}", date.day(), date.month(), date.year()),
        DateOrder::MonthDayYear => format!("{}/{}/{}", date.month(), date.day(), date.year()),
    }
}

fn amount(total: i64, style: Style) -> String {
    let (group, mark) = if style.mark == DecimalMark::Point { (',', '.') } else { ('.', ',') };
    let mut whole = String::new();
    let digits = (total / 100).to_string();
    for (index, digit) in digits.chars().enumerate() {
        if style.grouped && index > 0 && (digits.len() - index).is_multiple_of(3) {
            whole.push(group);
        }
        whole.push(digit);
    }
    format!("{whole}{mark}{:02}", total % 100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_table_reads_back_in_any_spelling(invoices in invoices(), style in styles(), piece in 1..200usize, told in any::<bool>()) {
        let bytes = write(&invoices, style);
        let mut request = ImportRequest { date_order: Some(style.order), ..ImportRequest::default() };
        if told {
            request.delimiter = Some(style.delimiter);
            request.decimal_mark = Some(style.mark);
            request.encoding = Some(style.encoding);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let pages = runtime.block_on(pages(MemoryFile::new(bytes.clone(), piece), request, None));
        let pages = pages.map_err(|error| TestCaseError::fail(format!("{error} in {:?}", String::from_utf8_lossy(&bytes))))?;
        let records = &pages[0].records;
        prop_assert_eq!(&pages[0].problems, &vec![]);
        prop_assert_eq!(records.len(), invoices.len());
        prop_assert_eq!(pages[0].bytes_done, bytes.len() as u64);
        for (record, expected) in records.iter().zip(&invoices) {
            let invoice = record.invoice.as_ref().unwrap();
            let name = expected.name.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(&record.debtor.as_ref().unwrap().name, &name);
            prop_assert_eq!(invoice.due_on, expected.due_on);
            prop_assert_eq!(invoice.total_minor, expected.total);
        }
    }

    #[test]
    fn any_bytes_end_in_pages_or_a_refusal(
        head in prop_oneof![Just(""), Just("number,due date,total,customer\n"), Just("invoice;payment date;payment amount\n")],
        tail in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[0-9a-z,;\"\r\n./ €-]{0,300}".prop_map(String::into_bytes),
        ],
        piece in 1..50usize,
    ) {
        let bytes = [head.as_bytes(), &tail].concat();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let file = MemoryFile::new(bytes.clone(), piece);
        if let Ok(pages) = runtime.block_on(pages(file.clone(), ImportRequest::default(), None)) {
            prop_assert_eq!(pages.last().map(|page| page.bytes_done), Some(bytes.len() as u64));
            let again = runtime.block_on(super::pages(file, ImportRequest::default(), Some(pages[0].position.clone())));
            prop_assert_eq!(again.map(|pages| pages.len()), Ok(pages.len() - 1));
        }
    }
}
