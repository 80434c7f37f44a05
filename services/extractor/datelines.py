"""What agencies print before the first sentence: "KYIV, Ukraine, Feb 11 (AP) — ".

It tells where the report was written, by which agency and sometimes on which day. Parsers take it for the subject of
the sentence, so it is cut off and kept apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from services.extractor.boilerplate import agencies
from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables
from services.extractor.tables import rows

MAX_AGE_DAYS: Final = 31
"""A dateline this many days before the publication still dates the report; an older one is a reprint's or an error."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = rf"(?P<date>{_MONTH}[a-z]{{0,6}}\.? \d{{1,2}}(?:,? 20\d\d)?)"
_CAPITALS = r"[A-ZÀ-Þ][A-ZÀ-Þ'’.\-]{1,20}(?:[ /][A-ZÀ-Þ'’.\-]{1,20}){0,4}"
_TITLE_CASE = r"[A-ZÀ-Þ][\w'’.\-]{1,20}(?:[ /][A-ZÀ-Þ][\w'’.\-]{1,20}){0,3}"
_WIDER = rf"(?:, ?(?!{_MONTH}[a-z.]{{0,7}} \d)[A-ZÀ-Þ][\w.'’ ]{{1,29}}){{0,2}}"
_DASH = r" ?(?:--|[-–—―]) ?(?=\S)"
_SPACED_DASH = r"(?: ?[–—―] ?| ?-- ?| - )(?=[\"“‘']?[A-ZÀ-Þ0-9])"
_AGENCY = r" ?\((?P<agency>[^()\n]{2,40})\)"
_WITH_AGENCY = re.compile(rf"(?P<place>{_CAPITALS}{_WIDER}|{_TITLE_CASE}{_WIDER})(?:,? {_DAY})?{_AGENCY}{_DASH}")
_WITHOUT_PLACE = re.compile(rf"{_DAY}?{_AGENCY}{_DASH}")
_WITH_DAY = re.compile(rf"(?P<place>{_CAPITALS}{_WIDER}),? {_DAY}{_SPACED_DASH}")
_BARE = re.compile(rf"(?P<place>{_CAPITALS}{_WIDER})(?:{_SPACED_DASH}|: (?=[\"“‘']?[A-ZÀ-Þ0-9]))")

_DATE = re.compile(r"(...)\D*(\d{1,2})(?:,? (20\d\d))?")


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline as it stands in the text."""

    end: int
    """Offset at which the sentence after it begins."""
    place: str
    """"KYIV, Ukraine"; empty where it names none."""
    agency: str
    """As printed: "AP"; empty where none is named or the agency is unknown."""
    month_day: tuple[int, int] | None
    year: int | None

    def written(self, published: datetime) -> datetime | None:
        """Return ``published`` moved back to the day that the dateline gives; None where it gives none near it."""
        if self.month_day is None:
            return None
        for year in (self.year,) if self.year else (published.year, published.year - 1):
            try:
                day = published.replace(year=year, month=self.month_day[0], day=self.month_day[1])
            except ValueError:  # 30 February
                continue
            if 0 <= (published - day).days <= MAX_AGE_DAYS:
                return day
        return None


@cache
def _states() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("en/ap_states.tsv", columns=2)}


def _is_known(name: str) -> bool:
    tables, key = place_tables(), fold(name)
    return key in tables.cities or key in tables.regions or gazetteer().country_of(name) != ""


def _spelt_out(place: str) -> str:
    """Return the first of the places named, its state in full: "KYIV/MOSCOW", "LA CROSSE, Wis."."""
    name, _, wider = place.split("/")[0].partition(",")
    wider = wider.strip()
    wider = _states().get(wider.rstrip("."), wider)
    return f"{name.strip()}, {wider}" if wider else name.strip()


def find_dateline(text: str, begin: int, end: int) -> Dateline | None:
    """Return the dateline at the beginning of the paragraph ``text[begin:end]``; None where it has none.

    With neither an agency nor a day only the name of a known place in capitals is one: "NATO - and Peru too - agreed"
    has none.
    """
    first = text[begin : begin + 1]
    if first != "(" and not first.isupper():
        return None
    for pattern in (_WITHOUT_PLACE, _WITH_AGENCY, _WITH_DAY, _BARE):
        match = pattern.match(text, begin, end)
        if match is not None:
            return _read(match)
    return None


def _read(match: re.Match[str]) -> Dateline | None:
    groups = match.groupdict()
    place, agency = _spelt_out(groups.get("place") or ""), (groups.get("agency") or "").strip()
    dated = _DATE.fullmatch(groups.get("date") or "")
    name, known = place.partition(",")[0], agency in agencies()
    in_capitals = name.isupper() and (bool(agency) or dated is not None or _is_known(name))
    if not (known or in_capitals or (not place and agency.isupper())):
        return None
    month_day = (_MONTHS.index(dated[1].lower()) + 1, int(dated[2])) if dated is not None else None
    year = int(dated[3]) if dated is not None and dated[3] else None
    return Dateline(match.end(), place, agency if known else "", month_day, year)
