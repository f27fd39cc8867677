//! The letter as an e-mail: the same words as plain text and as HTML that needs nothing from elsewhere.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, Value, context, value::Serde};

use super::{Block, LetterDocument, Row, RowRole};

/// The name decides the escaping; see [`ENVIRONMENT`].
const TEMPLATE: &str = "mail.html";

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_name| AutoEscape::Html);
    environment
        .add_template(TEMPLATE, include_str!("mail.html.j2"))
        .expect("the template is part of the program and every test of this module reads it");
    environment
});

/// Subject and both bodies of an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// One line, free of control characters.
    pub subject: String,
    /// Plain text with `\n` line ends.
    pub text: String,
    /// A complete HTML document without remote assets, scripts or links.
    pub html: String,
}

/// The letter as an e-mail.
pub fn mail(letter: &LetterDocument) -> MailText {
    MailText { subject: subject(letter), text: text(letter), html: html(letter) }
}

fn subject(letter: &LetterDocument) -> String {
    format!("{} – {}", letter.subject, letter.letterhead)
}

fn html(letter: &LetterDocument) -> String {
    let template = ENVIRONMENT.get_template(TEMPLATE).expect("added when the environment was built");
    template
        .render(context! {
            letter => Value::from(Serde(letter)),
            lang => letter.language.as_str(),
        })
        .expect("every name in the template is a field of the document")
}

fn text(letter: &LetterDocument) -> String {
    let mut parts = vec![letter.subject.clone(), letter.salutation.clone()];
    parts.extend(letter.opening.iter().cloned());
    parts.push(claim(letter));
    parts.extend(letter.demand.iter().map(|demand| demand.sentence.clone()));
    parts.extend(letter.bank.as_ref().map(block));
    parts.extend(letter.closing_paragraphs.iter().cloned());
    parts.push(format!("{}\n{}", letter.complimentary_close, letter.signature));
    parts.push(block(&letter.contact));
    let footer: Vec<_> = letter.footer.iter().map(|column| column.join(", ")).collect();
    parts.push(format!("-- \n{}\n", footer.join("\n")));
    parts.join("\n\n")
}

fn claim(letter: &LetterDocument) -> String {
    let [_, date, due, amount] = &letter.table.header;
    let mut lines = vec![field(&letter.reference), format!("{amount}:")];
    lines.extend(letter.table.rows.iter().map(|row| claim_line(row, date, due)));
    lines.push(format!("{}: {}", letter.table.total_label, letter.table.total));
    lines.join("\n")
}

fn claim_line(row: &Row, date: &str, due: &str) -> String {
    match row.role {
        RowRole::Line => {}
        RowRole::Heading => return format!("{}:", row.item),
        RowRole::Subtotal => return format!("{}: {}", row.item, row.amount),
    }
    let mut line = format!("- {}", row.item);
    if !row.detail.is_empty() {
        line.extend([", ", &row.detail]);
    }
    for (label, value) in [(date, &row.issued_on), (due, &row.due_on)] {
        if !value.is_empty() {
            line.extend([", ", label, " ", value]);
        }
    }
    format!("{line}: {}", row.amount)
}

fn block(block: &Block) -> String {
    std::iter::once(format!("{}:", block.heading)).chain(block.fields.iter().map(field)).collect::<Vec<_>>().join("\n")
}

fn field(field: &super::Field) -> String {
    format!("{}: {}", field.label, field.value)
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
