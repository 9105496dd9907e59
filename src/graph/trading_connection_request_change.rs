//! The change of a request for a connection.

use std::sync::Arc;

use async_graphql::MaybeUndefined;
use uuid::Uuid;

use super::{
    check::Check,
    declare::{Blame, Entity, Graph},
    error::Error,
    leaf::Id,
    node,
    text::{self, email, free, line, required, uuid},
    trading_connection_request::IntegrationType,
    trading_connection_request_input::{UploadedFileInput, new_file},
};
use crate::{
    ids, input_object,
    upstream::{
        Session,
        crux::request::{
            Changed, ConnectionRequest, IntegrationChange, RequestChange, RequestRecords,
            TextChange, update_request,
        },
    },
};

mod comparison;

input_object! {
    /// A change of a request for a connection. What is left out stays as it is; where null is allowed to mean something, it clears the text.
    pub struct UpdateTradingConnectionRequestInput {
        /// The request: global id, or Crux's UUID of it.
        request_id: Id,
        /// New name of the organization to be connected to. Null leaves it.
        organization_name: Option<String>,
        /// New full name of the person to reach there. Null leaves it.
        primary_contact_name: Option<String>,
        /// New telephone number of that person: at most 20 characters. Null clears it.
        primary_contact_phone: MaybeUndefined<String>,
        /// New e-mail address of that person: at most 200 characters. Null clears it.
        primary_contact_email: MaybeUndefined<String>,
        /// The caller's new account number at that organization. Null clears it.
        organization_account_number: MaybeUndefined<String>,
        /// New free text. Null clears it.
        additional_information: MaybeUndefined<String>,
        /// Data exchanges to change or to add. Those that are not named stay: Crux documents no way to take one back.
        integrations: Option<Vec<ChangedIntegrationInput>>,
        /// Files to add that were uploaded before. Those that the request has stay.
        added_files: Option<Vec<UploadedFileInput>>,
    }
}

input_object! {
    /// A data exchange to change, or to add.
    pub struct ChangedIntegrationInput {
        /// Which one to change: its `upstreamId`. Left out, this is a new one, which needs a `type`.
        integration_id: Option<Id>,
        /// What is exchanged. Null leaves it.
        r#type: Option<IntegrationType>,
        /// How often: a cron expression, such as `30 6,12 * * *`. At most 200 characters. Null clears it.
        update_frequency: MaybeUndefined<String>,
        /// URLs of the files. Crux stores this text, passwords included; the gateway never shows them. Null clears it.
        file_locations: MaybeUndefined<String>,
        /// How the files are built. Null clears it.
        file_specs: MaybeUndefined<String>,
        /// Rules of the business that apply. Null clears it.
        rules: MaybeUndefined<String>,
    }
}

/// What `updateTradingConnectionRequest` gives back.
struct ChangedRequest {
    request: Option<Arc<ConnectionRequest>>,
    warnings: Vec<String>,
}

const REQUEST: &[&str] = &["input", "requestId"];
const INTEGRATIONS: &[&str] = &["input", "integrations"];
const FILES: &[&str] = &["input", "addedFiles"];

/// The names that Crux has for the input's fields. All data exchanges are sent, so a place in that
/// list is none in the caller's.
const BLAME: Blame = &[
    ("integrations", INTEGRATIONS),
    ("integrations.record_uuid", INTEGRATIONS),
    ("integrations.integration_type", INTEGRATIONS),
    ("integrations.update_frequency", INTEGRATIONS),
    ("integrations.feed_source_file_locations", INTEGRATIONS),
    ("integrations.file_specs", INTEGRATIONS),
    ("integrations.rules", INTEGRATIONS),
    ("uploaded_files", FILES),
    ("uploaded_files.name", FILES),
    ("uploaded_files.uuid", FILES),
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
        Entity::<ChangedRequest>::new("UpdateTradingConnectionRequestPayload", "The answer to `updateTradingConnectionRequest`. It means that Crux accepted the change: read `warnings` for what it made of it.")
            .shared_object("tradingConnectionRequest", "TradingConnectionRequest", "The request as Crux has it after the change; null if it could not be read back, and `warnings` says so.", |payload| payload.request.as_ref())
            .field("warnings", "Where the request differs from what was sent, in words for people; usually empty. Crux answers a change without saying what it took.", |payload| payload.warnings.clone()),
    );
    graph.write(
        "updateTradingConnectionRequest",
        "Changes a request for a connection, and adds data exchanges and files to it. Crux does not say whether an approved request may still be changed. Source: Crux `PATCH /organizations/connections/request/{uuid}/`.",
        "UpdateTradingConnectionRequestPayload",
        BLAME,
        |session, input: UpdateTradingConnectionRequestInput| Box::pin(update(session, input)),
    );
}

async fn update(
    session: &Arc<Session>,
    input: UpdateTradingConnectionRequestInput,
) -> Result<ChangedRequest, Error> {
    let (key, change) = checked(input)?;
    let sent = match update_request(session, key, &change).await? {
        Changed::Sent(sent) => sent,
        Changed::UnknownRequest => {
            return Err(Error::not_found(REQUEST, "There is no such request."));
        }
        Changed::UnknownIntegration(at) => {
            let at = at.to_string();
            let path = ["input", "integrations", &at, "integrationId"];
            return Err(Error::not_found(
                &path,
                "The request has no such data exchange.",
            ));
        }
    };
    // The write is done: whatever happens now is no failure of it.
    let request = session.load::<RequestRecords>(key).await.ok().flatten();
    let warnings = match &request {
        None => vec![NOT_READ.to_owned()],
        Some(request) => comparison::differences(&change, &sent, request),
    };
    Ok(ChangedRequest { request, warnings })
}

const NOT_READ: &str = "Crux accepted the change, but the request could not be read back. Read it before changing it again.";

/// The request, and the change to send. No message repeats the caller's text: it may hold a
/// password.
fn checked(input: UpdateTradingConnectionRequestInput) -> Result<(Uuid, RequestChange), Error> {
    let mut check = Check::new("input");
    let key = check.take("requestId", |path| {
        let kinds = ["TradingConnectionRequest"];
        node::read_id(&input.request_id, path, &kinds, ids::uuid, |id| {
            Ok(ids::uuid(id)?)
        })
    });
    let name = |text: Option<String>, path: &[&str]| {
        let name = text.map(|text| required(text, path));
        name.transpose()
    };
    let account = input.organization_account_number;
    let integrations = input.integrations.unwrap_or_default();
    let change = RequestChange {
        organization_name: check.read("organizationName", |path| {
            name(input.organization_name, path)
        }),
        primary_contact_name: check.read("primaryContactName", |path| {
            name(input.primary_contact_name, path)
        }),
        primary_contact_phone: changed(
            &mut check,
            "primaryContactPhone",
            input.primary_contact_phone,
            |text, path| line(text, text::MAX_PHONE, path),
        ),
        primary_contact_email: changed(
            &mut check,
            "primaryContactEmail",
            input.primary_contact_email,
            email,
        ),
        account_number: changed(
            &mut check,
            "organizationAccountNumber",
            account,
            |text, path| line(text, usize::MAX, path),
        ),
        additional_information: changed(
            &mut check,
            "additionalInformation",
            input.additional_information,
            free,
        ),
        integrations: check.each("integrations", integrations, integration_change),
        added_files: check.each(
            "addedFiles",
            input.added_files.unwrap_or_default(),
            new_file,
        ),
    };
    if change.is_empty() && check.is_clean() {
        check.refuse_all("Nothing to change.");
    }
    check.finish(key.map(|key| (key, change)))
}
fn integration_change(
    check: &mut Check,
    integration: ChangedIntegrationInput,
) -> IntegrationChange {
    let id = integration.integration_id;
    let is_complete = id.is_some() || integration.r#type.is_some();
    check.require("type", is_complete, "A new data exchange needs a type.");
    IntegrationChange {
        id: id.and_then(|id| check.take("integrationId", |path| uuid(&id, path))),
        kind: integration.r#type.map(IntegrationType::written),
        update_frequency: changed(
            check,
            "updateFrequency",
            integration.update_frequency,
            |text, path| line(text, text::MAX_FREQUENCY, path),
        ),
        file_locations: changed(check, "fileLocations", integration.file_locations, free),
        file_specs: changed(check, "fileSpecs", integration.file_specs, free),
        rules: changed(check, "rules", integration.rules, free),
    }
}

/// A text that may be left alone, cleared or set; `read` reads what is set.
fn changed(
    check: &mut Check,
    name: &str,
    text: MaybeUndefined<String>,
    read: impl FnOnce(Option<String>, &[&str]) -> Result<Option<String>, Error>,
) -> TextChange {
    match text {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) => Some(check.read(name, |path| read(Some(text), path))),
    }
}

#[cfg(test)]
mod tests;
