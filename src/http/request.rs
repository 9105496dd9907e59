//! The parameters of a GraphQL request, from a body or from a query string.

use async_graphql::{Name, Value, Variables};
use axum::{
    body::Bytes,
    extract::{FromRequest, Query, Request, rejection::BytesRejection},
};
use http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{
    limits::{Limit, Limits},
    persisted::HASH_PREFIX,
    refusal::Refusal,
};
use crate::attachments::Attachments;

/// What a caller asks for.
pub(super) struct Parameters {
    pub(super) document: Asked,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    /// The files that variables stand for, by the numbers that these carry.
    pub(super) attachments: Attachments,
}

/// Which document a caller means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The one with this text; the caller may say its hash as well.
    Text { text: String, hash: Option<String> },
    /// The one whose text has this SHA-256.
    Hash(String),
    /// The one that is known by this name.
    Id(String),
}

/// What a body asks for.
pub(super) enum Body {
    /// One request.
    One(Parameters),
    /// A batch: each request in it is answered on its own, also if it is none.
    Batch(Vec<Result<Parameters, Refusal>>),
}

impl Body {
    /// Reads the body of a POST request; a layer of the route bounds its size.
    ///
    /// # Errors
    /// The body is too large, not JSON, neither the object that GraphQL over HTTP describes nor a list,
    /// or a list that is longer than allowed.
    pub(super) async fn from_body(request: Request, limits: &Limits) -> Result<Self, Refusal> {
        let body = Bytes::from_request(request, &())
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        match read_json(&body)? {
            Json::Array(requests) if requests.is_empty() => {
                Err(Refusal::bad_request("A batch holds one request at least."))
            }
            Json::Array(requests) => {
                limits.check(Limit::Batch, requests.len())?;
                let requests = requests.into_iter().map(Parameters::from_value);
                Ok(Self::Batch(requests.collect()))
            }
            Json::Object(fields) => Parameters::from_fields(fields).map(Self::One),
            _ => Err(Refusal::bad_request("The body must be a JSON object.")),
        }
    }
}

impl Parameters {
    /// Reads the JSON of one request: the part of a form that stands for it.
    ///
    /// # Errors
    /// It is not the object that GraphQL over HTTP describes.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        match read_json(json)? {
            Json::Array(_) => Err(Refusal::bad_request(
                "A form holds one request: a batch cannot have files.",
            )),
            json => Self::from_value(json),
        }
    }

    fn from_value(json: Json) -> Result<Self, Refusal> {
        match json {
            Json::Object(fields) => Self::from_fields(fields),
            _ => Err(Refusal::bad_request("A request must be a JSON object.")),
        }
    }

    /// Reads the query string of a GET request.
    ///
    /// # Errors
    /// A parameter is given twice, or its text is not what it should be.
    pub(super) fn from_uri(uri: &Uri) -> Result<Self, Refusal> {
        let Query(texts): Query<Texts> = Query::try_from_uri(uri).map_err(|_| {
            Refusal::bad_request("The query string is malformed or repeats a parameter.")
        })?;
        let mut fields = Map::new();
        fields.insert(QUERY.to_owned(), texts.query.into());
        fields.insert(DOCUMENT_ID.to_owned(), texts.document_id.into());
        fields.insert(OPERATION_NAME.to_owned(), texts.operation_name.into());
        fields.insert(VARIABLES.to_owned(), decode(VARIABLES, texts.variables)?);
        fields.insert(EXTENSIONS.to_owned(), decode(EXTENSIONS, texts.extensions)?);
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Json>) -> Result<Self, Refusal> {
        let operation_name = take_text(&mut fields, OPERATION_NAME)?;
        let variables = take_object(&mut fields, VARIABLES)?;
        let mut parameters = Self {
            document: Asked::take(&mut fields)?,
            operation_name,
            variables: Variables::default(),
            attachments: Attachments::default(),
        };
        for (name, json) in variables {
            parameters
                .variables
                .insert(Name::new(&name), read_value(VARIABLES, json)?);
        }
        Ok(parameters)
    }
}

impl Asked {
    /// A document is named as the appendix of GraphQL over HTTP says, or as Apollo's clients do it.
    fn take(fields: &mut Map<String, Json>) -> Result<Self, Refusal> {
        let text = take_text(fields, QUERY)?;
        let id = take_text(fields, DOCUMENT_ID)?;
        let hash = take_hash(&mut take_object(fields, EXTENSIONS)?)?;
        match (text, id, hash) {
            (Some(_), Some(_), _) => Err(Refusal::bad_request(
                "`query` and `documentId` are both there: send one of them.",
            )),
            (Some(text), None, hash) => Ok(Self::Text { text, hash }),
            (None, Some(id), _) => Ok(match id.strip_prefix(HASH_PREFIX) {
                Some(hash) => Self::Hash(hash.to_owned()),
                None => Self::Id(id),
            }),
            (None, None, Some(hash)) => Ok(Self::Hash(hash)),
            (None, None, None) => Err(Refusal::bad_request(
                "`query` is missing: it must be a string with a GraphQL document.",
            )),
        }
    }
}

const QUERY: &str = "query";
const DOCUMENT_ID: &str = "documentId";
const OPERATION_NAME: &str = "operationName";
const VARIABLES: &str = "variables";
const EXTENSIONS: &str = "extensions";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Texts {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn read_json(text: &[u8]) -> Result<Json, Refusal> {
    serde_json::from_slice(text)
        .map_err(|error| Refusal::bad_request(format!("The body is not JSON: {error}.")))
}

fn decode(name: &str, text: Option<String>) -> Result<Json, Refusal> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(Json::Null),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| Refusal::bad_request(format!("`{name}` is not JSON: {error}."))),
    }
}

/// An empty text is none.
fn take_text(fields: &mut Map<String, Json>, name: &str) -> Result<Option<String>, Refusal> {
    match fields.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be a string."))),
    }
}

fn take_object(fields: &mut Map<String, Json>, name: &str) -> Result<Map<String, Json>, Refusal> {
    match fields.remove(name) {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object."))),
    }
}

fn read_value(name: &str, json: Json) -> Result<Value, Refusal> {
    Value::from_json(json)
        .map_err(|error| Refusal::bad_request(format!("`{name}` cannot be read: {error}.")))
}

/// The hash that the extension of automatic persisted queries gives.
fn take_hash(extensions: &mut Map<String, Json>) -> Result<Option<String>, Refusal> {
    let mut persisted = take_object(extensions, "persistedQuery")?;
    if persisted.is_empty() {
        return Ok(None);
    }
    if persisted.get("version").and_then(Json::as_u64) != Some(1) {
        return Err(Refusal::bad_request(
            "`extensions.persistedQuery.version` must be 1: no other is known here.",
        ));
    }
    take_text(&mut persisted, "sha256Hash")?
        .map(Some)
        .ok_or_else(|| Refusal::bad_request("`extensions.persistedQuery` has no `sha256Hash`."))
}

fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::too_large("The body is larger than allowed.");
    }
    Refusal::bad_request("The body could not be read to its end.")
}
