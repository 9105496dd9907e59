//! TLS on the main port, and certificates that change.

use std::{fs, path::PathBuf};

use haulgraph::http::listener::tls::{Tls, TlsError};
use http::Version;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};

use crate::edge::{
    port::{Served, generous},
    yard::yard,
};

/// A certificate for `localhost` and its key, in files of their own.
struct Files {
    folder: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string());
        fs::create_dir(&folder).unwrap();
        let files = Self {
            certificate: folder.join("tls.crt"),
            key: folder.join("tls.key"),
            folder,
        };
        files.renew();
        files
    }

    /// Writes a new pair, and gives the certificate.
    fn renew(&self) -> String {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&self.certificate, cert.pem()).unwrap();
        fs::write(&self.key, signing_key.serialize_pem()).unwrap();
        cert.pem()
    }

    fn read(&self) -> Result<Tls, TlsError> {
        Tls::read(&self.certificate, &self.key)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Asks over TLS, trusting nothing but `certificate`: the protocol and the answer.
async fn ask(port: &Served, certificate: &str, http_1: bool) -> reqwest::Result<(Version, Value)> {
    let root = reqwest::Certificate::from_pem(certificate.as_bytes())?;
    let mut client = reqwest::Client::builder().tls_certs_only([root]);
    if http_1 {
        client = client.http1_only();
    }
    let url = port.url.replace("127.0.0.1", "localhost");
    let query = json!({ "query": "{ hello }" });
    let request = client.build()?.post(format!("{url}/graphql")).json(&query);
    let answer = request.send().await?;
    Ok((answer.version(), answer.json().await?))
}

#[tokio::test]
async fn both_protocols_are_spoken_over_tls() {
    let files = Files::new();
    let certificate = files.renew();
    let port = Served::new(yard(|_| {}), generous(), Some(files.read().unwrap())).await;
    assert!(port.url.starts_with("https://"));
    let hello = json!({ "data": { "hello": "hello " } });
    for (http_1, version) in [(true, Version::HTTP_11), (false, Version::HTTP_2)] {
        let answer = ask(&port, &certificate, http_1).await.unwrap();
        assert_eq!(answer, (version, hello.clone()));
    }
}

#[tokio::test]
async fn plain_http_on_a_port_with_tls_gets_nothing() {
    let files = Files::new();
    let port = Served::new(yard(|_| {}), generous(), Some(files.read().unwrap())).await;
    let mut client = port.connect().await;
    client.query("{ hello }").await;
    assert!(!client.rest().await.contains("hello"));
}

#[tokio::test]
async fn a_handshake_has_the_time_of_a_head() {
    let files = Files::new();
    let mut settings = generous();
    settings.times.head = std::time::Duration::from_millis(100);
    let port = Served::new(yard(|_| {}), settings, Some(files.read().unwrap())).await;
    assert_eq!(port.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_connections_and_a_broken_one_is_not() {
    let files = Files::new();
    let old = files.renew();
    let tls = files.read().unwrap();
    let port = Served::new(yard(|_| {}), generous(), Some(tls.clone())).await;
    assert!(!tls.refresh().unwrap());

    fs::write(&files.certificate, "half a certifi").unwrap();
    assert!(tls.refresh().is_err());
    assert!(ask(&port, &old, false).await.is_ok());

    let new = files.renew();
    assert!(tls.refresh().unwrap());
    assert!(ask(&port, &new, false).await.is_ok());
    assert!(ask(&port, &old, false).await.is_err());
}

#[test]
fn files_that_are_of_no_use_are_named_with_the_reason() {
    let files = Files::new();
    let other = Files::new();
    let message = |certificate, key| Tls::read(certificate, key).err().unwrap().to_string();
    let absent = files.folder.join("absent");
    assert!(message(&absent, &files.key).contains("absent: "));
    let key = message(&files.certificate, &files.certificate);
    assert!(
        key.ends_with("tls.crt: not a private key in PEM form"),
        "{key}"
    );
    let certificate = message(&files.key, &files.key);
    assert!(
        certificate.ends_with("tls.key: not a certificate chain in PEM form"),
        "{certificate}"
    );
    let both = message(&files.certificate, &other.key);
    assert!(
        both.contains("tls.crt and ") && both.contains("tls.key: "),
        "{both}"
    );
    assert!(!both.contains("BEGIN"), "{both}");
}
