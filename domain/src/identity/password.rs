//! Passwords: Argon2id with 19 MiB, two passes, one lane, on a blocking thread. Checking one for nobody costs as much
//! as checking one for somebody, so that time tells nothing.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    clock::Entropy,
    error::{Error, Refusal, RefusalCode, Result},
};

/// Shortest password that a person may choose, in characters.
pub const MIN_CHARS: usize = 10;

/// Longest password, in bytes; more is never hashed.
pub const MAX_BYTES: usize = 256;

/// Memory of one hash in KiB, passes and lanes: OWASP's first choice for Argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes under way at once: each takes 19 MiB and a core for some 30 ms.
static HASHING: Semaphore = Semaphore::const_new(4);

/// Nobody's password: checked when there is nobody to check.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Error::Bug(format!("parameters of Argon2: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Checks a password that a person chooses.
///
/// # Errors
///
/// `INVALID` when it is too short, `TOO_LONG`.
pub fn check(password: &str) -> Result<(), Refusal> {
    if password.chars().count() < MIN_CHARS {
        return Err(Refusal::new(RefusalCode::Invalid, format!("a password has at least {MIN_CHARS} characters")).at("password"));
    }
    if password.len() > MAX_BYTES {
        return Err(Refusal::new(RefusalCode::TooLong, format!("a password has at most {MAX_BYTES} bytes")).at("password"));
    }
    Ok(())
}

/// Hashes a password into the form of PHC.
///
/// # Errors
///
/// See [`check`].
pub async fn hash(entropy: &dyn Entropy, password: &str) -> Result<String> {
    check(password)?;
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    let password = password.to_owned();
    in_turn(move || {
        let hash: PasswordHash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(|e| Error::Bug(e.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password is the one that was hashed; for none it takes the same time and says no.
///
/// # Errors
///
/// When the stored hash cannot be read.
pub async fn verify(password: &str, stored: Option<String>) -> Result<bool> {
    // A password that nobody may have is not worth a gigabyte of hashing, but the same time.
    let (password, possible) = if password.len() > MAX_BYTES { (String::new(), false) } else { (password.to_owned(), true) };
    in_turn(move || {
        let exists = stored.is_some();
        let parsed = PasswordHash::new(stored.as_deref().unwrap_or(NOBODY)).map_err(|e| Error::Bug(format!("a password's hash: {e}")))?;
        let fits = hasher()?.verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(fits && exists && possible)
    })
    .await
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _turn = HASHING.acquire().await.map_err(|e| Error::Bug(e.to_string()))?;
    spawn_blocking(work).await.map_err(|e| Error::Bug(format!("hashing: {e}")))?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[tokio::test]
    async fn only_the_password_itself_fits_its_hash() {
        let stored = hash(&Fixed, "correct horse").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("correct horse", Some(stored.clone())).await.unwrap());
        assert!(!verify("correct horse ", Some(stored.clone())).await.unwrap());
        assert!(!verify("", Some(stored)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        for password in ["", "anything at all", &"x".repeat(MAX_BYTES + 1)] {
            assert!(!verify(password, None).await.unwrap());
        }
        // The stand-in is computed in full, not refused for its form.
        assert!(PasswordHash::new(NOBODY).unwrap().hash.is_some());
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(check("ten chars").unwrap_err().code, RefusalCode::Invalid);
        assert_eq!(check("ten chars!"), Ok(()));
        assert_eq!(check(&"x".repeat(MAX_BYTES + 1)).unwrap_err().code, RefusalCode::TooLong);
    }
}
