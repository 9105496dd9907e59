//! TLS from PEM files, which may change while the gateway runs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

use crate::http::watch::Current;

/// Why there is no TLS. The message names the file, and shows nothing of a key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file holds no certificate, or something that is none.
    #[error("{}: not a certificate chain in PEM form", .0.display())]
    Certificate(PathBuf),
    /// The file holds no private key.
    #[error("{}: not a private key in PEM form", .0.display())]
    Key(PathBuf),
    /// Both are readable and do not belong together, or are of a kind that is not supported.
    #[error("{} and {}: {error}", certificate.display(), key.display())]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong.
        error: rustls::Error,
    },
}

/// A certificate and its key, for a port. Clones are one.
#[derive(Clone)]
pub struct Tls {
    files: Arc<Files>,
    provider: Arc<CryptoProvider>,
    /// What new connections are shown.
    current: Arc<Current<CertifiedKey>>,
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Tls {
    /// Reads a certificate chain, the leaf first, and its key.
    ///
    /// # Errors
    /// A file cannot be read, or the two are of no use together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let (digest, pems) = files.read()?;
        let pair = files.pair(&pems, &provider)?;
        Ok(Self {
            files: Arc::new(files),
            provider,
            current: Arc::new(Current::new(digest, pair)),
        })
    }

    /// Reads the files again; whether new connections are shown something else from now on.
    ///
    /// # Errors
    /// As [`Tls::read`]; the certificate is then the one of before.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        let (digest, pems) = self.files.read()?;
        let pair = || self.files.pair(&pems, &self.provider);
        self.current.refresh(digest, pair)
    }

    /// What speaks TLS on a port: 1.2 or 1.3, and then HTTP/2 or HTTP/1.1.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .expect("the provider has ciphers for both versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Files {
    fn read(&self) -> Result<(blake3::Hash, [Vec<u8>; 2]), TlsError> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| TlsError::Unreadable {
                file: path.clone(),
                error,
            })
        };
        let pems = [read(&self.certificate)?, read(&self.key)?];
        let mut digest = blake3::Hasher::new();
        for pem in &pems {
            digest.update(&(pem.len() as u64).to_le_bytes()).update(pem);
        }
        Ok((digest.finalize(), pems))
    }

    fn pair(
        &self,
        [certificate, key]: &[Vec<u8>; 2],
        provider: &CryptoProvider,
    ) -> Result<CertifiedKey, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .ok()
            .filter(|chain: &Vec<_>| !chain.is_empty())
            .ok_or_else(|| TlsError::Certificate(self.certificate.clone()))?;
        let key =
            PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key(self.key.clone()))?;
        CertifiedKey::from_der(chain, key, provider).map_err(|error| TlsError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            error,
        })
    }
}

impl ResolvesServerCert for Current<CertifiedKey> {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get())
    }
}
