//! How partner records are made, and how working with a company is stopped and taken up again.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    PartnerDetailsById, Partners,
    reading::{PartnerPages, PartnerRecords},
};
use crate::{
    identity::Service,
    upstream::{Call, Endpoint, Error, Session, trans_eu::body::body},
};

static ADD_PARTNER: Endpoint = Endpoint::post(Service::TransEu, "/ext/partners-api/v1/partners");
static BLOCK_PARTNER: Endpoint = Endpoint::post(
    Service::TransEu,
    "/ext/partners-api/v1/partners/{partner-id}/block",
);
static ACTIVATE_PARTNER: Endpoint = Endpoint::post(
    Service::TransEu,
    "/ext/partners-api/v1/partners/{partner-id}/active",
);

/// A company of the platform to be made a partner, by at least one of the two.
#[derive(Default, Serialize)]
pub struct NewPartner {
    /// The company's id, which this call names so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
}

/// A company to be invited to the platform.
#[derive(Serialize)]
pub struct Invitation {
    pub name: String,
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
}

/// Why a company is worked with no longer.
#[derive(Serialize)]
pub struct Blocking {
    /// Words of Trans.eu.
    pub reasons: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

/// Makes a company a partner.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn add_partner(session: &Session, partner: &NewPartner) -> Result<(), Arc<Error>> {
    send(session, ADD_PARTNER.call(&[]).json(body(partner))).await
}

/// Invites a company to the platform. The same path as [`add_partner`], with other members.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn invite_partner(session: &Session, company: &Invitation) -> Result<(), Arc<Error>> {
    send(session, ADD_PARTNER.call(&[]).json(body(company))).await
}

/// Stops working with a partner's whole company.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn block_partner(
    session: &Session,
    partner: Uuid,
    why: &Blocking,
) -> Result<(), Arc<Error>> {
    let call = BLOCK_PARTNER.call(&[&partner]).json(body(why));
    send(session, call).await
}

/// Takes up working with a partner's company again.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn activate_partner(session: &Session, partner: Uuid) -> Result<(), Arc<Error>> {
    let call = ACTIVATE_PARTNER.call(&[&partner]);
    send(session, call).await
}

/// No answer tells anything, and they differ in form: any success is one.
async fn send(session: &Session, call: Call) -> Result<(), Arc<Error>> {
    let reply = session.send::<Value>(call).await;
    session.forget::<PartnerPages>(None);
    session.forget::<PartnerRecords>(None);
    session.forget::<Partners>(None);
    session.forget::<PartnerDetailsById>(None);
    match reply {
        Err(error) if !error.is_of_success() => Err(error),
        _ => Ok(()),
    }
}
