//! Which address counts for a request.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::HeaderValue;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use super::*;

const PROXY: &str = "10.0.0.1:4000";

fn networks(networks: &[&str]) -> Vec<IpNet> {
    networks
        .iter()
        .map(|network| network.parse().expect("a network"))
        .collect()
}

fn behind(trusted: &[&str], header: Option<&'static str>) -> TrustedProxies {
    TrustedProxies::new(networks(trusted), header.map(HeaderName::from_static))
}

fn source(
    proxies: &TrustedProxies,
    connection: &str,
    name: &'static str,
    lines: &[&str],
) -> Source {
    let headers = lines
        .iter()
        .map(|line| {
            let value = HeaderValue::from_bytes(line.as_bytes()).expect("a value");
            (HeaderName::from_static(name), value)
        })
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        });
    proxies.source_of(&headers, connection.parse().expect("a connection"))
}

fn is(address: &str) -> Source {
    Source::Address(address.parse().expect("an address"))
}

#[test]
fn an_address_is_read_in_every_form_that_proxies_write() {
    let proxies = behind(&["10.0.0.0/8"], None);
    for (text, address) in [
        ("7.7.7.7", "7.7.7.7"),
        ("7.7.7.7:1000", "7.7.7.7"),
        ("\"7.7.7.7:1000\"", "7.7.7.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:1000", "2001:db8::7"),
        ("\"[2001:db8::7]:1000\"", "2001:db8::7"),
        ("\"2001:db8::7\"", "2001:db8::7"),
        ("[fe80::7%eth0]:1000", "fe80::7"),
        ("::ffff:7.7.7.7", "7.7.7.7"),
        ("[::ffff:7.7.7.7]:1000", "7.7.7.7"),
        ("1.1.1.1, 7.7.7.7", "7.7.7.7"),
        (" 1.1.1.1 ,7.7.7.7:80 , ", "7.7.7.7"),
        ("unknown, 7.7.7.7", "7.7.7.7"),
    ] {
        let read = source(&proxies, PROXY, "x-forwarded-for", &[text]);
        assert_eq!(read, is(address), "{text}");
    }
}

#[test]
fn the_standard_header_is_read_too() {
    let proxies = behind(&["10.0.0.0/8"], Some("forwarded"));
    for (lines, address) in [
        (&["for=7.7.7.7"][..], "7.7.7.7"),
        (&["For=\"7.7.7.7:1000\";proto=https"], "7.7.7.7"),
        (
            &["proto=http; by=203.0.113.43 ;for=7.7.7.7;host=\"a,b;for=1.1.1.1\""],
            "7.7.7.7",
        ),
        (&["for=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
        (&["for=1.1.1.1, for=7.7.7.7"], "7.7.7.7"),
        (&["for=1.1.1.1", "for=7.7.7.7"], "7.7.7.7"),
        (&["for=7.7.7.7:_port"], "7.7.7.7"),
        (&["for=\"unbalanced, for=7.7.7.7"], "7.7.7.7"),
        (
            &["for=1.1.1.1, for=7.7.7.7, for=10.1.1.1, for=\"10.1.1.2:80\""],
            "7.7.7.7",
        ),
    ] {
        let read = source(&proxies, PROXY, "forwarded", lines);
        assert_eq!(read, is(address), "{lines:?}");
    }
}

#[test]
fn the_last_hop_that_is_not_trusted_counts() {
    let proxies = behind(&["10.0.0.0/8", "2001:db8::/32"], None);
    for (lines, address) in [
        (&["6.6.6.6, 7.7.7.7, 10.0.0.3, 10.0.0.2"][..], "7.7.7.7"),
        (
            &["6.6.6.6, 7.7.7.7", "10.0.0.3", "[2001:db8::2]:80"],
            "7.7.7.7",
        ),
        // All are trusted, so the first of them asks for itself.
        (&["10.0.0.4, 10.0.0.3, 10.0.0.2"], "10.0.0.4"),
        // A health check of the proxy's own.
        (&[], "10.0.0.1"),
        (&[""], "10.0.0.1"),
    ] {
        let read = source(&proxies, PROXY, "x-forwarded-for", lines);
        assert_eq!(read, is(address), "{lines:?}");
    }
    let mapped = source(
        &proxies,
        "[::ffff:10.0.0.1]:4000",
        "x-forwarded-for",
        &["7.7.7.7"],
    );
    assert_eq!(mapped, is("7.7.7.7"));
    assert!(proxies.is_proxy([10, 0, 0, 9].into()) && !proxies.is_proxy([7, 7, 7, 7].into()));
}

#[test]
fn only_a_trusted_proxy_is_believed() {
    let proxies = behind(&["10.0.0.0/8"], None);
    let read = source(&proxies, "9.9.9.9:4000", "x-forwarded-for", &["7.7.7.7"]);
    assert_eq!(read, is("9.9.9.9"));
    let read = source(
        &TrustedProxies::default(),
        PROXY,
        "x-forwarded-for",
        &["7.7.7.7"],
    );
    assert_eq!(read, is("10.0.0.1"));
    // Of the two headers, only the one that the proxy sets.
    let read = source(&proxies, PROXY, "forwarded", &["for=7.7.7.7"]);
    assert_eq!(read, is("10.0.0.1"));
}

#[test]
fn a_header_alone_is_believed_one_proxy_deep() {
    let proxies = behind(&[], Some("x-real-ip"));
    for (lines, address) in [
        (&["7.7.7.7"][..], "7.7.7.7"),
        (&["7.7.7.7:1000"], "7.7.7.7"),
        (&["1.1.1.1, 7.7.7.7"], "7.7.7.7"),
        (&["1.1.1.1", "7.7.7.7"], "7.7.7.7"),
        (&[], "9.9.9.9"),
    ] {
        let read = source(&proxies, "9.9.9.9:4000", "x-real-ip", lines);
        assert_eq!(read, is(address), "{lines:?}");
    }
    assert!(proxies.is_proxy([9, 9, 9, 9].into()));
}

#[test]
fn what_cannot_be_read_counts_for_the_connection_alone() {
    let plain = behind(&["10.0.0.0/8"], None);
    let standard = behind(&["10.0.0.0/8"], Some("forwarded"));
    let connection = Source::Connection(PROXY.parse().expect("a connection"));
    for text in [
        "unknown",
        "_hidden",
        "7.7.7",
        "7.7.7.7:",
        "7.7.7.7:99999",
        "7.7.7.7:x",
        "[::1",
        "[::1]x",
        "[7.7.7.7]",
        "\"7.7.7.7",
        "é",
        "localhost",
        "::1:x",
        "7.7.7.7, unknown",
        "_a, 10.0.0.2",
    ] {
        assert_eq!(
            source(&plain, PROXY, "x-forwarded-for", &[text]),
            connection,
            "{text}"
        );
        let element = format!("for={text}");
        if !text.contains(',') {
            assert_eq!(
                source(&standard, PROXY, "forwarded", &[&element]),
                connection,
                "{text}"
            );
        }
    }
    for text in ["by=7.7.7.7", "7.7.7.7", "for", "for="] {
        assert_eq!(
            source(&standard, PROXY, "forwarded", &[text]),
            connection,
            "{text}"
        );
    }
}

/// Counts what is logged.
struct Logged(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Logged {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_cannot_be_read_is_logged_once_a_minute() {
    let proxies = behind(&["10.0.0.0/8"], None);
    let lines = Arc::new(AtomicUsize::new(0));
    let subscriber = tracing_subscriber::registry().with(Logged(Arc::clone(&lines)));
    tracing::subscriber::with_default(subscriber, || {
        for text in ["7.7.7.7", "unknown", "unknown", "_hidden"] {
            source(&proxies, PROXY, "x-forwarded-for", &[text]);
        }
    });
    assert_eq!(lines.load(Ordering::Relaxed), 1);
}

#[test]
fn a_proxy_that_nobody_trusts_is_logged_once_an_hour() {
    for (proxies, header, logged) in [
        (TrustedProxies::default(), "x-forwarded-for", 1),
        (TrustedProxies::default(), "forwarded", 1),
        (TrustedProxies::default(), "x-other", 0),
        (behind(&["10.0.0.0/8"], None), "x-forwarded-for", 0),
    ] {
        let lines = Arc::new(AtomicUsize::new(0));
        let subscriber = tracing_subscriber::registry().with(Logged(Arc::clone(&lines)));
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..3 {
                source(&proxies, PROXY, header, &["7.7.7.7"]);
            }
        });
        assert_eq!(lines.load(Ordering::Relaxed), logged, "{header}");
    }
}
