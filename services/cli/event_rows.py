"""Mentions as rows of an event table, for tools made for GDELT: columns with its names mean what they mean there.

GDELT 2.0 Event Database codebook (2015) names the columns. Whoever acts is actor 1. Of compound actors each acts on
each, and of a reciprocal event both directions are coded (CAMEO codebook 1.1b3, chapter 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product
from typing import Final

from services.cli.printable import printable
from services.contracts.dateline.v1.event_pb2 import Mention, Participant
from services.extractor.codes import cameo_codes

COLUMNS: Final = (
    "SQLDATE",
    "Actor1Code",
    "Actor1Name",
    "Actor1CountryCode",
    "Actor1Type1Code",
    "Actor2Code",
    "Actor2Name",
    "Actor2CountryCode",
    "Actor2Type1Code",
    "EventCode",
    "EventBaseCode",
    "EventRootCode",
    "QuadClass",
    "GoldsteinScale",
    "PloverRoot",
    "Type",
    "Status",
    "MediaTopic",
    "ActionGeo_FullName",
    "ActionGeo_Country",
    "ActionGeo_Lat",
    "ActionGeo_Long",
    "ActionGeo_GeoNamesID",
    "Confidence",
    "SOURCEURL",
)
"""SQLDATE is YYYYMMDD; country codes are ISO 3166-1 alpha-3, types PLOVER actor sectors; the rest as in GDELT."""
MOST_ROWS: Final = 64
"""Rows of one mention: every pair of two long lists would bury the others."""


def rows_of(mention: Mention) -> Iterator[list[str]]:
    """Yield the rows of a mention in the order of ``COLUMNS``; none where neither PLOVER nor CAMEO codes it."""
    if not mention.codes.plover and not mention.codes.cameo:
        return
    event = _event(mention)
    where = _where(mention)
    for number, (first, second) in enumerate(_pairs(mention)):
        if number < MOST_ROWS:
            yield [_date(mention), *_actor(first), *_actor(second), *event, *where]


def _pairs(mention: Mention) -> Iterator[tuple[Participant | None, Participant | None]]:
    sources = [each for each in mention.participants if each.role == "source"]
    targets = [each for each in mention.participants if each.role in ("target", "subject")]
    parties = [each for each in mention.participants if each.role == "party"]
    if len(parties) > 1:
        yield from permutations(parties, 2)
    else:
        yield from product((*sources, *parties) or (None,), targets or (None,))


def _actor(participant: Participant | None) -> list[str]:
    if participant is None:
        return ["", "", "", ""]
    entity = participant.entity
    name = _plain(entity.name or participant.text)
    return [entity.country + entity.sector, name, entity.country, entity.sector]


def _event(mention: Mention) -> list[str]:
    code = cameo_codes().get(mention.codes.cameo)
    coded = ["", "", "", "", ""]
    if code is not None:
        scale = "" if code.goldstein is None else f"{code.goldstein:.1f}"
        coded = [code.code, code.base, code.root, str(code.quad_class), scale]
    return [*coded, mention.codes.plover, mention.type, mention.status, mention.codes.media_topic]


def _where(mention: Mention) -> list[str]:
    place = mention.place
    known = mention.HasField("place")
    return [
        _plain(place.name),
        place.country,
        f"{place.lat:.4f}" if known and place.HasField("lat") else "",
        f"{place.lon:.4f}" if known and place.HasField("lon") else "",
        str(place.geonames_id) if place.geonames_id else "",
        f"{mention.confidence:.3f}",
        _plain(mention.article.url),
    ]


def _date(mention: Mention) -> str:
    return mention.time.start[:10].replace("-", "")


def _plain(text: str) -> str:
    """Return ``text`` without what would end a field or a row, or command a terminal."""
    return " ".join(printable(text).split())
