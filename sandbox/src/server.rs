//! Starting and ending a stand-in: one HTTP server of its own per provider, so that a test runs many at once.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    web::{Data, ServiceConfig},
};

use crate::{
    amili::AmiliControl,
    calls::CallLog,
    control,
    fault::Faults,
    frame::Frame,
    gate::{gate, keep_wire},
    options::{Options, Provider},
    post::{lob::LobControl, pingen::PingenControl},
    poweroffice::PowerOfficeControl,
    xentral::XentralControl,
    xero::XeroControl,
};

/// Threads that answer calls: enough to have a slow answer beside others, few enough for many stand-ins in a test.
const WORKERS: usize = 2;

/// Bytes of a request's body at most.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Why a stand-in did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours.
    #[error("cannot listen on {listen}")]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// What it holds at first could not be made.
    #[error("the samples could not be made")]
    Samples,
}

/// The provider's own part.
#[derive(Clone)]
enum Control {
    Xero(Arc<XeroControl>),
    Xentral(Arc<XentralControl>),
    PowerOffice(Arc<PowerOfficeControl>),
    Amili(Arc<AmiliControl>),
    Pingen(Arc<PingenControl>),
    Lob(Arc<LobControl>),
}

impl Control {
    fn new(frame: &Arc<Frame>) -> Self {
        match frame.provider {
            Provider::Xero => Self::Xero(Arc::new(XeroControl::new(frame))),
            Provider::Xentral => Self::Xentral(Arc::new(XentralControl::new(frame))),
            Provider::PowerOffice => Self::PowerOffice(Arc::new(PowerOfficeControl::new(frame))),
            Provider::Amili => Self::Amili(Arc::new(AmiliControl::new(frame))),
            Provider::Pingen => Self::Pingen(Arc::new(PingenControl::new(frame))),
            Provider::Lob => Self::Lob(Arc::new(LobControl::new(frame))),
        }
    }

    /// Adds the provider's paths: its own, those below `/_control/`, and the page at `/`.
    fn routes(&self, config: &mut ServiceConfig) {
        match self {
            Self::Xero(control) => crate::xero::routes(control, config),
            Self::Xentral(control) => crate::xentral::routes(control, config),
            Self::PowerOffice(control) => crate::poweroffice::routes(control, config),
            Self::Amili(control) => crate::amili::routes(control, config),
            Self::Pingen(control) => crate::post::pingen::routes(control, config),
            Self::Lob(control) => crate::post::lob::routes(control, config),
        }
    }
}

/// A stand-in that runs. Dropping it without [`Running::stop`] ends it, too, a moment later.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    frame: Arc<Frame>,
    control: Control,
    server: ServerHandle,
}

/// Starts a stand-in; port 0 takes any that is free.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(provider: Provider, listen: SocketAddr, options: Options) -> Result<Running, Error> {
    let frame = Arc::new(Frame::new(provider, options));
    let made = frame.clone();
    // A million invoices take seconds to invent.
    let control = tokio::task::spawn_blocking(move || Control::new(&made)).await.map_err(|_| Error::Samples)?;
    let (shared, own) = (Data::from(frame.clone()), control.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .app_data(actix_web::web::PayloadConfig::new(BODY_LIMIT))
            .wrap(from_fn(gate))
            .configure(control::routes)
            .configure(|config| own.routes(config))
    });
    let server = server.on_connect(keep_wire).workers(WORKERS).disable_signals().shutdown_timeout(0);
    let server = server.bind(listen).map_err(|source| Error::Listen { listen, source })?;
    let addr = server.addrs().first().copied().unwrap_or(listen);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(Running { addr, frame, control, server: handle })
}

impl Running {
    /// Where the provider's paths begin, without a slash at the end. A stand-in that listens everywhere is reached on
    /// this machine.
    pub fn url(&self) -> String {
        let host = match self.addr.ip() {
            IpAddr::V4(Ipv4Addr::LOCALHOST | Ipv4Addr::UNSPECIFIED) => "127.0.0.1".to_owned(),
            IpAddr::V4(other) => other.to_string(),
            IpAddr::V6(other) => format!("[{other}]"),
        };
        format!("http://{host}:{}", self.addr.port())
    }

    /// The faults it can be told to have.
    pub fn faults(&self) -> &Faults {
        &self.frame.faults
    }

    /// The calls it received.
    pub fn calls(&self) -> &CallLog {
        &self.frame.calls
    }

    /// Xero's control.
    ///
    /// # Panics
    /// When another provider was started.
    pub fn xero(&self) -> &XeroControl {
        let Control::Xero(control) = &self.control else { panic!("this is a stand-in of {}", self.frame.provider) };
        control
    }

    /// Xentral's control.
    ///
    /// # Panics
    /// When another provider was started.
    pub fn xentral(&self) -> &XentralControl {
        let Control::Xentral(control) = &self.control else { panic!("this is a stand-in of {}", self.frame.provider) };
        control
    }

    /// PowerOffice's control.
    ///
    /// # Panics
    /// When another provider was started.
    pub fn poweroffice(&self) -> &PowerOfficeControl {
        let Control::PowerOffice(control) = &self.control else { panic!("this is a stand-in of {}", self.frame.provider) };
        control
    }

    /// Amili's control.
    ///
    /// # Panics
    /// When another provider was started.
    pub fn amili(&self) -> &AmiliControl {
        let Control::Amili(control) = &self.control else { panic!("this is a stand-in of {}", self.frame.provider) };
        control
    }

    /// Pingen's control.
    ///
    /// # Panics
    /// When another provider was started.
    pub fn pingen(&self) -> &PingenControl {
        let Control::Pingen(control) = &self.control else { panic!("this is a stand-in of {}", self.frame.provider) };
        control
    }

    /// Lob's control.
    ///
    /// # Panics
    /// When another provider was started.
    pub fn lob(&self) -> &LobControl {
        let Control::Lob(control) = &self.control else { panic!("this is a stand-in of {}", self.frame.provider) };
        control
    }

    /// Ends it and closes its connections.
    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The command is sent at once; only its completion would have to be waited for.
        drop(self.server.stop(false));
    }
}
