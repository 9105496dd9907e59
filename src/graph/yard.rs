//! What is the same for everything that a yard has a list of: pages of it, and ids of it.

use super::{
    check::Check,
    declare::{Call, Graph, Link},
    error::Error,
    leaf::Id,
    node,
    pagination::{self, Connection, PageNames, declare_page, keyed_request},
};
use crate::{
    ids::{AtLocation, LocationKey, at_location, integer},
    upstream::{
        Session,
        cro::{
            location::Location,
            yard::{YardItem, YardItems, YardPageKey, YardPages},
        },
    },
};

/// A link from a yard to pages of one of its lists; `filter` reads the arguments that pick items.
pub fn pages<T: YardItem>(
    connection: &'static str,
    filter: fn(&Call<'_>, LocationKey) -> Result<T::Filter, Error>,
) -> Link<Location, YardPages<T>> {
    let key = move |yard: &Location, call: &Call<'_>| {
        let yard = LocationKey::new(yard.tenant, yard.id);
        let (first, after) = keyed_request(call, integer)?;
        Ok(Some(YardPageKey {
            yard,
            filter: filter(call, yard)?,
            first,
            after,
        }))
    };
    Link::to(connection, key)
        .showing(|page| Some(Connection::of(page)))
        .arguments(pagination::page_arguments())
}

/// Declares the page types of a yard's items, and their global ids.
pub fn declare<T: YardItem>(graph: &mut Graph, names: PageNames, item: &'static str) {
    declare_page::<T>(graph, names, item);
    graph.node::<YardItems<T>>(item, at_location, |_| true);
}

/// The key of the item that the id `name` of an input names: a global id, or CRO's own together
/// with the yard that the input's `locationId` names.
pub fn item_key(
    check: &mut Check,
    session: &Session,
    (name, id): (&str, &Id),
    location: Option<&Id>,
    kind: &str,
) -> Option<AtLocation> {
    let yard = location.map(|id| check.key(session, "locationId", id, "Location"));
    if yard == Some(None) {
        return None;
    }
    let yard = yard.flatten();
    let key = check.take(name, |path| {
        node::read_id(id, path, &[kind], at_location, |own| {
            let id = integer(own)?;
            let location = yard.ok_or_else(|| {
                let hint = "CRO's own id says nothing without its yard: give `locationId` too, or a global id.";
                Error::argument(path, hint)
            })?;
            Ok(AtLocation { location, id })
        })
    })?;
    if yard.is_some_and(|yard| yard != key.location) {
        check.refuse(name, format!("This {kind} is at another location."));
    }
    Some(key)
}

/// CRO's own id of another item in the tenant of `home`: from a global id, or as it is.
pub fn own_id(id: &Id, path: &[&str], kind: &str, home: LocationKey) -> Result<i64, Error> {
    let key = node::read_id(id, path, &[kind], at_location, |own| {
        Ok(AtLocation {
            location: home,
            id: integer(own)?,
        })
    })?;
    if key.location.tenant == home.tenant {
        Ok(key.id)
    } else {
        let message = format!("This {kind} belongs to another tenant.");
        Err(Error::argument(path, message))
    }
}
