"""Reading the tab-separated tables of ``ontology/``: lines that begin with # are comments, fields are checked.

What the columns of a table are and what their fields may hold stands in ``ontology/schema.tsv``, so a wrong row is
named with file, line and column when the table is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from services.extractor.schema import Column, Schema, column, fault


def numbered(name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the table ``name``, a path in ``ontology/``, with their line numbers, unchecked."""
    text = files("services.extractor").joinpath("ontology", name).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line.split("\t")


@cache
def schema() -> Schema:
    """Return the columns of every table. Raises ValueError, naming the line, where ``schema.tsv`` is at fault."""
    tables: dict[str, tuple[Column, ...]] = {}
    for number, fields in numbered("schema.tsv"):
        try:
            file, found = column(fields)
        except ValueError as error:
            raise ValueError(f"schema.tsv line {number}: {error}") from error
        tables[file] = (*tables.get(file, ()), found)
    return Schema(tables)


def rows(name: str, *, columns: int) -> list[list[str]]:
    """Return the rows of the table ``name``, a path in ``ontology/``.

    Raises ValueError, naming file and line, for a row of another width and for a field that its column may not hold.
    """
    described = schema().columns(name)
    found = []
    for number, fields in numbered(name):
        if len(fields) != columns:
            raise ValueError(f"{name} line {number}: {columns} tab-separated columns expected, {len(fields)} found")
        wrong = fault(fields, described)
        if wrong:
            raise ValueError(f"{name} line {number}, {wrong}")
        found.append(fields)
    return found
