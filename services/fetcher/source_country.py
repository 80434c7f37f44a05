"""The home country of a publisher: of a known outlet, else what its address tells, else what its feed's language tells.

A wrong country is worse than none, because readers of the text take it for where "the capital" is. So a language only
counts where its region is named by choice, or where it is spoken in one country alone. Pure.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

_DEFAULT_TAGS: Final = frozenset({"en-us"})
"""What publishing systems write unless told otherwise (WordPress), so it tells nothing."""
_HOMES: Final = {
    "bg": "BGR", "cs": "CZE", "da": "DNK", "et": "EST", "fi": "FIN", "he": "ISR", "hu": "HUN", "hy": "ARM", "id": "IDN",
    "is": "ISL", "ja": "JPN", "ka": "GEO", "kk": "KAZ", "km": "KHM", "ko": "KOR", "ky": "KGZ", "lo": "LAO", "lt": "LTU",
    "lv": "LVA", "mk": "MKD", "mn": "MNG", "mt": "MLT", "my": "MMR", "nb": "NOR", "ne": "NPL", "nn": "NOR", "no": "NOR",
    "pl": "POL", "si": "LKA", "sk": "SVK", "sl": "SVN", "tg": "TJK", "th": "THA", "tk": "TKM", "uk": "UKR", "uz": "UZB",
    "vi": "VNM",
}  # fmt: skip
"""Languages whose press has one home (CLDR, territory of the language's speakers; languages of several states are left
out), as ISO 639-1 and ISO 3166-1 alpha-3."""


def source_country(domain: str, language: str) -> str:
    """Return ISO 3166-1 alpha-3 of the publisher at the registered domain ``domain``; "" where nothing tells it.

    ``language`` is the BCP 47 tag that its feed declares, "" where it declares none.
    """
    last = domain.rpartition(".")[2]
    return _outlets().get(domain) or _domains().get(last) or _of_language(language)


def _of_language(tag: str) -> str:
    parts = tag.lower().replace("_", "-").split("-")
    if len(parts) > 1 and len(parts[-1]) == 2 and tag.lower().replace("_", "-") not in _DEFAULT_TAGS:
        region = "uk" if parts[-1] == "gb" else parts[-1]
        return _domains().get(region, "USA" if region == "us" else "")
    return _HOMES.get(parts[0], "")


@cache
def _outlets() -> dict[str, str]:
    return {domain: country for country, domains in _rows("outlets.tsv") for domain in domains.split(",")}


@cache
def _domains() -> dict[str, str]:
    return dict(_rows("country_domains.tsv"))


def _rows(name: str) -> list[tuple[str, str]]:
    lines = files("services.fetcher").joinpath(name).read_text("utf-8").splitlines()
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            continue
        first, tab, second = line.partition("\t")
        if not tab or not second:
            raise ValueError(f"{name}, line {number}: two columns are expected, {line!r} was found")
        rows.append((first, second))
    return rows
