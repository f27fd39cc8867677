//! What a stand-in holds at first: two dozen cases of a Norwegian creditor in all states. All names are invented.

use chrono::{DateTime, Days, Utc};
use uuid::Uuid;

use super::{
    case::{Case, Debtor, Status},
    office::Office,
};

/// Name and, for a company, whether it is one.
const DEBTORS: [(&str, bool); 12] = [
    ("Øystein Bråthen", false),
    ("Kjøkkenmester Sæbø AS", true),
    ("Åshild Mørkved", false),
    ("Båtservice Færder AS", true),
    ("Jørn Lønning", false),
    ("Grønn Glede Blomster", true),
    ("Solfrid Ågotnes", false),
    ("Nærbutikken Løten AS", true),
    ("Tårnfjord Maskin AS", true),
    ("Bjørn-Ærlig Dåpen", false),
    ("Møllehagen Barnehage SA", true),
    ("Håvard Skjærgård", false),
];

/// Days since registration, øre, øre paid, status and place in the process.
const STATES: [(u64, i64, i64, Status, &str); 24] = [
    (3, 450_000, 0, Status::Open, "REGISTERED"),
    (5, 129_900, 0, Status::Open, "REGISTERED"),
    (9, 87_500, 20_000, Status::Open, "REMINDED"),
    (12, 2_300_000, 0, Status::Open, "REMINDED"),
    (15, 64_900, 64_900, Status::Closed, "PAID"),
    (18, 310_050, 0, Status::Paused, "REMINDED"),
    (21, 99_000, 0, Status::Open, "NOTICE_SENT"),
    (24, 745_000, 245_000, Status::Open, "NOTICE_SENT"),
    (27, 51_200, 0, Status::Open, "DEBT_COLLECTION_LIST_MANUAL"),
    (30, 180_000, 180_000, Status::Closed, "PAID"),
    (33, 36_000, 0, Status::Open, "DEBT_COLLECTION_LIST_MANUAL"),
    (36, 1_120_000, 0, Status::Open, "DEBT_COLLECTION"),
    (40, 275_500, 75_500, Status::Open, "DEBT_COLLECTION"),
    (44, 92_300, 0, Status::Paused, "DEBT_COLLECTION"),
    (48, 418_000, 0, Status::Closed, "WITHDRAWN"),
    (52, 66_600, 66_600, Status::Closed, "PAID"),
    (58, 154_000, 0, Status::Open, "DEBT_COLLECTION"),
    (65, 39_900, 0, Status::Open, "LEGAL"),
    (72, 980_000, 480_000, Status::Open, "LEGAL"),
    (80, 27_500, 0, Status::Closed, "UNCOLLECTABLE"),
    (95, 212_000, 0, Status::Open, "LEGAL"),
    (110, 58_800, 58_800, Status::Closed, "PAID"),
    (140, 333_300, 0, Status::Closed, "UNCOLLECTABLE"),
    (170, 1_499_900, 1_499_900, Status::Closed, "PAID"),
];

/// Fills the desk.
pub fn samples(office: &mut Office, new_id: &impl Fn() -> Uuid, now: DateTime<Utc>) {
    for (at, (age, original_minor, paid_minor, status, sub_status)) in STATES.into_iter().enumerate().rev() {
        let registered_at = now - Days::new(age);
        let (name, is_company) = DEBTORS[at % DEBTORS.len()];
        let kind = if is_company { "COMPANY" } else { "PRIVATE" };
        office.seed(Case {
            id: new_id(),
            number: (5_000_001 + office.cases().len()).to_string(),
            kind: if at % 2 == 0 { "PAYMENT_REMINDER" } else { "COLLECTION_NOTICE" },
            status,
            sub_status: sub_status.to_owned(),
            registered_at,
            closed_at: (status == Status::Closed).then(|| now - Days::new(age / 2)),
            invoice_id: new_id(),
            invoice_number: format!("F-{}", 20_500 + at),
            source_id: format!("sample-{at}"),
            due_on: registered_at.date_naive() - Days::new(20),
            original_minor,
            paid_minor,
            credited_minor: 0,
            debtor: Debtor { id: new_id(), kind: kind.to_owned(), name: name.to_owned(), customer_number: Some((4_000 + at).to_string()) },
        });
    }
}
