//! One listening stand-in.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long `stop` waits for answers under way: a stalled one must not hold up a test.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) struct Server {
    address: SocketAddr,
    // Dropping the sender has the same effect as sending: the server stops.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on loopback only.
    pub(crate) async fn start(port: u16, router: Router) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        // Answers go out as they are written; a socket that cannot do so still works.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let served = axum::serve(listener, router)
                .with_graceful_shutdown(async move { drop(stopped.await) })
                .await;
            drop(served);
        });
        Ok(Self {
            address,
            stop,
            task,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn stop(self) {
        drop(self.stop);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(PATIENCE, self.task).await.is_err() {
            abort.abort();
        }
    }
}
