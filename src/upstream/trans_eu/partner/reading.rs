//! How partner records are found by the company that they are about.
//!
//! The list can be filtered by one company at a time, and its pages hold 25 and cannot be made
//! larger. A company that is nobody's partner is common: carriers need not be partners.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::join_all;
use serde_json::json;

use super::PartnerItem;
use crate::{
    identity::Service,
    ids::CompanyId,
    upstream::{
        Calls, Endpoint, Error, FetchResult, Fetched, Keep, Resource, Session,
        trans_eu::page::NumberedPage, walk::Plan,
    },
};

static LIST_PARTNERS: Endpoint = Endpoint::get(Service::TransEu, "/ext/partners-api/v1/partners");

/// A page of the list of partners, by its number; the first is number 1.
pub(super) struct PartnerPages;

impl Resource for PartnerPages {
    type Key = usize;
    type Value = NumberedPage<Arc<PartnerItem>>;
    const NAME: &'static str = "partner_pages";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Partners;

    async fn fetch(session: Arc<Session>, keys: Vec<usize>) -> Vec<FetchResult<Self::Value>> {
        join_all(keys.iter().map(|number| page(&session, *number))).await
    }
}

async fn page(session: &Session, number: usize) -> FetchResult<NumberedPage<Arc<PartnerItem>>> {
    let call = LIST_PARTNERS.call(&[]).query("page", number);
    let reply = session.send::<NumberedPage<_>>(call).await?;
    let pages = pages(&reply.value);
    session.note_size::<PartnerPages>(&number, pages);
    Ok(Some(Fetched::new(reply.value, reply.bytes)))
}

fn pages<T>(page: &NumberedPage<T>) -> usize {
    let pages = page
        .page_count
        .and_then(|count| usize::try_from(count).ok());
    pages.unwrap_or_default().max(1)
}

/// Partner records asked for by company, one call each.
pub(super) struct PartnerRecords;

impl Resource for PartnerRecords {
    type Key = CompanyId;
    type Value = PartnerItem;
    const NAME: &'static str = "partner_records";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Partners;

    async fn fetch(session: Arc<Session>, keys: Vec<CompanyId>) -> Vec<FetchResult<PartnerItem>> {
        join_all(keys.iter().map(|company| record(&session, *company))).await
    }
}

async fn record(session: &Session, company: CompanyId) -> FetchResult<PartnerItem> {
    // The filter wants the number as a string.
    let filter = json!({ "company_id": { "$eq": company.to_string() } });
    let call = LIST_PARTNERS.call(&[]).query("filter", filter);
    let reply = session.send::<NumberedPage<PartnerItem>>(call).await?;
    let partner = reply
        .value
        .items
        .into_iter()
        .find(|partner| partner.company.id == company.0);
    Ok(partner.map(|partner| Fetched::new(partner, reply.bytes)))
}

/// Partner records by company, by whichever way costs fewer calls.
pub struct Partners;

impl Resource for Partners {
    type Key = CompanyId;
    type Value = PartnerItem;
    const NAME: &'static str = "partners";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::KEYS_OR_LIST;

    async fn fetch(session: Arc<Session>, keys: Vec<CompanyId>) -> Vec<FetchResult<PartnerItem>> {
        let known = match whole_list(&session, &keys).await {
            Ok(known) => known,
            Err(error) => return keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
        };
        if let Some(partners) = known {
            let find = |company: &CompanyId| partners.get(&company.0).cloned();
            return keys
                .iter()
                .map(|company| Ok(find(company).map(Fetched::picked)))
                .collect();
        }
        let records = session.load_many::<PartnerRecords>(&keys).await;
        records
            .into_iter()
            .map(|record| record.map(|found| found.map(Fetched::picked)))
            .collect()
    }
}

type ByCompany = HashMap<i64, Arc<PartnerItem>>;

/// All partners by company, if that costs fewer calls than asking for the `wanted` companies.
async fn whole_list(
    session: &Arc<Session>,
    wanted: &[CompanyId],
) -> Result<Option<ByCompany>, Arc<Error>> {
    let is_unread = |number: &usize| session.find_kept::<PartnerPages>(number).is_none();
    let unread_records = wanted
        .iter()
        .filter(|company| session.find_kept::<PartnerRecords>(company).is_none())
        .count();
    let known = session.find_size::<PartnerPages>(&1);
    let unread = known.map(|pages| (1..=pages).filter(is_unread).count());
    if session.plan::<PartnerPages>(unread_records, unread) == Plan::ById {
        return Ok(None);
    }
    let Some(first) = session.load::<PartnerPages>(1).await? else {
        return Ok(None);
    };
    let count = pages(&first);
    if known.is_none()
        && session.plan::<PartnerPages>(unread_records, Some(count - 1)) == Plan::ById
    {
        return Ok(None);
    }
    let others: Vec<usize> = (2..=count).collect();
    let mut all = ByCompany::new();
    let others = session.load_many::<PartnerPages>(&others).await;
    for page in std::iter::once(Ok(Some(first))).chain(others) {
        let items = page?.map(|page| page.items.clone()).unwrap_or_default();
        all.extend(items.into_iter().map(|one| (one.company.id, one)));
    }
    Ok(Some(all))
}
