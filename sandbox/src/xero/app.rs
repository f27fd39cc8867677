//! The registration of an app with Xero: who may ask a person for consent, and where the person is led back to.

/// A registered app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The client id.
    pub client_id: String,
    /// The client secret, as sent with Basic authentication.
    pub client_secret: String,
    /// Where consent may lead back to, compared letter by letter. While the list is empty, everywhere that Xero allows
    /// to be registered is accepted: https, and plain http on `localhost` alone.
    pub redirect_uris: Vec<String>,
    /// The key that webhooks are signed with.
    pub webhook_key: String,
    /// Calls a day for each organisation: 5,000, or 1,000 in Xero's free tier since March 2026.
    pub calls_a_day: u32,
}

impl App {
    /// Whether consent may lead back there.
    pub fn allows_redirect(&self, uri: &str) -> bool {
        if !self.redirect_uris.is_empty() {
            return self.redirect_uris.iter().any(|registered| registered == uri);
        }
        let local = uri.strip_prefix("http://localhost").is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
        local || uri.starts_with("https://")
    }
}

impl Default for App {
    fn default() -> Self {
        Self {
            client_id: "sandbox-client".to_owned(),
            client_secret: "sandbox-secret".to_owned(),
            redirect_uris: Vec::new(),
            webhook_key: "sandbox-webhook-key".to_owned(),
            calls_a_day: 5_000,
        }
    }
}
