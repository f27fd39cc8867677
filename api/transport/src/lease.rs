//! How long an admission lasts on a connection that stays open.

use std::{future::pending, time::Duration};

use futures_util::future::BoxFuture;
use tokio::time::sleep;

use crate::gate::Admission;

/// Resolves when the admission is over: its time has come, or the gate no longer stands by it.
pub(crate) fn end(admission: &Admission, recheck_every: Duration) -> BoxFuture<'static, ()> {
    let expires_after = admission.expires_after;
    let recheck = admission.recheck.clone();
    Box::pin(async move {
        let expiry = async {
            match expires_after {
                Some(remaining) => sleep(remaining).await,
                None => pending().await,
            }
        };
        let revocation = async {
            match recheck {
                Some(still_valid) => loop {
                    sleep(recheck_every).await;
                    if !still_valid().await {
                        break;
                    }
                },
                None => pending().await,
            }
        };
        tokio::select! {
            () = expiry => {}
            () = revocation => {}
        }
    })
}
