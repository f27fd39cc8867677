//! The provider's limits.

use std::time::Duration;

use domain::port::{Scope, SourceError};
use sandbox::fault::Throttle;

use crate::{bench::Bench, stage::Stage};

pub async fn each_call_takes_a_turn_under_the_providers_limits<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let invoice = stage.invoice(stage.debtor(), 10_00);
    B::pay(&stage.running, invoice, 1_00);
    let whole = stage.pull(Scope::Everything).await;
    stage.pull(whole.mark()).await;
    let entered = stage.hands.entered.lock().unwrap().clone();
    assert_eq!(entered.len() as u64, stage.running.calls().total(), "no call without a turn");
    assert_eq!(entered.len(), stage.hands.left.lock().unwrap().len(), "every turn is given back");
    for limits in entered {
        assert_eq!(limits.iter().map(|limit| limit.kind).collect::<Vec<_>>(), B::limits());
    }
}

pub async fn a_provider_that_asks_to_wait_is_obeyed_and_told_of<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.invoice(stage.debtor(), 10_00);
    stage.running.faults().throttle(B::LIST, 1, Throttle { retry_after: Some(37), problem: Some("minute".into()) });
    let error = stage.try_pull(Scope::Everything).await.unwrap_err();
    assert_eq!(error, SourceError::RateLimited(37));
    assert_eq!(stage.running.calls().with_status(429), 1, "nothing is tried again before the time");
    let (key, wait) = stage.hands.left.lock().unwrap().last().unwrap().closed.clone().unwrap();
    assert_eq!(wait, Duration::from_secs(37));
    let entered = stage.hands.entered.lock().unwrap().last().unwrap().clone();
    assert!(entered.iter().any(|limit| limit.key == key), "{key} is closed under the key that turns are taken from");
    assert_eq!(stage.pull(Scope::Everything).await.invoices.len(), 1);
}
