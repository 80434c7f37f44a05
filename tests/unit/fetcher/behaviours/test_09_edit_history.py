"""Edits become revisions that name what they replace, cosmetic changes are silent, deletions become withdrawals."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1.article_pb2 import Article
from services.fetcher.withdrawals import MAX_LOOKS
from tests.unit.fetcher.feed_documents import rss
from tests.unit.fetcher.newsroom import CONTENT, SENTENCES, Desk, full, page

ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>T'
    "</title>{}</feed>"
)


def listed(desk: Desk, *items: str) -> list[Article]:
    return desk.listed(rss(*items, attributes=CONTENT))


def paged(number: int, updated: int = 0) -> str:
    return full(number, sentences=()) + f"<description>Changed {updated} times.</description>"


def test_behaviour_09_edit_history_of_a_text() -> None:
    desk = Desk()
    (first,) = listed(desk, full(1))
    (second,) = listed(desk, full(1, sentences=["The dam has burst.", *SENTENCES]))
    (third,) = listed(desk, full(1, sentences=["The dam has burst, the minister said.", *SENTENCES]))
    assert [a.revision for a in desk.published] == [1, 2, 3]
    assert (second.supersedes, third.supersedes) == (first.id, second.id)
    assert first.diff_hash == ""
    assert len({second.diff_hash, third.diff_hash}) == 2
    assert len(second.diff_hash) == 32


def test_behaviour_09_edit_history_of_a_title() -> None:
    desk = Desk()
    listed(desk, full(1))
    (second,) = listed(desk, full(1, title="Dam bursts"))
    assert (second.title, second.revision) == ("Dam bursts", 2)


def test_behaviour_09_edit_history_names_the_same_edit_alike() -> None:
    hashes = set()
    for guid in ("guid-a", "guid-b"):
        desk = Desk()
        listed(desk, full(1, guid=guid))
        hashes.add(listed(desk, full(1, guid=guid, title="Dam bursts"))[0].diff_hash)
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "sentences",
    [
        ["12 comments", *SENTENCES],
        ["Comments (1,204)", *SENTENCES],
        ["1.2K views", *SENTENCES],
        ["Updated 5 minutes ago", *SENTENCES],
        ["4 min read", *SENTENCES],
        ["Advertisement", *SENTENCES],
        [sentence.replace(" ", "  ") for sentence in SENTENCES],
        [sentence.replace("that", "that —").replace("said", "“said”") for sentence in SENTENCES],
    ],
    ids=["comments", "comments-after", "views", "age", "reading-time", "advertisement", "spaces", "typography"],
)
def test_behaviour_09_edit_history_leaves_out_cosmetic_changes(sentences: list[str]) -> None:
    address = "https://news.example/1"
    desk = Desk({address: page("Story 1")})
    listed(desk, paged(1))
    desk.pages[address] = page("Story 1", sentences)
    assert listed(desk, paged(1, updated=1)) == []
    assert desk.asked == [address, address]


def test_behaviour_09_edit_history_sees_a_sentence_that_begins_like_a_button() -> None:
    desk = Desk()
    listed(desk, full(1, sentences=["Share prices fell by three per cent.", *SENTENCES]))
    assert len(listed(desk, full(1, sentences=["Share prices fell by five per cent.", *SENTENCES]))) == 1


def test_behaviour_09_edit_history_ends_with_a_withdrawal_when_the_page_of_a_changed_item_is_gone() -> None:
    address = "https://news.example/1"
    desk = Desk({address: page("Story 1")})
    (first,) = listed(desk, paged(1))
    desk.pages[address] = 410
    (gone,) = listed(desk, paged(1, updated=1))
    assert (gone.withdrawn, gone.supersedes, gone.revision, gone.text) == ("gone", first.id, 2, "")
    assert (gone.lineage_id, gone.language, gone.source.domain) == (first.lineage_id, first.language, "news.example")
    assert listed(desk, paged(1, updated=1)) == []


def test_behaviour_09_edit_history_ends_when_a_missing_item_s_page_is_gone() -> None:
    desk = Desk({"https://news.example/2": 410})
    listed(desk, *map(full, range(1, 6)))
    (gone,) = listed(desk, full(1), full(3), full(4), full(5))
    assert (gone.withdrawn, gone.url) == ("gone", "https://news.example/2")
    assert listed(desk, full(1), full(3), full(4), full(5)) == []


def test_behaviour_09_edit_history_believes_a_404_only_the_second_time() -> None:
    desk = Desk()  # every page answers 404
    listed(desk, *map(full, range(1, 6)))
    rest = [full(1), full(3), full(4), full(5)]
    assert listed(desk, *rest) == []
    assert [article.withdrawn for article in listed(desk, *rest)] == ["gone"]


@pytest.mark.parametrize("answer", [page("Story 2"), 403, 500], ids=["page", "refused", "broken"])
def test_behaviour_09_edit_history_goes_on_while_a_missing_item_s_page_is_not_gone(answer: bytes | int) -> None:
    desk = Desk({"https://news.example/2": answer})
    listed(desk, *map(full, range(1, 6)))
    for _ in range(6):
        assert listed(desk, full(1), full(3), full(4), full(5)) == []
    assert len(desk.asked) <= MAX_LOOKS


def test_behaviour_09_edit_history_does_not_end_for_what_only_grew_old() -> None:
    desk = Desk()
    listed(desk, *map(full, range(1, 8)))
    listed(desk, *map(full, range(1, 4)))
    assert desk.asked == []


@pytest.mark.parametrize("document", [rss(), rss(full(9), attributes=CONTENT)[:-60]], ids=["empty", "cut"])
def test_behaviour_09_edit_history_does_not_end_with_an_empty_or_cut_listing(document: str) -> None:
    desk = Desk()
    listed(desk, *map(full, range(1, 6)))
    desk.listed(document)
    assert not any(article.withdrawn for article in desk.published)
    assert desk.asked == []


def test_behaviour_09_edit_history_ends_with_an_entry_that_the_feed_calls_deleted() -> None:
    desk = Desk()
    entry = "<entry><id>tag:{0}</id><title>Story {0}</title><summary>Short.</summary></entry>"
    desk.listed(ATOM.format(entry.format(1) + entry.format(2)))
    (gone,) = desk.listed(ATOM.format(entry.format(1) + '<at:deleted-entry ref="tag:2" when="2026-11-22T00:00:00Z"/>'))
    assert (gone.withdrawn, gone.revision) == ("deleted", 2)


def test_behaviour_09_edit_history_goes_on_when_what_was_withdrawn_comes_back() -> None:
    desk = Desk()
    entry = "<entry><id>tag:1</id><title>Story 1</title><summary>Short.</summary></entry>"
    desk.listed(ATOM.format(entry))
    desk.listed(ATOM.format('<at:deleted-entry ref="tag:1" when="2026-11-22T00:00:00Z"/>'))
    (back,) = desk.listed(ATOM.format(entry))
    assert [(a.revision, a.withdrawn) for a in desk.published] == [(1, ""), (2, "deleted"), (3, "")]
    assert back.supersedes == desk.published[1].id
