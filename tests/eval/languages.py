"""How well news in other languages is read, on sentences written for it (see ``french_sentences.tsv``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from services.extractor.drafts import Draft, FoundParticipant
from services.extractor.entities import fold
from services.extractor.languages import Reader, Readers
from services.extractor.reading import Text, read

FRENCH: Final = Path(__file__).parent / "french_sentences.tsv"
PUBLISHED: Final = datetime(2025, 3, 6, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Marked:
    """One sentence with the event that it tells of."""

    half: str
    type: str
    """Empty where it tells no event."""
    status: str
    participants: tuple[tuple[str, str], ...]
    """Role and who: an alpha-3 code, "~word" of the text, or a name."""
    sentence: str


@dataclass(slots=True)
class Score:
    """Counts over sentences."""

    expected: int = 0
    found: int = 0
    right: int = 0
    status: int = 0
    people_expected: int = 0
    people_right: int = 0

    def figures(self) -> dict[str, float]:
        """Precision and recall of events; the share of those found whose status is right; recall of participants."""
        return {
            "events": self.expected,
            "precision": _ratio(self.right, self.found),
            "recall": _ratio(self.right, self.expected),
            "status": _ratio(self.status, self.right),
            "participants": _ratio(self.people_right, self.people_expected),
        }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 1.0


def marked(path: Path) -> Iterator[Marked]:
    """Yield the sentences of a table."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            half, kind, status, people, sentence = line.split("\t")
            pairs = [each.partition("=") for each in people.split(";") if people != "-"]
            named = tuple((role, who) for role, _, who in pairs)
            yield Marked(half, "" if kind == "-" else kind, status, named, sentence)


def _is(found: FoundParticipant, role: str, who: str) -> bool:
    if found.role != role:
        return False
    if who.startswith("~"):
        return who[1:].lower() in found.text.lower()
    actor = found.actor
    if len(who) == 3 and who.isupper():
        return actor is not None and actor.country == who
    return fold(actor.name if actor is not None else found.text) == fold(who)


def judge(one: Marked, drafts: Sequence[Draft], score: Score) -> list[str]:
    """Add one sentence to ``score``; return what is wrong with it."""
    wrong = []
    score.found += len(drafts)
    fitting = next((draft for draft in drafts if draft.type == one.type), None)
    wrong += [f"spurious {draft.type} ({draft.status.value})" for draft in drafts if draft is not fitting]
    if not one.type:
        return wrong
    score.expected += 1
    score.people_expected += len(one.participants)
    if fitting is None:
        return [*wrong, f"missed {one.type}"]
    score.right += 1
    if fitting.status.value == one.status:
        score.status += 1
    else:
        wrong.append(f"{one.type} is {fitting.status.value}, not {one.status}")
    for role, who in one.participants:
        if any(_is(found, role, who) for found in fitting.participants):
            score.people_right += 1
        else:
            wrong.append(f"{one.type} lacks {role} {who}")
    return wrong


def language_figures(path: Path, reader: Reader) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Return the figures of each half and, sentence by sentence, what is wrong in the tuned one."""
    scores: dict[str, Score] = {}
    notes = []
    for one in marked(path):
        (reading,) = read([Text("", one.sentence, PUBLISHED)], reader, "full")
        found = [] if isinstance(reading, Exception) else reading.drafts
        wrong = judge(one, found, scores.setdefault(one.half, Score()))
        if isinstance(reading, Exception):
            wrong.append(repr(reading))
        if wrong and one.half == "tuned":
            notes.append(f"{one.sentence} | {'; '.join(wrong)}")
    return {half: score.figures() for half, score in scores.items()}, notes


def evaluate(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield the figures of the tuned half and of the one that was written before the rules and left alone."""
    del shared
    if find_spec("fr_core_news_sm") is None:
        return
    figures, _ = language_figures(FRENCH, Readers("fr=fr_core_news_sm")["fr"])
    for half, values in figures.items():
        yield {"name": f"extractor.languages.fr.{half}", **values}
