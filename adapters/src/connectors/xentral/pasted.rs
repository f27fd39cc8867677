//! Joining: the instance's address and a personal access token, as a person pastes them.

use domain::port::{
    access::Fresh,
    connect::{Account, ConnectError, Granted, Pasted, PastedKeys},
    vault::{ExposeSecret as _, SecretString, hint},
};

use super::{
    client::{Ask, JSON, MINIMAL, keys_of},
    gather::READ_INVOICES,
    query::Query,
    wire,
};
use crate::http::{Answer, Http, HttpError, StatusCode, Url};

/// Where instances are that are known by their id alone.
const HOME: &str = "xentral.biz";

/// Checks pasted keys. Stateless.
pub(super) struct XentralPasted {
    pub http: Http,
}

#[async_trait::async_trait]
impl Pasted for XentralPasted {
    async fn check(&self, pasted: &PastedKeys) -> Result<Granted, ConnectError> {
        let base = self.http.address(&address(pasted.address.as_deref())?)?;
        let token = SecretString::from(pasted.key.expose_secret().trim().to_owned());
        if token.expose_secret().is_empty() {
            return Err(ConnectError::Refused("the access token is empty".into()));
        }
        self.prove(&base, &token).await?;
        Ok(Granted {
            fresh: Fresh { keys: keys_of(&token), good_for: None, scopes: Vec::new() },
            accounts: vec![account(&base)?],
            hint: hint(token.expose_secret()),
        })
    }
}

impl XentralPasted {
    /// One small page of each version: the invoices are read from v3, what is outstanding from v1.
    async fn prove(&self, base: &Url, token: &SecretString) -> Result<(), ConnectError> {
        let v3 = Ask::get("/api/v3/invoices", Query::default().with("perPage", "1"), JSON);
        listed(&self.ask(&v3, base, token).await?)?;
        let page = Query::default().with("page[number]", "1").with("page[size]", "10");
        listed(&self.ask(&Ask::get("/api/v1/invoices", page, MINIMAL), base, token).await?)
    }

    async fn ask(&self, ask: &Ask<'_>, base: &Url, token: &SecretString) -> Result<Answer, ConnectError> {
        let answer = ask.send(&self.http, base, token).await?;
        match answer.status {
            StatusCode::OK => Ok(answer),
            StatusCode::UNAUTHORIZED => Err(ConnectError::Refused("Xentral refuses this access token".into())),
            StatusCode::FORBIDDEN => Err(ConnectError::Missing(format!(
                "the access token lacks the right {READ_INVOICES}: give it in Xentral under Account settings, Developer Settings"
            ))),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_ACCEPTABLE | StatusCode::GONE => {
                Err(ConnectError::BadAddress(format!("{} does not answer {} as Xentral does", answer.host, ask.name())))
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(ConnectError::Unavailable(format!("{} answers {}: try again later", answer.host, status.as_u16())))
            }
            _ => Err(ConnectError::BadAddress(answer.unexpected().to_string())),
        }
    }
}

/// A server that answers something else is not Xentral.
fn listed(answer: &Answer) -> Result<(), ConnectError> {
    let list: Result<wire::List, HttpError> = answer.json();
    list.map(drop).map_err(|error| ConnectError::BadAddress(error.to_string()))
}

/// The address as a person gives it: `acme`, `acme.xentral.biz`, `https://erp.acme.example/index.php?…`.
///
/// # Errors
///
/// [`ConnectError::BadAddress`].
pub(super) fn address(given: Option<&str>) -> Result<String, ConnectError> {
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    let given = given.ok_or_else(|| ConnectError::BadAddress("the address of the Xentral instance is missing".into()))?;
    if is_id(given) && !given.eq_ignore_ascii_case("localhost") {
        return Ok(format!("https://{}.{HOME}", given.to_ascii_lowercase()));
    }
    let with_scheme = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let mut url = Url::parse(&with_scheme).map_err(|_| ConnectError::BadAddress("this is not an address like acme.xentral.biz".into()))?;
    url.set_path("");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.to_string())
}

fn is_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The account: Xentral's API tells neither a name nor a currency, so the host stands for the instance.
fn account(base: &Url) -> Result<Account, ConnectError> {
    let host = base.host_str().ok_or_else(|| ConnectError::BadAddress("the address has no host".into()))?;
    let place = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok(Account {
        name: host.strip_suffix(&format!(".{HOME}")).unwrap_or(host).to_owned(),
        base_url: Some(format!("{}://{place}", base.scheme())),
        external_id: place,
        connection_id: None,
        time_zone: None,
        currency: None,
        country: None,
    })
}
