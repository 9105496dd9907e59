//! Connections between third-party haulers and yards.

use std::sync::Arc;

use super::{
    check::Check,
    declare::{Entity, Graph, Link},
    error::Error,
    hauler,
    leaf::Id,
    node::NODE,
    scalars::LocalDateTime,
};
use crate::{
    ids::{self, GlobalId, InvalidId, in_tenant},
    input_object, open_enum,
    upstream::{
        Session,
        cro::{
            hauler::{
                self as wire, ConnectionKey, ConnectionState, HaulerConnection, HaulerConnections,
                Haulers,
            },
            location::Locations,
            tenant::Tenants,
        },
    },
};

open_enum! {
    /// What became of the request for a connection.
    pub enum HaulerConnectionStatus {
        /// The yard has not answered yet.
        Pending = "pending",
        /// The yard works with the hauler.
        Approved = "approved",
        .. /// The yard declined.
        Denied
    }
}

input_object! {
    /// A hauler's request to be connected to a yard.
    pub struct CreateHaulerConnectionInput {
        /// The hauler: global id, or CRO's hauler UUID.
        hauler_id: Id,
        /// Names the yard: its tenant's `code`, a plus sign and the location's id, such as `NORTHBIN+3`. At most 128 characters.
        tenant_code: String,
    }
}

/// What `createHaulerConnection` gives back.
struct CreatedConnection(Arc<HaulerConnection>);

fn key(connection: &HaulerConnection) -> ConnectionKey {
    ConnectionKey {
        hauler: connection.third_party_hauler_id,
        location: connection.location(),
    }
}

fn parse_key(text: &str) -> Result<ConnectionKey, InvalidId> {
    let (hauler, location) = text.split_once(':').unwrap_or((text, ""));
    Ok(ConnectionKey {
        hauler: ids::uuid(hauler)?,
        location: in_tenant(location)?,
    })
}

fn status(connection: &HaulerConnection) -> HaulerConnectionStatus {
    match connection.status() {
        ConnectionState::Pending => HaulerConnectionStatus::Pending,
        ConnectionState::Approved => HaulerConnectionStatus::Approved,
        ConnectionState::Denied => HaulerConnectionStatus::Denied,
    }
}

/// Declares the type and its mutation.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    graph.node::<HaulerConnections>("HaulerConnection", parse_key, |_| true);
    graph.entity(
        Entity::<CreatedConnection>::new(
            "CreateHaulerConnectionPayload",
            "The answer to `createHaulerConnection`.",
        )
        .shared_object(
            "haulerConnection",
            "HaulerConnection",
            "The connection; pending unless it existed before.",
            |payload| Some(&payload.0),
        ),
    );
    graph.write(
        "createHaulerConnection",
        "Asks a yard to work with a hauler. If the hauler has asked before, CRO may answer with the existing connection. Source: CRO `POST /haulers/{hauler_uuid}/connections`.",
        "CreateHaulerConnectionPayload",
        &[],
        |session, input: CreateHaulerConnectionInput| Box::pin(create(session, input)),
    );
}

fn entity() -> Entity<HaulerConnection> {
    Entity::<HaulerConnection>::new("HaulerConnection", "A hauler's connection to a yard of some tenant, asked for, approved or denied. Source: CRO `GET /haulers/{hauler_uuid}/connections`.")
        .implements(NODE)
        .field("id", "Opaque id of this object in the whole graph; `node(id:)` takes it. CRO has no id for connections: hauler, provider and location name one.", |connection| Id(GlobalId::encode("HaulerConnection", key(connection))))
        .field("status", "Whether the connection is pending, approved or denied; derived from CRO's approval flag and dates.", status)
        .field("requestedAt", "When the hauler asked.", |connection| connection.requested_on.as_ref().map(LocalDateTime::of))
        .field("approvedAt", "When the yard approved; null if it did not.", |connection| connection.approved_on.as_ref().map(LocalDateTime::of))
        .field("approvedBy", "CRO's id of whoever approved. CRO does not say of what kind the id is.", |connection| connection.approved_by.map(Id::of))
        .field("deniedAt", "When the yard declined; null if it did not.", |connection| connection.denied_on.as_ref().map(LocalDateTime::of))
        .field("providerName", "Name of the company and its yard, as CRO prints it.", |connection| connection.provider_name.clone())
        .field("providerId", "CRO's id of the tenant that owns the yard.", |connection| Id::of(connection.provider_id))
        .field("locationId", "CRO's id of the yard, in the provider's tenant.", |connection| Id::of(connection.location_id))
        .link("hauler", "The hauler.", Link::<_, Haulers>::to("Hauler", |connection: &HaulerConnection, _| Ok(Some(connection.third_party_hauler_id))))
        .link(
            "location",
            "The yard. It is read in the provider's tenant: null, or an error, if the caller may not act there.",
            Link::<_, Locations>::to("Location", |connection: &HaulerConnection, _| Ok(Some(connection.location()))),
        )
        .link(
            "provider",
            "The company that owns the yard; null if it is none of the caller's tenants.",
            Link::<_, Tenants>::to("Tenant", |connection: &HaulerConnection, _| Ok(Some(connection.provider()))),
        )
}

async fn create(
    session: &Session,
    input: CreateHaulerConnectionInput,
) -> Result<CreatedConnection, Error> {
    let mut check = Check::new("input");
    let hauler = check.take("haulerId", |path| hauler::read_id(&input.hauler_id, path));
    if !is_tenant_code(&input.tenant_code) {
        let expected = "A tenant code is the tenant's code, a plus sign and a location's id of 1 to 10 digits, 128 characters at most.";
        check.refuse("tenantCode", expected);
    }
    let hauler = check.finish(hauler)?;
    let connection = wire::create_connection(session, hauler, &input.tenant_code).await?;
    Ok(CreatedConnection(Arc::new(connection)))
}

/// Code, plus, digits. CRO's printed pattern forbids the letters that its own sample has.
fn is_tenant_code(text: &str) -> bool {
    let Some((code, location)) = text.rsplit_once('+') else {
        return false;
    };
    text.chars().count() <= 128
        && !code.is_empty()
        && !text.chars().any(char::is_control)
        && (1..=10).contains(&location.len())
        && location.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_code_is_code_plus_location() {
        for good in ["NORTHBIN+3", "A+B+12", "7+1234567890"] {
            assert!(is_tenant_code(good), "{good}");
        }
        for bad in [
            "",
            "NORTHBIN",
            "+3",
            "NORTHBIN+",
            "NORTHBIN+x",
            "NORTHBIN+12345678901",
            "NORTH\nBIN+3",
        ] {
            assert!(!is_tenant_code(bad), "{bad}");
        }
        assert!(!is_tenant_code(&format!("{}+1", "x".repeat(128))));
    }

    #[test]
    fn a_connections_global_id_names_hauler_provider_and_yard() {
        let text = "3d0f3a52-6c1e-4d0c-9c39-6b1f0a7d2e11:41:7";
        let key = parse_key(text).unwrap();
        assert_eq!(key.to_string(), text);
        assert!(parse_key("3d0f3a52-6c1e-4d0c-9c39-6b1f0a7d2e11").is_err());
    }
}
