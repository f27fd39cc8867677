//! The agency's desk: batches that wait and are worked on, the cases they become, and what happens to a case. Nothing is
//! sent from here: changes tell which events they are, and the control delivers them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    case::{Case, Debtor, Status},
    intake::{Invoice, Movement, Rejection, amount, currency, day},
};

/// The number of the first case.
const FIRST_CASE: usize = 5_000_001;

/// What a batch is about.
#[derive(Clone, Debug)]
pub enum Content {
    /// Invoices to collect.
    Invoices(Vec<Invoice>),
    /// Payments that went to the creditor.
    Payments(Vec<Movement>),
    /// Amounts no longer asked for.
    Corrections(Vec<Movement>),
}

impl Content {
    fn word(&self) -> &'static str {
        match self {
            Self::Invoices(_) => "INVOICE",
            Self::Payments(_) => "PAYMENT",
            Self::Corrections(_) => "CORRECTION",
        }
    }
}

/// A batch.
#[derive(Clone, Debug)]
pub struct Batch {
    id: Uuid,
    content: Content,
    polls_left: u32,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    succeeded: Vec<Value>,
    failed: Vec<Value>,
}

impl Batch {
    /// `QUEUED`, then `SUCCESS`, `PARTIAL` or `FAILED`.
    pub fn status(&self) -> &'static str {
        match (self.finished_at, self.succeeded.is_empty(), self.failed.is_empty()) {
            (None, ..) => "QUEUED",
            (_, _, true) => "SUCCESS",
            (_, false, false) => "PARTIAL",
            (_, true, false) => "FAILED",
        }
    }

    /// The batch as the API writes it.
    pub fn view(&self, organization: Uuid) -> Value {
        json!({
            "batchId": self.id,
            "type": self.content.word(),
            "status": self.status(),
            "createdAt": self.created_at,
            "finishedAt": self.finished_at,
            "organizationId": organization,
            "succeeded": self.succeeded,
            "failed": self.failed,
        })
    }
}

/// Something that a webhook tells.
#[derive(Clone, Debug)]
pub enum Event {
    /// A batch was worked on.
    BatchCompleted {
        /// The batch.
        batch: Uuid,
        /// Its status.
        status: &'static str,
    },
    /// A case was made.
    CaseCreated(Case),
    /// A case was changed.
    CaseUpdated {
        /// The case as it is now.
        case: Case,
        /// What was changed.
        fields: Vec<&'static str>,
    },
}

/// The agency's desk for one organisation.
pub struct Office {
    cases: Vec<Case>,
    by_source: HashMap<String, usize>,
    batches: HashMap<Uuid, Batch>,
    rejections: HashMap<String, Rejection>,
    /// How many looks at a batch still find it queued.
    pub polls: u32,
}

impl Office {
    /// An empty desk that lets a batch be seen queued once.
    pub fn new() -> Self {
        Self { cases: Vec::new(), by_source: HashMap::new(), batches: HashMap::new(), rejections: HashMap::new(), polls: 1 }
    }

    /// All cases, oldest first.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The case with an id.
    pub fn case(&self, id: Uuid) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// The batch with an id.
    pub fn batch(&self, id: Uuid) -> Option<&Batch> {
        self.batches.get(&id)
    }

    /// Takes a batch in.
    pub fn take(&mut self, id: Uuid, content: Content, now: DateTime<Utc>) -> &Batch {
        let batch =
            Batch { id, content, polls_left: self.polls, created_at: now, finished_at: None, succeeded: Vec::new(), failed: Vec::new() };
        self.batches.entry(id).insert_entry(batch).into_mut()
    }

    /// Takes the invoice with this id of the creditor for one that will be rejected.
    pub fn reject(&mut self, source_id: &str, rejection: Rejection) {
        self.rejections.insert(source_id.to_owned(), rejection);
    }

    /// Looks at a batch: it stays queued for some looks, then it is worked on.
    pub fn look(&mut self, id: Uuid, new_id: &impl Fn() -> Uuid, now: DateTime<Utc>) -> Vec<Event> {
        match self.batches.get_mut(&id) {
            Some(batch) if batch.finished_at.is_none() && batch.polls_left > 0 => {
                batch.polls_left -= 1;
                Vec::new()
            }
            Some(batch) if batch.finished_at.is_none() => self.work(id, new_id, now),
            _ => Vec::new(),
        }
    }

    /// Works on all batches that wait.
    pub fn work_on_all(&mut self, new_id: &impl Fn() -> Uuid, now: DateTime<Utc>) -> Vec<Event> {
        let mut waiting: Vec<_> = self.batches.values().filter(|batch| batch.finished_at.is_none()).collect();
        waiting.sort_by_key(|batch| batch.created_at);
        let waiting: Vec<Uuid> = waiting.into_iter().map(|batch| batch.id).collect();
        waiting.into_iter().flat_map(|id| self.work(id, new_id, now)).collect()
    }

    fn work(&mut self, id: Uuid, new_id: &impl Fn() -> Uuid, now: DateTime<Utc>) -> Vec<Event> {
        let Some(mut batch) = self.batches.remove(&id) else { return Vec::new() };
        let mut events = Vec::new();
        let outcomes: Vec<Result<Value, Value>> = match &batch.content {
            Content::Invoices(invoices) => invoices.iter().map(|invoice| self.open(invoice, new_id, now, &mut events)).collect(),
            Content::Payments(payments) => payments.iter().map(|payment| self.move_money(payment, true, now, &mut events)).collect(),
            Content::Corrections(all) => all.iter().map(|correction| self.move_money(correction, false, now, &mut events)).collect(),
        };
        for outcome in outcomes {
            match outcome {
                Ok(item) => batch.succeeded.push(item),
                Err(item) => batch.failed.push(item),
            }
        }
        batch.finished_at = Some(now);
        events.push(Event::BatchCompleted { batch: id, status: batch.status() });
        self.batches.insert(id, batch);
        events
    }

    /// Makes a case of an invoice, or tells why not.
    fn open(&mut self, invoice: &Invoice, new_id: &impl Fn() -> Uuid, now: DateTime<Utc>, events: &mut Vec<Event>) -> Result<Value, Value> {
        let source_id = &invoice.unique_source_invoice_id;
        let case = self.examined(invoice, new_id, now).map_err(|rejection| {
            json!({ "invoiceNumber": invoice.invoice_number, "uniqueSourceInvoiceId": source_id, "code": rejection.code, "message": rejection.message })
        })?;
        self.by_source.insert(source_id.clone(), self.cases.len());
        let item = json!({
            "invoiceId": case.invoice_id,
            "invoiceNumber": case.invoice_number,
            "uniqueSourceInvoiceId": source_id,
            "caseId": case.id,
            "caseNumber": case.number,
        });
        events.push(Event::CaseCreated(case.clone()));
        self.cases.push(case);
        Ok(item)
    }

    fn examined(&self, invoice: &Invoice, new_id: &impl Fn() -> Uuid, now: DateTime<Utc>) -> Result<Case, Rejection> {
        let source_id = &invoice.unique_source_invoice_id;
        if let Some(rejection) = self.rejections.get(source_id) {
            return Err(rejection.clone());
        }
        if let Some(at) = self.by_source.get(source_id) {
            return Err(Rejection::new("DUPLICATE", format!("It is case {} already.", self.cases[*at].number)));
        }
        currency(&invoice.currency)?;
        let (issued_on, due_on) = (day(&invoice.invoice_date)?, day(&invoice.due_date)?);
        if issued_on > due_on || due_on >= now.date_naive() {
            return Err(Rejection::new("NOT_DUE", "The due date is not in the past, or before the invoice's date."));
        }
        let debtor = invoice.debtor()?;
        Ok(Case {
            id: new_id(),
            number: (FIRST_CASE + self.cases.len()).to_string(),
            kind: invoice.case_kind()?,
            status: Status::Open,
            sub_status: "REGISTERED".to_owned(),
            registered_at: now,
            closed_at: None,
            invoice_id: new_id(),
            invoice_number: invoice.invoice_number.clone(),
            source_id: source_id.clone(),
            due_on,
            original_minor: amount(&invoice.original_invoice_amount)?,
            paid_minor: 0,
            credited_minor: 0,
            debtor: Debtor {
                id: new_id(),
                kind: debtor.kind.clone(),
                name: debtor.name.clone(),
                customer_number: debtor.customer_number.clone(),
            },
        })
    }

    fn move_money(&mut self, movement: &Movement, is_payment: bool, now: DateTime<Utc>, events: &mut Vec<Event>) -> Result<Value, Value> {
        let id = movement.invoice_id;
        let checked = currency(&movement.currency).and_then(|()| amount(&movement.amount)).and_then(|amount| {
            let case = self.cases.iter_mut().find(|case| case.invoice_id == id);
            let case = case.ok_or_else(|| Rejection::new("UNKNOWN_INVOICE", format!("There is no invoice {id}.")))?;
            let taken = if is_payment { &mut case.paid_minor } else { &mut case.credited_minor };
            *taken += amount;
            events.push(settled(case, now));
            Ok(json!({ "invoiceId": id, "caseNumber": case.number }))
        });
        checked.map_err(|rejection| json!({ "invoiceId": id, "code": rejection.code, "message": rejection.message }))
    }

    /// Changes a case and tells what was changed; none when there is no such case or the change refuses.
    pub fn change(&mut self, id: Uuid, fields: &[&'static str], change: impl FnOnce(&mut Case) -> bool) -> Option<Event> {
        let case = self.cases.iter_mut().find(|case| case.id == id)?;
        change(case).then(|| Event::CaseUpdated { case: case.clone(), fields: fields.to_vec() })
    }

    /// Adds a case that was there before.
    pub fn seed(&mut self, case: Case) {
        self.by_source.insert(case.source_id.clone(), self.cases.len());
        self.cases.push(case);
    }

    /// Money that the debtor paid to the agency; closes the case when nothing is left.
    pub fn collect(&mut self, id: Uuid, amount_minor: i64, now: DateTime<Utc>) -> Option<Event> {
        let case = self.cases.iter_mut().find(|case| case.id == id)?;
        case.paid_minor += amount_minor;
        Some(settled(case, now))
    }
}

/// After money moved: the case is over when nothing is left.
fn settled(case: &mut Case, now: DateTime<Utc>) -> Event {
    let mut fields = vec!["amounts"];
    if case.remaining_minor() == 0 && case.status != Status::Closed {
        (case.status, case.closed_at) = (Status::Closed, Some(now));
        "PAID".clone_into(&mut case.sub_status);
        fields.push("status");
    }
    Event::CaseUpdated { case: case.clone(), fields }
}
