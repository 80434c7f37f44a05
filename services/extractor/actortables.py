"""The tables of ``ontology/actors/``, checked beyond their columns: known countries and sectors, no name twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import pycountry

from services.extractor.schema import Column, fault
from services.extractor.tables import numbered, schema

Row = tuple[str, ...]

_REPEATING: Final = frozenset({"leaders"})
"""Tables in which one name may stand for several: a king in one country, a prince in another."""


def split(field: str) -> list[str]:
    """Return the names of a field that lists them with ";" between."""
    return [name.strip() for name in field.split(";") if name.strip()]


@cache
def rows(table: str) -> tuple[Row, ...]:
    """Return the rows of ``ontology/actors/<table>.tsv``, short rows filled up with empty fields.

    Raises ValueError, naming file, line and column, for a row that breaks the rules.
    """
    return check(table, numbered(f"actors/{table}.tsv"))


def check(table: str, lines: Iterable[tuple[int, Sequence[str]]]) -> tuple[Row, ...]:
    """Return the numbered ``lines`` of a table as rows; raises ValueError as ``rows`` does."""
    columns = schema().columns(f"actors/{table}.tsv")
    found: list[Row] = []
    seen: dict[str, int] = {}
    for number, fields in lines:
        where = f"actors/{table}.tsv line {number}"
        row = (*(field.strip() for field in fields), *[""] * (len(columns) - len(fields)))
        wrong = fault(fields, columns) or _unknown(row, columns)
        if wrong:
            raise ValueError(f"{where}, {wrong}")
        if table not in _REPEATING:
            for key in split(row[0]) if columns[0].kind == "names" else [row[0]]:
                if seen.setdefault(key, number) != number:
                    raise ValueError(f"{where}: {key!r} stands on line {seen[key]} already")
        found.append(row)
    return tuple(found)


def _unknown(row: Row, columns: Sequence[Column]) -> str:
    for column, field in zip(columns, row, strict=True):
        if column.kind == "country" and field and field not in known_countries():
            return f"column {column.name}: {field!r} is no country of ISO 3166-1"
        if column.kind == "sector" and field and field not in known_sectors():
            return f"column {column.name}: {field!r} does not stand in sectors.tsv"
    return ""


@cache
def known_countries() -> frozenset[str]:
    """Return the alpha-3 codes that tables may name: ISO 3166-1 and XKX, which GeoNames and the EU use for Kosovo."""
    return frozenset(record.alpha_3 for record in pycountry.countries) | {"XKX"}


@cache
def known_sectors() -> frozenset[str]:
    """Return the codes of ``sectors.tsv``."""
    return frozenset(fields[0] for _, fields in numbered("actors/sectors.tsv"))
