//! A wire to a stand-in that can be cut.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Where the wire is cut, with a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The connection is accepted and gone.
    BeforeTheRequest,
    /// The request arrives whole; the answer does not come back.
    BeforeTheAnswer,
    /// A half of the answer's first piece comes back.
    InTheAnswer,
}

/// Relays connections to `target`, and cuts each where it is told.
pub async fn relay(target: &str, cut: Cut) -> String {
    let target: SocketAddr = target.strip_prefix("http://").unwrap().parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_zero_linger().unwrap();
            tokio::spawn(carry(stream, target, cut));
        }
    });
    url
}

async fn carry(mut client: TcpStream, target: SocketAddr, cut: Cut) {
    if cut == Cut::BeforeTheRequest {
        return;
    }
    let mut server = TcpStream::connect(target).await.unwrap();
    let (mut request, mut answer) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => match read {
                Ok(read) if read > 0 => server.write_all(&request[..read]).await.unwrap(),
                _ => return,
            },
            read = server.read(&mut answer) => {
                let half = read.unwrap() / 2;
                if cut == Cut::InTheAnswer {
                    client.write_all(&answer[..half]).await.unwrap();
                }
                return;
            }
        }
    }
}

/// A URL at which nobody listens.
pub async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
