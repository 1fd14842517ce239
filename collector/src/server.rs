//! Connections. Never trusts a client to be quick, small or alone, and never
//! keeps where it comes from.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower_layer::Layer;

use crate::metrics::Metrics;
use crate::place::Peer;

/// Connections at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 1_024;
/// How long a request's head may take, and a connection may idle.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of a request's head and of what is read ahead.
const HEAD_BYTES: usize = 32 * 1024;
/// How long open requests may take when the collector closes.
const CLOSING_PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait when the system has no more sockets to give.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// Accepts connections until `closing` turns true, then lets the open ones end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    metrics: Arc<Metrics>,
    mut closing: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(HEAD_BYTES);
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await.ok()?;
            Some((listener.accept().await, permit))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            _ = closing.wait_for(|is_closing| *is_closing) => None,
        };
        let Some((accepted, permit)) = accepted else {
            break;
        };
        let Ok((stream, peer)) = accepted else {
            sleep(OUT_OF_SOCKETS).await;
            continue;
        };
        // Answers are small and whole; waiting for more gains nothing.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(Extension(Peer(peer.ip())).layer(router.clone()));
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            metrics.connections.fetch_add(1, Relaxed);
            // A connection that breaks off concerns nobody but its client.
            let _ = connection.await;
            metrics.connections.fetch_sub(1, Relaxed);
            drop(permit);
        });
    }
    drop(listener);
    let _ = timeout(CLOSING_PATIENCE, graceful.shutdown()).await;
}
