//! What was sent, compared with what was stored.
//!
//! Crux answers a change without a body, and its documentation and its samples disagree about the
//! names of members. Whatever did not arrive is told, by its name only: a text may hold a password.

use uuid::Uuid;

use crate::upstream::crux::request::{
    ConnectionRequest, Integration, IntegrationChange, RequestChange, SentLists, TextChange,
};
use crate::{
    graph::trading_connection_request::IntegrationType, upstream::lenient::without_credentials,
};

/// Where `stored` is not what was sent, in words for people.
pub(super) fn differences(
    change: &RequestChange,
    sent: &SentLists,
    stored: &ConnectionRequest,
) -> Vec<String> {
    let mut warnings: Vec<String> = texts(change, stored)
        .map(|name| {
            format!(
                "Crux accepted the change but shows another `{name}` than the one that was sent."
            )
        })
        .collect();
    for own in &change.integrations {
        let Some(id) = own.id else { continue };
        let found = stored.integrations.iter().find(|one| has_id(one, &id));
        warnings.extend(found.into_iter().flat_map(|found| of_integration(own, found)).map(|name| {
            format!("Crux accepted the change but shows another `{name}` of the data exchange {id} than the one that was sent.")
        }));
    }
    let mut known = sent.known_integrations.iter();
    let is_kept = |id: &Uuid| stored.integrations.iter().any(|one| has_id(one, id));
    if stored.integrations.len() < sent.integrations || !known.all(is_kept) {
        warnings.push(LOST_INTEGRATIONS.to_owned());
    }
    if stored.integrations.len() > sent.integrations && sent.integrations > 0 {
        warnings.push(MORE_INTEGRATIONS.to_owned());
    }
    let mut files = sent.files.iter();
    let is_stored = |id: &Uuid| stored.uploaded_files.iter().any(|file| is(&file.uuid, id));
    if !files.all(is_stored) {
        warnings.push(LOST_FILES.to_owned());
    }
    warnings
}

pub(super) const LOST_INTEGRATIONS: &str =
    "Crux accepted the change but does not show all data exchanges.";
pub(super) const MORE_INTEGRATIONS: &str = "Crux accepted the change but shows more data exchanges than there should be: some may be doubled.";
pub(super) const LOST_FILES: &str =
    "Crux accepted the change but does not show all uploaded files.";

/// The texts of the request itself that differ, by their names in the input.
fn texts(change: &RequestChange, stored: &ConnectionRequest) -> impl Iterator<Item = &'static str> {
    let whole = |text: &Option<String>| text.clone().map(Some);
    // Crux shows the number under the name of the side that made the request.
    let account = stored.retailer_account_number.as_ref();
    let account = account.or(stored.supplier_account_number.as_ref());
    [
        (
            "organizationName",
            whole(&change.organization_name),
            stored.org_name.as_ref(),
        ),
        (
            "primaryContactName",
            whole(&change.primary_contact_name),
            stored.org_contact_full_name.as_ref(),
        ),
        (
            "primaryContactPhone",
            change.primary_contact_phone.clone(),
            stored.primary_contact_phone.as_ref(),
        ),
        (
            "primaryContactEmail",
            change.primary_contact_email.clone(),
            stored.primary_contact_email.as_ref(),
        ),
        (
            "organizationAccountNumber",
            change.account_number.clone(),
            account,
        ),
        (
            "additionalInformation",
            change.additional_information.clone(),
            stored.additional_information.as_ref(),
        ),
    ]
    .into_iter()
    .filter_map(|(name, sent, stored)| differs(&sent, stored).then_some(name))
}

/// The members of a data exchange that differ, by their names in the input.
fn of_integration(change: &IntegrationChange, stored: &Integration) -> Vec<&'static str> {
    let kind = stored
        .integration_type
        .as_deref()
        .map(IntegrationType::read);
    let other_kind = change
        .kind
        .is_some_and(|sent| kind.map(IntegrationType::written) != Some(sent));
    // Five fields of cron are read as six, with the seconds in front.
    let frequency = match (&change.update_frequency, &stored.update_frequency) {
        (Some(Some(sent)), Some(stored)) => !shown(stored).ends_with(&shown(sent)),
        (sent, stored) => differs(sent, stored.as_ref()),
    };
    let places = stored.feed_source_file_locations.as_ref();
    [
        ("type", other_kind),
        ("updateFrequency", frequency),
        ("fileLocations", differs(&change.file_locations, places)),
        (
            "fileSpecs",
            differs(&change.file_specs, stored.file_specs.as_ref()),
        ),
        ("rules", differs(&change.rules, stored.rules.as_ref())),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

fn differs(sent: &TextChange, stored: Option<&String>) -> bool {
    let Some(sent) = sent else { return false };
    sent.as_deref().map(shown) != stored.map(|stored| shown(stored))
}

/// A text as reads show it: without passwords. Spaces around it do not count.
fn shown(text: &str) -> String {
    without_credentials(text).trim().to_owned()
}

fn has_id(integration: &Integration, id: &Uuid) -> bool {
    is(&integration.record_uuid, id)
}

fn is(printed: &str, id: &Uuid) -> bool {
    Uuid::try_parse(printed).is_ok_and(|printed| printed == *id)
}
