"""What robots.txt says is done; where it cannot be read, nothing is fetched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.fetcher.robots import robots_url, rules_from
from services.fetcher.settings import USER_AGENT
from tests.unit.fetcher.feed_documents import NOW

PAGE = "https://news.example/secret/page"


@pytest.mark.parametrize(
    ("status", "text", "allowed"),
    [
        (200, "User-agent: *\nDisallow: /secret", False),
        (200, "User-agent: *\nDisallow: /other", True),
        (200, "User-agent: dateline\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        (200, "User-agent: dateline\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        (200, "<html>not found</html>", True),
        (200, "", True),
        (404, "User-agent: *\nDisallow: /", True),
        (403, "", True),
        (500, "", False),
        (503, "User-agent: *\nAllow: /", False),
        (429, "", False),
    ],
)
def test_the_answer_decides_whether_a_page_may_be_read(status: int, text: str, allowed: bool) -> None:
    assert rules_from(status, "text/plain", text.encode(), NOW).allows(PAGE, USER_AGENT) is allowed


def test_only_the_first_500_kib_count() -> None:
    text = b"# padding\n" * 60_000 + b"User-agent: *\nDisallow: /"
    assert rules_from(200, "", text, NOW).allows(PAGE, USER_AGENT)


def test_a_crawl_delay_is_kept_up_to_a_limit() -> None:
    rules = rules_from(200, "", b"User-agent: *\nCrawl-delay: 1000000000", NOW)
    assert rules.crawl_delay_s(USER_AGENT, 30.0) == 30.0
    assert rules_from(404, "", b"", NOW).crawl_delay_s(USER_AGENT, 30.0) == 0.0


def test_rules_are_kept_for_a_day_and_a_failure_for_an_hour() -> None:
    assert rules_from(200, "", b"", NOW).expires_at == NOW + timedelta(hours=24)
    assert rules_from(500, "", b"", NOW).expires_at == NOW + timedelta(hours=1)


def test_the_rules_of_an_origin_stand_at_its_root() -> None:
    assert robots_url("https://news.example:8443/a/b?c") == "https://news.example:8443/robots.txt"
