//! Customers, their addresses and contacts.

use std::{borrow::Cow, sync::Arc};

use super::{
    declare::{ArgumentDecl, Call, Entity, Graph, Link},
    error::Error,
    leaf::Id,
    node::{self, NODE},
    pagination::{self, Connection, PageNames, declare_page, keyed_request, with_ids},
    scalars::LocalDateTime,
    trading_connection,
};
use crate::{
    ids::{CustomerKey, GlobalId, TenantId, in_tenant, integer},
    input_object,
    upstream::{
        cro::customer::{
            Address, Contact, Customer, CustomerFilter as Filter, CustomerPageKey, CustomerPages,
            CustomerRecords, Customers, LinkSettings,
        },
        walk::Page,
    },
};

input_object! {
    /// Which customers a list shows. Conditions are joined by "and".
    pub struct CustomerFilter {
        /// True: only customers that are active at some yard; false: only inactive ones.
        active: Option<bool>,
        /// Only customers of this name; `*` stands for any text.
        name: Option<String>,
        /// True: only customers without a parent; false: only those with one.
        is_parent: Option<bool>,
        /// Only children of this customer: global id, or CRO's customer id.
        parent_id: Option<Id>,
        /// Only customers of this yard: global id, or CRO's location id.
        location_id: Option<Id>,
        /// Only customers created at or after this moment, in UTC.
        created_since: Option<LocalDateTime>,
        /// Only customers updated since this moment, in UTC.
        updated_since: Option<LocalDateTime>,
    }
}

/// Arguments of a page of customers.
pub fn page_arguments() -> impl Iterator<Item = ArgumentDecl> {
    let filter = ArgumentDecl::new::<Option<CustomerFilter>>("filter", "Which customers to show.");
    pagination::page_arguments().into_iter().chain([filter])
}

/// The key of the page of `tenant`'s customers that the arguments ask for.
pub fn page_key(call: &Call<'_>, tenant: TenantId) -> Result<CustomerPageKey, Error> {
    let (first, after) = keyed_request(call, integer)?;
    let filter = call.arguments.find::<CustomerFilter>("filter");
    Ok(CustomerPageKey {
        tenant,
        first,
        after,
        filter: filter
            .map(|filter| wire_filter(filter, tenant))
            .transpose()?
            .unwrap_or_default(),
    })
}

fn wire_filter(filter: CustomerFilter, tenant: TenantId) -> Result<Filter, Error> {
    let id = |id: Option<Id>, path: &[&str], kind: &str| {
        let read = |id: Id| {
            node::read_id(&id, path, &[kind], in_tenant, |own| {
                Ok(CustomerKey {
                    tenant,
                    id: integer(own)?,
                })
            })
        };
        id.map(read).transpose()
    };
    if let Some(name) = filter
        .name
        .as_ref()
        .filter(|name| name.is_empty() || name.chars().count() > 64)
    {
        let length = name.chars().count();
        return Err(Error::argument(
            &["filter", "name"],
            format!("A name has 1 to 64 characters, not {length}."),
        ));
    }
    Ok(Filter {
        active: filter.active,
        name: filter.name,
        is_parent: filter.is_parent,
        parent_id: id(filter.parent_id, &["filter", "parentId"], "Customer")?.map(|key| key.id),
        location_id: id(filter.location_id, &["filter", "locationId"], "Location")?
            .map(|key| key.id),
        created_since: filter.created_since.map(|LocalDateTime(since)| since),
        updated_since: filter.updated_since.map(|LocalDateTime(since)| since),
    })
}

/// A page of customers as the schema shows it.
pub fn connection(page: &Arc<Page<Customer>>) -> Option<Arc<Connection<Customer>>> {
    Some(Connection::of(page))
}

fn key(customer: &Customer) -> CustomerKey {
    CustomerKey::new(customer.tenant, customer.id)
}

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    graph.entity(address());
    graph.entity(contact());
    declare_page::<Customer>(
        graph,
        PageNames {
            connection: "CustomerConnection",
            edge: "CustomerEdge",
            plural: "customers",
            total: "The number of customers in the list. CRO counts rows (a customer has one per yard), so this is null until the whole list was read: with more than 1000 rows, before the last page.",
        },
        "Customer",
    );
    graph.node::<CustomerRecords>("Customer", in_tenant, |_| true);
    graph.query(|query| {
        query
            .link(
                "customer",
                "A customer by global id, or by its CRO id in the caller's tenant; null if there is none.",
                Link::<_, CustomerRecords>::to("Customer", |(), call| node::id_argument_in_tenant(call, "id", "Customer").map(Some))
                    .argument(ArgumentDecl::new::<Id>("id", "Global id, or CRO's customer id.")),
            )
            .link(
                "customers",
                "The customers of the caller's tenant, each once.",
                Link::<_, CustomerPages>::to("CustomerConnection", |(), call| page_key(call, node::own_tenant(call.session)?).map(Some))
                    .showing(connection)
                    .arguments(page_arguments()),
            )
    });
}

fn entity() -> Entity<Customer> {
    let entity = Entity::<Customer>::new("Customer", "Somebody who has waste hauled: a business or a household, served by one or more yards of a hauling company. Source: CRO `GET /customers`.")
        .implements(NODE)
        .completed_by::<CustomerRecords>(|customer| customer.complete, key);
    let entity = with_ids(entity, |customer| GlobalId::encode("Customer", key(customer)), |customer| customer.id.to_string(), "CRO's customer id, unique inside the tenant only.")
        .field("name", "The customer's name.", Customer::name)
        .field(
        "parentId",
        "CRO's id of the customer that this one belongs to; null at the top.",
        |customer| customer.parent_id.map(Id::of),
    )
    .complete_field("createdAt", "When the customer was created. Lists do not tell: on their items this costs a call per customer.", |customer| customer.created_on().map(LocalDateTime::of))
        .complete_field("lastUpdatedAt", "When the customer was last changed. Lists do not tell: on their items this costs a call per customer.", |customer| customer.last_updated_on().map(LocalDateTime::of))
        .unread_objects("addresses", "CustomerAddress", "The customer's addresses, inactive ones included.", Customer::addresses)
        .unread_objects("contacts", "CustomerContact", "The people to call.", Customer::contacts);
    links(entity)
}

fn links(entity: Entity<Customer>) -> Entity<Customer> {
    let parent_key = |customer: &Customer| {
        customer
            .parent_id
            .map(|parent| CustomerKey::new(customer.tenant, parent))
    };
    entity
        .link(
            "parent",
            "The customer that this one belongs to, such as the head office; null at the top.",
            Link::<_, Customers>::to("Customer", move |customer: &Customer, _| {
                Ok(parent_key(customer))
            })
            .or_complete::<CustomerRecords>(move |customer: &Customer, _| Ok(parent_key(customer))),
        )
        .link(
            "children",
            "The customers that belong to this one.",
            Link::<_, CustomerPages>::to("CustomerConnection", |customer: &Customer, call| {
                let mut page = page_key(call, TenantId(customer.tenant))?;
                page.filter.parent_id = Some(customer.id);
                Ok(Some(page))
            })
            .showing(connection)
            .arguments(page_arguments()),
        )
        .link(
            "locations",
            "The yards that serve the customer, each with its settings for this customer.",
            Link::<_, Customers>::to("CustomerLocation", |customer: &Customer, _| {
                Ok(Some(key(customer)))
            })
            .each(|customer| customer.links.clone().unwrap_or_default())
            .or_embedded(yards),
        )
        .add(
            "tradingConnections",
            "The connections at Crux that share an account number with the customer: those whose `customer` is this one. A match of numbers, not a fact that either upstream states. Null if the operator has not switched this link on. Reads all connections and the tenant's whole customer list, once for all customers.",
            "[TradingConnection!]".to_owned(),
            Vec::new(),
            trading_connection::of_customers(),
        )
}

/// The customer's links, if all of them are known.
fn yards(customer: &Customer) -> Option<Cow<'_, [Arc<LinkSettings>]>> {
    customer.links.as_deref().map(Cow::Borrowed)
}

fn address() -> Entity<Address> {
    Entity::new(
        "CustomerAddress",
        "An address of a customer: where to serve it, where to bill it.",
    )
    .field(
        "upstreamId",
        "CRO's address id, unique inside the tenant only.",
        |address: &Address| Id::of(address.id),
    )
    .field(
        "isActive",
        "False once the address was removed: CRO keeps removed addresses.",
        |address| address.is_active,
    )
    .field("isBilling", "Whether bills go here.", |address| {
        address.is_billing
    })
    .field("isShipping", "Whether service is given here.", |address| {
        address.is_shipping
    })
    .field(
        "isPhysical",
        "Whether this is a place and not a post box.",
        |address| address.is_physical,
    )
    .field("line1", "First line.", |address| address.line_1.clone())
    .field("line2", "Second line.", |address| address.line_2.clone())
    .field("line3", "Third line.", |address| address.line_3.clone())
    .field("line4", "Fourth line; doubles as the county.", |address| {
        address.line_4.clone()
    })
    .field("locality", "Town.", |address| address.locality.clone())
    .field("region", "State or province.", |address| {
        address.region.clone()
    })
    .field("postcode", "Postal code; may hold letters.", |address| {
        address.postcode.clone()
    })
    .field("country", "Country as ISO 3166-1 alpha-2.", |address| {
        address.country.clone()
    })
    .field("latitude", "Degrees north.", |address| address.latitude)
    .field("longitude", "Degrees east.", |address| address.longitude)
}

fn contact() -> Entity<Contact> {
    Entity::new(
        "CustomerContact",
        "Somebody to reach at a customer, and which messages they want.",
    )
    .field(
        "upstreamId",
        "CRO's contact id, unique inside the tenant only.",
        |contact: &Contact| Id::of(contact.id),
    )
    .field("name", "The person's name.", |contact| contact.name.clone())
    .field(
        "email",
        "E-mail addresses as CRO has them: one, or several with commas between.",
        |contact| contact.email.clone(),
    )
    .field("emails", "The e-mail addresses one by one.", |contact| {
        contact.emails().map(str::to_owned).collect::<Vec<_>>()
    })
    .field("fax", "Fax number.", |contact| contact.fax.clone())
    .field("number", "Telephone number.", |contact| {
        contact.number.clone()
    })
    .field(
        "notifyOnNewRequest",
        "Whether a message is sent for a new request.",
        |contact| contact.notify_on_new_request,
    )
    .field(
        "notifyOnDispatchedRequest",
        "Whether a message is sent when a request is dispatched.",
        |contact| contact.notify_on_dispatched_request,
    )
    .field(
        "notifyOnAcknowledgedRequest",
        "Whether a message is sent when a driver has acknowledged a request.",
        |contact| contact.notify_on_acknowledged_request,
    )
    .field(
        "notifyOnCompletedRequest",
        "Whether a message is sent when a request is completed.",
        |contact| contact.notify_on_completed_request,
    )
    .field(
        "notifyOnFailedRequest",
        "Whether a message is sent when a request fails.",
        |contact| contact.notify_on_failed_request,
    )
}
