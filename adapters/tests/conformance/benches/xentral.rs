//! Xentral, by v3 and v1 of its API.

use std::time::Duration;

use adapters::connectors::xentral::{Settings, system};
use chrono::{Days, NaiveDate};
use domain::port::{
    DebtorSnapshot, System,
    connect::{Granted, PastedKeys},
    throttle::LimitKind,
};
use entity::DebtorKind;
use sandbox::{
    Provider, Running,
    xentral::{Address, NewCustomer, NewInvoice, PaymentStatus, Status, TOKEN},
};

use crate::bench::{Bench, Drafts, Spoils, Yen};

/// Days between the date of an invoice and its due date.
const TARGET_DAYS: u32 = 20;

pub struct Xentral;

impl Bench for Xentral {
    const PROVIDER: Provider = Provider::Xentral;
    const CURRENCY: &'static str = "EUR";
    const LIST: &'static str = "/api/v3/invoices";
    const WORD: &'static str = "paymentStatus";
    const AMOUNT: &'static str = "gross";
    const NOBODY: &'static str = "999999";
    const MANY: usize = 1_500;

    type Debtor = u32;
    type Invoice = u32;
    type Payment = u32;

    fn system(url: &str) -> System {
        system(&Settings { allowed_hosts: vec![url.strip_prefix("http://").unwrap().to_owned()] }).unwrap()
    }

    async fn join(system: &System, url: &str) -> Granted {
        let pasted = PastedKeys { address: Some(url.to_owned()), key: TOKEN.into() };
        system.pasted.clone().unwrap().check(&pasted).await.unwrap()
    }

    fn secrets() -> Vec<&'static str> {
        vec![TOKEN]
    }

    fn limits() -> Vec<LimitKind> {
        vec![LimitKind::Calls { most: 100, per: Duration::from_mins(1) }]
    }

    fn debtor(running: &Running) -> (u32, DebtorSnapshot) {
        let text = |text: &str| Some(text.to_owned());
        let address = Address {
            name: "Hölzl & Söhne KG".into(),
            kind: "company",
            street: text("Weißenburger Platz 3"),
            address_supplement: text("Hinterhaus"),
            zip_code: text("81667"),
            city: text("München"),
            country: text("DE"),
            email: text("info@hoelzl.example"),
            phone: text("+49 89 555 0142"),
            ..Address::default()
        };
        let id = running.xentral().add_customer(NewCustomer { address, invoice_email: None, language: "de".into() });
        let told = DebtorSnapshot {
            external_id: id.to_string(),
            name: "Hölzl & Söhne KG".into(),
            kind: Some(DebtorKind::Business),
            email: text("info@hoelzl.example"),
            phone: text("+49 89 555 0142"),
            line1: text("Weißenburger Platz 3"),
            line2: text("Hinterhaus"),
            postal_code: text("81667"),
            city: text("München"),
            country: text("DE"),
            language: text("de"),
            ..DebtorSnapshot::default()
        };
        (id, told)
    }

    fn invoice(running: &Running, debtor: u32, due_on: NaiveDate, cents: i64) -> u32 {
        let issued_on = due_on - Days::new(TARGET_DAYS.into());
        let new = NewInvoice { customer: debtor, issued_on, target_days: TARGET_DAYS, gross_minor: cents, currency: "EUR" };
        running.xentral().add_invoice(&new).unwrap()
    }

    fn id(_: &Running, invoice: u32) -> String {
        invoice.to_string()
    }

    fn pay(running: &Running, invoice: u32, cents: i64) -> u32 {
        running.xentral().record_payment(invoice, cents).unwrap()
    }

    fn unpay(running: &Running, payment: u32) {
        running.xentral().delete_payment(payment).unwrap();
    }

    fn credit(running: &Running, invoice: u32, cents: i64) {
        running.xentral().credit(invoice, cents).unwrap();
    }

    fn void(running: &Running, invoice: u32) {
        running.xentral().cancel(invoice).unwrap();
    }

    fn move_due(running: &Running, invoice: u32, due_on: NaiveDate) {
        let issued_on = running.xentral().invoice(invoice).unwrap().issued_on;
        running.xentral().set_terms(invoice, u32::try_from((due_on - issued_on).num_days()).unwrap()).unwrap();
    }

    fn open(running: &Running) -> Vec<(u32, i64)> {
        use PaymentStatus::{PartiallyCancelled, PartiallyPaid, Pending};
        let is_open = |status| matches!(status, Some(Pending | PartiallyPaid | PartiallyCancelled));
        let all = running.xentral().invoices();
        let open = all.iter().filter(|invoice| is_open(invoice.payment_status()));
        open.map(|invoice| (invoice.id, invoice.outstanding_minor())).collect()
    }
}

impl Drafts for Xentral {
    fn draft(running: &Running, debtor: u32, due_on: NaiveDate, cents: i64) -> u32 {
        let id = Self::invoice(running, debtor, due_on, cents);
        running.xentral().edit(id, |invoice| (invoice.status, invoice.number) = (Status::Draft, None)).unwrap();
        id
    }
}

impl Yen for Xentral {
    fn yen(running: &Running, debtor: u32, due_on: NaiveDate, yen: i64) -> u32 {
        let id = Self::invoice(running, debtor, due_on, 100 * yen);
        running.xentral().edit(id, |invoice| invoice.currency = "JPY").unwrap();
        id
    }
}

impl Spoils for Xentral {
    fn spoil(running: &Running, invoice: u32) {
        running.xentral().edit(invoice, |invoice| invoice.currency = "shells").unwrap();
    }
}
