//! `OnlineInvoices`: where a debtor sees an invoice.

use serde::Deserialize;

/// The answer of `GET /Invoices/{id}/OnlineInvoice`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct OnlineInvoices {
    /// One, or none.
    pub online_invoices: Vec<OnlineInvoice>,
}

/// One of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct OnlineInvoice {
    pub online_invoice_url: Option<String>,
}
