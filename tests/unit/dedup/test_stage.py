"""The stage: what goes on, what is a copy, and of what."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.contracts.dateline.v1.article_pb2 import UniqueArticle, Verdict
from services.contracts.ids import article_id, derive, lineage_id
from services.contracts.topics import ARTICLES_DUPLICATES, ARTICLES_RAW, ARTICLES_UNIQUE
from services.dedup.service import build
from services.dedup.stage import Dedup
from services.dedup.thresholds import EXPIRED_A_STEP, HORIZON
from services.runtime.stage import Failure, Message, Outcome, Write
from tests.unit.dedup.conftest import START, Newsroom, make_message, verdict_of

FIRST = article_id(lineage_id("first.example", "one"), 1)
SECOND_SOURCE = {"name": "two", "domain": "second.example"}
OTHER = (
    "Farmers in the valley harvested a record crop of olives this autumn, the growers' union reported, and expect "
    "prices to fall by a fifth before the new year as mills work day and night to press the fruit that keeps coming."
)


def test_the_first_of_its_kind_goes_on(newsroom: Newsroom, wire_story: list[str]) -> None:
    verdict = newsroom.tell("\n".join(wire_story))
    assert (verdict.decision, verdict.of_article_id, verdict.similarity) == ("unique", "", 0)
    (emit,) = newsroom.last.emits
    assert emit.topic is ARTICLES_UNIQUE
    assert isinstance(emit.value, UniqueArticle)
    assert (emit.key, emit.id, emit.time) == (FIRST, derive("unique", FIRST), START)


def test_the_same_text_elsewhere_is_an_exact_copy(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story))
    verdict = newsroom.tell(" ".join(wire_story).upper(), **SECOND_SOURCE)
    assert (verdict.decision, verdict.of_article_id, verdict.similarity) == ("exact-copy", FIRST, 1)
    assert verdict.of_url == "https://first.example/news/one"
    (emit,) = newsroom.last.emits
    assert emit.topic is ARTICLES_DUPLICATES
    assert emit.value.source.domain == "second.example"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "edited",
    [
        lambda story: story[:3],
        lambda story: story[1:],
        lambda story: story[:2],
        lambda story: ["LONDON - Agencies contributed to this report.", *story],
        lambda story: [*story, "Reporting by the Lisbon desk; writing and editing by our own staff in London."],
        lambda story: [paragraph.replace("said", "stated").replace("would", "will") for paragraph in story],
        lambda story: [story[0], story[2], story[1], story[3]],
    ],
    ids=["end cut", "lead cut", "half cut", "prefix", "suffix", "words replaced", "paragraphs moved"],
)
def test_a_reworked_wire_story_is_a_near_copy(
    newsroom: Newsroom, wire_story: list[str], edited: Callable[[list[str]], list[str]]
) -> None:
    newsroom.tell("\n".join(wire_story), title="Ferries withdrawn")
    verdict = newsroom.tell("\n".join(edited(wire_story)), title="Cracks found in hull", **SECOND_SOURCE)
    assert (verdict.decision, verdict.of_article_id) == ("near-copy", FIRST)
    assert verdict.similarity >= 0.25 or verdict.containment >= 0.8


def test_a_near_copy_under_another_address_of_the_same_source_is_a_copy(
    newsroom: Newsroom, wire_story: list[str]
) -> None:
    newsroom.tell("\n".join(wire_story))
    assert newsroom.tell("\n".join(wire_story[:3]), name="again").decision == "near-copy"


def test_a_longer_report_that_quotes_a_short_one_is_new(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell(wire_story[0])
    assert newsroom.tell("\n".join([*wire_story, OTHER]), **SECOND_SOURCE).decision == "unique"


TEMPLATE = (
    "A magnitude {} earthquake struck near {} on {}, the geological survey said. The quake hit at a depth of {} km, "
    "about {} km from the coast. There were no immediate reports of damage or casualties, and no tsunami warning."
)


@pytest.mark.parametrize(
    "values",
    [
        ("4.9", "Samoa", "Tuesday", "35", "80"),
        ("5.1", "Tonga", "Tuesday", "35", "80"),
        ("6.0", "Fiji", "Friday", "10", "120"),
    ],
)
def test_two_stories_from_one_template_are_two(newsroom: Newsroom, values: tuple[str, ...]) -> None:
    newsroom.tell(TEMPLATE.format("5.1", "Tonga", "Tuesday", "10", "120"))
    assert newsroom.tell(TEMPLATE.format(*values), **SECOND_SOURCE).decision == "unique"


def test_the_same_story_from_a_template_is_a_copy(newsroom: Newsroom) -> None:
    text = TEMPLATE.format("5.1", "Tonga", "Tuesday", "10", "120")
    newsroom.tell(text, title="Quake near Tonga")
    assert (
        newsroom.tell(text.replace("struck", "hit"), title="Quake near Tonga", **SECOND_SOURCE).decision == "near-copy"
    )


def test_boilerplate_under_different_headlines_is_not_a_copy(newsroom: Newsroom) -> None:
    text = "This story is developing and will be updated. Check back for more, and follow us for the latest."
    newsroom.tell(text, title="Ferry sinks off Lisbon, rescue under way")
    assert newsroom.tell(text, title="Minister Falcato resigns over budget", **SECOND_SOURCE).decision == "unique"


@pytest.mark.parametrize("text", ["", "Details to follow."])
def test_short_texts_are_copies_only_with_the_same_words(newsroom: Newsroom, text: str) -> None:
    newsroom.tell(text, title="Ferry sinks off the coast of Lisbon with 14 aboard")
    same = newsroom.tell(text, title="Ferry sinks off the coast of Lisbon with 14 aboard", **SECOND_SOURCE)
    assert same.decision == "exact-copy"
    other = newsroom.tell(text, title="Ferry sinks off the coast of Lisbon with 15 aboard", name="three")
    assert other.decision == "unique"


def test_articles_without_a_word_are_not_copies_of_each_other(newsroom: Newsroom) -> None:
    assert newsroom.tell("").decision == "unique"
    assert newsroom.tell(" … ", **SECOND_SOURCE).decision == "unique"


def test_the_canonical_article_is_compared_with_and_never_a_copy_of_it(
    newsroom: Newsroom, wire_story: list[str]
) -> None:
    newsroom.tell("\n".join(wire_story))
    for number in range(1, 30):  # each a little further from the first and near to the one before
        words = " ".join(wire_story).split()
        words[: number * 4] = [f"w{number}x{at}" for at in range(number * 4)]
        verdict = newsroom.tell(" ".join(words), name=f"drift {number}")
        assert verdict.of_article_id in ("", FIRST)
        if verdict.decision == "unique":
            return
    pytest.fail("the stage followed the copies")


def test_a_new_revision_goes_on_and_says_what_it_revises(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story[:3]))
    verdict = newsroom.tell("\n".join(wire_story), revision=2)
    assert (verdict.decision, verdict.of_article_id) == ("revision", FIRST)
    assert newsroom.last.emits[0].topic is ARTICLES_UNIQUE
    assert newsroom.last.emits[0].value.article.supersedes == FIRST  # type: ignore[attr-defined]


def test_a_revision_with_unchanged_text_is_a_copy_of_itself(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story))
    verdict = newsroom.tell("\n\n".join(wire_story), revision=2)
    assert (verdict.decision, verdict.of_article_id) == ("exact-copy", FIRST)


def test_another_text_at_the_same_address_is_a_revision(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story), url="https://first.example/live")
    verdict = newsroom.tell("\n".join(wire_story[:3]) + OTHER, name="new guid", url="https://first.example/live")
    assert (verdict.decision, verdict.of_article_id) == ("revision", FIRST)


def test_copies_after_a_revision_are_copies_of_the_revision(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story[:3]))
    newsroom.tell("\n".join(wire_story), revision=2)
    verdict = newsroom.tell("\n".join(wire_story[:3]), **SECOND_SOURCE)
    assert verdict.of_article_id == article_id(lineage_id("first.example", "one"), 2)


def test_an_old_revision_that_comes_late_does_not_go_on(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story), revision=2)
    assert newsroom.tell("\n".join(wire_story[:2]), revision=1).decision == "near-copy"


def test_a_revised_copy_is_judged_anew(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story))
    newsroom.tell("\n".join(wire_story), **SECOND_SOURCE)
    still = newsroom.tell("\n".join(wire_story[:3]), revision=2, **SECOND_SOURCE)
    assert (still.decision, still.of_article_id) == ("near-copy", FIRST)
    own = newsroom.tell(OTHER, revision=3, **SECOND_SOURCE)
    assert (own.decision, own.of_article_id) == ("unique", "")
    assert newsroom.last.emits[0].value.article.supersedes != ""  # type: ignore[attr-defined]


@pytest.mark.parametrize("text_index", [1, 3, 4])
def test_an_article_delivered_again_gets_the_same_answer_and_changes_nothing(
    newsroom: Newsroom, wire_story: list[str], message: Callable[..., Message], text_index: int
) -> None:
    story = "\n".join(wire_story)
    near = "\n".join(wire_story[:text_index])
    messages = [message(story), message(near, **SECOND_SOURCE), message(near + OTHER, revision=2)]
    first = []
    for delivered in messages:
        newsroom.deliver(delivered)
        first.append(newsroom.last)
    for delivered, before in zip(messages, first, strict=True):
        again = newsroom.stage.handle(delivered, START)
        assert again == Outcome(emits=before.emits)


def test_handling_changes_nothing_until_it_is_applied(
    newsroom: Newsroom, wire_story: list[str], message: Callable[..., Message]
) -> None:
    newsroom.tell(OTHER, name="zero")
    story = message("\n".join(wire_story))
    assert newsroom.stage.handle(story, START) == newsroom.stage.handle(story, START)
    assert newsroom.stage.health().gauges["articles"] == 1


def test_a_stage_rebuilt_in_any_order_decides_alike(
    newsroom: Newsroom, wire_story: list[str], message: Callable[..., Message]
) -> None:
    rng = random.Random(3)
    vocabulary = [f"word{number}" for number in range(400)]
    texts = [" ".join(rng.choices(vocabulary, k=120)) for _ in range(60)]
    for number, text in enumerate(texts):
        newsroom.tell(text, name=str(number))
        if number % 3 == 0:
            newsroom.tell(text + " and more", name=str(number), revision=2)
        if number % 4 == 0:
            newsroom.tell(text[:-60], name=f"copy {number}", domain="second.example")
    asked = [message(text[40:], name=f"asked {number}") for number, text in enumerate(texts)]
    asked += [message(text + " again", name=str(number), revision=3) for number, text in enumerate(texts)]
    asked += [message(text, name=str(number)) for number, text in enumerate(texts)]
    expected = [newsroom.stage.handle(each, START) for each in asked]
    assert {verdict_of(outcome).decision for outcome in expected} >= {"unique", "near-copy", "revision"}
    for _ in range(3):
        keys = list(newsroom.table)
        rng.shuffle(keys)
        rebuilt = newsroom.restarted(keys)
        assert [rebuilt.handle(each, START) for each in asked] == expected
        assert rebuilt.health().gauges["articles"] == len(newsroom.table)


def test_many_messages_are_answered_like_one_after_another(
    newsroom: Newsroom, wire_story: list[str], message: Callable[..., Message]
) -> None:
    texts = ["\n".join(wire_story), OTHER, "\n".join(wire_story[:3]), "", OTHER.upper(), "Short."]
    messages = [message(text, name=f"n{number}") for number, text in enumerate(texts)]
    together = build().handle_many(messages, START)
    one_by_one = []
    for each in messages:
        newsroom.deliver(each)
        one_by_one.append(newsroom.last)
    assert together == one_by_one


def test_a_bad_message_fails_alone(message: Callable[..., Message], wire_story: list[str]) -> None:
    good, bad_id = message("\n".join(wire_story)), message(OTHER, name="two")
    bad_id.value.id = "not an id"  # type: ignore[attr-defined]
    no_article = Message(ARTICLES_RAW, "en", Verdict(), "x", START)
    answers = build().handle_many([bad_id, no_article, good], START)
    assert isinstance(answers[0], Failure)
    assert "not an id" in str(answers[0].error)
    assert isinstance(answers[1], Failure)
    assert "Article" in str(answers[1].error)
    assert isinstance(answers[2], Outcome)
    assert verdict_of(answers[2]).decision == "unique"


def test_after_the_horizon_an_article_is_new_again(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story))
    late = newsroom.tell("\n".join(wire_story), after=HORIZON + timedelta(seconds=1), **SECOND_SOURCE)
    assert late.decision == "unique"


def test_within_the_horizon_it_is_not(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story))
    assert newsroom.tell("\n".join(wire_story), after=HORIZON, **SECOND_SOURCE).decision == "exact-copy"


def test_expired_articles_are_removed_a_few_with_each_message(newsroom: Newsroom) -> None:
    for number in range(30):
        newsroom.tell(f"{OTHER} {number}" * 2, name=f"old {number}")
    sizes = []
    for number in range(12):
        newsroom.tell(f"Report {number}", name=f"new {number}", after=HORIZON + timedelta(hours=2))
        sizes.append(len(newsroom.table))
        assert sum(write.value is None for write in newsroom.last.writes) <= 4
    assert sizes[-1] == 12
    assert newsroom.stage.health().gauges["articles"] == 12


def test_forgetting_what_is_not_known_is_no_error() -> None:
    Dedup().apply(Write(FIRST, None))


def test_a_gigantic_text_is_answered_with_an_entry_of_the_usual_size(newsroom: Newsroom) -> None:
    rng = random.Random(1)
    text = " ".join(str(rng.randrange(10**6)) for _ in range(150_000))
    assert newsroom.tell(text).decision == "unique"
    assert len(newsroom.last.writes[0].value or b"") < 400
    assert newsroom.tell(text[:-10], **SECOND_SOURCE).decision == "near-copy"


@pytest.mark.parametrize("nearer_first", [True, False])
def test_of_two_articles_the_more_similar_one_is_copied(newsroom: Newsroom, nearer_first: bool) -> None:
    words = [f"{letter}{other}" for letter in "bcdfghklmn" for other in "bcdfghklmn"]

    def edited(places: range) -> str:
        return " ".join("xx" if at in places[::5] else word for at, word in enumerate(words))

    near, far = edited(range(0, 15)), edited(range(30, 65))
    known = [("near", near), ("far", far)] if nearer_first else [("far", far), ("near", near)]
    assert [newsroom.tell(text, name).decision for name, text in known] == ["unique", "unique"]
    verdict = newsroom.tell(" ".join(words), **SECOND_SOURCE)
    assert verdict.decision == "near-copy"
    assert verdict.of_article_id == article_id(lineage_id("first.example", "near"), 1)
    assert verdict.similarity >= 0.6


def withdrawal(name: str, revision: int, domain: str = "first.example") -> Message:
    message = make_message("", name, revision=revision, domain=domain)
    message.value.withdrawn = "gone"  # type: ignore[attr-defined]
    return message


def test_a_withdrawal_goes_on_and_names_what_went_on_before(newsroom: Newsroom, wire_story: list[str]) -> None:
    first = newsroom.tell("\n".join(wire_story))
    verdict = newsroom.deliver(withdrawal("one", 2))
    assert (verdict.decision, verdict.of_article_id) == ("withdrawn", first.article_id)
    assert isinstance(newsroom.last.emits[0].value, UniqueArticle)
    assert newsroom.deliver(withdrawal("one", 2)) == verdict  # delivered again


def test_a_withdrawal_stays_here_while_others_print_the_same_text(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story))
    newsroom.tell("\n".join(wire_story), domain="second.example")
    assert newsroom.stage.handle(withdrawal("one", 2), START) == Outcome()


def test_a_withdrawn_copy_goes_on_so_that_it_is_counted_no_longer(newsroom: Newsroom, wire_story: list[str]) -> None:
    newsroom.tell("\n".join(wire_story))
    newsroom.tell("\n".join(wire_story), domain="second.example")
    verdict = newsroom.deliver(withdrawal("one", 2, domain="second.example"))
    assert (verdict.decision, verdict.of_article_id) == ("withdrawn", "")


def test_the_text_of_a_withdrawn_article_is_new_where_others_bring_it_later(
    newsroom: Newsroom, wire_story: list[str]
) -> None:
    newsroom.tell("\n".join(wire_story))
    newsroom.deliver(withdrawal("one", 2))
    assert newsroom.tell("\n".join(wire_story), domain="second.example").decision == "unique"
    assert newsroom.tell("\n".join(wire_story), revision=3).decision in ("revision", "exact-copy")


def test_withdrawals_are_no_copies_of_each_other(newsroom: Newsroom) -> None:
    assert newsroom.deliver(withdrawal("one", 2)).decision == "withdrawn"
    assert newsroom.deliver(withdrawal("two", 2)).of_article_id == ""


def test_a_language_that_fell_silent_is_forgotten_by_the_clock_in_bounded_steps(newsroom: Newsroom) -> None:
    articles = EXPIRED_A_STEP + 10
    for number in range(articles):
        newsroom.tell(f"Report {number}", name=f"old {number}")
    newsroom.tell("Report", name="young", after=HORIZON)
    assert newsroom.stage.due(START + HORIZON).empty
    steps = []
    while not (outcome := newsroom.stage.due(START + HORIZON + timedelta(hours=2))).empty:
        assert not outcome.emits
        for write in outcome.writes:
            newsroom.stage.apply(write)
        steps.append(len(outcome.writes))
    assert steps == [EXPIRED_A_STEP, 10]
    assert newsroom.stage.health().gauges["articles"] == 1
