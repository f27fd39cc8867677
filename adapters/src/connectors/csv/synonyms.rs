//! What columns are called in exports, in English and German. Spelt as [`super::header::fold`] leaves them: lower case,
//! letters and digits only, ä ö ü ß as ae oe ue ss. The first name of a list is the surest.

use domain::import::Field;

/// Names that mean one thing in every file.
pub(super) const ALWAYS: &[(Field, &[&str])] = &[
    (
        Field::InvoiceNumber,
        &[
            "invoicenumber", "invoiceno", "invoicenr", "invoicenum", "rechnungsnummer", "rechnungsnr", "rechnungnr", "belegnummer", "belegnr",
            "documentnumber", "fakturanummer", "rgnr", "invoice", "rechnung",
        ],
    ),
    (Field::InvoiceId, &["invoiceid", "rechnungsid", "invoiceuuid", "documentid"]),
    (Field::InvoiceTitle, &["invoicetitle", "title", "subject", "betreff", "description", "beschreibung"]),
    (
        Field::IssuedOn,
        &["invoicedate", "issuedate", "issuedon", "dateissued", "rechnungsdatum", "belegdatum", "documentdate", "ausstellungsdatum"],
    ),
    (Field::DueOn, &["duedate", "dueon", "datedue", "faelligkeit", "faelligkeitsdatum", "faelligam", "faellig", "zahlbarbis", "due", "payby"]),
    (
        Field::Total,
        &[
            "invoiceamount", "invoicetotal", "total", "totalamount", "amounttotal", "grandtotal", "rechnungsbetrag", "gesamtbetrag", "bruttobetrag",
            "brutto", "grossamount", "gross", "gesamt",
        ],
    ),
    (
        Field::Outstanding,
        &["outstanding", "amountdue", "balance", "balancedue", "openamount", "outstandingamount", "offenerbetrag", "offen", "restbetrag", "saldo"],
    ),
    (Field::Currency, &["currency", "currencycode", "waehrung", "waehrungscode", "iso4217"]),
    (Field::Disputed, &["disputed", "indispute", "strittig", "bestritten", "reklamiert"]),
    (Field::InvoiceState, &["invoicestate", "invoicestatus", "rechnungsstatus"]),
    (Field::PaidOn, &["paidon", "settleddate", "paiddate", "datepaid", "settledon", "fullypaidon", "fullypaidondate", "bezahltam", "beglichenam"]),
    (
        Field::DebtorId,
        &[
            "debtorid", "customerid", "customerno", "customernumber", "customernr", "clientid", "contactid", "kundennummer", "kundennr", "kundenid",
            "kdnr", "debitor", "debitorennummer", "debitorennr", "accountnumber",
        ],
    ),
    (
        Field::DebtorName,
        &["debtorname", "customername", "clientname", "contactname", "kundenname", "debtor", "customer", "client", "kunde", "companyname", "firma", "name"],
    ),
    (Field::DebtorKind, &["debtorkind", "debtortype", "customertype", "kundentyp", "kundenart"]),
    (Field::DebtorEmail, &["debtoremail", "customeremail", "email", "emailaddress", "mail", "emailadresse", "kundenemail"]),
    (
        Field::DebtorPhone,
        &["debtorphone", "customerphone", "phone", "phonenumber", "mobile", "mobilephone", "telephone", "telefon", "telefonnummer", "handy", "mobil"],
    ),
    (
        Field::DebtorLine1,
        &["debtorline1", "addressline1", "address1", "street", "streetaddress", "strasse", "strassehausnummer", "address", "adresse", "anschrift"],
    ),
    (Field::DebtorLine2, &["debtorline2", "addressline2", "address2", "adresszusatz", "adresse2", "zusatz"]),
    (Field::DebtorPostalCode, &["debtorpostalcode", "postalcode", "postcode", "zip", "zipcode", "plz", "postleitzahl"]),
    (Field::DebtorCity, &["debtorcity", "city", "town", "ort", "stadt", "suburb"]),
    (Field::DebtorRegion, &["debtorregion", "region", "state", "province", "bundesland", "kanton", "county"]),
    (Field::DebtorCountry, &["debtorcountry", "country", "countrycode", "land", "laendercode", "landescode"]),
    (Field::DebtorLanguage, &["debtorlanguage", "language", "languagecode", "sprache", "sprachcode"]),
    (Field::PaymentId, &["paymentid", "paymentnumber", "transactionid", "zahlungsid", "zahlungsnummer", "buchungsnummer"]),
    (Field::PaymentAmount, &["paymentamount", "amountpaid", "paidamount", "zahlbetrag", "zahlungsbetrag", "gezahlterbetrag"]),
    (
        Field::PaymentDate,
        &["paymentdate", "valuedate", "receivedon", "datereceived", "zahlungsdatum", "buchungsdatum", "buchungstag", "wertstellung", "valuta"],
    ),
    (Field::PaymentReconciled, &["reconciled", "isreconciled", "paymentreconciled", "abgeglichen"]),
    (Field::PaymentReversed, &["reversed", "paymentreversed", "bounced", "storniert", "ruecklastschrift"]),
    (Field::PaymentReference, &["paymentreference", "verwendungszweck", "zahlungsreferenz", "remittance", "remittanceinformation"]),
    (Field::PaymentKind, &["paymentkind", "paymenttype", "zahlungsart"]),
];

/// Names that mean this in a file with a due date: a list of invoices.
pub(super) const AMONG_INVOICES: &[(Field, &[&str])] = &[
    (Field::InvoiceNumber, &["number", "nummer", "nr", "no"]),
    (Field::InvoiceId, &["id", "uuid"]),
    (Field::Total, &["amount", "betrag", "summe", "sum"]),
    (Field::IssuedOn, &["date", "datum"]),
    (Field::InvoiceState, &["status"]),
    (Field::InvoiceTitle, &["reference", "referenz"]),
];

/// Names that mean this in a file without: a list of payments.
pub(super) const AMONG_PAYMENTS: &[(Field, &[&str])] = &[
    (Field::PaymentId, &["id", "uuid"]),
    (Field::PaymentAmount, &["amount", "betrag", "summe", "sum"]),
    (Field::PaymentDate, &["date", "datum"]),
    (Field::PaymentKind, &["type", "kind", "art"]),
    (Field::PaymentReference, &["reference", "referenz"]),
];
