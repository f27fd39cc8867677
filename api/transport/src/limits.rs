//! Every limit of the transport, by name. What a limit protects is said beside it; the numbers are defaults.

use std::time::Duration;

/// Limits of documents, bodies, sockets and streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one GraphQL document.
    pub query_bytes: usize,
    /// Lexical tokens of one document; counted before it is parsed.
    pub tokens: usize,
    /// Nested braces, brackets and parentheses; counted before parsing, so that no parser recurses on an attacker's behalf.
    pub nesting: usize,
    /// Nested fields, fragments expanded. The introspection query of tools needs 15.
    pub depth: usize,
    /// Aliases written in the document.
    pub aliases: usize,
    /// Operations in the document.
    pub operations: usize,
    /// Directives written in the document.
    pub directives: usize,
    /// Fields at the root of an operation, fragments expanded.
    pub root_fields: usize,
    /// Selections of all operations, fragments expanded.
    pub selections: u64,
    /// Errors reported for one document.
    pub errors: usize,
    /// Documents whose verdict is kept.
    pub cached_documents: usize,
    /// Documents that callers may register under their hash (automatic persisted queries); 0: none.
    pub persisted_documents: usize,
    /// Bytes of all of them together.
    pub persisted_bytes: usize,
    /// Bytes of a request body.
    pub body_bytes: usize,
    /// Time to receive a request body.
    pub body_timeout: Duration,
    /// Time to execute a query or mutation.
    pub execution_timeout: Duration,
    /// Bytes of a WebSocket message, whole or in fragments.
    pub message_bytes: usize,
    /// Time from the handshake to `connection_init`.
    pub init_timeout: Duration,
    /// Operations running at once on one socket.
    pub socket_operations: usize,
    /// Sockets and event streams open at once in this process.
    pub connections: usize,
    /// Of them, those of one holder, as [`Admission::held_by`](crate::Admission::held_by) names it.
    pub holder_connections: usize,
    /// Time a message may wait for a slow reader before the socket is given up.
    pub write_timeout: Duration,
    /// Pause between keep-alives of sockets and streams; a socket silent for two of them is gone.
    pub keep_alive: Duration,
    /// Pause between questions whether an admission still holds; bounds how long a revoked key keeps listening.
    pub recheck_every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query_bytes: 64 * 1024,
            tokens: 2_000,
            nesting: 40,
            depth: 15,
            aliases: 30,
            operations: 10,
            directives: 50,
            root_fields: 30,
            selections: 10_000,
            errors: 10,
            cached_documents: 1_024,
            persisted_documents: 1_024,
            persisted_bytes: 4 * 1024 * 1024,
            body_bytes: 1024 * 1024,
            body_timeout: Duration::from_secs(30),
            execution_timeout: Duration::from_secs(30),
            message_bytes: 1024 * 1024,
            init_timeout: Duration::from_secs(10),
            socket_operations: 50,
            connections: 10_000,
            holder_connections: 200,
            write_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(12),
            recheck_every: Duration::from_secs(2),
        }
    }
}
