//! No password inside a URL leaves the gateway but to the upstream that it was written to.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{Api, Caller, World};

const SECRET: &str = "hunter2-in-a-url";
const KNOWN: &str = "245952cb-366b-43c3-ac0f-9e29f20df799";

/// Everything that is logged, at every level, by every crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn url() -> String {
    format!("see ftp://somebody:{SECRET}@ftp.example.com/in")
}

/// A request with a password in every text that may hold a URL.
fn stored() -> Value {
    json!({
        "record_uuid": KNOWN, "additional_information": url(),
        "integrations": [{
            "record_uuid": "00000000-0000-4000-8000-000000000007", "integration_type": "items", "update_frequency": url(),
            "feed_source_file_locations": url(), "file_specs": url(), "rules": url(),
        }],
    })
}

const FIELDS: &str =
    "additionalInformation integrations { updateFrequency fileLocations fileSpecs rules }";

async fn fault(world: &World, method: &str, path: &str, times: u32, status: u16, body: Value) {
    let matches = json!({ "method": method, "path": path });
    let fault = json!({ "match": matches, "times": times, "status": status, "body": body });
    world.fault(Api::Crux, fault).await;
}

async fn change(world: &World) -> Value {
    let query = format!(
        "mutation($input: UpdateTradingConnectionRequestInput!) {{ updateTradingConnectionRequest(input: $input) {{ warnings tradingConnectionRequest {{ {FIELDS} }} }} }}"
    );
    let input = json!({
        "requestId": KNOWN, "additionalInformation": url(),
        "integrations": [{ "type": "ITEM", "updateFrequency": url(), "fileLocations": url(), "fileSpecs": url(), "rules": url() }],
    });
    world
        .ask_with(&Caller::dispatcher(), &query, json!({ "input": input }))
        .await
}

async fn create(world: &World) -> Value {
    let query = format!(
        "mutation($input: RequestTradingConnectionInput!) {{ requestTradingConnection(input: $input) {{ warnings tradingConnectionRequest {{ {FIELDS} }} }} }}"
    );
    let input = json!({
        "organizationName": "Invented Kettles", "primaryContactName": "Ada Example", "additionalInformation": url(),
        "integrations": [{ "type": "ITEM", "updateFrequency": url(), "fileLocations": url(), "fileSpecs": url(), "rules": url() }],
    });
    world
        .ask_with(&Caller::dispatcher(), &query, json!({ "input": input }))
        .await
}

async fn one(world: &World) -> Value {
    let query = format!("{{ tradingConnectionRequest(id: \"{KNOWN}\") {{ {FIELDS} }} }}");
    world.ask(&Caller::dispatcher(), &query).await
}

#[tokio::test]
async fn no_password_of_a_file_location_reaches_an_answer_or_a_log_line() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // All tasks of this test run on its own thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::new().await;
    let mut shown = Vec::new();

    // Reads: a page, the record, and the record again from what is kept.
    let page = json!({ "requests": [stored()], "pagination": { "total_count": 1 } });
    fault(&world, "GET", "*/request/", 1, 200, page).await;
    let list = format!("{{ tradingConnectionRequests {{ nodes {{ {FIELDS} }} }} }}");
    shown.push(world.ask(&Caller::dispatcher(), &list).await);
    world.calls(Api::Crux).await;
    shown.push(one(&world).await);
    assert_eq!(
        world.calls(Api::Crux).await.len(),
        0,
        "read from what is kept"
    );

    // Writes that succeed, whose read says something else than what was sent.
    shown.push(create(&world).await);
    fault(&world, "GET", "*/request/*", 2, 200, stored()).await;
    fault(&world, "PATCH", "*", 1, 204, Value::Null).await;
    let changed = change(&world).await;
    let warnings = &changed["data"]["updateTradingConnectionRequest"]["warnings"];
    assert!(!warnings.as_array().unwrap().is_empty());
    shown.push(changed);

    // Failures that repeat what was sent, and answers that cannot be read.
    for body in [
        json!({ "detail": format!("Bad value: {}", url()) }),
        json!({ "integrations": [{ "update_frequency": [format!("{} is no cron expression.", url())] }] }),
        json!({ "message": url() }),
        json!(format!("Cannot fetch {}", url())),
        json!([url()]),
    ] {
        fault(&world, "POST", "*", 1, 400, body.clone()).await;
        shown.push(create(&world).await);
        fault(&world, "GET", "*/request/*", 1, 200, stored()).await;
        fault(&world, "PATCH", "*", 1, 400, body.clone()).await;
        shown.push(change(&world).await);
        fault(&world, "GET", "*/request/*", 1, 500, body).await;
        shown.push(one(&world).await);
    }
    for body in [
        json!({ "record_uuid": KNOWN, "integrations": [{ "record_uuid": "i", "file_specs": { "at": url() } }] }),
        json!({ "record_uuid": KNOWN, "integrations": url() }),
        json!({ "record_uuid": [url()] }),
        json!(url()),
    ] {
        fault(&world, "GET", "*/request/*", 1, 200, body).await;
        let answer = one(&world).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "UPSTREAM_INVALID_RESPONSE");
        shown.push(answer);
    }

    let shown = json!(shown).to_string();
    assert!(
        shown.contains("ftp://ftp.example.com/in"),
        "the URLs are shown"
    );
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!shown.contains("somebody"), "{shown}");
    let log = log.text();
    assert!(log.contains("upstream call"), "the log is watched");
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(SECRET)).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}

#[tokio::test]
async fn a_change_of_one_integration_keeps_the_passwords_of_all_at_the_upstream() {
    let world = World::new().await;
    let known = "00000000-0000-4000-8000-000000000007";
    fault(&world, "GET", "*/request/*", 1, 200, stored()).await;
    fault(&world, "PATCH", "*", 1, 204, Value::Null).await;
    let input = json!({ "requestId": KNOWN, "integrations": [{ "integrationId": known, "rules": "None" }] });
    let query = "mutation($input: UpdateTradingConnectionRequestInput!) { updateTradingConnectionRequest(input: $input) { warnings } }";
    world
        .ask_with(&Caller::dispatcher(), query, json!({ "input": input }))
        .await;
    let bodies = world.logged_bodies(Api::Crux).await;
    let sent: Vec<&Value> = bodies.iter().filter(|body| body.is_object()).collect();
    let integration = json!({
        "record_uuid": known, "integration_type": "items", "update_frequency": url(),
        "feed_source_file_locations": url(), "file_specs": url(), "rules": "None",
    });
    assert_eq!(sent, [&json!({ "integrations": [integration] })]);
}

#[test]
fn no_snapshot_holds_a_password() {
    let mut snapshots = 0;
    for folder in std::fs::read_dir("tests/cases").unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension() == Some(Path::new("snap").as_os_str()) {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("PASSWORD"), "{}", path.display());
                snapshots += 1;
            }
        }
    }
    assert!(snapshots > 0);
}
