//! A zip for agencies without an API: `claims.csv` with a row per invoice, `charges.csv` with a row per line of what is
//! claimed beside them, where anything is, and the letters as they were sent, below `letters/` by case number. Texts that a spreadsheet would run as a formula are made plain. The same claims give the
//! same bytes: entries bear no time.

mod cell;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Write};

use domain::{
    claim::{Calculation, LineKind, percent},
    money::to_decimal,
    port::agency::{Bundle, Claim, ClaimPacker},
};
use entity::DebtorKind;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use cell::plain;

/// Columns of `claims.csv`.
const HEADER: [&str; 23] = [
    "handover",
    "case",
    "creditor",
    "creditor_registration",
    "creditor_email",
    "debtor_number",
    "debtor",
    "debtor_kind",
    "email",
    "phone",
    "line1",
    "line2",
    "postal_code",
    "city",
    "country",
    "invoice",
    "title",
    "issued_on",
    "due_on",
    "total",
    "outstanding",
    "currency",
    "letters_sent_on",
];

/// Columns of `charges.csv`; what was paid or given up is negative, and of a kind without interest the calculation is
/// empty.
const CHARGES: [&str; 13] = [
    "handover",
    "case",
    "kind",
    "invoice",
    "on",
    "amount",
    "currency",
    "principal",
    "percent_a_year",
    "first_day",
    "last_day",
    "days",
    "days_of_year",
];

/// Makes the file.
pub struct ZipPacker;

impl ClaimPacker for ZipPacker {
    fn pack(&self, bundles: &[Bundle]) -> Result<Vec<u8>, String> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file("claims.csv", options).map_err(|error| error.to_string())?;
        zip.write_all(&table(&HEADER, bundles.iter().flat_map(|bundle| rows(&bundle.claim)))?).map_err(|error| error.to_string())?;
        if bundles.iter().any(|bundle| !bundle.claim.charges.is_empty()) {
            zip.start_file("charges.csv", options).map_err(|error| error.to_string())?;
            zip.write_all(&table(&CHARGES, bundles.iter().flat_map(|bundle| charges(&bundle.claim)))?)
                .map_err(|error| error.to_string())?;
        }
        for bundle in bundles {
            for (name, pdf) in &bundle.letters {
                let path = format!("letters/{}/{name}", bundle.claim.reference);
                zip.start_file(path, options).map_err(|error| error.to_string())?;
                zip.write_all(pdf).map_err(|error| error.to_string())?;
            }
        }
        Ok(zip.finish().map_err(|error| error.to_string())?.into_inner())
    }
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(header).map_err(|error| error.to_string())?;
    for row in rows {
        csv.write_record(row).map_err(|error| error.to_string())?;
    }
    csv.into_inner().map_err(|error| error.to_string())
}

fn charges(claim: &Claim) -> impl Iterator<Item = Vec<String>> {
    claim.charges.iter().filter_map(|charge| {
        let calculation = charge.calculation.as_ref();
        let of = |tell: &dyn Fn(&Calculation) -> String| calculation.map(tell).unwrap_or_default();
        Some(vec![
            claim.handover.to_string(),
            plain(&claim.reference),
            word(charge.kind)?.to_owned(),
            plain(charge.invoice.as_deref().unwrap_or_default()),
            charge.on.map(|on| on.to_string()).unwrap_or_default(),
            to_decimal(charge.amount_minor, &claim.currency),
            claim.currency.clone(),
            of(&|calculation| to_decimal(calculation.principal_minor, &claim.currency)),
            of(&|calculation| percent(calculation.ppm)),
            of(&|calculation| calculation.first.to_string()),
            of(&|calculation| calculation.last.to_string()),
            of(&|calculation| calculation.days.to_string()),
            of(&|calculation| calculation.year_days.to_string()),
        ])
    })
}

/// The word of what is owed beside the invoices; none for what is an invoice's own and stands in `claims.csv`.
fn word(kind: LineKind) -> Option<&'static str> {
    match kind {
        LineKind::Interest => Some("interest"),
        LineKind::Fee => Some("fee"),
        LineKind::FixedSum => Some("fixed_sum"),
        LineKind::ChargePayment => Some("paid"),
        LineKind::Waiver => Some("given_up"),
        LineKind::Principal | LineKind::Payment | LineKind::CreditNote | LineKind::WriteOff => None,
    }
}

fn rows(claim: &Claim) -> impl Iterator<Item = Vec<String>> {
    let (creditor, debtor) = (&claim.creditor, &claim.debtor);
    let maybe = |text: &Option<String>| plain(text.as_deref().unwrap_or_default());
    let sent: Vec<String> = claim.letters.iter().map(|letter| letter.sent_at.date_naive().to_string()).collect();
    claim.invoices.iter().map(move |invoice| {
        vec![
            claim.handover.to_string(),
            plain(&claim.reference),
            plain(&creditor.name),
            maybe(&creditor.registration_number),
            plain(&creditor.email),
            plain(&debtor.number),
            plain(&debtor.name),
            match debtor.kind {
                DebtorKind::Consumer => "consumer".to_owned(),
                DebtorKind::Business => "business".to_owned(),
            },
            maybe(&debtor.email),
            maybe(&debtor.phone),
            maybe(&debtor.line1),
            maybe(&debtor.line2),
            maybe(&debtor.postal_code),
            maybe(&debtor.city),
            maybe(&debtor.country),
            plain(&invoice.number),
            maybe(&invoice.title),
            invoice.issued_on.to_string(),
            invoice.due_on.to_string(),
            to_decimal(invoice.total_minor, &claim.currency),
            to_decimal(invoice.outstanding_minor, &claim.currency),
            claim.currency.clone(),
            sent.join(" "),
        ]
    })
}
