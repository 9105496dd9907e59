//! A port: it takes connections, as many as it may, and ends them when the service does.

mod connection;
mod pace;
mod stream;
pub mod tls;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::Instant,
};

use self::{connection::Host, tls::Tls};
pub use self::{connection::Peer, pace::Times};
use super::{Site, watch::Watch};
use crate::metric::Connections;

/// What a port grants its clients.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The port's name in metrics.
    pub name: &'static str,
    /// How long they may take.
    pub times: Times,
    /// Most connections at once; the system lets more of them wait.
    pub max_connections: usize,
    /// Most requests at once on one HTTP/2 connection.
    pub max_streams: u32,
    /// Most bytes of the head of a request, at least 8 KiB.
    pub head_limit: usize,
}

/// The rest when the system has no connection to give, as without file descriptors. What is open
/// goes on, and gives some back.
const REST: Duration = Duration::from_millis(100);

/// An open port.
pub struct Port {
    listener: TcpListener,
    tls: Option<Tls>,
    settings: Settings,
}

impl Port {
    /// Opens `address`; with `tls` it speaks nothing else.
    ///
    /// # Errors
    /// The system does not give it.
    pub async fn open(
        address: SocketAddr,
        settings: Settings,
        tls: Option<Tls>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        })?;
        Ok(Self {
            listener,
            tls,
            settings,
        })
    }

    /// Where it is, with the port that the system chose if it was to choose.
    ///
    /// # Errors
    /// The system does not say.
    pub fn url(&self) -> io::Result<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.listener.local_addr()?))
    }

    /// Serves `site` until `stop`; then takes no more connections, answers what has begun, and
    /// ends with the last of it.
    pub async fn serve(self, site: Site, stop: impl Future<Output = ()>) {
        let acceptor = self.tls.as_ref().map(Tls::acceptor);
        let host = Arc::new(Host::new(site, self.settings, acceptor));
        let room = Arc::new(Semaphore::new(self.settings.max_connections));
        let connections = Connections::of(self.settings.name, self.settings.max_connections);
        let (stopping, stopped) = watch::channel(());
        let accepting = async {
            loop {
                let (stream, peer, place) = next(&self.listener, &room).await;
                let (host, stopped) = (Arc::clone(&host), stopped.clone());
                let open = connections.begin();
                tokio::spawn(async move {
                    host.serve(stream, peer, stopped).await;
                    drop((place, open));
                });
            }
        };
        tokio::select! {
            () = accepting => {}
            () = refresh(self.tls.as_ref()) => {}
            () = stop => {}
        }
        drop(self.listener);
        drop(stopped);
        // Nobody is there to be told if there is no connection.
        let _ = stopping.send(());
        stopping.closed().await;
    }
}

/// The next connection, once there is room for it.
async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let place = Arc::clone(room)
            .acquire_owned()
            .await
            .expect("nobody closes the semaphore");
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot take connections");
                tokio::time::sleep_until(Instant::now() + REST).await;
            }
        }
    }
}

/// The client was gone before it was taken.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

/// Looks at the certificate's files for ever.
async fn refresh(tls: Option<&Tls>) {
    let Some(tls) = tls else {
        return std::future::pending().await;
    };
    let mut watch = Watch::over("the certificate");
    loop {
        watch.look(|| tls.refresh()).await;
    }
}
