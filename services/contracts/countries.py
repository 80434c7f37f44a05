"""Names and alpha-2 codes of countries by ISO 3166-1 alpha-3, from ``countries.tsv`` beside this file.

The table holds ISO 3166-1 with common names where they are shorter (as of pycountry 26.2), and XKX for Kosovo, the
user-assigned code that GeoNames uses (XK of two letters).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def country_names() -> Mapping[str, str]:
    """Return the name of each country by its alpha-3 code."""
    return MappingProxyType({code: name for code, name, _ in _rows()})


@cache
def codes_of_two_letters() -> Mapping[str, str]:
    """Return the alpha-3 code of each country by its alpha-2 code."""
    return MappingProxyType({short: code for code, _, short in _rows()})


def _rows() -> list[list[str]]:
    table = files("services.contracts").joinpath("countries.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
