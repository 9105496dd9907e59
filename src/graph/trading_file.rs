//! The upload of files to Crux Connect.

use std::sync::Arc;

use super::{
    declare::{Entity, Graph},
    error::Error,
    scalars::Upload,
    text,
};
use crate::{
    input_object,
    upstream::{
        Session,
        crux::{request::File, upload::upload_file},
    },
};

input_object! {
    /// A file to upload.
    pub struct UploadTradingFileInput {
        /// The file, sent beside the operation as `multipart/form-data`.
        file: Upload,
        /// What to call it; left out, it keeps the name that it has on the caller's machine.
        name: Option<String>,
    }
}

/// What `uploadTradingFile` gives back.
struct UploadedTradingFile(File);

/// Declares the mutation.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<UploadedTradingFile>::new(
            "UploadTradingFilePayload",
            "The answer to `uploadTradingFile`.",
        )
        .object(
            "file",
            "UploadedFile",
            "The file, for `uploadedFiles` of a request for a connection.",
            |payload| &payload.0,
        ),
    );
    graph.write(
        "uploadTradingFile",
        "Uploads a file to Crux, so that a request for a connection can name it: a sample, a description. Send it by the GraphQL multipart request specification, with the header `apollo-require-preflight: true`. Nothing reads an upload back, and nothing takes it back; the same file twice has two ids. Source: Crux `POST /organizations/files/upload/`.",
        "UploadTradingFilePayload",
        &[("filename", &["input", "name"]), ("file", &["input", "file"])],
        |session, input: UploadTradingFileInput| Box::pin(upload(session, input)),
    );
}

async fn upload(
    session: &Arc<Session>,
    input: UploadTradingFileInput,
) -> Result<UploadedTradingFile, Error> {
    let path = ["input", "file"];
    let Upload(number) = input.file;
    let file = session.file(number).ok_or_else(|| {
        Error::argument(
            &path,
            "No file came with the request: send it as multipart/form-data.",
        )
    })?;
    if file.content.is_empty() {
        return Err(Error::argument(&path, "The file is empty."));
    }
    let name = input.name.unwrap_or_else(|| file.name.clone());
    let name = text::required(name, &["input", "name"])?;
    Ok(UploadedTradingFile(upload_file(session, name, file).await?))
}
