//! The one redirect that is followed.
//!
//! CRO's documentation writes paths with and without a final slash, so a server may send a read on
//! to the same URL with one. Such an answer is followed once. Any other redirect would take the
//! caller's token elsewhere, and a write must not be sent twice.

use http::{Method, StatusCode, header};
use url::Url;

use crate::{identity::Service, upstream::Endpoint};

/// The URL with a final slash, if that is where `answer` sends a read of `url` to.
pub fn slashed(endpoint: &Endpoint, url: &Url, answer: &reqwest::Response) -> Option<Url> {
    let reads = endpoint.service == Service::Cro && endpoint.method == Method::GET;
    let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    let target = target(url, answer.status(), location)?;
    reads.then_some(target)
}

fn target(url: &Url, status: StatusCode, location: &str) -> Option<Url> {
    let moved = matches!(status.as_u16(), 301 | 307 | 308);
    let mut slashed = url.clone();
    slashed.set_path(&format!("{}/", url.path()));
    let target = url.join(location).ok()?;
    let same = target.origin() == slashed.origin()
        && target.path() == slashed.path()
        && (target.query().is_none() || target.query() == url.query());
    // Our own URL, and not what the answer makes of it.
    (moved && same).then_some(slashed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_url_with_a_slash_is_a_place_to_go() {
        let url: Url = "http://host/v0/customers?page_index=2".parse().unwrap();
        let to = |status, location| target(&url, StatusCode::from_u16(status).unwrap(), location);
        let expected = "http://host/v0/customers/?page_index=2";
        for location in [
            expected,
            "/v0/customers/?page_index=2",
            "/v0/customers/",
            "customers/",
        ] {
            for status in [301, 307, 308] {
                assert_eq!(
                    to(status, location).unwrap().as_str(),
                    expected,
                    "{location}"
                );
            }
            assert_eq!(to(302, location), None);
            assert_eq!(to(200, location), None);
        }
        for elsewhere in [
            "http://other/v0/customers/",
            "https://host/v0/customers/",
            "http://host:81/v0/customers/",
            "//other/v0/customers/",
            "/v0/customers",
            "/v0/customers//",
            "/customers/",
            "/v0/customers/?page_index=3",
            "",
        ] {
            assert_eq!(to(308, elsewhere), None, "{elsewhere}");
        }
    }
}
