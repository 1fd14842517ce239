//! How many reports a second this machine's disk takes: a collector and
//! bounded senders in one process. Never part of the tests, for it measures.
//!
//! `cargo run --release -p vitrine-collector --example load [reports] [connections] [postgres://…]`
//!
//! A database must be one of its own; what was reported stays in it.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vitrine_collector::{Address, Config, Place, SiteConfig, start};
use vitrine_engine::report::uuid7;
use vitrine_engine::time::{DAY, Millis, date};

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Done<()> {
    let mut args = std::env::args().skip(1);
    let mut number = |usual: usize| args.next().map_or(Ok(usual), |word| word.parse());
    let (reports, connections) = (number(20_000)?, number(64)?.max(1));
    let database = args.next().map(|url| Address::parse(&url)).transpose()?;
    let folder = std::env::temp_dir().join(format!("vitrine-load-{}", std::process::id()));
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rules.json");
    let running = start(Config {
        sites: vec![SiteConfig { rules: Some(rules.into()), ..SiteConfig::default() }],
        ..Config::new(database.map_or_else(|| Place::from(folder.clone()), Place::from))
    })
    .await
    .map_err(|e| format!("{e:?}"))?;
    let addr = running.addr;
    let began = Instant::now();
    let senders: Vec<_> = (0..connections)
        .map(|sender| tokio::spawn(send(addr, (sender..reports).step_by(connections).collect())))
        .collect();
    let mut waits = Vec::new();
    for sender in senders {
        waits.extend(sender.await??);
    }
    let took = began.elapsed();
    waits.sort_unstable();
    let part = |share: usize| waits.get(waits.len().saturating_sub(1) * share / 100);
    println!(
        "{reports} reports over {connections} connections in {:.2} s: {:.0} a second, median {:?}, p99 {:?}",
        took.as_secs_f64(),
        reports as f64 / took.as_secs_f64(),
        part(50).copied().unwrap_or_default(),
        part(99).copied().unwrap_or_default(),
    );
    running.shutdown().await;
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Sends one report after the other; gives how long each took.
async fn send(addr: SocketAddr, numbers: Vec<usize>) -> Done<Vec<Duration>> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    let mut waits = Vec::with_capacity(numbers.len());
    let mut answer = vec![0; 4096];
    for number in numbers {
        let body = report(number)?;
        let request = format!(
            "POST /v1/demo/reports HTTP/1.1\r\nhost: load\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let began = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let read = stream.read(&mut answer).await?;
        if !answer.starts_with(b"HTTP/1.1 204") {
            let text = String::from_utf8_lossy(answer.get(..read).unwrap_or_default());
            return Err(text.into_owned().into());
        }
        waits.push(began.elapsed());
    }
    Ok(waits)
}

fn report(number: usize) -> Done<String> {
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let id = uuid7(Millis(now), (number as u64 >> 8, number as u64));
    let day = date(u32::try_from(now / DAY)?);
    let message = if number.is_multiple_of(2) { "gentle" } else { "loud" };
    Ok(format!(
        r#"{{"id":"{id}","campaign":"nudge","plan":"0123456789abcdef","counts":[{{"message":"{message}","leaf":"else","stream":"random","epoch":0,"day":"{day}","visitors":1,"converters":1,"revenue":"129000","revenue2":"16641000000","due":1,"shown":1,"clicked":0,"dismissed":0}}]}}"#
    ))
}
