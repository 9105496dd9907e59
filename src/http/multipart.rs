//! Files beside an operation, by the GraphQL multipart request specification.
//!
//! A form has the part `operations`, which is the body that would be sent without files, then the part
//! `map`, which says which variables stand for which file, then the files. Files are held in memory
//! until the operation has ended, so that a form is known to be whole and within its limits before
//! anything is sent on. The limits bound that memory.

use std::collections::HashMap;

use async_graphql::{Request, UploadValue, Variables};
use axum::body::Body;
use multer::{Constraints, Error, Field, Multipart, SizeLimit};

use super::{
    refusal::Refusal,
    request::{File, Parameters},
};

/// Bounds of a form, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormLimits {
    /// The part `operations`.
    pub(super) operations: usize,
    /// All files together.
    pub(super) files: usize,
}

/// Most files of a form.
const MAX_FILES: usize = 5;
/// Largest part `map`.
const MAX_MAP: usize = 16 * 1024;
/// What the parts' headers and boundaries may take.
const MAX_FRAME: usize = 64 * 1024;

/// The paths of variables, by the name of the part that holds the file.
type FileMap = HashMap<String, Vec<String>>;

/// Reads a form.
///
/// # Errors
/// It is over a limit, breaks off, or is not what the specification describes.
pub(super) async fn read(
    body: Body,
    boundary: String,
    limits: FormLimits,
) -> Result<Parameters, Refusal> {
    let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, limits.into());
    let mut parameters: Option<Parameters> = None;
    let mut map: Option<FileMap> = None;
    let mut left = limits.files;
    while let Some(part) = form
        .next_field()
        .await
        .map_err(|error| unreadable(&error))?
    {
        match (part.name(), &mut parameters, &mut map) {
            (Some(OPERATIONS), None, None) => {
                parameters = Some(Parameters::from_json(&content(part).await?)?);
            }
            (Some(MAP), Some(_), None) => map = Some(read_map(&content(part).await?)?),
            (Some(_), Some(parameters), Some(map)) => {
                let file = read_file(part, map, &mut left).await?;
                parameters.files.push(file);
            }
            _ => return Err(misshapen()),
        }
    }
    match (parameters, map) {
        (Some(parameters), Some(map)) if map.is_empty() => Ok(parameters),
        (Some(_), Some(_)) => Err(Refusal::bad_request(
            "`map` names a file that is not in the form.",
        )),
        _ => Err(misshapen()),
    }
}

const OPERATIONS: &str = "operations";
const MAP: &str = "map";

impl From<FormLimits> for Constraints {
    fn from(limits: FormLimits) -> Self {
        let bytes = |limit: usize| limit as u64;
        let whole = bytes(limits.operations)
            .saturating_add(bytes(limits.files))
            .saturating_add(bytes(MAX_MAP + MAX_FRAME));
        let sizes = SizeLimit::new()
            .whole_stream(whole)
            .per_field(bytes(limits.files))
            .for_field(OPERATIONS, bytes(limits.operations))
            .for_field(MAP, bytes(MAX_MAP));
        Self::new().size_limit(sizes)
    }
}

async fn content(part: Field<'_>) -> Result<axum::body::Bytes, Refusal> {
    part.bytes().await.map_err(|error| unreadable(&error))
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

/// Reads the next file, and takes it out of the map.
async fn read_file(part: Field<'_>, map: &mut FileMap, left: &mut usize) -> Result<File, Refusal> {
    let paths = part.name().and_then(|name| map.remove(name));
    let paths = paths.ok_or_else(|| {
        Refusal::bad_request("The form has a part that `map` does not name, or names once only.")
    })?;
    let name = part.file_name().unwrap_or_default().to_owned();
    let media_type = part.content_type().map(ToString::to_string);
    let content = content(part).await?;
    *left = left
        .checked_sub(content.len())
        .ok_or_else(|| Refusal::too_large("The files are larger than allowed."))?;
    Ok(File {
        paths,
        name,
        media_type,
        content,
    })
}

/// Puts the files in the place of the variables that stand for them.
///
/// # Errors
/// A path leads to no variable.
pub(super) fn attach(
    variables: Variables,
    files: Vec<File>,
) -> Result<(Variables, Vec<UploadValue>), Refusal> {
    if files.is_empty() {
        return Ok((variables, Vec::new()));
    }
    // Only a request of async-graphql knows how to follow the paths.
    let mut request = Request::new("").variables(variables);
    for file in files {
        for path in &file.paths {
            let known = request.uploads.len();
            let upload = UploadValue {
                filename: file.name.clone(),
                content_type: file.media_type.clone(),
                content: file.content.clone(),
            };
            request.set_upload(path, upload);
            if request.uploads.len() == known {
                return Err(Refusal::bad_request(
                    "`map` has a path that leads to no variable: write it as `variables.input.file`, and give the variable as null.",
                ));
            }
        }
    }
    Ok((request.variables, request.uploads))
}

fn misshapen() -> Refusal {
    Refusal::bad_request(
        "A form has the parts `operations` and `map`, in this order, and then the files.",
    )
}

fn unreadable(error: &Error) -> Refusal {
    match error {
        Error::FieldSizeExceeded { field_name, .. } => match field_name.as_deref() {
            Some(name @ (OPERATIONS | MAP)) => {
                Refusal::too_large(format!("`{name}` is larger than allowed."))
            }
            _ => Refusal::too_large("The files are larger than allowed."),
        },
        Error::StreamSizeExceeded { .. } => Refusal::too_large("The body is larger than allowed."),
        _ => Refusal::bad_request("The form could not be read to its end."),
    }
}
