//! Answers that are none, and answers that are not what the contract says.

use domain::port::{Scope, SourceError};
use sandbox::fault::{Manner, Outage};

use crate::{
    bench::{Bench, Spoils},
    stage::{Pulled, Stage},
};

pub async fn no_answer_is_no_answer_and_the_next_pull_tells_all<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.invoice(stage.debtor(), 10_00);
    let faults = stage.running.faults();
    for manner in [Manner::Status { status: 500 }, Manner::Status { status: 503 }, Manner::Lost] {
        faults.break_answers(B::LIST, 1, manner.clone());
        let error = stage.try_pull(Scope::Everything).await.unwrap_err();
        assert!(matches!(error, SourceError::Unavailable(_)), "{manner:?}: {error:?}");
    }
    for outage in [Outage::Silent, Outage::Unavailable] {
        faults.outage(outage);
        let error = stage.try_pull(Scope::Everything).await.unwrap_err();
        assert!(matches!(error, SourceError::Unavailable(_)), "{outage:?}: {error:?}");
    }
    faults.clear();
    assert_eq!(stage.hands.refusals(), 0, "the keys are not to blame");
    assert_eq!(stage.pull(Scope::Everything).await.invoices.len(), 1);
}

pub async fn what_is_no_answer_of_the_provider_is_not_believed<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.invoice(stage.debtor(), 10_00);
    for manner in [Manner::Html, Manner::Truncated] {
        stage.running.faults().break_answers(B::LIST, 1, manner.clone());
        let error = stage.try_pull(Scope::Everything).await.unwrap_err();
        assert!(matches!(error, SourceError::Broken(_)), "{manner:?}: {error:?}");
    }
}

/// Thirty megabytes of blanks in a list: where lists have no envelope that is an empty one, elsewhere it is nothing.
pub async fn an_endless_answer_invents_nothing<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.invoice(stage.debtor(), 10_00);
    stage.running.faults().break_answers(B::LIST, 1, Manner::Huge);
    match stage.try_pull(Scope::Everything).await {
        Err(error) => assert!(matches!(error, SourceError::Broken(_)), "{error:?}"),
        Ok(pulled) => assert!(pulled.invoices.is_empty() && pulled.payments.is_empty()),
    }
    assert_eq!(stage.pull(Scope::Everything).await.invoices.len(), 1);
}

pub async fn an_unknown_word_is_not_guessed<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.invoice(stage.debtor(), 10_00);
    stage.running.faults().break_answers(B::LIST, 1, Manner::UnknownValue { field: B::WORD.into() });
    nothing_is_guessed(stage.try_pull(Scope::Everything).await);
}

pub async fn a_missing_amount_is_not_guessed<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    stage.invoice(stage.debtor(), 10_00);
    stage.running.faults().break_answers(B::LIST, 1, Manner::MissingField { field: B::AMOUNT.into() });
    let outcome = stage.try_pull(Scope::Everything).await;
    let is_told_of = outcome.as_ref().map_or(true, |pulled| pulled.problems.len() == 1);
    assert!(is_told_of, "{outcome:?}");
    nothing_is_guessed(outcome);
}

fn nothing_is_guessed(outcome: Result<Pulled, SourceError>) {
    match outcome {
        Err(error) => assert!(matches!(error, SourceError::Broken(_)), "{error:?}"),
        Ok(pulled) => {
            assert!(pulled.invoices.is_empty() && pulled.payments.is_empty(), "{pulled:?}");
            assert!(pulled.problems.iter().all(|problem| problem.external_id.is_some()), "{pulled:?}");
        }
    }
}

pub async fn one_bad_record_leaves_the_others<B: Spoils>() {
    let stage = Stage::<B>::empty().await;
    let debtor = stage.debtor();
    let [first, bad, last] = [10_00, 20_00, 30_00].map(|cents| stage.invoice(debtor, cents));
    B::spoil(&stage.running, bad);
    let pulled = stage.pull(Scope::Everything).await;
    let mut expected = vec![stage.id(first), stage.id(last)];
    expected.sort_unstable();
    assert_eq!(pulled.invoices.keys().cloned().collect::<Vec<_>>(), expected);
    let problems: Vec<_> = pulled.problems.iter().map(|problem| problem.external_id.clone()).collect();
    assert_eq!(problems, [Some(stage.id(bad))]);
}
