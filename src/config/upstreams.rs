//! The sections of the three upstreams, and what they have in common.

use std::fmt;
use std::time::Duration;

use http::HeaderName;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Config;
use super::notation::{OptionalText, Text};
use super::resilience::{Breaker, Retry};

const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(8);
const CONCURRENCY: usize = 64;
const QUEUE: usize = 1000;
const BODY_LIMIT: usize = 32 * 1024 * 1024;
const UPLOAD_LIMIT: usize = 10 * 1024 * 1024;
const UPLOADS: usize = 16;

/// CRO Software: customers, yards, third-party haulers and their connections, tenants.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cro {
    /// Where the API lives, with its path prefix if it has one. Without it this upstream is off.
    #[serde(with = "OptionalText::<Url>", skip_serializing_if = "Option::is_none")]
    pub base_url: Option<Url>,
    /// The version of the API, sent with every call.
    pub api_version: CroApiVersion,
    /// Whether customers can be created: the documentation of that call is an old one.
    pub create_customers: bool,
    /// Time for one call, from when it is sent to the last byte of its answer.
    #[serde(with = "Text::<Duration>")]
    pub timeout: Duration,
    /// Time for opening a connection.
    #[serde(with = "Text::<Duration>")]
    pub connect_timeout: Duration,
    /// Time until an answer begins, connecting included.
    #[serde(with = "Text::<Duration>")]
    pub first_byte_timeout: Duration,
    /// Most calls in flight at once, for all callers together.
    #[schemars(range(min = 1, max = 1024))]
    pub concurrency: usize,
    /// Most calls that wait for their turn; more are refused at once.
    #[schemars(range(min = 0, max = 100_000))]
    pub queue: usize,
    /// Calls that the upstream grants the gateway in a second; 0 for no limit.
    #[schemars(range(min = 0, max = 100_000))]
    pub requests_per_second: u32,
    /// Largest answer that is read.
    #[serde(with = "Text::<usize>")]
    pub body_limit: usize,
    pub identity: CroIdentity,
    pub retry: Retry,
    pub breaker: Breaker,
}

impl Default for Cro {
    fn default() -> Self {
        Self {
            base_url: None,
            api_version: CroApiVersion::default(),
            create_customers: true,
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            first_byte_timeout: FIRST_BYTE_TIMEOUT,
            concurrency: CONCURRENCY,
            queue: QUEUE,
            requests_per_second: 0,
            body_limit: BODY_LIMIT,
            identity: CroIdentity::default(),
            retry: Retry::default(),
            breaker: Breaker::default(),
        }
    }
}

/// The documented versions of the CRO API, oldest first.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
pub enum CroApiVersion {
    #[default]
    #[serde(rename = "2019/02/08")]
    V20190208,
    #[serde(rename = "2021/04/07")]
    V20210407,
    #[serde(rename = "2021/05/07")]
    V20210507,
    #[serde(rename = "2021/08/02")]
    V20210802,
    #[serde(rename = "2021/11/04")]
    V20211104,
    #[serde(rename = "2023/04/19")]
    V20230419,
}

impl CroApiVersion {
    /// The value of `x-api-version`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V20190208 => "2019/02/08",
            Self::V20210407 => "2021/04/07",
            Self::V20210507 => "2021/05/07",
            Self::V20210802 => "2021/08/02",
            Self::V20211104 => "2021/11/04",
            Self::V20230419 => "2023/04/19",
        }
    }
}

impl fmt::Display for CroApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The headers of the caller that carry its identity for CRO Software.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CroIdentity {
    /// Sent on as `Authorization`.
    #[serde(with = "Text::<HeaderName>")]
    pub authorization: HeaderName,
    /// Sent on as `x-tenant-id`.
    #[serde(with = "Text::<HeaderName>")]
    pub tenant: HeaderName,
}

impl Default for CroIdentity {
    fn default() -> Self {
        Self {
            authorization: HeaderName::from_static("authorization"),
            tenant: HeaderName::from_static("x-tenant-id"),
        }
    }
}

/// Trans.eu: freight routes, contracts and carriers.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransEu {
    /// Where the API lives, with its path prefix if it has one. Without it this upstream is off.
    #[serde(with = "OptionalText::<Url>", skip_serializing_if = "Option::is_none")]
    pub base_url: Option<Url>,
    /// The application's key, sent where the caller brings none of its own. A secret: better in the
    /// environment than in a file.
    #[serde(
        deserialize_with = "OptionalText::<SecretString>::deserialize",
        skip_serializing
    )]
    #[schemars(with = "OptionalText::<SecretString>")]
    pub api_key: Option<SecretString>,
    /// Time for one call, from when it is sent to the last byte of its answer.
    #[serde(with = "Text::<Duration>")]
    pub timeout: Duration,
    /// Time for opening a connection.
    #[serde(with = "Text::<Duration>")]
    pub connect_timeout: Duration,
    /// Time until an answer begins, connecting included.
    #[serde(with = "Text::<Duration>")]
    pub first_byte_timeout: Duration,
    /// Most calls in flight at once, for all callers together.
    #[schemars(range(min = 1, max = 1024))]
    pub concurrency: usize,
    /// Most calls that wait for their turn; more are refused at once.
    #[schemars(range(min = 0, max = 100_000))]
    pub queue: usize,
    /// Calls that the upstream grants an application key in a second; 0 for no limit.
    #[schemars(range(min = 0, max = 100_000))]
    pub requests_per_second: u32,
    /// Largest answer that is read.
    #[serde(with = "Text::<usize>")]
    pub body_limit: usize,
    /// Rows asked for in one call when a list is walked. The API documents no bound.
    #[schemars(range(min = 1, max = 1000))]
    pub page_limit: usize,
    /// How a fixed contract is replaced: the documentation says PUT, and POST in an example.
    pub replace_method: ReplaceMethod,
    pub identity: TransEuIdentity,
    pub retry: Retry,
    pub breaker: Breaker,
}

impl Default for TransEu {
    fn default() -> Self {
        Self {
            base_url: None,
            api_key: None,
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            first_byte_timeout: FIRST_BYTE_TIMEOUT,
            concurrency: CONCURRENCY,
            queue: QUEUE,
            requests_per_second: 15,
            body_limit: BODY_LIMIT,
            page_limit: 100,
            replace_method: ReplaceMethod::default(),
            identity: TransEuIdentity::default(),
            retry: Retry::default(),
            breaker: Breaker::default(),
        }
    }
}

/// The two methods that are documented for replacing a fixed contract.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReplaceMethod {
    #[default]
    Put,
    Post,
}

/// The headers of the caller that carry its identity for Trans.eu.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransEuIdentity {
    /// Sent on as `Authorization`.
    #[serde(with = "Text::<HeaderName>")]
    pub authorization: HeaderName,
    /// Sent on as `Api-key`.
    #[serde(with = "Text::<HeaderName>")]
    pub api_key: HeaderName,
}

impl Default for TransEuIdentity {
    fn default() -> Self {
        Self {
            authorization: HeaderName::from_static("x-trans-eu-authorization"),
            api_key: HeaderName::from_static("api-key"),
        }
    }
}

/// Crux Connect: connections between retailers and suppliers, and the requests for them.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crux {
    /// Where the API lives. Without it this upstream is off.
    #[serde(with = "OptionalText::<Url>", skip_serializing_if = "Option::is_none")]
    pub base_url: Option<Url>,
    /// The generation of the API: none for the first, "/timp" for the current one.
    pub prefix: CruxPrefix,
    /// Time for one call, from when it is sent to the last byte of its answer.
    #[serde(with = "Text::<Duration>")]
    pub timeout: Duration,
    /// Time for opening a connection.
    #[serde(with = "Text::<Duration>")]
    pub connect_timeout: Duration,
    /// Time until an answer begins, connecting included.
    #[serde(with = "Text::<Duration>")]
    pub first_byte_timeout: Duration,
    /// Most calls in flight at once, for all callers together.
    #[schemars(range(min = 1, max = 1024))]
    pub concurrency: usize,
    /// Most calls that wait for their turn; more are refused at once.
    #[schemars(range(min = 0, max = 100_000))]
    pub queue: usize,
    /// Calls that the upstream grants the gateway in a second; 0 for no limit.
    #[schemars(range(min = 0, max = 100_000))]
    pub requests_per_second: u32,
    /// Largest answer that is read.
    #[serde(with = "Text::<usize>")]
    pub body_limit: usize,
    /// Most bytes of the files of one request of a caller. They are sent on while they arrive.
    #[serde(with = "Text::<usize>")]
    pub upload_limit: usize,
    /// Most requests with files at once, for all callers together: each holds a call for as long as its
    /// sender takes.
    #[schemars(range(min = 1, max = 1024))]
    pub uploads: usize,
    /// The names under which requests are written: those of the documentation's samples, or those of its text.
    pub write_names: CruxNames,
    pub identity: CruxIdentity,
    pub retry: Retry,
    pub breaker: Breaker,
}

impl Default for Crux {
    fn default() -> Self {
        Self {
            base_url: None,
            prefix: CruxPrefix::default(),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            first_byte_timeout: FIRST_BYTE_TIMEOUT,
            concurrency: CONCURRENCY,
            queue: QUEUE,
            requests_per_second: 0,
            body_limit: BODY_LIMIT,
            upload_limit: UPLOAD_LIMIT,
            uploads: UPLOADS,
            write_names: CruxNames::default(),
            identity: CruxIdentity::default(),
            retry: Retry::default(),
            breaker: Breaker::default(),
        }
    }
}

/// The two documented generations of the Crux API.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub enum CruxPrefix {
    #[default]
    #[serde(rename = "")]
    None,
    #[serde(rename = "/timp")]
    Timp,
}

impl CruxPrefix {
    /// What stands between the base URL and the paths of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Timp => "/timp",
        }
    }
}

/// Where the names come from under which Crux's requests are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CruxNames {
    /// The samples of the documentation, which were sent for real.
    #[default]
    Samples,
    /// The text of the documentation.
    Text,
}

/// The header of the caller that carries its identity for Crux Connect.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CruxIdentity {
    /// Sent on as `Authorization`.
    #[serde(with = "Text::<HeaderName>")]
    pub authorization: HeaderName,
}

impl Default for CruxIdentity {
    fn default() -> Self {
        Self {
            authorization: HeaderName::from_static("x-crux-authorization"),
        }
    }
}

/// What every upstream's section says, whichever upstream it is.
#[derive(Clone, Copy, Debug)]
pub struct Upstream<'a> {
    /// The section's name in the file.
    pub section: &'static str,
    /// The upstream's name for people.
    pub title: &'static str,
    pub base_url: Option<&'a Url>,
    pub timeout: Duration,
    pub connect_timeout: Duration,
    pub first_byte_timeout: Duration,
    pub concurrency: usize,
    pub queue: usize,
    pub requests_per_second: u32,
    pub body_limit: usize,
    pub retry: &'a Retry,
    pub breaker: &'a Breaker,
}

impl Config {
    /// The three upstreams, on or off.
    #[must_use]
    pub fn upstreams(&self) -> [Upstream<'_>; 3] {
        [
            Upstream {
                section: "cro",
                title: "CRO Software",
                base_url: self.cro.base_url.as_ref(),
                timeout: self.cro.timeout,
                connect_timeout: self.cro.connect_timeout,
                first_byte_timeout: self.cro.first_byte_timeout,
                concurrency: self.cro.concurrency,
                queue: self.cro.queue,
                requests_per_second: self.cro.requests_per_second,
                body_limit: self.cro.body_limit,
                retry: &self.cro.retry,
                breaker: &self.cro.breaker,
            },
            Upstream {
                section: "trans_eu",
                title: "Trans.eu",
                base_url: self.trans_eu.base_url.as_ref(),
                timeout: self.trans_eu.timeout,
                connect_timeout: self.trans_eu.connect_timeout,
                first_byte_timeout: self.trans_eu.first_byte_timeout,
                concurrency: self.trans_eu.concurrency,
                queue: self.trans_eu.queue,
                requests_per_second: self.trans_eu.requests_per_second,
                body_limit: self.trans_eu.body_limit,
                retry: &self.trans_eu.retry,
                breaker: &self.trans_eu.breaker,
            },
            Upstream {
                section: "crux",
                title: "Crux Connect",
                base_url: self.crux.base_url.as_ref(),
                timeout: self.crux.timeout,
                connect_timeout: self.crux.connect_timeout,
                first_byte_timeout: self.crux.first_byte_timeout,
                concurrency: self.crux.concurrency,
                queue: self.crux.queue,
                requests_per_second: self.crux.requests_per_second,
                body_limit: self.crux.body_limit,
                retry: &self.crux.retry,
                breaker: &self.crux.breaker,
            },
        ]
    }
}
