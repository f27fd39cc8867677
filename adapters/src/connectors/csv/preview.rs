//! A look into a file before it is imported: the columns with what they seem to hold, the settings found, and the first
//! rows as they would be taken over. What an import would refuse because a person must say it first is shown here as
//! open settings and as problems of rows.

use domain::{
    RefusalCode,
    port::{Preview, PreviewColumn, PreviewRow, Problem, Pull, SourceError},
};

use super::{
    file_of, header, settle,
    source::Rows,
    survey::{self, Survey},
    table::TableReader,
};

/// Values shown of a column.
const SAMPLES: usize = 5;
/// Characters shown of a value.
const SAMPLE_CHARS: usize = 60;
/// Most rows of a preview.
const MAX_PREVIEW_ROWS: usize = 500;

/// Looks into the file of a pull.
pub(super) async fn look(pull: Pull, rows: usize) -> Result<Preview, SourceError> {
    let (blob, request) = file_of(pull.file)?;
    let survey = survey::survey(blob.as_ref(), &request, &pull.currency).await?;
    let request = settle::filled(&survey, request);
    let reading = settle::reading(survey.columns.names(), &request, pull.currency, pull.today)?;
    // Everything is shown: whether it is wanted is what a person decides here.
    let mut taken = Rows::new(reading, domain::import::Selection::default());
    let missing = survey.columns.missing();
    let mut shown = Vec::new();
    let mut table = TableReader::new(survey.layout);
    table.next(blob.as_ref()).await?;
    while shown.len() < rows.min(MAX_PREVIEW_ROWS) && table.next(blob.as_ref()).await? {
        let (cells, row) = (table.cells(), table.row());
        if cells.is_blank() {
            continue;
        }
        let (record, problems) = match &missing {
            Some(message) => (None, vec![unmapped(row, message)]),
            None => taken.take(cells, row),
        };
        shown.push(PreviewRow { row, record, problems });
    }
    let more = survey.rows > shown.len() as u64;
    Ok(Preview { columns: columns(&survey), request, rows: shown, more })
}

fn unmapped(row: u64, message: &str) -> Problem {
    Problem {
        row: Some(row),
        column: None,
        external_id: None,
        code: RefusalCode::Required.as_str().to_owned(),
        message: message.to_owned(),
    }
}

fn columns(survey: &Survey) -> Vec<PreviewColumn> {
    let names = survey.columns.names();
    let suggested = header::suggest(names, &survey.samples);
    let suggestion = |name: &String| suggested.iter().find(|(_, header)| *header == name).map(|(field, _)| *field);
    names
        .iter()
        .enumerate()
        .map(|(index, name)| PreviewColumn { name: name.clone(), suggestion: suggestion(name), samples: samples(survey, index) })
        .collect()
}

fn samples(survey: &Survey, column: usize) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    for cell in survey.samples.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()) {
        let short: String = cell.chars().take(SAMPLE_CHARS).collect();
        if samples.len() < SAMPLES && !samples.contains(&short) {
            samples.push(short);
        }
    }
    samples
}
