//! Identifiers: the upstreams' own keys as newtypes, and the graph's global ids.
//!
//! A key that reached one of these types has a checked form: it can neither steer a URL path nor
//! be mistaken for the key of another kind of thing. CRO's integer ids are unique only inside one
//! tenant, so their keys carry the tenant.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// Why a text is not an id of the kind asked for. The message is meant for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(String);

/// A CRO tenant: the value of `x-tenant-id`, and of a connection's `provider_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(pub i64);

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TenantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        integer(text).map(Self)
    }
}

/// A key that is unique only inside one CRO tenant, such as a customer's or a yard's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InTenant<K> {
    /// The tenant in which the key means something.
    pub tenant: TenantId,
    /// The upstream's own key.
    pub id: K,
}

impl<K: fmt::Display> fmt::Display for InTenant<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tenant, self.id)
    }
}

/// Key of a CRO customer.
pub type CustomerKey = InTenant<i64>;
/// Key of a CRO location (yard).
pub type LocationKey = InTenant<i64>;

impl<K> InTenant<K> {
    /// The key `id` inside `tenant`.
    pub const fn new(tenant: i64, id: K) -> Self {
        Self {
            tenant: TenantId(tenant),
            id,
        }
    }
}

macro_rules! uuid_keys {
    ($( $(#[$doc:meta])* $name:ident; )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                uuid(text).map(Self)
            }
        }
    )*};
}

uuid_keys! {
    /// A Trans.eu route.
    RouteId;
    /// A Trans.eu contract, fixed or flexible.
    ContractId;
}

/// A company on the Trans.eu platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CompanyId(pub i64);

impl fmt::Display for CompanyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CompanyId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        integer(text).map(Self)
    }
}

/// A key that is certain only at one yard of a tenant, such as a truck's or a job's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AtLocation {
    /// The yard.
    pub location: LocationKey,
    /// The upstream's own key.
    pub id: i64,
}

impl AtLocation {
    /// The key `id` at the yard `location` of `tenant`.
    pub const fn new(tenant: i64, location: i64, id: i64) -> Self {
        Self {
            location: LocationKey::new(tenant, location),
            id,
        }
    }
}

impl fmt::Display for AtLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.location, self.id)
    }
}

/// Reads an upstream's integer key: digits only, within 64 bits, not negative.
///
/// # Errors
/// The text is anything else.
pub fn integer(text: &str) -> Result<i64, InvalidId> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| InvalidId(format!("{} is not an integer id.", quoted(text))))
}

/// Reads a UUID as people paste it: typographic dashes become hyphens, quotes and soft hyphens go.
///
/// The upstreams' own documentation prints ids with en dashes, so copied ids arrive that way.
///
/// # Errors
/// What is left is not a hyphenated UUID.
pub fn uuid(text: &str) -> Result<Uuid, InvalidId> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{ad}' | '"' | '\'' | '\u{2018}'..='\u{201f}'))
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            other => other,
        })
        .collect();
    Uuid::try_parse(plain.trim())
        .ok()
        .filter(|_| plain.trim().len() == 36)
        .ok_or_else(|| InvalidId(format!("{} is not a UUID.", quoted(text))))
}

/// The parts of a global id: the GraphQL type, and the upstream key as text.
///
/// Its printed form is opaque to callers: unpadded URL-safe base64 of `Type:key`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GlobalId {
    /// Name of the GraphQL type.
    pub kind: String,
    /// The key in its canonical text form, with the tenant where it needs one.
    pub key: String,
}

impl GlobalId {
    /// The global id of the `kind` with this `key`.
    pub fn encode(kind: &str, key: impl fmt::Display) -> String {
        URL_SAFE_NO_PAD.encode(format!("{kind}:{key}"))
    }

    /// Takes a global id apart.
    ///
    /// # Errors
    /// The text was not made by [`GlobalId::encode`].
    pub fn decode(text: &str) -> Result<Self, InvalidId> {
        URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|plain| {
                let (kind, key) = plain.split_once(':')?;
                let named = kind.starts_with(|c: char| c.is_ascii_uppercase())
                    && kind.bytes().all(|b| b.is_ascii_alphanumeric());
                named.then(|| Self {
                    kind: kind.to_owned(),
                    key: key.to_owned(),
                })
            })
            .ok_or_else(|| InvalidId(format!("{} is not a global id.", quoted(text))))
    }
}

/// Takes `tenant:id` apart, the key half of a global id for things that live in a tenant.
///
/// # Errors
/// Either half is not an integer.
pub fn in_tenant(key: &str) -> Result<InTenant<i64>, InvalidId> {
    let (tenant, id) = key
        .split_once(':')
        .ok_or_else(|| InvalidId(format!("{} names no tenant.", quoted(key))))?;
    Ok(InTenant {
        tenant: tenant.parse()?,
        id: integer(id)?,
    })
}

/// Takes `tenant:location:id` apart, the key half of a global id for things that belong to a yard.
///
/// # Errors
/// One of the parts is not an integer.
pub fn at_location(key: &str) -> Result<AtLocation, InvalidId> {
    let (location, id) = key
        .rsplit_once(':')
        .ok_or_else(|| InvalidId(format!("{} names no location.", quoted(key))))?;
    Ok(AtLocation {
        location: in_tenant(location)?,
        id: integer(id)?,
    })
}

/// The caller's text, shortened, for a message that goes back to the same caller.
fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(60).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("`{shown}{more}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_ids_are_digits_only() {
        assert_eq!(integer("42").unwrap(), 42);
        for bad in [
            "",
            "-1",
            "+1",
            "1 ",
            "1/2",
            "../1",
            "1?x",
            "९",
            "99999999999999999999",
        ] {
            assert!(integer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn uuids_are_accepted_with_the_dashes_of_printed_documentation() {
        let plain = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
        assert_eq!(
            uuid("“3fa85f64-5717–4562-b3fc-2c963f66afa6”")
                .unwrap()
                .to_string(),
            plain
        );
        for bad in [
            "",
            "3fa85f64",
            "../../x",
            "3fa85f6457174562b3fc2c963f66afa6",
            "{3fa85f64-5717-4562-b3fc-2c963f66afa6}",
        ] {
            assert!(uuid(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_global_id_survives_the_round_trip() {
        let id = GlobalId::encode("Customer", CustomerKey::new(34, 7));
        let back = GlobalId::decode(&id).unwrap();
        assert_eq!(
            (back.kind.as_str(), back.key.as_str()),
            ("Customer", "34:7")
        );
        assert_eq!(in_tenant(&back.key).unwrap(), CustomerKey::new(34, 7));
    }

    #[test]
    fn the_key_of_a_thing_at_a_yard_has_three_parts() {
        let key = AtLocation::new(34, 7, 88);
        assert_eq!(at_location(&key.to_string()).unwrap(), key);
        for bad in ["88", "7:88", "34:7:x", "34:7:88:1", ""] {
            assert!(at_location(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn foreign_texts_are_not_global_ids() {
        for bad in ["", "42", "!!", "Q3VzdG9tZXI", "OjE"] {
            assert!(GlobalId::decode(bad).is_err(), "{bad}");
        }
    }
}
