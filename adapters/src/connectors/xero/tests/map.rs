//! Xero's own examples and the traps beside them, as the domain is to know them.

use chrono::NaiveDate;
use domain::port::{Account, InvoiceState, PaymentSnapshot, Problem};
use entity::{DebtorKind, PaymentKind};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    books::{contact, contact_id, invoice, invoice_id, pay, payment_id, start},
    world::account,
};
use crate::connectors::xero::{
    map::{self, invoice::Claim},
    wire::{Contact, Invoice, Organisation, Payment},
};

fn read<T: DeserializeOwned>(json: &Value) -> T {
    // As text, so that numbers are read as they are written.
    serde_json::from_str(&json.to_string()).unwrap()
}

fn claim(json: &Value) -> Result<Option<Claim>, Problem> {
    map::invoice::claim(&read::<Invoice>(json))
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The invoice of a list in Xero's description.
const LISTED: &str = r#"{"Type":"ACCREC","InvoiceID":"7ef31b20-de17-4312-8382-412f869b1510","InvoiceNumber":"INV-0003","Reference":"","Payments":[],"CreditNotes":[],"Prepayments":[],"Overpayments":[],"AmountDue":115.0,"AmountPaid":0.0,"AmountCredited":0.0,"CurrencyRate":1.0,"HasErrors":false,"IsDiscounted":false,"HasAttachments":false,"Contact":{"ContactID":"a3675fc4-f8dd-4f03-ba5b-f1870566bcd7","Name":"Barney Rubble-83203","Addresses":[],"Phones":[],"ContactGroups":[],"ContactPersons":[],"HasValidationErrors":false},"DateString":"2018-11-02T00:00:00","Date":"\/Date(1541116800000+0000)\/","DueDateString":"2018-11-07T00:00:00","DueDate":"\/Date(1541548800000+0000)\/","Status":"AUTHORISED","LineAmountTypes":"Exclusive","LineItems":[],"SubTotal":100.0,"TotalTax":15.0,"Total":115.0,"UpdatedDateUTC":"\/Date(1541176648927+0000)\/","UpdatedDateUTCString":"2018-11-02T16:37:28Z","CurrencyCode":"NZD"}"#;

/// The whole contact of Xero's description.
const ACME: &str = r#"{"ContactID":"8138a266-fb42-49b2-a104-014b7045753d","ContactNumber":"SB2","AccountNumber":"1234567","ContactStatus":"ACTIVE","Name":"Acme Parts Co.","FirstName":"Blake","LastName":"Kohler","CompanyNumber":"NumberBusiness1234","EmailAddress":"bk@krave.co","TaxNumber":"123-22-3456","Addresses":[{"AddressType":"STREET","AddressLine1":"123 Fake Street","City":"Vancouver","Region":"British Columbia","PostalCode":"V6B 2T4","Country":"","AttentionTo":""},{"AddressType":"POBOX","AddressLine1":"1234 Fake Street","City":"Vancouver","Region":"British Columbia","PostalCode":"V6B 2T4","Country":"","AttentionTo":"Blake"}],"Phones":[{"PhoneType":"DDI","PhoneNumber":"489-44493","PhoneAreaCode":"345","PhoneCountryCode":"4"},{"PhoneType":"DEFAULT","PhoneNumber":"408-0914","PhoneAreaCode":"604","PhoneCountryCode":"1"},{"PhoneType":"FAX","PhoneNumber":"123-9933","PhoneAreaCode":"123","PhoneCountryCode":"2"},{"PhoneType":"MOBILE","PhoneNumber":"999-44","PhoneAreaCode":"234","PhoneCountryCode":"3"}],"UpdatedDateUTC":"/Date(1551459777193+0000)/","ContactGroups":[],"IsSupplier":true,"IsCustomer":true,"DefaultCurrency":"USD"}"#;

/// The payment of Xero's description, whose batch breaks that description.
const PAYMENT: &str = r#"{"PaymentID":"99ea7f6b-c513-4066-bc27-b7c65dcd76c2","BatchPaymentID":"b54aa50c-794c-461b-89d1-846e1b84d9c0","BatchPayment":{"BatchPaymentID":"b54aa50c-794c-461b-89d1-846e1b84d9c0","Date":"/Date(1552521600000+0000)/","Type":"RECBATCH","Status":"AUTHORISED","TotalAmount":"50.00","IsReconciled":"false"},"Date":"/Date(1543449600000+0000)/","BankAmount":46.0,"Amount":46.0,"Reference":"","CurrencyRate":1.0,"PaymentType":"ACCRECPAYMENT","Status":"AUTHORISED","UpdatedDateUTC":"/Date(1541176592690+0000)/","UpdatedDateUTCString":"2018-11-02T16:36:32Z","HasAccount":true,"IsReconciled":false,"Account":{"AccountID":"5690f1e8-1d02-4893-90c2-ee1a69eff942","Code":"970"},"Invoice":{"Type":"ACCREC","InvoiceID":"046d8a6d-1ae1-4b4d-9340-5601bdf41b87","InvoiceNumber":"INV-0002","CurrencyCode":"NZD"},"HasValidationErrors":false}"#;

#[test]
fn the_example_of_an_invoice_becomes_a_claim() {
    let Claim { invoice, debtor, currency, is_collectable } = map::invoice::claim(&serde_json::from_str(LISTED).unwrap()).unwrap().unwrap();
    assert_eq!((debtor.as_str(), currency.as_str(), is_collectable), ("a3675fc4-f8dd-4f03-ba5b-f1870566bcd7", "NZD", true));
    assert_eq!((invoice.number.as_str(), invoice.title, invoice.state), ("INV-0003", None, InvoiceState::Approved));
    assert_eq!((invoice.issued_on, invoice.due_on), (day(2018, 11, 2), day(2018, 11, 7)));
    assert_eq!((invoice.total_minor, invoice.outstanding_minor, invoice.disputed), (11_500, Some(11_500), false));
}

#[test]
fn only_what_is_authorised_with_something_due_is_collectable_and_no_unknown_status_passes() {
    for (kind, status, due, expected) in [
        ("ACCREC", "AUTHORISED", "115.0", Some((InvoiceState::Approved, true))),
        ("ACCREC", "AUTHORISED", "0.0", Some((InvoiceState::Approved, false))),
        ("ACCREC", "PAID", "0.0", Some((InvoiceState::Approved, false))),
        ("ACCREC", "VOIDED", "0.0", Some((InvoiceState::Voided, false))),
        ("ACCREC", "DELETED", "115.0", Some((InvoiceState::Voided, false))),
        ("ACCREC", "DRAFT", "115.0", None),
        ("ACCREC", "SUBMITTED", "115.0", None),
        ("ACCPAY", "AUTHORISED", "115.0", None),
    ] {
        let mut told = invoice(1, 1, start());
        (told["Type"], told["Status"], told["AmountDue"]) = (json!(kind), json!(status), serde_json::from_str(due).unwrap());
        let found = claim(&told).unwrap().map(|claim| (claim.invoice.state, claim.is_collectable));
        assert_eq!(found, expected, "{kind} {status} {due}");
    }
    for (field, value) in [("Status", "SETTLED"), ("Status", "authorised"), ("Type", "ACCNEW")] {
        let mut told = invoice(1, 1, start());
        told[field] = json!(value);
        let problem = claim(&told).unwrap_err();
        assert_eq!((problem.code.as_str(), problem.external_id), ("CONTRACT_BROKEN", Some(invoice_id(1))), "{value}");
        assert!(problem.message.contains(field) && !problem.message.contains(value), "{}", problem.message);
    }
}

#[test]
fn a_missing_field_is_a_problem_that_names_it() {
    for field in ["Total", "AmountDue", "CurrencyCode", "Contact"] {
        let mut told = invoice(1, 1, start());
        told[field] = Value::Null;
        assert!(claim(&told).unwrap_err().message.contains(field), "{field}");
    }
    for (dated, plain) in [("Date", "DateString"), ("DueDate", "DueDateString")] {
        let mut told = invoice(1, 1, start());
        told[plain] = Value::Null;
        assert!(claim(&told).is_ok(), "the other spelling is there");
        told[dated] = Value::Null;
        assert!(claim(&told).unwrap_err().message.contains(dated));
    }
}

#[test]
fn amounts_are_exact_in_the_digits_of_their_currency() {
    for (currency, total, expected) in [
        ("NZD", "148062.76", Some(14_806_276)),
        ("NZD", "0.07", Some(7)),
        ("NZD", r#""50.00""#, Some(5_000)),
        ("JPY", "980", Some(980)),
        ("JPY", "980.00", Some(980)),
        ("KWD", "1.234", Some(1_234)),
        ("NZD", "1.005", None),
        ("JPY", "0.5", None),
        ("XYZ", "1.0", None),
    ] {
        let text = LISTED
            .replace(r#""Total":115.0"#, &format!(r#""Total":{total}"#))
            .replace(r#""CurrencyCode":"NZD""#, &format!(r#""CurrencyCode":"{currency}""#));
        let found = map::invoice::claim(&serde_json::from_str(&text).unwrap()).ok().flatten().map(|claim| claim.invoice.total_minor);
        assert_eq!(found, expected, "{total} {currency}");
    }
}

#[test]
fn days_are_never_moved_by_a_zone() {
    let text = LISTED.replace(r#""DueDateString":"2018-11-07T00:00:00","#, "").replace("1541548800000+0000", "1541548800000+1300");
    let claim = map::invoice::claim(&serde_json::from_str(&text).unwrap()).unwrap().unwrap();
    assert_eq!(claim.invoice.due_on, day(2018, 11, 7));
}

#[test]
fn the_example_of_a_contact_becomes_a_debtor_with_its_postal_address() {
    let debtor = map::contact::debtor(&serde_json::from_str(ACME).unwrap()).unwrap();
    assert_eq!(
        (debtor.name.as_str(), debtor.kind, debtor.email.as_deref()),
        ("Acme Parts Co.", Some(DebtorKind::Business), Some("bk@krave.co"))
    );
    assert_eq!((debtor.line1.as_deref(), debtor.line2, debtor.city.as_deref()), (Some("1234 Fake Street"), None, Some("Vancouver")));
    assert_eq!(
        (debtor.region.as_deref(), debtor.postal_code.as_deref(), debtor.country),
        (Some("British Columbia"), Some("V6B 2T4"), None)
    );
    assert_eq!(debtor.phone.as_deref(), Some("+3 234 999-44"));
    assert_eq!((debtor.exempt, debtor.groups, debtor.merged_into), (Some(false), Some(vec![]), None));
}

#[test]
fn only_a_person_named_like_the_contact_and_without_company_number_is_a_consumer() {
    for (name, first, last, company, kind) in [
        ("Katherine Warren", "Katherine", "Warren", "", DebtorKind::Consumer),
        ("  katherine   WARREN", "Katherine", "Warren", "", DebtorKind::Consumer),
        ("Hēmi Te Rangi", "Hēmi", "Te Rangi", "", DebtorKind::Consumer),
        ("Katherine Warren", "Katherine", "Warren", "NumberBusiness1234", DebtorKind::Business),
        ("Warren Ltd", "Katherine", "Warren", "", DebtorKind::Business),
        ("Katherine Warren", "", "", "", DebtorKind::Business),
        ("Katherine", "Katherine", "", "", DebtorKind::Business),
    ] {
        let mut told = contact(1, start());
        (told["Name"], told["FirstName"], told["LastName"], told["CompanyNumber"]) =
            (json!(name), json!(first), json!(last), json!(company));
        assert_eq!(map::contact::debtor(&read(&told)).unwrap().kind, Some(kind), "{name}/{first}/{last}/{company}");
    }
}

#[test]
fn a_contacts_status_says_whether_it_may_be_collected_from() {
    for (status, expected) in [
        (json!("ACTIVE"), Some(Some(false))),
        (json!("ARCHIVED"), Some(Some(false))),
        (json!("GDPRREQUEST"), Some(Some(true))),
        (Value::Null, Some(None)),
        (json!("FROZEN"), None),
    ] {
        let mut told = contact(1, start());
        told["ContactStatus"] = status.clone();
        assert_eq!(map::contact::debtor(&read(&told)).ok().map(|debtor| debtor.exempt), expected, "{status}");
    }
}

#[test]
fn merges_groups_persons_and_countries_are_told() {
    let mut told = contact(1, start());
    told["MergedToContactID"] = json!(contact_id(2));
    told["ContactGroups"] = json!([{ "Name": "VIP", "Status": "ACTIVE" }, { "Name": "Old", "Status": "DELETED" }]);
    told["EmailAddress"] = json!("");
    told["ContactPersons"] = json!([{ "EmailAddress": "no@example.com", "IncludeInEmails": false }, { "EmailAddress": "yes@example.com", "IncludeInEmails": true }]);
    told["Addresses"] = json!([
        { "AddressType": "POBOX", "City": "", "Country": "" },
        { "AddressType": "STREET", "AddressLine1": " ", "AddressLine2": "Level 3", "AddressLine3": "1 Queen St", "AddressLine4": "CBD", "City": "Auckland", "Country": "New Zealand" },
    ]);
    let debtor = map::contact::debtor(&read::<Contact>(&told)).unwrap();
    assert_eq!((debtor.merged_into, debtor.groups), (Some(contact_id(2)), Some(vec!["VIP".to_owned()])));
    assert_eq!(debtor.email.as_deref(), Some("yes@example.com"));
    assert_eq!(
        (debtor.line1.as_deref(), debtor.line2.as_deref(), debtor.country.as_deref()),
        (Some("Level 3"), Some("1 Queen St, CBD"), Some("NZ"))
    );
    told["Name"] = json!("  ");
    assert!(map::contact::debtor(&read::<Contact>(&told)).unwrap_err().message.contains("Name"));
}

fn payment(json: &Value) -> Result<Option<PaymentSnapshot>, Problem> {
    map::payment::payment(&read::<Payment>(json))
}

#[test]
fn the_example_of_a_payment_is_read_although_it_breaks_its_own_description() {
    let payment = payment(&serde_json::from_str(PAYMENT).unwrap()).unwrap().unwrap();
    assert_eq!((payment.amount_minor, payment.currency.as_deref(), payment.received_on), (Some(4_600), Some("NZD"), day(2018, 11, 29)));
    assert_eq!((payment.kind, payment.reconciled, payment.reversed, payment.reference), (PaymentKind::Payment, false, false, None));
    assert_eq!(payment.invoice_external_id, "046d8a6d-1ae1-4b4d-9340-5601bdf41b87");
}

#[test]
fn payments_are_told_by_their_type_status_and_mark_of_reconciliation() {
    for (kind, status, reconciled, expected) in [
        ("ACCRECPAYMENT", "AUTHORISED", json!(true), Some((true, false))),
        ("ACCRECPAYMENT", "AUTHORISED", json!("true"), Some((true, false))),
        ("ACCRECPAYMENT", "AUTHORISED", Value::Null, Some((false, false))),
        ("ACCRECPAYMENT", "DELETED", json!(true), Some((true, true))),
        ("ARCREDITPAYMENT", "AUTHORISED", json!(true), None),
        ("AROVERPAYMENTPAYMENT", "AUTHORISED", json!(true), None),
        ("ACCPAYPAYMENT", "AUTHORISED", json!(true), None),
    ] {
        let mut told = pay(&mut invoice(1, 1, start()), 1, true, start());
        (told["PaymentType"], told["Status"], told["IsReconciled"]) = (json!(kind), json!(status), reconciled.clone());
        assert_eq!(payment(&told).unwrap().map(|payment| (payment.reconciled, payment.reversed)), expected, "{kind} {status} {reconciled}");
    }
    for field in ["PaymentType", "Status"] {
        let mut told = pay(&mut invoice(1, 1, start()), 1, true, start());
        told[field] = json!("NEW");
        let problem = payment(&told).unwrap_err();
        assert_eq!((problem.code.as_str(), problem.external_id), ("CONTRACT_BROKEN", Some(payment_id(1))));
    }
}

fn credits(told: &Value) -> Vec<Result<PaymentSnapshot, Problem>> {
    let told: Invoice = read(told);
    let claim = map::invoice::claim(&told).unwrap().unwrap();
    map::credit::credits(&told, &claim)
}

#[test]
fn one_credit_note_on_two_invoices_is_two_records_with_ids_of_their_own() {
    let note = json!([{ "CreditNoteID": contact_id(5), "CreditNoteNumber": "CN-0005", "AppliedAmount": 20.5, "Date": "/Date(1551744000000+0000)/" }]);
    let on = |number| {
        let mut told = invoice(number, 1, start());
        told["CreditNotes"] = note.clone();
        credits(&told).pop().unwrap().unwrap()
    };
    let (one, other) = (on(1), on(2));
    assert_ne!(one.external_id, other.external_id);
    assert_eq!(one, on(1), "and always the same one");
    assert_eq!(
        (one.kind, one.amount_minor, one.reconciled, one.reference.as_deref()),
        (PaymentKind::CreditNote, Some(2_050), true, Some("CN-0005"))
    );
    assert_eq!((one.received_on, other.invoice_external_id), (day(2019, 3, 5), invoice_id(2)));
}

#[test]
fn over_and_prepayments_are_money_and_an_amount_that_cannot_be_known_is_a_problem() {
    let mut told = invoice(1, 1, start());
    told["AmountCredited"] = json!(30.0);
    told["Overpayments"] = json!([{ "OverpaymentID": contact_id(6), "Date": "/Date(1551744000000+0000)/" }]);
    let found = credits(&told);
    assert_eq!(
        found[0].as_ref().map(|one| (one.kind, one.amount_minor)),
        Ok((PaymentKind::Payment, Some(3_000))),
        "all that was credited is this one"
    );
    told["Prepayments"] = json!([{ "PrepaymentID": contact_id(7), "AppliedAmount": 10.0, "DateString": "2019-03-05T00:00:00" }]);
    let found = credits(&told);
    assert!(found[0].as_ref().unwrap_err().message.contains("AppliedAmount"));
    assert_eq!(found[1].as_ref().map(|one| (one.kind, one.amount_minor)), Ok((PaymentKind::Payment, Some(1_000))));
}

#[test]
fn the_organisation_tells_zone_currency_and_country_and_leaves_what_it_does_not_tell() {
    let told: Organisation =
        read(&json!({ "Name": "Kauri Ltd", "Timezone": "NEWZEALANDSTANDARDTIME", "BaseCurrency": "NZD", "CountryCode": "NZ" }));
    let found = map::organisation::account(&account(), &told);
    let expected = Account {
        name: "Kauri Ltd".into(),
        time_zone: Some("Pacific/Auckland".into()),
        currency: Some("NZD".into()),
        country: Some("NZ".into()),
        ..account()
    };
    assert_eq!(found, expected);
    let odd: Organisation = read(&json!({ "Name": " ", "Timezone": "MOONSTANDARDTIME", "BaseCurrency": "", "CountryCode": "N1" }));
    assert_eq!(map::organisation::account(&expected, &odd), expected);
}
