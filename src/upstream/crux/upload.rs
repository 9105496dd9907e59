//! Uploading files. What is uploaded cannot be read back, listed or taken back.

use std::sync::Arc;

use super::request::File;
use crate::{
    identity::Service,
    upstream::{Endpoint, Error, Session, session::SentFile},
};

static UPLOAD_FILE: Endpoint = Endpoint::post(Service::Crux, "/organizations/files/upload/");

/// Uploads a file under a name, once. The same file twice has two ids.
///
/// The newest text of the documentation names other parts; these are those of its samples, which
/// were sent for real.
///
/// # Errors
/// The upstream refused, its answer was lost, or it has no id.
pub async fn upload_file(
    session: &Session,
    name: String,
    file: &SentFile,
) -> Result<File, Arc<Error>> {
    let call = UPLOAD_FILE
        .call(&[])
        .text_part("filename", name.clone())
        .file_part("file", name.clone(), file);
    let uploaded = session.send::<File>(call).await?.value;
    Ok(File {
        // The answer has only the id.
        name: uploaded.name.or(Some(name)),
        ..uploaded
    })
}
