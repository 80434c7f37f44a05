"""Whether the tables of the ontology fit together: what no single row can show.

Loading a table checks its rows (see ``tables``); this looks at all of them, for whoever extends the ontology.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from services.contracts.ontology import event_types
from services.extractor import actortables
from services.extractor.codes import TOPIC_IDS
from services.extractor.lexicon import lexicon
from services.extractor.schema import fault
from services.extractor.statuswords import status_words
from services.extractor.tables import numbered, schema

_KEYED: Final = (
    "cameo.tsv", "cameo_codes.tsv", "confidence.tsv", "frames.tsv", "iptc.tsv", "settings.tsv", "*/classes.tsv",
)  # fmt: skip
"""Tables with one row a name."""
_FULL: Final = ("cameo.tsv", "iptc.tsv", "en/triggers.tsv")
"""Tables that every event type must stand in."""


def problems() -> list[str]:
    """Return what is wrong with the tables, each with file and line where there is one; nothing where all is well."""
    found = [*_described(), *_rows(), *_doubled(), *_missing(), *_unknown_codes(), *_topics()]
    return found or list(_loading())


def _loading() -> Iterator[str]:
    """Yield what only those who use a table find wrong with it."""
    actors = (name.removeprefix("actors/").removesuffix(".tsv") for name in table_names() if name.startswith("actors/"))
    loads: list[Callable[[], object]] = [lexicon, status_words, *(partial(actortables.rows, table) for table in actors)]
    for load in loads:
        try:
            load()
        except ValueError as error:
            yield str(error)


@cache
def table_names() -> tuple[str, ...]:
    """Return the paths of all tables in ``ontology/``, sorted."""

    def below(folder: Traversable, path: str) -> Iterator[str]:
        for entry in folder.iterdir():
            if entry.is_dir():
                yield from below(entry, f"{path}{entry.name}/")
            elif entry.name.endswith(".tsv"):
                yield path + entry.name

    return tuple(sorted(below(files("services.extractor").joinpath("ontology"), "")))


def _first(name: str) -> Iterator[tuple[int, str]]:
    return ((number, fields[0]) for number, fields in numbered(name))


def _described() -> Iterator[str]:
    for name in table_names():
        if not schema().columns(name):
            yield f"{name}: schema.tsv does not describe its columns; add a row for each"
    for name in schema().tables:
        if "*" not in name and name not in table_names():
            yield f"schema.tsv describes {name}, which is not there"


def _rows() -> Iterator[str]:
    for name in table_names():
        for number, fields in numbered(name):
            wrong = fault(fields, schema().columns(name))
            if wrong:
                yield f"{name} line {number}, {wrong}"


def _doubled() -> Iterator[str]:
    for name in table_names():
        if name not in _KEYED and f"*/{name.rpartition('/')[2]}" not in _KEYED:
            continue
        seen: dict[str, int] = {}
        for number, key in _first(name):
            if key in seen:
                yield f"{name} line {number}: {key!r} stands on line {seen[key]} already"
            seen.setdefault(key, number)


def _missing() -> Iterator[str]:
    for name in _FULL:
        there = {key for _, key in _first(name)}
        for kind in event_types():
            if kind not in there:
                yield f"{name}: no row for the type {kind!r}"


def _unknown_codes() -> Iterator[str]:
    known = {key for _, key in _first("cameo_codes.tsv")}
    used = set()
    for number, fields in numbered("cameo.tsv"):
        for code in fields[1:]:
            used.add(code)
            if code != "-" and code not in known:
                yield f"cameo.tsv line {number}: {code} does not stand in cameo_codes.tsv; add it with its name"
        kind = event_types().get(fields[0])
        if kind is not None and not kind.plover and set(fields[1:]) != {"-"}:
            yield f"cameo.tsv line {number}: {fields[0]} has no PLOVER root, so it can have no CAMEO code"
    for number, code in _first("cameo_codes.tsv"):
        if code not in used:
            yield f"cameo_codes.tsv line {number}: no row of cameo.tsv uses {code}"


def _topics() -> Iterator[str]:
    names: dict[str, str] = {}
    for number, fields in numbered("iptc.tsv"):
        kind, medtop, name = (*fields, "", "", "")[:3]
        if names.setdefault(medtop, name) != name:
            yield f"iptc.tsv line {number}: {medtop} is called {names[medtop]!r} above"
        topic = event_types()[kind].topic if kind in event_types() else ""
        if medtop.endswith("000000") and topic and TOPIC_IDS[topic] != medtop:
            yield f"iptc.tsv line {number}: the type's topic {topic} is {TOPIC_IDS[topic]}, not {medtop}"
