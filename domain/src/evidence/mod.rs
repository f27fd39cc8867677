//! The evidence bundle of a case: what happened, what was said to the debtor, whether it arrived, what was owed and paid,
//! and under which rules, as files with their hashes. For a court, an auditor, or the debtor's lawyer.
//!
//! [`bundle`] reads and writes nothing: the same rows give the same files, byte for byte, whenever and by whomever they
//! are asked for. No file bears the day of its making. Packing them into one archive is the door's business.

mod claim;
mod csv;
mod deliveries;
mod letters;
mod people;
mod timeline;

use entity::{CaseId, Scoped, TenantId, collection_case};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use serde_json::{Value, json};

use crate::{
    actor::{Action, Viewer},
    case::reference,
    digest::sha256_hex,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
};

/// Most entries of the timeline.
pub const MAX_EVENTS: u64 = 20_000;
/// Most rows of any other kind: letters, deliveries, payments and so on.
pub const MAX_ROWS: u64 = 2_000;
/// Most bytes of all files together; they are in memory at once.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Its path in the bundle, made from ids, numbers and words of ours only.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The evidence of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The reference of the case, for the name of the archive.
    pub reference: String,
    /// All files; the last one, `manifest.json`, lists the others with their lengths and hashes.
    pub files: Vec<EvidenceFile>,
}

/// Gathers the evidence of a case.
///
/// # Errors
///
/// A refusal: unknown case; `LIMIT_EXCEEDED` beyond [`MAX_EVENTS`], [`MAX_ROWS`] or [`MAX_BYTES`]. A fault when a kept
/// letter does not have the hash of its row any more: such a bundle would prove nothing.
pub async fn bundle(env: &Env, viewer: &Viewer, id: CaseId) -> Result<Bundle> {
    viewer.require(Action::Read)?;
    let tx = entity::database::begin_read(&env.db).await?;
    let snapshot = Snapshot { db: &tx, tenant: viewer.tenant, case: id };
    let row = collection_case::Entity::of(viewer.tenant).filter(collection_case::Column::Id.eq(id)).one(snapshot.db).await?;
    let row = row.ok_or_else(|| Refusal::not_found("case").at("id"))?;
    let mut files = Files::default();
    files.json("case.json", &claim::case(&snapshot, &row).await?)?;
    timeline::write(&snapshot, &mut files).await?;
    letters::write(&snapshot, &mut files).await?;
    files.json("deliveries.json", &deliveries::all(&snapshot).await?)?;
    files.json("claim.json", &claim::claim(&snapshot, &row).await?)?;
    files.json("payments.json", &claim::payments(&snapshot).await?)?;
    files.manifest(&row)
}

/// What the files are read from: one state of the database.
struct Snapshot<'a, C> {
    db: &'a C,
    tenant: TenantId,
    case: CaseId,
}

/// The files gathered so far.
#[derive(Default)]
struct Files {
    files: Vec<EvidenceFile>,
    bytes: usize,
}

impl Files {
    fn add(&mut self, path: String, bytes: Vec<u8>) -> Result<()> {
        self.bytes += bytes.len();
        if self.bytes > MAX_BYTES {
            return Err(too_much("bytes"));
        }
        self.files.push(EvidenceFile { path, bytes });
        Ok(())
    }

    fn json(&mut self, path: &str, value: &Value) -> Result<()> {
        self.add(path.to_owned(), serde_json::to_vec_pretty(value)?)
    }

    fn manifest(mut self, case: &collection_case::Model) -> Result<Bundle> {
        let reference = reference(case.number);
        let listed: Vec<Value> = self
            .files
            .iter()
            .map(|file| json!({ "path": file.path, "bytes": file.bytes.len(), "sha256": sha256_hex(&file.bytes) }))
            .collect();
        self.json("manifest.json", &json!({ "case": reference, "caseId": case.id, "files": listed }))?;
        Ok(Bundle { reference, files: self.files })
    }
}

/// Refuses a list that was cut off.
fn all_of<T>(rows: Vec<T>, limit: u64, what: &str) -> Result<Vec<T>> {
    if u64::try_from(rows.len()).unwrap_or(u64::MAX) > limit { Err(too_much(what)) } else { Ok(rows) }
}

fn too_much(what: &str) -> Error {
    Refusal::new(RefusalCode::LimitExceeded, format!("the case has too many {what} for one bundle")).at("id").into()
}

impl<C: ConnectionTrait> Snapshot<'_, C> {
    /// The rows of one table that belong to the case, refused when there are too many.
    async fn rows<E>(&self, select: Select<E>, what: &str) -> Result<Vec<E::Model>>
    where
        E: EntityTrait,
    {
        all_of(select.limit(MAX_ROWS + 1).all(self.db).await?, MAX_ROWS, what)
    }
}
