"""The home country of a publisher: known outlets first, then the address, then a language that tells it."""

from __future__ import annotations

import pytest

from services.fetcher.source_country import source_country


@pytest.mark.parametrize(
    ("domain", "language", "country"),
    [
        ("aljazeera.com", "en-us", "QAT"),
        ("meduza.io", "ru", "LVA"),
        ("courier.co.ke", "", "KEN"),
        ("courier.co.uk", "", "GBR"),
        ("courier.de", "en", "DEU"),
        ("courier.com", "en-GB", "GBR"),
        ("courier.com", "de_AT", "AUT"),
        ("courier.com", "zh-Hans-CN", "CHN"),
        ("courier.com", "ja", "JPN"),
        ("courier.com", "en-US", ""),  # what publishing systems write unless told otherwise
        ("courier.com", "fr", ""),
        ("courier.com", "", ""),
        ("courier.tv", "", ""),  # sold to the whole world
        ("courier.io", "", ""),
        ("127.0.0.1:8080", "", ""),
        ("localhost", "", ""),
    ],
)
def test_a_publisher_s_country_is_told_by_what_is_surest(domain: str, language: str, country: str) -> None:
    assert source_country(domain, language) == country
