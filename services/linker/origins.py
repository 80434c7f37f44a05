"""Who a report comes from in the end: an agency, an owner of several outlets, or one outlet by itself.

Corroboration counts these. Ten papers of one group, or ten outlets that print one agency's report in shortened form,
are one source: nine of them saw nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from services.contracts.dateline.v1 import article_pb2

KINDS: Final = ("agency", "group", "outlet")
_COLUMNS: Final = 4


class Origin(NamedTuple):
    """Where a report comes from."""

    name: str
    """As it is shown; of an outlet that belongs to nobody known its registered domain."""
    kind: str
    """One of ``KINDS``."""


@lru_cache(maxsize=16_384)
def origin_of(domain: str, agency: str) -> Origin:
    """Return the origin of a report: ``domain`` of the outlet, ``agency`` as the dateline prints it or empty."""
    domains, bylines = _owners()
    return bylines.get(agency) or domains.get(domain) or Origin(domain, "outlet")


def origin(article: article_pb2.ArticleRef) -> Origin:
    """Return the origin of an article; by its address where it has no registered domain."""
    return origin_of(article.source.domain or article.url, article.agency)


@cache
def _owners() -> tuple[dict[str, Origin], dict[str, Origin]]:
    lines = files("services.linker").joinpath("owners.tsv").read_text("utf-8").splitlines()
    return read_owners(lines)


def read_owners(lines: Iterable[str]) -> tuple[dict[str, Origin], dict[str, Origin]]:
    """Return owners by domain, and agencies by byline. Raises ValueError, naming the line, where the table is wrong."""
    domains: dict[str, Origin] = {}
    bylines: dict[str, Origin] = {}
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != _COLUMNS or cells[1] not in KINDS[:2] or not cells[0]:
            raise ValueError(f"owners.tsv, line {number}: expected name, agency or group, domains, bylines: {line!r}")
        owner = Origin(cells[0], cells[1])
        if cells[3] and owner.kind != "agency":
            raise ValueError(f"owners.tsv, line {number}: {owner.name} has bylines, so it must be an agency")
        for table, cell in ((domains, cells[2]), (bylines, cells[3])):
            for name in _names(cell):
                if name in table:
                    raise ValueError(f"owners.tsv, line {number}: {name} belongs to {table[name].name} already")
                table[name] = owner
    return domains, bylines


def _names(cell: str) -> Iterator[str]:
    return (name for name in (part.strip() for part in cell.split(",")) if name)
