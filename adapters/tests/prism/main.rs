//! The Xero connector against Prism, which answers with Xero's own examples and refuses what Xero's own description does
//! not allow.
//!
//! Our stand-in and our connector could share a mistake about Xero; Prism knows neither. What it proves is narrow: that our
//! paths, headers and parameters are those of the description (else it answers 401, 404 or 422), and that we read Xero's
//! examples to the cent. It keeps no books: every question is answered with the same example, whatever was asked for.
//!
//! `peer` runs Prism out of `tests/node` (`npm ci --prefix tests/node` first), `books` joins it; `xero.yaml` is the part of
//! Xero's description 16.1.0 (MIT, the licence is in it) that has what a collector may call. `channels` does the same for
//! Twilio's messages and Lob's letters, by the parts of their descriptions in `twilio.yaml` and `lob.yaml` (MIT as well).
#![allow(clippy::unwrap_used, missing_docs, reason = "tests may panic")]

mod books;
mod channels;
mod peer;

use std::collections::BTreeMap;

use domain::{
    RefusalCode,
    port::{
        InvoiceState, Scope, Wanted,
        connect::{BookEvent, BookNote},
    },
};
use entity::DebtorKind;
use uuid::Uuid;

use crate::{books::Books, peer::DESCRIPTION};

const VOIDED: &str = "d4956132-ed94-4dd7-9eaa-aa22dfdf06f2";
const PAID: &str = "046d8a6d-1ae1-4b4d-9340-5601bdf41b87";
const OPEN: &str = "7ef31b20-de17-4312-8382-412f869b1510";
/// The debtor of all three, who is not in the example of contacts.
const STRANGER: &str = "a3675fc4-f8dd-4f03-ba5b-f1870566bcd7";
const KATHERINE: &str = "5cc8cf28-567e-4d43-b287-687cfcaec47c";
const LISA: &str = "3ec601ad-eddc-4ccb-a8ac-736e88293b1b";
const PAYMENT: &str = "99ea7f6b-c513-4066-bc27-b7c65dcd76c2";

/// Number, sum and what is open of the invoices in the example of a list.
const SUMS: [(&str, i64, Option<i64>); 3] =
    [("INV-0001", 4_000, Some(0)), ("INV-0002", 4_600, Some(0)), ("INV-0003", 11_500, Some(11_500))];

/// An instant as the connector writes it into If-Modified-Since.
const SINCE_WITHOUT_A_ZONE: &str = "2018-11-02T16:30:00";

/// One Prism for all of these: it takes seconds to start.
#[tokio::test]
async fn the_organisation_is_joined_and_its_books_are_read_to_the_cent() {
    let books = Books::join().await;
    the_peer_refuses_what_the_description_does_not_allow(&books).await;
    consent_opened_the_organisation_which_takes_notes_shows_pages_and_can_be_left(&books).await;
    everything_is_read_with_the_organisation(&books).await;
    wanted_invoices_and_debtors_are_read_with_what_paid_them(&books).await;
    one_wanted_invoice_is_read_with_its_whole_debtor(&books).await;
}

async fn the_peer_refuses_what_the_description_does_not_allow(books: &Books) {
    let status = async |query: &str, headers: &[(&str, &str)]| {
        let mut call = reqwest::Client::new().get(format!("{}/Payments{query}", books.prism.url));
        for (name, value) in headers {
            call = call.header(*name, *value);
        }
        call.send().await.unwrap().status().as_u16()
    };
    let (bearer, tenant) = (("authorization", "Bearer token"), ("xero-tenant-id", "tenant"));
    assert_eq!(status("?page=1", &[bearer, tenant]).await, 200);
    assert_eq!(status("?page=1", &[tenant]).await, 401);
    assert_eq!(status("?page=1", &[bearer]).await, 422);
    assert_eq!(status("?page=one", &[bearer, tenant]).await, 422);
    // Xero's pages write it so, its description wants a zone: see the changes below.
    assert_eq!(status("?page=1", &[bearer, tenant, ("if-modified-since", SINCE_WITHOUT_A_ZONE)]).await, 422);
    assert_eq!(status("?page=1", &[bearer, tenant, ("if-modified-since", &format!("{SINCE_WITHOUT_A_ZONE}Z"))]).await, 200);
}

async fn consent_opened_the_organisation_which_takes_notes_shows_pages_and_can_be_left(books: &Books) {
    let [account] = &*books.accounts else { panic!("one organisation") };
    assert_eq!((account.external_id.as_str(), account.name.as_str()), ("fe79f7dd-b6d4-4a92-ba7b-538af6289c58", "Demo Company (NZ)"));
    assert_eq!(account.connection_id.as_deref(), Some("7cb59f93-2964-421d-bb5e-a0f7a4572a44"));

    let note = BookNote { invoice_external_id: OPEN.into(), about: BookEvent::HandedOver, text: "Handed over.".into(), id: Uuid::nil() };
    books.system.notes.clone().unwrap().write(&books.link(), &note).await.unwrap();
    let page = books.system.online.clone().unwrap().page_of(&books.link(), OPEN).await.unwrap();
    assert_eq!(page.as_deref(), Some("https://in.xero.com/bCWCCfytGdTXoJam9HENWlQt07G6zcDaj4gQojHu"));
    books.system.farewell.clone().unwrap().leave(&*books.hands, account, false).await.unwrap();
}

async fn everything_is_read_with_the_organisation(books: &Books) {
    let pulled = books.pull(Scope::Everything).await;
    let account = pulled.account.as_ref().unwrap();
    assert_eq!(account.name, "Dev Evangelist - Sid Test 3 (NZ-2016-02)");
    assert_eq!(
        [&account.currency, &account.country, &account.time_zone].map(Option::as_deref),
        [Some("NZD"), Some("NZ"), Some("Pacific/Auckland")]
    );

    assert_eq!(pulled.sums(), SUMS);
    let open = &pulled.invoices["INV-0003"];
    assert_eq!((open.external_id.as_str(), open.state), (OPEN, InvoiceState::Approved));
    assert_eq!((open.issued_on.to_string(), open.due_on.to_string()), ("2018-11-02".into(), "2018-11-07".into()));
    assert_eq!(pulled.invoices["INV-0001"].state, InvoiceState::Voided);
    assert_eq!(pulled.invoices["INV-0002"].settled_by.as_deref(), Some(&[PAYMENT.to_owned()][..]));
    assert_eq!(pulled.troubled(), [OPEN], "whose debtor is not among the contacts: it cannot be collected");
    assert!(pulled.debtors.is_empty() && pulled.payments.is_empty());
}

async fn wanted_invoices_and_debtors_are_read_with_what_paid_them(books: &Books) {
    let wanted =
        Wanted { invoices: [VOIDED, PAID, OPEN].map(str::to_owned).into(), debtors: [KATHERINE, LISA, STRANGER].map(str::to_owned).into() };
    let pulled = books.pull(Scope::Only(wanted)).await;

    assert_eq!(pulled.sums(), SUMS);
    let payment = &pulled.payments[PAYMENT];
    assert_eq!((payment.invoice_external_id.as_str(), payment.amount_minor), (PAID, Some(4_600)));
    assert_eq!((payment.received_on.to_string(), payment.reconciled, payment.reversed), ("2018-11-29".into(), false, false));
    let katherine = &pulled.debtors[KATHERINE];
    assert_eq!(
        [&katherine.email, &katherine.phone, &katherine.city, &katherine.region, &katherine.postal_code, &katherine.country]
            .map(Option::as_deref),
        ["kat.warren@clampett.com", "(626) 847-1294", "Palo Alto", "CA", "94020", "US"].map(Some)
    );
    assert_eq!(pulled.debtors.keys().collect::<Vec<_>>(), [LISA, KATHERINE]);
    assert_eq!(pulled.troubled(), [OPEN, STRANGER], "an invoice without a readable debtor, and that debtor");
    assert_eq!(pulled.problems[1].code, RefusalCode::NotFound.as_str());
}

/// The payment that is asked for is not the one in the example of payments, so only the invoice tells of it.
async fn one_wanted_invoice_is_read_with_its_whole_debtor(books: &Books) {
    let wanted = Wanted { invoices: vec!["a03ffcd2-5d91-4c7e-b483-318584e9e439".into()], debtors: Vec::new() };
    let pulled = books.pull(Scope::Only(wanted)).await;

    assert_eq!(pulled.sums(), [("INV-0006", 14_806_276, Some(0))]);
    let payment = &pulled.payments["38928000-e9a0-420c-8884-f624bab2a351"];
    assert_eq!((payment.amount_minor, payment.received_on.to_string()), (Some(14_806_276), "2019-03-19".into()));
    assert!(!payment.reconciled, "nobody said so");
    let debtor = pulled.debtors.values().next().unwrap();
    assert_eq!((debtor.name.as_str(), debtor.phone.as_deref()), ("Liam Gallagher", Some("212 444-3433")));
    assert_eq!(debtor.groups.as_deref(), Some(&["Oasis".to_owned()][..]));
    assert_eq!(pulled.problems, []);
}

/// The description wants a zone in If-Modified-Since. Xero's pages show it without, and so the connector sends it. Here it
/// may be any text, so that the rest is checked.
#[tokio::test]
async fn changes_are_read_with_their_debtors_and_payments() {
    let [before, parameter] = *DESCRIPTION.split("\n    ifModifiedSince:\n").collect::<Vec<_>>() else { panic!("one such parameter") };
    let described = format!("{before}\n    ifModifiedSince:\n{}", parameter.replacen("        format: date-time\n", "", 1));
    let books = Books::described(&described).await;
    let pulled = books.pull(Scope::Changes("2018-11-02T16:32:00Z".into())).await;

    assert_eq!(pulled.sums(), SUMS);
    let kinds: BTreeMap<&str, _> = pulled.debtors.values().map(|debtor| (debtor.name.as_str(), debtor.kind)).collect();
    let expected = [("Katherine Warren", Some(DebtorKind::Business)), ("Lisa Parker", Some(DebtorKind::Consumer))];
    assert_eq!(kinds, expected.into(), "the first has a company number");
    let paid: Vec<_> = pulled.payments.values().map(|payment| (payment.external_id.as_str(), payment.amount_minor)).collect();
    assert_eq!(paid, [(PAYMENT, Some(4_600))], "money that went back to a customer pays no invoice");
    assert_eq!(pulled.troubled(), [OPEN]);
}
