//! How values are written as text: the same notation in the file, in the environment and in flags.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use url::Url;

/// A type that a configuration writes as text.
pub(super) trait Notation: Sized {
    /// For editors: a pattern that every well-written value matches, and no surprise does.
    const PATTERN: &'static str;

    /// The problem says what would be right, and repeats the text only where it cannot be a secret.
    fn parse(text: &str) -> Result<Self, String>;
}

/// Notations that can be written back, for the defaults in the JSON Schema.
pub(super) trait Printed: Notation {
    fn print(&self) -> String;
}

/// `#[serde(with = "Text::<T>")]` reads and writes a `T` in its [`Notation`].
pub(super) struct Text<T>(PhantomData<T>);

/// The same for a setting that has no default.
pub(super) struct OptionalText<T>(PhantomData<T>);

impl<T: Notation> Text<T> {
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::parse(&text).map_err(D::Error::custom)
    }
}

impl<T: Printed> Text<T> {
    pub(super) fn serialize<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.print())
    }
}

impl<T: Notation> OptionalText<T> {
    pub(super) fn deserialize<'de, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        D: Deserializer<'de>,
    {
        Text::deserialize(deserializer).map(Some)
    }
}

impl<T: Printed> OptionalText<T> {
    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
    {
        match value {
            Some(value) => Text::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }
}

fn text_schema(pattern: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern })
}

impl<T: Notation> JsonSchema for Text<T> {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        text_schema(T::PATTERN)
    }
}

impl<T: Notation> JsonSchema for OptionalText<T> {
    fn schema_name() -> Cow<'static, str> {
        "OptionalText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        text_schema(T::PATTERN)
    }
}

const DURATION_UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads a duration such as `250ms`, `15s`, `5m`, `1h` or `0`.
///
/// # Errors
/// A sentence that shows what a duration looks like.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    scaled(text, &DURATION_UNITS)
        .map(Duration::from_millis)
        .ok_or_else(|| {
            format!(r#"must be a duration such as "250ms", "15s", "5m" or "0", not "{text}""#)
        })
}

impl Notation for Duration {
    const PATTERN: &'static str = "^(0|[0-9]+(ms|s|m|h))$";

    fn parse(text: &str) -> Result<Self, String> {
        parse_duration(text)
    }
}

impl Printed for Duration {
    fn print(&self) -> String {
        // Durations are read in whole milliseconds, and a u64 of them is half a billion years.
        let millis = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        print_scaled(millis, &DURATION_UNITS).unwrap_or_else(|| "0".to_owned())
    }
}

const SIZE_UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// A `usize` written as text is a number of bytes; plain counts are numbers in the file as well.
impl Notation for usize {
    const PATTERN: &'static str = "^(0|[0-9]+([KMG]i?)?B)$";

    fn parse(text: &str) -> Result<Self, String> {
        if text == "0" {
            return Ok(0);
        }
        scaled(text, &SIZE_UNITS)
            .and_then(|bytes| Self::try_from(bytes).ok())
            .ok_or_else(|| {
                format!(r#"must be a size such as "64MiB", "100KB" or "0", not "{text}""#)
            })
    }
}

impl Printed for usize {
    fn print(&self) -> String {
        let bytes = u64::try_from(*self).unwrap_or(u64::MAX);
        print_scaled(bytes, &SIZE_UNITS).unwrap_or_else(|| "0".to_owned())
    }
}

/// Reads digits and a unit; nothing is allowed around or between them.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end_of_digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at(end_of_digits);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

/// Writes with the first unit that divides the value; zero has none.
fn print_scaled(value: u64, units: &[(&str, u64)]) -> Option<String> {
    let (unit, factor) = units
        .iter()
        .find(|(_, factor)| value != 0 && value.is_multiple_of(*factor))?;
    Some(format!("{}{unit}", value / factor))
}

impl Notation for SocketAddr {
    const PATTERN: &'static str = r"^([0-9.]+|\[[0-9a-fA-F:.%]+\]):[0-9]+$";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| {
            format!(
                r#"must be an IP address and a port such as "127.0.0.1:8080" or "[::]:8080", not "{text}""#
            )
        })
    }
}

impl Printed for SocketAddr {
    fn print(&self) -> String {
        self.to_string()
    }
}

/// A file; relative to where the gateway is started.
impl Notation for PathBuf {
    const PATTERN: &'static str = "^.+$";

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("must be the path of a file".to_owned());
        }
        Ok(Self::from(text))
    }
}

impl Printed for PathBuf {
    fn print(&self) -> String {
        self.display().to_string()
    }
}

/// A base URL: paths are appended to it, and it goes into logs, so it may hold nothing but a place.
impl Notation for Url {
    const PATTERN: &'static str = "^https?://[^@?#]+$";

    fn parse(text: &str) -> Result<Self, String> {
        // The text is not repeated: somebody may have put a password into it.
        let url = <Self as FromStr>::from_str(text).map_err(|problem| {
            format!("must be a URL such as \"https://api.example.com/v1\": {problem}")
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must start with https:// or http://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or a password".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must end with its path: no `?` and no `#`".to_owned());
        }
        Ok(url)
    }
}

impl Printed for Url {
    fn print(&self) -> String {
        self.to_string()
    }
}

/// A site as browsers name it: scheme, host and, unless it is the usual one, port.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebOrigin(String);

impl WebOrigin {
    /// The value of `Origin` in requests of its pages.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("an origin is printable ASCII")
    }
}

impl TryFrom<String> for WebOrigin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::from_str(&text).ok();
        let origin = url
            // A star is a host to `Url`, and a wildcard to its writer.
            .filter(|url| matches!(url.scheme(), "http" | "https") && !text.contains('*'))
            .map(|url| url.origin().ascii_serialization());
        match origin {
            Some(origin) if origin == text => Ok(Self(text)),
            Some(origin) => Err(format!(
                "must be an origin as browsers name it: \"{origin}\", not \"{text}\""
            )),
            None => Err(format!(
                "must be an origin such as \"https://app.example.com\", not \"{text}\""
            )),
        }
    }
}

impl From<WebOrigin> for String {
    fn from(WebOrigin(origin): WebOrigin) -> Self {
        origin
    }
}

impl JsonSchema for WebOrigin {
    fn schema_name() -> Cow<'static, str> {
        "WebOrigin".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        text_schema("^https?://[^/@?#*]+$")
    }
}

impl Notation for HeaderName {
    const PATTERN: &'static str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

    fn parse(text: &str) -> Result<Self, String> {
        let name = Self::from_bytes(text.as_bytes())
            .map_err(|_| format!(r#"must be the name of an HTTP header, not "{text}""#))?;
        if RESERVED_HEADERS.contains(&name.as_str()) {
            return Err(format!(
                "`{name}` has its own meaning and can carry no credential"
            ));
        }
        Ok(name)
    }
}

impl Printed for HeaderName {
    fn print(&self) -> String {
        self.to_string()
    }
}

/// Headers that HTTP or the gateway itself reads; cookies are never forwarded at all.
const RESERVED_HEADERS: [&str; 16] = [
    "accept",
    "accept-encoding",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "haulgraph-operator-key",
    "host",
    "origin",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];

/// A secret that travels in a header. It has no [`Printed`], so that nothing can write it.
/// A share of a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio(f64);

impl Ratio {
    /// Nothing of it.
    pub const NONE: Self = Self(0.0);
    /// The whole.
    pub const ALL: Self = Self(1.0);

    /// The share as a number from 0 to 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Notation for Ratio {
    const PATTERN: &'static str = r"^(0(\.[0-9]+)?|1(\.0+)?)$";

    fn parse(text: &str) -> Result<Self, String> {
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        match text.parse() {
            Ok(share) if is_plain && (0.0..=1.0).contains(&share) => Ok(Self(share)),
            _ => Err(format!("{text:?} is not a share from \"0\" to \"1\"")),
        }
    }
}

impl Printed for Ratio {
    fn print(&self) -> String {
        self.0.to_string()
    }
}

impl Notation for SecretString {
    const PATTERN: &'static str = "^[!-~]+$";

    fn parse(text: &str) -> Result<Self, String> {
        let printable = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if printable && HeaderValue::from_str(text).is_ok() {
            Ok(text.into())
        } else {
            Err("must be printable ASCII without blanks, at least one character".to_owned())
        }
    }
}
