//! Requests for a connection.

use super::{
    declare::{ArgumentDecl, Entity, Graph, Link},
    leaf::Id,
    node::{self, NODE},
    pagination::{self, Connection, PageNames, declare_page, offset_request, with_ids},
    person,
    scalars::Date,
};
use crate::{
    ids::{self, GlobalId},
    open_enum,
    upstream::crux::{
        moment,
        request::{
            Approver, ConnectionRequest, File, Integration, RequestPageKey, RequestPages,
            RequestRecords,
        },
    },
};

open_enum! {
    /// What became of a request for a connection. Crux has no word for a request that was turned down.
    pub enum TradingConnectionRequestStatus {
        /// Crux has approved the request.
        Approved = "approved",
        .. /// Crux has not approved the request, or not yet.
        Pending
    }
}

open_enum! {
    /// What a data exchange carries.
    pub enum IntegrationType {
        /// Items: what is for sale.
        Item = "item",
        /// Orders.
        Order = "order",
        /// Allocations: what of an order can be delivered.
        Allocation = "allocation",
        /// Tracking: where the parcels of an order are.
        Tracking = "tracking",
        .. /// Something else; on reads `rawType` has Crux's word for it.
        Other
    }
}

impl IntegrationType {
    /// Reads Crux's word, which may be in the plural.
    pub fn read(word: &str) -> Self {
        let word = word.trim();
        Self::parse(word.strip_suffix(['s', 'S']).unwrap_or(word))
    }

    /// The word for a write: documented, and singular.
    pub fn written(self) -> &'static str {
        self.word().unwrap_or("other")
    }
}

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    graph.entity(integration());
    graph.entity(file());
    declare_page::<ConnectionRequest>(
        graph,
        PageNames {
            connection: "TradingConnectionRequestConnection",
            edge: "TradingConnectionRequestEdge",
            plural: "requests for a trading connection",
            total: "The number of requests that the caller's account has made.",
        },
        "TradingConnectionRequest",
    );
    graph.node::<RequestRecords>("TradingConnectionRequest", ids::uuid, |_| true);
    graph.query(|query| {
        query
            .link(
                "tradingConnectionRequest",
                "A request for a connection by global id or by its Crux id; null if the caller's account has made none with it. Source: Crux `GET /organizations/connections/request/{uuid}/`.",
                Link::<_, RequestRecords>::to("TradingConnectionRequest", |(), call| {
                    node::id_argument(call, "id", &["TradingConnectionRequest"], ids::uuid, |id| Ok(ids::uuid(id)?)).map(Some)
                })
                .argument(ArgumentDecl::new::<Id>("id", "Global id, or Crux's UUID of the request.")),
            )
            .link(
                "tradingConnectionRequests",
                "The requests for a connection that the caller's account has made. Crux pages by offset and promises no order: a request that is made meanwhile can move the pages. Source: Crux `GET /organizations/connections/request/`.",
                Link::<_, RequestPages>::to("TradingConnectionRequestConnection", |(), call| {
                    let (limit, start) = offset_request(call)?;
                    Ok(Some(RequestPageKey { start, limit }))
                })
                .showing(|page| Some(Connection::of(page)))
                .arguments(pagination::page_arguments()),
            )
    });
}

fn entity() -> Entity<ConnectionRequest> {
    let entity = Entity::<ConnectionRequest>::new("TradingConnectionRequest", "A request for a connection to another organization, which it names in words: Crux does not say which organization or connection came of it. Source: Crux `GET /organizations/connections/request/`.").implements(NODE);
    with_ids(
        entity,
        |request| GlobalId::encode("TradingConnectionRequest", &request.record_uuid),
        |request| request.record_uuid.clone(),
        "Crux's id of the request (`record_uuid`).",
    )
    .field("organizationName", "Name of the organization to be connected to (`org_name`).", |request| request.org_name.clone())
    .field("primaryContactName", "Whom to reach there (`org_contact_full_name`).", |request| request.org_contact_full_name.clone())
    .field("primaryContactPhone", "Telephone number of that person, in free text.", |request| request.primary_contact_phone.clone())
    .field("primaryContactEmail", "E-mail address of that person.", |request| request.primary_contact_email.clone())
    .field("retailerAccountNumber", "The account number that the request gives, where Crux shows it as the retailer's.", |request| request.retailer_account_number.clone())
    .field("supplierAccountNumber", "The account number that the request gives, where Crux shows it as the supplier's.", |request| request.supplier_account_number.clone())
    .field("additionalInformation", "Free text, such as links to sample files. User names and passwords inside URLs are left out.", |request| request.additional_information.clone())
    .field("requestDate", "The day on which the request was made. Crux tells the time only once: `requestedAt` of `requestTradingConnection`.", |request| request.request_date.as_deref().and_then(moment::date).map(Date))
    .field("status", "Whether Crux has approved the request; derived from its `is_approved`.", status)
    .optional("approvedBy", "AccountManager", "The employee of Crux who approved the request; null until then, and where Crux gives only a name.", |request| match &request.approved_by {
        Some(Approver::AccountManager(manager)) => Some(manager),
        Some(Approver::Name(_)) | None => None,
    })
    .field("approvedByName", "Name of the person who approved the request; null until then.", |request| match request.approved_by.as_ref()? {
        Approver::AccountManager(manager) => manager.person.as_ref().and_then(person::name),
        Approver::Name(name) => Some(name.clone()),
    })
    .objects("integrations", "RequestedIntegration", "The data exchanges that the request asks for.", |request| &request.integrations)
    .objects("uploadedFiles", "UploadedFile", "The files that belong to the request: samples, documentation.", |request| &request.uploaded_files)
}

fn status(request: &ConnectionRequest) -> TradingConnectionRequestStatus {
    match request.is_approved.unwrap_or(request.approved_by.is_some()) {
        true => TradingConnectionRequestStatus::Approved,
        false => TradingConnectionRequestStatus::Pending,
    }
}

fn integration() -> Entity<Integration> {
    Entity::<Integration>::new("RequestedIntegration", "A data exchange that a request for a connection asks for. User names and passwords inside URLs are left out of all its texts.")
        .field("upstreamId", "Crux's id of the data exchange.", |integration| Id(integration.record_uuid.clone()))
        .field("type", "What is exchanged.", |integration| integration.integration_type.as_deref().map(IntegrationType::read))
        .field("rawType", "The type in Crux's own word (`integration_type`).", |integration| integration.integration_type.clone())
        .field("updateFrequency", "How often, as a cron expression of five or six fields; Crux has other texts here too.", |integration| integration.update_frequency.clone())
        .field("fileLocations", "Where the files are (`feed_source_file_locations`): URLs, or a description.", |integration| integration.feed_source_file_locations.clone())
        .field("fileSpecs", "How the files are built.", |integration| integration.file_specs.clone())
        .field("rules", "Rules of the business that apply.", |integration| integration.rules.clone())
        .field("createdDate", "The day on which the data exchange was added.", |integration| integration.date_created.as_deref().and_then(moment::date).map(Date))
}

fn file() -> Entity<File> {
    Entity::<File>::new(
        "UploadedFile",
        "A file that was uploaded to Crux. Crux has no way to read it back.",
    )
    .field("uuid", "Crux's id of the upload.", |file| {
        Id(file.uuid.clone())
    })
    .field("name", "What the file was called in the request.", |file| {
        file.name.clone()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_integration_type_is_read_in_singular_and_plural() {
        for (word, read) in [
            ("item", IntegrationType::Item),
            ("Orders", IntegrationType::Order),
            ("ALLOCATIONS", IntegrationType::Allocation),
            ("tracking", IntegrationType::Tracking),
            ("other", IntegrationType::Other),
            ("invoices", IntegrationType::Other),
        ] {
            assert_eq!(IntegrationType::read(word), read, "{word}");
        }
        assert_eq!(IntegrationType::Order.written(), "order");
        assert_eq!(IntegrationType::Other.written(), "other");
    }

    #[test]
    fn a_request_is_approved_by_its_flag_or_else_by_its_approver() {
        let state = |is_approved: Value, approved_by: Value| {
            let request = json!({ "record_uuid": "r", "is_approved": is_approved, "approved_by": approved_by });
            status(&serde_json::from_value(request).unwrap())
        };
        let (approved, pending) = (
            TradingConnectionRequestStatus::Approved,
            TradingConnectionRequestStatus::Pending,
        );
        assert_eq!(state(json!(true), Value::Null), approved);
        assert_eq!(state(json!(false), json!("Ada Example")), pending);
        assert_eq!(state(Value::Null, json!("Ada Example")), approved);
        assert_eq!(state(Value::Null, Value::Null), pending);
    }
}
