"""Guids that several items share, that move to another link or are drawn anew: one article a story all the same."""

from __future__ import annotations

from itertools import count

from services.contracts.dateline.v1.article_pb2 import Article
from tests.unit.fetcher.feed_documents import rss
from tests.unit.fetcher.newsroom import CONTENT, SENTENCES, Desk, full


def listed(desk: Desk, *items: str) -> list[Article]:
    return desk.listed(rss(*items, attributes=CONTENT))


def test_hostile_23_duplicate_guids_in_one_document() -> None:
    desk = Desk()
    items = [full(number, guid="the-template-s-guid") for number in range(1, 4)]
    assert len({article.lineage_id for article in listed(desk, *items)}) == 3
    assert listed(desk, *items) == []


def test_hostile_23_duplicate_guids_of_one_item_that_is_listed_twice() -> None:
    assert len(listed(Desk(), full(1), full(1))) == 1


def test_hostile_23_duplicate_guids_later_with_another_link() -> None:
    desk = Desk()
    (first,) = listed(desk, full(1))
    (second,) = listed(desk, full(1, link="https://news.example/moved", title="Moved"))
    assert (second.lineage_id, second.revision) == (first.lineage_id, 2)


def test_hostile_23_duplicate_guids_drawn_anew_fall_back_to_the_link() -> None:
    desk, drawn = Desk(), count()
    for edit in ("", "", "The dam has burst."):
        listed(desk, full(1, guid=f"random-{next(drawn)}", sentences=[edit, *SENTENCES] if edit else SENTENCES))
    assert [article.revision for article in desk.published] == [1, 2]
    assert len({article.lineage_id for article in desk.published}) == 1
