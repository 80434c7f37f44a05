"""The view of `dateline extract`: each event beneath the sentence that tells it, in aligned rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.cli.extract_view import view
from services.contracts.dateline.v1.article_pb2 import Article, Source
from services.contracts.dateline.v1.event_pb2 import (
    Attribution,
    Codes,
    Entity,
    EventTime,
    Mention,
    Participant,
    Place,
    Quantity,
    Span,
)
from services.extractor.explain import Explained

FIRST = "The lake was calm. Kenya freed 12 men in Kisumu on Tuesday, police said. Crews cheered."
SECOND = "It rained later."
FREED = "Kenya freed 12 men in Kisumu on Tuesday, police said."


def article() -> Article:
    made = Article(title="Kenya frees fishermen", text=f"{FIRST}\n{SECOND}", source=Source(name="The Courier"))
    made.published_at.at.FromJsonString("2026-03-11T09:00:00Z")
    return made


def freed(*, in_title: bool = False) -> Explained:
    start = 0 if in_title else FIRST.index(FREED)
    trigger = start + 6
    mention = Mention(
        sentence="Kenya frees fishermen" if in_title else FREED,
        sentence_span=Span(start=start, end=start + len(FREED), in_title=in_title),
        trigger_span=Span(start=trigger, end=trigger + 5, in_title=in_title),
        type="release",
        status="occurred",
        participants=[
            Participant(role="source", text="Kenya", entity=Entity(name="Kenya", kind="country", country="KEN")),
            Participant(role="target", text="12 men"),
        ],
        place=Place(text="Kisumu", name="Kisumu", country="KEN", precision="city", lat=-0.1022, lon=34.7617),
        time=EventTime(start="2026-03-10", end="2026-03-10", granularity="day", text="Tuesday", origin="text"),
        quantities=[Quantity(value=12, unit="men", qualifier="exactly", measure="count", text="12 men")],
        attribution=Attribution(text="police", entity=Entity(name="police", kind="group", sector="COP"), verb="say"),
        codes=Codes(plover="CONCEDE", cameo="0841"),
        confidence=0.9,
    )
    return Explained(mention, "“freed” is told as a fact")


def test_an_event_stands_beneath_its_sentence_in_aligned_rows() -> None:
    lines = list(view(article(), [freed()], 100))
    assert lines == [
        "Kenya frees fishermen",
        "published Wednesday, 11 March 2026 · The Courier · 1 event",
        "",
        "The lake was calm.",
        FREED,
        "  > release, occurred  “freed”",
        "      source      Kenya (country, KEN)",
        "      target      12 men",
        "      place       Kisumu (KEN, city, -0.10, 34.76)",
        "      time        2026-03-10 (day, “Tuesday”)",
        "      quantity    12 men (count, “12 men”)",
        "      said by     police (group, COP, verb: say)",
        "      why         “freed” is told as a fact",
        "      codes       PLOVER CONCEDE · CAMEO 0841 Return, release person(s)",
        "      topic       medtop:02000000 crime, law and justice",
        "      confidence  0.90",
        "Crews cheered.",
        "",
        "It rained later.",
    ]


def test_what_the_title_tells_stands_beneath_the_title() -> None:
    lines = list(view(article(), [freed(in_title=True)], 100))
    assert lines[2] == "  > release, occurred  “frees”"
    assert lines[-3:] == [FIRST, "", SECOND]


def test_no_line_is_wider_than_asked() -> None:
    told = freed()
    told.mention.participants[0].text = "the " + "very " * 30 + "old government"
    assert max(map(len, view(article(), [told], 60))) <= 60


def test_all_of_the_text_is_shown_whatever_is_found() -> None:
    for told in ([], [freed()], [freed(), freed()]):
        shown = " ".join(" ".join(view(article(), told, 80)).split())
        for sentence in ("The lake was calm.", "Crews cheered.", SECOND):
            assert shown.count(sentence) == 1


def test_an_article_without_events_or_date_says_so() -> None:
    bare = Article(text=SECOND)
    bare.first_seen_at.FromJsonString("2026-03-12T09:00:00Z")
    assert list(view(bare, [], 100)) == [
        "read as of Thursday, 12 March 2026; --date says when it was published · no events found",
        "",
        SECOND,
    ]


def test_an_event_over_several_days_shows_both_ends() -> None:
    told = freed()
    told.mention.time.end = "2026-03-12"
    assert "      time        2026-03-10 to 2026-03-12 (day, “Tuesday”)" in list(view(article(), [told], 100))


def test_who_has_another_name_in_the_text_is_shown_with_both() -> None:
    told = freed()
    told.mention.participants[0].entity.name = "Republic of Kenya"
    assert "      source      Republic of Kenya, here “Kenya” (country, KEN)" in list(view(article(), [told], 100))


def test_an_estimate_keeps_its_qualifier() -> None:
    told = freed()
    told.mention.quantities[0].CopyFrom(Quantity(value=1250.5, unit="tonnes", qualifier="at_least", measure="amount"))
    assert "      quantity    at least 1,250.5 tonnes (amount)" in list(view(article(), [told], 100))


def test_what_is_too_unsure_to_be_sent_is_shown_as_such() -> None:
    told = replace(freed(), sent=False)
    assert "      confidence  0.90, too unsure to be sent" in list(view(article(), [told], 100))


def test_nothing_in_an_article_commands_the_terminal() -> None:
    told = freed()
    told.mention.participants[0].text = "Kenya\x1b]0;owned\x07"
    hostile = Article(title="A\u202etitle\x9b31m", text=f"{FIRST}\x1b[2J\n{SECOND}\x08")
    shown = "\n".join(view(hostile, [told], 100))
    assert "owned" in shown
    assert not set("\x1b\x07\x08\x9b\u202e") & set(shown)


@given(st.lists(st.text(st.sampled_from("ab .\n"), max_size=40), max_size=6), st.data())
def test_every_word_of_any_text_is_shown_in_its_order(parts: list[str], data: st.DataObject) -> None:
    text = " ".join(parts)
    spans = []
    for begin, paragraph in _paragraphs(text):
        cuts = sorted(data.draw(st.sets(st.integers(0, len(paragraph)), max_size=4)))
        spans += [(begin + one, begin + two) for one, two in pairwise(cuts)]
    told = []
    for start, end in spans:
        each = freed()
        each.mention.sentence_span.CopyFrom(Span(start=start, end=end))
        each.mention.trigger_span.CopyFrom(Span(start=start, end=end))
        told.append(each)
    shown = [line for line in view(Article(text=text), told, 60) if not line.startswith("  ")]
    assert " ".join(" ".join(shown[1:]).split()).replace(" ", "") == "".join(text.split())


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for paragraph in text.split("\n"):
        yield begin, paragraph
        begin += len(paragraph) + 1
