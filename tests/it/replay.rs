//! Living through a file of real invoices, day by day: what was issued comes in on its day, what was settled on its
//! day, letters go out at the opening. Nothing is expected here; the test beside it and the benchmark drive it.

use std::{collections::BTreeMap, fmt::Write, path::PathBuf};

use chrono::{Days, NaiveDate};
use domain::{
    import::{DateOrder, DecimalMark, Field, ImportRequest},
    integration::IntegrationChanges,
};

use sea_orm::ConnectionTrait;

use crate::world::{Creditor, World};

/// Names a file of real invoices; without it a small one of our own is used.
pub const REAL_INVOICES: &str = "DUNWELL_REAL_INVOICES";

/// One line of the file, with the cells as they stand there.
#[derive(Debug, Clone)]
pub struct Line {
    pub customer: String,
    pub number: String,
    pub issued: NaiveDate,
    pub due: NaiveDate,
    pub settled: NaiveDate,
    cells: [String; 5],
}

/// Reads the file.
pub fn load() -> Vec<Line> {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/sample-invoices.csv");
    let path = std::env::var_os(REAL_INVOICES).map_or(sample, PathBuf::from);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{REAL_INVOICES}: {}: {e}", path.display()));
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| line(&row.expect("a row of the file"))).collect()
}

fn line(row: &BTreeMap<String, String>) -> Line {
    let date = |name: &str| NaiveDate::parse_from_str(&row[name], "%m/%d/%Y").unwrap_or_else(|e| panic!("{name}: {}: {e}", row[name]));
    Line {
        customer: row["customerID"].clone(),
        number: row["invoiceNumber"].clone(),
        issued: date("InvoiceDate"),
        due: date("DueDate"),
        settled: date("SettledDate"),
        cells: ["InvoiceDate", "DueDate", "InvoiceAmount", "Disputed", "SettledDate"].map(|name| row[name].clone()),
    }
}

/// Lives from the first invoice's day until a week after the last settlement.
pub async fn live_through(world: &World, by: &Creditor, lines: &[Line]) {
    let mut by_day: BTreeMap<NaiveDate, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        by_day.entry(line.issued).or_default().push(line);
        if line.settled != line.issued {
            by_day.entry(line.settled).or_default().push(line);
        }
    }
    let (Some(first), Some(last)) = (by_day.keys().next().copied(), by_day.keys().next_back().copied()) else { return };
    for day in first.iter_days().take_while(|day| *day <= last + Days::new(7)) {
        world.clock.set_local(by.zone, day, 0);
        if let Some(lines) = by_day.get(&day) {
            world.upload(by, slice(day, lines)).await;
        }
        world.run_due().await;
        world.at_local(by, day, 9).await;
    }
}

/// The day's export: the file's own columns, what is not settled yet without its date, and a placeholder address.
fn slice(day: NaiveDate, lines: &[&Line]) -> (String, ImportRequest) {
    let mut text = "customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,Email\n".to_owned();
    for line in lines {
        let [issued, due, amount, disputed, settled] = &line.cells;
        let settled = if line.settled <= day { settled } else { "" };
        let address = line.customer.to_lowercase();
        let (customer, number) = (&line.customer, &line.number);
        writeln!(text, "{customer},{number},{issued},{due},{amount},{disputed},{settled},{address}@debtors.example").unwrap();
    }
    (text, request())
}

/// `Disputed` is in the file and not mapped.
fn request() -> ImportRequest {
    let mapping = [
        (Field::DebtorId, "customerID"),
        (Field::InvoiceNumber, "invoiceNumber"),
        (Field::IssuedOn, "InvoiceDate"),
        (Field::DueOn, "DueDate"),
        (Field::Total, "InvoiceAmount"),
        (Field::PaidOn, "SettledDate"),
        (Field::DebtorEmail, "Email"),
    ];
    ImportRequest {
        mapping: mapping.map(|(field, column)| (field, column.to_owned())).into(),
        date_order: Some(DateOrder::MonthDayYear),
        decimal_mark: Some(DecimalMark::Point),
        ..ImportRequest::default()
    }
}

/// A creditor who collects by itself: three weekly letters, automatic consent and approval, Monday to Friday. Each case
/// has letters of its own, in a country that nobody knows and that has no limits of contact: what is expected is one line for each invoice.
pub async fn creditor(world: &World, zone: &str, minimum_days: i32) -> Creditor {
    let by = world.creditor_in(zone).await;
    world.env.db.execute_unprepared("UPDATE tenant SET country = 'ZZ', group_letters = FALSE").await.unwrap();
    let changes =
        IntegrationChanges { minimum_days_overdue: Some(minimum_days), auto_approve: Some(true), ..IntegrationChanges::default() };
    world.intake(&by, changes).await;
    by
}
