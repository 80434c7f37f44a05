"""One story is one article, whatever its feed does to its names."""

from __future__ import annotations

from itertools import count

import pytest

from services.contracts.dateline.v1.article_pb2 import Article
from tests.unit.fetcher.feed_documents import rss
from tests.unit.fetcher.newsroom import CONTENT, Desk, full, page

EDITED = ["The minister said on Tuesday that the dam would hold.", *(f"Sentence number {n} of ten." for n in range(20))]


def listed(desk: Desk, *items: str) -> list[Article]:
    return desk.listed(rss(*items, attributes=CONTENT))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"guid": "http://news.example/?p=1"}, {"guid": "https://news.example/?p=1"}),
        ({"guid": "old-system-1"}, {"guid": "new-system-1"}),
        ({"link": "http://news.example/a"}, {"link": "https://www.news.example/a/"}),
        ({}, {"link": "https://news.example/1?utm_source=rss&fbclid=x#top"}),
        ({}, {"link": "https://news.example/1/amp"}),
        ({}, {"link": "https://amp.news.example/1"}),
        ({}, {"link": "https://news.example/a-new-headline", "title": "A new headline"}),
    ],
    ids=["guid-scheme", "guid-swap", "link-scheme", "trackers", "amp-path", "amp-host", "renamed"],
)
def test_behaviour_08_stable_identity(before: dict[str, str], after: dict[str, str]) -> None:
    desk = Desk()
    (first,) = listed(desk, full(1, **before))  # type: ignore[arg-type]
    assert listed(desk, full(1, **{**before, **after})) == [] or desk.published[-1].lineage_id == first.lineage_id  # type: ignore[arg-type]
    (edited,) = listed(desk, full(1, **{**before, **after, "sentences": EDITED}))  # type: ignore[arg-type]
    assert (edited.lineage_id, edited.supersedes) == (first.lineage_id, desk.published[-2].id)


def test_behaviour_08_stable_identity_of_a_guid_drawn_at_each_request() -> None:
    desk, drawn = Desk(), count()
    for _ in range(20):
        listed(desk, full(1, guid=f"random-{next(drawn)}"), full(2, guid=f"random-{next(drawn)}"))
    assert sorted(article.url for article in desk.published) == ["https://news.example/1", "https://news.example/2"]
    assert (
        max(len(record.keys) for record in map(desk.state.item, {a.lineage_id for a in desk.published}) if record) < 7
    )


def test_behaviour_08_stable_identity_of_two_stories_that_swap_their_guids() -> None:
    desk = Desk()
    listed(desk, full(1, guid="guid-a"), full(2, guid="guid-b"))
    assert listed(desk, full(1, guid="guid-b"), full(2, guid="guid-a")) == []


def test_behaviour_08_stable_identity_of_an_article_under_two_addresses_with_one_canonical_address() -> None:
    canonical = '<link rel="canonical" href="https://news.example/story">'
    mobile, desktop = "https://news.example/mobile/77", "https://news.example/story?id=77"
    desk = Desk({mobile: page("A dam", head=canonical), desktop: page("A dam", head=canonical)})
    item = "<title>A dam</title><link>{}</link><guid>{}</guid>"
    assert len(desk.listed(rss(item.format(mobile, "guid-1")))) == 1
    assert desk.listed(rss(item.format(desktop, "guid-2"))) == []


def test_behaviour_08_stable_identity_is_not_lost_to_a_canonical_address_that_all_pages_share() -> None:
    canonical = '<link rel="canonical" href="https://news.example/section">'
    desk = Desk({f"https://news.example/{n}": page(f"Story {n}", head=canonical) for n in range(3)})
    items = [f"<title>Story {n}</title><link>https://news.example/{n}</link><guid>guid-{n}</guid>" for n in range(3)]
    assert len({article.lineage_id for article in desk.listed(rss(*items))}) == 3
