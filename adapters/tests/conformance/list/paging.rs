//! Pages, and going on at any of them.

use domain::port::Scope;

use crate::{
    bench::Bench,
    stage::{Pulled, Stage},
};

pub async fn from_every_position_another_process_tells_the_same<B: Bench>() {
    let stage = Stage::<B>::of(B::MANY).await;
    let pages = stage.pages(Scope::Everything, None).await.unwrap();
    assert!(pages.len() > 1, "there is nowhere to go on");
    let whole = Pulled::of(&pages);
    let expected: Vec<String> = B::open(&stage.running).into_iter().map(|(one, _)| stage.id(one)).collect();
    assert_eq!(whole.invoices.len(), expected.len());
    assert!(expected.iter().all(|id| whole.invoices.contains_key(id)));
    for done in 1..=pages.len() {
        let rest = stage.pages(Scope::Everything, Some(pages[done - 1].position.clone())).await.unwrap();
        let together = Pulled::of(&[&pages[..done], &rest[..]].concat());
        assert_eq!((together.invoices.len(), together.payments.len()), (whole.invoices.len(), whole.payments.len()));
        assert!(together == whole, "after {done} of {} pages", pages.len());
    }
    assert!(pages.is_sorted_by_key(|page| page.rows_done), "progress is never taken back");
}

pub async fn a_page_asked_for_twice_is_the_same<B: Bench>() {
    let stage = Stage::<B>::of(B::MANY).await;
    let mut source = stage.source(Scope::Everything, None).await.unwrap();
    let first = source.next_page().await.unwrap().unwrap();
    for position in [None, Some(first.position)] {
        let [mut one, mut two] = [Vec::new(), Vec::new()];
        for records in [&mut one, &mut two] {
            let page = stage.source(Scope::Everything, position.clone()).await.unwrap().next_page().await.unwrap().unwrap();
            *records = page.records;
        }
        assert!(!one.is_empty() && one == two);
    }
}
