//! Cases of the agency and the invoices in them. A case is made of each invoice that a batch takes over. Amounts are in
//! øre; fees and interest of the agency's own are not kept, so what remains is principal.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::decimal::Number;

/// Whether a case is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Worked on.
    Open,
    /// Not worked on for now.
    Paused,
    /// Over.
    Closed,
}

impl Status {
    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Paused => "PAUSED",
            Self::Closed => "CLOSED",
        }
    }
}

/// The one who owes, as the creditor told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debtor {
    /// Unique over the agency.
    pub id: Uuid,
    /// `PRIVATE` or `COMPANY`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of the creditor's customer.
    pub customer_number: Option<String>,
}

/// One case with its invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Unique over the agency.
    pub id: Uuid,
    /// Number of the case, for people.
    pub number: String,
    /// `PAYMENT_REMINDER` or `COLLECTION_NOTICE`.
    pub kind: &'static str,
    /// Whether it is worked on.
    pub status: Status,
    /// Where in the process it is, or why it is over.
    pub sub_status: String,
    /// When it was made.
    pub registered_at: DateTime<Utc>,
    /// When it was over.
    pub closed_at: Option<DateTime<Utc>>,
    /// Unique over the agency.
    pub invoice_id: Uuid,
    /// The creditor's invoice number.
    pub invoice_number: String,
    /// The creditor's own id of the invoice.
    pub source_id: String,
    /// Due date of the invoice.
    pub due_on: NaiveDate,
    /// What the invoice was about.
    pub original_minor: i64,
    /// What came in.
    pub paid_minor: i64,
    /// What was credited.
    pub credited_minor: i64,
    /// Who owes.
    pub debtor: Debtor,
}

impl Case {
    /// What is left.
    pub fn remaining_minor(&self) -> i64 {
        (self.original_minor - self.paid_minor - self.credited_minor).max(0)
    }

    /// The case as the API writes it.
    pub fn view(&self, organization: Uuid) -> Value {
        json!({
            "caseId": self.id,
            "caseNumber": self.number,
            "organizationId": organization,
            "status": self.status,
            "subStatus": self.sub_status,
            "type": self.kind,
            "registeredAt": self.registered_at,
            "closedAt": self.closed_at,
            "invoices": [{
                "invoiceId": self.invoice_id,
                "invoiceNumber": self.invoice_number,
                "dueDate": self.due_on,
                "originalAmount": Number(self.original_minor),
                "remainingAmount": Number(self.remaining_minor()),
                "remainingPrincipal": Number(self.remaining_minor()),
                "paidAmount": Number(self.paid_minor),
                "creditedAmount": Number(self.credited_minor),
                "uniqueSourceInvoiceId": self.source_id,
            }],
            "debtors": [{
                "debtorId": self.debtor.id,
                "type": self.debtor.kind,
                "name": self.debtor.name,
                "customerNumber": self.debtor.customer_number,
            }],
        })
    }
}
