//! The console, the module, the description of the addresses, and what lies
//! outside of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use support::{Client, Collector, Folder, config};
use vitrine_collector::{Config, addresses};

fn with_files(folder: &Folder) -> Collector {
    let rules = folder.file("rules.json", support::RULES);
    for name in ["pkg", "console", "console/parts"] {
        std::fs::create_dir_all(folder.0.join(name)).unwrap();
    }
    folder.file("secret.js", "secret");
    folder.file("pkg/vitrine.js", "loader");
    folder.file("pkg/vitrine_page_bg.wasm", "wasm");
    folder.file("pkg/vitrine_page_bg.wasm.br", "brotli");
    folder.file("pkg/vitrine_page_bg.wasm.gz", "gzip");
    folder.file("pkg/package.json", "{}");
    folder.file("pkg/.hidden.js", "hidden");
    folder.file("console/index.html", "<!doctype html>");
    folder.file("console/parts/table.js", "table");
    let _ = std::os::unix::fs::symlink(folder.0.join("secret.js"), folder.0.join("console/way-out.js"));
    let config = Config {
        pkg: Some(folder.0.join("pkg")),
        console: Some(folder.0.join("console")),
        ..config(folder, Some(rules))
    };
    Collector::with(config, String::new())
}

#[test]
fn the_console_is_served_with_a_strict_policy() {
    let folder = Folder::new();
    let collector = with_files(&folder);
    let moved = collector.get("/console");
    assert_eq!((moved.status, moved.header("location")), (308, Some("/console/")));
    let page = collector.get("/console/");
    assert_eq!((page.status, page.text()), (200, "<!doctype html>"));
    let policy = page.header("content-security-policy").unwrap();
    for part in ["default-src 'self'", "frame-ancestors 'none'", "'wasm-unsafe-eval'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(collector.get("/console/parts/table.js").text(), "table");
    assert_eq!(collector.get("/console/nothing.js").status, 404);
}

#[test]
fn the_module_is_served_in_the_best_encoding_that_the_client_takes() {
    let folder = Folder::new();
    let collector = with_files(&folder);
    let loader = collector.get("/vitrine.js");
    assert_eq!((loader.status, loader.text()), (200, "loader"));
    assert_eq!(loader.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(loader.header("cross-origin-resource-policy"), Some("cross-origin"));
    let wasm =
        |accepts: &str| collector.send("GET", "/vitrine_page_bg.wasm", &[("accept-encoding", accepts)], "");
    for (accepts, encoding, body) in [
        ("gzip, deflate, br", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzip"),
        ("br;q=0, gzip;q=0.5", Some("gzip"), "gzip"),
        ("", None, "wasm"),
    ] {
        let answer = wasm(accepts);
        assert_eq!((answer.header("content-encoding"), answer.text()), (encoding, body), "{accepts}");
        assert_eq!(answer.header("content-type"), Some("application/wasm"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let tag = answer.header("etag").unwrap();
        let headers = [("accept-encoding", accepts), ("if-none-match", tag)];
        assert_eq!(collector.send("GET", "/vitrine_page_bg.wasm", &headers, "").status, 304);
    }
    assert_eq!(collector.get("/pkg/vitrine.js").text(), "loader");
    std::thread::sleep(Duration::from_millis(20));
    folder.file("pkg/vitrine_page_bg.wasm", "newer");
    assert_eq!(wasm("br").text(), "newer", "an encoding of an older build is not served");
    for hidden in
        ["/package.json", "/.hidden.js", "/pkg/.hidden.js", "/nothing.js", "/vitrine_page_bg.wasm.br"]
    {
        assert_eq!(collector.get(hidden).status, 404, "{hidden}");
    }
}

#[test]
fn no_address_leads_out_of_the_folders() {
    let folder = Folder::new();
    let collector = with_files(&folder);
    for path in [
        "/console/../secret.js",
        "/console/..%2fsecret.js",
        "/console/%2e%2e/secret.js",
        "/console/%2e%2e%2fsecret.js",
        "/console/..%5csecret.js",
        "/console//secret.js",
        "/console/parts/../../secret.js",
        "/console/way-out.js",
        "/..%2fsecret.js",
        "/pkg/..%2fsecret.js",
        "/pkg/%2e%2e%2fsecret.js",
        "/%2e%2e%2fsecret.js",
        "/console/secret.js%00.html",
        "/console/%ff.js",
        "/../secret.js",
        "/pkg/../../secret.js",
        "/console/..%252fsecret.js",
    ] {
        let answer = collector.get(path);
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        answer.problem();
        assert!(!answer.text().contains("secret\""), "{path}");
    }
}

#[test]
fn the_description_lists_exactly_the_addresses_and_each_of_them_answers() {
    let folder = Folder::new();
    let collector = with_files(&folder);
    let document = collector.get("/openapi.json").json();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            described
                .insert((path.replace("/v1/", "{prefix}/").replace("{path}", "{*path}"), method.clone()));
            let responses = item[method]["responses"].as_object().unwrap();
            let real = path.replace("{site}", "demo").replace("{hash}", "0000000000000000");
            let real = real.replace("{file}", "vitrine.js").replace("{path}", "index.html");
            let real = real.replace("{token}", "00000000000000000000000000000000");
            let sender = if real.ends_with("/live") { Collector::send } else { own };
            let answer = sender(&collector, &method.to_uppercase(), &real, &[], "");
            assert_ne!(answer.status, 405, "{method} {real}");
            assert!(responses.contains_key(&answer.status.to_string()), "{method} {real}: {}", answer.status);
        }
    }
    let served: BTreeSet<(String, String)> = addresses()
        .into_iter()
        .flat_map(|(path, methods)| {
            methods.iter().map(move |method| (path.to_string(), (*method).to_string()))
        })
        .collect();
    assert_eq!(described, served);
    check_references(&document, &document);
}

fn own(collector: &Collector, method: &str, path: &str, _: &[(&str, &str)], body: &str) -> support::Answer {
    collector.own(method, path, body)
}

fn check_references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref") {
                let pointer = reference.as_str().unwrap().trim_start_matches('#');
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            fields.values().for_each(|field| check_references(field, document));
        }
        Value::Array(items) => items.iter().for_each(|item| check_references(item, document)),
        _ => {}
    }
}

#[test]
fn the_internal_address_is_for_the_operator_and_the_public_one_is_not() {
    let folder = Folder::new();
    let collector = with_files(&folder);
    let mut internal = Client::new(collector.internal);
    assert_eq!(internal.send("GET", "/healthz", &[], b"").status, 200);
    assert_eq!(internal.send("GET", "/readyz", &[], b"").text(), "ready\n");
    let metrics = internal.send("GET", "/metrics", &[], b"");
    for line in metrics.text().lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("vitrine_") && value.parse::<f64>().is_ok(), "{line}");
    }
    assert_eq!(internal.send("GET", "/v1/demo/plan", &[], b"").status, 404);
    for path in ["/healthz", "/readyz", "/metrics", "/"] {
        let answer = collector.get(path);
        assert_eq!(answer.status, 404, "{path}");
        answer.problem();
    }
    assert_eq!(
        collector.send("DELETE", "/v1/demo/plan", &[], "").problem(),
        "this address does not take this method"
    );
}

#[test]
fn what_is_no_request_harms_nobody() {
    let folder = Folder::new();
    let collector = with_files(&folder);
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000));
    let heads = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(2_000));
    for bytes in [
        b"\x16\x03\x01\x02\x00".as_slice(),
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        long.as_bytes(),
        heads.as_bytes(),
    ] {
        let mut stream = TcpStream::connect(collector.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        // It may hang up before all was written, which is as good.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    assert_eq!(collector.get("/v1/demo/plan").status, 200);
}
