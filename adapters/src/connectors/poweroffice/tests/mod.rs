//! What the connector does over HTTP.
