//! Several collectors on one database: together they are one collector.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Client, Collector, Folder, RULES, config, place, report, wait_for};
use vitrine_collector::audit::audit;
use vitrine_collector::start;

/// Longer than a lease of the odds.
const LEASE: Duration = Duration::from_secs(25);

/// Two collectors on one database, with one key.
fn two(folder: &Folder) -> [Collector; 2] {
    let first = Collector::start(folder);
    let second = Collector::with(config(folder, None), first.key.clone());
    [first, second]
}

fn plan(collector: &Collector) -> Value {
    collector.get("/v1/demo/plan").json()["plan"].clone()
}

fn put(collector: &Collector, seen: Option<&Value>, title: &str) -> u16 {
    let bearer = format!("Bearer {}", collector.key);
    let tag = seen.map(|seen| format!("\"{}\"", seen.as_str().unwrap()));
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(tag.as_deref().map(|tag| ("if-match", tag)));
    let rules = RULES.replace("Still thinking?", title);
    collector.send("PUT", "/v1/demo/rules", &headers, &rules).status
}

#[test]
fn reports_that_come_to_both_at_once_are_counted_once_and_both_tell_of_them() {
    let folder = Folder::with_postgres();
    let both = two(&folder);
    let mut stream = Client::new(both[0].addr);
    stream.open(&format!(
        "GET /v1/demo/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        both[0].key
    ));
    let bodies: Vec<String> =
        (0..600).map(|at| report(["gentle", "loud", "discount"][at % 3], at % 5 == 0).to_string()).collect();
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let (bodies, addr) = (&bodies, both[sender % 2].addr);
            scope.spawn(move || {
                let mut client = Client::new(addr);
                // All at both, in two orders.
                let mut mine: Vec<&String> = bodies.iter().skip(sender / 2).step_by(4).collect();
                if sender % 2 == 1 {
                    mine.reverse();
                }
                for body in mine {
                    let answer = client.send("POST", "/v1/demo/reports", &[], body.as_bytes());
                    assert_eq!(answer.status, 204);
                }
            });
        }
    });
    assert_eq!(folder.number("SELECT sum(visitors)::bigint FROM counters"), 600);
    assert_eq!(folder.number("SELECT sum(revenue)::bigint FROM counters"), 120 * 129_000);
    let results = |collector: &Collector| collector.own("GET", "/v1/demo/results", "").json();
    for collector in &both {
        wait_for("each knows what the other counted", || {
            results(collector)["campaigns"][0]["visitors"] == 600
        });
        assert_eq!(results(collector)["campaigns"][0]["converters"], 120);
    }
    wait_for("a stream tells what came to the other", || {
        let line = stream.line().unwrap();
        line.strip_prefix("data: ").is_some_and(|data| {
            serde_json::from_str::<Value>(data).unwrap()["campaigns"][0]["visitors"] == 600
        })
    });
    // What they hold in memory is what one finds who begins now.
    let third = Collector::with(config(&folder, None), both[0].key.clone());
    let counted = |collector: &Collector| {
        let mut found = results(collector)["campaigns"][0]["messages"].clone();
        found.as_array_mut().unwrap().iter_mut().for_each(|arm| arm["share"] = json!(null));
        found
    };
    assert_eq!(counted(&third), counted(&both[0]));
    assert_eq!(counted(&third), counted(&both[1]));
}

#[test]
fn of_two_who_publish_on_the_same_version_exactly_one_wins() {
    let folder = Folder::with_postgres();
    let both = two(&folder);
    for round in 0..10 {
        let seen = plan(&both[0]);
        // One knows it already, the other finds out.
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let put = |at: usize| {
                let (both, seen) = (&both, &seen);
                scope.spawn(move || put(&both[at], Some(seen), &format!("{at} in {round}")))
            };
            [put(0), put(1)].map(|sending| sending.join().unwrap()).to_vec()
        });
        assert_eq!(answers.iter().sum::<u16>(), 200 + 412, "{answers:?}");
        wait_for("both serve the same", || plan(&both[0]) == plan(&both[1]) && plan(&both[0]) != seen);
    }
    // Without a condition both are published, one after the other.
    let put = |collector: &Collector, title: &str| assert_eq!(put(collector, None, title), 200);
    std::thread::scope(|scope| {
        for (at, collector) in both.iter().enumerate() {
            scope.spawn(move || (0..5).for_each(|round| put(collector, &format!("{at} again {round}"))));
        }
    });
    assert_eq!(folder.number("SELECT max(version) FROM versions"), 21);
    assert_eq!(folder.number("SELECT count(*) FROM versions"), 21);
    wait_for("both serve the last", || plan(&both[0]) == plan(&both[1]));
}

#[test]
fn what_is_published_at_one_is_served_by_the_other_and_its_reports_count_at_once() {
    let folder = Folder::with_postgres();
    let both = two(&folder);
    let renamed = RULES.replace("\"gentle\"", "\"softly\"");
    assert_eq!(both[0].own("PUT", "/v1/demo/rules", &renamed).status, 200);
    let new = plan(&both[0]);
    // A device that was told of it by the one, and asks the other.
    let hash = new.as_str().unwrap();
    assert_eq!(both[1].get(&format!("/v1/demo/plan/{hash}")).status, 200);
    assert_eq!(both[1].report(&report("softly", true).to_string()).status, 204);
    let odd = both[1].report(&report("nobody", true).to_string());
    assert_eq!(odd.status, 400);
    let began = Instant::now();
    wait_for("the other serves it", || plan(&both[1]) == new);
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(both[1].own("GET", "/v1/demo/rules", "").text(), renamed);
    assert_eq!(both[1].own("POST", "/v1/demo/rules/rollback", "").status, 200);
    assert_eq!(both[0].own("GET", "/v1/demo/rules", "").text(), RULES);
    wait_for("the first goes back too", || plan(&both[0]) == plan(&both[1]));
}

#[test]
fn a_session_and_a_draft_of_one_are_known_to_the_other() {
    let folder = Folder::with_postgres();
    let both = two(&folder);
    let key = json!({ "key": both[0].key }).to_string();
    let opened = both[0].send("POST", "/v1/demo/session", &[], &key);
    let cookie = opened.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let seen =
        |collector: &Collector| collector.send("GET", "/v1/demo/results", &[("cookie", &cookie)], "").status;
    assert_eq!((seen(&both[0]), seen(&both[1])), (200, 200));
    assert_eq!(both[1].send("DELETE", "/v1/demo/session", &[("cookie", &cookie)], "").status, 204);
    assert_eq!((seen(&both[0]), seen(&both[1])), (401, 401));

    let rules = RULES.replace("Still thinking?", "In the making");
    let draft = both[0].own("POST", "/v1/demo/drafts", &rules).json();
    let path = format!("/v1/demo/drafts/{}/plan", draft["token"].as_str().unwrap());
    assert_eq!(both[1].get(&path).json()["plan"], draft["plan"]);
    let again = both[1].own("POST", "/v1/demo/drafts", &rules).json();
    assert_eq!(again["token"], draft["token"], "the same rules keep their token");
    assert_eq!(both[1].get(&path.replace("drafts/", "drafts/0")).status, 404);
    // What cannot be a name is not looked for: a database does not even take it.
    for odd in ["/v1/demo/drafts/%00/plan", "/v1/demo/plan/%00"] {
        assert_eq!(both[1].get(odd).status, 404, "{odd}");
    }
    for number in 0..25 {
        let rules = RULES.replace("Still thinking?", &format!("Number {number}"));
        assert_eq!(both[number % 2].own("POST", "/v1/demo/drafts", &rules).status, 201);
    }
    assert_eq!(folder.number("SELECT count(*) FROM drafts"), 20);
}

fn send(collector: &Collector, message: &str, (visitors, converters): (usize, usize)) {
    let mut client = Client::new(collector.addr);
    for at in 0..visitors {
        let body = report(message, at < converters).to_string();
        let answer = client.send("POST", "/v1/demo/reports", &[], body.as_bytes());
        assert_eq!(answer.status, 204);
    }
}

#[test]
fn an_epoch_is_the_same_at_both_and_another_takes_over_when_the_one_that_computes_dies() {
    let folder = Folder::with_postgres();
    let [first, second] = two(&folder);
    for round in 0..4 {
        std::thread::scope(|scope| {
            scope.spawn(|| send(&first, "gentle", (20, round)));
            scope.spawn(|| send(&second, "loud", (20, 2 * round)));
        });
    }
    wait_for("odds are published", || first.odds()["epoch"] != 0);
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        for collector in [&first, &second] {
            let answer = collector.get("/v1/demo/odds");
            seen.insert((answer.header("etag").unwrap().to_owned(), answer.body));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let epochs: BTreeSet<&String> = seen.iter().map(|(epoch, _)| epoch).collect();
    assert_eq!(epochs.len(), seen.len(), "one epoch, one set of odds");
    wait_for("both serve the last", || first.odds() == second.odds());
    let holder = || folder.ask("SELECT holder FROM leases WHERE site = 'demo'").remove(0).remove(0);
    let (leader, epoch) = (holder(), folder.number("SELECT max(epoch) FROM odds"));
    // It dies: nobody is told. What it left undone the other finds undone.
    let began = Instant::now();
    drop(first);
    send(&second, "discount", (60, 58));
    while folder.number("SELECT max(epoch) FROM odds") == epoch {
        assert!(began.elapsed() < LEASE, "nobody took over");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_ne!(holder(), leader);
    wait_for("the odds move", || second.odds()["epoch"].as_i64() > Some(epoch));
    let audits = audit(&place(&folder), Some("demo")).unwrap();
    assert!(audits[0].leaves > 0 && audits[0].wrong.is_empty(), "{audits:?}");
    // One that ends in order is followed at once.
    let third = Collector::with(config(&folder, None), second.key.clone());
    let leader = holder();
    second.stop();
    let epoch = folder.number("SELECT max(epoch) FROM odds");
    let began = Instant::now();
    send(&third, "loud", (60, 60));
    wait_for("the odds move", || folder.number("SELECT max(epoch) FROM odds") > epoch);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_ne!(holder(), leader);
}

#[test]
fn odds_of_the_same_reports_are_those_of_a_folder_to_the_bit() {
    let database = Folder::with_postgres();
    let mut folder = Folder::with_postgres();
    folder.1 = None;
    let mut found = Vec::new();
    for kept in [&folder, &database] {
        // While the marketer's weights rule nothing is computed, however long it takes.
        let split = RULES.replace("\"aim\": \"earn\", \"by\"", "\"aim\": \"split\", \"by\"");
        assert_ne!(split, RULES);
        let [split, earn] = [("split.json", split.as_str()), ("earn.json", RULES)];
        let with = |(name, text): (&str, &str)| config(kept, Some(kept.file(name, text)));
        let mut key = String::new();
        let mut epochs = Vec::new();
        for round in 1..4usize {
            let collector = Collector::with(with(split), key);
            // Odds that were learnt before are taken back.
            wait_for("no odds are left", || {
                collector.odds() == json!({ "epoch": 2 * round - 2, "leaves": [] })
            });
            for (message, converters) in [("gentle", 2), ("loud", 3), ("discount", 3 + 4 * round)] {
                send(&collector, message, (30 * round, converters));
            }
            let collector = Collector::with(with(earn), collector.stop());
            wait_for("odds are published", || collector.odds()["epoch"] == 2 * round - 1);
            epochs.push(collector.get("/v1/demo/odds").body);
            key = collector.stop();
        }
        let evidence = kept.ask("SELECT epoch, evidence FROM odds ORDER BY epoch");
        let sums =
            "SELECT campaign, message, leaf, stream, day, epoch, visitors, converters, revenue, revenue2
             FROM counters ORDER BY campaign, message, leaf, stream, day, epoch";
        let audits = audit(&place(kept), None).unwrap();
        assert!(audits[0].leaves > 0 && audits[0].wrong.is_empty(), "{audits:?}");
        found.push((epochs, evidence, kept.ask(sums), audits));
    }
    assert_eq!(found[0], found[1]);
}

#[test]
fn who_was_away_for_too_long_reads_everything_anew() {
    let folder = Folder::with_postgres();
    let both = two(&folder);
    send(&both[0], "gentle", (10, 1));
    let visitors = |collector: &Collector| collector.arm("nudge", "gentle")["visitors"].clone();
    wait_for("both know", || visitors(&both[1]) == 10);
    // As if others had counted for a while, and their pages were torn out.
    folder.change(
        "BEGIN; UPDATE counters SET visitors = visitors + 7; UPDATE sites SET revision = revision + 5; COMMIT",
    );
    for collector in &both {
        wait_for("what was missed is read", || visitors(collector) == 17);
    }
    send(&both[1], "gentle", (1, 0));
    wait_for("and what comes after it", || visitors(&both[0]) == 18);
    // A back-up that was restored knows less.
    folder.change("BEGIN; UPDATE counters SET visitors = 4; UPDATE sites SET revision = 1; COMMIT");
    for collector in &both {
        wait_for("what is kept is what is told", || visitors(collector) == 4);
    }
}

#[test]
fn many_that_begin_at_once_on_an_empty_database_are_one_house_with_one_key() {
    let folder = Folder::with_postgres();
    let rules = folder.file("rules.json", RULES);
    let begun: Vec<_> = std::thread::scope(|scope| {
        let begin = |_| {
            let config = config(&folder, Some(rules.clone()));
            scope.spawn(move || {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                let running = runtime.block_on(start(config)).unwrap();
                (running.new_keys.len(), runtime, running)
            })
        };
        let beginning: Vec<_> = (0..6).map(begin).collect();
        beginning.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(begun.iter().map(|(keys, ..)| keys).sum::<usize>(), 1);
    assert_eq!(folder.number("SELECT count(*) FROM versions"), 1);
    assert_eq!(folder.number("SELECT count(*) FROM keys"), 1);
    for (_, runtime, running) in begun {
        runtime.block_on(running.shutdown());
    }
}
