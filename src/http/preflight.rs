//! Requests that another site's page could make in a visitor's name.

use http::{
    HeaderMap,
    header::{HeaderValue, ORIGIN},
};

use super::refusal::Refusal;

/// Headers that a page can only send to another site after a preflight request, which is answered
/// only to the sites that are allowed. The names are those of Apollo's clients and of GraphQL Yoga's.
const PROOFS: [&str; 3] = [
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "graphql-require-preflight",
];

/// Refuses a GET request that a page of another site may have made.
///
/// A browser says where a request comes from in `Sec-Fetch-Site`. What does not say it is a program,
/// or a browser without TLS. Those may pass: no cookie is read here, so a request that a page could
/// cause without a preflight request carries nobody's credentials. Pages of `origins` may ask anyway.
///
/// # Errors
/// The request comes from another site, without a header that proves a preflight request.
pub(super) fn require_own_site(
    headers: &HeaderMap,
    origins: &[HeaderValue],
) -> Result<(), Refusal> {
    let own_site = headers
        .get_all("sec-fetch-site")
        .iter()
        .all(|site| site == "same-origin" || site == "none");
    let is_allowed = || {
        headers
            .get(ORIGIN)
            .is_some_and(|origin| origins.contains(origin))
    };
    if own_site || is_proven(headers) || is_allowed() {
        return Ok(());
    }
    Err(Refusal::bad_request(
        "This request comes from another site. Send it by POST, or add the header `apollo-require-preflight: true`.",
    ))
}

/// Refuses a form without a header that proves a preflight request: a browser sends forms to other
/// sites without asking.
///
/// # Errors
/// There is no such header.
pub(super) fn require_proof(headers: &HeaderMap) -> Result<(), Refusal> {
    if is_proven(headers) {
        return Ok(());
    }
    Err(Refusal::bad_request(
        "A form needs the header `apollo-require-preflight: true`, which pages of other sites cannot send unasked.",
    ))
}

fn is_proven(headers: &HeaderMap) -> bool {
    PROOFS
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_needs_a_proof_wherever_it_comes_from() {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        assert!(require_proof(&headers).is_err());
        headers.insert("x-apollo-operation-name", "".parse().unwrap());
        assert!(require_proof(&headers).is_err());
        headers.insert("x-apollo-operation-name", "Upload".parse().unwrap());
        assert!(require_proof(&headers).is_ok());
    }

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        require_own_site(&map, &[HeaderValue::from_static("https://app.example.com")]).is_ok()
    }

    #[test]
    fn pages_of_allowed_sites_may_get_and_no_others() {
        for (origin, expected) in [
            ("https://app.example.com", true),
            ("http://app.example.com", false),
            ("https://app.example.com:8443", false),
            ("https://app.example.com.evil.example", false),
            ("null", false),
        ] {
            let headers = [("sec-fetch-site", "cross-site"), ("origin", origin)];
            assert_eq!(allowed(&headers), expected, "{origin}");
        }
    }

    #[test]
    fn own_pages_and_programs_may_get() {
        assert!(allowed(&[]));
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("sec-fetch-site", "none")]));
    }

    #[test]
    fn other_sites_need_a_proof() {
        for site in ["cross-site", "same-site"] {
            assert!(!allowed(&[("sec-fetch-site", site)]));
            assert!(!allowed(&[
                ("sec-fetch-site", site),
                ("apollo-require-preflight", "")
            ]));
            for proof in PROOFS {
                assert!(allowed(&[("sec-fetch-site", site), (proof, "true")]));
            }
        }
        assert!(!allowed(&[
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "cross-site")
        ]));
    }
}
