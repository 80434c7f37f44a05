"""Hostile inputs 19: private addresses in every form are blocked before a connection is made."""

from __future__ import annotations

import pytest

from services.runtime.outbound import AddressBlocked, OutboundError, OutboundGuard, UrlRefused

PRIVATE = [
    "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::ffff:127.0.0.1]/", "http://0x7f.1/",
    "http://2130706433/", "http://017700000001/", "http://localhost/", "http://a.b.localhost/", "http://10.0.0.1/",
    "http://192.168.1.1/", "http://172.16.0.1/", "http://100.64.0.1/", "http://0.0.0.0/", "http://[::1]/",
    "http://[fe80::1]/", "http://[fc00::1]/", "http://①②⑦.0.0.1/", "http://127.0.0.1:22/", "http://198.18.0.1/",
]  # fmt: skip
NOT_FETCHED = [
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "ftp://news.example/",
    "javascript:alert(1)",
    "http://",
    "",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_blocked(url: str) -> None:
    with pytest.raises(AddressBlocked, match="not a public address"):
        OutboundGuard().check(url)


@pytest.mark.parametrize("url", [*NOT_FETCHED, "http://user:secret@news.example/"])
def test_other_schemes_and_credentials_are_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        OutboundGuard().check(url)


def test_what_is_allowed_for_a_private_network_is_one_host_and_one_port() -> None:
    guard = OutboundGuard(["10.1.2.3:8080"])
    assert guard.check("http://10.1.2.3:8080/feed").port == 8080
    for url in ("http://10.1.2.3:8081/", "http://10.1.2.4:8080/"):
        with pytest.raises(OutboundError):
            guard.check(url)
