//! kill -9 at any instant loses nothing and sends nothing twice: a creditor imports, approves, sends and is paid while
//! the processes under it die again and again. On SQLite that is one `serve`; on PostgreSQL `serve --no-jobs` and two
//! `work`. The mail server stays up and counts; at the end the API's answers are compared with the files and with what
//! the mail server has.
//!
//! [`fleet`] is what is killed, [`creditor`] whose data it is, [`ledger`] what should be in it, [`books`] compares the product
//! with the mail server, [`story`] is the creditor's day, [`pull`] a connected accounting system that is read meanwhile,
//! [`torn`] a letter for two cases that a payment tears.

mod books;
pub mod creditor;
mod fleet;
mod ledger;
mod pull;
mod story;
mod torn;

use testdb::Backend;

/// The instants of the kills follow from it as far as two machines can do the same; `DUNWELL_TEST_SEED` sets another.
fn seed() -> u64 {
    std::env::var("DUNWELL_TEST_SEED").map_or(20_261_121, |seed| seed.parse().expect("DUNWELL_TEST_SEED is a number"))
}

#[test]
fn kill_9_loses_nothing_and_sends_nothing_twice_sqlite() {
    testdb::block_on(story::tell(Backend::Sqlite, seed()));
}

#[test]
fn kill_9_loses_nothing_and_sends_nothing_twice_postgres() {
    testdb::block_on(story::tell(Backend::Postgres, seed()));
}

#[test]
fn a_worker_that_sleeps_past_its_lease_sends_nothing_twice_postgres() {
    testdb::block_on(story::oversleep(seed()));
}

#[test]
fn kill_9_in_the_middle_of_a_pull_loses_no_invoice_and_no_token_sqlite() {
    testdb::block_on(pull::tell(Backend::Sqlite, seed()));
}

#[test]
fn kill_9_in_the_middle_of_a_pull_loses_no_invoice_and_no_token_postgres() {
    testdb::block_on(pull::tell(Backend::Postgres, seed()));
}

#[test]
fn kill_9_between_tearing_a_letter_and_withdrawing_it_loses_no_case_sqlite() {
    testdb::block_on(torn::tell(Backend::Sqlite));
}

#[test]
fn kill_9_between_tearing_a_letter_and_withdrawing_it_loses_no_case_postgres() {
    testdb::block_on(torn::tell(Backend::Postgres));
}
