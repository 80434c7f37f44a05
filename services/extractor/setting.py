"""Where and when an event happens whose own sentence does not tell: from what the article's other sentences tell.

News says where and when once, and goes on. A careful reader carries over what was said: first from the other sentences
about the same event, then from who acts ("the Indiana governor signed"), then from the scene of the article. What is
carried over is never more exact than what the text supports: events in several towns leave their country only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from spacy.tokens import Token

from services.contracts.ontology import event_types
from services.extractor.countrycontext import country_named
from services.extractor.drafts import Draft, is_background
from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.homes import acts_abroad, civilians, home_of, main_country, shared_place, within
from services.extractor.placerecord import EXACTNESS, Place, area_place, exactness
from services.extractor.tables import rows

LEAD: Final = 400
"""Characters of a text that tell what its news is."""
NEWS_AGE: Final = timedelta(days=7)
"""What the text dates further back is no news from the scene of the article."""
_TOLD: Final = frozenset({"occurred", "ongoing"})
"""What has this status is told from where it happened; plans and refusals may be about anywhere."""
_DONE: Final = frozenset({"occurred", "ongoing", "agreed"})
_SPOKEN: Final = frozenset({
    "criticism", "accusation", "endorsement", "warning", "demand", "refusal", "threat", "dispute", "apology",
    "announcement",
})  # fmt: skip
"""What is said is said on the day of the report, whatever it is about."""
_KIN: Final = (
    frozenset({"shooting", "murder", "attack"}),
    frozenset({"bombing", "explosion", "attack"}),
    frozenset({"attack", "strike", "bombing"}),
    frozenset({"storm", "flood"}),
    frozenset({"fire", "wildfire"}),
    frozenset({"battle", "attack", "invasion"}),
    frozenset({"transport-accident", "rescue"}),
)
"""Types under which one event is told in one article."""
_ANOTHER: Final = frozenset(
    {"another", "other", "similar", "previous", "earlier", "second", "third", "separate", "past"}
)
_AFIELD: Final = frozenset({
    "conflict-war-peace", "disaster-accident-emergency", "weather", "environment", "health",
})  # fmt: skip
"""Topics of events that agencies report of from the capital, wherever in the country they happen."""
_WHERE: Final = frozenset({"in", "at", "near", "into", "to", "from", "outside", "inside", "across", "over", "off"})
"""Prepositions that name where something is or goes."""
_PLACE_NOUNS: Final = frozenset({
    "town", "city", "village", "district", "area", "region", "province", "state", "county", "country", "neighbourhood",
    "neighborhood", "road", "highway", "street", "place", "spot", "site", "building", "island", "valley",
})  # fmt: skip
_INDEFINITE: Final = frozenset({"a", "an"})


@cache
def _settings() -> Mapping[str, str]:
    return MappingProxyType(dict(rows("settings.tsv", columns=2)))


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when an article was written, and what it speaks of."""

    published: datetime
    dateline: Place | None
    countries: Mapping[str, int]
    """How often it names each country (alpha-3) and each state of the United States (by name)."""
    day: date | None = None
    """The day of the week before that its headline gives."""
    lead: Sequence[Place] = ()
    """The places that its headline and its first sentences name, whatever happens there."""


def furnish(drafts: Sequence[Draft], scene: Scene) -> list[Draft]:
    """Return the drafts of one article, in reading order, with place and time where the article tells them."""
    known = [_Told(draft, scene.published) for draft in drafts]
    timed = [_with_time(one, known) for one in known]
    known = [_Told(draft, scene.published) for draft in timed]
    known = [_Told(_since(one, _lead_day(known, scene)), scene.published) for one in known]
    shared = [_with_place(one, known) for one in known]
    known = [_Told(draft, scene.published) for draft in shared]
    stage = _stage(known, scene)
    found: list[Draft] = []
    for one in known:
        found.append(_set(one, stage, scene, found))
    return found


class _Told:
    """A draft with what is asked of it again and again."""

    __slots__ = ("another", "day", "draft", "history")

    def __init__(self, draft: Draft, published: datetime) -> None:
        self.draft = draft
        self.another = _is_another(draft.trigger.token)
        time = draft.time if draft.dated else None
        self.day = (date.fromisoformat(time.start), date.fromisoformat(time.end)) if time is not None else None
        old = self.day is not None and self.day[1] < (published - NEWS_AGE).date()
        self.history = old or (draft.status.value in _DONE and is_background(draft.trigger))
        """True where it is no news of these days."""


def _is_another(token: Token) -> bool:
    """True for a noun that says it is not what was told before: "a similar crash", "another raid"."""
    return any(child.lower_ in _ANOTHER for child in token.children if child.i < token.i)


def _is_new(told: _Told) -> bool:
    """True for "a fire": what it names has not been told of before, unless in the title."""
    return any(child.lower_ in _INDEFINITE for child in told.draft.trigger.token.children)


def _distance(one: Draft, other: Draft) -> int:
    if one.sentence.in_title or other.sentence.in_title:
        return 0
    return abs(one.sentence.start - other.sentence.start)


def _same_event(one: _Told, other: _Told) -> bool:
    """True where both may well tell the same event; times are not compared."""
    first, second = one.draft, other.draft
    if first is second or (first.type != second.type and not any({first.type, second.type} <= kin for kin in _KIN)):
        return False
    if (first.status.value in _DONE) != (second.status.value in _DONE) or one.another or other.another:
        return False
    if one.history != other.history:
        return False
    titled = first.sentence.in_title or second.sentence.in_title
    later = one if first.sentence.start > second.sentence.start else other
    if not titled and first.sentence is not second.sentence and _is_new(later):
        return False
    mine, theirs = _patients(first), _patients(second)
    if mine and theirs and not mine & theirs:
        return False
    mine, theirs = _persons(first), _persons(second)
    if mine - theirs and theirs - mine:
        return False  # "Silva met Green in Lima" says nothing of "Silva and Brown agreed to meet"
    return not (first.actors and second.actors) or bool(first.parties & second.parties)


def _patients(draft: Draft) -> frozenset[str]:
    return frozenset(
        each.actor.entity_id
        for each in draft.participants
        if each.actor is not None
        and each.actor.kind in ("person", "organisation")
        and each.role in ("target", "subject")
    )


def _persons(draft: Draft) -> frozenset[str]:
    return frozenset(
        each.actor.entity_id for each in draft.participants if each.actor is not None and each.actor.kind == "person"
    )


def _with_time(one: _Told, known: Sequence[_Told]) -> Draft:
    """Date a draft without a date of its own by the nearest sentence about the same event."""
    draft = one.draft
    if draft.dated or draft.type in _SPOKEN or (draft.time is None and one.history):
        return draft
    dated = [other for other in known if other.day is not None and _same_event(one, other)]
    if not dated:
        return draft
    if draft.sentence.in_title:
        best = dated[0]
    else:
        best = min(
            dated, key=lambda other: (other.draft.sentence.start > draft.sentence.start, _distance(draft, other.draft))
        )
    return replace(draft, time=best.draft.time)


def _lead_day(known: Sequence[_Told], scene: Scene) -> date | None:
    """Return the day of the article's news: that of its first dated event of these days, else that of its headline."""
    for one in known:
        early = one.draft.sentence.in_title or one.draft.sentence.start <= LEAD
        if early and one.day is not None and one.draft.status.value in _DONE and not one.history:
            return one.day[0] if one.day[1] - one.day[0] <= timedelta(days=1) else None
    return scene.day


def _since(one: _Told, lead: date | None) -> Draft:
    """Widen the day of the report to begin with the day of the news: what the text goes on to tell lies between."""
    time = one.draft.time
    if lead is None or time is None or time.origin != "report" or one.draft.type in _SPOKEN or one.history:
        return one.draft
    return replace(one.draft, time=replace(time, start=min(time.start, lead.isoformat())))


def _with_place(one: _Told, known: Sequence[_Told]) -> Draft:
    """Place a draft by the most exact of the sentences about the same event."""
    draft = one.draft
    if draft.place is not None:
        return draft
    placed = [
        other.draft
        for other in known
        if other.draft.place is not None and _same_event(one, other) and not _apart(one, other)
    ]
    if not placed:
        return draft
    # Where they differ, headline and lead tell where it happened, the others where it was felt.
    country = placed[0].place.country if placed[0].place is not None else ""
    agreeing = [other for other in placed if other.place is not None and other.place.country == country]
    best = min(agreeing, key=lambda other: (-exactness(other.place), _distance(draft, other)))
    return _placed(draft, best.place)


def _apart(one: _Told, other: _Told) -> bool:
    """True where both are dated, and not by the same days."""
    if one.day is None or other.day is None:
        return False
    return one.day[0] > other.day[1] or other.day[0] > one.day[1]


def _placed(draft: Draft, place: Place | None) -> Draft:
    if place is None:
        return draft
    return replace(draft, place=replace(place, origin="article") if place.origin == "text" else place)


# The scene of the article ---------------------------------------------------------------------------------------------


def _stage(known: Sequence[_Told], scene: Scene) -> Place | None:
    """Return where the article's news happens: what the places of all its news share, else what its lead names.

    A town counts where the lead or two sentences tell of events in it; else only its country is sure.
    """
    news = [
        each.draft
        for each in known
        if each.draft.status.value in _TOLD and not each.history and each.draft.place is not None
    ]
    placed = [each for each in news if each.place is not None and each.place.origin == "text"]
    if not placed:
        return shared_place(scene.lead)
    shared = shared_place([each.place for each in placed if each.place is not None])
    if shared is None or exactness(shared) < EXACTNESS["admin1"]:
        return shared
    here = {each.sentence.start for each in placed if each.place is not None and each.place.name == shared.name}
    early = any(each.sentence.in_title or each.sentence.start <= LEAD for each in placed)
    return shared if early or len(here) > 1 else area_place(shared.admin1, shared.country)


def _set(one: _Told, stage: Place | None, scene: Scene, before: Sequence[Draft]) -> Draft:
    """Place a draft by who acts, by the scene, by the dateline, or by what the article is about."""
    draft = one.draft
    setting = _settings().get(draft.type, "")
    told = draft.status.value in _TOLD
    if draft.place is not None:
        return draft
    here = _bureau(draft, scene.dateline) if told and not one.history and _fits(draft, scene.dateline) else None
    if setting == "nowhere":
        return _placed(draft, here)
    if _points_back(draft):
        told_before = [each for each in reversed(before) if each.place is not None]
        alike = [each for each in told_before if each.type == draft.type] or told_before
        return _placed(draft, alike[0].place if alike else stage)
    if setting in ("home", "seat"):
        home = home_of(draft) if not acts_abroad(draft) else None
        if home is not None:
            seated = setting == "seat" and here is not None and within(here, home)
            return _placed(draft, here if seated else home)
    if told and not one.history and _fits(draft, stage):
        return _placed(draft, stage)
    if here is not None:
        return _placed(draft, here)
    main = main_country(scene.countries)
    if (told or setting) and _fits(draft, main):
        return _placed(draft, main)
    return draft


def _fits(draft: Draft, place: Place | None) -> bool:
    """True where nobody who takes part and nothing that the sentence names lies in another country."""
    if place is None:
        return False
    if not place.country:
        return place.precision == "region"  # what happens at sea involves anybody
    if {each.country for each in civilians(draft) if each.country} - {place.country}:
        return False
    entities = (each for each in draft.trigger.token.doc.ents if each.label_ == "GPE")
    named = {country_named(each.text) for each in entities if each.root.head.lower_ in _WHERE}
    return place.origin == "dateline" or not named - {"", place.country}


def _points_back(draft: Draft) -> bool:
    """True where the sentence says that it speaks of the place told before: "in the same district"."""
    words = [token.lower_ for token in draft.trigger.token.doc]
    return any(first == "same" and second in _PLACE_NOUNS for first, second in pairwise(words))


def _bureau(draft: Draft, dateline: Place | None) -> Place | None:
    """Return the place of the dateline; of a capital, from where agencies report of all the country, its country."""
    if dateline is None or event_types()[draft.type].topic not in _AFIELD:
        return dateline
    country = gazetteer().countries.get(dateline.country)
    if country is None or fold(country.capital) != fold(dateline.name):
        return dateline
    return replace(area_place("", dateline.country), origin="dateline")
