from __future__ import annotations

import base64

import pytest

from services.api.access import keys_wanted, presented, rate_headers


@pytest.mark.parametrize(
    ("setting", "host", "wanted"),
    [
        ("auto", "127.0.0.1", False),
        ("auto", "127.8.8.8", False),
        ("auto", "::1", False),
        ("auto", "localhost", False),
        ("auto", "0.0.0.0", True),
        ("auto", "::", True),
        ("auto", "192.0.2.7", True),
        ("auto", "news.example", True),
        ("off", "0.0.0.0", False),
        ("on", "127.0.0.1", True),
    ],
)
def test_keys_are_asked_for_where_others_than_this_machine_can_ask(setting: str, host: str, wanted: bool) -> None:
    assert keys_wanted(setting, host) is wanted


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic " + base64.b64encode(b"anna:a:c").decode(), "a:c"),
        ("Basic !!!", ""),
        ("Digest abc", ""),
        ("", ""),
    ],
)
def test_a_key_is_read_from_either_scheme(header: str, key: str) -> None:
    assert presented(header) == key


def test_rate_headers_never_tell_of_less_than_nothing() -> None:
    assert rate_headers(5, 9, 12_001) == {"RateLimit-Policy": '"key";q=5;w=60', "RateLimit": '"key";r=0;t=13'}
