//! Two years of invoices, replayed: exactly the cases that the rules demand, exactly the letters that fall due before
//! the money arrives, each case thanked once and closed. What is expected comes from the file alone, by the few lines
//! of date arithmetic below.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Datelike, Days, NaiveDate};
use domain::{calendar::local_date, letter::THANK_YOU_STEP};
use entity::{CaseStatus, CloseReason, InvoiceStatus};
use testdb::TestDb;

use crate::{
    invariants,
    postbox::QuickRenderer,
    replay::{Line, creditor, live_through, load},
    world::{Creditor, World, migrate},
};

/// The life of one invoice's case.
#[derive(Debug, PartialEq, Eq)]
struct Story {
    opened: NaiveDate,
    letters: Vec<NaiveDate>,
    thanked: Vec<NaiveDate>,
}

/// The day itself, or the Monday after it.
fn working_day(day: NaiveDate) -> NaiveDate {
    day.iter_days().find(|d| d.weekday().number_from_monday() <= 5).unwrap()
}

/// What the rules demand: a case on the day on which the invoice is old enough, unless it is settled by then; a letter
/// at once, a week later, two weeks later, as long as it is not settled; a thank-you when it is.
fn expected(lines: &[Line], minimum_days: u64) -> BTreeMap<String, Story> {
    let story = |line: &Line| {
        let opened = line.issued.max(line.due + Days::new(minimum_days));
        let first = working_day(opened);
        let letters: Vec<_> = [0, 7, 14].map(|wait| first + Days::new(wait)).into_iter().filter(|day| *day < line.settled).collect();
        // Nobody is thanked who was asked for nothing.
        let thanked = if letters.is_empty() { Vec::new() } else { vec![working_day(line.settled)] };
        (opened < line.settled).then(|| (line.number.clone(), Story { opened, letters, thanked }))
    };
    lines.iter().filter_map(story).collect()
}

/// What the product did, by invoice number.
async fn lived(world: &World, by: &Creditor) -> BTreeMap<String, Story> {
    let (letters, effects) = (world.letters(by).await, world.postbox.effects());
    let mut stories = BTreeMap::new();
    let invoices = world.invoice_rows(by).await;
    for case in world.cases(by).await {
        assert_eq!((case.status, case.close_reason), (CaseStatus::Closed, Some(CloseReason::Paid)), "{case:?}");
        let number = &invoices.iter().find(|i| i.case_id == Some(case.id)).expect("a case has an invoice").number;
        let left = |thanks: bool| {
            let of_case = letters.iter().filter(|l| l.case_id == case.id && (l.step == THANK_YOU_STEP) == thanks);
            let mut days: Vec<NaiveDate> =
                of_case.flat_map(|l| effects.iter().filter(|e| e.letter == l.id)).map(|e| local_date(by.zone, e.at)).collect();
            days.sort_unstable();
            days
        };
        let story = Story { opened: local_date(by.zone, case.opened_at), letters: left(false), thanked: left(true) };
        assert!(stories.insert(number.clone(), story).is_none(), "two cases for invoice {number}");
    }
    assert!(invoices.iter().all(|i| i.status == InvoiceStatus::Paid && i.outstanding_minor == 0), "every invoice is paid");
    stories
}

async fn replayed(db: TestDb, zone: &str, minimum_days: i32) {
    let lines = load();
    let world = World::at(db, "2000-01-01T00:00:00Z", Arc::new(QuickRenderer)).await;
    let by = creditor(&world, zone, minimum_days).await;
    live_through(&world, &by, &lines).await;
    let expected = expected(&lines, u64::try_from(minimum_days).unwrap());
    assert!(!expected.is_empty(), "the file has invoices that are settled late");
    assert_eq!(lived(&world, &by).await, expected);
    let letters: usize = expected.values().map(|s| s.letters.len() + s.thanked.len()).sum();
    assert_eq!(world.postbox.count(), letters, "nothing else left");
    assert_eq!(world.invoice_rows(&by).await.len(), lines.len());
    invariants::hold(&world, &[by]).await;
}

testdb::on_both!(fourteen_days_in_auckland, with("product", migrate), |db| replayed(db, "Pacific/Auckland", 14));

testdb::on_both!(thirty_days_in_berlin, with("product", migrate), |db| replayed(db, "Europe/Berlin", 30));
