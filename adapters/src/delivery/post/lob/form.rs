//! A form with a file in it (RFC 7578).

use entity::DeliveryId;

/// Fields and a file, as bytes.
pub(super) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// An empty form. The boundary is made from the delivery's id, so that a repeated hand-over is the same bytes; that
    /// id is in no letter.
    pub(super) fn new(delivery: DeliveryId) -> Self {
        Self { boundary: format!("letter-{}", delivery.0.simple()), body: Vec::new() }
    }

    /// Adds a text; line ends and control characters become spaces.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let value: String = value.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
        self.part(&format!("name=\"{name}\""), None, value.as_bytes());
    }

    /// Adds a file.
    pub(super) fn file(&mut self, name: &str, file_name: &str, media_type: &str, bytes: &[u8]) {
        self.part(&format!("name=\"{name}\"; filename=\"{file_name}\""), Some(media_type), bytes);
    }

    fn part(&mut self, disposition: &str, media_type: Option<&str>, bytes: &[u8]) {
        let media_type = media_type.map(|media_type| format!("Content-Type: {media_type}\r\n")).unwrap_or_default();
        let head = format!("--{}\r\nContent-Disposition: form-data; {disposition}\r\n{media_type}\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(bytes);
        self.body.extend_from_slice(b"\r\n");
    }

    /// Its media type and its bytes.
    pub(super) fn finish(mut self) -> (String, Vec<u8>) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), self.body)
    }
}
