"""Which mentions tell of which marked events, and which facts of an event they get right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.contracts.dateline.v1.event_pb2 import EventTime, Mention, Participant, Place, Quantity
from tests.eval.marked_events import MarkedArticle, MarkedEvent, MarkedParticipant, MarkedQuantity, near

FIELDS = (
    "type", "status", "participants", "participants_named", "roles", "place", "place_named", "time", "time_named",
    "quantities",
)  # fmt: skip
"""Fields that are scored. ``*_named``: of what the mentions name, the share that is right; else of what is marked."""
_WORD = re.compile(r"\w+")
_EMPTY = frozenset({"the", "a", "an", "of", "and", "mr", "mrs", "ms", "president", "minister", "prime"})
_RIGHT_ROLES = {
    "source": {"source", "party"},
    "target": {"target", "subject", "party"},
    "subject": {"subject", "target", "source"},
    "party": {"party", "source", "target"},
}
"""Roles that say the same: whom it is about may be told as a subject or a target, equal sides as source and target."""
_EXACT, _ON_TRIGGER, _STATUS, _WHO = 2.0, 1.5, 1.0, 1.0


@dataclass(slots=True)
class Aligned:
    """What an article's mentions are, held against its marks."""

    told: dict[int, list[Mention]] = field(default_factory=lambda: defaultdict(list))
    """By number of the event: the mentions that tell it in a marked sentence, under its type or a near one."""
    loose: list[Mention] = field(default_factory=list)
    """Mentions that tell a marked event elsewhere, or its words under another type."""
    spurious: list[Mention] = field(default_factory=list)
    """Mentions that match no mark."""

    @property
    def matched(self) -> list[Mention]:
        """Mentions that tell a marked event."""
        return [mention for mentions in self.told.values() for mention in mentions]


def align(article: MarkedArticle, mentions: Iterable[Mention]) -> Aligned:
    """Hold ``mentions`` of the marked stretch against the marks; those beyond it are left out."""
    found = Aligned()
    for mention in mentions:
        span = mention.trigger_span
        if not span.in_title and span.start >= article.read_to:
            continue
        number = _best(mention, article.events)
        if number is not None:
            found.told[number].append(mention)
        elif any(_loosely(mention, event) for event in article.events):
            found.loose.append(mention)
        else:
            found.spurious.append(mention)
    return found


def _best(mention: Mention, events: Sequence[MarkedEvent]) -> int | None:
    scores = [(_score(mention, event), -number) for number, event in enumerate(events)]
    best = max(scores, default=(0.0, 0))
    return -best[1] if best[0] > 0 else None


def _score(mention: Mention, event: MarkedEvent) -> float:
    """Return how well ``mention`` tells ``event``; 0 where it stands in no sentence of it or is of another type."""
    span = mention.trigger_span
    here = [each for each in event.told if each.sentence.holds(span.start, in_title=span.in_title)]
    if not here or not any(near(mention.type, each) for each in event.types):
        return 0.0
    score = 0.5 + _EXACT * (mention.type in event.types) + _STATUS * (mention.status in event.statuses)
    score += _ON_TRIGGER * any(_overlap(mention, each.trigger.start, each.trigger.end) for each in here)
    wanted = [each for each in event.participants if not each.optional]
    if wanted:
        score += _WHO * sum(any(_named(each, p) for p in mention.participants) for each in wanted) / len(wanted)
    return score - 0.25 * event.optional


def _overlap(mention: Mention, start: int, end: int) -> bool:
    return mention.trigger_span.start < end and mention.trigger_span.end > start


def _loosely(mention: Mention, event: MarkedEvent) -> bool:
    span = mention.trigger_span
    if any(
        each.trigger.in_title == span.in_title and _overlap(mention, each.trigger.start, each.trigger.end)
        for each in event.told
    ):
        return True
    shared = any(_named(each, other) for each in event.participants for other in mention.participants)
    return mention.type in event.types and (shared or not mention.participants)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in _EMPTY]


def _same(wanted: str, found: str) -> bool:
    """Return whether two names say the same: one has all words of the other, or they end in the same long word."""
    one, other = _words(wanted), _words(found)
    if not one or not other:
        return False
    return set(one) <= set(other) or set(other) <= set(one) or (one[-1] == other[-1] and len(one[-1]) > 3)


def _named(wanted: MarkedParticipant, found: Participant) -> bool:
    names = [found.text, found.entity.name]
    if found.entity.kind == "country":
        names.append(found.entity.country)
    return any(_same(name, each) for name in wanted.names for each in names)


def facts(event: MarkedEvent, mentions: Sequence[Mention]) -> dict[str, list[bool]]:
    """Return for each of FIELDS what of ``event`` the mentions that tell it get right, a value for each that counts.

    Type and status are those of the mention that tells most; who, where and when may stand in any of them, as the
    linker joins them.
    """
    best = max(mentions, key=lambda mention: _score(mention, event))
    people = [each for mention in mentions for each in mention.participants]
    wanted = [each for each in event.participants if not each.optional]
    paired = [(each, p) for each in event.participants for p in people if _named(each, p)]
    places = [mention.place for mention in mentions if mention.place.text]
    times = [mention.time for mention in mentions if mention.time.start]
    told = [time for time in times if time.origin == "text"]
    numbers = [each for mention in mentions for each in mention.quantities]
    return {
        "type": [best.type in event.types],
        "status": [best.status in event.statuses],
        "participants": [any(_named(each, p) for p in people) for each in wanted],
        "participants_named": [any(_named(each, p) for each in event.participants) for p in people],
        "roles": [p.role in _RIGHT_ROLES[each.role] for each, p in paired],
        "place": [any(right_place(event.places, place) for place in places)] if event.places else [],
        "place_named": [right_place(event.places, place) for place in places] if event.places else [],
        "time": [any(right_time(event.time, time) for time in times)] if event.time is not None else [],
        "time_named": [right_time(event.time, time) for time in told] if event.time is not None else [],
        "quantities": [any(right_quantity(each, q) for q in numbers) for each in event.quantities],
    }


def right_place(wanted: Sequence[str], found: Place) -> bool:
    """Return whether ``found`` is one of the places, names or ISO 3166-1 alpha-3 codes, at the exactness it claims."""
    names = [found.text, found.name, *([found.admin1] if found.precision != "country" else [])]
    if any(_same(each, name) for each in wanted if not _is_code(each) for name in names if name):
        return True
    whole = found.precision == "country" or all(_is_code(each) for each in wanted)
    return whole and found.country in wanted


def _is_code(name: str) -> bool:
    return len(name) == 3 and name.isupper()


def right_time(wanted: tuple[str, str], found: EventTime) -> bool:
    """Return whether ``found`` overlaps the days of ``wanted`` and is about as exact: at most 3 times as long."""
    start, end = (date.fromisoformat(each) for each in wanted)
    first = date.fromisoformat(found.start[:10])
    last = date.fromisoformat((found.end or found.start)[:10])
    return first <= end and last >= start and (last - first).days <= 3 * ((end - start).days + 1) + 3


def right_quantity(wanted: MarkedQuantity, found: Quantity) -> bool:
    """Return whether ``found`` is the number with its qualifier and, where one is marked, with what it measures."""
    same = abs(found.value - wanted.value) <= 1e-6 * abs(wanted.value) and found.qualifier == wanted.qualifier
    return same and wanted.measure in ("", found.measure)
