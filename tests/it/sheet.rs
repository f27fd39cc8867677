//! The files that the stories import: invoices and payments as a creditor would export them.

use std::{collections::BTreeMap, fmt::Write};

use domain::import::{DateOrder, DecimalMark, Field, ImportRequest};

/// One invoice row.
#[derive(Debug, Clone)]
pub struct Invoice {
    pub number: String,
    pub debtor: String,
    pub email: String,
    pub phone: String,
    pub street: String,
    pub town: String,
    pub country: String,
    pub issued: String,
    pub due: String,
    pub total: String,
    pub outstanding: String,
    pub currency: String,
    pub disputed: bool,
    pub state: String,
    pub paid_on: String,
}

impl Invoice {
    /// 120.00 of Aroha Ltd, reachable by e-mail only, long overdue.
    pub fn new(number: &str) -> Self {
        Self {
            number: number.into(),
            debtor: "Aroha Ltd".into(),
            email: "aroha@example.com".into(),
            phone: String::new(),
            street: String::new(),
            town: String::new(),
            country: String::new(),
            issued: "2026-05-01".into(),
            due: "2026-05-20".into(),
            total: "120.00".into(),
            outstanding: String::new(),
            currency: "NZD".into(),
            disputed: false,
            state: "approved".into(),
            paid_on: String::new(),
        }
    }

    pub fn total(mut self, total: &str) -> Self {
        self.total = total.into();
        self
    }

    pub fn debtor(mut self, name: &str) -> Self {
        self.debtor = name.into();
        self.email = format!("{}@example.com", name.to_lowercase().replace(' ', "-"));
        self
    }

    pub fn phone(mut self, phone: &str) -> Self {
        self.phone = phone.into();
        self
    }

    /// Only a postal address.
    pub fn by_post(mut self) -> Self {
        self.email = String::new();
        self.street = "1 Queen Street".into();
        self.town = "Auckland".into();
        self
    }

    pub fn state(mut self, state: &str) -> Self {
        self.state = state.into();
        self
    }
}

const INVOICE_COLUMNS: [(Field, &str); 15] = [
    (Field::InvoiceNumber, "Invoice"),
    (Field::DebtorName, "Debtor"),
    (Field::DebtorEmail, "E-mail"),
    (Field::DebtorPhone, "Phone"),
    (Field::DebtorLine1, "Street"),
    (Field::DebtorCity, "Town"),
    (Field::DebtorCountry, "Country"),
    (Field::IssuedOn, "Issued"),
    (Field::DueOn, "Due"),
    (Field::Total, "Total"),
    (Field::Outstanding, "Open"),
    (Field::Currency, "Currency"),
    (Field::Disputed, "Disputed"),
    (Field::InvoiceState, "State"),
    (Field::PaidOn, "Paid"),
];

/// A file of invoices.
pub fn invoices(rows: &[Invoice]) -> (String, ImportRequest) {
    let mut text = header(&INVOICE_COLUMNS);
    for i in rows {
        let disputed = if i.disputed { "yes" } else { "no" };
        let cells = [
            &i.number,
            &i.debtor,
            &i.email,
            &i.phone,
            &i.street,
            &i.town,
            &i.country,
            &i.issued,
            &i.due,
            &i.total,
            &i.outstanding,
            &i.currency,
            disputed,
            &i.state,
            &i.paid_on,
        ];
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    (text, request(&INVOICE_COLUMNS))
}

/// One payment row.
#[derive(Debug, Clone)]
pub struct Payment {
    pub invoice: String,
    pub id: String,
    pub amount: String,
    pub received: String,
    pub reconciled: bool,
    pub reversed: bool,
    pub kind: String,
    pub currency: String,
}

impl Payment {
    /// A reconciled payment.
    pub fn new(invoice: &str, id: &str, amount: &str) -> Self {
        Self {
            invoice: invoice.into(),
            id: id.into(),
            amount: amount.into(),
            received: "2026-06-30".into(),
            reconciled: true,
            reversed: false,
            kind: "payment".into(),
            currency: "NZD".into(),
        }
    }

    pub fn reversed(mut self) -> Self {
        self.reversed = true;
        self
    }

    pub fn unreconciled(mut self) -> Self {
        self.reconciled = false;
        self
    }

    pub fn credit_note(mut self) -> Self {
        self.kind = "credit note".into();
        self
    }
}

const PAYMENT_COLUMNS: [(Field, &str); 8] = [
    (Field::InvoiceNumber, "Invoice"),
    (Field::PaymentId, "Payment"),
    (Field::PaymentAmount, "Amount"),
    (Field::PaymentDate, "Received"),
    (Field::PaymentReconciled, "Reconciled"),
    (Field::PaymentReversed, "Reversed"),
    (Field::PaymentKind, "Kind"),
    (Field::Currency, "Currency"),
];

/// A file of payments.
pub fn payments(rows: &[Payment]) -> (String, ImportRequest) {
    let mut text = header(&PAYMENT_COLUMNS);
    let flag = |yes: bool| if yes { "yes" } else { "no" };
    for p in rows {
        let cells = [&p.invoice, &p.id, &p.amount, &p.received, flag(p.reconciled), flag(p.reversed), &p.kind, &p.currency];
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    (text, request(&PAYMENT_COLUMNS))
}

fn header(columns: &[(Field, &str)]) -> String {
    let names: Vec<&str> = columns.iter().map(|(_, name)| *name).collect();
    format!("{}\n", names.join(","))
}

fn request(columns: &[(Field, &str)]) -> ImportRequest {
    ImportRequest {
        mapping: columns.iter().map(|(field, name)| (*field, (*name).to_owned())).collect::<BTreeMap<_, _>>(),
        date_order: Some(DateOrder::YearMonthDay),
        decimal_mark: Some(DecimalMark::Point),
        ..ImportRequest::default()
    }
}
