//! From facts to document: checks the figures, cleans every foreign text, puts each word in its place.

use thiserror::Error;

use super::{
    AmountError, Bank, Block, ClaimLine, ClaimLineKind, Demand, Field, Language, LetterDocument, LetterFacts, LetterKind, aid,
    check::check,
    country, format_long, legal,
    names::{Formatted, Names, line, lines, optional},
    table::table,
    template::{Labels, TemplateError},
    text::TextError,
    wording::Words,
};

/// Most lines that fit an address window (DIN 5008 gives six).
pub const MAX_ADDRESS_LINES: usize = 6;
/// Most lines of one claim; more belongs on a statement of account.
pub const MAX_CLAIM_LINES: usize = 1_000;

/// Why the facts do not make a letter.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ComposeError {
    /// The lines do not add up to the outstanding amount, or the sum overflows.
    #[error("the lines do not add up to the outstanding amount")]
    TotalMismatch,
    /// A claim below zero, or a payment above it.
    #[error("line {0} has the wrong sign")]
    WrongSign(usize),
    /// A demand without anything outstanding, or thanks with something outstanding.
    #[error("the outstanding amount does not suit a {0}")]
    OutstandingMismatch(&'static str),
    /// The stated sum of payments differs from the payment lines.
    #[error("the paid amount does not equal the payments listed")]
    PaidMismatch,
    /// The deadline is not after the letter's date.
    #[error("the deadline is not after the letter's date")]
    DeadlineNotAhead,
    /// A step outside its ladder.
    #[error("step {number} of {total} does not exist")]
    NoSuchStep {
        /// Step asked for.
        number: u32,
        /// Steps of the ladder.
        total: u32,
    },
    /// Nothing is claimed.
    #[error("the letter has no lines")]
    NoLines,
    /// More than [`MAX_CLAIM_LINES`].
    #[error("the letter has too many lines")]
    TooManyLines,
    /// More lines than the window holds.
    #[error("the {0}'s address has too many lines")]
    AddressTooLong(&'static str),
    /// Neither IBAN nor local account.
    #[error("no bank account to pay into")]
    NoBankAccount,
    /// Not a valid IBAN.
    #[error("the IBAN is not valid")]
    InvalidIban,
    /// The wording the letter was issued with is not part of this program.
    #[error("unknown text revision {0:?}")]
    UnknownRevision(String),
    /// A text that cannot be printed.
    #[error("{field} {error}")]
    Text {
        /// Which fact.
        field: &'static str,
        /// What is wrong with it.
        error: TextError,
    },
    /// An amount that cannot be written.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A text with a placeholder that has no value.
    #[error("the letter's text: {0}")]
    Template(#[from] TemplateError),
}

/// Writes the letter.
///
/// # Errors
/// [`ComposeError`] when figures contradict each other, when something a letter needs is missing, or when a text cannot
/// be printed.
pub fn compose(facts: &LetterFacts) -> Result<LetterDocument, ComposeError> {
    check(facts)?;
    let names = Names::from(facts)?;
    let words = Words::of(facts)?;
    let only_invoice = only_invoice(&facts.lines)?;
    let formatted = Formatted::from(facts)?;
    let values = names.values(facts, &formatted, &words, only_invoice.as_deref())?;
    let labels = &words.language.labels;
    let bank = if says_where_to_pay(facts) { Some(bank(&facts.bank, &names, labels, facts.language)?) } else { None };
    let mut closing_paragraphs = words.closing(&values)?;
    closing_paragraphs.extend(legal::statements(facts, &words)?);
    let demand = Demand { sentence: words.demand(&values)?, amount: formatted.outstanding.clone(), pay_by: formatted.pay_by.clone() };
    Ok(LetterDocument {
        kind: facts.kind,
        language: facts.language,
        dated_on: facts.dated_on,
        recipient_country: facts.debtor.country.clone(),
        title: format!("{} – {} – {}", words.kind_name(&values)?, names.reference, names.creditor),
        letterhead: names.creditor.clone(),
        sender_line: sender_line(&names),
        recipient: recipient(facts, labels)?,
        reference: field(&labels.reference, names.reference.clone()),
        info: info(facts, &names, labels),
        subject: words.subject(&values)?,
        salutation: words.salutation(&values)?,
        opening: words.opening(&values)?,
        table: table(facts, &words)?,
        demand: facts.kind.demands_payment().then_some(demand),
        bank,
        code: aid::code(facts),
        closing_paragraphs,
        contact: contact(&names, labels),
        complimentary_close: labels.complimentary_close.clone(),
        signature: names.creditor.clone(),
        footer: footer(&names, labels),
        page_label: labels.page.clone(),
    })
}

/// A statement with something open asks for no day, but says where to pay.
const fn says_where_to_pay(facts: &LetterFacts) -> bool {
    facts.kind.demands_payment() || matches!(facts.kind, LetterKind::Statement) && facts.outstanding_minor > 0
}

fn only_invoice(claim: &[ClaimLine]) -> Result<Option<String>, ComposeError> {
    let mut principals = claim.iter().filter(|line| line.kind == ClaimLineKind::Principal);
    match (principals.next(), principals.next()) {
        (Some(only), None) => optional("invoice number", only.invoice_number.as_ref()),
        _ => Ok(None),
    }
}

fn recipient(facts: &LetterFacts, labels: &Labels) -> Result<Vec<String>, ComposeError> {
    let debtor = &facts.debtor;
    let mut window = vec![line("debtor name", &debtor.name)?];
    if let Some(attention) = optional("attention", debtor.attention.as_ref())? {
        window.push(format!("{} {attention}", labels.attention));
    }
    window.extend(lines("debtor address", &debtor.address_lines)?);
    if debtor.country != facts.creditor.country && !debtor.address_lines.is_empty() {
        window.push(line("debtor country", country::name(&debtor.country, facts.language))?);
    }
    if window.len() > MAX_ADDRESS_LINES { Err(ComposeError::AddressTooLong("debtor")) } else { Ok(window) }
}

fn sender_line(names: &Names) -> String {
    std::iter::once(&names.creditor).chain(&names.address_lines).map(String::as_str).collect::<Vec<_>>().join(" · ")
}

fn info(facts: &LetterFacts, names: &Names, labels: &Labels) -> Block {
    let mut fields = vec![
        field(&labels.date, format_long(facts.dated_on, facts.language)),
        field(&labels.reference, names.reference.clone()),
        field(&labels.our_contact, names.email.clone()),
    ];
    fields.extend(names.phone.clone().map(|phone| field(&labels.phone, phone)));
    Block { heading: String::new(), fields }
}

fn bank(account: &Bank, names: &Names, labels: &Labels, language: Language) -> Result<Block, ComposeError> {
    let mut fields = vec![field(&labels.account_name, line("account name", &account.account_name)?)];
    if let Some(number) = &account.iban {
        fields.push(field("IBAN", iban(number)?));
    }
    if let Some(bic) = optional("BIC", account.bic.as_ref())? {
        fields.push(field("BIC", bic));
    }
    let local = optional("local account", account.local_account.as_ref())?;
    if account.iban.is_none() && local.is_none() {
        return Err(ComposeError::NoBankAccount);
    }
    fields.extend(local.map(|local| field(&labels.account, local)));
    fields.push(field(&labels.payment_reference, names.payment_reference.clone()));
    fields.extend(online(account).map(|address| field(aid::online_label(language), address)));
    Ok(Block { heading: labels.bank_heading.clone(), fields })
}

/// The invoice's page on the web, when it is one that a browser opens safely.
fn online(account: &Bank) -> Option<String> {
    account.online_url.clone().filter(|address| aid::is_web_address(address))
}

/// The IBAN in groups of four, however it was typed.
fn iban(number: &str) -> Result<String, ComposeError> {
    let iban: iban::Iban =
        number.split_whitespace().collect::<String>().to_uppercase().parse().map_err(|_invalid| ComposeError::InvalidIban)?;
    Ok(iban.to_string())
}

fn contact(names: &Names, labels: &Labels) -> Block {
    let mut fields = vec![field(&labels.email, names.email.clone())];
    fields.extend(names.phone.clone().map(|phone| field(&labels.phone, phone)));
    Block { heading: labels.contact_heading.clone(), fields }
}

fn footer(names: &Names, labels: &Labels) -> Vec<Vec<String>> {
    let mut who = vec![names.legal_name.clone().unwrap_or_else(|| names.creditor.clone())];
    who.extend(names.registration_number.iter().map(|number| format!("{} {number}", labels.registration)));
    let mut reach = vec![names.email.clone()];
    reach.extend(names.phone.clone());
    vec![who, names.address_lines.clone(), reach]
}

fn field(label: &str, value: String) -> Field {
    Field { label: label.to_owned(), value }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
