//! Uploading a file: `multipart/form-data` in, an id out. The contents are not kept.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, json};

use super::super::answer;
use super::Crux;
use super::access::Account;
use super::refusal::Refusal;

/// The largest form, in bytes.
pub(super) const LARGEST: usize = 64 * 1024 * 1024;

pub(super) async fn upload(
    State(api): State<Arc<Crux>>,
    _: Account,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let parts = kind
        .and_then(boundary)
        .map(|boundary| part_names(&body, boundary));
    let Some(parts) = parts else {
        let detail = json!({ "detail": "Unsupported media type in request." });
        return Err(Refusal {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            body: detail,
        });
    };
    let missing: Map<_, _> = ["filename", "file"]
        .into_iter()
        .filter(|name| !parts.iter().any(|part| part == name))
        .map(|name| (name.to_owned(), json!(["This field is required."])))
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::fields(missing.into()));
    }
    let mut state = api.store.write();
    let id = state.new_id("upload");
    state.uploads.push(id.clone());
    Ok(answer::json(StatusCode::CREATED, &json!({ "uuid": id })))
}

fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.strip_prefix("multipart/form-data")?;
    let value = parameters
        .split(';')
        .find_map(|it| it.trim().strip_prefix("boundary="))?;
    Some(value.trim_matches('"'))
}

/// The names of the parts that are not empty.
fn part_names(body: &[u8], boundary: &str) -> Vec<String> {
    // Only names are looked for, so contents that are no UTF-8 do no harm.
    let text = String::from_utf8_lossy(body);
    let mark = format!("--{boundary}");
    text.split(mark.as_str())
        .filter_map(|part| part.split_once("\r\n\r\n"))
        .filter(|(_, content)| !content.trim_end_matches("\r\n").is_empty())
        .filter_map(|(head, _)| {
            let rest = head.split_once("; name=")?.1.trim_start_matches('"');
            rest.split(['"', ';', '\r']).next().map(str::to_owned)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_by_name() {
        let kind = "multipart/form-data; charset=utf-8; boundary=\"b1\"";
        assert_eq!(boundary(kind), Some("b1"));
        assert_eq!(boundary("application/json"), None);
        let body = "--b1\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\nItems\r\n\
                    --b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\
                    Content-Type: text/csv\r\n\r\nsku;title\r\n--b1--\r\n";
        assert_eq!(part_names(body.as_bytes(), "b1"), ["filename", "file"]);
    }
}
