"""The generated articles: seeded, distinct, and of every kind that the stages must tell apart."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from services.contracts.ids import derive
from tests.chaos.articles import DISTINCT, OUTLETS, OUTLETS_BY_OWNER, Newsdesk, Publication

START = datetime(2026, 3, 11, 9, tzinfo=UTC)


def written(seed: int, distinct: int = 1_000) -> list[Publication]:
    return list(Newsdesk(seed, START).publications(distinct))


def test_the_same_seed_gives_the_same_articles_to_the_byte_and_another_seed_others() -> None:
    def content(seed: int) -> list[bytes]:
        return [each.article.SerializeToString(deterministic=True) for each in written(seed, 100)]

    assert content(1) == content(1)
    assert content(1) != content(2)


def test_as_many_distinct_texts_are_written_as_asked_for_and_all_ids_differ() -> None:
    found = written(3)
    assert len({each.article.text for each in found if each.kind in DISTINCT}) == 1_000
    assert len({each.article.id for each in found}) == len(found)


def test_copies_edits_and_revisions_come_too() -> None:
    kinds = Counter(each.kind for each in written(4))
    assert kinds["new"] > kinds["report"] > 100
    assert min(kinds["copy"], kinds["edit"], kinds["revision"]) > 20


def test_a_copy_is_another_outlet_with_the_same_words_and_a_revision_the_same_address_with_others() -> None:
    found = written(5)
    texts = {each.article.text: each.article for each in reversed(found)}
    by_id = {each.article.id: each.article for each in found}
    for each in found:
        if each.kind == "copy":
            assert texts[each.article.text].id != each.article.id
        if each.kind == "revision":
            before = by_id[each.article.supersedes]
            assert (before.url, before.revision + 1) == (each.article.url, each.article.revision)
            assert before.text != each.article.text


def test_many_sources_of_several_owners_write_in_several_languages() -> None:
    found = written(6)
    assert len({each.article.source.domain for each in found}) == OUTLETS
    assert len({outlet.owner for outlet in OUTLETS_BY_OWNER}) == 40
    assert {each.article.language for each in found} == {"en", "de", "fr", "es", "pt", "it"}


def test_dates_never_go_back_and_hashes_are_those_of_the_text() -> None:
    found = written(7, 200)
    times = [each.at for each in found]
    assert times == sorted(set(times))
    for each in found:
        assert each.article.content_hash == derive("content", each.article.title, each.article.text)
