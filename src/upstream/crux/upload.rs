//! Uploading files. What is uploaded cannot be read back, listed or taken back.

use std::sync::Arc;

use super::request::File;
use crate::{
    attachments::Attachment,
    identity::Service,
    upstream::{Endpoint, Error, Session, call::Form},
};

static UPLOAD_FILE: Endpoint = Endpoint::post(Service::Crux, "/organizations/files/upload/");

/// Whether it makes sense to wait for a file.
///
/// # Errors
/// There is nobody to send it to, or nobody in whose name.
pub fn check(session: &Session) -> Result<(), Arc<Error>> {
    let transport = &session.upstreams().transport;
    transport.check(session, UPLOAD_FILE.service)
}

/// Uploads a file under a name, once. The same file twice has two ids.
///
/// The newest text of the documentation names other parts; these are those of its samples, which
/// were sent for real.
///
/// # Errors
/// The upstream refused, its answer was lost, or it has no id; or the file breaks off, which leaves
/// nothing of it behind.
pub async fn upload_file(
    session: &Session,
    name: String,
    file: Attachment,
) -> Result<File, Arc<Error>> {
    let form = Form {
        texts: vec![("filename", name.clone())],
        part: "file",
        file_name: name.clone(),
        file,
    };
    let call = UPLOAD_FILE.call(&[]).form(form);
    let uploaded = session.send::<File>(call).await?.value;
    Ok(File {
        // The answer has only the id.
        name: uploaded.name.or(Some(name)),
        ..uploaded
    })
}
