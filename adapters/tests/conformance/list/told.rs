//! What is told of the books as they are.

use std::collections::BTreeMap;

use chrono::Days;
use domain::port::{InvoiceState, Scope, Wanted};
use entity::PaymentKind;

use crate::{
    bench::{Bench, Drafts, Waits, Yen},
    stage::Stage,
};

pub async fn everything_open_is_told_with_its_whole_debtor<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let (debtor, expected) = B::debtor(&stage.running);
    let invoices = [100_00, 1, 99_999_999_99].map(|cents| stage.invoice(debtor, cents));
    let pulled = stage.pull(Scope::Everything).await;
    assert!(pulled.problems.is_empty(), "{:?}", pulled.problems);
    assert_eq!(pulled.invoices.len(), 3);
    for (invoice, cents) in invoices.into_iter().zip([100_00, 1, 99_999_999_99]) {
        let id = stage.id(invoice);
        let told = &pulled.invoices[&id];
        assert_eq!((told.total_minor, told.outstanding_minor), (cents, Some(cents)));
        assert_eq!((told.issued_on, told.due_on), (stage.days_ago(50), stage.days_ago(30)));
        assert_eq!((told.state, told.disputed), (InvoiceState::Approved, false));
        assert!(told.currency.as_deref().is_none_or(|currency| currency == B::CURRENCY));
        assert!(!told.number.is_empty());
        assert_eq!(pulled.debtors[&pulled.owed_by[&id]], expected);
    }
}

/// Policies may remind ahead of the due date: a pull that told only what is overdue would keep these from them.
pub async fn what_is_not_due_yet_is_told_with_its_debtor_too<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let (debtor, expected) = B::debtor(&stage.running);
    let due_in = |days: u64| B::invoice(&stage.running, debtor, stage.now().date_naive() + Days::new(days), 100_00);
    let mut wanted: Vec<_> = [0, 1, 14, 20].map(due_in).into();
    let whole = stage.pull(Scope::Everything).await;
    stage.pass();
    wanted.push(due_in(7));
    let changes = stage.pull(whole.mark()).await;
    for (at, invoice) in wanted.into_iter().enumerate() {
        let (id, pulled) = (stage.id(invoice), if at < 4 { &whole } else { &changes });
        let told = &pulled.invoices[&id];
        assert!(told.due_on >= stage.now().date_naive());
        assert_eq!((told.state, told.outstanding_minor), (InvoiceState::Approved, Some(100_00)));
        assert_eq!(pulled.debtors[&pulled.owed_by[&id]], expected);
    }
}

pub async fn what_was_paid_and_credited_is_told_to_the_cent<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let invoice = stage.invoice(stage.debtor(), 1_000_00);
    B::pay(&stage.running, invoice, 333_33);
    B::credit(&stage.running, invoice, 66_68);
    let pulled = stage.pull(Scope::Everything).await;
    let id = stage.id(invoice);
    assert_eq!(pulled.open()[&id], Some(599_99));
    let mut paid: Vec<_> = pulled.paid(&id).into_iter().map(|one| (one.amount_minor, one.kind, one.reconciled, one.reversed)).collect();
    paid.sort_by_key(|(amount, ..)| *amount);
    assert_eq!(paid, [(Some(66_68), PaymentKind::CreditNote, true, false), (Some(333_33), PaymentKind::Payment, true, false)]);
    assert!(pulled.payments.values().all(|payment| payment.received_on == stage.now().date_naive()));
}

pub async fn only_what_is_wanted_is_told_in_whatever_state<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let (debtor, expected) = B::debtor(&stage.running);
    let [open, paid, voided, other] = [10_00, 20_00, 30_00, 40_00].map(|cents| stage.invoice(debtor, cents));
    B::pay(&stage.running, paid, 20_00);
    B::void(&stage.running, voided);
    let invoices: Vec<String> = [open, paid, voided].into_iter().map(|one| stage.id(one)).collect();
    let wanted =
        Wanted { invoices: invoices.iter().cloned().chain([B::NOBODY.into()]).collect(), debtors: vec![expected.external_id.clone()] };
    let pulled = stage.pull(Scope::Only(wanted)).await;
    let states: BTreeMap<_, _> =
        pulled.invoices.values().map(|one| (one.external_id.clone(), (one.state, one.outstanding_minor))).collect();
    assert_eq!(states.len(), 3, "and not {}", stage.id(other));
    assert_eq!(states[&invoices[0]], (InvoiceState::Approved, Some(10_00)));
    assert_eq!(states[&invoices[1]], (InvoiceState::Approved, Some(0)));
    assert_eq!(states[&invoices[2]].0, InvoiceState::Voided);
    let counts = |id: &String| pulled.paid(id).into_iter().filter(|one| !one.reversed).filter_map(|one| one.amount_minor).sum::<i64>();
    assert_eq!((counts(&invoices[0]), counts(&invoices[1])), (0, 20_00));
    assert_eq!(pulled.debtors[&expected.external_id], expected);
    let missed: Vec<_> = pulled.problems.iter().map(|problem| (problem.external_id.as_deref(), problem.code.as_str())).collect();
    assert_eq!(missed, [(Some(B::NOBODY), "NOT_FOUND")]);
}

pub async fn drafts_are_never_told<B: Drafts>() {
    let stage = Stage::<B>::empty().await;
    let debtor = stage.debtor();
    let mark = stage.pull(Scope::Everything).await.mark();
    stage.pass();
    let approved = stage.invoice(debtor, 10_00);
    let draft = B::draft(&stage.running, debtor, stage.days_ago(30), 20_00);
    let wanted = Wanted { invoices: vec![stage.id(draft), stage.id(approved)], debtors: Vec::new() };
    for scope in [Scope::Everything, mark, Scope::Only(wanted)] {
        let pulled = stage.pull(scope.clone()).await;
        assert_eq!(pulled.invoices.keys().cloned().collect::<Vec<_>>(), [stage.id(approved)], "{scope:?}");
    }
}

pub async fn a_currency_without_cents_is_told_in_its_own_units<B: Yen>() {
    let stage = Stage::<B>::empty().await;
    let invoice = B::yen(&stage.running, stage.debtor(), stage.days_ago(30), 5_000);
    let pulled = stage.pull(Scope::Everything).await;
    let told = &pulled.invoices[&stage.id(invoice)];
    assert_eq!((told.currency.as_deref(), told.total_minor, told.outstanding_minor), (Some("JPY"), 5_000, Some(5_000)));
}

pub async fn money_that_is_not_reconciled_is_told_as_such<B: Waits>() {
    let stage = Stage::<B>::empty().await;
    let debtor = stage.debtor();
    let invoice = stage.invoice(debtor, 100_00);
    B::pay_unreconciled(&stage.running, debtor, invoice, 30_00);
    let pulled = stage.pull(Scope::Everything).await;
    let paid: Vec<_> = pulled.paid(&stage.id(invoice)).into_iter().map(|one| (one.amount_minor, one.reconciled, one.reversed)).collect();
    assert_eq!(paid, [(Some(30_00), false, false)]);
}
