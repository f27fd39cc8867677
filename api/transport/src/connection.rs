//! What is set on each accepted socket. The time a peer may leave sent bytes unread is the kernel's to watch: once the
//! server's write buffer is full, nothing above the socket is polled any more.

use std::any::Any;
use std::time::Duration;

use actix_web::{dev::Extensions, rt::net::TcpStream};

/// Unread bytes may wait this long before the kernel drops the connection.
const UNREAD: Duration = Duration::from_secs(30);

/// For `HttpServer::on_connect`: a peer that stops reading loses its connection instead of keeping it forever.
pub fn on_connect(io: &dyn Any, _extensions: &mut Extensions) {
    let Some(stream) = io.downcast_ref::<TcpStream>() else { return };
    if let Err(error) = give_up_on_unread(stream) {
        tracing::debug!(%error, "socket option refused");
    }
}

#[cfg(target_os = "linux")]
fn give_up_on_unread(stream: &TcpStream) -> std::io::Result<()> {
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNREAD))
}

#[cfg(not(target_os = "linux"))]
fn give_up_on_unread(stream: &TcpStream) -> std::io::Result<()> {
    let keep_alive = socket2::TcpKeepalive::new().with_time(UNREAD);
    socket2::SockRef::from(stream).set_tcp_keepalive(&keep_alive)
}
