//! Partner records (contractors), their people and vehicles, and the own employees.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::access::Shipper;
use super::check::{Check, parse, text, uuid};
use super::paging::{page, page_of};
use super::refusal::Refusal;
use super::state::{Company, Partner, State as World};
use super::{Pairs, TransEu, seed};

const PAGE_SIZE: usize = 25;
const FLEET_PAGE_SIZE: usize = 10;

pub(super) async fn list(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let page = page(&pairs)?;
    let filter = match pairs.iter().find(|(name, _)| name == "filter") {
        None => Value::Null,
        Some((_, text)) => serde_json::from_str(text)
            .map_err(|_| Refusal::malformed(vec!["filter must be a JSON object".to_owned()]))?,
    };
    let state = api.store.read();
    let own: Vec<&Partner> = state
        .partners
        .iter()
        .filter(|partner| partner.owner == shipper.company && takes(&filter, &state, partner))
        .collect();
    let (items, page_count) = page_of(&own, page, PAGE_SIZE);
    let items: Vec<&Value> = items.iter().map(|partner| &partner.record).collect();
    Ok(answer::ok(&json!({
        "page": page, "page_count": page_count, "page_size": PAGE_SIZE,
        "partners": items, "total_items": own.len(),
    })))
}

/// Only the documented operators: `company_id` knows `$eq` and ignores `$in`.
fn takes(filter: &Value, state: &World, partner: &Partner) -> bool {
    let Some(company) = state.companies.get(&partner.company) else {
        return false;
    };
    let equals = filter["company_id"]["$eq"].as_str();
    let vat = filter["vat_id"]["$regex"].as_str();
    let among = |name: &str| filter[name]["$in"].as_array();
    equals.is_none_or(|id| id == company.id.to_string())
        && vat.is_none_or(|part| company.vat_id.contains(part))
        && among("country").is_none_or(|list| list.iter().any(|one| *one == company.country))
        && among("cooperation_status")
            .is_none_or(|list| list.iter().any(|one| *one == partner.status))
}

fn find<'s>(
    state: &'s World,
    shipper: Shipper,
    id: &str,
) -> Result<(&'s Partner, &'s Company), Refusal> {
    let id = uuid("partnerId", id)?;
    let found = state
        .partners
        .iter()
        .find(|it| it.owner == shipper.company && it.id == id);
    let missing = || Refusal::problem(404, "Not Found", "Partner not found");
    let partner = found.ok_or_else(missing)?;
    let company = state.companies.get(&partner.company).ok_or_else(missing)?;
    Ok((partner, company))
}

pub(super) async fn get(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    const RISK: [&str; 5] = ["SUPER", "VERY_GOOD", "GOOD", "MEDIOCRE", "POOR"];
    let state = api.store.read();
    let (partner, company) = find(&state, shipper, &id)?;
    let mut shown = partner.record.clone();
    let rank = usize::try_from(company.id % 5).unwrap_or(0);
    shown["company"]["type"] = json!("STANDARD");
    shown["overall_rating"] = json!(4.8 - 0.3 * f64::from(u8::try_from(rank).unwrap_or(0)));
    shown["payments_status"] =
        json!({ "paid_on_time": 12 + rank, "paid_with_delay": rank, "unpaid": 0 });
    shown["contractors_satisfaction"] = json!({
        "communication": 81, "documents_delivery": 77, "caring_for_goods": 90,
        "service_as_agreed": 84, "transport_on_time_performance": 88,
    });
    shown["documents"] = json!([{
        "issue_date": "2026-01-22", "expire_date": "2027-01-21",
        "insurance_value": { "currency": "EUR", "value": 300_000 },
        "media": { "pages": [format!("https://files.example.com/assets/{}", partner.id)] },
    }]);
    shown["trans_risk"] = json!({
        "calculation_time": "2026-05-06T02:02:12.147+01:00", "description": RISK[rank],
    });
    if let Some(members) = shown.as_object_mut() {
        members.remove("notes");
    }
    Ok(answer::ok(&shown))
}

pub(super) async fn employees(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let page = page(&pairs)?;
    let state = api.store.read();
    let (_, company) = find(&state, shipper, &id)?;
    let (items, page_count) = page_of(&company.employees, page, PAGE_SIZE);
    let login = Moment::on(2026, 5, 5).plus_seconds(47_946).zulu_millis();
    let registered = Moment::on(2024, 7, 22).plus_seconds(30_096).zulu_millis();
    let shown: Vec<Value> = items
        .iter()
        .map(|person| {
            json!({
                "trans_id": person.trans_id,
                "given_name": person.given_name,
                "family_name": person.family_name,
                "email": person.email,
                "job_title": "dispatcher",
                "telephone": person.telephone,
                "mobile_telephone": null,
                "department": {
                    "id": "custom-department", "name": "Dispatch", "name_native": null
                },
                "foreign_languages": [],
                "last_login_date": if person.telephone.is_some() { json!(login) } else { Value::Null },
                "registration_date": registered,
            })
        })
        .collect();
    Ok(answer::ok(&json!({
        "_embedded": shown, "page": page, "page_count": page_count,
        "page_size": shown.len(), "total_items": company.employees.len(),
    })))
}

pub(super) async fn fleet(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let page = page(&pairs)?;
    let state = api.store.read();
    let (_, company) = find(&state, shipper, &id)?;
    let vehicles: Vec<Value> = (0..company.id % 14 + 2)
        .map(|n| vehicle(company.id, n))
        .collect();
    let (items, pages) = page_of(&vehicles, page, FLEET_PAGE_SIZE);
    Ok(answer::ok(&json!({
        "page": page, "page_size": FLEET_PAGE_SIZE,
        "has_next_page": page < pages, "vehicles": items,
    })))
}

/// The capacity has two spellings, as in the vendor's sample.
fn vehicle(company: i64, n: i64) -> Value {
    let plate = format!("XX{:05}", company % 1000 * 100 + n);
    let (kind, body, specifications) = if n % 3 == 2 {
        let capacity = json!({ "unit_code": "t", "value": null });
        (
            "bus/van",
            "cooler",
            json!({ "cargo_space_capacity": capacity, "combustion_norm": "EURO 6" }),
        )
    } else {
        let capacity = json!({ "unit_code": "t", "value": 24 });
        (
            "semi-trailer",
            "tent",
            json!({ "cargo_capacity": capacity, "combustion_norm": null }),
        )
    };
    json!({
        "kind": kind, "type": body, "manufacturer": "EXAMPLE",
        "registration_plate_number": plate, "gps": n % 2 == 0,
        "specifications": specifications,
    })
}

pub(super) async fn own_employees(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
) -> Result<Response, Refusal> {
    let state = api.store.read();
    let own = state
        .companies
        .get(&shipper.company)
        .map(|company| company.employees.as_slice());
    let shown: Vec<Value> = own
        .unwrap_or_default()
        .iter()
        .map(|person| {
            json!({
                "account_id": person.account_id,
                "trans_id": person.trans_id,
                "given_name": person.given_name,
                "family_name": person.family_name,
                "job_title": "planner",
                "hidden": false,
                "is_driver": false,
                "roles": [
                    { "name": "administrator", "product": "basic" },
                    { "name": "freights_manage", "product": "tff" },
                ],
            })
        })
        .collect();
    Ok(answer::ok(&shown))
}

/// One path for two things: a company of the platform becomes a partner, or another is invited.
pub(super) async fn add(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = parse(&body)?;
    if body.get("email").is_some() {
        let mut check = Check::new(&body);
        check.string("name");
        check.string("email");
        check.done()?;
        return Ok(answer::ok(&json!({ "message": "Invitation sent" })));
    }
    let (office, vat) = (body["office_id"].as_i64(), text(&body, "vat_id"));
    if office.is_none() && vat.is_none() {
        let text = "office_id or vat_id must be given".to_owned();
        return Err(Refusal::malformed(vec![text]));
    }
    let mut state = api.store.write();
    let company = state.companies.values().find(|company| {
        office.is_none_or(|id| company.id == id) && vat.is_none_or(|vat| company.vat_id == vat)
    });
    let unknown = || Refusal::problem(404, "Not Found", "Company not found");
    let company = company.map(|company| company.id).ok_or_else(unknown)?;
    let is_known =
        |partner: &Partner| partner.owner == shipper.company && partner.company == company;
    if !state.partners.iter().any(is_known) {
        seed::add_partner(&mut state, shipper.company, company);
    }
    Ok(answer::json(StatusCode::CREATED, &json!({})))
}

pub(super) async fn block(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = parse(&body)?;
    let is_some = body["reasons"]
        .as_array()
        .is_some_and(|all| !all.is_empty());
    if !is_some {
        let rule = json!({ "isEmpty": "Value is required and can't be empty" });
        return Err(Refusal::invalid(json!({ "reasons": rule })));
    }
    set_status(&api, shipper, &id, "SUSPENDED")?;
    Ok(answer::ok(&json!({})))
}

pub(super) async fn activate(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    set_status(&api, shipper, &id, "ACTIVE")?;
    Ok(answer::ok(&json!([])))
}

fn set_status(
    api: &TransEu,
    shipper: Shipper,
    id: &str,
    status: &'static str,
) -> Result<(), Refusal> {
    let id = uuid("partnerId", id)?;
    let mut state = api.store.write();
    let mut partners = state.partners.iter_mut();
    let found = partners.find(|it| it.owner == shipper.company && it.id == id);
    let partner = found.ok_or_else(|| Refusal::problem(404, "Not Found", "Partner not found"))?;
    partner.status = status;
    partner.record["company"]["status"] = Value::from(status);
    Ok(())
}
