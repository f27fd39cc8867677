//! The dialogue with one mail server over a few kept connections, step by step, so that it is known at every instant
//! whether the server can have accepted the mail.

use std::{future::Future, time::Duration};

use domain::port::{Receipt, SendError};
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Ehlo, Mail as MailFrom, Rcpt},
        extension::{ClientId, Extension, MailParameter, RcptParameter},
        response::Response,
    },
};
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, Semaphore};

use super::{
    super::{deadline::Deadline, said},
    SmtpSettings, SmtpTls,
    mail::Mail,
    reply::{Step, sort},
};

/// Longest good-bye to a server.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// A server and the connections that are open to it.
pub(super) struct Server {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    slots: Semaphore,
    idle: Mutex<Vec<Line>>,
}

/// A connection, and whether the server reports what becomes of a mail.
struct Line {
    connection: AsyncSmtpConnection,
    reports: bool,
}

impl Server {
    pub(super) fn new(settings: SmtpSettings, tls: Option<TlsParameters>) -> Self {
        Self { slots: Semaphore::new(settings.pool_size), idle: Mutex::default(), settings, tls }
    }

    /// Hands a mail over, once.
    pub(super) async fn deliver(&self, mail: &Mail, deadline: Deadline) -> Result<Receipt, SendError> {
        let _slot = deadline.within(self.slots.acquire()).await?.map_err(|_| shut())?;
        // Dropped without a last line, a connection leaves the server with nothing it could accept.
        let mut line = deadline.within(Box::pin(self.ready(mail))).await??;
        deadline.check()?;
        let answer = tokio::time::timeout(self.settings.timeout, line.connection.message(&mail.content)).await;
        let answer = answer.map_err(|_| SendError::Unknown { message: "the mail server did not answer in time after the mail".into() })?;
        let response = answer.map_err(|error| sort(Step::Content, &error))?;
        let told = response.first_line().map(said).filter(|told| !told.is_empty());
        let proof = serde_json::json!({ "answer": told, "reportsAsked": line.reports });
        self.keep(line).await;
        Ok(Receipt { provider_id: told, proof: Some(proof), ..Receipt::default() })
    }

    /// A connection on which the server waits for the mail's content. One that was kept may have been closed by the
    /// server meanwhile: then a new one is tried, nothing having been handed over yet.
    async fn ready(&self, mail: &Mail) -> Result<Line, SendError> {
        let kept = self.idle.lock().await.pop();
        if let Some(mut line) = kept {
            match self.announce(&mut line, mail).await {
                Ok(()) => return Ok(line),
                Err(Refused::Answered(error)) => {
                    leave(line.connection).await;
                    return Err(error);
                }
                Err(Refused::Lost(_)) => {}
            }
        }
        let mut line = self.open().await?;
        match self.announce(&mut line, mail).await {
            Ok(()) => Ok(line),
            Err(Refused::Answered(error)) => {
                leave(line.connection).await;
                Err(error)
            }
            Err(Refused::Lost(error)) => Err(error),
        }
    }

    async fn open(&self) -> Result<Line, SendError> {
        let settings = &self.settings;
        let hello = ClientId::default();
        let implicit = if settings.tls == SmtpTls::Implicit { self.tls.clone() } else { None };
        let connect =
            AsyncSmtpConnection::connect_tokio1((settings.host.as_str(), settings.port), Some(settings.timeout), &hello, implicit, None);
        let mut connection = self.asked(Step::Connect, connect).await.map_err(Refused::into_error)?;
        if let (SmtpTls::StartTls, Some(tls)) = (settings.tls, &self.tls) {
            self.asked(Step::Connect, connection.starttls(tls.clone(), &hello)).await.map_err(Refused::into_error)?;
        }
        if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(username.clone(), password.expose_secret().to_owned());
            self.asked(Step::SignIn, connection.auth(DEFAULT_MECHANISMS, &credentials)).await.map_err(Refused::into_error)?;
        }
        let reports = self.offers_reports(&mut connection, &hello).await?;
        Ok(Line { connection, reports })
    }

    /// Asks once more what the server offers, inside TLS: the library forgets what it does not know, DSN (RFC 3461)
    /// among it.
    async fn offers_reports(&self, connection: &mut AsyncSmtpConnection, hello: &ClientId) -> Result<bool, SendError> {
        match self.asked(Step::Connect, connection.command(Ehlo::new(hello.clone()))).await {
            Ok(offers) => {
                Ok(offers.message().any(|line| line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("DSN"))))
            }
            Err(refused) => Err(refused.into_error()),
        }
    }

    /// Who a mail comes back to: an address of its own where one is set up for it.
    fn envelope_sender(&self, mail: &Mail) -> Address {
        let bounce = self.settings.bounce_address.as_ref().and_then(|address| address.rsplit_once('@'));
        let own = bounce.and_then(|(user, domain)| Address::new(format!("{user}+{}", mail.envelope_id), domain).ok());
        own.unwrap_or_else(|| mail.from.clone())
    }

    /// Sender, recipient, and the question whether the content may come.
    async fn announce(&self, line: &mut Line, mail: &Mail) -> Result<(), Refused> {
        let (connection, reports) = (&mut line.connection, line.reports);
        let mut options = Vec::new();
        if mail.international {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let message = "the mail server cannot send to addresses with letters outside ASCII".to_owned();
                return Err(Refused::Answered(SendError::Rejected { code: "ADDRESS_UNSUPPORTED".into(), message }));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let mut wishes = Vec::new();
        if reports {
            options.extend([other("RET", "HDRS".into()), other("ENVID", mail.envelope_id.clone())]);
            wishes.push(wish("NOTIFY", "FAILURE,DELAY".into()));
            // Another kind of address would be needed for letters outside ASCII (RFC 6533 § 3); without it they do too.
            if !mail.international {
                wishes.push(wish("ORCPT", format!("rfc822;{}", mail.to)));
            }
        }
        self.asked(Step::Sender, connection.command(MailFrom::new(Some(self.envelope_sender(mail)), options))).await?;
        self.asked(Step::Recipient, connection.command(Rcpt::new(mail.to.clone(), wishes))).await?;
        let go_on: Response = self.asked(Step::Ask, connection.command(Data)).await?;
        if go_on.has_code(354) {
            return Ok(());
        }
        let message = "the mail server answered out of order".to_owned();
        Err(Refused::Lost(SendError::Transient { message, retry_after: None }))
    }

    async fn asked<T>(&self, step: Step, question: impl Future<Output = Result<T, Error>>) -> Result<T, Refused> {
        match tokio::time::timeout(self.settings.timeout, question).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if error.status().is_some() => Err(Refused::Answered(sort(step, &error))),
            Ok(Err(error)) => Err(Refused::Lost(sort(step, &error))),
            Err(_) => {
                let message = "the mail server did not answer in time".to_owned();
                Err(Refused::Lost(SendError::Transient { message, retry_after: None }))
            }
        }
    }

    async fn keep(&self, line: Line) {
        if line.connection.has_broken() {
            return;
        }
        let mut idle = self.idle.lock().await;
        if idle.len() < self.settings.pool_size {
            idle.push(line);
        }
    }
}

/// The library writes values as xtext (RFC 3461 § 4).
fn other(keyword: &str, value: String) -> MailParameter {
    MailParameter::Other { keyword: keyword.to_owned(), value: Some(value) }
}

fn wish(keyword: &str, value: String) -> RcptParameter {
    RcptParameter::Other { keyword: keyword.to_owned(), value: Some(value) }
}

/// Why a step did not succeed.
enum Refused {
    /// The server said no.
    Answered(SendError),
    /// The connection is of no use any more.
    Lost(SendError),
}

impl Refused {
    fn into_error(self) -> SendError {
        match self {
            Self::Answered(error) | Self::Lost(error) => error,
        }
    }
}

/// Says good-bye; whether it is heard does not matter.
async fn leave(mut connection: AsyncSmtpConnection) {
    if tokio::time::timeout(QUIT_TIMEOUT, connection.abort()).await.is_err() {
        tracing::debug!("a mail server did not answer the good-bye");
    }
}

fn shut() -> SendError {
    SendError::Transient { message: "the channel is being shut".into(), retry_after: None }
}
