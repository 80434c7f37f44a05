"""The sample's texts are what the storylines need them to be."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.sample.articles import Article, ContentError, Outlet, fill_dates, load_articles, parse_article

VALID = """+++
id = "quake-wire"
outlet = "meridian-wire"
storyline = "quake"
slug = "quake-in-peru"
title = "Quake in Peru"
author = "Staff"
release_s = 3
+++

First paragraph on
two lines.

Second paragraph.
"""


def shingles(article: Article) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w']+", " ".join(article.paragraphs).lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def jaccard(one: Article, other: Article) -> float:
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


def pairs(articles: tuple[Article, ...], relation: str) -> list[tuple[Article, Article]]:
    by_id = {article.id: article for article in articles}
    return [(article, by_id[other]) for article in articles if (other := getattr(article, relation))]


def test_there_are_at_least_44_articles_of_150_to_600_words(articles: tuple[Article, ...]) -> None:
    assert len(articles) >= 44
    assert {a.id: a.word_count for a in articles if not 150 <= a.word_count <= 600} == {}


def test_every_article_says_what_it_shows(articles: tuple[Article, ...]) -> None:
    assert [article.id for article in articles if not article.kind] == []


def test_there_are_six_outlets_of_both_feed_kinds_and_all_text_kinds(outlets: tuple[Outlet, ...]) -> None:
    assert Counter(outlet.feed_kind for outlet in outlets) == {"rss": 3, "atom": 3}
    assert {outlet.text_kind for outlet in outlets} == {"full", "json-ld", "page"}


def test_every_outlet_publishes_several_articles(articles: tuple[Article, ...], outlets: tuple[Outlet, ...]) -> None:
    published = Counter(article.outlet for article in articles)
    assert min(published[outlet.id] for outlet in outlets) >= 5


def test_the_board_fills_in_the_first_seconds_and_the_rest_is_spread(articles: tuple[Article, ...]) -> None:
    times = sorted(article.release_s for article in articles)
    assert sum(time <= 5 for time in times) >= 5
    assert 200 <= times[-1] <= 300
    assert max(later - earlier for earlier, later in pairwise(times)) <= 30


def test_copies_are_near_identical(articles: tuple[Article, ...]) -> None:
    found = pairs(articles, "copy_of")
    assert len(found) >= 3
    assert {a.id: jaccard(a, b) for a, b in found if jaccard(a, b) < 0.75} == {}


def test_rewrites_have_their_own_words(articles: tuple[Article, ...]) -> None:
    found = pairs(articles, "rewrite_of")
    assert len(found) >= 10
    assert {a.id: jaccard(a, b) for a, b in found if jaccard(a, b) >= 0.2} == {}


def test_look_alikes_share_phrases_but_are_no_copies(articles: tuple[Article, ...]) -> None:
    found = pairs(articles, "resembles")
    assert found
    for one, other in found:
        assert 0.15 <= jaccard(one, other) <= 0.5


def test_only_marked_copies_and_revisions_are_alike(articles: tuple[Article, ...]) -> None:
    def family(article: Article) -> str:
        return article.copy_of or article.revision_of or article.resembles or article.id

    alike = [
        (one.id, other.id)
        for position, one in enumerate(articles)
        for other in articles[position + 1 :]
        if family(one) != family(other) and jaccard(one, other) >= 0.15
    ]
    assert alike == []


def test_one_event_is_told_by_all_six_outlets(articles: tuple[Article, ...], outlets: tuple[Outlet, ...]) -> None:
    tellers = {article.outlet for article in articles if article.storyline == "ceasefire"}
    assert tellers == {outlet.id for outlet in outlets}


def test_one_page_is_revised_twice(articles: tuple[Article, ...]) -> None:
    revisions = Counter(article.revision_of for article in articles if article.revision_of)
    assert max(revisions.values()) >= 2


def test_no_placeholder_is_left_in_any_text(articles: tuple[Article, ...]) -> None:
    for article in articles:
        for text in (article.title, *article.paragraphs):
            assert not re.search(r"[{}]", fill_dates(text, date(2031, 11, 19))), article.id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on {weekday:0}", "on Wednesday"),
        ("on {weekday:-1} and {weekday:+5}", "on Tuesday and Monday"),
        ("{date:-3}", "16 November"),
        ("{date:43}", "1 January"),
        ("in {month:-11}", "in December"),
        ("{month:2} {year:1}", "January 2032"),
    ],
)
def test_placeholders_count_from_the_edition_date(text: str, expected: str) -> None:
    assert fill_dates(text, date(2031, 11, 19)) == expected


def test_front_matter_and_paragraphs_are_parsed() -> None:
    article = parse_article(VALID, "quake-wire.md")
    assert (article.id, article.release_s) == ("quake-wire", 3)
    assert article.paragraphs == ("First paragraph on two lines.", "Second paragraph.")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("+++\nid", "id", "front matter"),
        ('title = "Quake in Peru"', "title = ", "TOML"),
        ('slug = "quake-in-peru"\n', "", "slug"),
        ("release_s = 3", 'release_s = "soon"', "release_s"),
        ("release_s = 3", "release_s = -3", "negative"),
        ("release_s = 3", "release_s = 3\ncolour = 'red'", "colour"),
        ("quake-in-peru", "Quake In Peru", "slug"),
        ("Second paragraph.", "On {someday:1}.", "placeholder"),
        ("First paragraph on\ntwo lines.\n\nSecond paragraph.\n", "", "no text"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(old: str, new: str, complaint: str) -> None:
    assert old in VALID
    with pytest.raises(ContentError, match=rf"bad\.md: .*{complaint}"):
        parse_article(VALID.replace(old, new), "bad.md")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('id = "quake-wire"', 'id = "other-name"', "file name"),
        ("meridian-wire", "unheard-of", "unknown outlet"),
        ("release_s = 3", 'release_s = 3\ncopy_of = "nothing"', "refers to nothing"),
        ("release_s = 3", 'release_s = 3\nrevision_of = "first"', "same outlet and slug"),
        ("release_s = 3", "release_s = 1", "same second"),
        ("quake-in-peru", "first", "not marked as its revision"),
    ],
)
def test_articles_that_contradict_each_other_are_refused(
    old: str, new: str, complaint: str, tmp_path: Path, outlets: tuple[Outlet, ...]
) -> None:
    first = (
        VALID.replace("quake-wire", "first").replace("quake-in-peru", "first").replace("release_s = 3", "release_s = 1")
    )
    (tmp_path / "first.md").write_text(first, encoding="utf-8")
    (tmp_path / "quake-wire.md").write_text(VALID.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError, match=complaint):
        load_articles(tmp_path, outlets)
