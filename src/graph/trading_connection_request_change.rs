//! The change of a request for a connection.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::{
    declare::{Blame, Entity, Graph},
    error::Error,
    leaf::Id,
    node,
    text::{self, email, free, line, required},
    trading_connection_request::IntegrationType,
    trading_connection_request_input::{UploadedFileInput, checked_file},
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
    let path = ["input", "requestId"];
    let key = node::read_id(
        &input.request_id,
        &path,
        &["TradingConnectionRequest"],
        ids::uuid,
        |id| Ok(ids::uuid(id)?),
    )?;
    let change = checked(input)?;
    let sent = match update_request(session, key, &change).await? {
        Changed::Sent(sent) => sent,
        Changed::UnknownRequest => {
            return Err(Error::not_found(&path, "There is no such request."));
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

/// The change to send. No message repeats the caller's text: it may hold a password.
fn checked(input: UpdateTradingConnectionRequestInput) -> Result<RequestChange, Error> {
    let name =
        |text: Option<String>, path: &[&str]| text.map(|text| required(text, path)).transpose();
    let (phone, account) = (
        ["input", "primaryContactPhone"],
        ["input", "organizationAccountNumber"],
    );
    let integrations = input.integrations.unwrap_or_default().into_iter();
    let files = input.added_files.unwrap_or_default().into_iter();
    let change = RequestChange {
        organization_name: name(input.organization_name, &["input", "organizationName"])?,
        primary_contact_name: name(input.primary_contact_name, &["input", "primaryContactName"])?,
        primary_contact_phone: changed(input.primary_contact_phone, |text| {
            line(text, text::MAX_PHONE, &phone)
        })?,
        primary_contact_email: changed(input.primary_contact_email, |text| {
            email(text, &["input", "primaryContactEmail"])
        })?,
        account_number: changed(input.organization_account_number, |text| {
            line(text, usize::MAX, &account)
        })?,
        additional_information: changed(input.additional_information, |text| {
            free(text, &["input", "additionalInformation"])
        })?,
        integrations: integrations
            .enumerate()
            .map(|(at, integration)| checked_integration(&at.to_string(), integration))
            .collect::<Result<_, _>>()?,
        added_files: files
            .enumerate()
            .map(|(at, file)| checked_file("addedFiles", &at.to_string(), file))
            .collect::<Result<_, _>>()?,
    };
    if change.is_empty() {
        return Err(Error::argument(&["input"], "Nothing to change."));
    }
    Ok(change)
}

fn checked_integration(
    at: &str,
    integration: ChangedIntegrationInput,
) -> Result<IntegrationChange, Error> {
    let path = |field| ["input", "integrations", at, field];
    let id = integration.integration_id;
    if id.is_none() && integration.r#type.is_none() {
        return Err(Error::argument(
            &path("type"),
            "A new data exchange needs a type.",
        ));
    }
    let id = id.map(|Id(id)| {
        ids::uuid(&id).map_err(|_| Error::argument(&path("integrationId"), "This is not a UUID."))
    });
    let text = |text, field| changed(text, |text| free(text, &path(field)));
    Ok(IntegrationChange {
        id: id.transpose()?,
        kind: integration.r#type.map(IntegrationType::written),
        update_frequency: changed(integration.update_frequency, |text| {
            line(text, text::MAX_FREQUENCY, &path("updateFrequency"))
        })?,
        file_locations: text(integration.file_locations, "fileLocations")?,
        file_specs: text(integration.file_specs, "fileSpecs")?,
        rules: text(integration.rules, "rules")?,
    })
}

/// A text that may be left alone, cleared or set; `check` reads what is set.
fn changed(
    text: MaybeUndefined<String>,
    check: impl FnOnce(Option<String>) -> Result<Option<String>, Error>,
) -> Result<TextChange, Error> {
    match text {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(text) => check(Some(text)).map(Some),
    }
}

#[cfg(test)]
mod tests;
