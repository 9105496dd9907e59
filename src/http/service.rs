//! The gateway's two ports, from the first connection to the end of the drain.

use std::{io, time::Duration};

use tokio::{sync::oneshot, time::Instant};

use super::{Readiness, Site, listener::Port};

/// Serves both ports until the process is told to stop; then answers what has begun, for `drain` at
/// most, and ends. The operators' port stays until the callers' one is closed.
///
/// # Errors
/// The system does not say where the ports are.
pub async fn run(
    (main, site): (Port, Site),
    (admin, admin_site): (Port, Site),
    readiness: Readiness,
    drain: Duration,
) -> io::Result<()> {
    tracing::info!("listening on {}", main.url()?);
    tracing::info!("health and metrics for operators at {}", admin.url()?);

    let (begin, begun) = oneshot::channel();
    let stop = async {
        told_to_stop().await;
        tracing::info!("draining");
        readiness.set(false);
        // Nobody hears it if the service has ended by itself.
        let _ = begin.send(());
    };
    let overdue = async {
        if begun.await.is_err() {
            return std::future::pending().await;
        }
        tokio::select! {
            () = tokio::time::sleep_until(Instant::now() + drain) => {}
            // Whoever says it twice means it.
            () = told_to_stop() => {}
        }
    };
    tokio::select! {
        () = main.serve(site, stop) => tracing::info!("drained"),
        () = admin.serve(admin_site, std::future::pending()) => {}
        () = overdue => tracing::warn!("requests in flight were given up"),
    }
    Ok(())
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
