//! The tests, each for any provider.

pub mod changes;
pub mod keys;
pub mod limits;
pub mod online;
pub mod paging;
pub mod told;
pub mod trouble;
