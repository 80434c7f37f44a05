"""The article's text: from the feed, the JSON-LD or the markup; a consent page or a paywall is never an article."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.fetcher.dates import Dated
from services.fetcher.feed_model import FeedItem
from services.fetcher.text import from_feed, from_page, teaser
from tests.eval.pages import evaluate
from tests.unit.fetcher.feed_documents import NOW

URL = "https://news.example/dam"
SENTENCES = [
    f"Engineers said on day {n} that the water behind the dam had risen by {n} metres "
    f"and that the {n} villages below would have to wait."
    for n in range(1, 13)
]
ITEM = FeedItem("Dam breaks", URL, "g", "<p>Short.</p>", "", ("Jane Doe",), Dated(), Dated(), "")


def markup(sentences: list[str]) -> str:
    return "".join(f"<p>{sentence}</p>" for sentence in sentences)


def page(body: str, head: str = "") -> bytes:
    start = '<!doctype html><html lang="en-GB"><head><title>Dam | News</title>'
    return f"{start}{head}</head><body>{body}</body></html>".encode()


def json_ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def test_full_text_in_the_feed_is_used_as_it_is() -> None:
    content = markup(SENTENCES) + "<p>The post <a href='x'>Dam breaks</a> appeared first on <a href='y'>News</a>.</p>"
    text = from_feed(replace(ITEM, content=content))
    assert text is not None
    assert text.paragraphs == tuple(SENTENCES)
    assert (text.origin, text.completeness, text.authors) == ("feed", "full", ("Jane Doe",))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<p>Short.</p>",
        markup(SENTENCES[:3]),
        markup(SENTENCES[:6]) + "<p>The minister said […]</p>",
        markup(SENTENCES[:6]) + "<p>It was … Read more</p>",
    ],
)
def test_a_teaser_in_the_feed_is_not_taken_for_the_article(content: str) -> None:
    assert from_feed(replace(ITEM, content=content)) is None


def test_a_summary_without_more_becomes_a_teaser() -> None:
    assert (teaser(ITEM).paragraphs, teaser(ITEM).completeness) == (("Short.",), "teaser")


def test_json_ld_with_paragraphs_is_preferred_to_the_markup() -> None:
    head = json_ld(
        headline="Dam breaks in the north",
        articleBody="\n\n".join(SENTENCES),
        datePublished="2026-11-21T08:00:00Z",
        dateModified="2026-11-21T09:30:00+01:00",
        author=[{"@type": "Person", "name": "Jane Doe"}, {"@type": "Organization", "name": "News"}],
        publisher={"@type": "Organization", "name": "The News"},
    )
    text = from_page(page("<nav>Menu</nav>" + markup(SENTENCES[:2]), head), "text/html", URL, NOW)
    assert (text.origin, text.completeness) == ("json-ld", "full")
    assert text.paragraphs == tuple(SENTENCES)
    assert (text.title, text.authors, text.site_name) == ("Dam breaks in the north", ("Jane Doe",), "The News")
    assert text.page_published.at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert text.page_dated.at == datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    assert text.page_dated_by == "json-ld"


def test_text_among_navigation_and_promotions_is_found() -> None:
    body = (
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/w'>World</a></li></ul></nav><article><h1>Dam breaks</h1>"
        + markup(SENTENCES[:4])
        + "<aside class='promo'><h2>Read more</h2><a href='/x'>Ten dams to see</a></aside><p>Advertisement</p>"
        + markup(SENTENCES[4:])
        + "</article><footer>Terms of use</footer>"
    )
    text = from_page(
        page(body, '<link rel="canonical" href="https://www.news.example/dam?utm_source=x">'), "", URL, NOW
    )
    assert text.paragraphs == tuple(SENTENCES)
    assert (text.origin, text.completeness, text.language) == ("page", "full", "en-gb")
    assert text.canonical_url == "https://www.news.example/dam"


@pytest.mark.parametrize(
    ("body", "head", "expected"),
    [
        (markup(SENTENCES[:2]) + "<p>Subscribe now to continue reading this story.</p>", "", "paywalled"),
        (markup(SENTENCES[:5]), json_ld(headline="x", isAccessibleForFree="False"), "paywalled"),
        (
            "<p>We value your privacy. We and our 831 partners store and/or access information on a device.</p>",
            "",
            "consent-page",
        ),
        ("<h1>Just a moment...</h1><p>Enable JavaScript and cookies to continue</p>", "", "consent-page"),
        (markup(SENTENCES[:2]), "", "teaser"),
    ],
)
def test_what_stands_in_the_way_of_an_article_is_not_full_text(body: str, head: str, expected: str) -> None:
    assert from_page(page(body, head), "", URL, NOW).completeness == expected


def test_a_long_article_about_cookies_is_an_article() -> None:
    body = markup([*SENTENCES, "Regulators said sites must let readers reject all cookies.", *SENTENCES[::-1]])
    assert from_page(page(body), "", URL, NOW).completeness == "full"


@pytest.mark.parametrize("nested", ["<div>", "<b>", "<table><tr><td>", "<p><i>"])
def test_endlessly_nested_markup_is_survived(nested: str) -> None:
    started = time.process_time()
    from_page(page(nested * 30_000 + "x"), "", URL, NOW)
    assert time.process_time() - started < 10  # beyond that the worker is killed


@pytest.mark.parametrize("raw", [b"", b"   ", b"\x00\x00"])
def test_an_empty_page_is_an_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match="page is"):
        from_page(raw, "", URL, NOW)


@pytest.mark.parametrize("raw", [b"%PDF-1.7 \x89\xff", b"\xff\xd8\xff\xe0", b"{}", b"just words"])
def test_something_else_than_html_gives_no_full_text(raw: bytes) -> None:
    assert from_page(raw, "", URL, NOW).completeness != "full"


def test_the_hash_of_the_bytes_is_kept() -> None:
    assert from_page(gzip.decompress(gzip.compress(page(markup(SENTENCES)))), "", URL, NOW).raw_sha256 != ""


@pytest.mark.shared_data
def test_real_pages_are_read_as_well_as_measured_before(shared: Path) -> None:
    total = list(evaluate(shared))[-1]
    assert total["f1_mean"] >= 0.964
    assert total["dates_right"] >= 0.95
    assert total["titles_right"] >= 0.8
    assert total["authors_right"] >= 0.85
