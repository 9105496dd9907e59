//! What is asked: one document each, and the request of a caller around it.

use bytes::{BufMut, BytesMut};

/// The header that tells the limits, which understand no GraphQL, what to answer.
pub const WORKLOAD_HEADER: &str = "x-bench-workload";

/// One of the questions of the bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Its name in the table and in the results.
    pub name: &'static str,
    /// What a reader of the table sees.
    pub title: &'static str,
    /// The GraphQL document.
    pub query: String,
}

/// All workloads, the heaviest first.
pub fn all() -> Vec<Workload> {
    let workload = |name, title, query: &str| Workload {
        name,
        title,
        query: query.to_owned(),
    };
    vec![
        workload(
            "nested",
            "100 customers → parent, link rows → yard",
            include_str!("../queries/nested.graphql"),
        ),
        workload(
            "flat",
            "100 customers' names",
            include_str!("../queries/flat.graphql"),
        ),
        workload(
            "one",
            "one customer with addresses and contacts",
            include_str!("../queries/one.graphql"),
        ),
        workload(
            "contracts",
            "25 contracts → route, carrier → partner",
            include_str!("../queries/contracts.graphql"),
        ),
        workload(
            "screen",
            "a dispatcher's screen: six root fields",
            include_str!("../queries/screen.graphql"),
        ),
        workload(
            "constant",
            "{ __typename }",
            include_str!("../queries/constant.graphql"),
        ),
    ]
}

/// Who sends the requests of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Every request carries credentials that were never used before, so that nothing can be shared.
    OneEach,
    /// All requests carry the same credentials.
    Same,
}

/// Digits that tell the callers of one family apart.
const DIGITS: usize = 12;

/// A request as bytes, with the places of the caller's number in it.
#[derive(Debug, Clone)]
pub struct Template {
    bytes: Vec<u8>,
    numbers: Vec<usize>,
}

impl Template {
    /// A POST of `query`.
    pub fn new(workload: &str, query: &str) -> Self {
        let body = serde_json::json!({ "query": query }).to_string();
        let mut bytes = BytesMut::new();
        let mut numbers = Vec::new();
        bytes.put_slice(b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        bytes.put_slice(b"content-type: application/json\r\naccept: application/json\r\n");
        bytes.put_slice(b"x-tenant-id: 34\r\napi-key: sandbox-api-key\r\n");
        bytes.put_slice(format!("{WORKLOAD_HEADER}: {workload}\r\n").as_bytes());
        for credential in [
            "authorization: Bearer sandbox-dispatcher.",
            "x-trans-eu-authorization: Bearer sandbox-shipper.",
            "x-crux-authorization: Token sandbox-retailer.",
        ] {
            bytes.put_slice(credential.as_bytes());
            numbers.push(bytes.len());
            bytes.put_bytes(b'0', DIGITS);
            bytes.put_slice(b"\r\n");
        }
        bytes.put_slice(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
        Self {
            bytes: bytes.to_vec(),
            numbers,
        }
    }

    /// The request as the caller with this number sends it.
    pub fn of(&mut self, number: u64) -> &[u8] {
        let digits = format!("{number:0DIGITS$}");
        for at in &self.numbers {
            self.bytes[*at..at + DIGITS].copy_from_slice(digits.as_bytes());
        }
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caller_has_three_credentials_of_its_own() {
        let mut template = Template::new("flat", "{ a }");
        let text = String::from_utf8(template.of(42).to_vec()).unwrap();
        for credential in ["dispatcher", "shipper", "retailer"] {
            assert!(text.contains(&format!("sandbox-{credential}.000000000042\r\n")));
        }
        assert!(text.ends_with("content-length: 17\r\n\r\n{\"query\":\"{ a }\"}"));
        let other = String::from_utf8(template.of(43).to_vec()).unwrap();
        assert_eq!(other.len(), text.len());
        assert!(!other.contains("000000000042"));
    }

    #[test]
    fn workloads_have_names_of_their_own() {
        let mut names: Vec<_> = all().iter().map(|workload| workload.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
    }
}
