"""The kinds of fields that the tables of ``ontology/`` have, and what a field of each kind may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from services.contracts.ontology import STATUSES, event_types

EFFECTS: Final = frozenset({*STATUSES, "threatened", "started", "ended", "-"})
"""What a word of ``status_words.tsv`` may say of the event it governs."""
TERM: Final = re.compile(r"(?P<title>[a-z][a-z ]*[a-z]) (?P<first>(?:19|20)\d\d)-(?P<last>(?:19|20)\d\d)?")
"""One term of office in years, both included: "president 2009-2017", "king 2013-"."""
_CAMEO = re.compile(r"(?:0[1-9]|1\d|20)(?:\d\d?)?")
_MEDTOP = re.compile(r"(?:0[1-9]|1[0-7])0{6}|200\d{5}")
_COUNTRY = re.compile(r"[A-Z]{3}")
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
_TEST = re.compile(r"!?[a-z-]+(?:\|[a-z-]+)*:[^|\s]+(?:\|[^|\s]+)*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    kind: str
    """A name of ``KINDS``, or "choice:" and the words it may hold."""
    optional: bool
    """True where a field may be empty."""
    meaning: str

    def complaint(self, field: str) -> str:
        """Return what is wrong with ``field``; empty where it is right."""
        if not field:
            return "" if self.optional else "must not be empty"
        if self.kind.startswith("choice:"):
            choices = self.kind.removeprefix("choice:").split("|")
            return "" if field in choices else f"must be {' or '.join(choices)}, not {field!r}"
        return KINDS[self.kind](field)


class Schema:
    """The columns of every table."""

    def __init__(self, tables: Mapping[str, tuple[Column, ...]]) -> None:
        self.tables = MappingProxyType(dict(tables))
        """By path in ``ontology/``; "*" stands for any language."""

    def columns(self, name: str) -> tuple[Column, ...]:
        """Return the columns of the table ``name``, a path in ``ontology/``; none where the schema does not know it."""
        folder, slash, file = name.rpartition("/")
        return self.tables.get(name) or self.tables.get(f"*{slash}{file}" if folder else "", ())


def column(fields: Sequence[str]) -> tuple[str, Column]:
    """Return the table and the column that a row of ``schema.tsv`` describes. Raises ValueError."""
    if len(fields) != 4:
        raise ValueError(f"4 tab-separated columns expected, {len(fields)} found")
    file, name, kind, meaning = fields
    plain = kind.removesuffix("?")
    if plain not in KINDS and not plain.startswith("choice:"):
        raise ValueError(f"kind {plain!r} is unknown: use {', '.join(sorted(KINDS))} or choice:a|b")
    return file, Column(name, plain, kind.endswith("?"), meaning)


def fault(fields: Sequence[str], columns: Sequence[Column]) -> str:
    """Return which column of a row is wrong and why; empty where the row is right or nothing is known of its table."""
    for number, each in enumerate(columns):
        complaint = each.complaint(fields[number].strip() if number < len(fields) else "")
        if complaint:
            return f"column {each.name}: {complaint}"
    if columns and len(fields) > len(columns):
        return f"{len(columns)} tab-separated columns expected, {len(fields)} found"
    return ""


def _type(field: str) -> str:
    return "" if field in event_types() else f"the ontology has no type {field!r} (services/contracts/ontology.tsv)"


def _matches(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    return lambda field: "" if pattern.fullmatch(field) else f"{field!r} is no {what}"


def _number(least: float, most: float) -> Callable[[str], str]:
    def complaint(field: str) -> str:
        try:
            value = float(field)
        except ValueError:
            return f"{field!r} is no number"
        return "" if least <= value <= most else f"{field} is not between {least:g} and {most:g}"

    return complaint


def _or_dash(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda field: "" if field == "-" else check(field)


def _words(field: str) -> str:
    if any(not word or word != word.strip() for word in field.split("|")):
        return f"{field!r}: alternatives are separated by | without spaces"
    return _twice(field.split("|"), field)


def _tests(field: str) -> str:
    wrong = next((part for part in field.split(" ") if not _TEST.fullmatch(part)), None)
    return "" if wrong is None else f"test {wrong!r} is not of the form key:value, alternatives separated by |"


def _effect(field: str) -> str:
    return "" if field in EFFECTS else f"effect {field!r} is unknown: use {', '.join(sorted(EFFECTS))}"


def _names(field: str) -> str:
    names = [name.strip() for name in field.split(";")]
    if not all(names):
        return f"{field!r} has an empty name"
    return _twice(names, field)


def _twice(names: Sequence[str], field: str) -> str:
    twice = next((name for name in names if names.count(name) > 1), None)
    return "" if twice is None else f"{twice!r} stands twice in {field!r}"


def _terms(field: str) -> str:
    for term in field.split(";"):
        found = TERM.fullmatch(term)
        if found is None:
            return f"{term!r} is no term such as 'president 2009-2017'"
        if found["last"] and int(found["last"]) < int(found["first"]):
            return f"the term {term!r} ends before it begins"
    return ""


def _any(field: str) -> str:
    return ""


KINDS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "text": _any,
        "name": _matches(_NAME, "name in lower case"),
        "names": _names,
        "terms": _terms,
        "words": _words,
        "tests": _or_dash(_tests),
        "type": _type,
        "effect": _effect,
        "cameo": _or_dash(_matches(_CAMEO, "CAMEO code")),
        "goldstein": _or_dash(_number(-10, 10)),
        "medtop": _matches(_MEDTOP, "id of a Media Topic"),
        "country": _matches(_COUNTRY, "ISO 3166-1 alpha-3 code"),
        "sector": _matches(_COUNTRY, "PLOVER actor sector"),
        "lat": _number(-90, 90),
        "lon": _number(-180, 180),
        "coefficient": _number(-20, 20),
    }
)
"""What is wrong with a field of a kind, in words; empty where it is right."""
