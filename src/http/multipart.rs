//! Files beside an operation, by the GraphQL multipart request specification.
//!
//! A form has the part `operations`, which is the body that would be sent without files, then the part
//! `map`, which says which variables stand for which file, then the files. Only the first two are read
//! here: the operation is executed while its files arrive, and takes them as they come.

use std::{collections::BTreeMap, mem, time::Duration};

use async_graphql::{Request, UploadValue, Variables};
use axum::body::{Body, HttpBody};

use super::{refusal::Refusal, request::Parameters};
use crate::attachments::{Attachments, Unreadable, form::Form};

/// Bounds of a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormLimits {
    /// Bytes of the part `operations`.
    pub(super) operations: usize,
    /// Bytes of all files together.
    pub(super) files: usize,
    /// How long its sender may keep us waiting for it.
    pub(super) time: Duration,
}

/// Most files of a form.
const MAX_FILES: usize = 5;
/// Largest part `map`.
const MAX_MAP: usize = 16 * 1024;
/// What the parts' heads and boundaries may take.
const MAX_FRAME: usize = 64 * 1024;

/// The paths of variables, by the name of the part that holds the file.
type FileMap = BTreeMap<String, Vec<String>>;

/// Reads a form up to its files.
///
/// # Errors
/// It is over a limit, breaks off, or is not what the specification describes.
pub(super) async fn read(
    body: Body,
    boundary: String,
    limits: FormLimits,
) -> Result<Parameters, Refusal> {
    let whole = limits.operations + MAX_MAP + MAX_FRAME;
    let announced = body.size_hint().lower();
    if announced > (whole as u64).saturating_add(limits.files as u64) {
        return Err(Refusal::too_large("The body is larger than allowed."));
    }
    let mut form = Form::new(body.into_data_stream(), boundary, limits.time);
    let operations = read_text(&mut form, "operations", limits.operations).await?;
    let mut parameters = Parameters::from_json(&operations)?;
    let map = read_map(&read_text(&mut form, "map", MAX_MAP).await?)?;
    let (variables, parts) = attach(mem::take(&mut parameters.variables), map)?;
    Ok(Parameters {
        variables,
        attachments: Attachments::new(form, parts, limits.files),
        ..parameters
    })
}

/// Reads the next part, which must be this one.
async fn read_text(form: &mut Form, name: &str, limit: usize) -> Result<Vec<u8>, Refusal> {
    let head = form.next().await.map_err(unreadable)?;
    if head.and_then(|head| head.name).as_deref() != Some(name) {
        return Err(Refusal::bad_request(
            "A form has the parts `operations` and `map`, in this order, and then the files.",
        ));
    }
    let mut text = Vec::new();
    while let Some(chunk) = form.chunk().await.map_err(unreadable)? {
        if text.len() + chunk.len() > limit {
            let message = format!("`{name}` is larger than allowed.");
            return Err(Refusal::too_large(message));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

fn unreadable(why: Unreadable) -> Refusal {
    match why {
        Unreadable::Late => Refusal::slow_body(),
        why => Refusal::bad_request(why.to_string()),
    }
}

fn read_map(json: &[u8]) -> Result<FileMap, Refusal> {
    let map: FileMap = serde_json::from_slice(json).map_err(|_| {
        Refusal::bad_request(
            "`map` must be an object with lists of paths: {\"0\": [\"variables.file\"]}.",
        )
    })?;
    if map.len() > MAX_FILES {
        return Err(Refusal::too_large(format!(
            "At most {MAX_FILES} files are taken at once."
        )));
    }
    Ok(map)
}

/// Marks the variables that stand for files with numbers, and tells the part of each number.
///
/// # Errors
/// A path leads to no variable.
fn attach(variables: Variables, map: FileMap) -> Result<(Variables, Vec<String>), Refusal> {
    // Only a request of async-graphql knows how to follow the paths. It would hold the files, too.
    let mut request = Request::new("").variables(variables);
    let mut parts = Vec::new();
    for (part, paths) in map {
        for path in paths {
            let nothing = UploadValue {
                filename: String::new(),
                content_type: None,
                content: Vec::new().into(),
            };
            request.set_upload(&path, nothing);
            parts.push(part.clone());
            if request.uploads.len() != parts.len() {
                return Err(Refusal::bad_request(
                    "`map` has a path that leads to no variable: write it as `variables.input.file`, and give the variable as null.",
                ));
            }
        }
    }
    Ok((request.variables, parts))
}
