//! `Retry-After`: seconds, or a date.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// How long the upstream asks to wait. A date is compared with the answer's own, if it has one: what
/// this machine thinks of the time is of no interest then.
pub(super) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |text: &str| DateTimeParser::new().parse_timestamp(text).ok();
    let after = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(after)?;
    let now = text(header::DATE)
        .and_then(date)
        .unwrap_or_else(Timestamp::now);
    // What is over already is no wait.
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wait(after: &'static str, date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(after));
        if let Some(date) = date {
            headers.insert(header::DATE, HeaderValue::from_static(date));
        }
        read(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        assert_eq!(wait("120", None), Some(120));
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:07 GMT", date), Some(30));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:07 GMT", date), Some(0));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:07 GMT", None), Some(0));
    }

    #[test]
    fn what_is_neither_is_ignored() {
        for text in ["", "soon", "-1", "1.5", "Sun, 06 Nov"] {
            assert_eq!(wait(text, None), None, "{text}");
        }
        assert_eq!(read(&HeaderMap::new()), None);
    }
}
