//! What a stand-in holds at first: a Norwegian timber merchant with a dozen customers and two dozen invoices, dated from
//! today backwards, a second client that has not added the integration yet, and as many invented invoices as a benchmark
//! asks for. All names are invented.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{
    access::Client,
    customer::{Address, ContactPerson, Delivery, Details},
    ledger::{Ledger, NewInvoice},
};
use crate::input::Refused;

/// Name, organisation number (none: a person), street, postal code, city, e-mail, telephone.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const CUSTOMERS: [Row; 12] = [
    ("Bjørnstad Bygg AS", "911111114", "Sjøgata 12", "8006", "Bodø", "faktura@bjornstad.example", "+4775550101"),
    ("Fjære Båtverft AS", "922222224", "Strandåsen 4", "4885", "Grimstad", "post@fjaere-batverft.example", "+4737555012"),
    ("Åse Håkonsen", "", "Ægirs vei 3", "5003", "Bergen", "aase.hakonsen@post.example", "+4795550133"),
    ("Rørlegger Østby & Sønn AS", "933333334", "Nedre Elvehavn 9", "7014", "Trondheim", "regnskap@ostby.example", "+4773555014"),
    ("Kafé Smørbrød ANS", "944444444", "Grünerløkka torg 1", "0552", "Oslo", "hei@smorbrod.example", "+4722555015"),
    ("Tromsø Fjellutstyr AS", "955555554", "Storgata 88", "9008", "Tromsø", "lonn@fjellutstyr.example", "+4777555016"),
    ("Sørlandet Hageservice", "966666664", "Kirkegata 20", "4611", "Kristiansand", "", "+4738555017"),
    ("Øyvind Ånensen", "", "Løkkeveien 45 B", "4008", "Stavanger", "oyvind@post.example", "+4740555018"),
    ("Hårstudio Færøy AS", "977777774", "Brattørgata 5", "7010", "Trondheim", "faroy@harstudio.example", "+4791555019"),
    ("Gårdsbruk Nævestad DA", "988888884", "Nævestadveien 301", "4993", "Sundebru", "gard@naevestad.example", "+4737555020"),
    ("Lillehammer Snørydding AS", "999999994", "Bjørnstjerne gate 7", "2609", "Lillehammer", "post@snorydding.example", "+4761555021"),
    ("Værøy Fiskemottak SA", "900000004", "Sørland", "8063", "Værøy", "kontor@vaeroyfisk.example", "+4776555022"),
];

/// Position of the customer, days since the document, days to pay, øre.
const INVOICES: [(u64, u64, u64, i64); 24] = [
    (0, 30, 14, 1_250_000),
    (0, 75, 14, 349_900),
    (1, 45, 30, 8_765_050),
    (1, 12, 30, 120_000),
    (2, 40, 14, 45_500),
    (2, 95, 14, 99_000),
    (3, 33, 14, 560_000),
    (3, 61, 14, 230_075),
    (4, 52, 14, 187_500),
    (4, 18, 14, 62_500),
    (5, 29, 14, 415_000),
    (5, 120, 14, 78_900),
    (6, 47, 20, 310_000),
    (6, 9, 20, 310_000),
    (7, 36, 14, 19_900),
    (8, 80, 14, 92_500),
    (8, 28, 14, 92_500),
    (9, 58, 30, 1_999_999),
    (10, 66, 14, 275_000),
    (10, 31, 14, 412_500),
    (11, 41, 14, 640_000),
    (11, 150, 14, 128_000),
    (0, 14, 14, 50_000),
    (7, 1, 14, 37_500),
];

/// The number of the first customer and of the first invoice.
const FIRST: (u64, u64) = (10_000, 10_001);

/// The client that the samples are of.
pub fn client(key: Option<String>) -> Client {
    Client { key, name: "Nordlys Trevare AS".to_owned(), organization_no: "918273645".to_owned(), missing: Vec::new() }
}

/// A client that has not added the integration.
pub fn other_client() -> Client {
    Client { key: None, name: "Måseskjær Rederi AS".to_owned(), organization_no: "927364518".to_owned(), missing: Vec::new() }
}

/// Fills the first client's ledger.
pub fn samples(ledger: &mut Ledger, now: DateTime<Utc>) {
    for (at, row) in CUSTOMERS.into_iter().enumerate() {
        let number = ledger.add_customer(details(row), now - TimeDelta::days(400));
        if !row.1.is_empty() {
            add_person(ledger, number, at, now - TimeDelta::days(399));
        }
    }
    for (at, age, days, total_minor) in INVOICES {
        let at_instant = days_before(now, age);
        let issued_on = at_instant.date_naive();
        let due_on = issued_on + Days::new(days);
        let added = ledger.add_invoice(&NewInvoice { customer_no: FIRST.0 + at, issued_on, due_on, total_minor }, at_instant);
        debug_assert!(added.is_ok(), "the samples name customers that exist");
    }
    // The numbers are those of the lists above; none of these can be unknown.
    let _ = events(ledger, now);
}

/// What happened to the samples since: paid, part-paid, written off, credited, reversed, reminded, exempted.
fn events(ledger: &mut Ledger, now: DateTime<Utc>) -> Result<(), Refused> {
    let ago = |days: u64| days_before(now, days);
    let date = |days: u64| ago(days).date_naive();
    let no = |place: u64| FIRST.1 + place;
    ledger.record_payment(no(1), 349_900, date(50), ago(50))?;
    ledger.record_payment(no(2), 4_000_000, date(10), ago(10))?;
    ledger.record_payment(no(8), 100_000, date(20), ago(20))?;
    ledger.credit(no(7), 30_075, date(30), ago(30))?;
    ledger.write_off(no(21), date(5), ago(5))?;
    ledger.reverse(no(12), date(25), ago(25))?;
    let returned = ledger.record_payment(no(15), 92_500, date(40), ago(40))?;
    ledger.delete_payment(returned, date(38), ago(38))?;
    ledger.remind(no(5), 3_500, date(60), ago(60))?;
    ledger.edit_customer(FIRST.0 + 3, ago(3), |customer| customer.transfer_to_debt_collection_agency = false)?;
    ledger.edit_customer(FIRST.0 + 4, ago(3), |customer| customer.send_payment_reminders = false)?;
    ledger.edit_customer(FIRST.0 + 9, ago(2), |customer| {
        customer.do_not_add_late_payment_fees = true;
        customer.payment_reminder_email_address = Some("purring@naevestad.example".to_owned());
    })
}

/// Fills the other client's ledger with one customer and one invoice.
pub fn other_samples(ledger: &mut Ledger, now: DateTime<Utc>) {
    let at = days_before(now, 42);
    let customer_no = ledger.add_customer(details(CUSTOMERS[1]), at);
    let issued_on = at.date_naive();
    let new = NewInvoice { customer_no, issued_on, due_on: issued_on + Days::new(14), total_minor: 2_400_000 };
    let added = ledger.add_invoice(&new, at);
    debug_assert!(added.is_ok(), "the customer was just added");
}

fn days_before(now: DateTime<Utc>, days: u64) -> DateTime<Utc> {
    now.checked_sub_days(Days::new(days)).unwrap_or(now)
}

fn details((name, organization_no, street, zip_code, city, email, phone): Row) -> Details {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let is_person = organization_no.is_empty();
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    Details {
        is_person,
        name: (!is_person).then(|| name.to_owned()),
        legal_name: (!is_person).then(|| name.to_owned()),
        first_name: is_person.then(|| first.to_owned()),
        last_name: is_person.then(|| last.to_owned()),
        organization_number: given(organization_no),
        email_address: given(email),
        invoice_email_address: given(email),
        phone_number: given(phone),
        mail_address: Address {
            address_line1: given(street),
            address_line2: None,
            zip_code: given(zip_code),
            city: given(city),
            country_code: Some("NO".to_owned()),
        },
        reminder_delivery_type: if email.is_empty() { Delivery::Print } else { Delivery::PdfByEmail },
        ..Details::default()
    }
}

const PERSONS: [(&str, &str); 4] = [("Kåre", "Sæther"), ("Bjørg", "Løvås"), ("Ærlend", "Nygård"), ("Siv", "Brønn")];

fn add_person(ledger: &mut Ledger, customer_no: u64, at: usize, now: DateTime<Utc>) {
    let Some((contact_id, email)) = ledger.customer(customer_no).map(|customer| (customer.id, customer.details.email_address.clone()))
    else {
        return;
    };
    let (first_name, last_name) = PERSONS[at % PERSONS.len()];
    ledger.add_person(ContactPerson {
        id: 9_000_001 + at as u64,
        contact_id,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        email_address: email,
        phone_number: Some(format!("+479{:07}", 1_550_100 + at)),
        is_default: true,
        is_active: true,
        created_at: now,
        changed_at: now,
    });
}

/// Adds invented invoices, ten to a customer, one in ten of them paid.
pub fn invent(ledger: &mut Ledger, count: usize, now: DateTime<Utc>) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let mut customer_no = 0;
    for at in 0..count {
        if at % 10 == 0 {
            customer_no = ledger.add_customer(invented(at / 10), now);
        }
        let issued_on = now.date_naive().checked_sub_days(Days::new(at % 180)).unwrap_or(NaiveDate::MIN);
        let total_minor = 10_000 + i64::try_from(at % 99_991).unwrap_or_default() * 25;
        let new = NewInvoice { customer_no, issued_on, due_on: issued_on + Days::new(14), total_minor };
        let since = TimeDelta::seconds(i64::try_from(count - at).unwrap_or_default());
        if let (Ok(no), 0) = (ledger.add_invoice(&new, now - since), at % 10) {
            let paid = ledger.record_payment(no, total_minor, now.date_naive(), now);
            debug_assert!(paid.is_ok(), "the invoice was just added");
        }
    }
}

fn invented(at: u64) -> Details {
    let name = format!("Handelshuset nr. {at} AS");
    let address = Address {
        address_line1: Some(format!("Industriveien {}", at % 300 + 1)),
        address_line2: None,
        zip_code: Some(format!("{:04}", 1_000 + at % 8_999)),
        city: Some("Nyby".to_owned()),
        country_code: Some("NO".to_owned()),
    };
    let email = Some(format!("kunde{at}@handelshuset.example"));
    Details { name: Some(name), email_address: email, mail_address: address, ..Details::default() }
}
