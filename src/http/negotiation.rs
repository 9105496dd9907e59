//! Media types: what the caller sends and what it wants back.

use http::{
    HeaderMap, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};

use super::refusal::{Code, Refusal};

/// The media types of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: 200 for every well-formed request, because a proxy on the way may have
    /// made an answer with another status.
    #[default]
    Json,
    /// `application/graphql-response+json`: the status says whether the operation was executed.
    GraphqlResponse,
}

impl MediaType {
    /// Chooses the media type of the answer.
    ///
    /// # Errors
    /// The caller accepts neither of the two.
    pub(super) fn negotiate(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut values = headers.get_all(ACCEPT).iter();
        if let (Some(only), None) = (values.next(), values.next())
            && only == "application/json"
        {
            // What nearly all programs say needs no weighing.
            return Ok(Self::Json);
        }
        let ranges = || {
            let values = headers.get_all(ACCEPT).iter();
            values
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .filter(|range| !range.trim().is_empty())
                .map(Range::parse)
        };
        if ranges().next().is_none() {
            return Ok(Self::Json);
        }
        // Where the caller does not care, JSON is the safe choice; where it names both alike, it
        // knows the newer type.
        let json = Preference::of("json", ranges());
        let graphql = Preference::of("graphql-response+json", ranges());
        match (json, graphql) {
            (Some(json), Some(graphql)) if json > graphql => Ok(Self::Json),
            (Some(json), Some(graphql)) if json == graphql && !json.is_named() => Ok(Self::Json),
            (_, Some(_)) => Ok(Self::GraphqlResponse),
            (Some(_), None) => Ok(Self::Json),
            (None, None) => Err(Refusal::http(
                StatusCode::NOT_ACCEPTABLE,
                Code::BadRequest,
                "Accept must allow application/graphql-response+json or application/json.",
            )),
        }
    }

    /// The value of Content-Type.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// The media types of bodies.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyType {
    Json,
    /// `multipart/form-data`, whose parts this boundary divides.
    Form(String),
}

impl BodyType {
    /// What the body is declared as.
    ///
    /// A browser sends `text/plain` and forms to other sites without asking, but `application/json`
    /// only after a preflight request, which is answered only to allowed sites: so JSON keeps other
    /// sites' pages out, and a form needs another proof.
    ///
    /// # Errors
    /// Another content type or charset, several, or none.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        let declared = match (values.next(), values.next()) {
            // What nearly all programs say needs no reading.
            (Some(only), None) if only == "application/json" => return Ok(Self::Json),
            (Some(only), None) => only.to_str().ok(),
            _ => None,
        };
        declared.and_then(Self::read).ok_or_else(|| {
            Refusal::http(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Code::BadRequest,
                "Content-Type must be application/json, in UTF-8; or multipart/form-data, with files.",
            )
        })
    }

    fn read(declared: &str) -> Option<Self> {
        let (essence, parameters) = declared.split_once(';').unwrap_or((declared, ""));
        let is = |name| essence.trim().eq_ignore_ascii_case(name);
        if is("application/json") {
            is_utf8(parameters).then_some(Self::Json)
        } else if is("multipart/form-data") {
            multer::parse_boundary(declared).ok().map(Self::Form)
        } else {
            None
        }
    }
}

fn is_utf8(parameters: &str) -> bool {
    find_parameter(parameters, "charset")
        .is_none_or(|charset| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

fn find_parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// One media range of Accept.
#[derive(Clone, Copy)]
struct Range<'a> {
    essence: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Self {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        let quality = match find_parameter(parameters, "q") {
            // A charset that the answer will not have is a range that cannot be met.
            _ if !is_utf8(parameters) => 0,
            Some(text) => parse_quality(text),
            None => 1000,
        };
        Self {
            essence: essence.trim(),
            quality,
        }
    }

    /// How exactly the range names `application/{subtype}`.
    fn specificity(&self, subtype: &str) -> Option<u8> {
        if matches!(self.essence, "*/*" | "*") {
            return Some(0);
        }
        let (ty, of_type) = self.essence.split_once('/')?;
        match ty.eq_ignore_ascii_case("application") {
            true if of_type == "*" => Some(1),
            true if of_type.eq_ignore_ascii_case(subtype) => Some(NAMED),
            _ => None,
        }
    }
}

/// The specificity of a range without a wildcard.
const NAMED: u8 = 2;

/// `0` to `1` with up to three decimals; what cannot be read counts as not said.
fn parse_quality(text: &str) -> u16 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let thousandths: Option<u16> = format!("{decimals:0<3}")
        .get(..3)
        .and_then(|digits| digits.parse().ok());
    match (whole, thousandths) {
        ("0", Some(thousandths)) => thousandths,
        _ => 1000,
    }
}

/// How much the caller wants a media type; the greater is wanted more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    quality: u16,
    specificity: u8,
}

impl Preference {
    /// The most specific range decides; none if nothing allows it.
    fn of<'a>(subtype: &str, ranges: impl Iterator<Item = Range<'a>>) -> Option<Self> {
        ranges
            .filter_map(|range| {
                let specificity = range.specificity(subtype)?;
                Some((specificity, range.quality))
            })
            .max()
            .filter(|(_, quality)| *quality > 0)
            .map(|(specificity, quality)| Self {
                quality,
                specificity,
            })
    }

    const fn is_named(self) -> bool {
        self.specificity == NAMED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, value.parse().unwrap());
        MediaType::negotiate(&headers).ok()
    }

    #[test]
    fn callers_that_do_not_care_get_json() {
        assert_eq!(
            MediaType::negotiate(&HeaderMap::new()).ok(),
            Some(MediaType::Json)
        );
        for value in [
            "*/*",
            "application/*",
            "",
            "text/html, application/xml;q=0.9, */*;q=0.8",
        ] {
            assert_eq!(accept(value), Some(MediaType::Json), "{value}");
        }
    }

    #[test]
    fn the_newer_type_wins_where_it_is_named() {
        for value in [
            "application/graphql-response+json",
            "Application/GraphQL-Response+JSON; charset=UTF-8",
            "application/graphql-response+json, application/json",
            "application/json, application/graphql-response+json",
            "application/graphql-response+json, application/json;q=0.9, */*;q=0.1",
            "*/*, application/graphql-response+json",
            "application/json;q=0, */*",
        ] {
            assert_eq!(accept(value), Some(MediaType::GraphqlResponse), "{value}");
        }
    }

    #[test]
    fn the_quality_decides_before_the_order() {
        for value in [
            "application/graphql-response+json;q=0.5, application/json",
            "application/graphql-response+json;q=0.899, application/json;q=0.9",
            "application/json, */*",
            "application/graphql-response+json;charset=latin1, application/json",
        ] {
            assert_eq!(accept(value), Some(MediaType::Json), "{value}");
        }
    }

    #[test]
    fn what_cannot_be_served_is_not_acceptable() {
        for value in [
            "text/html",
            "application/json;q=0",
            "application/xml, text/*",
            "application/json;charset=utf-16",
        ] {
            assert_eq!(accept(value), None, "{value}");
        }
    }

    fn body_type(value: &str) -> Option<BodyType> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, value.parse().unwrap());
        BodyType::of(&headers).ok()
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        for good in [
            "application/json",
            "Application/JSON ; charset=\"UTF-8\"",
            "application/json; profile=x",
        ] {
            assert_eq!(body_type(good), Some(BodyType::Json), "{good}");
        }
        for bad in [
            "text/plain",
            "application/json; charset=utf-16",
            "application/jsonx",
            "application/x-www-form-urlencoded",
            "",
        ] {
            assert_eq!(body_type(bad), None, "{bad}");
        }
        assert!(BodyType::of(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_body_may_be_a_form_with_a_boundary() {
        let form = Some(BodyType::Form("b1".to_owned()));
        assert_eq!(body_type("multipart/form-data; boundary=b1"), form);
        assert_eq!(body_type("Multipart/Form-Data; boundary=\"b1\""), form);
        assert_eq!(body_type("multipart/form-data"), None);
        assert_eq!(body_type("multipart/mixed; boundary=b1"), None);
    }

    #[test]
    fn two_content_types_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.append(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        assert!(BodyType::of(&headers).is_err());
    }
}
