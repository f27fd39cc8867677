//! From what was asked and what was found to how the file is read: strictly for an import, which refuses what a person
//! must say first; leniently for a preview, which shows it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::{
    RefusalCode,
    import::{Field, ImportRequest},
    port::SourceError,
};

use super::{
    amount,
    evidence::Unsettled,
    header::{self, Columns},
    reading::Reading,
    refused,
    survey::Survey,
    synonyms::ALWAYS,
};

/// The request with everything found filled in; what is not settled stays open, and so does what this file does not
/// need: kept for the next file, it would be a word that nobody said.
pub(super) fn filled(survey: &Survey, request: ImportRequest) -> ImportRequest {
    ImportRequest {
        mapping: mapping_of(&survey.columns),
        delimiter: Some(survey.layout.delimiter),
        encoding: Some(survey.layout.charset.encoding()),
        date_order: request.date_order.or_else(|| survey.dates.settle().ok().flatten()),
        decimal_mark: request.decimal_mark.or_else(|| survey.marks.settle(survey.three_decimals).ok().flatten()),
        selection: request.selection,
    }
}

/// Refuses what only a person can decide.
pub(super) fn check(survey: &Survey, request: &ImportRequest) -> Result<(), SourceError> {
    if let Some(message) = survey.columns.missing() {
        return Err(refused(RefusalCode::Invalid, message));
    }
    if let (None, Err(unsettled)) = (request.date_order, survey.dates.settle()) {
        let question = "Say the date order: YEAR_MONTH_DAY, DAY_MONTH_YEAR or MONTH_DAY_YEAR";
        return Err(unclear(survey, &unsettled, "day and month", question));
    }
    if let (None, Err(unsettled)) = (request.decimal_mark, survey.marks.settle(survey.three_decimals)) {
        return Err(unclear(survey, &unsettled, "decimals and thousands", "Say the decimal mark: POINT or COMMA"));
    }
    Ok(())
}

fn unclear(survey: &Survey, unsettled: &Unsettled, what: &str, question: &str) -> SourceError {
    let (columns, how) = match unsettled {
        Unsettled::Ambiguous(columns) => (columns, "cannot be told apart in"),
        Unsettled::Contradicting(columns) => (columns, "contradict each other in"),
    };
    refused(RefusalCode::Invalid, format!("{what} {how} {}. {question}.", named(survey, columns)))
}

fn named(survey: &Survey, columns: &BTreeSet<usize>) -> String {
    let names: Vec<String> =
        columns.iter().filter_map(|column| survey.columns.names().get(*column)).map(|name| amount::excerpt(name)).collect();
    format!("the column{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}

fn mapping_of(columns: &Columns) -> BTreeMap<Field, String> {
    ALWAYS.iter().filter_map(|(field, _)| Some((*field, columns.name(*field)?.to_owned()))).collect()
}

/// The settings for reading rows.
pub(super) fn reading(names: &[String], request: &ImportRequest, currency: String, today: NaiveDate) -> Result<Reading, SourceError> {
    Ok(Reading {
        columns: header::mapped(names, &request.mapping)?,
        date_order: request.date_order,
        decimal_mark: request.decimal_mark,
        currency,
        today,
    })
}
