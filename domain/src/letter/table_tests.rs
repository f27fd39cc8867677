use entity::CaseId;

use super::*;
use crate::letter::{Language, LetterKind, Member, compose, compose_examples::facts, mail};

fn member(reference: &str, lines: usize, outstanding_minor: i64) -> Member {
    Member { case_id: CaseId(uuid::Uuid::nil()), reference: reference.to_owned(), lines, outstanding_minor }
}

/// Two cases: 1,234.50 with interest after a part payment, and 200.00.
fn grouped() -> LetterFacts {
    let mut facts = facts(LetterKind::LetterOfDemand, Language::En);
    facts.lines[1].note = Some("1,500.00 × 12% × 70/365".to_owned());
    facts.lines.push(ClaimLine { invoice_number: Some("INV-9".to_owned()), amount_minor: 20_000, ..facts.lines[0].clone() });
    facts.outstanding_minor = 143_450;
    facts.grouped = vec![member("C-1042", 3, 123_450), member("C-1050", 1, 20_000)];
    facts
}

#[test]
fn a_letter_for_several_cases_shows_each_with_its_lines_and_sum() {
    let letter = compose(&grouped()).expect("composes");
    let rows: Vec<_> =
        letter.table.rows.iter().map(|row| (row.role, row.item.as_str(), row.detail.as_str(), row.amount.as_str())).collect();
    assert_eq!(
        rows,
        [
            (RowRole::Heading, "Reference C-1042", "", ""),
            (RowRole::Line, "Invoice INV-7", "Deck timber", "1,500.00"),
            (RowRole::Line, "Interest for late payment (invoice INV-7)", "1,500.00 × 12% × 70/365", "34.50"),
            (RowRole::Line, "Payment received (invoice INV-7)", "", "\u{2212}300.00"),
            (RowRole::Subtotal, "Subtotal C-1042", "", "1,234.50"),
            (RowRole::Heading, "Reference C-1050", "", ""),
            (RowRole::Line, "Invoice INV-9", "Deck timber", "200.00"),
            (RowRole::Subtotal, "Subtotal C-1050", "", "200.00"),
        ]
    );
    assert_eq!(letter.table.total, "1,434.50");
    assert!(letter.opening[0].contains("the invoices listed below"));
    let text = mail(&letter).text;
    assert!(text.contains("\nReference C-1050:\n- Invoice INV-9") && text.contains("\nSubtotal C-1050: 200.00\n"), "{text}");
}

#[test]
fn a_group_that_does_not_add_up_is_no_letter() {
    for change in [
        (|facts| facts.grouped[0].outstanding_minor += 1) as fn(&mut LetterFacts),
        |facts| facts.grouped[1].lines = 2,
        |facts| facts.grouped.truncate(1),
        |facts| facts.grouped[0].lines = 2,
    ] {
        let mut facts = grouped();
        change(&mut facts);
        assert_eq!(compose(&facts), Err(ComposeError::TotalMismatch));
    }
}
