"""The marks: events that a careful reader finds in the marked articles, by key and offsets, without their texts.

`tests/eval/marks/README.md` has the guidelines. `articles.jsonl` names the articles of each half and how far they were
read, `open.jsonl` and `held-out.jsonl` have an event a line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from services.contracts.ontology import event_types
from tests.eval.marked_texts import NewsText

FOLDER = Path(__file__).resolve().parent / "marks"
HALVES = ("open", "held-out")
STATUSES = frozenset({"considered", "requested", "planned", "agreed", "ongoing", "occurred", "denied", "cancelled"})
ROLES = frozenset({"source", "target", "subject", "party"})


class MarksError(Exception):
    """A mark is wrong; the text names its file and line and what to correct."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open range of code points in an article's text, or in its title."""

    start: int
    end: int
    in_title: bool

    def holds(self, start: int, *, in_title: bool) -> bool:
        """Return whether something that begins at ``start`` stands in it."""
        return in_title == self.in_title and self.start <= start < self.end


@dataclass(frozen=True, slots=True)
class Telling:
    """One sentence that tells of an event."""

    sentence: Stretch
    sha256: str
    """First 16 hexadecimal digits of the SHA-256 of the sentence."""
    trigger: Stretch
    """The word that names the event there."""


@dataclass(frozen=True, slots=True)
class MarkedParticipant:
    """Somebody or something that takes part."""

    role: str
    names: tuple[str, ...]
    """Any of these is right: "FBI", "Christopher Wray"."""
    optional: bool
    """True where a reader may leave it out: it counts only when it was found."""


@dataclass(frozen=True, slots=True)
class MarkedQuantity:
    """A number that the text tells of an event."""

    value: float
    qualifier: str
    """As of `Quantity` in the contract: "at_least"."""
    measure: str
    """As of `Quantity` in the contract: "killed"; empty where it does not matter."""


@dataclass(frozen=True, slots=True)
class MarkedEvent:
    """An event that the article tells of."""

    types: tuple[str, ...]
    """Any of these is right."""
    statuses: tuple[str, ...]
    told: tuple[Telling, ...]
    participants: tuple[MarkedParticipant, ...]
    places: tuple[str, ...]
    """Names for where it takes place, the most exact first; empty where the text does not tell."""
    time: tuple[str, str] | None
    """First and last day, ISO 8601; None where the text does not tell."""
    background: bool
    """True for history that the article only recalls."""
    optional: bool
    """True where careful readers differ on whether it is worth listing: finding it is right, missing it no error."""
    quantities: tuple[MarkedQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkedArticle:
    """An article of the set and its events."""

    key: str
    published: str
    """ISO date; of ECB+ articles without one a day on which their words ("on Saturday") are true."""
    sha256: str
    """First 16 hexadecimal digits of the SHA-256 of title, line feed and text."""
    read_to: int
    """The text was read up to this offset."""
    events: tuple[MarkedEvent, ...]


def digest(*parts: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of ``parts``, a line each."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def near(one: str, other: str) -> bool:
    """Return whether careful readers choose between these two types for one event."""
    return one == other or any(one in group and other in group for group in _groups())


@cache
def _groups() -> tuple[frozenset[str], ...]:
    path = FOLDER / "near_types.tsv"
    groups = tuple(
        frozenset(line.split()) for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
    unknown = sorted(set().union(*groups) - set(event_types()))
    if unknown:
        raise MarksError(f"{path.name}: unknown types {', '.join(unknown)}: use those of ontology.tsv.")
    return groups


def load(half: str, folder: Path = FOLDER) -> list[MarkedArticle]:
    """Return the marked articles of "open" or "held-out". Raises MarksError naming what is wrong."""
    if half not in HALVES:
        raise MarksError(f"there is no half {half!r}: use {' or '.join(HALVES)}")
    events: dict[str, list[MarkedEvent]] = {}
    for number, row in _rows(folder / f"{half}.jsonl"):
        try:
            events.setdefault(row["article"], []).append(event_of(row))
        except (KeyError, TypeError, ValueError) as error:
            raise MarksError(f"{half}.jsonl line {number}: {error}") from error
    articles = [
        MarkedArticle(
            row["article"], row["published"], row["sha256"], row["read_to"], tuple(events.pop(row["article"], ()))
        )
        for _, row in _rows(folder / "articles.jsonl")
        if row["half"] == half
    ]
    if events:
        raise MarksError(f"{half}.jsonl: {', '.join(sorted(events))} are not in this half of articles.jsonl")
    return articles


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        yield number, json.loads(line)


def event_of(row: dict[str, Any]) -> MarkedEvent:
    """Return the event of a line of marks. Raises KeyError, TypeError or ValueError, naming what is wrong in it."""
    _known("type", row["types"], event_types())
    _known("status", row["statuses"], STATUSES)
    _known("role", [each["role"] for each in row["participants"]], ROLES)
    return MarkedEvent(
        types=tuple(row["types"]),
        statuses=tuple(row["statuses"]),
        told=tuple(
            Telling(
                _stretch(each["sentence"], each),
                each["sha256"],
                _stretch(each["trigger"], each),
            )
            for each in row["told"]
        ),
        participants=tuple(
            MarkedParticipant(each["role"], tuple(each["names"]), each.get("optional", False))
            for each in row["participants"]
        ),
        places=tuple(row["places"]),
        time=(row["time"][0], row["time"][1]) if row["time"] else None,
        background=row.get("background", False),
        optional=row.get("optional", False),
        quantities=tuple(
            MarkedQuantity(each["value"], each["qualifier"], each.get("measure", ""))
            for each in row.get("quantities", ())
        ),
    )


def _stretch(ends: list[int], told: dict[str, Any]) -> Stretch:
    start, end = ends
    return Stretch(start, end, told["in_title"])


def _known(what: str, values: list[str], allowed: Any) -> None:
    unknown = [value for value in values if value not in allowed]
    if unknown or (what != "role" and not values):
        raise ValueError(f"{what} {', '.join(unknown) or 'missing'}: use one of {', '.join(sorted(allowed))}")


def stale(article: MarkedArticle, text: NewsText | None) -> str:
    """Return why ``article`` cannot be compared with ``text``; empty where it can."""
    if text is None:
        return "is not in the development data"
    if digest(text.title, text.text) != article.sha256:
        return "has another text than the one that was marked"
    for event in article.events:
        for told in event.told:
            whole = text.title if told.sentence.in_title else text.text
            if digest(whole[told.sentence.start : told.sentence.end]) != told.sha256:
                return f"has another sentence at {told.sentence.start}"
    return ""
