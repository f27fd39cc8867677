//! The invoices' pages on the web.

use domain::port::SourceError;
use sandbox::fault::Throttle;

use crate::{
    bench::{Drafts, Shows},
    stage::Stage,
};

pub async fn an_approved_invoice_has_a_page_and_no_other_has_one<B: Shows + Drafts>() {
    let stage = Stage::<B>::empty().await;
    let debtor = stage.debtor();
    let invoice = stage.invoice(debtor, 10_00);
    assert_eq!(stage.page_of(&stage.id(invoice)).await, Ok(Some(B::page(&stage.running, invoice))));
    let limits = stage.hands.entered.lock().unwrap().last().unwrap().clone();
    let kinds: Vec<_> = limits.iter().map(|limit| limit.kind).collect();
    assert_eq!(kinds, [B::limits(), vec![B::aside()]].concat(), "pulls come first");
    let own: Vec<_> = limits.iter().filter(|limit| limit.kind == B::aside()).map(|limit| &limit.key).collect();
    assert!(limits.iter().all(|limit| limit.kind == B::aside() || !own.contains(&&limit.key)), "and are not counted with it");

    let draft = B::draft(&stage.running, debtor, stage.days_ago(30), 10_00);
    B::void(&stage.running, invoice);
    for id in [stage.id(draft), stage.id(invoice), B::NOBODY.to_owned(), "../Contacts".into(), String::new()] {
        assert_eq!(stage.page_of(&id).await, Ok(None), "{id}");
    }
    stage.running.faults().throttle(B::LIST, 1, Throttle { retry_after: Some(37), problem: Some("minute".into()) });
    let other = stage.invoice(debtor, 10_00);
    assert_eq!(stage.page_of(&stage.id(other)).await, Err(SourceError::RateLimited(37)));
}
