//! Where a collector listens, as a word of the command line. Never listens, and
//! asks nobody for a name that is an address already.

use std::net::{SocketAddr, ToSocketAddrs};

/// An address to listen on: an IP address or a host's name, and a port. Of a name
/// with several addresses the first of version 4 is taken, which is the one that
/// people type and other programs try.
///
/// # Errors
/// A sentence.
pub fn address(word: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = word.parse() {
        return Ok(address);
    }
    let (host, port) = word.rsplit_once(':').unwrap_or((word, ""));
    if host.is_empty() || host.contains(':') || port.parse::<u16>().is_err() {
        return Err(format!(
            "`{word}` is no host and port; write it as `127.0.0.1:8787` or `localhost:8787`, for all of this machine's addresses as `0.0.0.0:8787`, with IPv6 as `[::1]:8787`"
        ));
    }
    let found = word.to_socket_addrs().map_err(|e| format!("the host `{host}` is not found: {e}"))?;
    let mut found: Vec<SocketAddr> = found.collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    found.first().copied().ok_or_else(|| format!("the host `{host}` has no address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_and_a_name_is_looked_up() {
        for (word, wanted) in [
            ("127.0.0.1:8787", "127.0.0.1:8787"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("[::1]:80", "[::1]:80"),
            ("localhost:8787", "127.0.0.1:8787"),
        ] {
            assert_eq!(address(word).map(|address| address.to_string()), Ok(wanted.into()), "{word}");
        }
    }

    #[test]
    fn what_is_no_address_is_told_in_a_sentence() {
        for word in
            ["", "8787", ":8787", "localhost", "localhost:", "localhost:web", "127.0.0.1:99999", "::1:80"]
        {
            let told = format!("`{word}` is no host and port; ");
            assert!(address(word).is_err_and(|sentence| sentence.starts_with(&told)), "{word}");
        }
        // No name ends so (RFC 6761).
        let told = "the host `shop.invalid` ";
        assert!(address("shop.invalid:8787").is_err_and(|sentence| sentence.starts_with(told)));
    }
}
