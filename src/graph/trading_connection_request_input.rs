//! The write of requests for a connection.

use std::sync::Arc;

use super::{
    check::Check,
    declare::{Blame, Entity, Graph},
    error::Error,
    leaf::Id,
    organization::instant,
    text::{self, email, free, line, required, uuid},
    trading_connection_request::IntegrationType,
};
use crate::{
    ids::{self, GlobalId},
    input_object,
    upstream::{
        Session,
        crux::request::{
            ConnectionRequest, CreatedRequest, NewFile, NewIntegration, NewRequest, RequestRecords,
            create_request,
        },
    },
};

input_object! {
    /// A request for a connection to another organization.
    pub struct RequestTradingConnectionInput {
        /// Name of the organization to be connected to. Free text, not an id.
        organization_name: String,
        /// Full name of the person to reach there.
        primary_contact_name: String,
        /// Telephone number of that person: at most 20 characters.
        primary_contact_phone: Option<String>,
        /// E-mail address of that person: at most 200 characters.
        primary_contact_email: Option<String>,
        /// The caller's account number at that organization.
        organization_account_number: Option<String>,
        /// Free text, such as links to sample files or specifications.
        additional_information: Option<String>,
        /// The data exchanges to ask for.
        integrations: Option<Vec<RequestedIntegrationInput>>,
        /// Files that were uploaded before: samples, documentation.
        uploaded_files: Option<Vec<UploadedFileInput>>,
    }
}

input_object! {
    /// A data exchange to ask for.
    pub struct RequestedIntegrationInput {
        /// What is exchanged.
        r#type: IntegrationType,
        /// How often: a cron expression, such as `30 6,12 * * *`. At most 200 characters.
        update_frequency: Option<String>,
        /// URLs of the files. Crux stores this text, passwords included; the gateway never shows them.
        file_locations: Option<String>,
        /// How the files are built.
        file_specs: Option<String>,
        /// Rules of the business that apply.
        rules: Option<String>,
    }
}

input_object! {
    /// A file that was uploaded before.
    pub struct UploadedFileInput {
        /// What to call the file in the request.
        name: String,
        /// Crux's id of the upload, a UUID.
        uuid: Id,
    }
}

/// What `requestTradingConnection` gives back.
struct RequestedConnection {
    request: Option<Arc<ConnectionRequest>>,
    created: CreatedRequest,
    warnings: Vec<&'static str>,
}

/// The names that Crux has for the input's fields in its samples and on reads.
const BLAME: Blame = &[
    ("requested_integrations", &["input", "integrations"]),
    ("org_name", &["input", "organizationName"]),
    ("org_contact_full_name", &["input", "primaryContactName"]),
    (
        "retailer_account_number",
        &["input", "organizationAccountNumber"],
    ),
];

/// Declares the mutation.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<RequestedConnection>::new("RequestTradingConnectionPayload", "The answer to `requestTradingConnection`. It means that Crux has the request, even if it could not be shown: do not send it again.")
            .shared_object("tradingConnectionRequest", "TradingConnectionRequest", "The request as Crux stored it; null if it could not be read back, and `warnings` says why.", |payload| payload.request.as_ref())
            .field("requestId", "The request's global id, for `tradingConnectionRequest(id:)`; null if Crux did not say.", |payload| payload.created.uuid().map(|uuid| Id(GlobalId::encode("TradingConnectionRequest", uuid))))
            .field("requestedAt", "When Crux received the request. It tells the time only here.", |payload| instant(payload.created.request_date.as_deref()))
            .field("warnings", "What is odd about Crux's answer, in words for people; usually empty.", |payload| payload.warnings.iter().map(ToString::to_string).collect::<Vec<_>>()),
    );
    graph.write(
        "requestTradingConnection",
        "Asks for a connection to another organization: as a retailer to a supplier, or the other way round. Crux approves it, or not, by hand. Two equal requests are two requests; if the answer is lost, the request is looked for by what it says. Source: Crux `POST /organizations/connections/request/`.",
        "RequestTradingConnectionPayload",
        BLAME,
        |session, input: RequestTradingConnectionInput| Box::pin(request(session, input)),
    );
}

async fn request(
    session: &Arc<Session>,
    input: RequestTradingConnectionInput,
) -> Result<RequestedConnection, Error> {
    let request = checked(input)?;
    let created = create_request(session, &request).await?;
    let Some(key) = created.uuid().and_then(|uuid| ids::uuid(uuid).ok()) else {
        return Ok(RequestedConnection {
            request: None,
            created,
            warnings: vec![NO_ID],
        });
    };
    // The write is done: whatever happens now is no failure of it.
    let stored = session.load::<RequestRecords>(key).await.ok().flatten();
    let warnings = match &stored {
        None => vec![NOT_READ],
        Some(stored) => losses(&request, stored),
    };
    Ok(RequestedConnection {
        request: stored,
        created,
        warnings,
    })
}

const NO_ID: &str = "Crux accepted the request but did not say its id. Look for it in `tradingConnectionRequests`; do not send it again.";
const NOT_READ: &str = "Crux accepted the request, but it could not be read back. Read it later by `requestId`; do not send it again.";
const LOST_INTEGRATIONS: &str = "Crux accepted the request but did not store all integrations.";
const LOST_FILES: &str = "Crux accepted the request but did not store all uploaded files.";

/// What was sent and is not there: documentation and samples disagree about the names of lists.
fn losses(sent: &NewRequest, stored: &ConnectionRequest) -> Vec<&'static str> {
    let lost = [
        (
            stored.integrations.len() < sent.integrations.len(),
            LOST_INTEGRATIONS,
        ),
        (
            stored.uploaded_files.len() < sent.uploaded_files.len(),
            LOST_FILES,
        ),
    ];
    lost.into_iter()
        .filter_map(|(is_lost, warning)| is_lost.then_some(warning))
        .collect()
}

/// The request to send. No message repeats the caller's text: it may hold a password.
fn checked(input: RequestTradingConnectionInput) -> Result<NewRequest, Error> {
    let mut check = Check::new("input");
    let account = input.organization_account_number;
    let integrations = input.integrations.unwrap_or_default();
    let files = input.uploaded_files.unwrap_or_default();
    let request = NewRequest {
        organization_name: check.read("organizationName", |path| {
            required(input.organization_name, path)
        }),
        primary_contact_name: check.read("primaryContactName", |path| {
            required(input.primary_contact_name, path)
        }),
        primary_contact_phone: check.read("primaryContactPhone", |path| {
            line(input.primary_contact_phone, text::MAX_PHONE, path)
        }),
        primary_contact_email: check.read("primaryContactEmail", |path| {
            email(input.primary_contact_email, path)
        }),
        organization_account_number: check.read("organizationAccountNumber", |path| {
            line(account, usize::MAX, path)
        }),
        additional_information: check.read("additionalInformation", |path| {
            free(input.additional_information, path)
        }),
        integrations: check.each("integrations", integrations, new_integration),
        uploaded_files: check.each("uploadedFiles", files, new_file),
    };
    check.finish(Some(request))
}

fn new_integration(check: &mut Check, integration: RequestedIntegrationInput) -> NewIntegration {
    NewIntegration {
        kind: integration.r#type.written(),
        update_frequency: check.read("updateFrequency", |path| {
            line(integration.update_frequency, text::MAX_FREQUENCY, path)
        }),
        file_locations: check.read("fileLocations", |path| {
            free(integration.file_locations, path)
        }),
        file_specs: check.read("fileSpecs", |path| free(integration.file_specs, path)),
        rules: check.read("rules", |path| free(integration.rules, path)),
    }
}

/// The file to name in a request.
pub fn new_file(check: &mut Check, file: UploadedFileInput) -> NewFile {
    NewFile {
        name: check.read("name", |path| required(file.name, path)),
        uuid: check.read("uuid", |path| uuid(&file.uuid, path)),
    }
}

#[cfg(test)]
mod tests;
