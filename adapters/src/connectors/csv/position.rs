//! Where a broken run goes on: the place behind the last page and the settings that were settled when the run began, so
//! that later pages are read exactly as the first ones were.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    RefusalCode,
    import::{DateOrder, DecimalMark, Delimiter, Field, ImportRequest},
    port::SourceError,
};
use serde::{Deserialize, Serialize};

use super::{charset::Charset, refused, table::Layout};

/// Grows when the meaning of what is written changes.
const VERSION: u32 = 1;

/// As written into a run's row, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    version: u32,
    charset: Charset,
    delimiter: Delimiter,
    start: u64,
    /// Place in the file behind the last row of the page.
    pub offset: u64,
    /// That row's number.
    pub row: u64,
    /// Rows looked at.
    pub rows_done: u64,
    date_order: Option<DateOrder>,
    decimal_mark: Option<DecimalMark>,
    mapping: BTreeMap<Field, String>,
    /// The tenant's currency and day when the run began.
    pub currency: String,
    pub today: NaiveDate,
}

impl Position {
    /// The place before the first row.
    pub(super) fn new(layout: Layout, request: &ImportRequest, currency: &str, today: NaiveDate) -> Self {
        Self {
            version: VERSION,
            charset: layout.charset,
            delimiter: layout.delimiter,
            start: layout.start,
            offset: layout.start,
            row: 0,
            rows_done: 0,
            date_order: request.date_order,
            decimal_mark: request.decimal_mark,
            mapping: request.mapping.clone(),
            currency: currency.to_owned(),
            today,
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, SourceError> {
        serde_json::from_str(text)
            .ok()
            .filter(|position: &Self| position.version == VERSION)
            .ok_or_else(|| refused(RefusalCode::Invalid, "the place to go on at was written by another version: start the import again"))
    }

    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) const fn layout(&self) -> Layout {
        Layout { charset: self.charset, delimiter: self.delimiter, start: self.start }
    }

    /// The request with what was settled; what is wanted stays the request's.
    pub(super) fn settled(&self, request: ImportRequest) -> ImportRequest {
        ImportRequest {
            mapping: self.mapping.clone(),
            delimiter: Some(self.delimiter),
            encoding: Some(self.charset.encoding()),
            date_order: self.date_order,
            decimal_mark: self.decimal_mark,
            selection: request.selection,
        }
    }
}
