//! From headers to fields: the suggestion where nothing was said, the check of what was said, and what a file must have
//! at least.

use std::collections::BTreeMap;

use domain::{RefusalCode, import::Field, port::SourceError};

use super::{
    amount::{self, MarkHint},
    country, date, refused,
    synonyms::{ALWAYS, AMONG_INVOICES, AMONG_PAYMENTS},
};

/// One more than the number of fields.
const FIELDS: usize = 40;

/// Which column holds which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    by_field: [Option<usize>; FIELDS],
    names: Vec<String>,
}

impl Columns {
    /// The column of a field.
    pub(super) fn of(&self, field: Field) -> Option<usize> {
        self.by_field.get(field as usize).copied().flatten()
    }

    /// Whether a field has a column.
    pub(super) fn has(&self, field: Field) -> bool {
        self.of(field).is_some()
    }

    /// The header of a field's column.
    pub(super) fn name(&self, field: Field) -> Option<&str> {
        self.names.get(self.of(field)?).map(String::as_str)
    }

    /// All headers.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns of these fields that exist.
    pub(super) fn all(&self, fields: &[Field]) -> Vec<usize> {
        fields.iter().filter_map(|field| self.of(*field)).collect()
    }

    /// Whether rows may be invoices.
    pub(super) fn read_invoices(&self) -> bool {
        self.has_invoice() && self.has(Field::DueOn) && self.has(Field::Total) && (self.has(Field::DebtorName) || self.has(Field::DebtorId))
    }

    /// Whether rows may be payments.
    pub(super) fn read_payments(&self) -> bool {
        self.has_invoice() && ((self.has(Field::PaymentDate) && self.has(Field::PaymentAmount)) || self.has(Field::PaidOn))
    }

    fn has_invoice(&self) -> bool {
        self.has(Field::InvoiceNumber) || self.has(Field::InvoiceId)
    }

    /// What is missing for rows to be anything.
    pub(super) fn missing(&self) -> Option<String> {
        if self.read_invoices() || self.read_payments() {
            return None;
        }
        let wanted = [
            ("invoice number", self.has_invoice()),
            ("due date", self.has(Field::DueOn)),
            ("total", self.has(Field::Total)),
            ("debtor's name or id", self.has(Field::DebtorName) || self.has(Field::DebtorId)),
        ];
        let lacking: Vec<&str> = wanted.into_iter().filter(|(_, has)| !has).map(|(what, _)| what).collect();
        Some(format!(
            "no column was recognised for: {}. An invoice needs these; a payment needs invoice number, payment date and payment amount. Say which \
             column holds what. Columns found: {}",
            lacking.join(", "),
            list(&self.names)
        ))
    }
}

/// Columns as a person mapped them.
pub(super) fn mapped(names: &[String], mapping: &BTreeMap<Field, String>) -> Result<Columns, SourceError> {
    let mut columns = Columns { by_field: [None; FIELDS], names: names.to_vec() };
    for (field, header) in mapping {
        let place = columns.by_field.get_mut(*field as usize);
        let Some(place) = place else { continue };
        *place = Some(find(names, header)?);
    }
    Ok(columns)
}

fn find(names: &[String], header: &str) -> Result<usize, SourceError> {
    let exact: Vec<usize> = (0..names.len()).filter(|index| names.get(*index).is_some_and(|name| name == header.trim())).collect();
    let alike = || {
        (0..names.len())
            .filter(|index| names.get(*index).is_some_and(|name| fold(name) == fold(header) && !fold(name).is_empty()))
            .collect()
    };
    let found: Vec<usize> = if exact.is_empty() { alike() } else { exact };
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(refused(
            RefusalCode::Invalid,
            format!("the file has no column {}. Columns found: {}", amount::excerpt(header), list(names)),
        )),
        _ => Err(refused(RefusalCode::Invalid, format!("the file has several columns {}", amount::excerpt(header)))),
    }
}

/// The fields that headers and first rows suggest. A header that promises a date, amount, address or country over cells
/// that are none is not believed.
pub(super) fn suggest(names: &[String], samples: &[Vec<String>]) -> BTreeMap<Field, String> {
    let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
    let mut found = BTreeMap::new();
    suggest_from(ALWAYS, &folded, samples, &mut found);
    let invoices = found.contains_key(&Field::DueOn);
    suggest_from(if invoices { AMONG_INVOICES } else { AMONG_PAYMENTS }, &folded, samples, &mut found);
    let unique = |index: &usize| folded.iter().filter(|name| Some(*name) == folded.get(*index)).count() == 1;
    found.into_iter().filter(|(_, index)| unique(index)).filter_map(|(field, index)| Some((field, names.get(index)?.clone()))).collect()
}

fn suggest_from(table: &[(Field, &[&str])], folded: &[String], samples: &[Vec<String>], found: &mut BTreeMap<Field, usize>) {
    for (field, synonyms) in table {
        if found.contains_key(field) {
            continue;
        }
        let taken: Vec<usize> = found.values().copied().collect();
        let column = synonyms
            .iter()
            .filter_map(|synonym| folded.iter().position(|name| name == synonym))
            .find(|index| !taken.contains(index) && believable(*field, samples, *index));
        if let Some(column) = column {
            found.insert(*field, column);
        }
    }
}

fn believable(field: Field, samples: &[Vec<String>], column: usize) -> bool {
    let mut cells = samples.iter().filter_map(|row| row.get(column)).map(String::as_str).filter(|cell| !cell.is_empty()).peekable();
    if cells.peek().is_none() {
        return true;
    }
    match field {
        Field::IssuedOn | Field::DueOn | Field::PaidOn | Field::PaymentDate => cells.any(|cell| date::shape(cell).is_some()),
        Field::Total | Field::Outstanding | Field::PaymentAmount => cells.any(is_number),
        Field::DebtorEmail => cells.any(|cell| cell.contains('@')),
        Field::DebtorCountry => cells.any(|cell| country::code(cell).is_some()),
        _ => true,
    }
}

fn is_number(cell: &str) -> bool {
    cell.contains(|char: char| char.is_ascii_digit())
        && (cell.bytes().all(|byte| byte.is_ascii_digit()) || amount::hint(cell) != MarkHint::None)
        || cell.chars().filter(char::is_ascii_digit).count() * 2 >= cell.chars().count()
}

/// A header without case, spaces and signs; umlauts written out.
pub(super) fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for char in name.to_lowercase().chars() {
        match char {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            _ if char.is_alphanumeric() => folded.push(char),
            _ => {}
        }
    }
    folded
}

/// Headers for messages, the first twenty.
pub(super) fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(20).map(|name| amount::excerpt(name)).collect();
    let more = if names.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic fails the test")]
    use super::*;

    fn names(headers: &[&str]) -> Vec<String> {
        headers.iter().map(|header| (*header).to_owned()).collect()
    }

    fn suggested(headers: &[&str]) -> Vec<(Field, String)> {
        suggest(&names(headers), &[]).into_iter().collect()
    }

    #[test]
    fn english_and_german_headers_are_recognised_in_any_spelling() {
        let found =
            suggested(&["Invoice_No", "Rechnungs-Datum", "FÄLLIGKEIT", "Betrag", "Kunde", "customer ID", "E-Mail", "PLZ", "Straße"]);
        let expected = [
            (Field::InvoiceNumber, "Invoice_No"),
            (Field::IssuedOn, "Rechnungs-Datum"),
            (Field::DueOn, "FÄLLIGKEIT"),
            (Field::Total, "Betrag"),
            (Field::DebtorId, "customer ID"),
            (Field::DebtorName, "Kunde"),
            (Field::DebtorEmail, "E-Mail"),
            (Field::DebtorLine1, "Straße"),
            (Field::DebtorPostalCode, "PLZ"),
        ];
        assert_eq!(found, expected.map(|(field, name)| (field, name.to_owned())));
    }

    #[test]
    fn amount_and_date_mean_the_payments_where_no_due_date_is() {
        let found = suggest(&names(&["Invoice", "Date", "Amount", "Reference"]), &[]);
        assert_eq!(found.get(&Field::PaymentDate).map(String::as_str), Some("Date"));
        assert_eq!(found.get(&Field::PaymentAmount).map(String::as_str), Some("Amount"));
        assert!(!found.contains_key(&Field::Total));
        let found = suggest(&names(&["Number", "Date", "Due", "Amount", "Name"]), &[]);
        assert_eq!(found.get(&Field::Total).map(String::as_str), Some("Amount"));
        assert_eq!(found.get(&Field::IssuedOn).map(String::as_str), Some("Date"));
    }

    #[test]
    fn cells_that_contradict_their_header_are_not_believed() {
        let samples = vec![vec!["391".to_owned(), "soon".to_owned(), "none".to_owned()]];
        let found = suggest(&names(&["countryCode", "DueDate", "email"]), &samples);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn of_two_columns_the_surer_name_wins_and_twins_are_left_alone() {
        let found = suggest(&names(&["Name", "Customer name", "Due date", "due_date"]), &[]);
        assert_eq!(found.get(&Field::DebtorName).map(String::as_str), Some("Customer name"));
        assert!(!found.contains_key(&Field::DueOn), "a column that exists twice is not guessed");
    }

    #[test]
    fn a_mapping_names_columns_that_exist_once() {
        let headers = names(&["No", "Due", "Sum", "Sum", "Who"]);
        let ask = |field, name: &str| mapped(&headers, &BTreeMap::from([(field, name.to_owned())]));
        assert_eq!(ask(Field::DueOn, "due ").unwrap().of(Field::DueOn), Some(1));
        for (name, part) in [("Faelligkeit", "no column \"Faelligkeit\""), ("Sum", "several columns")] {
            let Err(SourceError::Refused { code, message }) = ask(Field::DueOn, name) else { panic!("{name} was taken") };
            assert_eq!(code, "INVALID");
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn what_a_file_must_have_is_named() {
        let columns =
            mapped(&names(&["No", "Due"]), &BTreeMap::from([(Field::InvoiceNumber, "No".into()), (Field::DueOn, "Due".into())])).unwrap();
        let message = columns.missing().unwrap();
        assert!(message.contains("total, debtor's name or id"), "{message}");
        assert!(!message.contains("due date,"), "{message}");
    }

    #[test]
    fn every_field_has_a_place_and_a_name() {
        let fields: Vec<Field> = ALWAYS.iter().map(|(field, _)| *field).collect();
        assert!(fields.iter().all(|field| (*field as usize) < FIELDS));
        assert_eq!(fields.len(), Field::PaymentKind as usize + 1, "a new field needs its names");
        for (_, synonyms) in ALWAYS.iter().chain(AMONG_INVOICES).chain(AMONG_PAYMENTS) {
            assert!(synonyms.iter().all(|synonym| fold(synonym) == *synonym));
        }
    }
}
