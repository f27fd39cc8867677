//! Stopping cleanly: Ctrl-C and SIGTERM end the process the same way, whatever it runs.

use tokio_util::sync::CancellationToken;

/// A token that is cancelled by Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once.
///
/// # Errors
///
/// When the signals cannot be heard.
pub fn token() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let cancelled = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        eprintln!("dunwell: stopping; running work is finished first");
        cancelled.cancel();
        interrupt.recv().await;
        std::process::exit(130);
    });
    Ok(token)
}
