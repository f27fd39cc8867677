//! Pages over lists that move, in processes that die.

use std::collections::{BTreeMap, BTreeSet};

use domain::port::{Page, Record, Scope};

use super::world::{Pulled, World};

/// Each page in a process of its own.
async fn page_by_page(world: &World, scope: Scope, mut between: impl FnMut(usize)) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    loop {
        let position = pages.last().map(|page| page.position.clone());
        let Some(page) = world.linked.source(scope.clone(), position).await.next_page().await.unwrap() else { return pages };
        pages.push(page);
        between(pages.len());
    }
}

fn by_invoice(records: &[Record]) -> BTreeMap<&str, &Record> {
    records.iter().filter_map(|record| Some((record.invoice.as_ref()?.external_id.as_str(), record))).collect()
}

#[tokio::test]
async fn a_pull_that_dies_after_each_page_brings_the_same() {
    let world = World::of(2_300).await;
    let at_once = world.linked.pull(Scope::Everything).await;
    let pages = page_by_page(&world, Scope::Everything, |_| {}).await;
    assert_eq!(pages.len(), at_once.pages.len());
    let resumed = Pulled::of(pages);
    assert_eq!(resumed.ids(), world.open());
    assert!(by_invoice(&resumed.records) == by_invoice(&at_once.records));
    assert_eq!(resumed.pages.last().unwrap().rows_done, 2_070);
}

#[tokio::test]
async fn a_page_asked_for_again_is_the_same() {
    let world = World::of(1_200).await;
    let first = world.linked.source(Scope::Everything, None).await.next_page().await.unwrap().unwrap();
    let second =
        || async { world.linked.source(Scope::Everything, Some(first.position.clone())).await.next_page().await.unwrap().unwrap() };
    let (one, other) = (second().await, second().await);
    assert_eq!((one.records, one.position, one.rows_done), (other.records, other.position, other.rows_done));
}

#[tokio::test]
async fn a_page_fits_into_the_calls_of_a_minute_and_none_is_lost_when_rows_leave_the_list() {
    let world = World::of(300).await;
    let open = world.open();
    for id in &open {
        world.stand.xentral().record_payment(*id, 100).unwrap();
    }
    let mut counted = 0;
    let pages = page_by_page(&world, Scope::Everything, |page| {
        let calls = world.stand.calls().total();
        assert!(calls - counted <= 45, "page {page} took {} calls", calls - counted);
        counted = calls;
        // What was taken over already is paid and leaves the list.
        let done = open[page];
        let rest = world.stand.xentral().invoice(done).unwrap().outstanding_minor();
        world.stand.xentral().record_payment(done, rest).unwrap();
    })
    .await;
    assert!(pages.len() > 5);
    assert_eq!(Pulled::of(pages).ids(), open);
}

#[tokio::test]
async fn changes_that_move_while_they_are_read_come_again_and_none_is_lost() {
    let mut world = World::of(1_500).await;
    let mark = world.linked.pull(Scope::Everything).await.mark();
    world.pass(3_600);
    let open = world.open();
    for id in &open {
        world.stand.xentral().set_terms(*id, 21).unwrap();
    }
    let moved = open[3];
    let pages = page_by_page(&world, mark, |page| {
        if page == 1 {
            world.stand.xentral().set_terms(moved, 30).unwrap();
        }
    })
    .await;
    let pulled = Pulled::of(pages);
    let ids: BTreeSet<u32> = pulled.ids().into_iter().collect();
    assert_eq!(open.iter().filter(|id| !ids.contains(id)).count(), 0, "lost");
    let last = pulled.invoices().into_iter().rev().find(|invoice| invoice.external_id == moved.to_string()).unwrap();
    assert_eq!(Some(last.due_on), world.stand.xentral().invoice(moved).map(|invoice| invoice.due_on()));
}

#[tokio::test]
async fn a_page_that_failed_is_asked_for_again_by_the_same_source() {
    let world = World::of(1_200).await;
    let mut source = world.linked.source(Scope::Everything, None).await;
    let mut records = source.next_page().await.unwrap().unwrap().records;
    world.stand.faults().break_answers("/api/v1/invoices", 1, sandbox::fault::Manner::Status { status: 503 });
    assert!(source.next_page().await.is_err());
    while let Some(page) = source.next_page().await.unwrap() {
        records.extend(page.records);
    }
    assert_eq!(by_invoice(&records).len(), world.open().len());
}

#[tokio::test]
async fn a_pull_that_is_through_stays_through() {
    let world = World::sampled().await;
    let last = world.linked.pull(Scope::Everything).await.pages.pop().unwrap();
    let again = world.linked.source(Scope::Everything, Some(last.position)).await.next_page().await.unwrap();
    assert!(again.is_none());
}
