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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::super::{Options, Sandbox};

    /// Sends one request over a socket of its own and reads until the server closes it.
    async fn exchange(url: &str, request: &str) -> String {
        let address = url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A cut connection may end in an error instead of an end: what came counts.
        drop(stream.read_to_end(&mut answer).await);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn tenants() -> String {
        "GET /tenants HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         authorization: Bearer sandbox-admin\r\n\r\n"
            .to_owned()
    }

    fn post(path: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }

    async fn fault(url: &str, rule: &str) {
        let answer = exchange(url, &post("/__sandbox/faults", rule)).await;
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    #[tokio::test]
    async fn the_three_stand_ins_listen_on_loopback_until_they_are_stopped() {
        let sandbox = Sandbox::start(Options::ephemeral()).await.unwrap();
        let url = sandbox.cro_url();
        assert!(url.starts_with("http://127.0.0.1:"));
        assert!(exchange(&url, &tenants()).await.starts_with("HTTP/1.1 200"));
        assert!(
            exchange(&sandbox.trans_eu_url(), &tenants())
                .await
                .starts_with("HTTP/1.1 404")
        );
        assert!(
            exchange(&sandbox.crux_url(), &tenants())
                .await
                .starts_with("HTTP/1.1 301")
        );
        let address = url.strip_prefix("http://").unwrap();
        let mut idle = TcpStream::connect(address).await.unwrap();
        let kept_alive = tenants().replace("connection: close\r\n", "");
        idle.write_all(kept_alive.as_bytes()).await.unwrap();
        let mut some = [0; 16];
        idle.read_exact(&mut some).await.unwrap();
        sandbox.stop().await;
        // The end of the stream is what shows that the server let go of the connection.
        idle.read_to_end(&mut Vec::new()).await.unwrap();
    }

    #[tokio::test]
    async fn a_dropped_call_gets_not_one_byte() {
        let sandbox = Sandbox::start(Options::ephemeral()).await.unwrap();
        let url = sandbox.cro_url();
        fault(&url, r#"{"drop": true, "times": 1}"#).await;
        assert_eq!(exchange(&url, &tenants()).await, "");
        assert!(exchange(&url, &tenants()).await.starts_with("HTTP/1.1 200"));
        let log = "GET /__sandbox/calls HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let log = exchange(&url, log).await;
        assert!(
            log.contains(r#""status":null"#) && log.contains(r#""status":200"#),
            "{log}"
        );
    }

    #[tokio::test]
    async fn a_truncated_answer_promises_more_than_it_gives() {
        let sandbox = Sandbox::start(Options::ephemeral()).await.unwrap();
        let url = sandbox.cro_url();
        let whole = exchange(&url, &tenants()).await;
        fault(&url, r#"{"match": {"path": "/tenants"}, "truncate": true}"#).await;
        let half = exchange(&url, &tenants()).await;
        let (head, body) = half.split_once("\r\n\r\n").unwrap();
        let (_, complete) = whole.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}", complete.len())),
            "{head}"
        );
        assert_eq!(body, &complete[..complete.len() / 2]);
    }
}
