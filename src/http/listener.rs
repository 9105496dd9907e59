//! The two ports, and the end of their service.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::watch};

use super::Readiness;

/// How long requests that are being answered may take after the signal to stop. An idle browser
/// connection would otherwise keep the process for ever.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves both routers until the process is told to stop; then answers what has begun, and ends.
///
/// # Errors
/// A port cannot be opened.
pub async fn serve(
    main: SocketAddr,
    router: Router,
    admin: SocketAddr,
    admin_router: Router,
    readiness: Readiness,
) -> io::Result<()> {
    let listener = bind(main).await?;
    let admin_listener = bind(admin).await?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    tracing::info!(
        "health and metrics for operators at http://{}",
        admin_listener.local_addr()?
    );

    let (stop, stopped) = watch::channel(false);
    let until = |mut stopped: watch::Receiver<bool>| async move {
        // An error means that the sender is gone, which is a stop too.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let main = axum::serve(listener, router).with_graceful_shutdown(until(stopped.clone()));
    let admin = axum::serve(admin_listener, admin_router).with_graceful_shutdown(until(stopped));
    let service = async { tokio::try_join!(main, admin).map(drop) };

    let drained = async {
        told_to_stop().await;
        tracing::info!("draining");
        readiness.set(false);
        // Nobody listens any more if the service has ended by itself.
        let _ = stop.send(true);
        deadline(DRAIN).await;
    };
    tokio::select! {
        ended = service => ended,
        () = drained => Ok(()),
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })
}

#[expect(clippy::disallowed_methods, reason = "a hard end needs a clock")]
fn deadline(after: Duration) -> impl Future<Output = ()> {
    tokio::time::sleep(after)
}

async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
