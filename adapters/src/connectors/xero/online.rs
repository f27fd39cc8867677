//! Xero's page of one sales invoice, where the debtor sees it and pays. Shown for approved ones; the address is asked for
//! one by one. <https://developer.xero.com/documentation/api/accounting/invoices>

use domain::port::{Link, SourceError, connect::OnlinePages};

use super::{
    client::{Ask, Client, named},
    id,
    settings::Settings,
    wire,
};
use crate::http::{Http, StatusCode};

/// Tells the addresses of invoices' pages.
pub(super) struct XeroPages {
    pub(super) http: Http,
    pub(super) settings: Settings,
}

#[async_trait::async_trait]
impl OnlinePages for XeroPages {
    async fn page_of(&self, link: &Link, invoice_external_id: &str) -> Result<Option<String>, SourceError> {
        if !id::is_id(invoice_external_id) {
            return Ok(None);
        }
        let client = Client { http: self.http.clone(), settings: self.settings.clone(), link: link.clone() };
        let ask = Ask::get("GET Invoices/OnlineInvoice", format!("Invoices/{invoice_external_id}/OnlineInvoice")).aside();
        let answer = client.call(&ask).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let told: wire::OnlineInvoices = answer.json().map_err(|error| named(&ask, error))?;
        Ok(told.online_invoices.into_iter().find_map(|page| page.online_invoice_url).filter(|address| !address.is_empty()))
    }
}
