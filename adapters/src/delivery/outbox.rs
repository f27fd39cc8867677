//! A folder as a channel: `<folder>/<tenant>/<delivery>.json`, and `.pdf` beside it.
//!
//! It serves e-mail and SMS where no server is set up, and post always: what lies there is ready to print. A message is
//! there when its JSON file is there; that file appears whole (written aside, flushed, renamed) and last, so a crash
//! leaves a message or none. The same delivery is never there twice, and what is there is never changed.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use domain::port::{Outgoing, Postman, Receipt, Reconciled, SendError};
use entity::{Channel, DeliveryId, LetterId, TenantId};
use serde::{Deserialize, Serialize};

use super::deadline::Deadline;

/// Most messages of one list.
pub const MAX_LISTED: usize = 500;

/// The end of domains that exist nowhere (RFC 6761 § 6.4): mail for them is refused as a mail server would.
const NOWHERE: &str = ".invalid";

/// Names files that are being written; with the process's id no two writers share one.
static WRITING: AtomicU64 = AtomicU64::new(0);

/// The folder.
#[derive(Debug, Clone)]
pub struct Outbox {
    folder: PathBuf,
}

/// A message as it lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// The tenant.
    pub tenant: TenantId,
    /// The delivery; later ones are larger.
    pub delivery: DeliveryId,
    /// The letter.
    pub letter: LetterId,
    /// The channel that it stands for.
    pub channel: Channel,
    /// E-mail address, phone number or postal address in one line.
    pub recipient: String,
    /// The debtor's name.
    pub recipient_name: String,
    /// The creditor's name.
    pub sender_name: String,
    /// Where answers go.
    pub reply_to: String,
    /// Message-ID of the mail.
    pub message_id: String,
    /// Subject line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The mail's HTML part.
    pub html: Option<String>,
    /// The PDF's name, when there is one; its bytes are [`Outbox::pdf`].
    pub pdf: Option<String>,
    /// BCP 47.
    pub language: String,
}

/// The folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The file system said no.
    #[error("outbox: {0}")]
    Io(#[from] io::Error),
    /// A file is not what this program writes.
    #[error("outbox: {0}")]
    Broken(#[from] serde_json::Error),
    /// The work was given up because the program stops.
    #[error("outbox: stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Outbox {
    /// An outbox in a folder, which is made when the first message arrives.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Messages, newest first: of one tenant or of all, those before `before`, at most `limit` and [`MAX_LISTED`].
    ///
    /// # Errors
    ///
    /// [`OutboxError`] when the folder cannot be read.
    pub async fn list(
        &self,
        tenant: Option<TenantId>,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<OutboxMessage>, OutboxError> {
        let folder = self.folder.clone();
        blocking(move || list(&folder, tenant, before, limit.min(MAX_LISTED))).await
    }

    /// One message; none when it is not there.
    ///
    /// # Errors
    ///
    /// [`OutboxError`] when the folder cannot be read.
    pub async fn message(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<OutboxMessage>, OutboxError> {
        let path = self.path(tenant, delivery, "json");
        blocking(move || read(&path)).await
    }

    /// The PDF of a message; none when it has none.
    ///
    /// # Errors
    ///
    /// [`OutboxError`] when the folder cannot be read.
    pub async fn pdf(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<Vec<u8>>, OutboxError> {
        let path = self.path(tenant, delivery, "pdf");
        blocking(move || Ok(found(fs::read(path))?)).await
    }

    fn path(&self, tenant: TenantId, delivery: DeliveryId, extension: &str) -> PathBuf {
        self.folder.join(tenant.to_string()).join(format!("{delivery}.{extension}"))
    }
}

#[async_trait::async_trait]
impl Postman for Outbox {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let deadline = Deadline::start(outgoing.valid_for);
        if outgoing.channel == Channel::Email && outgoing.recipient.to_lowercase().ends_with(NOWHERE) {
            let message = format!("no mail server serves names that end in {NOWHERE}");
            return Err(SendError::Rejected { code: "DOMAIN_UNKNOWN".into(), message });
        }
        let message = message_of(outgoing);
        let pdf = outgoing.pdf.as_ref().map(|(_, bytes)| bytes.clone());
        let path = self.path(outgoing.tenant, outgoing.delivery, "json");
        deadline.check()?;
        let kept = blocking(move || keep(&path, &message, pdf.as_deref())).await;
        kept.map_err(|error| SendError::Transient { message: error.to_string(), retry_after: None })?;
        Ok(receipt(outgoing.delivery))
    }

    async fn reconcile(&self, delivery: DeliveryId, tenant: TenantId, _recipient: &str) -> Reconciled {
        match self.message(tenant, delivery).await {
            Ok(Some(_)) => Reconciled::Sent(receipt(delivery)),
            Ok(None) => Reconciled::SafeToRepeat,
            Err(error) => {
                tracing::warn!(%delivery, %error, "the outbox cannot be read to find out whether a message is there");
                Reconciled::Unknown
            }
        }
    }
}

fn receipt(delivery: DeliveryId) -> Receipt {
    Receipt { provider_id: Some(format!("outbox:{delivery}")), ..Receipt::default() }
}

fn message_of(outgoing: &Outgoing) -> OutboxMessage {
    OutboxMessage {
        tenant: outgoing.tenant,
        delivery: outgoing.delivery,
        letter: outgoing.letter,
        channel: outgoing.channel,
        recipient: outgoing.recipient.clone(),
        recipient_name: outgoing.recipient_name.clone(),
        sender_name: outgoing.sender_name.clone(),
        reply_to: outgoing.reply_to.clone(),
        message_id: outgoing.message_id.clone(),
        subject: outgoing.subject.clone(),
        text: outgoing.text.clone(),
        html: outgoing.html.clone(),
        pdf: outgoing.pdf.as_ref().map(|(name, _)| name.clone()),
        language: outgoing.language.clone(),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, OutboxError> + Send + 'static) -> Result<T, OutboxError> {
    tokio::task::spawn_blocking(work).await?
}

fn keep(path: &Path, message: &OutboxMessage, pdf: Option<&[u8]>) -> Result<(), OutboxError> {
    if path.try_exists()? {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    make_folder(folder)?;
    if let Some(bytes) = pdf {
        write_whole(&path.with_extension("pdf"), bytes)?;
    }
    write_whole(path, &serde_json::to_vec_pretty(message)?)?;
    flush_folder(folder)?;
    Ok(())
}

/// Letters are nobody's business but the owner's, where the file system can say so.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let number = WRITING.fetch_add(1, Ordering::Relaxed);
    let aside = path.with_extension(format!("{}-{number}.part", std::process::id()));
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

/// Makes the new names last, where folders can be flushed.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn list(folder: &Path, tenant: Option<TenantId>, before: Option<DeliveryId>, limit: usize) -> Result<Vec<OutboxMessage>, OutboxError> {
    let mut found = Vec::new();
    for tenant_folder in tenant_folders(folder, tenant)? {
        for entry in fs::read_dir(tenant_folder)? {
            let path = entry?.path();
            if let Some(delivery) = delivery_of(&path).filter(|delivery| before.is_none_or(|before| *delivery < before)) {
                found.push((delivery, path));
            }
        }
    }
    found.sort_unstable_by_key(|(delivery, _)| std::cmp::Reverse(*delivery));
    let mut messages = Vec::new();
    for (_, path) in found.into_iter().take(limit) {
        messages.extend(read(&path)?);
    }
    Ok(messages)
}

fn tenant_folders(folder: &Path, tenant: Option<TenantId>) -> io::Result<Vec<PathBuf>> {
    if let Some(tenant) = tenant {
        let folder = folder.join(tenant.to_string());
        return Ok(if folder.is_dir() { vec![folder] } else { Vec::new() });
    }
    let Some(entries) = found(fs::read_dir(folder))? else { return Ok(Vec::new()) };
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn delivery_of(path: &Path) -> Option<DeliveryId> {
    let is_message = path.extension().is_some_and(|extension| extension == "json");
    let name = path.file_stem().filter(|_| is_message)?.to_str()?;
    serde_json::from_value(serde_json::Value::from(name)).ok()
}

fn read(path: &Path) -> Result<Option<OutboxMessage>, OutboxError> {
    Ok(match found(fs::read(path))? {
        Some(bytes) => Some(serde_json::from_slice(&bytes)?),
        None => None,
    })
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic fails the test")]
    use std::time::Duration;

    use uuid::Uuid;

    use super::{super::fixture::outgoing, *};

    fn delivery(number: u128) -> DeliveryId {
        DeliveryId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn a_message_lies_there_whole_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("deep/outbox"));
        let first = outgoing(1);
        let receipt = outbox.send(&first).await.unwrap();
        let mut again = outgoing(1);
        again.text = "other".into();
        assert_eq!(outbox.send(&again).await.unwrap(), receipt, "the same delivery is accepted again and changes nothing");
        let listed = outbox.list(None, None, 10).await.unwrap();
        assert_eq!(listed, vec![message_of(&first)]);
        assert_eq!(outbox.message(first.tenant, first.delivery).await.unwrap(), Some(message_of(&first)));
        assert_eq!(outbox.pdf(first.tenant, first.delivery).await.unwrap().unwrap(), b"%PDF-1.7 body");
        let names: Vec<_> = fs::read_dir(folder.path().join("deep/outbox").join(first.tenant.to_string())).unwrap().collect();
        assert_eq!(names.len(), 2, "nothing is left aside: {names:?}");
    }

    #[tokio::test]
    async fn a_mail_to_nowhere_is_refused_as_a_server_would_and_paper_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path());
        let mut nowhere = outgoing(7);
        nowhere.recipient = "post@Brygga.INVALID".into();
        let refused = outbox.send(&nowhere).await.unwrap_err();
        assert!(matches!(&refused, SendError::Rejected { code, .. } if code == "DOMAIN_UNKNOWN"), "{refused:?}");
        assert_eq!(outbox.list(None, None, 9).await.unwrap(), []);
        nowhere.channel = Channel::Post;
        outbox.send(&nowhere).await.unwrap();
        assert_eq!(outbox.list(None, None, 9).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_a_crash_leaves_behind_is_no_message() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path());
        let lost = outgoing(1);
        let path = outbox.path(lost.tenant, lost.delivery, "json");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path.with_extension("pdf"), b"%PDF").unwrap();
        fs::write(path.with_extension("99-0.part"), b"{\"tena").unwrap();
        fs::write(path.with_file_name("notes.json"), b"no delivery").unwrap();
        assert_eq!(outbox.list(Some(lost.tenant), None, 10).await.unwrap(), vec![]);
        assert_eq!(outbox.reconcile(lost.delivery, lost.tenant, &lost.recipient).await, Reconciled::SafeToRepeat);
        let receipt = outbox.send(&lost).await.unwrap();
        assert_eq!(outbox.reconcile(lost.delivery, lost.tenant, &lost.recipient).await, Reconciled::Sent(receipt));
        assert_eq!(outbox.pdf(lost.tenant, lost.delivery).await.unwrap().unwrap(), b"%PDF-1.7 body");
    }

    #[tokio::test]
    async fn lists_are_newest_first_in_pages_and_by_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path());
        assert_eq!(outbox.list(None, None, 10).await.unwrap(), vec![], "no folder, no messages");
        for number in 1..=5 {
            let mut message = outgoing(number);
            message.tenant = TenantId(Uuid::from_u128(number % 2));
            message.pdf = None;
            outbox.send(&message).await.unwrap();
        }
        let ids = |messages: Vec<OutboxMessage>| messages.into_iter().map(|message| message.delivery).collect::<Vec<_>>();
        let first = ids(outbox.list(None, None, 2).await.unwrap());
        assert_eq!(first, [delivery(5), delivery(4)]);
        assert_eq!(ids(outbox.list(None, Some(first[1]), 10).await.unwrap()), [delivery(3), delivery(2), delivery(1)]);
        assert_eq!(ids(outbox.list(Some(TenantId(Uuid::from_u128(0))), None, 10).await.unwrap()), [delivery(4), delivery(2)]);
        assert_eq!(ids(outbox.list(Some(TenantId(Uuid::from_u128(9))), None, 10).await.unwrap()), []);
        assert_eq!(outbox.pdf(TenantId(Uuid::from_u128(1)), delivery(1)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn many_hand_overs_of_one_delivery_at_once_leave_one_message() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path());
        let message = outgoing(1);
        let sends = futures_util::future::join_all((0..20).map(|_| outbox.send(&message))).await;
        assert!(sends.iter().all(Result::is_ok), "{sends:?}");
        assert_eq!(outbox.list(None, None, 10).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_hand_over_that_starts_too_late_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path());
        let mut message = outgoing(1);
        message.valid_for = Duration::ZERO;
        assert!(matches!(outbox.send(&message).await, Err(SendError::Transient { .. })));
        assert_eq!(outbox.list(None, None, 10).await.unwrap(), vec![]);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_told_and_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"in the way").unwrap();
        let outbox = Outbox::new(&file);
        assert!(matches!(outbox.send(&outgoing(1)).await, Err(SendError::Transient { .. })));
    }
}
