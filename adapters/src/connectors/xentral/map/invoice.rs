//! One invoice of v3: what it says, what must still be asked of v1, and the records that come of both.

use chrono::{Days, NaiveDate};
use domain::port::{DebtorSnapshot, InvoiceSnapshot, InvoiceState, Record};

use super::{Explained, Fault, check_id, debtor, text};
use crate::connectors::xentral::{
    mark,
    wire::{Invoice, Money},
    word::{self, Level, Paying, Standing},
};

/// An approved invoice, as far as v3 tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Claim {
    /// Its id there: digits only.
    pub id: String,
    /// The customer's id there.
    pub customer: String,
    number: String,
    title: Option<String>,
    issued_on: NaiveDate,
    due_on: Option<NaiveDate>,
    currency: String,
    total_minor: i64,
    paying: Paying,
    cancelled: bool,
    disputed: bool,
    debtor: DebtorSnapshot,
}

/// What v1 told of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in super::super) struct Told {
    /// Outstanding by their books, in minor units.
    pub outstanding_minor: Option<i64>,
    /// What explains it; none where nobody asked.
    pub explained: Option<Explained>,
    /// The due date, for invoices without days to pay.
    pub due_on: Option<NaiveDate>,
    /// The debtor's own record, which is younger than the address on an old invoice.
    pub debtor: Option<DebtorSnapshot>,
}

/// Reads an invoice; none for a draft.
///
/// # Errors
///
/// [`Fault`], naming the field.
pub(in super::super) fn read(invoice: &Invoice) -> Result<Option<Claim>, Fault> {
    check_id("id", &invoice.id)?;
    let standing = word::standing(&invoice.status).ok_or_else(|| Fault::broken("status", "is not documented"))?;
    if standing == Standing::Draft {
        return Ok(None);
    }
    let paying = invoice.payment_status.as_deref().ok_or_else(|| Fault::broken("paymentStatus", "is missing"))?;
    let paying = word::paying(paying).ok_or_else(|| Fault::broken("paymentStatus", "is not documented"))?;
    let gross = invoice.totals.gross.as_ref().ok_or_else(|| Fault::broken("totals.gross", "is missing"))?;
    let total_minor = amount("totals.gross", gross, &gross.currency)?;
    if total_minor < 0 {
        return Err(Fault::broken("totals.gross", "is negative, which no invoice is"));
    }
    let customer = invoice.address.as_ref().ok_or_else(|| Fault::broken("address", "is missing"))?;
    check_id("address.id", &customer.id)?;
    let issued_on = invoice.document_date.ok_or_else(|| Fault::broken("documentDate", "is missing"))?.0;
    Ok(Some(Claim {
        id: invoice.id.clone(),
        customer: customer.id.clone(),
        number: field("documentNumber", invoice.document_number.as_deref())?,
        title: text(invoice.customer_order_number.as_deref()),
        issued_on,
        due_on: due_on(invoice, issued_on)?,
        currency: gross.currency.clone(),
        total_minor,
        paying,
        cancelled: standing == Standing::Cancelled,
        disputed: disputed(invoice, paying)?,
        debtor: billed_to(invoice, &customer.id)?,
    }))
}

impl Claim {
    /// Whether v1's list must say what is outstanding.
    pub(in super::super) fn wants_outstanding(&self) -> bool {
        !self.cancelled && matches!(self.paying, Paying::Pending | Paying::PartlyPaid | Paying::PartlyCancelled | Paying::Debited)
    }

    /// Whether payments and credit notes must be looked at, given what is outstanding. What was paid on the day of its
    /// issue, before it was due, was never anybody's claim: shops sell thousands a day so.
    pub(in super::super) fn wants_explanation(&self, outstanding_minor: Option<i64>, today: NaiveDate) -> bool {
        let fresh = self.issued_on >= today && self.due_on.is_some_and(|due_on| due_on >= today);
        !self.cancelled
            && match self.paying {
                Paying::Pending => outstanding_minor.is_some_and(|minor| minor != self.total_minor),
                Paying::PartlyPaid | Paying::PartlyCancelled | Paying::Cancelled => true,
                Paying::Paid => !fresh,
                Paying::BadDebt | Paying::Debited => false,
            }
    }

    /// Whether only v1 knows when it is due.
    pub(in super::super) fn wants_due_date(&self) -> bool {
        self.due_on.is_none()
    }

    /// Reads v1's word on what is outstanding. Its sign is not documented: what is open is owed either way.
    ///
    /// # Errors
    ///
    /// [`Fault`] for another currency, or more than the whole.
    pub(in super::super) fn outstanding(&self, balance: &Money) -> Result<i64, Fault> {
        let minor = amount("payment.balance", balance, &self.currency)?.saturating_abs();
        if minor > self.total_minor {
            return Err(Fault::broken("payment.balance", "is more than the whole invoice"));
        }
        Ok(minor)
    }

    /// The records: the invoice with its debtor, then what explains its balance.
    ///
    /// # Errors
    ///
    /// [`Fault`] when v1 left out what it was asked for.
    pub(in super::super) fn records(self, told: Told) -> Result<Vec<Record>, Fault> {
        let due_on = self.due_on.or(told.due_on);
        let due_on =
            due_on.ok_or_else(|| Fault::broken("financials.paymentTerms.paymentTargetDays", "is missing, and v1 tells no due date"))?;
        let (state, outstanding_minor) = self.ending(&told)?;
        let settled_by = self.settled_by(&told);
        let invoice = InvoiceSnapshot {
            external_id: self.id,
            number: self.number,
            title: self.title,
            issued_on: self.issued_on,
            due_on,
            currency: Some(self.currency),
            total_minor: self.total_minor,
            outstanding_minor,
            state,
            disputed: self.disputed,
            settled_by,
            payment_reference: None,
            online_url: None,
        };
        let first = Record { debtor: Some(told.debtor.unwrap_or(self.debtor)), invoice: Some(invoice), ..Record::default() };
        let rest = told.explained.unwrap_or_default().0.into_iter().map(|payment| Record { payment: Some(payment), ..Record::default() });
        Ok(std::iter::once(first).chain(rest).collect())
    }

    /// The ids of all that counts now, where it is known: a deleted payment is just no longer in an explanation, and what
    /// is outstanding as a whole has none.
    fn settled_by(&self, told: &Told) -> Option<Vec<String>> {
        match &told.explained {
            Some(explained) => Some(explained.counting()),
            None => (!self.cancelled && told.outstanding_minor == Some(self.total_minor)).then(Vec::new),
        }
    }

    fn ending(&self, told: &Told) -> Result<(InvoiceState, Option<i64>), Fault> {
        let open = || told.outstanding_minor.ok_or_else(|| Fault::broken("payment.balance", "v1 does not tell it"));
        Ok(match self.paying {
            _ if self.cancelled => (InvoiceState::Voided, Some(0)),
            Paying::Cancelled if told.explained.as_ref().is_none_or(|all| all.credited_minor() < self.total_minor) => {
                (InvoiceState::Voided, Some(0))
            }
            Paying::Cancelled | Paying::Paid => (InvoiceState::Approved, Some(0)),
            Paying::BadDebt => (InvoiceState::WrittenOff, told.outstanding_minor),
            Paying::Pending | Paying::PartlyPaid | Paying::PartlyCancelled | Paying::Debited => (InvoiceState::Approved, Some(open()?)),
        })
    }
}

fn disputed(invoice: &Invoice, paying: Paying) -> Result<bool, Fault> {
    let dunning = &invoice.dunning_settings;
    let level = word::level(dunning.level.as_deref()).ok_or_else(|| Fault::broken("dunningSettings.level", "is not documented"))?;
    let by_others = match level {
        Level::Letters => false,
        Level::DebtCollection => !dunning.comment.as_deref().is_some_and(mark::is_ours),
        Level::Loss => true,
    };
    Ok(dunning.blocked || by_others || paying == Paying::Debited)
}

fn due_on(invoice: &Invoice, issued_on: NaiveDate) -> Result<Option<NaiveDate>, Fault> {
    let terms = invoice.financials.as_ref().and_then(|told| told.payment_terms.as_ref());
    let Some(days) = terms.and_then(|terms| terms.payment_target_days) else { return Ok(None) };
    let due_on = issued_on.checked_add_days(Days::new(days.into()));
    due_on.map(Some).ok_or_else(|| Fault::broken("financials.paymentTerms.paymentTargetDays", "is out of range"))
}

fn billed_to(invoice: &Invoice, customer: &str) -> Result<DebtorSnapshot, Fault> {
    let effective = invoice.effective_addresses.as_ref().and_then(|told| told.bill_to.as_ref());
    let address = effective.or(invoice.document_address.as_ref()).ok_or_else(|| Fault::broken("documentAddress", "is missing"))?;
    debtor::of_address(customer, address, invoice.language.as_deref())
}

fn field(name: &str, value: Option<&str>) -> Result<String, Fault> {
    text(value).ok_or_else(|| Fault::broken(name, "is missing"))
}

fn amount(field: &str, money: &Money, currency: &str) -> Result<i64, Fault> {
    if money.currency != currency {
        return Err(Fault::broken(field, "is in another currency than the invoice"));
    }
    money.amount.minor(currency).map_err(|error| Fault::broken(field, &error.to_string()))
}
