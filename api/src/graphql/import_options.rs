//! How a file is read: given by a person, or detected and shown.

use std::collections::BTreeSet;

use async_graphql::{InputObject, SimpleObject};
use domain::{
    Refusal, RefusalCode,
    import::{ImportRequest, Selection},
};

use super::{
    id::MAX_IDS,
    kind::{DateOrder, DecimalMark, Delimiter, Encoding, ImportField},
    scalars::Date,
};

/// Most columns that are mapped.
const MAX_MAPPED: usize = 100;

/// Longest header, in bytes.
const MAX_HEADER_BYTES: usize = 1_000;

/// Which column holds which field.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ColumnMapping {
    /// What the column means.
    pub field: ImportField,
    /// Its header.
    pub column: String,
}

/// How a file is read. In a preview: what was given, completed by what was detected.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ImportOptions {
    /// Which column holds which field.
    pub mapping: Vec<ColumnMapping>,
    /// What separates the columns.
    pub delimiter: Option<Delimiter>,
    /// How characters are spelled.
    pub encoding: Option<Encoding>,
    /// The order of day, month and year.
    pub date_order: Option<DateOrder>,
    /// What stands before the cents.
    pub decimal_mark: Option<DecimalMark>,
}

impl ImportOptions {
    /// Of a request.
    pub fn of(request: &ImportRequest) -> Self {
        let mapping = request.mapping.iter();
        Self {
            mapping: mapping.map(|(field, column)| ColumnMapping { field: (*field).into(), column: column.clone() }).collect(),
            delimiter: request.delimiter.map(Delimiter::from),
            encoding: request.encoding.map(Encoding::from),
            date_order: request.date_order.map(DateOrder::from),
            decimal_mark: request.decimal_mark.map(DecimalMark::from),
        }
    }
}

/// Which column holds which field.
#[derive(Debug, Clone, PartialEq, Eq, InputObject)]
pub struct ColumnMappingInput {
    /// What the column means.
    pub field: ImportField,
    /// Its header, exactly as in the file.
    pub column: String,
}

/// How to read a file. What is left out is taken from what was saved with the integration, or detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, InputObject)]
pub struct ImportOptionsInput {
    /// Which column holds which field; fields that are not named are not read. Detected when left out.
    pub mapping: Option<Vec<ColumnMappingInput>>,
    /// What separates the columns.
    pub delimiter: Option<Delimiter>,
    /// How characters are spelled.
    pub encoding: Option<Encoding>,
    /// The order of day, month and year; needed when the file's dates fit several.
    pub date_order: Option<DateOrder>,
    /// What stands before the cents.
    pub decimal_mark: Option<DecimalMark>,
}

impl ImportOptionsInput {
    /// As the domain takes it; which records are wanted is said apart.
    ///
    /// # Errors
    ///
    /// `INVALID` for a field that is mapped twice, `TOO_LONG` for a header, `LIMIT_EXCEEDED` for more than 100 columns.
    pub fn request(self) -> Result<ImportRequest, Refusal> {
        let mapping = self.mapping.unwrap_or_default();
        if mapping.len() > MAX_MAPPED {
            return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_MAPPED} columns")).at("options.mapping"));
        }
        let mut request = ImportRequest {
            delimiter: self.delimiter.map(Into::into),
            encoding: self.encoding.map(Into::into),
            date_order: self.date_order.map(Into::into),
            decimal_mark: self.decimal_mark.map(Into::into),
            ..ImportRequest::default()
        };
        for (index, ColumnMappingInput { field, column }) in mapping.into_iter().enumerate() {
            if column.len() > MAX_HEADER_BYTES {
                let message = format!("a header has at most {MAX_HEADER_BYTES} bytes");
                return Err(Refusal::new(RefusalCode::TooLong, message).at(&format!("options.mapping.{index}.column")));
            }
            if request.mapping.insert(field.into(), column).is_some() {
                let at = format!("options.mapping.{index}.field");
                return Err(Refusal::new(RefusalCode::Invalid, "this field is mapped already").at(&at));
            }
        }
        Ok(request)
    }
}

/// Which of a file's records are wanted; all unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, InputObject)]
pub struct ImportSelectionInput {
    /// Only invoices issued on or after this day.
    pub invoices_from: Option<Date>,
    /// Only payments received on or after this day.
    pub payments_from: Option<Date>,
    /// Leave all invoices out.
    #[graphql(default)]
    pub without_invoices: bool,
    /// Leave all payments out.
    #[graphql(default)]
    pub without_payments: bool,
    /// Invoices that were unticked in the preview, by their `externalId`; at most 500.
    #[graphql(default)]
    pub unticked_invoices: Vec<String>,
    /// Payments that were unticked in the preview, by their `externalId`; at most 500.
    #[graphql(default)]
    pub unticked_payments: Vec<String>,
}

impl ImportSelectionInput {
    /// As the domain takes it.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` when more records are unticked than one call takes.
    pub fn selection(self) -> Result<Selection, Refusal> {
        Ok(Selection {
            invoices_from: self.invoices_from.map(|day| day.0),
            payments_from: self.payments_from.map(|day| day.0),
            without_invoices: self.without_invoices,
            without_payments: self.without_payments,
            unticked_invoices: unticked(self.unticked_invoices, "selection.untickedInvoices")?,
            unticked_payments: unticked(self.unticked_payments, "selection.untickedPayments")?,
        })
    }
}

fn unticked(ids: Vec<String>, argument: &str) -> Result<BTreeSet<String>, Refusal> {
    if ids.len() > MAX_IDS {
        return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_IDS}")).at(argument));
    }
    Ok(ids.into_iter().collect())
}
