//! The outside world of the tests: a clock that stands still, bytes that are the same in every run, an accounting
//! system whose files are JSON, channels that accept everything, a renderer that draws nothing.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Clock, Entropy, RefusalCode,
    digest::sha256_hex,
    letter::LetterDocument,
    port::{
        Blob, Bound, Connector, DebtorSnapshot, InvoiceSnapshot, Messenger, Outgoing, Outside, Page, Pdf, Placed, Postman, Preview,
        Profile, Pull, Receipt, Reconciled, Record, RenderError, Renderer, SendError, Source, SourceError, System, Work,
        agency::{Agencies, Bundle, ClaimPacker},
        receipt::{Call, DeliveryNews, Herald, News, NewsOf, Trouble},
        vault::{ExposeSecret, Place, Sealed, SecretString, Vault, VaultError},
        webhook::WebhookError,
    },
};
use entity::{Channel, DeliveryId, NewsKind, Provider, SuppressionReason, TenantId};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

#[path = "books.rs"]
pub mod books;

use books::Books;

/// Product's and machine's time, moved by hand.
pub struct MovedClock {
    product: Mutex<DateTime<Utc>>,
    machine: Mutex<DateTime<Utc>>,
}

impl MovedClock {
    pub fn at(start: &str) -> Self {
        let start = start.parse().unwrap();
        Self { product: Mutex::new(start), machine: Mutex::new(start) }
    }

    /// Both times go on.
    pub fn pass(&self, by: TimeDelta) {
        *self.product.lock().unwrap() += by;
        self.age_machine(by);
    }

    /// Only the machine's time goes on.
    pub fn age_machine(&self, by: TimeDelta) {
        *self.machine.lock().unwrap() += by;
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.product.lock().unwrap()
    }

    fn machine(&self) -> DateTime<Utc> {
        *self.machine.lock().unwrap()
    }
}

/// Digests of a counter.
#[derive(Default)]
pub struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, buffer: &mut [u8]) {
        for piece in buffer.chunks_mut(32) {
            let digest = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            piece.copy_from_slice(&digest[..piece.len()]);
        }
    }
}

/// Forgets: the tests do what is due themselves.
pub struct Forgetful;

#[async_trait]
impl Messenger for Forgetful {
    async fn enqueue(&self, _: &DatabaseTransaction, _: &[Work]) -> Result<(), DbErr> {
        Ok(())
    }

    fn wake(&self, _: &[Work]) {}
}

/// Files are a JSON array of `[debtor, invoice]`.
pub struct JsonFiles;

pub fn file(rows: &[(DebtorSnapshot, InvoiceSnapshot)]) -> Vec<u8> {
    serde_json::to_vec(rows).unwrap()
}

async fn rows(blob: &dyn Blob) -> Result<Vec<Record>, SourceError> {
    let bytes = blob.read(0).await?.unwrap_or_default();
    let rows: Vec<(DebtorSnapshot, InvoiceSnapshot)> = serde_json::from_slice(&bytes)
        .map_err(|e| SourceError::Refused { code: RefusalCode::NotATable.as_str().into(), message: e.to_string() })?;
    let record = |(debtor, invoice)| Record { row: None, debtor: Some(debtor), invoice: Some(invoice), payment: None };
    Ok(rows.into_iter().map(record).collect())
}

#[async_trait]
impl Connector for JsonFiles {
    async fn pull(&self, pull: Pull) -> Result<Box<dyn Source>, SourceError> {
        let (blob, _) = pull.file.expect("a file");
        Ok(Box::new(OnePage(Some(rows(blob.as_ref()).await?))))
    }

    async fn preview(&self, pull: Pull, _: usize) -> Result<Preview, SourceError> {
        let (blob, request) = pull.file.expect("a file");
        rows(blob.as_ref()).await?;
        Ok(Preview { request, columns: Vec::new(), rows: Vec::new(), more: false })
    }
}

struct OnePage(Option<Vec<Record>>);

#[async_trait]
impl Source for OnePage {
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError> {
        Ok(self.0.take().map(|records| Page { rows_done: records.len() as u64, records, position: "end".into(), ..Page::default() }))
    }
}

/// How channels answer.
#[derive(Default)]
pub struct Channels {
    /// The next hand-over is refused for good.
    pub refuse: Mutex<bool>,
    /// What was handed over.
    pub seen: Mutex<Vec<Outgoing>>,
}

pub struct Accepting(pub Arc<Channels>);

#[async_trait]
impl Postman for Accepting {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        if *self.0.refuse.lock().unwrap() {
            return Err(SendError::Rejected { code: "MAILBOX_UNKNOWN".into(), message: "nobody there".into() });
        }
        self.0.seen.lock().unwrap().push(outgoing.clone());
        match outgoing.channel {
            // Paper waits for a person.
            Channel::Post => Ok(Receipt::default()),
            Channel::Email | Channel::Sms => Ok(Receipt { provider_id: Some(outgoing.delivery.to_string()), ..Receipt::default() }),
        }
    }

    async fn reconcile(&self, _: DeliveryId, _: TenantId, _: &str) -> Reconciled {
        Reconciled::Unknown
    }
}

struct Blank;

impl Renderer for Blank {
    fn render(&self, document: &LetterDocument) -> Result<Pdf, RenderError> {
        let bytes = format!("%PDF-1.7 {:?}", document.language).into_bytes();
        Ok(Pdf { sha256: sha256_hex(&bytes), bytes, pages: 1 })
    }

    fn bind(&self, letters: &[Vec<u8>], _: bool) -> Result<Bound, RenderError> {
        let places = (1..).zip(letters).map(|(first_page, _)| Placed { first_page, pages: 1 }).collect::<Vec<_>>();
        let bytes = letters.concat();
        Ok(Bound { pages: u32::try_from(places.len()).unwrap(), sha256: sha256_hex(&bytes), bytes, places })
    }

    fn missing_glyphs(&self, _: &str) -> Vec<char> {
        Vec::new()
    }
}

/// Files, as the product's own.
const FILES: Profile = Profile { name: "files", minimum_days: 30, minimum_days_floor: 1, poll_minutes: None, freshness_hours: None };

/// Seals nothing: what the vault does is proven where it is.
struct Plain;

impl Vault for Plain {
    fn seal(&self, place: Place, secret: &SecretString, _: [u8; 24]) -> Sealed {
        Sealed { key_id: self.current().into(), bytes: format!("{place:?} {}", secret.expose_secret()).into_bytes() }
    }

    fn open(&self, place: Place, sealed: &Sealed) -> Result<SecretString, VaultError> {
        let text = String::from_utf8(sealed.bytes.clone()).map_err(|_| VaultError::Broken)?;
        Ok(text.strip_prefix(&format!("{place:?} ")).ok_or(VaultError::Broken)?.into())
    }

    fn current(&self) -> &'static str {
        "plain"
    }

    fn knows(&self, key_id: &str) -> bool {
        key_id == self.current()
    }
}

/// A file for an agency says how many claims are in it.
struct Counting;

impl ClaimPacker for Counting {
    fn pack(&self, bundles: &[Bundle]) -> Result<Vec<u8>, String> {
        Ok(format!("PK {}", bundles.len()).into_bytes())
    }
}

/// Believes whoever knows the word; the body is a delivery's id, bounced or arrived.
pub struct Teller;

impl Herald for Teller {
    fn read(&self, call: &Call<'_>) -> Result<Vec<News>, WebhookError> {
        if (call.header)("x-word").as_deref() != Some("sesame") {
            return Err(WebhookError::BadSignature);
        }
        assert_eq!(call.path_and_query, "/webhooks/teller/status?x=1", "as it was called");
        let text = std::str::from_utf8(call.body).map_err(|_| WebhookError::Unreadable)?;
        let (word, id) = text.split_once(' ').ok_or(WebhookError::Unreadable)?;
        let kind = if word == "bounced" { NewsKind::Bounced } else { NewsKind::Delivered };
        let suppress = Some(SuppressionReason::Bounced);
        let trouble = Trouble { code: "MAILBOX_UNKNOWN".into(), message: "nobody here".into(), suppress };
        Ok(vec![News::Delivery(DeliveryNews {
            of: NewsOf::Delivery(DeliveryId(Uuid::parse_str(id).map_err(|_| WebhookError::Unreadable)?)),
            kind,
            trouble: (kind == NewsKind::Bounced).then_some(trouble),
            word: word.into(),
            mark: word.into(),
            at: None,
            raw: json!({}),
        })])
    }
}

pub fn outside(channels: &Arc<Channels>, books: &Arc<Books>) -> Arc<Outside> {
    let postmen = [Channel::Email, Channel::Sms, Channel::Post];
    let mut systems = books::systems(books);
    systems.insert(Provider::Csv, System::new(FILES, Arc::new(JsonFiles)));
    Arc::new(Outside {
        systems,
        postmen: postmen.map(|c| (c, Arc::new(Accepting(Arc::clone(channels))) as Arc<dyn Postman>)).into(),
        renderer: Arc::new(Blank),
        agencies: Agencies { packer: Some(Arc::new(Counting)), ..Agencies::default() },
        heralds: [("teller/status", Arc::new(Teller) as Arc<dyn Herald>)].into(),
        unsubscribe: None,
        vault: Arc::new(Plain),
    })
}
