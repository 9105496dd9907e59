//! How answers are hidden in a store that others can read.
//!
//! Everything comes from one secret of the operator. An answer's address is a keyed digest, so it
//! tells neither the token nor the path; its content is encrypted, and bound to its address and
//! epoch, so that it cannot be moved. A gateway with another secret computes other addresses: to
//! change the secret is to begin with an empty cache.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, AeadCore, KeyInit, OsRng, Payload},
};
use secrecy::{ExposeSecret, SecretString};

/// Where an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address([u8; 32]);

impl Address {
    /// The address as text, for the name of a key.
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

/// Hides answers and finds them again.
pub struct Sealing {
    cipher: XChaCha20Poly1305,
    digest_key: [u8; 32],
}

const NONCE: usize = 24;

impl Sealing {
    /// Everything is derived from `secret`.
    pub fn new(secret: &SecretString) -> Self {
        let derive = |purpose| blake3::derive_key(purpose, secret.expose_secret().as_bytes());
        Self {
            cipher: XChaCha20Poly1305::new(&derive("haulgraph 2026 shared cache, contents").into()),
            digest_key: derive("haulgraph 2026 shared cache, addresses"),
        }
    }

    /// The key for digests of credentials that go into addresses.
    pub fn digest_key(&self) -> &[u8; 32] {
        &self.digest_key
    }

    /// The address of what is named by these parts.
    pub fn address(&self, parts: &[&[u8]]) -> Address {
        let mut digest = blake3::Hasher::new_keyed(&self.digest_key);
        for part in parts {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Address(digest.finalize().into())
    }

    /// Encrypts `body` for one address and epoch. `None` if the cipher refuses its length.
    pub fn seal(&self, address: &Address, epoch: &str, body: &[u8]) -> Option<Vec<u8>> {
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload {
            msg: body,
            aad: &bound(address, epoch),
        };
        let mut sealed = nonce.to_vec();
        sealed.extend(self.cipher.encrypt(&nonce, payload).ok()?);
        Some(sealed)
    }

    /// Decrypts what was sealed with the same secret for this address and epoch.
    pub fn open(&self, address: &Address, epoch: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, content) = sealed.split_at_checked(NONCE)?;
        let payload = Payload {
            msg: content,
            aad: &bound(address, epoch),
        };
        self.cipher.decrypt(XNonce::from_slice(nonce), payload).ok()
    }
}

fn bound(address: &Address, epoch: &str) -> Vec<u8> {
    [&address.0, epoch.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealing(secret: &str) -> Sealing {
        Sealing::new(&SecretString::from(secret.to_owned()))
    }

    #[test]
    fn what_was_sealed_is_opened_at_its_own_address_and_epoch_only() {
        let own = sealing("an operator's secret");
        let (here, there) = (own.address(&[b"here"]), own.address(&[b"there"]));
        let sealed = own.seal(&here, "e1", b"a body").unwrap();
        assert_eq!(
            own.open(&here, "e1", &sealed).as_deref(),
            Some(&b"a body"[..])
        );
        assert_eq!(own.open(&there, "e1", &sealed), None);
        assert_eq!(own.open(&here, "e2", &sealed), None);
        assert_eq!(sealing("another secret").open(&here, "e1", &sealed), None);
    }

    #[test]
    fn changed_cut_or_invented_content_is_not_opened() {
        let own = sealing("an operator's secret");
        let here = own.address(&[b"here"]);
        let sealed = own.seal(&here, "e1", b"a body").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(own.open(&here, "e1", &changed), None, "byte {at}");
            assert_eq!(own.open(&here, "e1", &sealed[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn addresses_tell_their_parts_and_secrets_apart() {
        let own = sealing("an operator's secret");
        let address = own.address(&[b"ab", b"c"]);
        assert_eq!(address, own.address(&[b"ab", b"c"]));
        assert_ne!(address, own.address(&[b"a", b"bc"]));
        assert_ne!(address, sealing("another secret").address(&[b"ab", b"c"]));
    }

    #[test]
    fn a_body_is_not_readable_in_what_is_stored() {
        let own = sealing("an operator's secret");
        let here = own.address(&[b"here"]);
        let sealed = own.seal(&here, "e1", b"Invented Demolition").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"Invented"));
    }
}
