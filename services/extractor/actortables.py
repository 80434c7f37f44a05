"""The tables of ``ontology/actors/``: read and checked, so that a slip of the pen is named with its file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import pycountry

Row = tuple[str, ...]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "sectors": ("key", "text", "text"),
    "countries": ("country", "text", "names?", "names?", "names?"),
    "capitals": ("key", "country"),
    "institutions": ("names", "country?", "sector", "metonym?"),
    "companies": ("names", "country"),
    "leaders": ("country", "names", "names?", "terms"),
    "titles": ("key", "sector?", "gender?", "text?", "capital?"),
    "portfolios": ("names", "sector"),
    "group_nouns": ("key", "sector?", "owned?"),
    "parties": ("key", "country"),
    "name_ends": ("key", "sector?"),
    "name_starts": ("key",),
    "regions": ("key", "country?", "text?", "lat", "lon"),
    "sites": ("key", "country?", "text?", "lat?", "lon?"),
}
"""Kinds of the columns of each table, in order; "?" marks those that may be empty, and left out at the end of a row."""
TERM: Final = re.compile(r"(?P<title>[a-z][a-z ]*[a-z]) (?P<first>(?:19|20)\d\d)-(?P<last>(?:19|20)\d\d)?")
"""One term of office: "president 2009-2017"."""
_REPEATING: Final = frozenset({"leaders"})
"""Tables in which one name may stand for several: a king in one country, a prince in another."""


def split(field: str) -> list[str]:
    """Return the names of a field that lists them with ";" between."""
    return [name.strip() for name in field.split(";") if name.strip()]


@cache
def rows(table: str) -> tuple[Row, ...]:
    """Return the rows of ``ontology/actors/<table>.tsv``, short rows filled up with empty fields.

    Raises ValueError, naming file and line, for a row that breaks the rules of its columns.
    """
    text = files("services.extractor").joinpath("ontology", "actors", f"{table}.tsv").read_text("utf-8")
    return parse(table, text)


def parse(table: str, text: str) -> tuple[Row, ...]:
    """Return the rows of ``text``, the contents of a table; raises ValueError as ``rows`` does."""
    columns = COLUMNS[table]
    found: list[Row] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"ontology/actors/{table}.tsv line {number}"
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) > len(columns):
            raise ValueError(f"{where}: at most {len(columns)} tab-separated columns expected, {len(fields)} found")
        row = (*fields, *[""] * (len(columns) - len(fields)))
        for kind, field in zip(columns, row, strict=True):
            problem = _problem(kind, field)
            if problem:
                raise ValueError(f"{where}: {problem}")
        for key in _keys(table, row):
            if seen.setdefault(key, number) != number:
                raise ValueError(f"{where}: {key!r} is listed in line {seen[key]} already")
        found.append(row)
    return tuple(found)


def _keys(table: str, row: Row) -> list[str]:
    if table in _REPEATING:
        return []
    return split(row[0]) if COLUMNS[table][0] == "names" else [row[0]]


def _problem(kind: str, field: str) -> str:
    """Return what is wrong with a field; empty where nothing is."""
    if not field:
        return "" if kind.endswith("?") else f"the column {kind!r} is empty"
    return _CHECKS[kind.rstrip("?")](field)


@cache
def known_countries() -> frozenset[str]:
    """Return the alpha-3 codes that tables may name: ISO 3166-1 and XKX, which GeoNames and the EU use for Kosovo."""
    return frozenset(record.alpha_3 for record in pycountry.countries) | {"XKX"}


@cache
def known_sectors() -> frozenset[str]:
    """Return the codes of ``sectors.tsv``."""
    return frozenset(row[0] for row in rows("sectors"))


def _country(field: str) -> str:
    return "" if field in known_countries() else f"{field!r} is no ISO 3166-1 alpha-3 code"


def _sector(field: str) -> str:
    return "" if field in known_sectors() else f"{field!r} is no sector of sectors.tsv"


def _names(field: str) -> str:
    names = [name.strip() for name in field.split(";")]
    if not all(names):
        return f"an empty name in {field!r}"
    twice = {name for name in names if names.count(name) > 1}
    return f"{sorted(twice)[0]!r} stands twice in {field!r}" if twice else ""


def _terms(field: str) -> str:
    for term in field.split(";"):
        found = TERM.fullmatch(term.strip())
        if found is None:
            return f"{term.strip()!r} is no term such as 'president 2009-2017'"
        if found["last"] and int(found["last"]) < int(found["first"]):
            return f"the term {term.strip()!r} ends before it begins"
    return ""


def _within(limit: float) -> Callable[[str], str]:
    def check(field: str) -> str:
        try:
            inside = -limit <= float(field) <= limit
        except ValueError:
            inside = False
        return "" if inside else f"{field!r} is no number of degrees between -{limit:g} and {limit:g}"

    return check


def _one_of(*allowed: str) -> Callable[[str], str]:
    return lambda field: "" if field in allowed else f"{field!r} is not one of: {', '.join(allowed)}, or empty"


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "key": lambda _: "",
    "text": lambda _: "",
    "names": _names,
    "country": _country,
    "sector": _sector,
    "terms": _terms,
    "gender": _one_of("m", "f"),
    "metonym": _one_of("metonym"),
    "owned": _one_of("owned"),
    "capital": _one_of("capital"),
    "lat": _within(90.0),
    "lon": _within(180.0),
}
