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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[tokio::test]
    async fn accepted_sockets_give_up_on_bytes_that_nobody_reads() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        on_connect(&stream, &mut Extensions::new());
        assert_eq!(socket2::SockRef::from(&stream).tcp_user_timeout().unwrap(), Some(UNREAD));
    }
}
