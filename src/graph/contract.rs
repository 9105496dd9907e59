//! Contracts: an interface over fixed and flexible ones, which share one wire struct.

use std::{borrow::Cow, sync::Arc};

use super::{
    declare::{ArgumentDecl, Call, Entity, Erased, Graph, Link, LinkTarget},
    error::Error,
    leaf::Id,
    node::{self, NODE},
    pagination::{self, Connection, PageNames, declare_page_of, offset_request, with_ids},
    route,
    scalars::DateTime,
};
use crate::{
    ids::{ContractId, GlobalId},
    input_object, open_enum,
    upstream::trans_eu::{
        code::Words,
        contract::{Contract, ContractFilter as Filter, ContractPages, Contracts},
        list::PageKey,
        route::Routes,
    },
};

open_enum! {
    /// Where a contract stands.
    pub enum ContractStatus {
        /// Saved and not sent to the carrier.
        Registered = "registered",
        /// Sent with its final or proposed terms; the carrier must answer.
        WaitingForAcceptance = "waiting_for_acceptance",
        /// Sent without a price; the carrier must name one.
        WaitingForInitialCarrierOffer = "waiting_for_initial_carrier_offer",
        /// In negotiation; it is the shipper's turn.
        WaitingForShipperOffer = "waiting_for_shipper_offer",
        /// In negotiation; it is the carrier's turn.
        WaitingForCarrierOffer = "waiting_for_carrier_offer",
        /// Refused by the carrier; see `refusalReason`.
        Refused = "refused",
        /// Accepted by the carrier.
        Accepted = "accepted",
        /// Accepted and in force. Trans.eu seems to count contracts so, and to print `ACCEPTED`.
        Active = "active",
        /// Over.
        Finished = "finished",
        /// Over, after having been accepted. Trans.eu seems only to count contracts so.
        FinishedPreviouslyAccepted = "finished_previously_accepted",
        .. /// A status that this schema does not know; see `rawStatus`.
        Other,
    }
}

open_enum! {
    /// The kind of a contract.
    pub enum ContractType {
        /// With a rate and terms.
        Fixed = "fixed",
        /// Without a rate: the carrier is invited to the freights of the route.
        Flexible = "flexible",
        .. /// A kind that this schema does not know; see `rawType`.
        Other,
    }
}

input_object! {
    /// Which contracts a list shows. Conditions are joined by "and". Trans.eu cannot filter: the gateway reads the whole list and looks through it.
    pub struct ContractFilter {
        /// Only contracts of this status; `OTHER` means any that this schema does not know.
        status: Option<ContractStatus>,
        /// Only contracts of this kind; `OTHER` means any that this schema does not know.
        r#type: Option<ContractType>,
        /// Only contracts on this route: global id, or Trans.eu's route UUID.
        route_id: Option<Id>,
        /// Only contracts with this carrier: Trans.eu's company id.
        carrier_company_id: Option<Id>,
    }
}

/// What a link to contracts of either kind leads to.
pub fn interface() -> LinkTarget {
    LinkTarget::interface("Contract", object_type)
}

fn object_type(value: &Erased) -> &'static str {
    value.downcast_ref::<Contract>().map_or("", type_name)
}

fn type_name(contract: &Contract) -> &'static str {
    if contract.is_flexible() {
        "FlexibleContract"
    } else {
        "FixedContract"
    }
}

fn wire_filter(filter: &ContractFilter) -> Result<Option<Filter>, Error> {
    let route = |id: &Id| route::read_id(id, &["filter", "routeId"]);
    let carrier = |Id(id): &Id| {
        let company = id.trim().parse();
        company.map_err(|why| Error::argument(&["filter", "carrierCompanyId"], why))
    };
    let wire = Filter {
        status: filter
            .status
            .map(|status| Words::of(status.word(), ContractStatus::words())),
        kind: filter
            .r#type
            .map(|kind| Words::of(kind.word(), ContractType::words())),
        route: filter.route_id.as_ref().map(route).transpose()?,
        carrier: filter
            .carrier_company_id
            .as_ref()
            .map(carrier)
            .transpose()?,
    };
    let filters = wire.status.is_some()
        || wire.kind.is_some()
        || wire.route.is_some()
        || wire.carrier.is_some();
    Ok(filters.then_some(wire))
}

fn page_key(call: &Call<'_>) -> Result<Option<PageKey<Filter>>, Error> {
    let (first, offset) = offset_request(call)?;
    let filter = call.arguments.find::<ContractFilter>("filter");
    Ok(Some(PageKey {
        first,
        offset,
        filter: filter.as_ref().map(wire_filter).transpose()?.flatten(),
    }))
}

/// The contract of either kind that the argument `id` names.
fn by_id(call: &Call<'_>) -> Result<Option<ContractId>, Error> {
    read_id(&call.arguments.get("id")?, &["id"]).map(Some)
}

/// The contract of either kind that the id at `path` names.
pub fn read_id(id: &Id, path: &[&str]) -> Result<ContractId, Error> {
    let kinds = ["Contract", "FlexibleContract", "FixedContract"];
    node::read_id(id, path, &kinds, str::parse, |own| Ok(own.parse()?))
}

/// The fixed contract that the id at `path` names.
pub fn read_fixed_id(id: &Id, path: &[&str]) -> Result<ContractId, Error> {
    let kinds = ["FixedContract", "Contract"];
    node::read_id(id, path, &kinds, str::parse, |own| Ok(own.parse()?))
}

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    let common = common(Entity::new("Contract", ""));
    let fields: Vec<_> = common.decl.fields.keys().copied().collect();
    graph.interface("Contract", "A contract between a shipper and a carrier about the freights of a route. Source: Trans.eu `GET /ext/contracts-api/v2/contracts`.", &fields, &[NODE]);
    graph.entity(flexible());
    graph.entity(fixed());
    declare_page_of::<Contract>(
        graph,
        PageNames {
            connection: "ContractConnection",
            edge: "ContractEdge",
            plural: "contracts",
            total: "The number of contracts in the list. Trans.eu does not count: null until the last page, unless there is a filter.",
        },
        interface,
    );
    graph.node::<Contracts>("FlexibleContract", str::parse, Contract::is_flexible);
    graph.node::<Contracts>("FixedContract", str::parse, |contract| {
        !contract.is_flexible()
    });
    roots(graph);
}

fn roots(graph: &mut Graph) {
    let id = || ArgumentDecl::new::<Id>("id", "Global id, or Trans.eu's contract UUID.");
    let filter = ArgumentDecl::new::<Option<ContractFilter>>("filter", "Which contracts to show.");
    graph.query(|query| {
        query
            .link(
                "contract",
                "A contract of either kind by global id or by its Trans.eu id; null if there is none, or if it is another company's.",
                Link::<_, Contracts>::to(interface(), |(), call| by_id(call)).argument(id()),
            )
            .link(
                "flexibleContract",
                "A flexible contract by global id or by its Trans.eu id; null if there is none, or if it is a fixed one.",
                Link::<_, Contracts>::to("FlexibleContract", |(), call| by_id(call))
                    .showing(|contract| contract.is_flexible().then(|| Arc::clone(contract)))
                    .argument(id()),
            )
            .link(
                "contracts",
                "The contracts on all routes of the caller's company. Cursors are places in the list: a list that changes meanwhile may show an item twice, or not.",
                Link::<_, ContractPages>::to("ContractConnection", |(), call| page_key(call))
                    .showing(|page| Some(Connection::of(page)) as Option<Arc<_>>)
                    .arguments(pagination::page_arguments())
                    .argument(filter),
            )
    });
}

fn flexible() -> Entity<Contract> {
    common(Entity::new(
        "FlexibleContract",
        "A contract without a rate: the carrier is invited to the freights of the route. Source: Trans.eu `GET /ext/contracts-api/v2/contracts`.",
    ))
}

fn fixed() -> Entity<Contract> {
    common(Entity::new(
        "FixedContract",
        "A contract with a rate and terms. Source: Trans.eu `GET /ext/contracts-api/v2/contracts`.",
    ))
    .text(
        "referenceNumber",
        "The contract's number in the shipper's own system.",
        |contract| contract.reference_number.as_ref(),
    )
    .optional(
        "orderTerms",
        "OrderTerms",
        "What an order made under the contract says.",
        |contract| contract.order_terms.as_ref(),
    )
    .optional(
        "plannedShipments",
        "PlannedShipments",
        "How much is to be carried; null if nothing is planned.",
        |contract| contract.planned_shipments.as_ref(),
    )
    .objects(
        "surcharges",
        "Surcharge",
        "What is paid on top of the rate.",
        |contract| &contract.surcharges,
    )
    .field(
        "isCopy",
        "Whether the contract was made as a copy of another one, as annexes are.",
        |contract| contract.meta.as_ref()?.is_copy,
    )
    .field(
        "isParent",
        "Whether other contracts were made from this one.",
        |contract| contract.meta.as_ref()?.is_parent,
    )
}

/// What both kinds have: the fields of the interface.
fn common(entity: Entity<Contract>) -> Entity<Contract> {
    let entity = entity
        .implements(NODE)
        .implements("Contract")
        .completed_by::<Contracts>(Contract::is_complete, |contract| contract.id);
    let entity = with_ids(
        entity,
        |contract| GlobalId::encode(type_name(contract), contract.id),
        |contract| contract.id.to_string(),
        "Trans.eu's contract id, a UUID.",
    );
    let entity = entity
        .word(["type", "rawType"], "The kind of the contract.", |contract| Some(contract.kind()), ContractType::parse)
        .word(["status", "rawStatus"], "Where the contract stands.", |contract| contract.status.as_deref(), ContractStatus::parse)
        .field("isInForce", "Whether the contract is in force at the moment of the answer, by the gateway's clock: accepted, and within its period, an unset end of which is open. Derived by the gateway, because Trans.eu tells it only in counters that lag behind. Null if the status is `OTHER`, or if the contract has suspensions.", |contract| contract.is_in_force(jiff::Timestamp::now()))
        .count("position", "The carrier's place on the route; null until it was given one.", |contract| contract.position)
        .field("percentageShare", "The carrier's share of the freights of the route, in percent; 0 if none is set.", |contract| contract.percentage_share)
        .optional("period", "Period", "When the contract is in force; null if neither end is set.", |contract| contract.period.as_ref())
        .optional("pricing", "ContractPricing", "What is paid.", |contract| contract.pricing.as_ref())
        .text("refusalReason", "Why the carrier refused.", |contract| contract.refusal_reason.as_ref())
        .field("hasBeenSentToCarrier", "Whether the carrier has got the contract.", |contract| contract.meta.as_ref()?.has_been_sent_to_carrier)
        .optional("stats", "ContractStats", "Counters of the contract; they lag behind its status.", |contract| contract.stats.as_ref())
        .complete_field("lastModificationDate", "When the contract was last changed. After a write it costs a call, because the answer lacks it.", |contract| contract.last_modification_date.clone().map(DateTime));
    links(entity)
}

fn links(entity: Entity<Contract>) -> Entity<Contract> {
    entity
        .object("carrier", "Carrier", "The carrier.", |contract| &*contract.carrier)
        .optional("shipper", "Shipper", "The shipper: the caller's company.", |contract| contract.shipper.as_deref())
        .link(
            "route",
            "The route, as the contract has it inside. It costs no call, unless a field is asked for that the snapshot lacks.",
            Link::<_, Routes>::to("Route", |contract: &Contract, _| Ok(Some(contract.route.id)))
                .or_embedded(|contract: &Contract| Some(Cow::Borrowed(std::slice::from_ref(&contract.route)))),
        )
        .link(
            "baseContract",
            "The contract to which this one is an annex; null if it is none.",
            Link::<_, Contracts>::to(interface(), |contract: &Contract, _| Ok(contract.amended())),
        )
}
