"""Which country, state or town people and lists of places come down to: home of who acts, what places share.

Never more exact than what all of them support.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.extractor.drafts import Draft
from services.extractor.entities import Actor, fold
from services.extractor.geography import us_states
from services.extractor.placerecord import EXACTNESS, Place, area_place, exactness

_ABROAD: Final = frozenset({"MIL", "IGO"})
"""Sectors that act in any country."""
_OFFICIAL: Final = frozenset({"GOV", "COP", "JUD", "LEG", "MIL", "SPY", "PTY", "LAB"})
HOME_SHARE: Final = 0.6
"""An article is set in one country or state if this share of all that it names is that one."""
MIN_NAMED: Final = 2
"""Times an article names the country it is about, at least."""


def within(place: Place, home: Place) -> bool:
    return place.country == home.country and (not home.admin1 or place.admin1 == home.admin1)


def home_of(draft: Draft) -> Place | None:
    """Return the country or state of whoever acts, else of whom it happens to."""
    for roles in (("source", "party"), ("target", "subject")):
        people = [each for each in draft.participants if each.role in roles]
        officials = [each for each in people if each.actor is None or each.actor.sector in _OFFICIAL]
        states = {name for each in officials for name in _states(each.text)}
        if len(states) == 1:
            return area_place(states.pop(), "USA")
        countries = {each.actor.country for each in people if each.actor is not None and each.actor.country}
        if countries:
            return area_place("", countries.pop()) if len(countries) == 1 else None
    return None


def acts_abroad(draft: Draft) -> bool:
    """True where soldiers act, who do so anywhere."""
    acting = (each.actor for each in draft.participants if each.role == "source")
    return any(actor is not None and actor.sector in _ABROAD for actor in acting)


def _states(words: str) -> Iterable[str]:
    """Return the states of the United States that a name begins with: "Indiana governor"."""
    parts = words.removeprefix("the ").split()
    for length in (2, 1):
        state = us_states().get(fold(" ".join(parts[:length]).replace("'s", "").replace("’s", "")))
        if state is not None and state.name not in ("Georgia", "Washington"):
            return (state.name,)
    return ()


def civilians(draft: Draft) -> list[Actor]:
    """Return the participants who are seldom abroad: all but soldiers who act."""
    return [
        each.actor
        for each in draft.participants
        if each.actor is not None and not (each.role == "source" and each.actor.sector in _ABROAD)
    ]


def main_country(countries: Mapping[str, int]) -> Place | None:
    """Return the one country or state that the article is about."""
    codes = {code: number for code, number in countries.items() if code.isupper()}
    if not codes:
        return None
    country = max(codes, key=lambda code: codes[code])
    if codes[country] < max(HOME_SHARE * sum(codes.values()), MIN_NAMED):
        return None
    states = {name: number for name, number in countries.items() if fold(name) in us_states()}
    if country == "USA" and states:
        state = max(states, key=lambda name: states[name])
        if states[state] >= HOME_SHARE * sum(states.values()):
            return area_place(state, country)
    return area_place("", country)


def shared_place(places: Sequence[Place]) -> Place | None:
    """Return what all places have in common: the one town of them, their state, or their country; of seas the sea."""
    places = [place for place in places if place.country] or places
    if not places or len({place.country for place in places}) != 1:
        return None
    if not places[0].country:
        return places[0] if len({place.name for place in places}) == 1 else None
    fine = [place for place in places if exactness(place) >= EXACTNESS["admin1"]]
    names = {place.name for place in fine}
    if len(names) == 1:
        return fine[0]
    states = {place.admin1 for place in fine}
    if len(states) == 1 and (state := states.pop()):
        return area_place(state, places[0].country)
    return area_place("", places[0].country)
