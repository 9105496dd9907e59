//! `/customers` and the customers of a yard.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::Value;

use super::super::answer;
use super::super::clock::Moment;
use super::access::Seat;
use super::model::{Kind, Model, optional};
use super::query::{Params, path_id};
use super::refusal::Refusal;
use super::state::{Customer, Link, Sight, Tenant};
use super::views::{CustomerView, Row};
use super::{Cro, Pairs};

const UPDATE: Model = Model {
    name: "UpdateCustomerModel",
    fields: &[
        optional("name", Kind::Text(1, 64)),
        optional("parent_id", Kind::Integer),
    ],
};

const FILTERS: [&str; 6] = [
    "active",
    "created_on_gte",
    "last_updated_gte",
    "is_parent",
    "parent_id",
    "name",
];

pub(super) async fn get(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let state = api.store.read();
    let tenant = state.tenant(seat.tenant)?;
    let sight = state.sight(seat.user, seat.tenant);
    let customer = tenant.customer(path_id("customer_id", &id)?, &sight)?;
    Ok(answer::ok(&CustomerView {
        tenant,
        customer,
        sight: &sight,
        version: seat.version,
    }))
}

pub(super) async fn list(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let allowed = [&FILTERS[..], &["location_id"]].concat();
    let params = Params::new("ListCustomersQueryParamsModel", pairs, &allowed)?;
    let filter = Filter {
        yard: params.integer("location_id")?,
        ..Filter::new(&params)?
    };
    let state = api.store.read();
    let tenant = state.tenant(seat.tenant)?;
    let sight = state.sight(seat.user, seat.tenant);
    let rows = filter.rows(tenant, &sight).map(|(customer, link)| Row {
        in_list: true,
        ..Row::new(customer, link, seat.version)
    });
    Ok(answer::ok(&params.page()?.of(rows)))
}

pub(super) async fn list_at_yard(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(yard): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let params = Params::new("ListCustomerLocationsQueryParamsModel", pairs, &FILTERS)?;
    let yard = path_id("location_id", &yard)?;
    let filter = Filter {
        yard: Some(yard),
        ..Filter::new(&params)?
    };
    let state = api.store.read();
    let tenant = state.tenant(seat.tenant)?;
    let sight = state.sight(seat.user, seat.tenant);
    tenant.yard(yard, &sight)?;
    let rows = filter
        .rows(tenant, &sight)
        .map(|(customer, link)| Row::new(customer, link, seat.version));
    Ok(answer::ok(&params.page()?.of(rows)))
}

/// The filters that both lists know.
struct Filter<'a> {
    active: Option<bool>,
    created_on_gte: Option<&'a str>,
    last_updated_gte: Option<&'a str>,
    is_parent: Option<bool>,
    parent: Option<i64>,
    name: Option<String>,
    yard: Option<i64>,
}

impl<'a> Filter<'a> {
    fn new(params: &'a Params) -> Result<Self, Refusal> {
        Ok(Self {
            active: params.boolean("active")?,
            created_on_gte: params.past("created_on_gte")?,
            last_updated_gte: params.past("last_updated_gte")?,
            is_parent: params.boolean("is_parent")?,
            parent: params.integer("parent_id")?,
            name: params.text("name").map(str::to_lowercase),
            yard: None,
        })
    }

    fn rows<'s>(
        &self,
        tenant: &'s Tenant,
        sight: &Sight,
    ) -> impl Iterator<Item = (&'s Customer, &'s Link)> {
        tenant
            .links
            .iter()
            .filter(|link| sight.includes(link.location_id) && self.takes_link(link))
            .filter_map(|link| Some((tenant.customers.get(&link.customer_id)?, link)))
            .filter(|(customer, _)| self.takes_customer(customer))
    }

    fn takes_link(&self, link: &Link) -> bool {
        self.active.is_none_or(|active| link.is_active == active)
            && self.yard.is_none_or(|yard| link.location_id == yard)
            // Zone-less datetimes of one shape sort as texts do.
            && self.created_on_gte.is_none_or(|since| link.created_on.as_str() >= since)
            && self.last_updated_gte.is_none_or(|since| link.last_updated_on.as_str() > since)
    }

    fn takes_customer(&self, customer: &Customer) -> bool {
        self.is_parent
            .is_none_or(|top| customer.parent_id.is_none() == top)
            && self
                .parent
                .is_none_or(|parent| customer.parent_id == Some(parent))
            && self
                .name
                .as_ref()
                .is_none_or(|wanted| name_matches(wanted, &customer.name))
    }
}

/// `*` is a wildcard; without one the whole name must match. Case does not count.
fn name_matches(wanted: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let mut parts = wanted.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

pub(super) async fn update(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let id = path_id("customer_id", &id)?;
    let body = UPDATE.read(&body)?;
    let mut state = api.store.write();
    let tenant = state.tenant_mut(seat.tenant)?;
    tenant.customer(id, &Sight::Everything)?;
    let parent = body.get("parent_id").map(Value::as_i64);
    if let Some(Some(parent)) = parent {
        check_parent(tenant, Some(id), parent, "UpdateCustomerModel.parent_id")?;
    }
    let customer = tenant.customer_mut(id)?;
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        name.clone_into(&mut customer.name);
    }
    if let Some(parent) = parent {
        customer.parent_id = parent;
    }
    touch(tenant, id)?;
    let customer = tenant.customer(id, &Sight::Everything)?;
    let sight = Sight::Everything;
    Ok(answer::ok(&CustomerView {
        tenant,
        customer,
        sight: &sight,
        version: seat.version,
    }))
}

/// Marks a customer and its rows as changed now.
pub(super) fn touch(tenant: &mut Tenant, id: i64) -> Result<(), Refusal> {
    let now = Moment::now().naive();
    tenant.customer_mut(id)?.last_updated_on.clone_from(&now);
    for index in tenant.links_of.get(&id).cloned().unwrap_or_default() {
        tenant.links[index].last_updated_on.clone_from(&now);
    }
    Ok(())
}

/// A parent must exist and must not stand below its child.
pub(super) fn check_parent(
    tenant: &Tenant,
    child: Option<i64>,
    parent: i64,
    field: &str,
) -> Result<(), Refusal> {
    let mut ancestor = Some(parent);
    while let Some(id) = ancestor {
        if Some(id) == child {
            return Err(Refusal::invalid(
                field,
                "A customer cannot be its own ancestor.",
            ));
        }
        let Some(customer) = tenant.customers.get(&id) else {
            return Err(Refusal::invalid(field, "Not found."));
        };
        ancestor = customer.parent_id;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_a_name_is_a_wildcard() {
        assert!(name_matches("amber*", "Amberfield Masonry"));
        assert!(name_matches("*mason*", "Amberfield Masonry"));
        assert!(name_matches("amberfield masonry", "Amberfield Masonry"));
        assert!(!name_matches("amberfield", "Amberfield Masonry"));
        assert!(!name_matches("*mason", "Amberfield Masonry"));
    }
}
