//! English.

use super::{ClaimLineKind, Labels, LetterKind, NextStep, Values};

pub(super) static LABELS: Labels = Labels {
    date: "Date",
    reference: "Reference",
    our_contact: "Contact",
    email: "E-mail",
    phone: "Phone",
    item: "Item",
    item_date: "Date",
    due: "Due",
    amount: "Amount",
    outstanding: "Amount outstanding",
    invoice: "invoice",
    bank_heading: "Please pay into this account",
    account_name: "Account name",
    account: "Account number",
    payment_reference: "Payment reference",
    contact_heading: "Questions? Contact us directly",
    complimentary_close: "Kind regards",
    registration: "Registration no.",
    attention: "Attn:",
    page: "Page",
};

pub(super) const fn kind_name(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::PreDueReminder => "Payment due soon",
        LetterKind::Reminder => "Payment reminder",
        LetterKind::LetterOfDemand => "Letter of demand",
        LetterKind::FinalDemand => "Final demand",
        LetterKind::CollectionNotice => "Notice of collection",
        LetterKind::PartPayment => "Your part payment",
        LetterKind::Statement => "Statement of account",
        LetterKind::ThankYou => "Thank you for your payment",
    }
}

pub(super) const fn line_name(kind: ClaimLineKind) -> &'static str {
    match kind {
        ClaimLineKind::Principal => "Invoice",
        ClaimLineKind::Interest => "Interest for late payment",
        ClaimLineKind::Fee => "Collection fee",
        ClaimLineKind::FixedSum => "Compensation for late payment",
        ClaimLineKind::Payment => "Payment received",
        ClaimLineKind::Waiver => "Charge waived",
        ClaimLineKind::CreditNote => "Credit note",
    }
}

pub(super) fn salutation(attention: Option<&str>) -> String {
    attention.map_or_else(|| "Dear Sir or Madam,".to_owned(), |name| format!("Dear {name},"))
}

fn subject_of_claim(values: &Values<'_>) -> String {
    values.only_invoice.map_or_else(|| "the invoices listed below".to_owned(), |number| format!("our invoice {number}"))
}

pub(super) fn opening(values: &Values<'_>) -> Vec<String> {
    let claim = subject_of_claim(values);
    let are = if values.only_invoice.is_some() { "is" } else { "are" };
    let mut first = match values.kind {
        LetterKind::PreDueReminder => return vec![format!("This is a friendly note that {claim} will fall due soon.")],
        LetterKind::PartPayment => {
            return vec![format!("Thank you for your payment. It is deducted below; {} is still open.", values.outstanding)];
        }
        LetterKind::Statement => {
            return vec!["Below you find what is open on your account, and what you have paid or been credited.".to_owned()];
        }
        LetterKind::Reminder => {
            format!("According to our records, {claim} {are} past due and not yet paid in full. This may have been an oversight.")
        }
        LetterKind::LetterOfDemand => {
            format!("We have not received full payment for {claim}, which {are} past due. We ask you to settle the debt.")
        }
        LetterKind::FinalDemand => {
            format!("We have still not received full payment for {claim}, which {are} past due. This is our final demand for payment.")
        }
        LetterKind::CollectionNotice => format!("This is a formal notice about {claim}, which {are} past due and not paid in full."),
        LetterKind::ThankYou => {
            return vec![
                format!("We have received your payment of {} in full. Thank you.", values.paid),
                format!(
                    "Nothing is outstanding any more under reference {}, and the matter is closed. You do not need to do anything else.",
                    values.reference
                ),
            ];
        }
    };
    if values.wrote_before {
        first.push_str(" We have written to you about this before.");
    }
    if values.part_paid {
        first.push_str(" What you have already paid or been credited is deducted below.");
    }
    vec![first]
}

pub(super) fn demand(values: &Values<'_>) -> String {
    format!("Please pay {} by {}.", values.outstanding, values.pay_by)
}

pub(super) fn closing(values: &Values<'_>) -> Vec<String> {
    if !values.kind.demands_payment() {
        return vec!["The items and your payments are listed above for your records.".to_owned()];
    }
    let mut paragraphs = vec![format!(
        "Please pay directly to {} and quote {}, so that your payment is matched at once.",
        values.creditor, values.payment_reference
    )];
    match values.next_step {
        NextStep::Letter => {
            paragraphs.push(format!("If the amount has not arrived by {}, you will receive a further letter from us.", values.pay_by));
        }
        NextStep::Handover => paragraphs
            .push(format!("If the amount has not arrived by {}, we intend to hand the claim to a debt collection agency.", values.pay_by)),
        NextStep::Nothing => {}
    }
    paragraphs.push(
        "If you have paid in the meantime, please disregard this letter. If you dispute the claim or cannot pay the \
         whole amount now, please contact us before that date, so that we can find a solution."
            .to_owned(),
    );
    paragraphs
}

pub(super) fn sms(values: &Values<'_>, contact: &str) -> String {
    let Values { creditor, outstanding, paid, pay_by, reference, .. } = values;
    if values.kind.demands_payment() {
        format!(
            "{creditor}: {outstanding} is overdue, ref. {reference}. Please pay by {pay_by} as set out in our letter. Questions: {contact}"
        )
    } else {
        format!("{creditor}: we have received {paid}, ref. {reference}. The matter is closed. Thank you. Questions: {contact}")
    }
}
