//! PowerOffice GO, by v2 of its API.

use std::time::Duration;

use adapters::{
    connectors::poweroffice::{Settings, system},
    http::Http,
};
use chrono::{Days, NaiveDate};
use domain::port::{
    DebtorSnapshot, System,
    connect::{Granted, PastedKeys},
    throttle::LimitKind,
};
use entity::DebtorKind;
use sandbox::{
    Provider, Running,
    poweroffice::{APPLICATION_KEY, Address, CLIENT_KEY, Details, NewInvoice, SUBSCRIPTION_KEY},
};

use crate::bench::{Bench, Renames, Waits};

pub struct PowerOffice;

impl Bench for PowerOffice {
    const PROVIDER: Provider = Provider::PowerOffice;
    const CURRENCY: &'static str = "NOK";
    const LIST: &'static str = "/Customerledger";
    const WORD: &'static str = "VoucherType";
    const AMOUNT: &'static str = "Balance";
    const NOBODY: &'static str = "11111111-2222-4333-8444-555555555555";
    const MANY: usize = 2_400;

    type Debtor = u64;
    type Invoice = u64;
    type Payment = u64;

    fn system(url: &str) -> System {
        let mut settings = Settings::new(APPLICATION_KEY.into(), SUBSCRIPTION_KEY.into(), "http://127.0.0.1:9/back");
        settings.token_url = format!("{url}/OAuth/Token");
        settings.api_url = format!("{url}/v2");
        system(settings, Http::trusted().unwrap())
    }

    async fn join(system: &System, _: &str) -> Granted {
        system.pasted.clone().unwrap().check(&PastedKeys { address: None, key: CLIENT_KEY.into() }).await.unwrap()
    }

    fn secrets() -> Vec<&'static str> {
        vec![APPLICATION_KEY, SUBSCRIPTION_KEY, CLIENT_KEY]
    }

    fn limits() -> Vec<LimitKind> {
        vec![LimitKind::Calls { most: 10, per: Duration::from_secs(1) }]
    }

    fn debtor(running: &Running) -> (u64, DebtorSnapshot) {
        let text = |text: &str| Some(text.to_owned());
        let mail_address = Address {
            address_line1: text("Storgata 4"),
            address_line2: text("Oppgang B"),
            zip_code: text("9008"),
            city: text("Tromsø"),
            country_code: text("NO"),
        };
        let details = Details {
            name: text("Bjørk & Sønn AS"),
            email_address: text("post@bjork.example"),
            phone_number: text("+4799887766"),
            mail_address,
            ..Details::default()
        };
        let number = running.poweroffice().add_customer(details);
        let told = DebtorSnapshot {
            external_id: running.poweroffice().customer(number).unwrap().id.to_string(),
            name: "Bjørk & Sønn AS".into(),
            kind: Some(DebtorKind::Business),
            email: text("post@bjork.example"),
            phone: text("+4799887766"),
            line1: text("Storgata 4"),
            line2: text("Oppgang B"),
            postal_code: text("9008"),
            city: text("Tromsø"),
            country: text("NO"),
            exempt: Some(false),
            groups: Some(Vec::new()),
            ..DebtorSnapshot::default()
        };
        (number, told)
    }

    fn invoice(running: &Running, debtor: u64, due_on: NaiveDate, cents: i64) -> u64 {
        let issued_on = due_on - Days::new(20);
        running.poweroffice().add_invoice(&NewInvoice { customer_no: debtor, issued_on, due_on, total_minor: cents }).unwrap()
    }

    fn id(running: &Running, invoice: u64) -> String {
        running.poweroffice().invoice(invoice).unwrap().0.voucher_id().to_string()
    }

    fn pay(running: &Running, invoice: u64, cents: i64) -> u64 {
        running.poweroffice().record_payment(invoice, cents).unwrap()
    }

    fn unpay(running: &Running, payment: u64) {
        running.poweroffice().delete_payment(payment).unwrap();
    }

    fn credit(running: &Running, invoice: u64, cents: i64) {
        running.poweroffice().credit(invoice, cents).unwrap();
    }

    fn void(running: &Running, invoice: u64) {
        running.poweroffice().reverse(invoice).unwrap();
    }

    fn move_due(running: &Running, invoice: u64, due_on: NaiveDate) {
        running.poweroffice().set_due_on(invoice, due_on).unwrap();
    }

    fn open(running: &Running) -> Vec<(u64, i64)> {
        let open = running.poweroffice().change(0, |ledger, _| {
            let claims = ledger.invoices().iter().filter(|invoice| invoice.credits.is_none());
            let balances = claims.map(|invoice| (invoice.no, ledger.entry_of(invoice).balance_minor));
            balances.filter(|(_, balance)| *balance > 0).collect()
        });
        open.unwrap()
    }
}

/// The invoice that some money was for is taken back: the money waits.
impl Waits for PowerOffice {
    fn pay_unreconciled(running: &Running, debtor: u64, invoice: u64, cents: i64) {
        let due_on = running.poweroffice().invoice(invoice).unwrap().0.due_on;
        let other = Self::invoice(running, debtor, due_on + Days::new(1), cents);
        Self::pay(running, other, cents);
        Self::void(running, other);
    }
}

impl Renames for PowerOffice {
    fn rename(running: &Running, debtor: u64, name: &str) {
        running.poweroffice().edit_customer(debtor, |details| details.name = Some(name.to_owned())).unwrap();
    }
}
