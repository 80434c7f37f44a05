"""Documents nested a hundred thousand deep are refused or cut, within the time that their size explains."""

from __future__ import annotations

import pytest

from tests.unit.fetcher.feed_documents import rss
from tests.unit.fetcher.hostile.reading_child import read_apart


def test_hostile_04_endless_nesting_of_xml_is_refused() -> None:
    read = read_apart(rss("<a>" * 200_000 + "</a>" * 200_000).encode())
    assert "nested too deep" in read.refused
    assert read.cpu_s < 1


def test_hostile_04_endless_nesting_of_html_in_an_item_loses_no_other_item() -> None:
    nested = "&lt;div&gt;" * 100_000 + "words" + "&lt;/div&gt;" * 100_000
    read = read_apart(rss(f"<title>A</title><description>{nested}</description>", "<title>B</title>").encode())
    assert read.titles == ["A", "B"]
    assert read.cpu_s < 1


@pytest.mark.parametrize("tag", ["div", "b", "table"])
def test_hostile_04_endless_nesting_of_a_page_ends(tag: str) -> None:
    page = f"<html><body><h1>T</h1>{f'<{tag}>' * 100_000}words{f'</{tag}>' * 100_000}</body></html>"
    read = read_apart(page.encode(), "page")
    assert read.titles == ["T"] or read.refused
    assert read.cpu_s < 2
