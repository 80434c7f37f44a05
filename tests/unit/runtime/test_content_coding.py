"""Who takes gzip: RFC 9110, section 12.5.3."""

from __future__ import annotations

import pytest

from services.runtime.content_coding import refuses_plain, takes_gzip


@pytest.mark.parametrize(
    "header",
    [
        "gzip",
        "GZIP",
        "x-gzip",
        "gzip, deflate, br",
        "br;q=1.0, gzip;q=0.8, *;q=0.1",
        "deflate , gzip ;q=0.001",
        "gzip; Q=1.000",
        "*",
        "identity;q=0.5, *;q=0.7",
        "identity;q=0, gzip;q=0.2",
        "*;q=0, gzip",
        ",, gzip ,",
    ],
)
def test_gzip_goes_to_who_takes_it(header: str) -> None:
    assert takes_gzip(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "identity",
        "br, deflate",
        "gzip;q=0",
        "gzip;q=0.0",
        "GZip ; q=0.000",
        "gzip;q=0, *",
        "*;q=0",
        "gzip;q=0.4, identity;q=0.8",
        "gzip;q=0.5, identity",
        "gzip;q=much",
        "gzip;q=7",
        "gzip;q=nan",
        "gzipped",
        "not-gzip",
    ],
)
def test_gzip_goes_to_nobody_else(header: str) -> None:
    assert not takes_gzip(header)


@pytest.mark.parametrize(
    ("header", "refused"),
    [
        ("gzip, identity;q=0", True),
        ("gzip, *;q=0", True),
        ("gzip, *;q=0, identity;q=0.1", False),
        ("gzip", False),
        ("", False),
    ],
)
def test_plain_text_is_refused_by_who_says_so(header: str, refused: bool) -> None:
    assert refuses_plain(header) is refused
