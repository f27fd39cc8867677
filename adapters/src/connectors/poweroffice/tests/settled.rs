//! What settles a claim, as a table, and in pulls: what waits must never look gone.

use domain::port::{Page, Scope, Wanted};
use serde_json::{Value, json};

use super::{
    Puller,
    data::{claim, entry, voucher, with},
    fake::Go,
    pulls::{at, changes, go_with, matched},
};
use crate::connectors::poweroffice::{
    map::{Around, Details, Entry, tell},
    wire::LedgerEntry,
};

fn read(value: Value) -> Entry {
    Entry::read(serde_json::from_value::<LedgerEntry>(value).unwrap()).unwrap()
}

/// The ids of the entries of which the first claim of a group is told to be settled.
fn settled_by(group: &[Entry], whole: bool, waiting: Option<&[Entry]>) -> Option<Vec<String>> {
    let told = tell(&group[0], &Details::default(), &Around { group, whole, waiting });
    let ids = told.invoice.unwrap().settled_by?;
    Some(ids.iter().map(|id| id.strip_suffix(&format!("/{}", voucher(1))).unwrap().to_owned()).collect())
}

#[test]
fn what_settles_a_claim_is_told_where_it_is_certain() {
    let (part, other) = (entry(2, "BankJournal", "-70.00", "0"), entry(3, "OutgoingCreditNote", "-30.00", "0"));
    let written_off = with(other.clone(), &[("IsWriteOff", json!(true))]);
    let euros = |value: Value, amount: f64| with(value, &[("CurrencyCode", json!("EUR")), ("CurrencyAmount", json!(amount))]);
    let half_used = entry(2, "BankJournal", "-140.00", "-70.00");
    let one = vec![read(entry(9, "BankJournal", "-5.00", "-5.00"))];
    for (group, whole, waiting, expected) in [
        (vec![claim(1, "100.00", "100.00")], true, Some(&[][..]), Some(vec![])),
        (vec![claim(1, "100.00", "100.00")], true, Some(&one), Some(vec!["9"])),
        (vec![claim(1, "100.00", "100.00")], true, None, None),
        (vec![claim(1, "100.00", "100.00")], false, Some(&[]), None),
        (vec![claim(1, "100.00", "30.00"), part.clone()], true, Some(&one), Some(vec!["2", "9"])),
        (vec![claim(1, "100.00", "30.00"), part.clone()], false, Some(&one), None),
        (vec![claim(1, "100.00", "20.00"), part.clone()], true, Some(&[]), None),
        (vec![claim(1, "100.00", "30.00")], true, Some(&[]), None),
        (vec![claim(1, "100.00", "0"), part.clone(), other], true, None, Some(vec!["2", "3"])),
        (vec![claim(1, "100.00", "0"), part.clone(), written_off], true, Some(&one), Some(vec!["2"])),
        (vec![euros(claim(1, "100.00", "100.00"), 10.0)], true, Some(&[]), Some(vec![])),
        (vec![euros(claim(1, "100.00", "30.00"), 10.0), euros(part.clone(), -7.0)], true, Some(&[]), Some(vec!["2"])),
        (vec![euros(claim(1, "100.00", "30.00"), 10.0), part], true, Some(&[]), None),
        (vec![euros(claim(1, "100.00", "30.00"), 10.0), euros(half_used, -14.0)], true, Some(&[]), None),
    ] {
        let case = format!("{group:?} {whole} {}", waiting.is_some());
        let group: Vec<Entry> = group.into_iter().map(read).collect();
        let expected = expected.map(|ids| ids.into_iter().map(str::to_owned).collect());
        assert_eq!(settled_by(&group, whole, waiting), expected, "{case}");
    }
}

/// What settles invoice 1, by a pull.
async fn pulled(go: &Go, scope: Scope) -> Option<Vec<String>> {
    let pages: Vec<Page> = Puller::new(go).pages(scope).await.unwrap();
    let mut told = pages.iter().flat_map(|page| &page.records).filter_map(|record| record.invoice.as_ref());
    told.rfind(|told| told.external_id == voucher(1)).unwrap().settled_by.clone()
}

fn everywhere() -> [Scope; 3] {
    [changes(), Scope::Everything, Scope::Only(Wanted { invoices: vec![voucher(1)], debtors: vec![] })]
}

/// Invoice 1 changed; money of the same customer waits since yesterday, and so does somebody else's.
fn changed_beside_waiting_money() -> Vec<Value> {
    let others = [("CustomerId", json!(40_002)), ("CustomerAccountNo", json!(10_002))];
    vec![
        at(matched(claim(1, "1000.00", "600.00"), 77), "08:00:00", "09:50:00"),
        matched(entry(2, "IncomingOcrGiro", "-400.00", "0"), 77),
        entry(3, "BankJournal", "-50.00", "-50.00"),
        with(entry(4, "BankJournal", "-60.00", "-60.00"), &others),
    ]
}

#[tokio::test]
async fn money_that_waits_since_long_is_not_gone_when_only_the_claim_changed() {
    let go = go_with(changed_beside_waiting_money()).await;
    for scope in everywhere() {
        assert_eq!(pulled(&go, scope).await, Some(vec![format!("2/{}", voucher(1)), format!("3/{}", voucher(1))]));
    }
    go.books().entries.remove(2);
    for scope in everywhere() {
        assert_eq!(pulled(&go, scope).await, Some(vec![format!("2/{}", voucher(1))]), "it was paid back, and GO tells no deletion");
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_could_be_the_missing_one() {
    for broken in [1, 2] {
        let mut entries = changed_beside_waiting_money();
        entries[broken]["Amount"] = json!("much");
        let go = go_with(entries).await;
        for scope in everywhere() {
            assert_eq!(pulled(&go, scope).await, None, "entry {broken}");
        }
    }
}

#[tokio::test]
async fn a_match_that_was_undone_while_it_was_read_says_nothing() {
    for scope in everywhere() {
        let go = go_with(changed_beside_waiting_money()).await;
        go.books().instead.push(("EntriesByMatchId", wiremock::ResponseTemplate::new(404)));
        assert_eq!(pulled(&go, scope).await, None);
    }
}
