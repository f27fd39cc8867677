//! Records one by one: a bad one becomes a problem that names the record and the field, never what stands there, and the
//! others of its page are kept.

use domain::port::Problem;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::connectors::wire;

/// What names a record: an entry of the ledger goes by its voucher, everything else by its id.
const ID_FIELDS: [&str; 2] = ["VoucherId", "Id"];

/// Reads records.
pub fn read<T: DeserializeOwned>(raws: &[Box<RawValue>], problems: &mut Vec<Problem>) -> Vec<T> {
    let records = wire::each(raws.iter().map(AsRef::as_ref), &ID_FIELDS);
    problems.extend(records.problems);
    records.good
}
