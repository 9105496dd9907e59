//! The link between a customer and a yard: key (customer, location), never an id of its own.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Map, Value};

use super::super::answer;
use super::super::clock::Moment;
use super::access::Seat;
use super::model::{Field, Kind, Model, as_bool, optional};
use super::query::{Params, path_id};
use super::refusal::Refusal;
use super::state::{Link, Sight};
use super::views::Row;
use super::{Cro, Pairs};

const CREATE: Model = Model {
    name: "CreateDispatchCustomerLocationModel",
    fields: &[
        optional("account_number_1", Kind::Text(0, 128)),
        optional("account_number_2", Kind::Text(0, 128)),
        optional("is_commercial", Kind::Boolean),
        optional("note", Kind::Text(0, 2048)),
        optional("reference_number", Kind::Text(1, 256)),
        optional("renewal_date", Kind::Datetime),
        optional("sales_rep", Kind::Text(1, 64)),
        optional("sales_rep_id", Kind::Text(0, 64)),
        optional("suspension_id", Kind::Integer),
    ],
};

const UPDATE_FIELDS: &[Field] = &[
    optional("account_number_1", Kind::Text(0, 128)),
    optional("account_number_2", Kind::Text(0, 128)),
    optional("is_active", Kind::Boolean),
    optional("is_commercial", Kind::Boolean),
    optional("note", Kind::Text(0, 2048)),
    optional("reference_number", Kind::Text(1, 256)),
    optional("renewal_date", Kind::Datetime),
    optional("sales_rep", Kind::Text(1, 64)),
    optional("sales_rep_id", Kind::Text(0, 64)),
    optional("suspension_id", Kind::Integer),
];
const UPDATE: Model = Model {
    name: "UpdateDispatchCustomerLocationModel",
    fields: UPDATE_FIELDS,
};

/// `GET /customers/{customer_id}/locations`
pub(super) async fn list(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(customer): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let params = Params::new("ListCustomerLocationsQueryParamsModel", pairs, &["active"])?;
    let active = params.boolean("active")?;
    let id = path_id("customer_id", &customer)?;
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant(seat.tenant)?;
    let customer = tenant.customer(id, &sight)?;
    let rows = tenant
        .links_at(id)
        .filter(|link| sight.includes(link.location_id))
        .filter(|link| active.is_none_or(|active| link.is_active == active))
        .map(|link| Row::new(customer, link, seat.version));
    Ok(answer::ok(&params.page()?.of(rows)))
}

/// `GET /customers/{customer_id}/locations/{customer_location_id}`
pub(super) async fn get(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((customer, yard)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let customer = path_id("customer_id", &customer)?;
    show(
        &api,
        seat,
        customer,
        path_id("customer_location_id", &yard)?,
    )
}

/// `GET /locations/{location_id}/customers/{customer_id}`
pub(super) async fn get_at_yard(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((yard, customer)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let yard = path_id("location_id", &yard)?;
    show(&api, seat, path_id("customer_id", &customer)?, yard)
}

fn show(api: &Cro, seat: Seat, customer: i64, yard: i64) -> Result<Response, Refusal> {
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant(seat.tenant)?;
    let link = tenant.link(customer, yard)?;
    if !sight.includes(yard) {
        return Err(Refusal::not_found("customer_location_id"));
    }
    Ok(answer::ok(&Row::new(
        tenant.customer(customer, &sight)?,
        link,
        seat.version,
    )))
}

pub(super) async fn create(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((customer, yard)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let customer = path_id("customer_id", &customer)?;
    let yard = path_id("customer_location_id", &yard)?;
    let body = CREATE.read(&body)?;
    {
        let mut state = api.store.write();
        let tenant = state.tenant_mut(seat.tenant)?;
        tenant.customer(customer, &Sight::Everything)?;
        if !tenant.yards.contains_key(&yard) {
            return Err(Refusal::not_found("customer_location_id"));
        }
        if tenant.link(customer, yard).is_ok() {
            return Err(Refusal::conflict(
                "The customer is linked to this location already.",
            ));
        }
        let now = Moment::now().naive();
        let mut link = Link {
            customer_id: customer,
            location_id: yard,
            is_active: true,
            is_commercial: Some(false),
            created_on: now.clone(),
            last_updated_on: now,
            ..Link::default()
        };
        apply(&mut link, &body);
        tenant.add_link(link);
    }
    show(&api, seat, customer, yard)
}

pub(super) async fn update(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((customer, yard)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let customer = path_id("customer_id", &customer)?;
    let yard = path_id("customer_location_id", &yard)?;
    let body = UPDATE.read(&body)?;
    change(&api, seat, customer, yard, |link| apply(link, &body))?;
    show(&api, seat, customer, yard)
}

/// A soft delete: the row stays and becomes inactive.
pub(super) async fn deactivate(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((customer, yard)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let customer = path_id("customer_id", &customer)?;
    let yard = path_id("customer_location_id", &yard)?;
    change(&api, seat, customer, yard, |link| link.is_active = false)?;
    show(&api, seat, customer, yard)
}

fn change(
    api: &Cro,
    seat: Seat,
    customer: i64,
    yard: i64,
    edit: impl FnOnce(&mut Link),
) -> Result<(), Refusal> {
    let mut state = api.store.write();
    let link = state.tenant_mut(seat.tenant)?.link_mut(customer, yard)?;
    edit(link);
    link.last_updated_on = Moment::now().naive();
    Ok(())
}

/// Only what is sent changes.
pub(super) fn apply(link: &mut Link, body: &Map<String, Value>) {
    let texts = [
        ("account_number_1", &mut link.account_number_1),
        ("account_number_2", &mut link.account_number_2),
        ("note", &mut link.note),
        ("reference_number", &mut link.reference_number),
        ("renewal_date", &mut link.renewal_date),
        ("sales_rep", &mut link.sales_rep),
    ];
    for (name, slot) in texts {
        if let Some(value) = body.get(name) {
            *slot = value.as_str().map(str::to_owned);
        }
    }
    if let Some(value) = body.get("is_active").and_then(as_bool) {
        link.is_active = value;
    }
    if let Some(value) = body.get("is_commercial") {
        link.is_commercial = as_bool(value);
    }
    if let Some(value) = body.get("sales_rep_id") {
        link.sales_rep_id = value.clone();
    }
    if let Some(value) = body.get("suspension_id") {
        link.suspension_id = value.as_i64();
    }
}
