//! Payments. Only `GET /Payments` says whether one is reconciled or deleted; inside an invoice it is a date and an
//! amount. What nobody called reconciled is passed on as not reconciled: such a payment holds letters until it is.

use domain::port::{PaymentSnapshot, Problem};
use entity::PaymentKind;

use super::{MAX_TITLE, broken, invoice::amount};
use crate::connectors::{
    wire::text,
    xero::wire::{Paid, Payment},
};

/// Maps a payment; none when it pays no sales invoice: bills, refunds of credit notes, over- and prepayments.
pub(in crate::connectors::xero) fn payment(told: &Payment) -> Result<Option<PaymentSnapshot>, Problem> {
    match told.payment_type.as_str() {
        "ACCRECPAYMENT" => {}
        "ACCPAYPAYMENT"
        | "ARCREDITPAYMENT"
        | "APCREDITPAYMENT"
        | "AROVERPAYMENTPAYMENT"
        | "ARPREPAYMENTPAYMENT"
        | "APPREPAYMENTPAYMENT"
        | "APOVERPAYMENTPAYMENT" => return Ok(None),
        _ => return Err(broken(&told.id, "PaymentType", "is unknown")),
    }
    let reversed = match told.status.as_str() {
        "AUTHORISED" => false,
        "DELETED" => true,
        _ => return Err(broken(&told.id, "Status", "is unknown")),
    };
    let invoice = told.invoice.as_ref().ok_or_else(|| broken(&told.id, "Invoice", "is missing"))?;
    let currency = invoice.currency_code.clone().ok_or_else(|| broken(&told.id, "Invoice.CurrencyCode", "is missing"))?;
    Ok(Some(PaymentSnapshot {
        external_id: told.id.clone(),
        invoice_external_id: invoice.id.clone(),
        kind: PaymentKind::Payment,
        amount_minor: Some(amount(&told.id, Some(&told.amount), "Amount", &currency)?),
        currency: Some(currency),
        received_on: told.date.0,
        reconciled: told.is_reconciled.unwrap_or_default().0,
        reversed,
        reference: text(told.reference.as_deref(), MAX_TITLE),
    }))
}

/// A payment of which only the invoice tells.
pub(in crate::connectors::xero) fn unreconciled(paid: &Paid, invoice: &str, currency: &str) -> Result<PaymentSnapshot, Problem> {
    Ok(PaymentSnapshot {
        external_id: paid.id.clone(),
        invoice_external_id: invoice.to_owned(),
        kind: PaymentKind::Payment,
        amount_minor: Some(amount(&paid.id, Some(&paid.amount), "Amount", currency)?),
        currency: Some(currency.to_owned()),
        received_on: paid.date.0,
        reconciled: false,
        reversed: false,
        reference: text(paid.reference.as_deref(), MAX_TITLE),
    })
}
