//! Organizations, connections and requests as the two releases show them.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::state::{Connection, Kind, Organization, Person, Request, State};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Release {
    First,
    Timpanogos,
}

impl Release {
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::First => "",
            Self::Timpanogos => "/timp",
        }
    }
}

pub(super) struct OrganizationView<'a> {
    pub(super) state: &'a State,
    pub(super) organization: &'a Organization,
    pub(super) release: Release,
    /// The first release shows the website inside a connection, but not on its own.
    pub(super) with_website: bool,
}

impl Serialize for OrganizationView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            state,
            organization,
            release,
            with_website,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("uuid", &organization.id)?;
        map.serialize_entry("name", &organization.name)?;
        if *with_website {
            map.serialize_entry("website", &organization.website)?;
        }
        map.serialize_entry("org_type", organization.kind.name())?;
        map.serialize_entry("status", organization.status)?;
        map.serialize_entry("created_date", &organization.created_date)?;
        map.serialize_entry("active_date", &())?;
        let manager = organization.manager.map(|at| &state.managers[at]);
        map.serialize_entry("account_manager", &manager)?;
        if *release == Release::Timpanogos {
            // The side that an organization does not have is an empty text, not null.
            let is_retailer = organization.kind == Kind::Retailer;
            let side = |wanted| {
                if wanted {
                    organization.party.as_str()
                } else {
                    ""
                }
            };
            map.serialize_entry("retailer_uuid", side(is_retailer))?;
            map.serialize_entry("supplier_uuid", side(!is_retailer))?;
        }
        map.end()
    }
}

struct PartyView<'a> {
    organization: OrganizationView<'a>,
}

impl Serialize for PartyView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let organization = self.organization.organization;
        let contact: &Person = &organization.contact;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("uuid", &organization.party)?;
        map.serialize_entry("organization", &self.organization)?;
        map.serialize_entry("contact", contact)?;
        map.end()
    }
}

pub(super) struct ConnectionView<'a> {
    pub(super) state: &'a State,
    pub(super) connection: &'a Connection,
    pub(super) release: Release,
}

impl Serialize for ConnectionView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            state,
            connection,
            release,
        } = self;
        let party = |at: usize| PartyView {
            organization: OrganizationView {
                state,
                organization: &state.organizations[at],
                release: *release,
                with_website: true,
            },
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("uuid", &connection.id)?;
        map.serialize_entry("retailer", &party(connection.retailer))?;
        map.serialize_entry("supplier", &party(connection.supplier))?;
        map.serialize_entry("status", connection.status)?;
        map.serialize_entry("account_manager", &state.managers[connection.manager])?;
        let ours = &connection.suppliers_retailer_account_number;
        let theirs = &connection.retailers_supplier_account_number;
        map.serialize_entry("suppliers_retailer_account_number", ours)?;
        map.serialize_entry("retailers_supplier_account_number", theirs)?;
        if *release == Release::Timpanogos {
            map.serialize_entry("allocation_type", &())?;
            map.serialize_entry("deactivated_date", &())?;
        }
        map.end()
    }
}

pub(super) struct RequestView<'a> {
    pub(super) state: &'a State,
    pub(super) request: &'a Request,
}

impl Serialize for RequestView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { state, request } = self;
        let number = match state.organizations[request.owner].kind {
            Kind::Retailer => "retailer_account_number",
            Kind::Supplier => "supplier_account_number",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("integrations", &request.integrations)?;
        map.serialize_entry("uploaded_files", &request.uploaded_files)?;
        map.serialize_entry("record_uuid", &request.id)?;
        map.serialize_entry("org_name", &request.org_name)?;
        map.serialize_entry("org_contact_full_name", &request.org_contact_full_name)?;
        map.serialize_entry("primary_contact_phone", &request.primary_contact_phone)?;
        map.serialize_entry("primary_contact_email", &request.primary_contact_email)?;
        map.serialize_entry(number, &request.account_number)?;
        map.serialize_entry("additional_information", &request.additional_information)?;
        map.serialize_entry("request_date", &request.request_date)?;
        map.serialize_entry("is_approved", &request.approved_by.is_some())?;
        let manager = request.approved_by.map(|at| &state.managers[at]);
        map.serialize_entry("approved_by", &manager)?;
        map.end()
    }
}
