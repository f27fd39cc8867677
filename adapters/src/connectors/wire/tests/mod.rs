//! The traps of the providers' documents, as tables, and what holds for every number and date.

mod dates;
mod lists;
mod numbers;
mod texts;
