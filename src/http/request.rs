//! The parameters of a GraphQL request, from a body or from a query string.

use async_graphql::{Name, Value, Variables};
use axum::{
    body::Bytes,
    extract::{FromRequest, Query, Request, rejection::BytesRejection},
};
use http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::refusal::{Code, Refusal};

/// What a caller asks for.
#[derive(Default)]
pub(super) struct Parameters {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    /// Files, each with the paths of the variables that stand for it.
    pub(super) files: Vec<File>,
}

/// A file of a form.
pub(super) struct File {
    pub(super) paths: Vec<String>,
    pub(super) name: String,
    pub(super) media_type: Option<String>,
    pub(super) content: Bytes,
}

impl Parameters {
    /// Reads the body of a POST request; a layer of the route bounds its size.
    ///
    /// # Errors
    /// The body is too large, not JSON, or not the object that GraphQL over HTTP describes.
    pub(super) async fn from_body(request: Request) -> Result<Self, Refusal> {
        let body = Bytes::from_request(request, &())
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        Self::from_json(&body)
    }

    /// Reads the JSON of a body, or of the part of a form that stands for it.
    ///
    /// # Errors
    /// It is not the object that GraphQL over HTTP describes.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(json) {
            Ok(Json::Object(fields)) => Self::from_fields(fields),
            Ok(Json::Array(_)) => Err(Refusal::bad_request(
                "Batches are not supported: send one request at a time.",
            )),
            Ok(_) => Err(Refusal::bad_request("The body must be a JSON object.")),
            Err(error) => Err(Refusal::bad_request(format!(
                "The body is not JSON: {error}."
            ))),
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
        fields.insert(OPERATION_NAME.to_owned(), texts.operation_name.into());
        fields.insert(VARIABLES.to_owned(), decode(VARIABLES, texts.variables)?);
        fields.insert(EXTENSIONS.to_owned(), decode(EXTENSIONS, texts.extensions)?);
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Json>) -> Result<Self, Refusal> {
        let query = take_text(&mut fields, QUERY)?;
        let operation_name =
            take_text(&mut fields, OPERATION_NAME)?.filter(|name| !name.is_empty());
        let variables = take_object(&mut fields, VARIABLES)?;
        let extensions = take_object(&mut fields, EXTENSIONS)?;
        let Some(query) = query.filter(|query| !query.is_empty()) else {
            return Err(missing_query(&extensions));
        };
        let mut parameters = Self {
            query,
            operation_name,
            ..Self::default()
        };
        for (name, json) in variables {
            parameters
                .variables
                .insert(Name::new(&name), read_value(VARIABLES, json)?);
        }
        Ok(parameters)
    }
}

const QUERY: &str = "query";
const OPERATION_NAME: &str = "operationName";
const VARIABLES: &str = "variables";
const EXTENSIONS: &str = "extensions";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Texts {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

fn decode(name: &str, text: Option<String>) -> Result<Json, Refusal> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(Json::Null),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| Refusal::bad_request(format!("`{name}` is not JSON: {error}."))),
    }
}

fn take_text(fields: &mut Map<String, Json>, name: &str) -> Result<Option<String>, Refusal> {
    match fields.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
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

fn missing_query(extensions: &Map<String, Json>) -> Refusal {
    if extensions.contains_key("persistedQuery") {
        // The exact words that clients know: they send the document next.
        return Refusal::at(
            Code::PersistedQueryNotSupported,
            None,
            "PersistedQueryNotSupported",
        );
    }
    Refusal::bad_request("`query` is missing: it must be a string with a GraphQL document.")
}

fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::too_large("The body is larger than allowed.");
    }
    Refusal::bad_request("The body could not be read to its end.")
}
