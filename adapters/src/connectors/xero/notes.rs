//! Notes in an invoice's history, for whoever reads the books. Xero keeps them for good: they can be neither changed nor
//! deleted.

use domain::{
    RefusalCode,
    port::{Link, SourceError, connect::BookNote, connect::Notes},
};
use serde_json::json;

use super::{
    client::{Ask, Client},
    id,
    settings::Settings,
};
use crate::http::{Http, StatusCode};

/// Longest note. <https://developer.xero.com/documentation/api/accounting/historyandnotes>
const MAX_CHARS: usize = 2_500;

/// Writes notes into invoices' history.
pub(super) struct XeroNotes {
    pub(super) http: Http,
    pub(super) settings: Settings,
}

#[async_trait::async_trait]
impl Notes for XeroNotes {
    async fn write(&self, link: &Link, note: &BookNote) -> Result<(), SourceError> {
        const NAME: &str = "PUT Invoices/History";
        let not_found =
            || SourceError::Refused { code: RefusalCode::NotFound.as_str().into(), message: "Xero knows no such invoice".into() };
        let invoice = Some(note.invoice_external_id.as_str()).filter(|text| id::is_id(text)).ok_or_else(not_found)?;
        let text: String = note.text.chars().take(MAX_CHARS).collect();
        let body = json!({ "HistoryRecords": [{ "Details": text }] });
        let ask = Ask::put(NAME, format!("Invoices/{invoice}/History"), body, note.id.to_string());
        let client = Client { http: self.http.clone(), settings: self.settings.clone(), link: link.clone() };
        match client.call(&ask).await {
            Ok(answer) if answer.status == StatusCode::NOT_FOUND => Err(not_found()),
            Ok(_) => Ok(()),
            Err(SourceError::Refused { code, .. }) if is_about_rights(&code) => Err(SourceError::Refused {
                code: RefusalCode::ProviderScopeMissing.as_str().into(),
                message: "Xero does not let us write notes: connect again with notes allowed".into(),
            }),
            Err(error) => Err(error),
        }
    }
}

fn is_about_rights(code: &str) -> bool {
    [RefusalCode::ProviderScopeMissing, RefusalCode::ProviderRejected].iter().any(|known| known.as_str() == code)
}
