//! German.

use super::{ClaimLineKind, Labels, LetterKind, NextStep, Values};

pub(super) static LABELS: Labels = Labels {
    date: "Datum",
    reference: "Unser Zeichen",
    our_contact: "Kontakt",
    email: "E-Mail",
    phone: "Telefon",
    item: "Position",
    item_date: "Datum",
    due: "Fällig",
    amount: "Betrag",
    outstanding: "Offener Betrag",
    invoice: "Rechnung",
    bank_heading: "Bitte zahlen Sie auf dieses Konto",
    account_name: "Kontoinhaber",
    account: "Kontonummer",
    payment_reference: "Verwendungszweck",
    contact_heading: "Fragen? Bitte direkt an uns",
    complimentary_close: "Mit freundlichen Grüßen",
    registration: "Register-Nr.",
    attention: "z. Hd.",
    page: "Seite",
};

pub(super) const fn kind_name(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::PreDueReminder => "Zahlung bald fällig",
        LetterKind::Reminder => "Zahlungserinnerung",
        LetterKind::LetterOfDemand => "Mahnung",
        LetterKind::FinalDemand => "Letzte Mahnung",
        LetterKind::CollectionNotice => "Ankündigung der Einziehung",
        LetterKind::PartPayment => "Ihre Teilzahlung",
        LetterKind::Statement => "Kontoauszug",
        LetterKind::ThankYou => "Vielen Dank für Ihre Zahlung",
    }
}

pub(super) const fn line_name(kind: ClaimLineKind) -> &'static str {
    match kind {
        ClaimLineKind::Principal => "Rechnung",
        ClaimLineKind::Interest => "Verzugszinsen",
        ClaimLineKind::Fee => "Mahngebühr",
        ClaimLineKind::FixedSum => "Verzugspauschale",
        ClaimLineKind::Payment => "Zahlungseingang",
        ClaimLineKind::Waiver => "Erlass",
        ClaimLineKind::CreditNote => "Gutschrift",
    }
}

pub(super) fn salutation(attention: Option<&str>) -> String {
    attention.map_or_else(|| "Sehr geehrte Damen und Herren,".to_owned(), |name| format!("Guten Tag {name},"))
}

pub(super) fn opening(values: &Values<'_>) -> Vec<String> {
    let claim =
        values.only_invoice.map_or_else(|| "die unten aufgeführten Rechnungen".to_owned(), |number| format!("unsere Rechnung {number}"));
    let (is, has) = if values.only_invoice.is_some() { ("ist", "wurde") } else { ("sind", "wurden") };
    let mut first = match values.kind {
        LetterKind::PreDueReminder => return vec![format!("{claim} {is} in Kürze fällig.")],
        LetterKind::PartPayment => {
            return vec![format!("vielen Dank für Ihre Zahlung. Sie ist unten abgezogen; {} sind noch offen.", values.outstanding)];
        }
        LetterKind::Statement => {
            return vec!["unten finden Sie, was auf Ihrem Konto offen ist und was bezahlt oder gutgeschrieben wurde.".to_owned()];
        }
        LetterKind::Reminder => format!(
            "nach unseren Unterlagen {is} {claim} fällig und noch nicht vollständig bezahlt. Vielleicht haben Sie das nur übersehen."
        ),
        LetterKind::LetterOfDemand => {
            format!("{claim} {is} fällig, {has} aber nicht vollständig bezahlt. Wir fordern Sie auf, die Forderung auszugleichen.")
        }
        LetterKind::FinalDemand => {
            format!("{claim} {is} fällig, {has} aber noch immer nicht vollständig bezahlt. Dies ist unsere letzte Mahnung.")
        }
        LetterKind::CollectionNotice => format!("hiermit zeigen wir Ihnen förmlich an: {claim} {is} fällig und nicht vollständig bezahlt."),
        LetterKind::ThankYou => {
            return vec![
                format!("Ihre Zahlung von {} ist vollständig bei uns eingegangen. Vielen Dank.", values.paid),
                format!(
                    "Unter dem Zeichen {} ist damit nichts mehr offen, der Vorgang ist abgeschlossen. Sie müssen nichts weiter tun.",
                    values.reference
                ),
            ];
        }
    };
    if values.wrote_before {
        first.push_str(" Wir haben Ihnen dazu bereits geschrieben.");
    }
    if values.part_paid {
        first.push_str(" Was Sie schon bezahlt haben oder was wir gutgeschrieben haben, ist unten abgezogen.");
    }
    vec![first]
}

pub(super) fn demand(values: &Values<'_>) -> String {
    format!("Bitte zahlen Sie {} bis zum {}.", values.outstanding, values.pay_by)
}

pub(super) fn closing(values: &Values<'_>) -> Vec<String> {
    if !values.kind.demands_payment() {
        return vec!["Die Posten und Ihre Zahlungen finden Sie oben für Ihre Unterlagen.".to_owned()];
    }
    let mut paragraphs = vec![format!(
        "Bitte zahlen Sie direkt an {} und geben Sie {} an, damit wir Ihre Zahlung sofort zuordnen können.",
        values.creditor, values.payment_reference
    )];
    match values.next_step {
        NextStep::Letter => paragraphs
            .push(format!("Ist der Betrag bis zum {} nicht eingegangen, erhalten Sie ein weiteres Schreiben von uns.", values.pay_by)),
        NextStep::Handover => paragraphs.push(format!(
            "Ist der Betrag bis zum {} nicht eingegangen, beabsichtigen wir, die Forderung einem Inkassounternehmen zu übergeben.",
            values.pay_by
        )),
        NextStep::Nothing => {}
    }
    paragraphs.push(
        "Haben Sie inzwischen bezahlt, betrachten Sie dieses Schreiben bitte als gegenstandslos. Bestreiten Sie die \
         Forderung oder können Sie den Betrag nicht auf einmal bezahlen, melden Sie sich bitte vor diesem Datum bei uns, \
         damit wir eine Lösung finden."
            .to_owned(),
    );
    paragraphs
}

pub(super) fn sms(values: &Values<'_>, contact: &str) -> String {
    let Values { creditor, outstanding, paid, pay_by, reference, .. } = values;
    if values.kind.demands_payment() {
        format!(
            "{creditor}: {outstanding} sind überfällig, Zeichen {reference}. Bitte zahlen Sie bis {pay_by} wie in unserem Brief angegeben. Fragen: {contact}"
        )
    } else {
        format!("{creditor}: {paid} sind eingegangen, Zeichen {reference}. Der Vorgang ist abgeschlossen. Vielen Dank. Fragen: {contact}")
    }
}
