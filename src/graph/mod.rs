//! The graph side: the types that API users see, as declarations over wire values.
//!
//! A file per entity holds its type, its links, its root fields and its mutations. The files
//! above them are the machinery: [`declare`] says what a declaration is, [`plan`] and [`execute`]
//! run them.

pub mod arguments;
pub mod check;
pub mod cost;
pub mod declare;
pub mod error;
pub mod execute;
pub mod input;
pub mod leaf;
pub mod node;
pub mod pagination;
pub mod plan;
pub mod report;
pub mod scalars;
pub mod schema;
pub mod validation;

mod asset;
mod batch;
mod carrier;
mod contract;
mod contract_input;
mod contract_parts;
mod customer;
mod customer_address_input;
mod customer_contact_input;
mod customer_input;
mod customer_location;
mod customer_location_input;
mod customer_part;
mod discovery_supplier;
mod driver;
mod fixed_contract_input;
mod fixed_contract_writing;
mod hauler;
mod hauler_connection;
mod job;
mod job_input;
mod location;
mod notation;
mod notification;
mod notification_setting_input;
mod organization;
mod partner;
mod partner_details;
mod partner_writing;
mod person;
mod quantity_input;
mod route;
mod route_balancing;
mod route_input;
mod route_parts;
mod route_stats;
mod route_writing;
mod staleness;
mod surcharge;
mod surcharge_input;
mod tenant;
mod text;
mod trading_connection;
mod trading_connection_request;
mod trading_connection_request_change;
mod trading_connection_request_input;
mod trading_file;
mod truck;
mod user;
mod yard;

use std::sync::LazyLock;

use async_graphql::registry::MetaType;
use declare::Graph;

/// All declarations.
pub fn graph() -> &'static Graph {
    static GRAPH: LazyLock<Graph> = LazyLock::new(|| {
        let mut graph = Graph::default();
        pagination::declare(&mut graph);
        tenant::declare(&mut graph);
        location::declare(&mut graph);
        customer::declare(&mut graph);
        customer_input::declare(&mut graph);
        customer_address_input::declare(&mut graph);
        customer_contact_input::declare(&mut graph);
        customer_location::declare(&mut graph);
        customer_location_input::declare(&mut graph);
        user::declare(&mut graph);
        driver::declare(&mut graph);
        truck::declare(&mut graph);
        asset::declare(&mut graph);
        job::declare(&mut graph);
        job_input::declare(&mut graph);
        hauler::declare(&mut graph);
        hauler_connection::declare(&mut graph);
        person::declare(&mut graph);
        organization::declare(&mut graph);
        trading_connection::declare(&mut graph);
        trading_connection_request::declare(&mut graph);
        trading_connection_request_input::declare(&mut graph);
        trading_connection_request_change::declare(&mut graph);
        trading_file::declare(&mut graph);
        discovery_supplier::declare(&mut graph);
        notification::declare(&mut graph);
        notification_setting_input::declare(&mut graph);
        notation::declare(&mut graph);
        route::declare(&mut graph);
        route_parts::declare(&mut graph);
        route_stats::declare(&mut graph);
        route_writing::declare(&mut graph);
        route_balancing::declare(&mut graph);
        contract::declare(&mut graph);
        contract_input::declare(&mut graph);
        fixed_contract_writing::declare(&mut graph);
        contract_parts::declare(&mut graph);
        surcharge::declare(&mut graph);
        carrier::declare(&mut graph);
        partner::declare(&mut graph);
        partner_details::declare(&mut graph);
        partner_writing::declare(&mut graph);
        node::declare(&mut graph);
        graph
    });
    &GRAPH
}

/// Whether `value` fits the custom scalar `name`; a name that is no custom scalar fits everything.
pub fn is_valid_scalar(name: &str, value: &async_graphql::Value) -> bool {
    match graph().definitions.0.get(name) {
        Some(MetaType::Scalar {
            is_valid: Some(is_valid),
            ..
        }) => is_valid(value),
        _ => true,
    }
}
