//! Signed links for files: whoever has one may fetch one letter, one print batch or one agency's file, or store one announced file, for
//! a few minutes. They carry no access token, so that one in a log or a browser's history opens nothing else.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Viewer, digest::hex, port::Unsubscribe};
use entity::{AgencyExportId, CaseId, DeliveryId, LetterId, PrintBatchId, TenantId, UploadId, UserId};
use hmac::Mac;
use serde::Deserialize;

use super::{Keys, keys::sign};
use crate::graphql::id::{decode, encode};

/// How long a link to a letter works.
pub const LETTER_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// How long a link to an agency's file works.
pub const EXPORT_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// How long a link to a print batch works: its letters are drawn on the first fetch.
pub const PRINT_LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// How long a link to a case's evidence works.
pub const EVIDENCE_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// Which file of a print batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintPart {
    /// All its letters.
    Pdf,
    /// What stands where.
    Manifest,
}

impl PrintPart {
    fn path(self, batch: PrintBatchId) -> String {
        let extension = match self {
            Self::Pdf => "pdf",
            Self::Manifest => "json",
        };
        format!("/prints/{}.{extension}", encode(batch).as_str())
    }
}

/// How long an announced file may be sent.
pub const UPLOAD_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Makes and reads links.
#[derive(Clone)]
pub struct Links {
    key: [u8; 32],
    base: String,
}

/// What stands behind the question mark of a link.
#[derive(Debug, Clone, Deserialize)]
pub struct Signed {
    tenant: String,
    user: String,
    expires: i64,
    signature: String,
}

impl Links {
    /// Links below the address under which clients reach us.
    pub fn new(keys: &Keys, public_url: &str) -> Self {
        Self { key: keys.links, base: public_url.trim_end_matches('/').to_owned() }
    }

    /// The address of a letter's PDF.
    pub fn letter(&self, viewer: &Viewer, letter: LetterId, now: DateTime<Utc>) -> String {
        self.signed("GET", &letter_path(letter), viewer.tenant, viewer.user, now + LETTER_LIFETIME)
    }

    /// For whom a link opens a letter; none when it opens nothing.
    pub fn open_letter(&self, letter: LetterId, query: &Signed, now: DateTime<Utc>) -> Option<(TenantId, UserId)> {
        self.verified("GET", &letter_path(letter), query, now)
    }

    /// The address of a file that was made for an agency.
    pub fn export(&self, viewer: &Viewer, export: AgencyExportId, now: DateTime<Utc>) -> String {
        let path = format!("/exports/{}.zip", encode(export).as_str());
        self.signed("GET", &path, viewer.tenant, viewer.user, now + EXPORT_LIFETIME)
    }

    /// For whom a link opens a file; none when it opens nothing.
    pub fn open_export(&self, export: AgencyExportId, query: &Signed, now: DateTime<Utc>) -> Option<(TenantId, UserId)> {
        let path = format!("/exports/{}.zip", encode(export).as_str());
        self.verified("GET", &path, query, now)
    }

    /// The address of a case's evidence.
    pub fn evidence(&self, viewer: &Viewer, case: CaseId, now: DateTime<Utc>) -> String {
        self.signed("GET", &evidence_path(case), viewer.tenant, viewer.user, now + EVIDENCE_LIFETIME)
    }

    /// For whom a link opens a case's evidence; none when it opens nothing.
    pub fn open_evidence(&self, case: CaseId, query: &Signed, now: DateTime<Utc>) -> Option<(TenantId, UserId)> {
        self.verified("GET", &evidence_path(case), query, now)
    }

    /// The address of a print batch's file.
    pub fn print(&self, viewer: &Viewer, batch: PrintBatchId, part: PrintPart, now: DateTime<Utc>) -> String {
        self.signed("GET", &part.path(batch), viewer.tenant, viewer.user, now + PRINT_LIFETIME)
    }

    /// For whom a link opens a print batch's file; none when it opens nothing.
    pub fn open_print(&self, batch: PrintBatchId, part: PrintPart, query: &Signed, now: DateTime<Utc>) -> Option<(TenantId, UserId)> {
        self.verified("GET", &part.path(batch), query, now)
    }

    /// The address that takes an announced file, and when it stops to.
    pub fn upload(&self, viewer: &Viewer, upload: UploadId, now: DateTime<Utc>) -> (String, DateTime<Utc>) {
        let path = format!("/uploads/{}", encode(upload).as_str());
        let expires_at = now + UPLOAD_LIFETIME;
        (self.signed("PUT", &path, viewer.tenant, viewer.user, expires_at), expires_at)
    }

    /// Who may store a file at a link; none when nobody may.
    pub fn open_upload(&self, upload: UploadId, query: &Signed, now: DateTime<Utc>) -> Option<(TenantId, UserId)> {
        let path = format!("/uploads/{}", encode(upload).as_str());
        self.verified("PUT", &path, query, now)
    }

    /// The address by which the reader of an e-mail ends e-mails: good for ever, for that alone.
    fn unsubscribe(&self, delivery: DeliveryId) -> String {
        let path = format!("/unsubscribe/{}", encode(delivery).as_str());
        let signature = sign(&self.key, &format!("UNSUBSCRIBE\n{path}")).finalize().into_bytes();
        format!("{}{path}?s={}", self.base, hex(&signature))
    }

    /// Whether a link ends e-mails to the address of this one.
    pub fn opens_unsubscribe(&self, delivery: DeliveryId, signature: &str) -> bool {
        let path = format!("/unsubscribe/{}", encode(delivery).as_str());
        let Some(signature) = bytes(signature) else { return false };
        sign(&self.key, &format!("UNSUBSCRIBE\n{path}")).verify_slice(&signature).is_ok()
    }

    fn signed(&self, method: &str, path: &str, tenant: TenantId, user: UserId, expires_at: DateTime<Utc>) -> String {
        let tenant = encode(tenant).0;
        let user = encode(user).0;
        let expires = expires_at.timestamp();
        let signature = sign(&self.key, &text(method, path, &tenant, &user, expires)).finalize().into_bytes();
        let signature = hex(&signature);
        format!("{}{path}?tenant={tenant}&user={user}&expires={expires}&signature={signature}", self.base)
    }

    fn verified(&self, method: &str, path: &str, query: &Signed, now: DateTime<Utc>) -> Option<(TenantId, UserId)> {
        let signature = bytes(&query.signature)?;
        let text = text(method, path, &query.tenant, &query.user, query.expires);
        sign(&self.key, &text).verify_slice(&signature).ok()?;
        if now.timestamp() >= query.expires {
            return None;
        }
        Some((decode(&query.tenant)?, decode(&query.user)?))
    }
}

impl Unsubscribe for Links {
    fn url(&self, _tenant: TenantId, delivery: DeliveryId) -> String {
        self.unsubscribe(delivery)
    }
}

fn letter_path(letter: LetterId) -> String {
    format!("/letters/{}.pdf", encode(letter).as_str())
}

fn evidence_path(case: CaseId) -> String {
    format!("/evidence/{}.zip", encode(case).as_str())
}

fn text(method: &str, path: &str, tenant: &str, user: &str, expires: i64) -> String {
    format!("{method}\n{path}\n{tenant}\n{user}\n{expires}")
}

/// 32 bytes from 64 lower-case digits.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use entity::Role;
    use uuid::Uuid;

    fn links() -> Links {
        Links::new(&Keys::new(&[7; 32]), "https://dunwell.example/")
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn query(url: &str) -> Signed {
        serde_json::from_value(
            url.split_once('?')
                .unwrap()
                .1
                .split('&')
                .map(|pair| pair.split_once('=').unwrap())
                .map(|(name, value)| {
                    let number = (name == "expires").then(|| value.parse::<i64>().unwrap().into());
                    (name.to_owned(), number.unwrap_or_else(|| serde_json::Value::from(value)))
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
        )
        .unwrap()
    }

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));
    const LETTER: LetterId = LetterId(Uuid::from_u128(2));

    fn reader() -> Viewer {
        Viewer { tenant: TENANT, user: UserId(Uuid::from_u128(4)), role: Role::Viewer }
    }

    #[test]
    fn a_link_opens_its_letter_until_it_ends_and_nothing_else() {
        let url = links().letter(&reader(), LETTER, at(1_000));
        assert!(url.starts_with("https://dunwell.example/letters/let_0000"), "{url}");
        let signed = query(&url);
        assert_eq!(links().open_letter(LETTER, &signed, at(1_000)), Some((TENANT, reader().user)));
        assert_eq!(links().open_letter(LETTER, &signed, at(1_000) + LETTER_LIFETIME), None);
        assert_eq!(links().open_letter(LetterId(Uuid::from_u128(3)), &signed, at(1_000)), None);
        let foreign = Signed { tenant: encode(TenantId(Uuid::from_u128(9))).0, ..signed.clone() };
        assert_eq!(links().open_letter(LETTER, &foreign, at(1_000)), None);
        let another = Signed { user: encode(UserId(Uuid::from_u128(9))).0, ..signed.clone() };
        assert_eq!(links().open_letter(LETTER, &another, at(1_000)), None);
        let longer = Signed { expires: signed.expires + 1, ..signed.clone() };
        assert_eq!(links().open_letter(LETTER, &longer, at(1_000)), None);
        let short = Signed { signature: signed.signature[..62].to_owned(), ..signed };
        assert_eq!(links().open_letter(LETTER, &short, at(1_000)), None);
    }

    #[test]
    fn a_link_to_an_agencys_file_opens_that_file_only() {
        let viewer = Viewer { tenant: TENANT, user: UserId(Uuid::from_u128(4)), role: Role::Owner };
        let export = AgencyExportId(LETTER.0);
        let signed = query(&links().export(&viewer, export, at(1_000)));
        assert_eq!(links().open_export(export, &signed, at(1_000)), Some((TENANT, viewer.user)));
        assert_eq!(links().open_export(export, &signed, at(1_000) + EXPORT_LIFETIME), None);
        assert_eq!(links().open_export(AgencyExportId(Uuid::from_u128(3)), &signed, at(1_000)), None);
        assert_eq!(links().open_letter(LETTER, &signed, at(1_000)), None);
    }

    #[test]
    fn a_link_that_ends_e_mails_is_of_its_delivery_alone() {
        let (one, other) = (DeliveryId(LETTER.0), DeliveryId(Uuid::from_u128(3)));
        let url = links().url(TENANT, one);
        let signature = url.split_once("?s=").unwrap().1;
        assert!(url.starts_with("https://dunwell.example/unsubscribe/dlv_") && !url.contains("tenant"), "{url}");
        assert!(links().opens_unsubscribe(one, signature));
        assert!(!links().opens_unsubscribe(other, signature));
        assert!(!links().opens_unsubscribe(one, &signature.replace(&signature[..1], "g")));
        assert!(!links().opens_unsubscribe(one, ""));
        assert!(!Links::new(&Keys::new(&[8; 32]), "https://dunwell.example").opens_unsubscribe(one, signature));
    }

    #[test]
    fn links_to_a_batch_and_to_evidence_open_their_own_file_only() {
        let viewer = Viewer { tenant: TENANT, user: UserId(Uuid::from_u128(4)), role: Role::Viewer };
        let (batch, case) = (PrintBatchId(LETTER.0), CaseId(LETTER.0));
        let signed = query(&links().print(&viewer, batch, PrintPart::Pdf, at(1_000)));
        assert_eq!(links().open_print(batch, PrintPart::Pdf, &signed, at(1_000)), Some((TENANT, viewer.user)));
        assert_eq!(links().open_print(batch, PrintPart::Pdf, &signed, at(1_000) + PRINT_LIFETIME), None);
        assert_eq!(links().open_print(batch, PrintPart::Manifest, &signed, at(1_000)), None);
        assert_eq!(links().open_evidence(case, &signed, at(1_000)), None);
        let signed = query(&links().evidence(&viewer, case, at(1_000)));
        assert_eq!(links().open_evidence(case, &signed, at(1_000)), Some((TENANT, viewer.user)));
        assert_eq!(links().open_evidence(CaseId(Uuid::from_u128(3)), &signed, at(1_000)), None);
    }

    #[test]
    fn a_link_to_read_does_not_write() {
        let viewer = Viewer { tenant: TENANT, user: UserId(Uuid::from_u128(4)), role: Role::Owner };
        let upload = UploadId(LETTER.0);
        let (url, _) = links().upload(&viewer, upload, at(1_000));
        assert_eq!(links().open_upload(upload, &query(&url), at(1_000)), Some((TENANT, viewer.user)));
        assert_eq!(links().open_letter(LETTER, &query(&url), at(1_000)), None);
        assert_eq!(links().open_upload(upload, &query(&links().letter(&reader(), LETTER, at(1_000))), at(1_000)), None);
    }
}
