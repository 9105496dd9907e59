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
        Class, Session,
        crux::{
            request::File,
            upload::{self, upload_file},
        },
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
    let required = |name| text::required(name, &["input", "name"]);
    // Nobody waits for a file that cannot be sent.
    let given = input.name.map(required).transpose()?;
    upload::check(session)?;
    let Upload(number) = input.file;
    let file = session.attachment(number).await;
    let file = file.map_err(|why| Error::argument(&path, why))?;
    let name = match given {
        Some(name) => name,
        None => required(file.name.clone())?,
    };
    let uploaded = upload_file(session, name, file).await.map_err(|error| {
        // Where the upstream has said nothing, what is the caller's fault is in the file.
        let is_of_file = error.status.is_none() && error.class == Class::BadUserInput;
        let error = Error::from(error);
        if is_of_file {
            error.about(&path)
        } else {
            error
        }
    })?;
    Ok(UploadedTradingFile(uploaded))
}
