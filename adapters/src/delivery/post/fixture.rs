//! What the tests of those who print and post letters share: letters on paper, a postman before its stand-in, and what
//! must hold of each of them.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{net::SocketAddr, time::Duration};

use domain::port::{Outgoing, Postal, PostalParts, Postman, Receipt, Reconciled, SendError};
use entity::Channel;
use lopdf::{
    Document, Object, Stream,
    content::{Content, Operation},
    dictionary,
};
use sandbox::{
    Options, Provider, Running,
    fault::{Manner, Outage, Throttle},
};

/// Width and height of A4 in points.
pub(super) const A4: (f64, f64) = (595.28, 841.89);

/// Where an address stands, in millimetres from the upper left corner.
pub(super) const IN_WINDOW: [(f64, f64); 3] = [(25.0, 65.0), (25.0, 70.0), (25.0, 75.0)];

/// A PDF with text at some places of its first page, drawn as our letters are: in millimetres' points, upside down.
pub(super) fn pdf(pages: usize, sheet: (f64, f64), texts: &[(f64, f64)]) -> Vec<u8> {
    #[expect(clippy::cast_possible_truncation, reason = "PDF has no longer numbers")]
    let real = |number: f64| Object::Real(number as f32);
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let mut kids = Vec::new();
    for page in 0..pages {
        let flip = [1.0, 0.0, 0.0, -1.0, 0.0, sheet.1].map(real).to_vec();
        let mut operations = vec![Operation::new("q", vec![]), Operation::new("cm", flip)];
        for (across, down) in texts.iter().filter(|_| page == 0) {
            let place = [1.0, 0.0, 0.0, -1.0, across * 72.0 / 25.4, down * 72.0 / 25.4].map(real).to_vec();
            operations.extend([
                Operation::new("BT", vec![]),
                Operation::new("Tf", vec!["F1".into(), real(10.0)]),
                Operation::new("Tm", place),
                Operation::new("Tj", vec![Object::string_literal("Jane Doe")]),
                Operation::new("ET", vec![]),
            ]);
        }
        operations.push(Operation::new("Q", vec![]));
        let content = Content { operations }.encode().unwrap();
        let content = document.add_object(Stream::new(dictionary! {}, content));
        kids.push(document.add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content }).into());
    }
    let count = i64::try_from(pages).unwrap();
    document.objects.insert(
        tree,
        dictionary! {
            "Type" => "Pages",
            "Kids" => kids,
            "Count" => count,
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
            "MediaBox" => vec![0.into(), 0.into(), real(sheet.0), real(sheet.1)],
        }
        .into(),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// A letter on paper to a country.
pub(super) fn outgoing(number: u128, country: &str) -> Outgoing {
    let mut outgoing = crate::delivery::fixture::outgoing(number);
    outgoing.channel = Channel::Post;
    outgoing.recipient = "Jane Doe, 210 King St, San Francisco".into();
    outgoing.pdf = Some((format!("letter-{number}.pdf"), pdf(1, A4, &IN_WINDOW)));
    outgoing.postal = Some(Postal {
        name: "Jane Doe".into(),
        country: country.into(),
        parts: Some(PostalParts {
            line1: "210 King St".into(),
            line2: None,
            postal_code: Some("94107".into()),
            city: "San Francisco".into(),
            region: Some("CA".into()),
        }),
    });
    outgoing
}

/// A postman that there is a stand-in for.
pub(super) trait Stood: Postman + Sized {
    /// Which stand-in.
    const PROVIDER: Provider;
    /// What the path of its letters ends with.
    const LETTERS: &'static str;
    /// A country that it posts to.
    const COUNTRY: &'static str;

    /// One that talks to the stand-in there.
    fn before(url: &str) -> Self;

    /// The ids of the letters that were made, oldest first.
    fn made(running: &Running) -> Vec<String>;
}

/// A postman before its stand-in.
pub(super) struct Stand<P> {
    pub(super) running: Running,
    pub(super) postman: P,
}

impl<P: Stood> Stand<P> {
    pub(super) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(super) async fn with(options: Options) -> Self {
        let running = sandbox::serve(P::PROVIDER, SocketAddr::from(([127, 0, 0, 1], 0)), options).await.unwrap();
        let postman = P::before(&running.url());
        Self { running, postman }
    }

    /// The ids of the letters that were made, oldest first.
    pub(super) fn made(&self) -> Vec<String> {
        P::made(&self.running)
    }

    pub(super) async fn reconciled(&self, outgoing: &Outgoing) -> Reconciled {
        self.postman.reconcile(outgoing.delivery, outgoing.tenant, &outgoing.recipient).await
    }
}

fn letter<P: Stood>(number: u128) -> Outgoing {
    outgoing(number, P::COUNTRY)
}

/// The answer to a letter gets lost: it is looked up, and a process that died and sends again makes no second one. The
/// stand, the letter, and what was told of it each time.
pub(super) async fn a_lost_answer_is_found<P: Stood>() -> (Stand<P>, Outgoing, [Receipt; 2]) {
    let stand = Stand::<P>::new().await;
    let letter = letter::<P>(1);
    stand.running.faults().lose_answer(P::LETTERS);
    let receipt = stand.postman.send(&letter).await.unwrap();
    assert_eq!(receipt.provider_id.as_ref(), stand.made().first(), "it looked and found it");
    assert!(receipt.provider_id.is_some());
    assert_eq!(stand.reconciled(&letter).await, Reconciled::Sent(receipt.clone()));
    let again = stand.postman.send(&letter).await.unwrap();
    assert_eq!(again.provider_id, receipt.provider_id);
    assert_eq!(stand.made().len(), 1);
    (stand, letter, [receipt, again])
}

/// A call on the way of a letter fails before the letter was made.
pub(super) async fn a_fault_before_is_safe_to_repeat<P: Stood>(paths: &[&str]) {
    for path in paths {
        let stand = Stand::<P>::new().await;
        stand.running.faults().break_answers(path, 1, Manner::Status { status: 500 });
        let outcome = stand.postman.send(&letter::<P>(1)).await;
        assert!(matches!(outcome, Err(SendError::Transient { .. })), "{path}: {outcome:?}");
        assert_eq!(stand.made().len(), 0, "{path}");
        assert_eq!(stand.reconciled(&letter::<P>(1)).await, Reconciled::SafeToRepeat, "{path}");
        assert!(stand.postman.send(&letter::<P>(1)).await.is_ok(), "{path}");
        assert_eq!(stand.made().len(), 1, "{path}");
    }
}

/// The answer gets lost, and so does every one to the question what became of the letter.
pub(super) async fn unknown_while_nobody_can_be_asked<P: Stood>() {
    let stand = Stand::<P>::new().await;
    let first = letter::<P>(1);
    stand.running.faults().break_answers(P::LETTERS, 1, Manner::Lost);
    stand.running.faults().break_answers(P::LETTERS, 1, Manner::Status { status: 503 });
    assert!(matches!(stand.postman.send(&first).await, Err(SendError::Unknown { .. })));
    stand.running.faults().outage(Outage::Silent);
    assert_eq!(stand.reconciled(&first).await, Reconciled::Unknown);
    stand.running.faults().lift_outage();
    assert!(matches!(stand.reconciled(&first).await, Reconciled::Sent(_)));
    assert_eq!(stand.reconciled(&letter::<P>(2)).await, Reconciled::SafeToRepeat);
}

/// A call on the way of a letter is told to wait.
pub(super) async fn it_waits_as_long_as_asked<P: Stood>(paths: &[&str]) {
    for path in paths {
        let stand = Stand::<P>::new().await;
        stand.running.faults().throttle(path, 1, Throttle { retry_after: Some(77), problem: None });
        let Err(SendError::Transient { retry_after, .. }) = stand.postman.send(&letter::<P>(1)).await else { panic!("{path}") };
        assert_eq!(retry_after, Some(Duration::from_secs(77)), "{path}");
        assert_eq!(stand.made().len(), 0, "{path}");
    }
}
