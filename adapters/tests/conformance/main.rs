//! The list that every connector to an accounting system passes, against the stand-in of its provider over real HTTP.
//!
//! `list` holds the tests, each written once for any provider; `bench` is what they need of one: how its people work in
//! the books, and what its contract says; `benches` has one for each. What a provider does not have (drafts, other
//! currencies, money that waits) is a small trait, and the test is left out for who lacks it. `hands` lends keys and takes
//! turns, `stage` pulls. A new connector is a file in `benches` and three lines below.
//!
//! Files are no provider: nobody edits or voids there, and the connector's own tests page and resume them.
#![allow(clippy::unwrap_used, clippy::inconsistent_digit_grouping, missing_docs, reason = "tests may panic; amounts are grouped as money")]

mod bench;
mod benches;
mod hands;
mod list;
mod stage;

macro_rules! conforms {
    ($provider:ident, $bench:ty, also [$($also:ident::$extra:ident),* $(,)?]) => {
        conforms!(@ $provider, $bench, [
            told::everything_open_is_told_with_its_whole_debtor,
            told::what_is_not_due_yet_is_told_with_its_debtor_too,
            told::what_was_paid_and_credited_is_told_to_the_cent,
            told::only_what_is_wanted_is_told_in_whatever_state,
            changes::edits_payments_and_new_invoices_come_with_the_changes,
            changes::a_payment_taken_back_comes_with_the_changes,
            changes::a_voided_invoice_is_told_as_voided,
            changes::nothing_is_lost_while_the_books_move,
            paging::from_every_position_another_process_tells_the_same,
            paging::a_page_asked_for_twice_is_the_same,
            keys::refused_keys_are_renewed_once,
            keys::keys_refused_twice_need_a_person,
            keys::no_key_is_in_an_address,
            limits::each_call_takes_a_turn_under_the_providers_limits,
            limits::a_provider_that_asks_to_wait_is_obeyed_and_told_of,
            trouble::no_answer_is_no_answer_and_the_next_pull_tells_all,
            trouble::what_is_no_answer_of_the_provider_is_not_believed,
            trouble::an_endless_answer_invents_nothing,
            trouble::an_unknown_word_is_not_guessed,
            trouble::a_missing_amount_is_not_guessed,
            $($also::$extra),*
        ]);
    };
    (@ $provider:ident, $bench:ty, [$($list:ident::$test:ident),* $(,)?]) => {
        mod $provider {
            $(
                #[tokio::test]
                async fn $test() {
                    crate::list::$list::$test::<$bench>().await;
                }
            )*
        }
    };
}

conforms!(xero, crate::benches::xero::Xero, also [
    told::drafts_are_never_told,
    told::a_currency_without_cents_is_told_in_its_own_units,
    told::money_that_is_not_reconciled_is_told_as_such,
    changes::a_new_name_comes_with_the_changes,
    online::an_approved_invoice_has_a_page_and_no_other_has_one,
    trouble::one_bad_record_leaves_the_others,
]);
conforms!(xentral, crate::benches::xentral::Xentral, also [
    told::drafts_are_never_told,
    told::a_currency_without_cents_is_told_in_its_own_units,
    trouble::one_bad_record_leaves_the_others,
]);
conforms!(poweroffice, crate::benches::poweroffice::PowerOffice, also [
    told::money_that_is_not_reconciled_is_told_as_such,
    changes::a_new_name_comes_with_the_changes,
]);
