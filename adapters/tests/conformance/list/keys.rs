//! Keys: renewed once, never shown.

use domain::port::{Scope, SourceError};
use sandbox::fault::Manner;

use crate::{bench::Bench, stage::Stage};

pub async fn refused_keys_are_renewed_once<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.invoice(stage.debtor(), 10_00);
    stage.running.faults().break_answers(B::LIST, 1, Manner::Status { status: 401 });
    assert_eq!(stage.pull(Scope::Everything).await.invoices.len(), 1);
    assert_eq!(stage.hands.refusals(), 1);
}

pub async fn keys_refused_twice_need_a_person<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.running.faults().break_answers(B::LIST, 100, Manner::Status { status: 401 });
    let error = stage.try_pull(Scope::Everything).await.unwrap_err();
    assert!(matches!(error, SourceError::Unauthorised(_)), "{error:?}");
    assert_eq!(stage.hands.refusals(), 1, "renewing is not tried for ever");
    assert_eq!(stage.running.calls().with_status(401), 2);
}

pub async fn no_key_is_in_an_address<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let invoice = stage.invoice(stage.debtor(), 10_00);
    B::pay(&stage.running, invoice, 1_00);
    stage.running.faults().break_answers(B::LIST, 1, Manner::Status { status: 401 });
    let whole = stage.pull(Scope::Everything).await;
    stage.pull(whole.mark()).await;
    let calls = stage.running.calls().all();
    assert!(calls.len() > 2);
    for call in calls {
        stage.shows_no_key(&format!("{}?{}", call.path, call.query));
    }
}
