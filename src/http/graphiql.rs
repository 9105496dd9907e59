//! The GraphiQL page: files that `build.rs` put into the binary, and the settings
//! the page asks for when it starts. Nothing here comes from another host.

mod assets;

use assets::Asset;
use axum::{
    Json, Router,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::{Serialize, Serializer};

/// What the page starts with.
#[derive(Clone, Serialize)]
pub struct Page {
    /// The heading of the page and the title of its window.
    pub title: String,
    /// The headers every new tab offers. An empty value is not sent: it only tells
    /// the reader which header to fill in.
    #[serde(serialize_with = "in_order")]
    pub headers: Vec<(String, String)>,
    /// The examples: open tabs at the first visit, a list in the side panel later.
    pub tabs: Vec<Tab>,
    /// Whether the gateway explains answers: the page then has a panel for that.
    pub explain: bool,
}

/// One example of the page.
#[derive(Clone, Serialize)]
pub struct Tab {
    /// Its name in the list of examples. The tab itself shows the operation's name.
    pub title: String,
    /// The document; name its operation.
    pub query: String,
    /// The variables, an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<serde_json::Value>,
    /// Headers beside and instead of the page's.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "in_order")]
    pub headers: Vec<(String, String)>,
}

/// Serves the page under `/graphiql`, and leads `/` there.
pub fn router<S: Clone + Send + Sync + 'static>(page: Page) -> Router<S> {
    Router::new()
        .route("/", get(async || Redirect::temporary("/graphiql")))
        .route(
            "/graphiql",
            get(async |headers: HeaderMap| serve("index.html", &headers)),
        )
        .route("/graphiql/", get(async || Redirect::temporary("/graphiql")))
        .route("/graphiql/settings.json", get(async || settings(page)))
        .route(
            "/graphiql/{*path}",
            get(async |Path(path): Path<String>, headers: HeaderMap| serve(&path, &headers)),
        )
        // Outermost, so that redirects, errors and 304s are hardened as well.
        .layer(middleware::map_response(harden))
}

fn serve(path: &str, request: &HeaderMap) -> Response {
    match Asset::find(path) {
        Some(asset) => asset.respond(request),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

// In the sandbox these hold credentials, though only made-up ones.
fn settings(page: Page) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(page))
}

async fn harden(response: Response) -> impl IntoResponse {
    let headers = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    (headers, response)
}

fn in_order<S: Serializer>(headers: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assets::ASSETS;
    use axum::{
        body::{Body, Bytes},
        http::{HeaderName, Request},
    };
    use http_body_util::BodyExt;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    fn page() -> Page {
        Page {
            title: "Haulgraph".to_owned(),
            headers: vec![
                ("X-Tenant-Id".to_owned(), "tenant".to_owned()),
                ("Authorization".to_owned(), String::new()),
            ],
            tabs: vec![
                Tab {
                    title: "Plain".to_owned(),
                    query: "query Plain { tenants { name } }".to_owned(),
                    variables: None,
                    headers: Vec::new(),
                },
                Tab {
                    title: "Full".to_owned(),
                    query: "query Full($id: ID!) { customer(id: $id) { name } }".to_owned(),
                    variables: Some(json!({ "id": "1" })),
                    headers: vec![("X-Tenant-Id".to_owned(), "other".to_owned())],
                },
            ],
            explain: true,
        }
    }

    async fn get(path: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = router::<()>(page())
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        (
            parts.status,
            parts.headers,
            body.collect().await.unwrap().to_bytes(),
        )
    }

    fn address(asset: &Asset) -> String {
        format!("/graphiql/{}", asset.path)
    }

    #[tokio::test]
    async fn the_root_leads_to_the_page() {
        let (status, headers, _) = get("/", &[]).await;
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(headers[header::LOCATION], "/graphiql");
    }

    #[tokio::test]
    async fn the_page_is_confined_to_its_own_origin() {
        let (status, headers, _) = get("/graphiql", &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        assert_eq!(
            headers[header::CONTENT_SECURITY_POLICY],
            "default-src 'none'; script-src 'self'; worker-src 'self'; \
             style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
    }

    #[tokio::test]
    async fn the_page_names_only_files_that_are_embedded() {
        let (_, _, body) = get("/graphiql", &[]).await;
        let html = String::from_utf8(body.to_vec()).unwrap();
        let named: Vec<_> = html
            .split(['"', '\''])
            .filter_map(|text| text.strip_prefix("/graphiql/"))
            .collect();
        assert!(named.len() >= 3, "icon, script and style: {html}");
        for path in named {
            assert!(Asset::find(path).is_some(), "{path} is not embedded");
        }
        assert!(!html.contains("://"), "the page names another host: {html}");
    }

    #[tokio::test]
    async fn the_settings_keep_the_order_of_headers_and_are_never_stored() {
        let (status, headers, body) = get("/graphiql/settings.json", &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            text.contains(r#""headers":{"X-Tenant-Id":"tenant","Authorization":""}"#),
            "{text}"
        );
        let settings: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            settings["tabs"],
            json!([
                { "title": "Plain", "query": "query Plain { tenants { name } }" },
                {
                    "title": "Full",
                    "query": "query Full($id: ID!) { customer(id: $id) { name } }",
                    "variables": { "id": "1" },
                    "headers": { "X-Tenant-Id": "other" },
                },
            ])
        );
    }

    #[tokio::test]
    async fn every_answer_is_hardened() {
        for path in [
            "/",
            "/graphiql",
            "/graphiql/settings.json",
            "/graphiql/icon.svg",
            "/graphiql/absent.js",
        ] {
            let (_, headers, _) = get(path, &[]).await;
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
            assert_eq!(
                headers["cross-origin-opener-policy"], "same-origin",
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn every_embedded_file_arrives_whole_and_only_once() {
        assert!(ASSETS.len() >= 4);
        for asset in ASSETS {
            let (status, headers, body) = get(&address(asset), &[]).await;
            assert_eq!(
                (status, body.as_ref()),
                (StatusCode::OK, asset.plain),
                "{}",
                asset.path
            );
            assert!(
                !headers.contains_key(header::CONTENT_ENCODING),
                "{}",
                asset.path
            );
            let hashed = asset.path.starts_with("assets/");
            let lifetime = headers[header::CACHE_CONTROL].to_str().unwrap();
            assert_eq!(lifetime.contains("immutable"), hashed, "{}", asset.path);

            let tag = headers[header::ETAG].to_str().unwrap();
            let (status, again, body) = get(&address(asset), &[(header::IF_NONE_MATCH, tag)]).await;
            assert_eq!(
                (status, body.len()),
                (StatusCode::NOT_MODIFIED, 0),
                "{}",
                asset.path
            );
            assert_eq!(again[header::ETAG], headers[header::ETAG], "{}", asset.path);
        }
    }
}
