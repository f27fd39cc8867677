//! What letters say where a law asks for more, and in whose words.

use domain::{
    RefusalCode,
    debtor::{ContactChanges, update_contact},
    escalation::{Decision, explain},
    letter::{
        Authority, Language, LegalDetails, LetterFacts, OwnText, compose,
        template::{self, NewTemplate, Piece},
    },
    policy::{Ladder, three_weekly_letters},
    tenant::TenantChanges,
};
use entity::{DebtorKind, LetterKind, LetterStatus, Scoped, debtor, letter};
use sea_orm::sea_query::Expr;

use crate::{
    invariants,
    sheet::Invoice,
    world::{World, day, migrate},
};

fn said(letter: &letter::Model) -> domain::letter::LetterDocument {
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone()).unwrap();
    compose(&facts).unwrap()
}

testdb::on_both!(a_german_first_letter_to_a_person_waits_for_what_it_must_state, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let linde = world.creditor_with(("DE", "EUR", "Europe/Berlin"), "de", TenantChanges::default()).await;
    world.policy(&linde, &Ladder { handover_after_days: None, ..three_weekly_letters() }).await;
    let invoice = Invoice { currency: "EUR".into(), ..Invoice::new("R-1") };
    world.invoices(&linde, &[invoice]).await;
    let persons = Expr::value(DebtorKind::Consumer);
    debtor::Entity::update_of(linde.tenant()).col_expr(debtor::Column::Kind, persons).exec(&world.env.db).await.unwrap();
    let found = ContactChanges { address_source: Some("Einwohnermeldeamt".into()), ..ContactChanges::default() };
    update_contact(&world.env, &linde.viewer, world.debtors(&linde).await[0].id, &found).await.unwrap();
    let case = world.approve_all(&linde).await[0];
    world.days(&linde, 2).await;
    assert_eq!(world.letters(&linde).await.len(), 0, "nothing is issued that lacks what the law asks for");
    assert_eq!(world.case(&linde, case).await.postponed_because.as_deref(), Some("LEGAL_DETAILS_MISSING"));
    assert_eq!(world.postbox.count(), 0);
    let told = explain(&world.env, linde.tenant(), case).await.unwrap();
    assert!(matches!(told.decision, Decision::Wait { because: None, .. }), "it is early too: looked at on the next day");
    assert_eq!((told.possible_at, told.because), (None, Some(RefusalCode::LegalDetailsMissing)));

    let authority = Authority { name: "Bundesamt für Justiz".into(), address: "53113 Bonn".into(), contact: "amt@example.de".into() };
    let details = LegalDetails { authority: Some(authority), subject_matter: Some("Bauholz".into()), ..LegalDetails::default() };
    let changes =
        TenantChanges { legal: Some(details), address_lines: Some(vec!["Hafenstr. 1, 20457 Hamburg".into()]), ..TenantChanges::default() };
    world.settings(&linde, changes).await;
    world.days(&linde, 9).await;
    let letters = world.letters(&linde).await;
    assert_eq!(letters.len(), 2);
    let first = said(&letters[0]).closing_paragraphs.join("\n");
    for told in [
        "Hafenstr. 1",
        "Vertrag über Bauholz, abgerechnet mit der Rechnung R-1 vom 1.\u{a0}Mai\u{a0}2026",
        "Einwohnermeldeamt",
        "Bundesamt für Justiz",
    ] {
        assert!(first.contains(told), "{told} is missing in {first}");
    }
    let second = said(&letters[1]).closing_paragraphs.join("\n");
    assert!(!second.contains("Bundesamt"), "{second}");
    invariants::hold(&world, &[linde]).await;
});

testdb::on_both!(a_norwegian_notice_is_headed_as_the_law_says_whatever_the_creditor_wrote, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let fjell = world.creditor_with(("NO", "NOK", "Europe/Oslo"), "nb", TenantChanges::default()).await;
    let piece = |text: &str| Piece { text: text.into(), when: None, continues: false };
    let text = OwnText {
        subject: "Oppgjør".into(),
        opening: vec![piece("Hei {debtor}, vi venter på {outstanding}.")],
        closing: Vec::new(),
        sms: None,
    };
    let new = NewTemplate { kind: LetterKind::CollectionNotice, language: Language::Nb, country: None, text, expected_revision: None };
    let id = template::save(&world.env, &fjell.viewer, None, &new).await.unwrap();
    world.invoices(&fjell, &[Invoice { currency: "NOK".into(), ..Invoice::new("F-1") }]).await;
    world.approve_all(&fjell).await;
    world.days(&fjell, 3).await;
    template::archive(&world.env, &fjell.viewer, id).await.unwrap();
    let letters = world.letters(&fjell).await;
    assert_eq!(
        (letters[0].kind, letters[0].language.as_str(), letters[0].status),
        (LetterKind::CollectionNotice, "nb", LetterStatus::Sent)
    );
    assert!(letters[0].text_revision.ends_with(&format!("{id}/1")), "{}", letters[0].text_revision);
    let notice = said(&letters[0]);
    assert_eq!(notice.subject, "Inkassovarsel");
    assert_eq!(notice.opening, ["Hei Aroha Ltd, vi venter på 120,00\u{a0}kr."]);
    assert!(notice.closing_paragraphs.iter().any(|told| told.contains("sendt til inkasso") && told.contains("kostnader")), "{notice:?}");
    assert_eq!(letters[0].facts["pay_by"], (day(letters[0].facts["dated_on"].as_str().unwrap()) + chrono::Days::new(14)).to_string());
    invariants::hold(&world, &[fjell]).await;
});
