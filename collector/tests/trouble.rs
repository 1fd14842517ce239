//! A database that is killed, restarted, slow or quarrelsome: nothing that was
//! acknowledged is lost, nothing is counted twice, and nobody has to help.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::{Client, Collector, Folder, config, report, wait_for};
use vitrine_collector::keys::Role;
use vitrine_collector::{Address, StartError, new_key};

const REPORTS: usize = 3_000;

fn bodies() -> Vec<String> {
    (0..REPORTS).map(|at| report(["gentle", "loud", "discount"][at % 3], at % 5 == 0).to_string()).collect()
}

/// Sends everything over six connections, each report until it is acknowledged;
/// gives how often one was refused for the moment.
fn send_until_kept(addrs: &[SocketAddr], bodies: &[String], kept: &AtomicUsize) -> usize {
    let (refused, began) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        for sender in 0..6 {
            let (refused, addr) = (&refused, addrs[sender % addrs.len()]);
            scope.spawn(move || {
                let mut client = Client::new(addr);
                for body in bodies.iter().skip(sender).step_by(6) {
                    loop {
                        let answer = client.send("POST", "/v1/demo/reports", &[], body.as_bytes());
                        if answer.status == 204 {
                            break;
                        }
                        assert_eq!(answer.status, 503, "{}", answer.text());
                        assert_eq!(answer.header("retry-after"), Some("5"));
                        assert!(answer.problem().contains("send the same id again"));
                        refused.fetch_add(1, Ordering::SeqCst);
                        assert!(began.elapsed() < Duration::from_secs(90), "{}", answer.text());
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    kept.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    refused.into_inner()
}

/// Every report once: in the database, and in the memory of each collector.
fn check(folder: &Folder, collectors: &[Collector]) {
    let sums =
        "SELECT sum(visitors)::bigint, sum(converters)::bigint, sum(revenue)::text, sum(clicked)::bigint";
    let wanted = [REPORTS, REPORTS / 5, REPORTS / 5 * 129_000, REPORTS].map(|sum| sum.to_string());
    assert_eq!(folder.ask(&format!("{sums} FROM counters")), [wanted.to_vec()]);
    assert_eq!(folder.number("SELECT count(*) FROM reports") as usize, REPORTS);
    assert_eq!(folder.number("SELECT sum(converters)::bigint FROM lags") as usize, REPORTS / 5);
    for collector in collectors {
        wait_for("what is told is what is kept", || {
            let results = collector.own("GET", "/v1/demo/results", "");
            results.status == 200 && results.json()["campaigns"][0]["visitors"] == REPORTS
        });
        assert_eq!(ready(collector), 200);
    }
}

fn ready(collector: &Collector) -> u16 {
    Client::new(collector.internal).send("GET", "/readyz", &[], b"").status
}

#[test]
fn the_books_balance_although_postgresql_is_killed_twice_and_the_collector_recovers_by_itself() {
    let mut folder = Folder::with_postgres();
    let collector = Collector::start(&folder);
    let (bodies, kept) = (bodies(), AtomicUsize::new(0));
    let refused = std::thread::scope(|scope| {
        let (bodies, kept) = (&bodies, &kept);
        let sending = scope.spawn(|| send_until_kept(&[collector.addr], bodies, kept));
        for round in 1..=2 {
            while kept.load(Ordering::SeqCst) < round * REPORTS / 4 {
                std::thread::sleep(Duration::from_millis(1));
            }
            let postgres = folder.1.as_mut().unwrap();
            postgres.kill();
            wait_for("/readyz tells it", || ready(&collector) == 503);
            let asked = collector.own("GET", "/v1/demo/results", "");
            assert_eq!((asked.status, asked.header("retry-after")), (503, Some("5")));
            // What devices need is served all the same.
            assert_eq!(collector.get("/v1/demo/plan").status, 200);
            assert_eq!(collector.get("/v1/demo/odds").status, 200);
            postgres.run();
        }
        sending.join().unwrap()
    });
    assert!(refused > 0, "it was killed in the middle");
    check(&folder, &[collector]);
}

#[test]
fn connections_that_are_cut_again_and_again_lose_and_double_nothing() {
    let folder = Folder::with_postgres();
    let first = Collector::start(&folder);
    let second = Collector::with(config(&folder, None), first.key.clone());
    let (bodies, kept) = (bodies(), AtomicUsize::new(0));
    let cuts = std::thread::scope(|scope| {
        let sending = scope.spawn(|| send_until_kept(&[first.addr, second.addr], &bodies, &kept));
        let (mut cuts, began) = (0, Instant::now());
        while !sending.is_finished() {
            // Their own word for it, at any moment of a transaction.
            cuts += folder.number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'vitrine'",
            );
            std::thread::sleep(Duration::from_millis(30));
            assert!(began.elapsed() < Duration::from_secs(120));
        }
        sending.join().unwrap();
        cuts
    });
    assert!(cuts > 20, "{cuts}");
    check(&folder, &[first, second]);
}

#[test]
fn the_way_is_encrypted_to_whom_the_operator_trusts_or_there_is_none() {
    let mut folder = Folder::with_postgres();
    let tried = |url: &str| {
        let place = Address::parse(url).unwrap().into();
        match new_key(&place, "demo", Role::Viewer) {
            // It is reached, and empty.
            Err(StartError::Input(sentence)) if sentence.contains("no collector's data") => Ok(()),
            Err(StartError::Unusable(sentence)) if !sentence.contains("s3cret") => Err(sentence),
            other => panic!("{other:?}"),
        }
    };
    let postgres = folder.1.as_mut().unwrap();
    let port = postgres.listen("s3cret");
    let url = |host: &str, rest: &str| format!("postgres://vitrine:s3cret@{host}:{port}/postgres{rest}");
    assert_eq!(tried(&url("localhost", "")), Ok(()));
    let sentence = tried(&url("localhost", "?sslmode=require")).unwrap_err();
    assert!(sentence.contains("does not support TLS"), "never open where it was to be encrypted: {sentence}");
    let maker = postgres.encrypt();
    let trusted = format!("?sslmode=verify-full&sslrootcert={}", maker.display());
    assert_eq!(tried(&url("localhost", &trusted)), Ok(()));
    assert_eq!(tried(&url("localhost", "?sslmode=require")), Ok(()));
    for (host, rest, says) in [
        ("127.0.0.1", trusted.as_str(), "not valid for name"),
        ("localhost", "?sslmode=verify-full", "UnknownIssuer"),
        ("localhost", "?sslmode=disable", "no encryption"),
        ("localhost", "?sslrootcert=/nowhere/ca.pem", "cannot read the certificate `/nowhere/ca.pem`"),
    ] {
        let sentence = tried(&url(host, rest)).unwrap_err();
        assert!(sentence.contains(says), "{sentence}");
    }
}

#[test]
fn transactions_that_get_in_each_others_way_are_done_again() {
    let folder = Folder::with_postgres();
    folder.change("ALTER ROLE vitrine SET default_transaction_isolation = 'serializable'");
    let first = Collector::start(&folder);
    let second = Collector::with(config(&folder, None), first.key.clone());
    let (bodies, kept) = (bodies(), AtomicUsize::new(0));
    send_until_kept(&[first.addr, second.addr], &bodies, &kept);
    check(&folder, &[first, second]);
    let undone = folder.number("SELECT xact_rollback FROM pg_stat_database WHERE datname = 'postgres'");
    assert!(undone > 0, "they did get in each other's way");
}

#[test]
fn what_a_dead_collector_left_in_memory_of_others_is_what_it_committed() {
    let folder = Folder::with_postgres();
    let first = Collector::start(&folder);
    let second = Collector::with(config(&folder, None), first.key.clone());
    let (bodies, kept) = (bodies(), AtomicUsize::new(0));
    let half = &bodies[..REPORTS / 2];
    send_until_kept(&[first.addr], half, &kept);
    drop(first);
    // Everything again, and the rest, at the one that is left.
    send_until_kept(&[second.addr], &bodies, &kept);
    check(&folder, &[second]);
}
