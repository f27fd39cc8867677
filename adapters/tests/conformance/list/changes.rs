//! What changed since the last pull, and books that move while they are read.

use std::collections::BTreeMap;

use domain::port::{InvoiceState, Scope};

use crate::{
    bench::{Bench, Renames},
    stage::{Pulled, Stage},
};

/// Every so many of the invoices of large books is touched while they are read.
const EVERY: usize = 97;

pub async fn edits_payments_and_new_invoices_come_with_the_changes<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let debtor = stage.debtor();
    let [moved, paid] = [10_00, 20_00].map(|cents| stage.invoice(debtor, cents));
    let still = stage.invoice(stage.debtor(), 30_00);
    stage.pass();
    let mark = stage.pull(Scope::Everything).await.mark();
    stage.pass();
    B::move_due(&stage.running, moved, stage.days_ago(3));
    B::pay(&stage.running, paid, 20_00);
    let new = stage.invoice(debtor, 40_00);
    stage.pass();
    let pulled = stage.pull(mark).await;
    assert!(pulled.problems.is_empty(), "{:?}", pulled.problems);
    assert_eq!(pulled.invoices[&stage.id(moved)].due_on, stage.days_ago(3));
    assert_eq!((pulled.open()[&stage.id(paid)], pulled.open()[&stage.id(new)]), (Some(0), Some(40_00)));
    let counted: Vec<_> = pulled.paid(&stage.id(paid)).into_iter().map(|one| (one.amount_minor, one.reconciled, one.reversed)).collect();
    assert_eq!(counted, [(Some(20_00), true, false)]);
    assert!(!pulled.invoices.contains_key(&stage.id(still)), "what did not change is not told");
    stage.pass();
    let quiet = stage.pull(pulled.mark()).await;
    assert!(quiet.invoices.is_empty() && quiet.payments.is_empty(), "{quiet:?}");
}

pub async fn a_payment_taken_back_comes_with_the_changes<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let invoice = stage.invoice(stage.debtor(), 50_00);
    let id = stage.id(invoice);
    stage.pass();
    let mark = stage.pull(Scope::Everything).await.mark();
    stage.pass();
    let payment = B::pay(&stage.running, invoice, 50_00);
    stage.pass();
    let paid = stage.pull(mark).await;
    let [counted] = paid.paid(&id)[..] else { panic!("one payment: {paid:?}") };
    stage.pass();
    B::unpay(&stage.running, payment);
    let back = stage.pull(paid.mark()).await;
    assert_eq!(back.open()[&id], Some(50_00), "it is owed again");
    if let Some(payment) = back.payments.get(&counted.external_id) {
        assert!(payment.reversed);
    } else {
        let settled_by = back.invoices[&id].settled_by.as_ref().expect("books without payments that are gone name those that are there");
        assert!(!settled_by.contains(&counted.external_id));
    }
    assert!(back.paid(&id).iter().all(|one| one.reversed));
}

pub async fn a_voided_invoice_is_told_as_voided<B: Bench>() {
    let stage = Stage::<B>::empty().await;
    let invoice = stage.invoice(stage.debtor(), 50_00);
    stage.pass();
    let mark = stage.pull(Scope::Everything).await.mark();
    stage.pass();
    B::void(&stage.running, invoice);
    let pulled = stage.pull(mark).await;
    assert_eq!(pulled.invoices[&stage.id(invoice)].state, InvoiceState::Voided);
    assert!(!stage.pull(Scope::Everything).await.invoices.contains_key(&stage.id(invoice)));
}

pub async fn a_new_name_comes_with_the_changes<B: Renames>() {
    let stage = Stage::<B>::empty().await;
    let debtor = stage.debtor();
    stage.invoice(debtor, 50_00);
    stage.pass();
    let before = stage.pull(Scope::Everything).await;
    stage.pass();
    B::rename(&stage.running, debtor, "A new name");
    let after = stage.pull(before.mark()).await;
    assert_eq!(after.debtors.keys().collect::<Vec<_>>(), before.debtors.keys().collect::<Vec<_>>());
    assert!(after.debtors.values().all(|debtor| debtor.name == "A new name"));
}

/// While the pages of all that is open are read, some of it is paid, moved and voided, and new invoices come. Nothing that
/// is open in the end is missing, and with the changes after it all is told as it is.
pub async fn nothing_is_lost_while_the_books_move<B: Bench>() {
    let stage = Stage::<B>::of(B::MANY).await;
    let debtor = stage.debtor();
    let mut source = stage.source(Scope::Everything, None).await.unwrap();
    let mut pages = vec![source.next_page().await.unwrap().unwrap()];
    let mut round = 0;
    loop {
        stage.pass();
        let open = B::open(&stage.running);
        for (at, (invoice, due)) in open.into_iter().enumerate().filter(|(at, _)| at % EVERY == round) {
            match at % 3 {
                0 => drop(B::pay(&stage.running, invoice, due)),
                1 => B::move_due(&stage.running, invoice, stage.days_ago(1)),
                _ => B::void(&stage.running, invoice),
            }
        }
        stage.invoice(debtor, 1_00);
        round += 1;
        match source.next_page().await.unwrap() {
            Some(page) => pages.push(page),
            None => break,
        }
    }
    assert!(pages.len() > 1, "the books are too small to move while they are read");
    let whole = Pulled::of(&pages);
    stage.pass();
    let changes = stage.pull(whole.mark()).await;
    let known: BTreeMap<_, _> = whole.open().into_iter().chain(changes.open()).collect();
    let expected: BTreeMap<_, _> = B::open(&stage.running).into_iter().map(|(one, due)| (stage.id(one), Some(due))).collect();
    let told: BTreeMap<_, _> = known.into_iter().filter(|(_, due)| *due != Some(0)).collect();
    assert_eq!(told.len(), expected.len());
    assert_eq!(told, expected);
}
