use super::*;
use crate::letter::{Language, compose, compose_examples::facts};

const ITEMS: [Content; 8] = [
    Content::ClientNameAndAddress,
    Content::GroundObjectAndContractDate,
    Content::InterestCalculation,
    Content::RateAboveStatutory,
    Content::CostsWithReason,
    Content::VatStatement,
    Content::AddressOrigin,
    Content::SupervisoryAuthority,
];

/// A first German letter to a private person, with interest above the statutory rate, a fee, and an address that was
/// found elsewhere: everything that the law asks for has something to say.
fn first_letter() -> LetterFacts {
    let mut facts = facts(LetterKind::LetterOfDemand, Language::De);
    facts.currency = "EUR".to_owned();
    facts.bank.iban = Some("DE89370400440532013000".to_owned());
    facts.lines[1].note = Some("1.500,00 € × 12 % × 70/365".to_owned());
    facts.lines.push(ClaimLine { kind: ClaimLineKind::Fee, note: None, ..facts.lines[1].clone() });
    facts.lines[3].amount_minor = 500;
    facts.outstanding_minor += 500;
    facts.legal = Some(Demanded {
        contents: ITEMS.to_vec(),
        heading: None,
        details: LegalDetails {
            authority: Some(Authority {
                name: "Bundesamt für Justiz".to_owned(),
                address: "Adenauerallee 99–103, 53113 Bonn".to_owned(),
                contact: "amt@example.de".to_owned(),
            }),
            subject_matter: None,
            above_statutory_reason: Some("Zinssatz nach § 5 des Vertrags".to_owned()),
            vat_on_costs: false,
        },
        address_source: Some("Einwohnermeldeamt Köln".to_owned()),
        above_statutory: true,
    });
    facts
}

#[test]
fn the_eight_items_stand_on_a_german_first_letter_in_the_order_of_the_law() {
    let facts = first_letter();
    assert_eq!(required_missing(&facts), []);
    let letter = compose(&facts).expect("composes");
    let said = &letter.closing_paragraphs[letter.closing_paragraphs.len() - 8..];
    assert_eq!(
        said,
        [
            "Auftraggeber und Gläubiger: Kōwhai Timber Limited, 1 Quay Street, Auckland 1010.",
            "Forderungsgrund: Vertrag über Deck timber, abgerechnet mit der Rechnung INV-7 vom 1.\u{a0}September\u{a0}2026.",
            "Zinsberechnung: 1.500,00 € × 12 % × 70/365.",
            "Der geltend gemachte Zinssatz liegt über dem gesetzlichen Verzugszinssatz: Zinssatz nach § 5 des Vertrags.",
            "Kosten: Mahngebühr, 5,00\u{a0}€: Mahnung wegen Zahlungsverzugs.",
            "Mit den Kosten wird keine Umsatzsteuer geltend gemacht.",
            "Ihre Anschrift wurde uns nicht von Ihnen mitgeteilt, sondern anderweitig ermittelt: Einwohnermeldeamt Köln. Ist sie falsch, teilen Sie uns das bitte mit: accounts@kowhai.example.",
            "Zuständige Aufsichtsbehörde: Bundesamt für Justiz, Adenauerallee 99–103, 53113 Bonn, amt@example.de.",
        ]
    );
}

#[test]
fn what_nobody_entered_is_named() {
    let fields = |change: fn(&mut LetterFacts, &mut Demanded)| -> Vec<&'static str> {
        let mut facts = first_letter();
        let mut legal = facts.legal.take().expect("set");
        change(&mut facts, &mut legal);
        facts.legal = Some(legal);
        required_missing(&facts).iter().map(|missing| missing.field).collect()
    };
    assert_eq!(fields(|facts, _| facts.creditor.address_lines = vec![" ".to_owned()]), ["addressLines"]);
    assert_eq!(fields(|facts, _| facts.lines[0].title = None), ["legal.subjectMatter"]);
    assert_eq!(
        fields(|facts, legal| {
            facts.lines[0].title = None;
            legal.details.subject_matter = Some("Bauholz".to_owned());
        }),
        [""; 0]
    );
    assert_eq!(fields(|facts, _| facts.lines[1].note = None), ["interest"]);
    assert_eq!(fields(|_, legal| legal.details.above_statutory_reason = None), ["legal.aboveStatutoryReason"]);
    assert_eq!(fields(|_, legal| legal.details.authority = None), ["legal.authority"]);
    assert_eq!(fields(|_, legal| legal.details.authority.as_mut().expect("set").contact.clear()), ["legal.authority"]);
    assert_eq!(fields(|_, legal| legal.contents.clear()), [""; 0]);
}

#[test]
fn the_norwegian_heading_stands_alone_and_the_warning_is_there_whatever_the_text_is() {
    use crate::letter::{OwnText, OwnWording, template::Piece};
    for language in Language::ALL {
        for own in [false, true] {
            for country in ["NO", "SE"] {
                let mut facts = facts(LetterKind::CollectionNotice, language);
                facts.debtor.country = country.to_owned();
                facts.legal = Some(Demanded {
                    contents: vec![Content::Heading, Content::CollectionAndCostsWarning, Content::PrincipalWithoutFees, Content::PayByDate],
                    heading: Some("Inkassovarsel".to_owned()),
                    ..Demanded::default()
                });
                let piece = Piece { text: "{debtor}".to_owned(), when: None, continues: false };
                let text = OwnText { subject: "Pay now".to_owned(), opening: vec![piece], closing: Vec::new(), sms: None };
                facts.wording = own.then_some(OwnWording { template: None, revision: 1, text });
                let letter = compose(&facts).expect("composes");
                assert_eq!(letter.subject, "Inkassovarsel");
                let costs = ["Costs may then be added", "Dann können Kosten hinzukommen", "kan det påløpe kostnader"];
                let told =
                    letter.opening.iter().chain(&letter.closing_paragraphs).filter(|text| costs.iter().any(|cost| text.contains(cost)));
                assert_eq!(told.count(), 1, "{language:?} {own} {country}");
            }
        }
    }
}
