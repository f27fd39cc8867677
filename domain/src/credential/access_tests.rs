#![allow(clippy::unwrap_used, reason = "tests")]
use serde_json::json;
use uuid::Uuid;

use super::*;

fn row(good_for: Option<i64>, renewing: Option<i64>, refused: bool) -> credential::Model {
    let now = DateTime::UNIX_EPOCH;
    credential::Model {
        tenant_id: TenantId(Uuid::nil()),
        id: CredentialId(Uuid::nil()),
        provider: entity::Provider::Xero,
        sealed: Vec::new(),
        key_id: String::new(),
        hint: None,
        scopes: json!([]),
        version: 3,
        good_until: good_for.map(|seconds| now + TimeDelta::seconds(seconds)),
        renewing_since: renewing.map(|seconds| now - TimeDelta::seconds(seconds)),
        refused_at: refused.then_some(now),
        created_at: now,
        updated_at: now,
    }
}

/// Seconds that the keys are still good, seconds since somebody renews, refused before, what is needed, renewable.
#[test]
fn keys_are_lent_renewed_waited_for_or_refused_by_this_table() {
    let table = [
        (row(None, None, false), Need::Good, true, Step::Lend),
        (row(Some(61), None, false), Need::Good, true, Step::Lend),
        (row(Some(60), None, false), Need::Good, true, Step::Renew),
        (row(Some(-5), Some(39), false), Need::Good, true, Step::Wait),
        (row(Some(-5), Some(40), false), Need::Good, true, Step::Renew),
        // Good ones are lent also while somebody renews them before their time.
        (row(Some(600), Some(1), false), Need::Good, true, Step::Lend),
        (row(Some(600), None, false), Need::Other(3), true, Step::Renew),
        (row(Some(600), Some(1), false), Need::Other(3), true, Step::Wait),
        (row(Some(600), None, false), Need::Other(2), true, Step::Lend),
        (row(Some(-5), None, false), Need::Other(2), true, Step::Renew),
        (row(None, None, false), Need::Other(3), false, Step::Refuse),
        (row(None, None, false), Need::Other(2), false, Step::Lend),
        (row(Some(-5), None, false), Need::Good, false, Step::Lend),
        (row(Some(600), None, true), Need::Good, true, Step::Gone),
        (row(Some(600), None, true), Need::Other(3), false, Step::Gone),
    ];
    for (row, need, renewable, expected) in table {
        assert_eq!(decide(&row, need, renewable, DateTime::UNIX_EPOCH), expected, "{need:?} {row:?}");
    }
}
