//! Who is asking: the caller's credentials, and the [`Scope`] that keeps callers apart.
//!
//! A credential goes to the upstream it was mapped to and to no other. Everything that is cached,
//! shared or batched is keyed by a [`Scope`], so that one caller's answer can never become
//! another's: the scope holds a keyed digest of the credential, compared in full.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, LazyLock, OnceLock},
};

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use crate::ids::{InvalidId, TenantId};

/// One of the three REST APIs behind the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// CRO Software: customers, yards, haulers.
    Cro,
    /// Trans.eu: routes and contracts.
    TransEu,
    /// Crux Connect: trading connections.
    Crux,
}

impl Service {
    /// All of them, in the order in which they are listed everywhere.
    pub const ALL: [Self; 3] = [Self::Cro, Self::TransEu, Self::Crux];

    /// The name in errors, logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cro => "cro",
            Self::TransEu => "trans-eu",
            Self::Crux => "crux",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// From which of the caller's headers each credential is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderMapping {
    /// Bearer token for CRO.
    pub cro_authorization: http::HeaderName,
    /// CRO tenant.
    pub cro_tenant: http::HeaderName,
    /// Bearer token for Trans.eu.
    pub trans_eu_authorization: http::HeaderName,
    /// Application key for Trans.eu; the configured key is used when the caller sends none.
    pub trans_eu_api_key: http::HeaderName,
    /// Token for Crux Connect.
    pub crux_authorization: http::HeaderName,
}

impl HeaderMapping {
    /// All headers that say who a caller is, each once.
    pub fn names(&self) -> Vec<http::HeaderName> {
        let mut names = Vec::new();
        for name in self.all() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    fn all(&self) -> [&http::HeaderName; 5] {
        [
            &self.cro_authorization,
            &self.cro_tenant,
            &self.trans_eu_authorization,
            &self.trans_eu_api_key,
            &self.crux_authorization,
        ]
    }

    /// A digest of each credential in these headers, without what stands beside it, and however its
    /// scheme is written. Application keys are none: all callers of an application may send the same.
    pub fn credentials_in(&self, headers: &HeaderMap) -> Vec<[u8; 32]> {
        // With one identity provider, one header is all three.
        let names: BTreeSet<&str> = [
            self.cro_authorization.as_str(),
            self.trans_eu_authorization.as_str(),
            self.crux_authorization.as_str(),
        ]
        .into();
        let digest = |name: &str| {
            let value = text(headers, name)?;
            let mut digest = blake3::Hasher::new_keyed(&PROCESS_KEY);
            digest.update(name.as_bytes());
            for word in value.split_ascii_whitespace() {
                digest.update(b" ");
                digest.update(word.to_ascii_lowercase().as_bytes());
            }
            Some(digest.finalize().into())
        };
        names.into_iter().filter_map(digest).collect()
    }
}

/// A credential that is needed but was not sent; the text names the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingHeader(pub String);

/// The caller's credentials for one request. They have no `Debug` and no `Display`.
pub struct Credentials {
    mapping: Arc<HeaderMapping>,
    cro: Option<SecretString>,
    tenant: Option<Result<TenantId, InvalidId>>,
    trans_eu: Option<SecretString>,
    trans_eu_api_key: Option<SecretString>,
    crux: Option<SecretString>,
    /// Of each upstream's credential, once it was asked for: a list asks for every key.
    digests: [OnceLock<[u8; 32]>; Service::ALL.len()],
}

impl Credentials {
    /// Takes the mapped headers out of a request; `api_key` is the configured Trans.eu key.
    pub fn read(
        mapping: &Arc<HeaderMapping>,
        headers: &HeaderMap,
        api_key: Option<&SecretString>,
    ) -> Self {
        let secret = |name: &http::HeaderName| {
            text(headers, name).map(|value| SecretString::from(value.to_owned()))
        };
        Self {
            cro: secret(&mapping.cro_authorization),
            tenant: text(headers, &mapping.cro_tenant).map(str::parse),
            trans_eu: secret(&mapping.trans_eu_authorization),
            trans_eu_api_key: secret(&mapping.trans_eu_api_key).or_else(|| api_key.cloned()),
            crux: secret(&mapping.crux_authorization),
            mapping: Arc::clone(mapping),
            digests: Default::default(),
        }
    }

    /// The `authorization` value for `service`.
    ///
    /// # Errors
    /// The caller did not send the header that is mapped to it.
    pub fn authorization(&self, service: Service) -> Result<&SecretString, MissingHeader> {
        let (value, header) = match service {
            Service::Cro => (&self.cro, &self.mapping.cro_authorization),
            Service::TransEu => (&self.trans_eu, &self.mapping.trans_eu_authorization),
            Service::Crux => (&self.crux, &self.mapping.crux_authorization),
        };
        value.as_ref().ok_or_else(|| missing(header))
    }

    /// The Trans.eu application key.
    ///
    /// # Errors
    /// Neither the caller nor the configuration has one.
    pub fn api_key(&self) -> Result<&SecretString, MissingHeader> {
        self.trans_eu_api_key
            .as_ref()
            .ok_or_else(|| missing(&self.mapping.trans_eu_api_key))
    }

    /// The CRO tenant of the caller's header: absent, malformed or present.
    pub fn tenant(&self) -> Option<&Result<TenantId, InvalidId>> {
        self.tenant.as_ref()
    }

    /// Name of the header that carries the CRO tenant.
    pub fn tenant_header(&self) -> String {
        title_case(&self.mapping.cro_tenant)
    }

    /// The application in whose name `service` is called, where callers may bring keys of their own.
    /// `None`: the gateway is one application.
    pub fn application(&self, service: Service) -> Option<Digest> {
        let key = match service {
            Service::TransEu => self.trans_eu_api_key.as_ref()?,
            Service::Cro | Service::Crux => return None,
        };
        let digest = blake3::keyed_hash(&PROCESS_KEY, key.expose_secret().as_bytes());
        Some(Digest(digest.into()))
    }

    /// Stands for what `service` is sent of the caller's credentials. `None` if that is not all it needs.
    pub fn stand_in(&self, service: Service) -> Option<Digest> {
        self.credential(service).ok().map(Digest)
    }

    /// Names the caller in logs, without telling who it is: a keyed digest of all credentials. `None`
    /// if there is none.
    pub fn pseudonym(&self) -> Option<String> {
        let secrets = [&self.cro, &self.trans_eu, &self.crux];
        secrets.iter().any(|secret| secret.is_some()).then(|| {
            let mut digest = blake3::Hasher::new_keyed(&PROCESS_KEY);
            for secret in secrets {
                let bytes = secret
                    .as_ref()
                    .map_or("", ExposeSecret::expose_secret)
                    .as_bytes();
                digest.update(&(bytes.len() as u64).to_le_bytes());
                digest.update(bytes);
            }
            digest.finalize().to_hex()[..16].to_owned()
        })
    }

    /// The scope of what `service` answers to this caller in `tenant`.
    ///
    /// # Errors
    /// The caller did not send what the upstream needs.
    pub fn scope(
        &self,
        service: Service,
        tenant: Option<TenantId>,
        api_version: &Arc<str>,
    ) -> Result<Scope, MissingHeader> {
        Ok(Scope {
            service,
            tenant,
            api_version: Arc::clone(api_version),
            credential: self.credential(service)?,
        })
    }

    /// The digest by which this process tells credentials apart.
    fn credential(&self, service: Service) -> Result<[u8; 32], MissingHeader> {
        let [cro, trans_eu, crux] = &self.digests;
        let known = match service {
            Service::Cro => cro,
            Service::TransEu => trans_eu,
            Service::Crux => crux,
        };
        if let Some(known) = known.get() {
            return Ok(*known);
        }
        let digest = self.digest(service, &PROCESS_KEY)?;
        Ok(*known.get_or_init(|| digest))
    }

    /// A digest of what `service` is sent of the caller's credentials. Without `key` it tells nothing
    /// about them.
    ///
    /// # Errors
    /// The caller did not send what the upstream needs.
    pub fn digest(&self, service: Service, key: &[u8; 32]) -> Result<[u8; 32], MissingHeader> {
        let mut digest = blake3::Hasher::new_keyed(key);
        let mut add = |secret: &SecretString| {
            let bytes = secret.expose_secret().as_bytes();
            digest.update(&(bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        add(self.authorization(service)?);
        if service == Service::TransEu {
            add(self.api_key()?);
        }
        Ok(digest.finalize().into())
    }
}

/// Stands for a secret: equal if the secret is, and of no use otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

/// All that the answers to a caller can depend on in its headers: a keyed digest of every mapped one,
/// compared in full.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallerDigest([u8; 32]);

impl CallerDigest {
    /// The digest of the headers that are mapped to credentials and the tenant.
    pub fn of(mapping: &HeaderMapping, headers: &HeaderMap) -> Self {
        let names = mapping.all();
        // Among a few headers names are found sooner by looking than by their hashes.
        let mut values = names.map(|_| None);
        for (name, value) in headers {
            if let Some(number) = names.iter().position(|mapped| *mapped == name) {
                values[number].get_or_insert(value.as_bytes());
            }
        }
        // In one piece, because each piece costs as much as its hash.
        let mut text = Vec::with_capacity(512);
        for value in values {
            // Lengths keep the values apart, and an empty one from a missing one.
            let length = value.map_or(0, |value| value.len() as u64 + 1);
            text.extend_from_slice(&length.to_le_bytes());
            text.extend_from_slice(value.unwrap_or_default());
        }
        Self(blake3::keyed_hash(&PROCESS_KEY, &text).into())
    }

    /// Its bytes, for who tells callers apart without knowing what one is.
    pub fn bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Debug for CallerDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerDigest").finish_non_exhaustive()
    }
}

/// The identity part of every key: two reads share an answer only if their scopes are equal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    service: Service,
    tenant: Option<TenantId>,
    api_version: Arc<str>,
    credential: [u8; 32],
}

impl Scope {
    /// The upstream that answers.
    pub fn service(&self) -> Service {
        self.service
    }

    /// The CRO tenant the call acts in.
    pub fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("service", &self.service)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// Digests are keyed per process: one that leaks tells nothing about the token, nor about another
/// process's digests.
static PROCESS_KEY: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let mut key = [0; 32];
    key[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    key[16..].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    key
});

fn text(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<&str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}

fn missing(header: &http::HeaderName) -> MissingHeader {
    MissingHeader(title_case(header))
}

/// `x-tenant-id` as people write it: `X-Tenant-Id`.
fn title_case(name: &http::HeaderName) -> String {
    let words: Vec<String> = name
        .as_str()
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect();
    words.join("-")
}

#[cfg(test)]
impl Digest {
    /// A digest of nobody's secret.
    pub fn for_tests(text: &str) -> Self {
        Self(blake3::hash(text.as_bytes()).into())
    }
}

#[cfg(test)]
impl Scope {
    /// The scope of a caller of CRO with this token.
    pub fn for_tests(token: &str) -> Self {
        Self {
            service: Service::Cro,
            tenant: None,
            api_version: "".into(),
            credential: blake3::hash(token.as_bytes()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn mapping() -> Arc<HeaderMapping> {
        Arc::new(HeaderMapping {
            cro_authorization: HeaderName::from_static("authorization"),
            cro_tenant: HeaderName::from_static("x-tenant-id"),
            trans_eu_authorization: HeaderName::from_static("x-trans-eu-authorization"),
            trans_eu_api_key: HeaderName::from_static("api-key"),
            crux_authorization: HeaderName::from_static("x-crux-authorization"),
        })
    }

    fn credentials(headers: &[(&'static str, &str)]) -> Credentials {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        Credentials::read(&mapping(), &headers, None)
    }

    fn cro_scope(token: &str, tenant: i64, version: &str) -> Scope {
        credentials(&[("authorization", token)])
            .scope(Service::Cro, Some(TenantId(tenant)), &version.into())
            .unwrap()
    }

    #[test]
    fn scopes_are_equal_only_if_every_part_is() {
        let scope = cro_scope("Bearer a", 34, "2019/02/08");
        assert_eq!(scope, cro_scope("Bearer a", 34, "2019/02/08"));
        assert_ne!(scope, cro_scope("Bearer b", 34, "2019/02/08"));
        assert_ne!(scope, cro_scope("Bearer a", 35, "2019/02/08"));
        assert_ne!(scope, cro_scope("Bearer a", 34, "2021/04/07"));
    }

    #[test]
    fn callers_are_equal_only_if_every_mapped_header_is() {
        let digest = |headers: &[(&'static str, &str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .collect();
            CallerDigest::of(&mapping(), &headers)
        };
        let names = [
            "authorization",
            "x-tenant-id",
            "x-trans-eu-authorization",
            "api-key",
            "x-crux-authorization",
        ];
        let nobody = digest(&[]);
        assert_eq!(nobody, digest(&[("accept", "*/*")]));
        let mut seen = vec![nobody];
        for name in names {
            for value in ["", "a", "ab"] {
                let caller = digest(&[(name, value)]);
                assert!(!seen.contains(&caller), "{name}: {value}");
                seen.push(caller);
            }
        }
        assert_ne!(
            digest(&[("authorization", "ab"), ("api-key", "c")]),
            digest(&[("authorization", "a"), ("api-key", "bc")])
        );
    }

    #[test]
    fn the_application_key_is_part_of_a_trans_eu_scope() {
        let scope = |key: &str| {
            credentials(&[("x-trans-eu-authorization", "Bearer a"), ("api-key", key)])
                .scope(Service::TransEu, None, &"".into())
                .unwrap()
        };
        assert_ne!(scope("one"), scope("two"));
    }

    #[test]
    fn an_application_is_its_key_and_no_user() {
        let application = |token: &str, key: &str| {
            let headers = [("x-trans-eu-authorization", token), ("api-key", key)];
            credentials(&headers).application(Service::TransEu)
        };
        assert!(application("Bearer a", "one") == application("Bearer b", "one"));
        assert!(application("Bearer a", "one") != application("Bearer a", "two"));
        assert!(
            credentials(&[("authorization", "Bearer a")])
                .application(Service::Cro)
                .is_none()
        );
    }

    fn credentials_in(
        mapping: &HeaderMapping,
        headers: &[(&'static str, &'static str)],
    ) -> Vec<[u8; 32]> {
        let headers = headers.iter().copied();
        let headers = headers
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        mapping.credentials_in(&headers)
    }

    #[test]
    fn every_credential_is_one_and_a_tenant_and_an_application_are_none() {
        let count = |headers: &[_]| credentials_in(&mapping(), headers).len();
        for name in [
            "authorization",
            "x-trans-eu-authorization",
            "x-crux-authorization",
        ] {
            assert_eq!(count(&[(name, "a")]), 1, "{name}");
            assert_eq!(count(&[(name, " ")]), 0, "{name}");
        }
        assert_eq!(count(&[("x-tenant-id", "34"), ("api-key", "a")]), 0);
        assert_eq!(
            count(&[("authorization", "a"), ("x-crux-authorization", "a")]),
            2
        );
        let one_for_all = HeaderMapping {
            trans_eu_authorization: HeaderName::from_static("authorization"),
            crux_authorization: HeaderName::from_static("authorization"),
            ..HeaderMapping::clone(&mapping())
        };
        let headers = [("authorization", "Bearer a")];
        assert_eq!(credentials_in(&one_for_all, &headers).len(), 1);
    }

    #[test]
    fn a_credential_is_the_same_beside_others_and_however_its_scheme_is_written() {
        let of = |value, tenant| {
            let headers = [("authorization", value), ("x-tenant-id", tenant)];
            credentials_in(&mapping(), &headers)
        };
        let one = of("Bearer a", "34");
        assert_eq!(one, of("bEARER   a", "35"));
        assert_ne!(one, of("Bearer b", "34"));
    }

    #[test]
    fn a_credential_serves_only_the_upstream_it_is_mapped_to() {
        let caller = credentials(&[("authorization", "Bearer a")]);
        assert!(caller.authorization(Service::Cro).is_ok());
        for service in [Service::TransEu, Service::Crux] {
            assert!(caller.authorization(service).is_err(), "{service}");
        }
    }

    #[test]
    fn a_missing_credential_names_its_header() {
        let missing = credentials(&[]).authorization(Service::Crux).err();
        assert_eq!(missing, Some(MissingHeader("X-Crux-Authorization".into())));
    }

    #[test]
    fn a_malformed_tenant_is_told_from_a_missing_one() {
        assert!(credentials(&[]).tenant().is_none());
        assert!(
            credentials(&[("x-tenant-id", "34/../1")])
                .tenant()
                .unwrap()
                .is_err()
        );
        assert_eq!(
            credentials(&[("x-tenant-id", "34")]).tenant(),
            Some(&Ok(TenantId(34)))
        );
    }

    #[test]
    fn a_callers_digest_differs_by_any_credential_and_tells_none() {
        let digest = |headers| credentials(headers).pseudonym();
        let one = digest(&[("authorization", "Bearer a")]).unwrap();
        assert_eq!(one, digest(&[("authorization", "Bearer a")]).unwrap());
        assert_ne!(one, digest(&[("authorization", "Bearer b")]).unwrap());
        assert_ne!(
            one,
            digest(&[("x-crux-authorization", "Bearer a")]).unwrap()
        );
        assert_eq!((one.len(), one.contains("Bearer")), (16, false));
        assert_eq!(digest(&[]), None);
    }

    #[test]
    fn a_scope_prints_no_credential() {
        let printed = format!("{:?}", cro_scope("Bearer very-secret", 34, "v"));
        assert!(!printed.contains("very-secret"), "{printed}");
    }
}
