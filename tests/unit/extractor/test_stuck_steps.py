"""An article with a step that does not end is read in part, its batch is read on, and it is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.cli.run_stages import stage_builder
from services.extractor import reading
from services.extractor.drafts import Draft
from services.extractor.nlp import default_parser
from services.extractor.reading import Reading, Text, read
from services.extractor.stage import Extractor
from services.runtime.settings import RuntimeSettings
from services.runtime.stage import Outcome
from services.runtime.watchdog import Watchdog
from tests.unit.extractor.articles import PUBLISHED, unique

FIVE = "\n".join(f"Police arrested {name} Maric in Oslo." for name in ("Ivo", "Ana", "Jo", "Lea", "Max"))
OTHER = "Turkish police arrested Leyla Demir in Izmir."
LONG = 300_000_000
"""Turns of a loop that stands for an endless one; a test whose watchdog does not bite fails after them."""


class Step:
    """Replaces a step of the reader by one that does not end where ``stuck`` says so of what it is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, stuck: Callable[..., bool]) -> None:
        self._whole = getattr(reading, name)
        self._stuck = stuck
        self._computed = 0.0
        self.guard = Watchdog(lambda: lambda: self._computed, poll_s=0.001)
        monkeypatch.setattr(reading, name, self)

    def __call__(self, *given: Any) -> Any:
        if self._stuck(*given):
            self._computed += 1e6
            for _ in range(LONG):
                pass
            pytest.fail("nobody ended the step")
        return self._whole(*given)


def part(text: str, step: Step) -> Reading:
    """Return what is read of ``text`` while another article of the batch is read whole."""
    found, other = read(
        [Text("", text, PUBLISHED), Text("", OTHER, PUBLISHED)], default_parser(), "full", None, step.guard
    )
    assert isinstance(found, Reading), found
    assert isinstance(other, Reading), other
    assert other.notes == ()
    assert arrested(other) == ["Leyla Demir"]
    return found


def arrested(found: Reading) -> list[str]:
    return [each.text for draft in found.drafts for each in draft.participants if each.role == "target"]


def tells_of(name: str) -> Callable[..., bool]:
    return lambda trigger, *_: name in trigger.token.doc.text


def any_of(name: str) -> Callable[..., bool]:
    def found(drafts: list[Draft], *_: Any) -> bool:
        return any(name in draft.trigger.token.doc.text for draft in drafts)

    return found


def test_a_sentence_that_does_not_end_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = part(FIVE, Step(monkeypatch, "draft", tells_of("Jo ")))
    assert found.notes == ("sentence-stuck",)
    assert arrested(found) == ["Ivo Maric", "Ana Maric", "Lea Maric", "Max Maric"]


def test_a_sentence_whose_triggers_do_not_end_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = part(FIVE, Step(monkeypatch, "find", lambda doc, *_: "Jo " in doc.text))
    assert found.notes == ("sentence-stuck",)
    assert arrested(found) == ["Ivo Maric", "Ana Maric", "Lea Maric", "Max Maric"]


def test_what_was_told_before_the_end_is_kept_where_only_the_setting_does_not_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = part(FIVE, Step(monkeypatch, "furnish", any_of("Jo ")))
    assert found.notes == ("out-of-time",)
    assert len(arrested(found)) == 5


@pytest.mark.parametrize("name", ["settle", "ActorResolver", "read_sentences"])
def test_an_article_that_does_not_end_as_a_whole_tells_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*given: Any) -> bool:
        return (name == "settle" and any_of("Jo ")(*given)) or (name != "settle" and "Maric" in str(given))

    found = part(FIVE, Step(monkeypatch, name, stuck))
    assert found == Reading([], ("out-of-time",))


def test_its_note_stands_on_the_batches_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    step, told = Step(monkeypatch, "draft", tells_of("Jo ")), list[str]()
    outcome = Extractor(guard=step.guard, cut=told.append).handle(unique(FIVE), PUBLISHED)
    assert [list(emit.value.notes) for emit in outcome.emits] == [["sentence-stuck"]]  # type: ignore[attr-defined]
    assert told == ["sentence-stuck"]


def test_the_last_resort_surrounds_every_batch() -> None:
    said: list[str] = []

    @contextmanager
    def last_resort(articles: int) -> Iterator[None]:
        said.append(f"{articles} begun")
        yield
        said.append("done")

    extractor = Extractor(last_resort=last_resort)
    extractor.handle_many([unique(FIVE), unique(OTHER, identity="a2")], PUBLISHED)
    assert said == ["2 begun", "done"]


def test_the_stage_of_both_runtimes_is_guarded_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the computing time that it really takes: here a sentence may take a twentieth of a second."""
    monkeypatch.setattr(reading, "SENTENCE_S", 0.05)
    Step(monkeypatch, "draft", tells_of("Jo "))
    before = _counted()
    surrounded: list[float] = []
    monkeypatch.setattr("faulthandler.dump_traceback_later", lambda seconds, **_: surrounded.append(seconds))
    (answer,) = stage_builder("extractor", RuntimeSettings())().handle_many([unique(FIVE)], PUBLISHED)
    assert isinstance(answer, Outcome)
    assert sum(len(emit.value.mentions) for emit in answer.emits) >= 3  # type: ignore[attr-defined, misc]
    assert _counted() == before + 1
    assert surrounded


def _counted() -> float:
    return REGISTRY.get_sample_value("dateline_cut_articles_total", {"note": "sentence-stuck"}) or 0.0
