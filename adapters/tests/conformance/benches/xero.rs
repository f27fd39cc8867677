//! Xero, by its accounting API 2.0.

use std::{collections::BTreeMap, time::Duration};

use adapters::{
    connectors::xero::{Settings, system},
    http::{Http, Url},
};
use chrono::NaiveDate;
use domain::port::{
    DebtorSnapshot, System,
    connect::{ConsentAsk, Granted},
    throttle::LimitKind,
};
use entity::DebtorKind;
use sandbox::{
    Provider, Running,
    xero::{
        NewInvoice, Stamp,
        books::{Address, Cents, CreditKind, Phone, Status},
    },
};
use uuid::Uuid;

use crate::bench::{Bench, Drafts, Renames, Shows, Spoils, Waits, Yen};

/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub struct Xero;

impl Bench for Xero {
    const PROVIDER: Provider = Provider::Xero;
    const CURRENCY: &'static str = "NZD";
    const LIST: &'static str = "/api.xro/2.0/Invoices";
    const WORD: &'static str = "Status";
    const AMOUNT: &'static str = "AmountDue";
    const NOBODY: &'static str = "11111111-2222-4333-8444-555555555555";
    const MANY: usize = 2_400;

    type Debtor = Uuid;
    type Invoice = Uuid;
    type Payment = Uuid;

    fn system(url: &str) -> System {
        let mut settings = Settings::new("sandbox-client", "sandbox-secret".into(), "http://localhost/callback", "webhook-key".into());
        settings.authorize_url = format!("{url}/identity/connect/authorize");
        settings.token_url = format!("{url}/connect/token");
        settings.revocation_url = format!("{url}/connect/revocation");
        settings.connections_url = format!("{url}/connections");
        settings.api_url = format!("{url}/api.xro/2.0");
        system(settings, Http::trusted().unwrap())
    }

    async fn join(system: &System, _: &str) -> Granted {
        let consent = system.consent.clone().unwrap();
        let page = consent.page(&ConsentAsk { state: "state".into(), challenge: CHALLENGE.into() }).await.unwrap();
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = browser.get(page).send().await.unwrap();
        let back: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        let query: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
        consent.trade(&query["code"].clone().into(), &VERIFIER.into()).await.unwrap()
    }

    fn secrets() -> Vec<&'static str> {
        vec!["sandbox-secret", "webhook-key"]
    }

    fn limits() -> Vec<LimitKind> {
        let calls = |most| LimitKind::Calls { most, per: Duration::from_mins(1) };
        vec![LimitKind::AtOnce { most: 5 }, calls(60), calls(10_000)]
    }

    fn debtor(running: &Running) -> (Uuid, DebtorSnapshot) {
        let (xero, books) = (running.xero(), running.xero().first_organisation());
        let id = xero.add_contact(books, "Tōtara Tiles", "accounts@totara.example").unwrap();
        let address = Address {
            kind: "POBOX",
            attention: "Accounts".into(),
            lines: vec!["PO Box 39".into(), "Level 2".into()],
            city: "Hāwera".into(),
            region: "Taranaki".into(),
            postal_code: "4640".into(),
            country: "New Zealand".into(),
        };
        let phone = Phone { kind: "MOBILE", country: "64".into(), area: "21".into(), number: "555 0123".into() };
        xero.edit_contact(id, |contact| (contact.addresses, contact.phones) = (vec![address], vec![phone])).unwrap();
        let text = |text: &str| Some(text.to_owned());
        let told = DebtorSnapshot {
            external_id: id.to_string(),
            name: "Tōtara Tiles".into(),
            kind: Some(DebtorKind::Business),
            email: text("accounts@totara.example"),
            phone: text("+64 21 555 0123"),
            line1: text("PO Box 39"),
            line2: text("Level 2"),
            postal_code: text("4640"),
            city: text("Hāwera"),
            region: text("Taranaki"),
            country: text("NZ"),
            exempt: Some(false),
            groups: Some(Vec::new()),
            ..DebtorSnapshot::default()
        };
        (id, told)
    }

    fn invoice(running: &Running, debtor: Uuid, due_on: NaiveDate, cents: i64) -> Uuid {
        running.xero().add_invoice(running.xero().first_organisation(), NewInvoice::due(debtor, due_on, Cents(cents))).unwrap()
    }

    fn id(_: &Running, invoice: Uuid) -> String {
        invoice.to_string()
    }

    fn pay(running: &Running, invoice: Uuid, cents: i64) -> Uuid {
        running.xero().record_payment(invoice, Cents(cents), true).unwrap()
    }

    fn unpay(running: &Running, payment: Uuid) {
        running.xero().delete_payment(payment).unwrap();
    }

    fn credit(running: &Running, invoice: Uuid, cents: i64) {
        running.xero().credit_invoice(invoice, Cents(cents), CreditKind::CreditNote).unwrap();
    }

    fn void(running: &Running, invoice: Uuid) {
        running.xero().void_invoice(invoice).unwrap();
    }

    fn move_due(running: &Running, invoice: Uuid, due_on: NaiveDate) {
        running.xero().edit_due_date(invoice, due_on, Stamp::Usual).unwrap();
    }

    fn open(running: &Running) -> Vec<(Uuid, i64)> {
        let all = running.xero().invoices(running.xero().first_organisation());
        let open = all.iter().filter(|invoice| invoice.status == Status::Authorised && invoice.due() > Cents(0));
        open.map(|invoice| (invoice.id, invoice.due().0)).collect()
    }
}

impl Drafts for Xero {
    fn draft(running: &Running, debtor: Uuid, due_on: NaiveDate, cents: i64) -> Uuid {
        let new = NewInvoice { status: Status::Draft, ..NewInvoice::due(debtor, due_on, Cents(cents)) };
        running.xero().add_invoice(running.xero().first_organisation(), new).unwrap()
    }
}

impl Yen for Xero {
    fn yen(running: &Running, debtor: Uuid, due_on: NaiveDate, yen: i64) -> Uuid {
        let id = Self::invoice(running, debtor, due_on, 100 * yen);
        running.xero().edit_invoice(id, |invoice| invoice.currency = "JPY".into()).unwrap();
        id
    }
}

impl Waits for Xero {
    fn pay_unreconciled(running: &Running, _: Uuid, invoice: Uuid, cents: i64) {
        running.xero().record_payment(invoice, Cents(cents), false).unwrap();
    }
}

impl Renames for Xero {
    fn rename(running: &Running, debtor: Uuid, name: &str) {
        running.xero().edit_contact(debtor, |contact| name.clone_into(&mut contact.name)).unwrap();
    }
}

impl Shows for Xero {
    fn page(_: &Running, invoice: Uuid) -> String {
        format!("https://in.xero.com/{}", invoice.simple())
    }

    fn aside() -> LimitKind {
        LimitKind::Calls { most: 400, per: Duration::from_hours(24) }
    }
}

impl Spoils for Xero {
    fn spoil(running: &Running, invoice: Uuid) {
        running.xero().edit_invoice(invoice, |invoice| invoice.currency = "shells".into()).unwrap();
    }
}
