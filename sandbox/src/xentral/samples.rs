//! What a stand-in holds at first: a German wholesaler of office furniture with a dozen customers and some twenty
//! invoices, dated from today backwards, and as many invented invoices as a benchmark asks for. All names are invented.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{
    book::{Book, NewCustomer, NewInvoice},
    customer::Address,
    invoice::{DunningLevel, Status},
};

/// Name, kind, person, street, postal code, city, e-mail, telephone, mobile telephone.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const CUSTOMERS: [Row; 12] = [
    (
        "Bäckerei Mößmer GmbH",
        "company",
        "Jürgen Mößmer",
        "Große Straße 14",
        "49074",
        "Osnabrück",
        "buchhaltung@moessmer.example",
        "0541 5550 110",
        "",
    ),
    (
        "Hölzl & Söhne Tischlerei KG",
        "company",
        "Anneliese Hölzl",
        "Weißenburger Platz 3",
        "81667",
        "München",
        "info@hoelzl.example",
        "+49 89 555 0142",
        "",
    ),
    (
        "Kanzlei Dr. Überall",
        "company",
        "Dr. Maria Überall",
        "Königsallee 88",
        "40212",
        "Düsseldorf",
        "kanzlei@ueberall.example",
        "(0211) 555-0177",
        "",
    ),
    (
        "Grünwald Energie AG",
        "company",
        "",
        "Färberstraße 21",
        "60594",
        "Frankfurt am Main",
        "rechnung@gruenwald.example",
        "069/5550123",
        "",
    ),
    ("Weiß, Katharina", "mrs", "Katharina Weiß", "Lößnitzer Weg 7b", "01445", "Radebeul", "k.weiss@post.example", "", "0171 5550199"),
    (
        "Çelik Gastronomie UG",
        "company",
        "Özlem Çelik",
        "Reeperbahn 102",
        "20359",
        "Hamburg",
        "oezlem@celik.example",
        "040-555 0166",
        "+49 160 5550166",
    ),
    ("Straßenbau Nußdorf eG", "company", "Götz Bauer", "Am Güterbahnhof 5", "88131", "Lindau", "", "08382 5550", ""),
    ("Müller, Jörg", "mr", "Jörg Müller", "Schloßstraße 40", "12163", "Berlin", "joerg.mueller@post.example", "030 5550150", ""),
    (
        "Pflegedienst Höhenluft gGmbH",
        "company",
        "Sabine Öztürk",
        "Roßmarkt 9",
        "34117",
        "Kassel",
        "verwaltung@hoehenluft.example",
        "0561 555 01 20",
        "",
    ),
    ("Atelier Fußnote", "other", "Lea Groß", "Süßstraße 2", "50674", "Köln", "atelier@fussnote.example", "", "0151-55501234"),
    (
        "Alpenblick Hotel Ges.m.b.H.",
        "company",
        "Franz Jäger",
        "Getreidegasse 31",
        "5020",
        "Salzburg",
        "office@alpenblick.example",
        "+43 662 555 010",
        "",
    ),
    (
        "Zürcher Papeterie AG",
        "company",
        "Regula Bär",
        "Löwenstrasse 12",
        "8001",
        "Zürich",
        "kreditoren@papeterie.example",
        "+41 44 555 01 30",
        "",
    ),
];

/// Customer, days since the document, days to pay, cents.
const INVOICES: [(u32, u64, u32, i64); 25] = [
    (1, 21, 14, 118_990),
    (1, 74, 14, 45_030),
    (2, 60, 30, 1_249_500),
    (2, 5, 30, 89_250),
    (3, 49, 14, 35_700),
    (3, 120, 14, 214_200),
    (4, 44, 14, 599_999),
    (4, 90, 60, 100),
    (5, 52, 14, 14_875),
    (5, 11, 14, 7_999),
    (6, 77, 14, 321_345),
    (6, 135, 14, 88_060),
    (7, 45, 14, 2_380_000),
    (8, 38, 7, 19_999),
    (8, 200, 14, 45_220),
    (9, 63, 30, 156_485),
    (9, 30, 30, 77_350),
    (10, 47, 14, 23_800),
    (10, 46, 14, 12_345),
    (11, 58, 14, 476_000),
    (11, 14, 14, 53_550),
    (12, 80, 30, 99_900),
    (12, 3, 30, 11_900),
    (1, 31, 0, 5_950),
    (7, 0, 14, 65_450),
];

/// Streets of invented customers.
const STREETS: [&str; 6] = ["Bahnhofstraße", "Mühlenweg", "Gärtnerstraße", "An der Weißach", "Lindenallee", "Roßgasse"];

/// Fills an instance with the samples.
pub fn samples(book: &mut Book, now: DateTime<Utc>) {
    for row in CUSTOMERS {
        let customer = book.add_customer(NewCustomer { address: address(row), invoice_email: None, language: "de".to_owned() });
        if customer == 3 {
            // The customer cannot be unknown: it was just added.
            let _ = book.edit_customer(customer, |customer| customer.invoice_email = Some("rechnungen@ueberall.example".to_owned()));
        }
    }
    for (customer, age, target_days, gross_minor) in INVOICES {
        let at = now - TimeDelta::days(i64::try_from(age).unwrap_or_default());
        let currency = if customer == 12 { "CHF" } else { "EUR" };
        let new = NewInvoice { customer, issued_on: at.date_naive(), target_days, gross_minor, currency };
        let added = book.add_invoice(&new, at);
        debug_assert!(added.is_ok(), "the samples name customers that exist");
    }
    // The ids are those of the list above; none of these can be unknown.
    let _ = events(book, now);
}

/// What happened to the samples since: paid, part-paid, blocked, cancelled, dunned, drafted, written off.
fn events(book: &mut Book, now: DateTime<Utc>) -> Result<(), crate::input::Refused> {
    let days_ago = |days: i64| now - TimeDelta::days(days);
    let date = |days: i64| days_ago(days).date_naive();
    book.record_payment(3, 500_000, date(20), days_ago(20))?;
    book.record_payment(6, 214_200, date(80), days_ago(80))?;
    book.record_payment(12, 44_030, date(100), days_ago(100))?;
    book.record_payment(16, 156_484, date(9), days_ago(9))?;
    book.credit(7, 100_000, date(30), days_ago(30))?;
    book.credit(19, 12_345, date(25), days_ago(25))?;
    book.edit(5, days_ago(12), |invoice| {
        invoice.dunning.blocked = true;
        invoice.dunning.comment = Some("Mängelrüge: Tischplatte verkratzt, Klärung läuft".to_owned());
    })?;
    book.edit(11, days_ago(7), |invoice| {
        invoice.dunning.level = Some(DunningLevel::Reminder1);
        invoice.dunning.on = Some(date(7));
        invoice.dunning.sent = true;
    })?;
    book.edit(15, days_ago(60), |invoice| {
        invoice.written_off = true;
        invoice.dunning.level = Some(DunningLevel::LossOfReceivables);
    })?;
    book.edit(14, days_ago(2), |invoice| invoice.dunning.level = Some(DunningLevel::PaymentReminder))?;
    book.edit(18, days_ago(1), |invoice| invoice.debited = true)?;
    book.edit(25, now, |invoice| {
        invoice.status = Status::Draft;
        invoice.number = None;
    })
}

fn address((name, kind, person, street, zip_code, city, email, phone, mobile): Row) -> Address {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let country = match city {
        "Salzburg" => "AT",
        "Zürich" => "CH",
        _ => "DE",
    };
    Address {
        name: name.to_owned(),
        kind,
        contact_person: given(person),
        street: given(street),
        zip_code: given(zip_code),
        city: given(city),
        country: given(country),
        email: given(email),
        phone: given(phone),
        mobile: given(mobile),
        ..Address::default()
    }
}

/// Adds invented invoices, ten to a customer, one in ten of them paid.
pub fn invent(book: &mut Book, count: usize, now: DateTime<Utc>) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let mut customer = 0;
    for at in 0..count {
        if at % 10 == 0 {
            customer = book.add_customer(invented(at / 10));
        }
        let added = book.add_invoice(&invented_invoice(customer, at, now), now - TimeDelta::seconds(i64::from(count - at)));
        if let (Ok(invoice), 0) = (added, at % 10) {
            let whole = book.invoice(invoice).map_or(0, |invoice| invoice.gross_minor);
            let paid = book.record_payment(invoice, whole, now.date_naive(), now);
            debug_assert!(paid.is_ok(), "the invoice was just added");
        }
    }
}

fn invented(at: u32) -> NewCustomer {
    let street = STREETS[at as usize % STREETS.len()];
    let address = Address {
        name: format!("Handelshaus Nr. {at} GmbH"),
        kind: "company",
        street: Some(format!("{street} {}", at % 200 + 1)),
        zip_code: Some(format!("{:05}", 10_000 + at % 89_999)),
        city: Some("Neustadt".to_owned()),
        country: Some("DE".to_owned()),
        email: Some(format!("kunde{at}@handelshaus.example")),
        ..Address::default()
    };
    NewCustomer { address, invoice_email: None, language: "de".to_owned() }
}

fn invented_invoice(customer: u32, at: u32, now: DateTime<Utc>) -> NewInvoice {
    let today = now.date_naive();
    let issued_on = today.checked_sub_days(Days::new(u64::from(at % 180))).unwrap_or(NaiveDate::MIN);
    NewInvoice { customer, issued_on, target_days: 14, gross_minor: 1_000 + i64::from(at % 99_991) * 7, currency: "EUR" }
}
