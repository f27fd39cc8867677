//! What stands in a client's customer ledger: entries, and the invoices and credit notes that some of them come from.
//! Amounts are in øre of the client's currency unless said otherwise; money in is negative.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// Kind of the voucher behind an entry; the kinds that a customer ledger of ours holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherType {
    /// Invoice.
    OutgoingInvoice,
    /// Credit note.
    OutgoingCreditNote,
    /// Payment with a KID, read from the bank.
    IncomingOcrGiro,
    /// Other payment.
    IncomingPayments,
    /// Booked by hand; write-offs are.
    ManualJournal,
    /// Takes another voucher back.
    ReversalVoucher,
    /// GO's own reminder.
    OutgoingPaymentReminder,
    /// GO's own notice of debt collection.
    OutgoingNoticeOfDebtCollection,
}

impl VoucherType {
    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::OutgoingInvoice => "OutgoingInvoice",
            Self::OutgoingCreditNote => "OutgoingCreditNote",
            Self::IncomingOcrGiro => "IncomingOcrGiro",
            Self::IncomingPayments => "IncomingPayments",
            Self::ManualJournal => "ManualJournal",
            Self::ReversalVoucher => "ReversalVoucher",
            Self::OutgoingPaymentReminder => "OutgoingPaymentReminder",
            Self::OutgoingNoticeOfDebtCollection => "OutgoingNoticeOfDebtCollection",
        }
    }

    /// Whether money came in by it.
    pub fn is_payment(self) -> bool {
        matches!(self, Self::IncomingOcrGiro | Self::IncomingPayments)
    }
}

/// All voucher types that the API knows; a filter may name each.
pub const VOUCHER_TYPES: [&str; 27] = [
    "Unknown",
    "IncomingInvoice",
    "IncomingCreditNote",
    "OutgoingInvoice",
    "OutgoingCreditNote",
    "IncomingBankRemittance",
    "IncomingOcrGiro",
    "ManualJournal",
    "Expense",
    "CashJournal",
    "IncomingPayments",
    "OutgoingPayments",
    "YearEndJournal",
    "BankJournal",
    "VatReturns",
    "PayrollJournal",
    "OutgoingPaymentReminder",
    "OutgoingNoticeOfDebtCollection",
    "OutgoingPaymentDemand",
    "OutgoingWarrantOfExecution",
    "CorrectionVoucher",
    "ReversalVoucher",
    "DepreciationJournal",
    "TravelExpense",
    "Settlement",
    "NegativeSettlement",
    "SystemGeneratedDocumentationVoucher",
];

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Unique over the client.
    pub id: u64,
    /// Kind of the voucher.
    pub voucher_type: VoucherType,
    /// Number of the voucher.
    pub voucher_no: u64,
    /// Position of the invoice or credit note it comes from.
    pub invoice: Option<u32>,
    /// Position of the customer.
    pub customer: u32,
    /// What was posted.
    pub amount_minor: i64,
    /// What is left of it.
    pub balance_minor: i64,
    /// Day of posting, also the voucher's date.
    pub posted_on: NaiveDate,
    /// Due date, of invoices and credit notes only.
    pub due_on: Option<NaiveDate>,
    /// Entries that settle each other share it.
    pub match_id: Option<u32>,
    /// Booked by the function that writes off: not a payment.
    pub is_write_off: bool,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
    /// When it or its match was last changed.
    pub changed_at: DateTime<Utc>,
}

/// An invoice or credit note that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its number, which the control takes as its name.
    pub no: u64,
    /// Position of its entry.
    pub entry: u32,
    /// Position of the customer.
    pub customer: u32,
    /// Number of the invoice that a credit note credits.
    pub credits: Option<u64>,
    /// Total in minor units of `currency`; negative on a credit note.
    pub total_minor: i64,
    /// ISO 4217.
    pub currency: &'static str,
    /// Date of the document.
    pub issued_on: NaiveDate,
    /// Day by which it is to be paid.
    pub due_on: NaiveDate,
    /// Taken back by a reversal.
    pub is_reversed: bool,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// When its balance was last changed.
    pub balance_changed_at: DateTime<Utc>,
}

impl Invoice {
    /// The id of its voucher, by which the API names it.
    pub fn voucher_id(&self) -> Uuid {
        voucher_id(self.entry)
    }

    /// Its KID: the number with a check digit by modulus 10.
    pub fn kid(&self) -> String {
        let digits = format!("{:09}", self.no);
        format!("{digits}{}", check_digit(&digits))
    }
}

/// The constant part of voucher ids; the position of the entry follows.
const VOUCHERS: u128 = 0x6d1f_07b2_93ce_4a58_b3e0_0000_0000_0000;

/// The id of the voucher behind an entry.
pub fn voucher_id(entry: u32) -> Uuid {
    Uuid::from_u128(VOUCHERS | u128::from(entry))
}

/// The position of the entry that a voucher's id belongs to.
pub fn entry_of(voucher: Uuid) -> Option<u32> {
    u32::try_from(voucher.as_u128().checked_sub(VOUCHERS)?).ok()
}

/// The Luhn check digit, as Norwegian banks use it in a KID.
fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kid_ends_in_the_check_digit_of_modulus_10() {
        // 2345676 is the banks' own example of modulus 10: 234567 with the check digit 6.
        assert_eq!(check_digit("234567"), 6);
    }

    #[test]
    fn a_voucher_id_leads_back_to_its_entry() {
        assert_eq!([0, 1, u32::MAX].map(|entry| entry_of(voucher_id(entry))), [Some(0), Some(1), Some(u32::MAX)]);
        assert_eq!(entry_of(Uuid::nil()), None);
    }
}
