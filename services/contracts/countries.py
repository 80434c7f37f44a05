"""Names of countries by ISO 3166-1 alpha-3, from ``countries.tsv`` beside this file.

The table holds ISO 3166-1 with common names where they are shorter (as of pycountry 26.2), and XKX for Kosovo, the
user-assigned code that GeoNames uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def country_names() -> Mapping[str, str]:
    """Return the name of each country by its alpha-3 code."""
    table = files("services.contracts").joinpath("countries.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return MappingProxyType({row[0]: row[1] for row in rows})
