//! The embedded files of the page, and how one is sent: once, compressed where
//! the client allows it.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::http::{compression::Coding, entity_tag::EntityTag};

/// One file of the page.
pub(super) struct Asset {
    pub(super) path: &'static str,
    content_type: &'static str,
    /// Changes with the contents; the base of the strong entity tags.
    tag: &'static str,
    pub(super) plain: &'static [u8],
    gzip: Option<&'static [u8]>,
}

// The table `ASSETS`, written by `build.rs`.
include!(concat!(env!("OUT_DIR"), "/graphiql_assets.rs"));

/// GraphiQL needs inline styles (Monaco positions its lines with them), and fonts
/// and cursors from `data:` addresses. Scripts, workers and requests stay here.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

impl Asset {
    pub(super) fn find(path: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|asset| asset.path == path)
    }

    /// The bundler writes a hash into the names of these, so they never change.
    fn is_immutable(&self) -> bool {
        self.path.starts_with("assets/")
    }

    fn is_page(&self) -> bool {
        self.content_type.starts_with("text/html")
    }

    pub(super) fn respond(&self, request: &HeaderMap) -> Response {
        let gzip = self.gzip.filter(|_| Coding::Gzip.is_accepted(request));
        let tag = EntityTag::new(self.tag, gzip.map(|_| Coding::Gzip));

        let mut response = if tag.is_known(request) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Bytes::from_static(gzip.unwrap_or(self.plain)).into_response();
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.content_type),
            );
            if gzip.is_some() {
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        };
        self.describe(response.headers_mut(), &tag);
        response
    }

    /// The headers that a 304 repeats.
    fn describe(&self, headers: &mut HeaderMap, tag: &EntityTag) {
        let lifetime = if self.is_immutable() {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
        headers.insert(header::ETAG, tag.header());
        if self.gzip.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if self.is_page() {
            headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_file_embedded_compressed_is_another_representation_with_its_own_tag() {
        static ASSET: Asset = Asset {
            path: "page.js",
            content_type: "text/javascript",
            tag: "1",
            plain: b"plain",
            gzip: Some(b"gzip"),
        };
        let request = |value| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
        };
        let compressed = ASSET.respond(&request("br, gzip"));
        assert_eq!(compressed.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(compressed.headers()[header::VARY], "accept-encoding");
        assert_eq!(compressed.headers()[header::ETAG], "\"1-gzip\"");
        assert_eq!(
            compressed.into_body().collect().await.unwrap().to_bytes(),
            "gzip"
        );

        let plain = ASSET.respond(&request("br, gzip;q=0"));
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(plain.headers()[header::VARY], "accept-encoding");
        assert_eq!(plain.headers()[header::ETAG], "\"1\"");
        assert_eq!(
            plain.into_body().collect().await.unwrap().to_bytes(),
            "plain"
        );
    }
}
