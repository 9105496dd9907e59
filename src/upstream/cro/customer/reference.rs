//! Customers by the number that a yard's books give them.
//!
//! The API cannot look a reference number up, so all rows of the tenant are walked; pages that are
//! at hand cost no call.

use std::{collections::HashMap, fmt, sync::Arc};

use indexmap::IndexSet;

use super::{
    Customer, CustomerRow, CustomerRows,
    reading::{Rows, RowsKey, all_rows},
};
use crate::{
    identity::Service,
    ids::{CustomerKey, TenantId},
    upstream::{Calls, Error, FetchResult, Fetched, Keep, Resource, Session},
};

/// Which customer: the one with the first of these numbers that names exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReferenceKey {
    /// The tenant.
    pub tenant: TenantId,
    /// Reference numbers, the likeliest first.
    pub references: Vec<String>,
}

impl fmt::Display for ReferenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Customers by the reference number of one of their yards.
///
/// A number that names several customers names none: two yards may count alike.
pub struct CustomersByReference;

impl Resource for CustomersByReference {
    type Key = ReferenceKey;
    type Value = Customer;
    const NAME: &'static str = "customers_by_reference";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::LIST;

    fn tenant(_: &Session, key: &ReferenceKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<ReferenceKey>) -> Vec<FetchResult<Customer>> {
        let Some(tenant) = keys.first().map(|key| key.tenant) else {
            return Vec::new();
        };
        match walk(&session, tenant).await {
            Ok(pages) => {
                let rows: Vec<&CustomerRow> = pages.iter().flat_map(|page| &page.rows).collect();
                find(&rows, &keys)
            }
            Err(error) => keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
        }
    }
}

/// All rows of the tenant, in their pages.
async fn walk(session: &Arc<Session>, tenant: TenantId) -> Result<Vec<Arc<Rows>>, Arc<Error>> {
    let first = session.load::<CustomerRows>(all_rows(tenant, 1)).await?;
    let pages = first.as_ref().map_or(1, |page| page.pages);
    let others: Vec<RowsKey> = (2..=pages).map(|number| all_rows(tenant, number)).collect();
    let others = session.load_many::<CustomerRows>(&others).await;
    let pages = [Ok(first)].into_iter().chain(others);
    pages.filter_map(Result::transpose).collect()
}

fn find(rows: &[&CustomerRow], keys: &[ReferenceKey]) -> Vec<FetchResult<Customer>> {
    let owners = owners(rows);
    let ids: Vec<Option<i64>> = keys
        .iter()
        .map(|key| {
            let mut references = key.references.iter();
            references.find_map(|reference| owners.get(reference.trim()).copied().flatten())
        })
        .collect();
    let wanted: IndexSet<i64> = ids.iter().copied().flatten().collect();
    let place = |key: &CustomerKey| wanted.get_index_of(&key.id);
    let rows = rows.iter().copied();
    let grouped = CustomerRow::grouped(rows, (wanted.len(), place), true);
    let customers: HashMap<i64, Arc<Customer>> = grouped
        .into_iter()
        .map(|customer| (customer.id, customer))
        .collect();
    let found = |id: Option<i64>| {
        let customer = customers.get(&id?)?;
        Some(Fetched::picked(Arc::clone(customer)))
    };
    ids.into_iter().map(|id| Ok(found(id))).collect()
}

/// The customer of each reference number; none where several customers have it. Links that were
/// removed count only for numbers that no other link has.
fn owners<'a>(rows: &[&'a CustomerRow]) -> HashMap<&'a str, Option<i64>> {
    let mut owners: HashMap<&'a str, Option<i64>> = HashMap::new();
    for active in [true, false] {
        let mut these: HashMap<&'a str, Option<i64>> = HashMap::new();
        for row in rows {
            let Some((reference, _)) = reference(row).filter(|(_, is)| *is == active) else {
                continue;
            };
            these
                .entry(reference)
                .and_modify(|owner| *owner = owner.filter(|owner| *owner == row.customer_id()))
                .or_insert(Some(row.customer_id()));
        }
        for (reference, owner) in these {
            owners.entry(reference).or_insert(owner);
        }
    }
    owners
}

/// The row's reference number, and whether its yard still serves the customer.
fn reference(row: &CustomerRow) -> Option<(&str, bool)> {
    let link = row.link.as_ref()?;
    let reference = link.source.get(link.reference_number?).trim();
    (!reference.is_empty()).then_some((reference, link.is_active.unwrap_or(true)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::upstream::json::read_value;

    fn row(customer: i64, location: i64, reference: &str, is_active: bool) -> CustomerRow {
        let row: CustomerRow = read_value(&json!({
            "customer_id": customer, "location_id": location,
            "reference_number": reference, "is_active": is_active,
        }))
        .unwrap();
        row.in_tenant(41)
    }

    fn found(rows: &[CustomerRow], references: &[&str]) -> Option<i64> {
        let key = ReferenceKey {
            tenant: TenantId(41),
            references: references.iter().map(ToString::to_string).collect(),
        };
        let rows: Vec<&CustomerRow> = rows.iter().collect();
        let customer = find(&rows, &[key]).remove(0).unwrap();
        customer.map(|customer| customer.value.id)
    }

    #[test]
    fn a_customer_is_found_by_the_number_of_any_of_its_yards() {
        let rows = [
            row(1, 7, "A-1", true),
            row(1, 8, " B-1 ", true),
            row(2, 7, "", true),
        ];
        assert_eq!(found(&rows, &["A-1"]), Some(1));
        assert_eq!(found(&rows, &["B-1"]), Some(1));
        assert_eq!(found(&rows, &["nowhere", "B-1"]), Some(1));
        assert_eq!(found(&rows, &["a-1"]), None);
        assert_eq!(found(&rows, &[""]), None);
    }

    #[test]
    fn a_number_of_several_customers_names_none() {
        let rows = [
            row(1, 7, "A-1", true),
            row(2, 8, "A-1", true),
            row(1, 9, "A-1", true),
        ];
        assert_eq!(found(&rows, &["A-1"]), None);
    }

    #[test]
    fn a_removed_link_gives_its_number_up() {
        let rows = [row(1, 7, "A-1", false), row(2, 8, "A-1", true)];
        assert_eq!(found(&rows, &["A-1"]), Some(2));
        assert_eq!(found(&rows[..1], &["A-1"]), Some(1));
    }

    #[test]
    fn a_found_customer_has_all_its_yards() {
        let rows = [
            row(1, 7, "A-1", true),
            row(2, 7, "", true),
            row(1, 8, "", true),
        ];
        let key = ReferenceKey {
            tenant: TenantId(41),
            references: vec!["A-1".to_owned()],
        };
        let rows: Vec<&CustomerRow> = rows.iter().collect();
        let customer = find(&rows, &[key]).remove(0).unwrap().unwrap().value;
        let yards: Vec<_> = customer.links.iter().flatten().collect();
        assert_eq!((yards.len(), customer.tenant), (2, 41));
    }
}
