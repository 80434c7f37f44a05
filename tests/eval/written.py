"""How well the extractor reads short articles that were written for it, with their events, before any rule was tried.

`written/README.md` has the form. The figures are those of `marked`, of each area and of all; single errors are told of
the open half alone: nobody is to tune on the other.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from services.extractor.sentences import read_sentences
from services.extractor.stage import Extractor
from tests.eval.aligning import align
from tests.eval.marked import Totals, errors
from tests.eval.marked_events import HALVES, MarkedArticle, MarksError, digest, event_of
from tests.eval.marked_texts import NewsText
from tests.eval.seeds import mentions_of

FOLDER = Path(__file__).resolve().parent / "written"
MAX_SPURIOUS = 0.10
"""Of mentions on the held-out half."""
_TRIGGER = re.compile(r"\[([^\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class WrittenArticle:
    """An article with its text, which is ours, and its marks."""

    area: str
    """The file it stands in: the family of types it was written for."""
    half: str
    text: NewsText
    marks: MarkedArticle


def load(folder: Path = FOLDER) -> list[WrittenArticle]:
    """Return the articles of all areas. Raises MarksError with a line for each mark that is wrong."""
    found: dict[str, WrittenArticle] = {}
    wrong: list[str] = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                article = _article(path.stem, json.loads(line))
                if article.text.key in found:
                    raise ValueError(f"{article.text.key} was there before: give every article its own id")
                found[article.text.key] = article
            except (KeyError, TypeError, ValueError) as error:
                wrong.append(f"{path.name} line {number}: {error!s}")
    if wrong:
        raise MarksError("\n".join(wrong))
    return list(found.values())


def _article(area: str, row: dict[str, Any]) -> WrittenArticle:
    if row["half"] not in HALVES:
        raise ValueError(f"half {row['half']!r}: use {' or '.join(HALVES)}")
    date.fromisoformat(row["published"])
    text = NewsText(row["id"], row["title"], row["text"])
    events, wrong = [], []
    for event in row["events"]:
        try:
            events.append(event_of(event | {"told": [_told(snippet, text) for snippet in event["told"]]}))
        except (KeyError, TypeError, ValueError) as error:
            wrong.append(f"{'/'.join(event.get('types', ['no type']))}: {error!s}")
    if wrong:
        raise ValueError(f"{text.key}: " + "; ".join(wrong))
    marks = MarkedArticle(text.key, row["published"], digest(text.title, text.text), len(text.text), tuple(events))
    return WrittenArticle(area, row["half"], text, marks)


def _told(snippet: str, text: NewsText) -> dict[str, Any]:
    """Return the place of ``snippet``, found once in title or text, and of the trigger within it, as marks have it."""
    triggers = list(_TRIGGER.finditer(snippet))
    if len(triggers) != 1:
        raise ValueError(f"{snippet!r} has {len(triggers)} triggers in [brackets], not 1")
    (trigger,) = triggers
    plain = snippet[: trigger.start()] + trigger[1] + snippet[trigger.end() :]
    places = [(whole is text.title, at.start()) for whole in (text.title, text.text) for at in _each(plain, whole)]
    if len(places) != 1:
        raise ValueError(f"{plain!r} stands {len(places)} times in title and text, not once: quote more of it or less")
    ((in_title, at),) = places
    start = at + trigger.start()
    found = read_sentences(text.title, text.text)
    sentences = found.body if not in_title else [found.title] if found.title is not None else []
    here = [(each.start, each.end) for each in sentences if each.start <= start < each.end]
    # A sentence that the extractor leaves out stays a miss: the snippet then stands for it.
    first, last = here[0] if here else (at, at + len(plain))
    return {
        "in_title": in_title,
        "sentence": [first, last],
        "sha256": digest((text.title if in_title else text.text)[first:last]),
        "trigger": [start, start + len(trigger[1])],
    }


def _each(plain: str, whole: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<!\w){re.escape(plain)}(?!\w)", whole)


def evaluate(shared: Path, *, misses: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the figures of both halves; with ``misses`` what is missed, wrong and spurious in the open half."""
    extractor = Extractor()
    totals: dict[str, dict[str, Totals]] = {half: defaultdict(Totals) for half in HALVES}
    for article in load():
        published = datetime.fromisoformat(article.marks.published).replace(hour=18, tzinfo=UTC)
        found = mentions_of(extractor, article.text.title, article.text.text, published, article.text.key)
        aligned = align(article.marks, found)
        for name in (article.area, ""):
            totals[article.half][name].add(article.marks, aligned)
        if misses and article.half == "open":
            yield from errors(article.marks, article.text, aligned)
    for half, areas in totals.items():
        for area in sorted(areas, key=lambda name: (not name, name)):
            figures = areas[area].figures()
            judged = half != "open" and not area
            ok = {"spurious_at_most": MAX_SPURIOUS, "ok": figures["spurious"] <= MAX_SPURIOUS} if judged else {}
            yield {"name": ".".join(each for each in ("extractor.written", area, half) if each), **figures, **ok}
