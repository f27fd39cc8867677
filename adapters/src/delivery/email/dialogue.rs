//! The dialogue with one mail server over a few kept connections, step by step, so that it is known at every instant
//! whether the server can have accepted the mail.

use std::{future::Future, time::Duration};

use domain::port::{Receipt, SendError};
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail as MailFrom, Rcpt},
    extension::{ClientId, Extension, MailParameter},
    response::Response,
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
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl Server {
    pub(super) fn new(settings: SmtpSettings, tls: Option<TlsParameters>) -> Self {
        Self { slots: Semaphore::new(settings.pool_size), idle: Mutex::default(), settings, tls }
    }

    /// Hands a mail over, once.
    pub(super) async fn deliver(&self, mail: &Mail, deadline: Deadline) -> Result<Receipt, SendError> {
        let _slot = deadline.within(self.slots.acquire()).await?.map_err(|_| shut())?;
        // Dropped without a last line, a connection leaves the server with nothing it could accept.
        let mut connection = deadline.within(Box::pin(self.ready(mail))).await??;
        deadline.check()?;
        let answer = tokio::time::timeout(self.settings.timeout, connection.message(&mail.content)).await;
        let answer = answer.map_err(|_| SendError::Unknown { message: "the mail server did not answer in time after the mail".into() })?;
        let response = answer.map_err(|error| sort(Step::Content, &error))?;
        self.keep(connection).await;
        Ok(Receipt { provider_id: response.first_line().map(said).filter(|line| !line.is_empty()), ..Receipt::default() })
    }

    /// A connection on which the server waits for the mail's content. One that was kept may have been closed by the
    /// server meanwhile: then a new one is tried, nothing having been handed over yet.
    async fn ready(&self, mail: &Mail) -> Result<AsyncSmtpConnection, SendError> {
        let kept = self.idle.lock().await.pop();
        if let Some(mut connection) = kept {
            match self.announce(&mut connection, mail).await {
                Ok(()) => return Ok(connection),
                Err(Refused::Answered(error)) => {
                    leave(connection).await;
                    return Err(error);
                }
                Err(Refused::Lost(_)) => {}
            }
        }
        let mut connection = self.open().await?;
        match self.announce(&mut connection, mail).await {
            Ok(()) => Ok(connection),
            Err(Refused::Answered(error)) => {
                leave(connection).await;
                Err(error)
            }
            Err(Refused::Lost(error)) => Err(error),
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, SendError> {
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
        Ok(connection)
    }

    /// Sender, recipient, and the question whether the content may come.
    async fn announce(&self, connection: &mut AsyncSmtpConnection, mail: &Mail) -> Result<(), Refused> {
        let mut options = Vec::new();
        if mail.international {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let message = "the mail server cannot send to addresses with letters outside ASCII".to_owned();
                return Err(Refused::Answered(SendError::Rejected { code: "ADDRESS_UNSUPPORTED".into(), message }));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        self.asked(Step::Sender, connection.command(MailFrom::new(Some(mail.from.clone()), options))).await?;
        self.asked(Step::Recipient, connection.command(Rcpt::new(mail.to.clone(), Vec::new()))).await?;
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

    async fn keep(&self, connection: AsyncSmtpConnection) {
        if connection.has_broken() {
            return;
        }
        let mut idle = self.idle.lock().await;
        if idle.len() < self.settings.pool_size {
            idle.push(connection);
        }
    }
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
