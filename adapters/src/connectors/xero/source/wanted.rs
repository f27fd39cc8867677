//! Invoices and contacts that somebody asked for by their ids, in whatever state they are. One invoice is the frequent
//! case, right before a letter goes out: asked for alone, Xero tells it with its whole contact, in one call.

use std::collections::HashSet;

use domain::{
    RefusalCode,
    port::{Problem, Record, SourceError},
};

use super::{
    XeroSource,
    invoices::{Explained, Told},
    lists::{self, IDS_AT_ONCE},
    page::Step,
    position::Phase,
};
use crate::connectors::xero::{id, wire::Invoice};

impl XeroSource {
    /// The wanted invoices from this one on.
    pub(super) async fn wanted_invoices(&mut self, from: usize) -> Result<Step, SourceError> {
        let wanted: Vec<String> = self.wanted.invoices.iter().skip(from).take(IDS_AT_ONCE).cloned().collect();
        if wanted.is_empty() {
            return Ok(Step::to(Phase::WantedDebtors(0)));
        }
        let askable: Vec<String> = wanted.iter().filter(|id| id::is_id(id)).cloned().collect();
        let mut step = Step::to(Phase::WantedInvoices(from + wanted.len()));
        let mut invoices = self.ask_invoices(&askable, &mut step).await?;
        // Asked twice for one id, or for two spellings of it, Xero may answer twice.
        let mut seen = HashSet::new();
        invoices.retain(|invoice| seen.insert(invoice.id.to_ascii_lowercase()));
        let broken: HashSet<String> = step.problems.iter().filter_map(|problem| problem.external_id.clone()).collect();
        let gone = wanted.iter().filter(|id| !seen.contains(&id.to_ascii_lowercase()) && !broken.contains(*id));
        let gone: Vec<Problem> = gone.map(|id| not_found(id, "Xero knows no such invoice")).collect();
        let Told { records, problems, .. } = self.lookup(Explained::All, 1).tell(&invoices, invoices.len()).await?;
        step.records = records;
        step.problems.extend(problems);
        step.problems.extend(gone);
        Ok(step)
    }

    async fn ask_invoices(&mut self, ids: &[String], step: &mut Step) -> Result<Vec<Invoice>, SourceError> {
        let listing = match ids {
            [] => return Ok(Vec::new()),
            [one] => lists::invoice(&self.client, one).await?,
            many => Some(lists::invoices_of(&self.client, many).await?),
        };
        let Some(listing) = listing else { return Ok(Vec::new()) };
        step.problems.extend(listing.problems);
        if let ([_], [invoice]) = (ids, &*listing.good)
            && let Some(contact) = &invoice.contact
        {
            step.problems.extend(self.debtors.keep(contact).err());
        }
        Ok(listing.good)
    }

    /// The wanted contacts from this one on.
    pub(super) async fn wanted_debtors(&mut self, from: usize) -> Result<Step, SourceError> {
        let wanted: Vec<String> = self.wanted.debtors.iter().skip(from).take(IDS_AT_ONCE).cloned().collect();
        if wanted.is_empty() {
            return Ok(Step::to(Phase::End));
        }
        let mut step = Step::to(Phase::WantedDebtors(from + wanted.len()));
        let askable: Vec<&str> = wanted.iter().map(String::as_str).filter(|id| id::is_id(id)).collect();
        step.problems = self.debtors.find(&self.client, &askable, 1, &mut usize::MAX.clone()).await?;
        for id in &wanted {
            match self.debtors.get(id) {
                Some(debtor) => step.records.push(Record { debtor: Some(debtor.clone()), ..Record::default() }),
                None if step.problems.iter().any(|problem| problem.external_id.as_ref() == Some(id)) => {}
                None => step.problems.push(not_found(id, "Xero knows no such contact")),
            }
        }
        Ok(step)
    }
}

fn not_found(id: &str, message: &str) -> Problem {
    Problem {
        row: None,
        column: None,
        external_id: Some(id.to_owned()),
        code: RefusalCode::NotFound.as_str().to_owned(),
        message: message.to_owned(),
    }
}
