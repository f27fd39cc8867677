//! Records of our own in GO's form, and the two lenders that a pull needs.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use domain::port::{
    SourceError,
    access::{Access, Lent},
    throttle::{Limit, Throttle, Told, Turn},
};
use serde_json::{Value, json};

/// A voucher's id, by its number.
pub fn voucher(number: i64) -> String {
    format!("5e000000-0000-4000-8000-{number:012}")
}

/// An entry of the ledger, of customer 40001 with the number 10001, created long ago and changed at noon. Amounts are in
/// kroner.
pub fn entry(id: i64, voucher_type: &str, amount: &str, balance: &str) -> Value {
    json!({
        "Id": id, "VoucherType": voucher_type, "VoucherId": voucher(id), "VoucherNo": id,
        "Amount": number(amount), "Balance": number(balance), "CurrencyCode": "NOK", "CurrencyAmount": number(amount),
        "VoucherDate": "2026-09-01", "PostingDate": "2026-09-02", "DueDate": Value::Null, "InvoiceNo": Value::Null,
        "Cid": Value::Null, "MatchId": Value::Null, "CustomerId": 40_001, "CustomerAccountNo": 10_001, "CustomerName": "Bjørk & Sønn",
        "IsWriteOff": false, "CreatedDateTimeOffset": "2026-09-01 08:00:00.000000+00:00",
        "LastChangedDateTimeOffset": "2026-11-20 12:00:00.000000+00:00",
    })
}

/// The ledger's entry of an invoice that is due on the first of October.
pub fn claim(id: i64, amount: &str, balance: &str) -> Value {
    with(entry(id, "OutgoingInvoice", amount, balance), &[("DueDate", json!("2026-10-01")), ("InvoiceNo", json!((id + 5_000).to_string()))])
}

/// The invoice of such an entry.
pub fn invoice(of: &Value) -> Value {
    json!({
        "Id": of["VoucherId"], "VoucherType": "OutgoingInvoice", "VoucherNo": of["VoucherNo"], "VoucherDate": of["VoucherDate"],
        "DueDate": of["DueDate"], "InvoiceNo": of["InvoiceNo"].as_str().unwrap().parse::<i64>().unwrap(), "Cid": of["Cid"],
        "CurrencyCode": of["CurrencyCode"], "TotalAmount": of["CurrencyAmount"], "TotalPostedAmount": of["Amount"],
        "Balance": of["Balance"], "MatchId": of["MatchId"], "CustomerId": of["CustomerId"], "CustomerNo": of["CustomerAccountNo"],
        "CustomerReference": "Kari, vinduer", "PurchaseOrderReference": Value::Null, "InvoiceDeliveryType": "PdfByEmail",
        "IsReversed": false,
    })
}

/// Customer 40001 and its like.
pub fn customer(id: i64) -> Value {
    json!({
        "Id": id, "Number": id - 30_000, "IsPerson": false, "Name": "Bjørk & Sønn", "LegalName": "Bjørk & Sønn AS",
        "EmailAddress": "post@bjork.example", "InvoiceEmailAddress": "faktura@bjork.example", "PhoneNumber": "+4799887766",
        "MailAddress": {"AddressLine1": "Storgata 4", "AddressLine2": "", "ZipCode": "9008", "City": "Tromsø", "CountryCode": Value::Null},
        "SendPaymentReminders": true, "TransferToDebtCollectionAgency": true, "IsArchived": false,
        "LastChangedDateTimeOffset": "2026-08-01 08:00:00.000000+00:00",
    })
}

/// The record with other fields.
pub fn with(mut record: Value, fields: &[(&str, Value)]) -> Value {
    for (name, value) in fields {
        record[*name] = value.clone();
    }
    record
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Lends keys for the account `7711`, and counts how often they were refused.
pub struct Lender {
    pub document: String,
    pub refused: AtomicUsize,
}

impl Default for Lender {
    fn default() -> Self {
        Self { document: r#"{"clients":{"7711":{"client_key":"client-key-1","access":"token-1"}}}"#.into(), refused: AtomicUsize::new(0) }
    }
}

#[async_trait::async_trait]
impl Access for Lender {
    async fn lend(&self) -> Result<Lent, SourceError> {
        Ok(Lent { keys: self.document.clone().into(), version: 1 })
    }

    async fn refused(&self, _lent: &Lent) -> Result<Lent, SourceError> {
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.lend().await
    }
}

/// Lets everybody through and keeps what it was told.
#[derive(Default)]
pub struct Turns {
    pub entered: Mutex<Vec<Limit>>,
    pub left: Mutex<Vec<Told>>,
}

#[async_trait::async_trait]
impl Throttle for Turns {
    async fn enter(&self, limits: &[Limit]) -> Result<Turn, SourceError> {
        self.entered.lock().unwrap().extend_from_slice(limits);
        Ok(Turn::default())
    }

    async fn leave(&self, _turn: Turn, told: Told) {
        self.left.lock().unwrap().push(told);
    }
}
