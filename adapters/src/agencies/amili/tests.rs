//! The connector against the stand-in Amili, which was written from Amili's documents by somebody else.

use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use domain::{
    claim::LineKind,
    port::agency::{
        AgencyConnector, AgencyError, AgencyHint, AgencyKeys, AgencyLink, Batch, Claim, ClaimCharge, ClaimCreditor, ClaimDebtor,
        ClaimInvoice, Notice, Order, Verdict,
    },
};
use entity::{DebtorKind, HandoverId};
use sandbox::{
    Options, Provider, Running,
    amili::{CLIENT_ID, CLIENT_SECRET, ORGANIZATION},
    serve,
};
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::{Amili, Settings};
use crate::http::Http;

fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

struct Stand {
    running: Running,
    amili: Amili,
}

impl Stand {
    async fn new() -> Self {
        let options = Options { samples: false, ..Options::default() }.with_clock(now);
        let running = serve(Provider::Amili, SocketAddr::from(([127, 0, 0, 1], 0)), options).await.unwrap();
        let amili = at(&running.url());
        Self { running, amili }
    }

    async fn submitted(&self, claims: &[Claim]) -> Vec<(HandoverId, Verdict)> {
        let batch = self.amili.submit(&link(), claims).await.unwrap();
        self.running.amili().work_on_batches();
        match self.amili.poll(&link(), &batch).await.unwrap() {
            Batch::Done(verdicts) => verdicts,
            Batch::Pending => panic!("the batch was worked on"),
        }
    }

    async fn tell(&self, handover: HandoverId, order: Order) -> Result<(), AgencyError> {
        let reference = self.amili.find(&link(), handover).await.unwrap().unwrap().reference;
        self.amili.tell(&link(), &Notice { id: Uuid::from_u128(1), handover, reference, order }).await
    }
}

fn at(url: &str) -> Amili {
    let settings = Settings { api_url: format!("{url}/collection/v1"), token_url: format!("{url}/token") };
    Amili::new(settings, Http::trusted().unwrap())
}

fn link() -> AgencyLink {
    let keys = AgencyKeys { client_id: CLIENT_ID.into(), client_secret: CLIENT_SECRET.into() };
    AgencyLink { organization: ORGANIZATION.to_string(), keys, now: now() }
}

fn claim(number: u128) -> Claim {
    let invoice = |number: &str, outstanding_minor| ClaimInvoice {
        number: number.into(),
        title: None,
        issued_on: "2026-09-01".parse().unwrap(),
        due_on: "2026-09-15".parse().unwrap(),
        total_minor: 500_000,
        outstanding_minor,
    };
    Claim {
        handover: HandoverId(Uuid::from_u128(number)),
        reference: format!("D{number:06}"),
        creditor: ClaimCreditor { name: "Fjord AS".into(), registration_number: None, email: "post@fjord.example".into() },
        debtor: ClaimDebtor {
            number: "10002".into(),
            name: "Åse Bø".into(),
            kind: DebtorKind::Consumer,
            email: None,
            phone: None,
            line1: Some("Storgata 1".into()),
            line2: None,
            postal_code: Some("5003".into()),
            city: Some("Bergen".into()),
            country: Some("NO".into()),
        },
        invoices: vec![invoice("F-1", 400_050), invoice("F-2", 50_000)],
        letters: Vec::new(),
        currency: "NOK".into(),
        outstanding_minor: 450_050,
        // Amili's document has no place for it: what it is told stays the principal.
        charges: vec![ClaimCharge { kind: LineKind::Fee, invoice: None, on: None, amount_minor: 3_500, calculation: None }],
    }
}

#[tokio::test]
async fn a_batch_is_pending_until_it_is_worked_on_and_then_says_for_each_claim_what_became_of_it() {
    let stand = Stand::new().await;
    let (good, bad) = (claim(7), claim(8));
    stand.running.amili().reject(&bad.handover.to_string(), "DEBTOR_BANKRUPT", "The debtor is bankrupt.");
    stand.running.amili().set_polls(u32::MAX);
    let batch = stand.amili.submit(&link(), &[good.clone(), bad.clone()]).await.unwrap();
    assert_eq!(stand.amili.poll(&link(), &batch).await.unwrap(), Batch::Pending);
    assert_eq!(stand.amili.find(&link(), good.handover).await.unwrap(), None);
    stand.running.amili().work_on_batches();
    let case = stand.running.amili().case_of(&good.handover.to_string()).unwrap();
    assert_eq!((case.original_minor, case.invoice_number.as_str()), (450_050, "D000007"));
    let rejected = Verdict::Rejected { code: "DEBTOR_BANKRUPT".into(), message: "The debtor is bankrupt.".into() };
    let expected = Batch::Done(vec![(good.handover, Verdict::Accepted(case.id.to_string())), (bad.handover, rejected)]);
    assert_eq!(stand.amili.poll(&link(), &batch).await.unwrap(), expected);
    let found = stand.amili.find(&link(), good.handover).await.unwrap().unwrap();
    assert_eq!((found.reference, found.closed), (case.id.to_string(), false));
}

#[tokio::test]
async fn a_claim_that_comes_twice_is_refused_and_found() {
    let stand = Stand::new().await;
    assert!(matches!(stand.submitted(&[claim(7)]).await[0].1, Verdict::Accepted(_)));
    assert!(matches!(&stand.submitted(&[claim(7)]).await[0].1, Verdict::Rejected { code, .. } if code == "DUPLICATE"));
    assert!(stand.amili.find(&link(), claim(7).handover).await.unwrap().is_some());
    assert_eq!(stand.running.amili().cases().len(), 1);
}

#[tokio::test]
async fn pausing_resuming_withdrawing_may_be_told_twice() {
    let stand = Stand::new().await;
    let id = claim(7).handover;
    stand.submitted(&[claim(7)]).await;
    for order in [Order::Pause, Order::Pause, Order::Resume, Order::Resume, Order::Withdraw, Order::Withdraw] {
        assert_eq!(stand.tell(id, order.clone()).await, Ok(()), "{order:?}");
    }
    let reference = stand.running.amili().case_of(&id.to_string()).unwrap().id.to_string();
    let case = stand.amili.status(&link(), &reference, "NOK").await.unwrap().unwrap();
    assert_eq!((case.status.as_str(), case.closed), ("CLOSED WITHDRAWN", true));
}

#[tokio::test]
async fn payments_lessen_what_remains_and_reversals_are_for_a_person() {
    let stand = Stand::new().await;
    let id = claim(7).handover;
    stand.submitted(&[claim(7)]).await;
    let payment = |amount_minor| Order::Payment { amount_minor, currency: "NOK".into(), on: "2026-11-20".parse().unwrap() };
    stand.tell(id, payment(50_050)).await.unwrap();
    stand.running.amili().work_on_batches();
    let reference = stand.running.amili().case_of(&id.to_string()).unwrap().id.to_string();
    let case = stand.amili.status(&link(), &reference, "NOK").await.unwrap().unwrap();
    assert_eq!((case.remaining_minor, case.closed), (Some(400_000), false));
    assert!(matches!(stand.tell(id, payment(-1)).await, Err(AgencyError::Rejected { code, .. }) if code == "NO_REVERSALS"));
}

#[tokio::test]
async fn wrong_keys_and_foreign_organisations_are_unauthorised() {
    let stand = Stand::new().await;
    stand.amili.check(&link()).await.unwrap();
    let mut wrong = link();
    wrong.keys.client_secret = "wrong".into();
    assert!(matches!(stand.amili.check(&wrong).await, Err(AgencyError::Unauthorised(_))));
    let foreign = AgencyLink { organization: Uuid::from_u128(1).to_string(), ..link() };
    assert!(matches!(stand.amili.check(&foreign).await, Err(AgencyError::Unauthorised(_))));
    stand.running.amili().expire_tokens();
    assert_eq!(stand.amili.check(&link()).await, Ok(()), "a token that ended early is no reason to ask a person for keys");
}

#[tokio::test]
async fn a_lost_answer_to_a_submission_is_unknown_and_to_a_question_unavailable() {
    let server = MockServer::start().await;
    let token = serde_json::json!({ "access_token": "t", "expires_in": 3600 });
    Mock::given(matchers::path("/token")).respond_with(ResponseTemplate::new(200).set_body_json(token)).expect(1).mount(&server).await;
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(502)).mount(&server).await;
    let amili = at(&server.uri());
    assert!(matches!(amili.submit(&link(), &[claim(7)]).await, Err(AgencyError::Unknown(_))));
    assert!(matches!(amili.poll(&link(), "b").await, Err(AgencyError::Unavailable(_))));
}

#[test]
fn webhooks_are_read_as_hints() {
    let amili = at("http://amili.example");
    let batch = br#"{"id":"1","type":"BATCH_COMPLETED","source":"COLLECTION","data":{"batchId":"b-1"}}"#;
    let case = br#"{"id":"1","eventType":"CASE_UPDATED","source":"COLLECTION","data":{"caseId":"c-1"}}"#;
    assert_eq!(amili.read(None, batch), Some(AgencyHint::Batch("b-1".into())));
    assert_eq!(amili.read(Some("CASE_UPDATED"), case), Some(AgencyHint::Case("c-1".into())));
    assert_eq!(amili.read(Some("SETTLEMENT_CREATED"), batch), Some(AgencyHint::Other));
    assert_eq!(amili.read(None, b"{}"), None);
}
