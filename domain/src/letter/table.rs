//! The claim as a table: line by line, and case by case where the letter speaks for several.

use super::{
    ClaimLine, ClaimLineKind, ComposeError, LetterFacts, Row, RowRole, Table, format_number, format_short,
    names::{line, optional},
    wording::Words,
};

pub(super) fn table(facts: &LetterFacts, words: &Words) -> Result<Table, ComposeError> {
    let labels = &words.language.labels;
    Ok(Table {
        header: [labels.item.clone(), labels.item_date.clone(), labels.due.clone(), format!("{} ({})", labels.amount, facts.currency)],
        rows: rows(facts, words)?,
        total_label: labels.outstanding.clone(),
        total: format_number(facts.outstanding_minor, &facts.currency, facts.language)?,
    })
}

fn rows(facts: &LetterFacts, words: &Words) -> Result<Vec<Row>, ComposeError> {
    if facts.grouped.is_empty() {
        return facts.lines.iter().map(|claimed| row(claimed, facts, words)).collect();
    }
    let labels = &words.language.labels;
    let mut rows = Vec::with_capacity(facts.lines.len() + 2 * facts.grouped.len());
    let mut left = facts.lines.as_slice();
    for member in &facts.grouped {
        let (own, rest) = left.split_at_checked(member.lines).ok_or(ComposeError::TotalMismatch)?;
        let reference = line("reference", &member.reference)?;
        rows.push(bare(RowRole::Heading, format!("{} {reference}", labels.reference), String::new()));
        for claimed in own {
            rows.push(row(claimed, facts, words)?);
        }
        let sum = format_number(member.outstanding_minor, &facts.currency, facts.language)?;
        rows.push(bare(RowRole::Subtotal, format!("{} {reference}", labels.subtotal), sum));
        left = rest;
    }
    Ok(rows)
}

fn bare(role: RowRole, item: String, amount: String) -> Row {
    Row { role, item, detail: String::new(), issued_on: String::new(), due_on: String::new(), amount }
}

fn row(claimed: &ClaimLine, facts: &LetterFacts, words: &Words) -> Result<Row, ComposeError> {
    let name = words.line_name(claimed.kind);
    let number = optional("invoice number", claimed.invoice_number.as_ref())?;
    let item = match (claimed.kind, number) {
        (_, None) => name.to_owned(),
        (ClaimLineKind::Principal | ClaimLineKind::CreditNote, Some(number)) => format!("{name} {number}"),
        (_, Some(number)) => format!("{name} ({} {number})", words.language.labels.invoice),
    };
    let details = [optional("line title", claimed.title.as_ref())?, optional("calculation", claimed.note.as_ref())?];
    let date = |date: Option<_>| date.map(|date| format_short(date, facts.language)).unwrap_or_default();
    Ok(Row {
        role: RowRole::Line,
        item,
        detail: details.into_iter().flatten().collect::<Vec<_>>().join(" – "),
        issued_on: date(claimed.issued_on),
        due_on: date(claimed.due_on),
        amount: format_number(claimed.amount_minor, &facts.currency, facts.language)?,
    })
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
