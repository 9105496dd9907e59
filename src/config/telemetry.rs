//! What the gateway tells of its work and of the upstreams, beyond logs and metrics.

use http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::notation::{OptionalText, Ratio, Text};

/// The watch for answers that depart from what their API documents.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {
    /// After the first ones, every so many answers of an endpoint are compared; 0 switches it off.
    pub sample_every: u64,
}

impl Default for Drift {
    fn default() -> Self {
        Self { sample_every: 100 }
    }
}

/// Whether a caller may ask, with the header `haulgraph-explain: 1`, how an answer came about. The
/// explanation names endpoints, resources, times and counts, and no values.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Explain {
    /// Whether the header is heard; a sandbox run always hears it.
    pub enabled: bool,
}

/// Where traces go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    pub otlp: Otlp,
}

/// The collector of OpenTelemetry traces, asked by OTLP over HTTP.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Otlp {
    /// Where traces are sent, path included (`http://127.0.0.1:4318/v1/traces`). Without it none
    /// are made.
    #[serde(with = "OptionalText::<Url>", skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// Headers for the collector, as `name=value,name=value` with values percent-encoded. A secret:
    /// better in the environment than in a file.
    #[serde(
        deserialize_with = "OptionalText::<SecretString>::deserialize",
        skip_serializing
    )]
    #[schemars(with = "OptionalText::<SecretString>")]
    pub headers: Option<SecretString>,
    /// The share of traces that begin here and are recorded. Where the caller's trace context says
    /// whether its trace is recorded, that holds.
    #[serde(with = "Text::<Ratio>")]
    pub sample_ratio: Ratio,
}

impl Default for Otlp {
    fn default() -> Self {
        Self {
            endpoint: None,
            headers: None,
            sample_ratio: Ratio::ALL,
        }
    }
}

impl Otlp {
    /// The headers one by one; `None` if they are not well written.
    #[must_use]
    pub fn header_pairs(&self) -> Option<Vec<(String, String)>> {
        let Some(headers) = &self.headers else {
            return Some(Vec::new());
        };
        // A plus is a plus here, and a comma ends a pair; the rest is as in a form.
        let form = headers
            .expose_secret()
            .replace('+', "%2B")
            .replace(',', "&");
        let pairs: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        let is_header = |(name, value): &(String, String)| {
            HeaderName::try_from(name.as_str()).is_ok()
                && HeaderValue::try_from(value.as_str()).is_ok_and(|value| !value.is_empty())
        };
        (!pairs.is_empty() && pairs.iter().all(is_header)).then_some(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(headers: &str) -> Option<Vec<(String, String)>> {
        let headers = Some(SecretString::from(headers.to_owned()));
        Otlp {
            headers,
            ..Otlp::default()
        }
        .header_pairs()
    }

    #[test]
    fn headers_are_pairs_with_encoded_values() {
        let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pairs("authorization=Bearer%20a+b=,x-team=haul"),
            Some(vec![
                owned("authorization", "Bearer a+b="),
                owned("x-team", "haul")
            ])
        );
        assert_eq!(Otlp::default().header_pairs(), Some(Vec::new()));
        for wrong in ["token", "a b=c", "=x", "x="] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
    }
}
