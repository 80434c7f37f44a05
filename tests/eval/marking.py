"""Marking articles: from a reader's notes to marks with offsets, and back.

    python -m tests.eval.marking show KEY ...      the sentences of articles, numbered, with their marks as notes
    python -m tests.eval.marking keep HALF FILE    replace the marks of the articles in the notes FILE

A note is one line: ``types|statuses|told|participants|places|time|flags``. ``told`` lists sentence=word pairs ("t" is
the title), participants a role letter (S source, T target, J subject, P party; "?" after it where optional) and names;
"/" separates what is equally right. ``arrest|o|t=arrests;3=held|S police;T Ann Roe/suspect|Leeds/GBR|2024-05-01|bg``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from services.extractor.sentences import Sentence, read_sentences
from tests.eval.marked_events import FOLDER, HALVES, MarkedArticle, MarkedEvent, MarksError, digest, load
from tests.eval.marked_texts import NewsText, drawn, texts

READ = 25
"""Sentences of a text that are marked, after its title."""
SHARED = Path(__file__).resolve().parents[3] / "shared"
_STATUS = {
    "c": "considered",
    "r": "requested",
    "p": "planned",
    "a": "agreed",
    "g": "ongoing",
    "o": "occurred",
    "d": "denied",
    "x": "cancelled",
}
_ROLE = {"S": "source", "T": "target", "J": "subject", "P": "party"}
_FLAGS = {"bg": "background", "opt": "optional"}


def numbered(text: NewsText) -> dict[str, Sentence]:
    """Return what is marked of ``text``: its title as "t", its first sentences as "1", "2", ..."""
    told = read_sentences(text.title, text.text)
    found = {"t": told.title} if told.title is not None else {}
    return found | {str(number): each for number, each in enumerate(told.body[:READ], start=1)}


def event_row(key: str, note: str, known: dict[str, Sentence]) -> dict[str, Any]:
    """Return the line of an event file for ``note``. Raises MarksError naming the note and what is wrong in it."""
    parts = note.split("|")
    if len(parts) != 7:
        raise MarksError(f"{key}: {note!r} has {len(parts)} parts, not 7")
    types, statuses, told, people, places, time, flags = parts
    try:
        row: dict[str, Any] = {
            "article": key,
            "types": types.split("/"),
            "statuses": [_STATUS[each] for each in statuses.split("/")],
            "told": [_told(each, known) for each in told.split(";")],
            "participants": [_participant(each) for each in people.split(";") if each],
            "places": [each for each in places.split("/") if each],
            "time": (time.split("..") * 2)[:2] if time else None,
        }
        row |= {_FLAGS[each]: True for each in flags.split()}
    except (KeyError, ValueError) as error:
        raise MarksError(f"{key}: {note!r}: {error}") from error
    return row


def _told(pair: str, known: dict[str, Sentence]) -> dict[str, Any]:
    number, _, word = pair.partition("=")
    sentence = known[number]
    at = sentence.text.find(word)
    if at < 0 or not word:
        raise ValueError(f"sentence {number} has no {word!r}")
    start = sentence.start + at
    return {
        "in_title": sentence.in_title,
        "sentence": [sentence.start, sentence.end],
        "sha256": digest(sentence.text),
        "trigger": [start, start + len(word)],
    }


def _participant(note: str) -> dict[str, Any]:
    role, _, names = note.partition(" ")
    found: dict[str, Any] = {"role": _ROLE[role[0]], "names": [name for name in names.split("/") if name]}
    if not found["names"]:
        raise ValueError(f"participant {note!r} has no name")
    return found | ({"optional": True} if role.endswith("?") else {})


def note(event: MarkedEvent, text: NewsText) -> str:
    """Return ``event`` as a note on ``text``."""
    numbers = {(each.in_title, each.start): number for number, each in numbered(text).items()}
    short = {value: key for key, value in (_STATUS | _ROLE).items()}
    told = [
        f"{numbers.get((each.sentence.in_title, each.sentence.start), '?')}="
        f"{(text.title if each.trigger.in_title else text.text)[each.trigger.start : each.trigger.end]}"
        for each in event.told
    ]
    people = [f"{short[each.role]}{'?' * each.optional} {'/'.join(each.names)}" for each in event.participants]
    time = "" if event.time is None else event.time[0] if event.time[0] == event.time[1] else "..".join(event.time)
    flags = [flag for flag, name in _FLAGS.items() if getattr(event, name)]
    statuses = "/".join(short[each] for each in event.statuses)
    return "|".join(
        (
            "/".join(event.types),
            statuses,
            ";".join(told),
            ";".join(people),
            "/".join(event.places),
            time,
            " ".join(flags),
        )
    )


def _show(keys: Iterable[str]) -> Iterator[str]:
    every = texts(SHARED)
    marked = {article.key: article for half in HALVES for article in load(half)}
    for key in keys:
        article: MarkedArticle | None = marked.get(key)
        yield f"@ {key} {article.published if article is not None else ''}"
        yield from (f"# {number} {each.text}" for number, each in numbered(every[key]).items())
        yield from (note(event, every[key]) for event in (article.events if article is not None else ()))


def keep(half: str, lines: Iterable[str], every: dict[str, NewsText], folder: Path = FOLDER) -> None:
    """Replace the marks of the articles in the notes ``lines``; "@ KEY DATE" begins an article."""
    old = {name: (folder / name) for name in ("articles.jsonl", f"{half}.jsonl")}
    rows = {name: _read(path) for name, path in old.items()}
    key, known = "", {}
    for line in (line.strip() for line in lines):
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            _, key, published = line.split()
            text = every[key]
            known = numbered(text)
            ends = [each.end for each in known.values() if not each.in_title]
            for name, kept in rows.items():
                rows[name] = [row for row in kept if row["article"] != key]
            rows["articles.jsonl"].append(
                {
                    "article": key,
                    "half": half,
                    "published": published,
                    "sha256": digest(text.title, text.text),
                    "read_to": ends[-1] if ends else 0,
                    "sentences": len(ends),
                }
            )
        else:
            rows[f"{half}.jsonl"].append(event_row(key, line, known))
    for name, path in old.items():
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[name]), encoding="utf-8")


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def main(arguments: list[str]) -> int:
    """Run the command; 2 where it is not known."""
    match arguments:
        case ["drawn"]:
            for half, keys in drawn(SHARED).items():
                print("\n".join(f"{half} {key}" for key in keys))
        case ["show", *keys]:
            print("\n".join(_show(keys)))
        case ["keep", half, path] if half in HALVES:
            keep(half, Path(path).read_text(encoding="utf-8").splitlines(), texts(SHARED))
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
