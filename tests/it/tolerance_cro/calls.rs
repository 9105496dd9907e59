//! What is sent: pages, headers, filters, and redirects that are followed or not.

use serde_json::{Value, json};

use super::{code, data, instead};
use crate::harness::{Api, Caller, World};

#[tokio::test]
async fn g4_the_tenant_is_sent_on_hauler_calls_and_not_on_the_list_of_tenants() {
    let world = World::new().await;
    let query = "{ haulers(first: 1) { nodes { name } } tenants { name } }";
    data(&world.ask(&Caller::dispatcher(), query).await);
    let mut tenants: Vec<bool> = world
        .logged_headers(Api::Cro)
        .await
        .iter()
        .map(|headers| headers["x-tenant-id"].is_string())
        .collect();
    tenants.sort_unstable();
    assert_eq!(tenants, [false, true]);
}

async fn redirected(location: &str, query: &str) -> (Value, Vec<String>) {
    let world = World::new().await;
    let redirect = json!({ "status": 308, "headers": { "location": location } });
    instead(&world, "/customers/7", redirect).await;
    let answer = world.ask(&Caller::dispatcher(), query).await;
    (answer, world.calls(Api::Cro).await)
}

#[tokio::test]
async fn g9_a_read_follows_once_to_the_same_url_with_a_final_slash() {
    let (answer, calls) = redirected("/customers/7/", "{ customer(id: 7) { name } }").await;
    assert!(data(&answer)["customer"]["name"].is_string());
    assert_eq!(calls, ["GET /customers/7 308", "GET /customers/7/ 200"]);
}

#[tokio::test]
async fn g9_no_other_redirect_is_followed() {
    for elsewhere in [
        "http://other.example.com/customers/7/",
        "/customers/8/",
        "/customers/7",
    ] {
        let (answer, calls) = redirected(elsewhere, "{ customer(id: 7) { name } }").await;
        assert_eq!(code(&answer), "UPSTREAM_INVALID_RESPONSE");
        assert_eq!(calls, ["GET /customers/7 308"]);
    }
    let world = World::new().await;
    let again = json!({ "status": 308, "headers": { "location": "/customers/7/" } });
    instead(&world, "/customers/7*", again).await;
    let answer = world
        .ask(&Caller::dispatcher(), "{ customer(id: 7) { name } }")
        .await;
    assert_eq!(code(&answer), "UPSTREAM_INVALID_RESPONSE");
    assert_eq!(world.calls(Api::Cro).await.len(), 2);
}

#[tokio::test]
async fn g9_a_write_follows_no_redirect() {
    let write = "mutation { updateCustomer(input: { customerId: 7, name: \"Moved\" }) { customer { name } } }";
    let (answer, calls) = redirected("/customers/7/", write).await;
    assert_eq!(code(&answer), "UPSTREAM_INVALID_RESPONSE");
    assert_eq!(calls, ["PATCH /customers/7 308"]);
}

#[tokio::test]
async fn g12_the_filter_on_activity_is_sent_as_the_caller_says_it() {
    for (filter, query) in [
        ("{ active: true }", "active=true&"),
        ("{ active: false }", "active=false&"),
        ("{}", ""),
    ] {
        let world = World::new().await;
        let ask = format!("{{ customers(first: 1, filter: {filter}) {{ nodes {{ name }} }} }}");
        data(&world.ask(&Caller::dispatcher(), &ask).await);
        let expected = format!("GET /customers?{query}page_index=1&page_limit=1000 200");
        assert_eq!(world.calls(Api::Cro).await, [expected]);
    }
}

#[tokio::test]
async fn g13_pages_of_999_are_asked_for_where_1000_is_refused() {
    for body in [
        json!({ "field": "ListModel.page_limit", "detail": "Must be below 1000.", "explanation": "x" }),
        json!("page_limit must be below 1000"),
    ] {
        let world = World::new().await;
        let fault = json!({ "match": { "query": "page_limit=1000" }, "status": 400, "body": body });
        world.fault(Api::Cro, fault).await;
        let caller = Caller::dispatcher();
        let answer = world
            .ask(&caller, "{ tenants { name } locations { totalCount } }")
            .await;
        assert_eq!(data(&answer)["locations"]["totalCount"], json!(12));
        world.calls(Api::Cro).await;
        data(&world.ask(&caller, "{ haulers { totalCount } }").await);
        assert_eq!(
            world.calls(Api::Cro).await,
            ["GET /haulers?page_index=1&page_limit=999 200"],
            "it is asked once only"
        );
    }
}

#[tokio::test]
async fn g13_lists_that_take_no_page_parameters_get_none_until_they_need_them() {
    let world = World::new().await;
    let first = json!({ "current_page": 1, "current_limit": 1, "total_pages": 2, "total_count": 2, "results": [{ "id": 1 }] });
    let second = json!({ "current_page": 2, "current_limit": 1, "total_pages": 2, "total_count": 2, "results": [{ "id": 2 }] });
    let at = |body: &Value, query: Value| {
        let rule = json!({ "path": "/locations/3/users", "query": query });
        json!({ "match": rule, "body": body })
    };
    world
        .fault(Api::Cro, at(&second, json!("page_index=2")))
        .await;
    world.fault(Api::Cro, at(&first, Value::Null)).await;
    let query = "{ location(id: 3) { users { totalCount nodes { upstreamId } } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    let users = &data(&answer)["location"]["users"];
    assert_eq!(users["totalCount"], json!(2));
    assert_eq!(
        users["nodes"],
        json!([{ "upstreamId": "1" }, { "upstreamId": "2" }])
    );
    assert_eq!(
        world.calls(Api::Cro).await[1..],
        [
            "GET /locations/3/users 200",
            "GET /locations/3/users?page_index=2 200"
        ]
    );
}

#[tokio::test]
async fn g13_a_list_that_refuses_page_parameters_ends_there() {
    let world = World::new().await;
    let first = json!({ "total_pages": 2, "total_count": 2, "results": [{ "id": 1 }] });
    let refused =
        json!({ "match": { "query": "page_index=2" }, "status": 400, "body": "Unknown field." });
    world.fault(Api::Cro, refused).await;
    instead(&world, "/locations/3/users", json!({ "body": first })).await;
    let query = "{ location(id: 3) { users { totalCount nodes { upstreamId } } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    let expected = json!({ "totalCount": 2, "nodes": [{ "upstreamId": "1" }] });
    assert_eq!(
        data(&answer)["location"]["users"],
        expected,
        "the count tells that one is missing"
    );
}

#[tokio::test]
async fn g16_the_upstream_decides_who_may_do_what() {
    let write = "mutation { updateCustomer(input: { customerId: 7, name: \"By an administrator\" }) { customer { name } } }";
    let world = World::new().await;
    data(&world.ask(&Caller::named("admin"), write).await);
    let answer = world.ask(&Caller::named("driver"), write).await;
    assert_eq!(code(&answer), "FORBIDDEN");
    assert_eq!(
        world.calls(Api::Cro).await,
        ["PATCH /customers/7 200", "PATCH /customers/7 403"]
    );
}

#[tokio::test]
async fn a_trucks_driver_is_set_in_the_body_since_2021_05_07_and_in_the_query_before() {
    for (version, target) in [
        (
            "2019/02/08",
            "PATCH /locations/3/trucks/111?driver_id=1231 200",
        ),
        (
            "2021/04/07",
            "PATCH /locations/3/trucks/111?driver_id=1231 200",
        ),
        ("2021/05/07", "PATCH /locations/3/trucks/111 200"),
        ("2023/04/19", "PATCH /locations/3/trucks/111 200"),
    ] {
        let api_version = serde_json::from_value(json!(version)).unwrap();
        let world = World::with(|config| config.cro.api_version = api_version).await;
        let write = "mutation { assignTruckDriver(input: { truckId: 111, locationId: 3, driverId: 1231 }) { truck { driverId } } }";
        let answer = world.ask(&Caller::dispatcher(), write).await;
        assert_eq!(
            data(&answer)["assignTruckDriver"]["truck"]["driverId"],
            json!("1231"),
            "{version}"
        );
        assert_eq!(world.calls(Api::Cro).await, [target]);
    }
}
