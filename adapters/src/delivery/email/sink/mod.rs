//! A mail server for tests: speaks as much SMTP as a client needs, follows a script, keeps what it was given. Its
//! certificate is for `localhost`, by an authority whose key nobody has.

use std::{sync::Arc, time::Duration};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::Mutex,
};
use tokio_rustls::TlsAcceptor;

/// Whom to trust to trust this server.
pub(super) const AUTHORITY: &[u8] = include_bytes!("authority.pem");

/// What the server does differently from a friendly one.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// Answers instead of the friendly ones, by the command's beginning (`MAIL`, `RCPT`, `DATA`, `AUTH`, and `.` for the
    /// end of the content). An empty answer closes the connection.
    pub answers: Vec<(&'static str, &'static str)>,
    /// Extensions, one per line. `STARTTLS` is really done.
    pub extensions: Vec<&'static str>,
    /// TLS from the first byte.
    pub implicit_tls: bool,
    /// Close each connection after a mail.
    pub close_after_mail: bool,
    /// Think about the recipient for so long.
    pub slow_recipient: Duration,
    /// Never answer the end of the content.
    pub silent_after_content: bool,
}

/// What was received.
#[derive(Debug, Clone, Default)]
pub(super) struct Received {
    pub connections: usize,
    /// Commands; those inside TLS begin with `TLS `.
    pub commands: Vec<String>,
    /// Contents as the client meant them, dots unstuffed, whole ones only.
    pub mails: Vec<String>,
}

pub(super) struct Sink {
    pub port: u16,
    received: Arc<Mutex<Received>>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// One connection.
struct Session {
    stream: BufReader<Box<dyn Stream>>,
    script: Script,
    received: Arc<Mutex<Received>>,
    inside_tls: bool,
}

impl Sink {
    pub(super) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Received::default()));
        let shared = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().await.connections += 1;
                let stream = BufReader::new(Box::new(stream) as Box<dyn Stream>);
                let session = Session { stream, script: script.clone(), received: Arc::clone(&shared), inside_tls: false };
                tokio::spawn(session.serve());
            }
        });
        Self { port, received }
    }

    pub(super) async fn received(&self) -> Received {
        self.received.lock().await.clone()
    }
}

impl Session {
    async fn serve(mut self) -> Option<()> {
        if self.script.implicit_tls {
            self = self.enter_tls().await?;
        }
        let greeting = self.answer("GREETING", "220 sink ready");
        self.say(&greeting).await?;
        loop {
            let command = self.line().await?.trim_end().to_owned();
            let mark = if self.inside_tls { "TLS " } else { "" };
            self.received.lock().await.commands.push(format!("{mark}{command}"));
            let verb = command.get(..4).unwrap_or_default().to_uppercase();
            let friendly = match verb.as_str() {
                "EHLO" => self.hello(),
                "DATA" => "354 go on".into(),
                "QUIT" => "221 bye".into(),
                "AUTH" => "235 welcome".into(),
                _ => "250 ok".into(),
            };
            if verb == "RCPT" {
                tokio::time::sleep(self.script.slow_recipient).await;
            }
            let said = self.answer(&verb, &friendly);
            self.say(&said).await?;
            match verb.as_str() {
                "QUIT" => return None,
                "STAR" => self = self.enter_tls().await?,
                "DATA" if said.starts_with("354") => self.content().await?,
                _ => {}
            }
        }
    }

    async fn enter_tls(self) -> Option<Self> {
        let stream = acceptor().accept(self.stream.into_inner()).await.ok()?;
        Some(Self { stream: BufReader::new(Box::new(stream)), inside_tls: true, ..self })
    }

    async fn content(&mut self) -> Option<()> {
        let mut mail = String::new();
        loop {
            let line = self.line().await?;
            if line == ".\r\n" {
                break;
            }
            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        self.received.lock().await.mails.push(mail);
        if self.script.silent_after_content {
            self.stream.read_u8().await.ok()?;
        }
        let said = self.answer(".", "250 2.0.0 queued as 42");
        self.say(&said).await?;
        (!self.script.close_after_mail).then_some(())
    }

    fn hello(&self) -> String {
        let mut lines = vec!["sink"];
        lines.extend(self.script.extensions.iter().filter(|extension| !(self.inside_tls && **extension == "STARTTLS")));
        let last = lines.len() - 1;
        let lines: Vec<String> =
            lines.iter().enumerate().map(|(index, line)| format!("250{}{line}", if index == last { ' ' } else { '-' })).collect();
        lines.join("\r\n")
    }

    fn answer(&self, to: &str, friendly: &str) -> String {
        self.script.answers.iter().find(|(verb, _)| *verb == to).map_or(friendly, |(_, answer)| answer).to_owned()
    }

    /// None closes the connection.
    async fn say(&mut self, text: &str) -> Option<()> {
        if text.is_empty() {
            return None;
        }
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
        self.stream.flush().await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await.ok()?;
        (read > 0).then_some(line)
    }
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}
