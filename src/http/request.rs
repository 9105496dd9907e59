//! The parameters of a GraphQL request, from a body or from a query string.

use std::{fmt, future::poll_fn, pin::Pin};

use async_graphql::{Name, Value, Variables};
use axum::{
    body::{self, Bytes, HttpBody},
    extract::Query,
};
use http::Uri;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::{Map, Value as Json, value::RawValue};

use super::{
    limits::{Limit, Limits},
    persisted::HASH_PREFIX,
    refusal::Refusal,
};
use crate::{attachments::Attachments, spelling};

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
    /// Reads the body of a POST request.
    ///
    /// # Errors
    /// The body is not JSON, neither the object that GraphQL over HTTP describes nor a list, or a list
    /// that is longer than allowed.
    pub(super) fn read(body: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        if body.trim_ascii_start().starts_with(b"{") {
            return Parameters::from_fields(read_json(body)?).map(Self::One);
        }
        match read_json(body)? {
            Json::Array(requests) if requests.is_empty() => {
                Err(Refusal::bad_request("A batch holds one request at least."))
            }
            Json::Array(requests) => {
                limits.check(Limit::Batch, requests.len())?;
                let requests = requests.into_iter().map(Parameters::from_value);
                Ok(Self::Batch(requests.collect()))
            }
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
            Json::Object(_) => {
                let fields = Fields::deserialize(json);
                Self::from_fields(fields.expect("any object is one of fields"))
            }
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
        Self::from_fields(Fields {
            query: texts.query.into(),
            document_id: texts.document_id.into(),
            operation_name: texts.operation_name.into(),
            variables: decode(VARIABLES, texts.variables)?,
            extensions: decode(EXTENSIONS, texts.extensions)?,
        })
    }

    fn from_fields(fields: Fields) -> Result<Self, Refusal> {
        let operation_name = text(fields.operation_name, OPERATION_NAME)?;
        let variables = object(fields.variables, VARIABLES)?;
        let query = text(fields.query, QUERY)?;
        let id = text(fields.document_id, DOCUMENT_ID)?;
        let hash = take_hash(object(fields.extensions, EXTENSIONS)?)?;
        let mut parameters = Self {
            document: Asked::one_of(query, id, hash)?,
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
    fn one_of(
        text: Option<String>,
        id: Option<String>,
        hash: Option<String>,
    ) -> Result<Self, Refusal> {
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

/// The fields of a request that mean anything. Of a name that is there twice the last one counts.
#[derive(Default)]
struct Fields {
    query: Json,
    document_id: Json,
    operation_name: Json,
    variables: Json,
    extensions: Json,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        enum Key {
            Query,
            DocumentId,
            OperationName,
            Variables,
            Extensions,
            #[serde(other)]
            Other,
        }

        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Query => {
                            let json: Box<RawValue> = map.next_value()?;
                            fields.query = document(&json).map_err(A::Error::custom)?;
                        }
                        Key::DocumentId => fields.document_id = map.next_value()?,
                        Key::OperationName => fields.operation_name = map.next_value()?,
                        Key::Variables => fields.variables = map.next_value()?,
                        Key::Extensions => fields.extensions = map.next_value()?,
                        Key::Other => drop(map.next_value::<Json>()?),
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// What should be the text of a document: many lines, each of which ends with an escape.
fn document(json: &RawValue) -> serde_json::Result<Json> {
    let text = json.get().strip_prefix('"').and_then(spelling::read_last);
    text.map_or_else(
        || serde_json::from_str(json.get()),
        |text| Ok(Json::String(text)),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Texts {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// A body from its first byte to its last.
///
/// # Errors
/// It has more than `size` bytes, or breaks off.
pub(super) async fn read_whole(mut body: body::Body, size: usize) -> Result<Bytes, Refusal> {
    /// What is announced may never come.
    const FIRST: usize = 16 * 1024;
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(FIRST);
    let mut whole = Vec::new();
    while !body.is_end_stream() {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(frame) = frame else {
            break;
        };
        let frame =
            frame.map_err(|_| Refusal::bad_request("The body could not be read to its end."))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > size - whole.len() {
            return Err(Refusal::too_large("The body is larger than allowed."));
        }
        if whole.is_empty() {
            // Most bodies come in one piece.
            if body.is_end_stream() {
                return Ok(data);
            }
            whole.reserve(announced.min(FIRST));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.into())
}

fn read_json<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Refusal> {
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
fn text(json: Json, name: &str) -> Result<Option<String>, Refusal> {
    match json {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        _ => Err(Refusal::bad_request(format!("`{name}` must be a string."))),
    }
}

fn object(json: Json, name: &str) -> Result<Map<String, Json>, Refusal> {
    match json {
        Json::Null => Ok(Map::new()),
        Json::Object(object) => Ok(object),
        _ => Err(Refusal::bad_request(format!("`{name}` must be an object."))),
    }
}

fn read_value(name: &str, json: Json) -> Result<Value, Refusal> {
    Value::from_json(json)
        .map_err(|error| Refusal::bad_request(format!("`{name}` cannot be read: {error}.")))
}

/// The hash that the extension of automatic persisted queries gives.
fn take_hash(mut extensions: Map<String, Json>) -> Result<Option<String>, Refusal> {
    const PERSISTED: &str = "persistedQuery";
    const HASH: &str = "sha256Hash";
    let mut persisted = object(extensions.remove(PERSISTED).unwrap_or_default(), PERSISTED)?;
    if persisted.is_empty() {
        return Ok(None);
    }
    if persisted.get("version").and_then(Json::as_u64) != Some(1) {
        return Err(Refusal::bad_request(
            "`extensions.persistedQuery.version` must be 1: no other is known here.",
        ));
    }
    text(persisted.remove(HASH).unwrap_or_default(), HASH)?
        .map(Some)
        .ok_or_else(|| Refusal::bad_request("`extensions.persistedQuery` has no `sha256Hash`."))
}
