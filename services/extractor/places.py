"""Where an event happens: the place that a preposition near the trigger names, resolved to coordinates.

A capital may be a town ("a blast in Moscow") or a government ("Moscow said"); only names that a preposition of place
governs count as places. Towns of the same name are told apart by the countries the article names, then by population.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from spacy.tokens import Span, Token

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import Area, City, Division, place_tables, us_states
from services.extractor.views import bare_word

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the map."""

    text: str
    """As it stands in the text."""
    name: str
    """Canonical name."""
    country: str
    """ISO 3166-1 alpha-3; empty where it lies in several or none is known."""
    admin1: str
    """First-level division; known for the United States and for regions."""
    lat: float | None
    lon: float | None
    geonames_id: int
    """0 where unknown."""
    precision: str
    """One of: site, city, admin1, country, region."""
    origin: str = "text"
    """text; where the sentence names none: dateline, where the report was written, or article, what the rest tells."""


CONTEXT_WEIGHT: Final = 12.0
"""How many times more people a town must have to win over one in a country that the article names."""
NEAR_WEIGHT: Final = 5.0
"""The same for a town in a state of the United States that the article names."""
CAPITAL_WEIGHT: Final = 2.0
"""How many times more people a town must have to win over a capital of its name."""
MIN_UNNAMED_POPULATION: Final = 200_000
"""How many inhabitants a town needs where the tagger does not take its name for a place."""
MAX_WORDS: Final = 6
"""Longest place name that is looked up, in words."""

_IN: Final = frozenset(
    ("in", "at", "near", "outside", "inside", "across", "around", "off", "throughout", "within", "on", "through")
)
"""Prepositions that tell where something is."""
_TO: Final = frozenset({"to", "into", "toward", "towards", "over", "from", "via", "along", "of", "for"})
"""Prepositions that name a place only beside events that move or hit."""
_MOVING: Final = frozenset({
    "visit", "travel", "fly", "go", "arrive", "return", "deploy", "send", "extradite", "deport", "move", "march",
    "head", "trip", "deployment", "extradition", "deportation", "invasion", "journey", "flight", "tour",
    "transfer", "withdraw", "withdrawal", "flee", "launch", "fire", "advance", "cross", "enter", "come", "drive",
    "sail", "evacuate", "escape", "invade", "evacuation", "incursion", "expel", "escort", "attack", "strike",
    "raid", "siege", "assault", "bombing", "shelling", "capture", "fall", "battle", "liberation", "occupation",
    "bombardment", "blockade", "mayor", "city",
})  # fmt: skip
"""Lemmas whose "to" or "of" leads to a place."""
_HOLDING: Final = frozenset({
    "visit", "invade", "hit", "strike", "bomb", "shell", "storm", "capture", "enter", "leave", "tour", "reach",
    "attack", "rock", "shake", "devastate", "batter", "pound", "seize", "besiege", "cross", "target", "evacuate",
    "recapture", "retake", "flood", "ravage", "lash", "pummel", "jolt", "engulf", "sweep", "paralyse", "paralyze",
    "raid",
})  # fmt: skip
"""Verbs whose object is where the event happens: "hit Lviv", "visit Moscow"."""
_HITTING: Final = frozenset({
    "attack", "strike", "raid", "assault", "offensive", "bombing", "bombardment", "fire", "missile", "rocket",
    "march", "drone",
})  # fmt: skip
"""Lemmas whose "on" leads to the place that is hit."""
_BEFORE_NAMES: Final = frozenset({
    "the", "a", "an", "its", "his", "their", "of", "city", "town", "village", "capital", "port", "nearby",
    "country", "streets", "outskirts", "suburb", "suburbs", "heart", "centre", "center", "state", "province",
    "region", "island", "islands", "coast", "shores", "part", "parts", "area", "areas", "district", "border",
    "edge", "resort", "municipality", "peninsula", "territory", "republic", "kingdom", "neighbouring",
    "neighboring", "war-torn", "besieged", "occupied",
})  # fmt: skip
"""Words that may stand between a preposition and the name of a place."""
_SITES: Final = frozenset({
    "airport", "square", "stadium", "prison", "jail", "palace", "hospital", "university", "station", "embassy",
    "court", "courthouse", "hotel", "mosque", "church", "cathedral", "temple", "synagogue", "school", "bridge",
    "port", "base", "barracks", "camp", "park", "market", "mall", "museum", "theatre", "theater", "factory",
    "plant", "mine", "dam", "refinery", "border", "crossing", "tunnel", "tower", "castle", "arena", "parliament",
    "cemetery", "beach", "harbour", "harbor", "airbase", "airfield", "cosmodrome", "zoo", "hall", "center",
    "centre", "monastery", "capitol",
})  # fmt: skip
"""Nouns that end the name of a site."""
_REGION_HEADS: Final = frozenset({
    "province", "region", "state", "oblast", "district", "county", "governorate", "prefecture", "department",
    "island", "islands", "peninsula", "valley", "desert", "sea", "ocean", "strait", "gulf", "river", "lake",
    "mountains", "coast",
})  # fmt: skip
_DIRECTIONS: Final = frozenset({
    "northern", "southern", "eastern", "western", "central", "north", "south", "east", "west", "northeastern",
    "coastal", "northwestern", "southeastern", "southwestern", "downtown", "northeast", "northwest", "southeast",
    "southwest", "north-east", "north-west", "south-east", "south-west", "north-eastern", "south-western", "rural",
    "upper", "lower",
})  # fmt: skip


_LEADING_NOUNS: Final = frozenset({
    "city", "town", "village", "port", "suburb", "district", "municipality", "neighbourhood", "neighborhood", "resort",
    "hamlet", "borough", "township", "county", "province", "settlement",
})  # fmt: skip
"""Nouns whose "of" leads to the name of the place itself."""
_PERCEIVED: Final = frozenset({"felt", "heard", "seen", "noticed", "visible", "audible"})


def find_place(
    sentence: Span,
    trigger: Token,
    publisher_country: str = "",
    *,
    context_countries: Mapping[str, int] = _NONE,
) -> Place | None:
    """Return where the event that ``trigger`` names happens; None where the sentence does not tell.

    ``context_countries`` counts the countries (alpha-3) that the article names; ``publisher_country`` decides between
    towns of one name where the article names no country at all.
    """
    if len(sentence) == 0:
        return None
    context = dict(context_countries)
    if publisher_country:
        context[publisher_country] = context.get(publisher_country, 0) + 1
    ranked: list[tuple[float, int, Place]] = []
    for name in _names(sentence):
        cost = _cost(sentence, trigger, name)
        if cost is None:
            continue
        place = _resolve(sentence, name, context)
        if place is not None:
            fine = {"site": 0.0, "city": 0.0, "admin1": 0.15, "region": 0.2, "country": 0.3}[place.precision]
            ranked.append((cost + fine, name.first, place))
    return min(ranked, key=lambda item: item[:2])[2] if ranked else None


def dateline_place(name: str, context_countries: Mapping[str, int] = _NONE) -> Place | None:
    """Return the place that a dateline names, "LA CROSSE, Wisconsin"; None where it is in no table."""
    town, _, wider = name.partition(", ")
    found = _lookup(town, wider, context_countries, article=False)
    return replace(found, text=name, origin="dateline") if found is not None else None


def named_places(sentence: Span, context_countries: Mapping[str, int] = _NONE) -> list[Place]:
    """Return the places that the tagger finds in a parsed sentence and a table has, in order."""
    found = []
    for entity in sentence.ents:
        if entity.label_ in ("GPE", "LOC", "FAC"):
            text = entity.text.removeprefix("the ").removesuffix("'s").removesuffix("’s")
            place = _lookup(text, "", context_countries, article=entity.text.startswith("the "))
            if place is not None:
                found.append(place)
    return found


def area_place(state: str, country: str) -> Place:
    """Return a whole country (alpha-3), or a division of it by name, as a place that no single sentence names."""
    if state:
        lat, lon = _centre(state) if country == "USA" else (None, None)
        return Place(state, state, country, state, lat, lon, 0, "admin1")
    name = gazetteer().countries[country].name if country in gazetteer().countries else country
    return Place(name, name, country, "", None, None, 0, "country")


@dataclass(frozen=True, slots=True)
class _Name:
    """A run of words that may name a place. Token numbers count in the Doc."""

    first: int
    last: int
    """Number after the last word."""
    preposition: int
    """Token number of the preposition that governs it; -1 where it is a verb's object."""


def _names(sentence: Span) -> Iterator[_Name]:
    doc = sentence.doc
    at = sentence.start
    while at < sentence.end:
        token = doc[at]
        lower = token.lower_
        if lower in _IN or lower in _TO or lower == "between":
            first = _skip(sentence, at + 1)
            last = _run_end(sentence, first)
            if last > first and (lower != "on" or _on_place(sentence, at, first, last)):
                yield _Name(first, last, at)
                nested = _after_comma(sentence, last)
                at = max(last, nested)
                continue
        elif token.pos_ == "VERB" and token.lemma_.lower() in _HOLDING:
            first = _skip(sentence, at + 1)
            last = _run_end(sentence, first)
            if last > first and not _is_actor_object(sentence, first, last):
                yield _Name(first, last, -1)
                at = last
                continue
        at += 1


def _skip(sentence: Span, first: int) -> int:
    """Skip what stands before the name itself: "the |Swiss| city of", "northern", "the outskirts of"."""
    doc = sentence.doc
    begin = first
    while first < sentence.end and first - begin < 8:
        token = doc[first]
        if token.text[:1].isupper() and token.lower_ not in ("the",):
            if token.lower_ in _DIRECTIONS and doc[first + 1 : first + 3].text == "District of":
                first += 3  # courts of the United States: "the Southern District of New York"
                continue
            entry = gazetteer().lookup(token.text)
            following = doc[first + 1] if first + 1 < sentence.end else None
            directed = token.lower_ in _DIRECTIONS and following is not None and gazetteer().country_of(following.text)
            if directed and not _known_as_whole(doc[first : first + 2].text):
                first += 1  # "in Western Cambodia", but not "in South Korea"
                continue
            if entry is None or entry.kind != "adjective" or following is None or following.text[:1].isupper():
                break
        elif token.lower_ not in _BEFORE_NAMES and token.lower_ not in _DIRECTIONS:
            break
        first += 1
    return first


def _known_as_whole(name: str) -> bool:
    tables, key = place_tables(), fold(name)
    return gazetteer().lookup(name) is not None or key in tables.regions or key in tables.cities


def _on_place(sentence: Span, at: int, first: int, last: int) -> bool:
    """True where "on" tells a place: "on the island of Crete", "an attack on Kharkiv"; not "sanctions on Iran"."""
    doc = sentence.doc
    if any(doc[number].lower_ in _BEFORE_NAMES - {"the", "of", "a", "an"} for number in range(at + 1, first)):
        return True
    governor = doc[at].head if doc[at].dep_ else doc[max(at - 1, sentence.start)]
    return governor.lemma_.lower() in _HITTING or _area(doc[first:last].text) is not None


def _is_actor_object(sentence: Span, first: int, last: int) -> bool:
    after = sentence.doc[last] if last < sentence.end else None
    return after is not None and after.lower_ in ("'s", "’s", "troops", "forces", "officials")


def _run_end(sentence: Span, first: int) -> int:
    """Return where the capitalised words that begin at ``first`` end; ``first`` where there are none."""
    doc = sentence.doc
    last = first
    while last < sentence.end and last - first < MAX_WORDS:
        word = doc[last].text
        if word[:1].isupper() or (
            last > first
            and word.lower() in ("-", "de", "la", "el", "al", "of", "the", "del", "du", "da", "es", "upon", "on", "and")
            and last + 1 < sentence.end
            and doc[last + 1].text[:1].isupper()
            and (word.lower() not in ("and", "on", "of", "the") or _joined(sentence, first, last))
        ):
            last += 1
            continue
        if last > first and word in ("'s", "’s", "‘s") and last + 1 < sentence.end and doc[last + 1].text[:1].isupper():
            last += 1
            continue
        if last > first and word.lower() in _SITES | _REGION_HEADS:
            last += 1
        break
    return last


def _joined(sentence: Span, first: int, at: int) -> bool:
    """True where a function word is part of one name: "Gulf of Aden", "King's Cross"."""
    doc = sentence.doc
    for last in range(at + 2, min(at + 4, sentence.end) + 1):
        name = fold(doc[first:last].text)
        if name in place_tables().cities or name in place_tables().regions or name in place_tables().sites:
            return True
        if gazetteer().lookup(doc[first:last].text) is not None:
            return True
    return False


def _after_comma(sentence: Span, last: int) -> int:
    """Skip ", Pennsylvania" behind a town, which belongs to the town."""
    doc = sentence.doc
    if last + 1 < sentence.end and doc[last].text == "," and doc[last + 1].text[:1].isupper():
        end = _run_end(sentence, last + 1)
        name = doc[last + 1 : end].text
        if fold(name) in us_states() or gazetteer().country_of(name):
            return end
    return last


def _cost(sentence: Span, trigger: Token, name: _Name) -> float | None:
    doc = sentence.doc
    token: Any = doc[name.preposition] if name.preposition >= 0 else doc[name.first]
    preposition = token.lower_ if name.preposition >= 0 else ""
    if _is_date_or_person(sentence, name) or _is_perceived(token, trigger):
        return None
    cost = 0.0
    if name.preposition >= 0 and preposition not in _IN:
        governor = token.head if token.dep_ else None
        lemma = governor.lemma_.lower() if governor is not None else ""
        moved = trigger.lemma_.lower() in _MOVING or trigger.lemma_.lower() in _HOLDING
        if preposition == "between":
            return None
        if preposition in ("of", "for", "to", "from", "over", "via", "along") and not (
            governor is not None
            and (governor.i == trigger.i or _inside(trigger, governor))
            and (moved or lemma in _MOVING)
        ):
            return None
        cost += {"to": 0.3, "into": 0.3, "of": 0.3, "from": 0.9, "toward": 0.5, "towards": 0.5}.get(preposition, 0.7)
    elif name.preposition < 0 and token.head.i != trigger.i and doc[name.first - 1].i != trigger.i:
        cost += 0.6
    if not trigger.dep_:
        return float(cost + 0.06 * abs(name.first - trigger.i) + _flat_borders(sentence, name, trigger))
    tree = _tree(token, trigger)
    return None if tree is None or cost + tree > 2.2 else cost + tree + 0.01 * abs(name.first - trigger.i)


def _is_perceived(token: Any, trigger: Token) -> bool:
    """True for where something was only noticed: "the tremor was felt in Izmir"."""
    if not token.dep_:
        return any(
            word.lower_ in _PERCEIVED for word in token.doc[max(trigger.i + 1, token.i - 4) : max(token.i, trigger.i)]
        )
    for ancestor in token.ancestors:
        if ancestor.pos_ == "VERB":
            return ancestor.i != trigger.i and ancestor.lower_ in _PERCEIVED
    return False


def _inside(trigger: Token, governor: Any) -> bool:
    return any(ancestor.i == governor.i for ancestor in trigger.ancestors)


def _is_date_or_person(sentence: Span, name: _Name) -> bool:
    head = sentence.doc[name.last - 1]
    first = sentence.doc[name.first]
    if first.lower_ in _CALENDAR:
        return True
    if first.ent_type_ in ("DATE", "TIME", "MONEY", "PERCENT", "CARDINAL", "ORDINAL", "LANGUAGE"):
        return True
    after = sentence.doc[name.last] if name.last < sentence.end else None
    # "in Trump's speech", "at Moscow's request": an owner is no place; "in Kyiv's Maidan square" is read as a run.
    return after is not None and after.lower_ in ("'s", "’s", "‘s") and head.ent_type_ in ("PERSON", "ORG")


def _tree(token: Any, trigger: Token) -> float | None:
    above = {trigger.i: 0, **{ancestor.i: depth + 1 for depth, ancestor in enumerate(trigger.ancestors)}}
    cost = 0.0
    while token.i not in above:
        cost += {"relcl": 2.0, "advcl": 1.5, "ccomp": 1.5, "acl": 0.9, "parataxis": 2.0, "conj": 0.4}.get(
            token.dep_, 0.0
        )
        if token.dep_ == "pobj" and token.pos_ in ("NOUN", "PROPN"):
            cost += 0.25
        if token.head.i == token.i:
            return None
        token = token.head
    meeting = token.i
    walked: Any = trigger
    while walked.i != meeting:
        step = {"relcl": 1.3, "ccomp": 1.4, "acl": 0.6, "parataxis": 2.0, "conj": 0.5, "xcomp": 0.4, "pcomp": 0.4}
        cost += step.get(walked.dep_, 0.0)
        if walked.dep_ == "advcl":
            # "killing 12" shares the place of its main clause; a clause with a subject of its own is another event.
            own = any(child.dep_ in ("nsubj", "nsubjpass") for child in walked.children)
            cost += 2.3 if own else 0.4
        walked = walked.head
    return float(cost if meeting != trigger.i else max(cost - 0.3, 0.0))


def _flat_borders(sentence: Span, name: _Name, trigger: Token) -> float:
    low, high = sorted((name.first, trigger.i))
    between = sentence.doc[low:high]
    return sum(
        0.8
        for word in between
        if word.lower_ in ("who", "which", "that", "after", "before", "while", "when", "said", ";")
    )


_CALENDAR: Final = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip


# From words to coordinates ------------------------------------------------------------------------------------------


@lru_cache(maxsize=8_192)
def _area(name: str) -> Area | None:
    return place_tables().sites.get(fold(name))


def _resolve(sentence: Span, name: _Name, context: Mapping[str, int]) -> Place | None:
    doc = sentence.doc
    within = _narrower(sentence, name)
    if within is not None and (narrow := _resolve(sentence, within, context)) is not None:
        return narrow
    outer = _outer(sentence, name.last)
    for owner in range(name.first + 1, name.last - 1):
        if doc[owner].text in ("'s", "’s", "‘s"):
            inner = _resolve(
                sentence,
                _Name(owner + 1, name.last, name.preposition),
                {**context, _country_near(doc[name.first : owner].text): 1_000},
            )
            if inner is not None and inner.lat is not None:
                return inner
    for last in range(name.last, name.first, -1):
        text = doc[name.first : last].text.strip(" ,.’'‘“”\"")
        for ending in ("'s", "’s", "‘s"):
            text = text.removesuffix(ending)
        head = doc[name.last - 1].lower_ if name.last > last else ""
        found = _lookup(
            text,
            outer,
            context,
            article=_has_article(doc, name.first),
            division=head in _REGION_HEADS,
            named=doc[name.first].ent_type_ in ("GPE", "LOC", "FAC"),
        )
        if found is not None:
            whole = doc[name.first : name.last]
            if (
                last < name.last
                and doc[name.last - 1].lower_ in _SITES
                and found.precision in ("city", "country", "admin1")
            ):
                # "Moscow's Sheremetyevo airport": the site is known by its town alone.
                return Place(
                    whole.text, whole.text, found.country, found.admin1, found.lat, found.lon, found.geonames_id, "site"
                )
            longer = last < name.last and doc[last].text[:1].isupper() and doc[last].lower_ not in _REGION_HEADS
            if longer and doc[name.first].ent_type_ in ("ORG", "PERSON", "PRODUCT", "WORK_OF_ART", "EVENT"):
                # A longer name that only begins like a town ("London Bridge Capital") is not that town.
                continue
            return found
    return _unknown_site(sentence, name, context)


def _narrower(sentence: Span, name: _Name) -> _Name | None:
    """Return the name that a wider one leads to: "the Black Sea port of |Odesa|", "the Paris suburb of |Meaux|"."""
    doc = sentence.doc
    for noun in (name.last - 1, name.last):
        if noun > name.first and noun + 2 < sentence.end and doc[noun].lower_ in _LEADING_NOUNS:
            last = _run_end(sentence, noun + 2)
            if doc[noun + 1].lower_ == "of" and last > noun + 2:
                return _Name(noun + 2, last, name.preposition)
    return None


def _country_near(owner: str) -> str:
    """Return the country that the owner of a place tells: "Sudan's Darfur region"."""
    return gazetteer().country_of(owner)


def _has_article(doc: Any, first: int) -> bool:
    return first > 0 and doc[first - 1].lower_ == "the"


def _outer(sentence: Span, last: int) -> str:
    """Return what stands behind a comma: "Springfield, |Illinois|"."""
    doc = sentence.doc
    if last + 1 < sentence.end and doc[last].text in (",", "in") and doc[last + 1].text[:1].isupper():
        end = _run_end(sentence, last + 1)
        return str(doc[last + 1 : end].text)
    if last + 2 < sentence.end and doc[last].lower_ == "in" and doc[last + 2].text[:1].isupper():
        end = _run_end(sentence, last + 2)
        return str(doc[last + 2 : end].text)
    return ""


def _lookup(
    text: str, outer: str, context: Mapping[str, int], *, article: bool, division: bool = False, named: bool = True
) -> Place | None:
    """Resolve one name. ``division``: a word like "province" follows; ``named``: the tagger takes it for a place."""
    key = fold(text.removeprefix("the "))
    if not key or (not text[:1].isupper() and not text.startswith("al-")):
        return None
    tables = place_tables()
    site = tables.sites.get(key)
    if site is not None:
        return _from_area(text, site, "site")
    region = tables.regions.get(key)
    outer_country = _country(outer)
    cities = tables.cities.get(key, ())
    state = us_states().get(key)
    if state is not None and _means_state(key, outer, context):
        centre = _centre(state.name)
        return Place(text, state.name, "USA", state.name, centre[0], centre[1], 0, "admin1")
    if division and site is None:
        found = _division(text, key, outer_country, context)
        if found is not None:
            return found
    if outer:
        inner = _in_outer(cities, outer, outer_country)
        if inner is not None:
            return _from_city(text, inner)
    entry = gazetteer().lookup(text)
    if entry is not None and entry.kind == "country":
        return Place(text, entry.name, entry.country, "", None, None, 0, "country")
    if region is not None and not article and cities and cities[0].population > 1_000_000:
        region = None
    if region is not None:
        return _from_area(text, region, "region" if not region.country or not region.admin1 else "admin1")
    if entry is not None and entry.kind == "capital":
        own = [city for city in cities if city.country == entry.country]
        if own:
            return _from_city(text, _choose(cities, context, capital=own[0]))
        return Place(text, entry.name, entry.country, "", None, None, 0, "city")
    if entry is not None:
        return None
    if cities and not article:
        city = _choose(cities, context)
        if division:
            # "Donetsk region", where no list of divisions has it: around the town of that name.
            return Place(text, city.name, city.country, city.name, city.lat, city.lon, 0, "admin1")
        # "Police" and "Reading" are towns too: a name that the tagger takes for something else must be a large one.
        if named or city.population >= MIN_UNNAMED_POPULATION:
            return _from_city(text, city)
    return _division(text, key, outer_country, context) if named else None


def _division(text: str, key: str, outer_country: str, context: Mapping[str, int]) -> Place | None:
    """Resolve a province, oblast or state (ISO 3166-2); on the first level it lies where its namesake town does."""
    options = place_tables().divisions.get(key, ())
    if not options:
        return None

    def weight(option: Division) -> tuple[bool, int]:
        return option.country == outer_country and bool(outer_country), context.get(option.country, 0)

    chosen = max(options, key=weight)
    if key in _DIRECTIONS and not any(weight(chosen)):
        return None  # "the Eastern District" is a district of Fiji only where Fiji is spoken of
    name, country = chosen.name, chosen.country
    own = [city for city in place_tables().cities.get(key, ()) if city.country == country and chosen.first]
    lat, lon = (own[0].lat, own[0].lon) if own else (None, None)
    return Place(text, name, country, name, lat, lon, 0, "admin1")


def _means_state(key: str, outer: str, context: Mapping[str, int]) -> bool:
    if key == "georgia":
        return context.get("USA", 0) > context.get("GEO", 0) and context.get("GEO", 0) == 0
    if key in ("washington", "new york"):
        return False
    return key != "jersey"


@lru_cache(maxsize=64)
def _centre(state: str) -> tuple[float | None, float | None]:
    """Return the mean position of a state's towns, weighted by population: where its events are likeliest."""
    total = lat = lon = 0.0
    for cities in place_tables().cities.values():
        for city in cities:
            if city.admin1 == state:
                total += city.population
                lat += city.lat * city.population
                lon += city.lon * city.population
    return (round(lat / total, 2), round(lon / total, 2)) if total else (None, None)


def _country(name: str) -> str:
    entry = gazetteer().lookup(name) if name else None
    return entry.country if entry is not None and entry.kind == "country" else ""


def _in_outer(cities: tuple[City, ...], outer: str, country: str) -> City | None:
    state = us_states().get(fold(outer))
    for city in cities:
        if (state is not None and city.admin1 == state.name) or (country and city.country == country and state is None):
            return city
    return None


def _choose(cities: tuple[City, ...], context: Mapping[str, int], capital: City | None = None) -> City:
    total = sum(number for name, number in context.items() if name.isupper()) or 1

    def weight(city: City) -> float:
        share = context.get(city.country, 0) / total
        near = NEAR_WEIGHT if context.get(city.admin1, 0) else 1.0
        return city.population * (1.0 + CONTEXT_WEIGHT * share) * (CAPITAL_WEIGHT if city is capital else near)

    return max(cities, key=weight)


def _from_city(text: str, city: City) -> Place:
    return Place(text, city.name, city.country, city.admin1, city.lat, city.lon, city.geonames_id, "city")


def _from_area(text: str, area: Area, precision: str) -> Place:
    admin1 = area.admin1 if precision != "site" else ""
    return Place(text, area.name, area.country, admin1, area.lat, area.lon, 0, precision)


def _unknown_site(sentence: Span, name: _Name, context: Mapping[str, int]) -> Place | None:
    """Take a site that is in no table, "Sheremetyevo airport": it lies in the article's country if there is but one."""
    whole = sentence.doc[name.first : name.last]
    if (town := _unknown_town(sentence, name, context)) is not None:
        return town
    words = [bare_word(token.text) for token in whole]
    label = whole[0].ent_type_
    if len(words) < 2 or (words[-1].lower() not in _SITES and label != "FAC"):
        return None
    country = next(iter(context)) if len(context) == 1 else ""
    return Place(whole.text, whole.text, country, "", None, None, 0, "site")


def _unknown_town(sentence: Span, name: _Name, context: Mapping[str, int]) -> Place | None:
    """Take a town or district that is in no table: "the town of Marsabit", "in Marsabit, Kenya"."""
    doc = sentence.doc
    noun = doc[name.first - 2].lower_ if name.first - 2 >= sentence.start and doc[name.first - 1].lower_ == "of" else ""
    if noun not in _LEADING_NOUNS:
        return None
    begin = max(sentence.start, name.first - 8)
    adjectives = [gazetteer().lookup(token.text) for token in doc[begin : name.first] if token.text[:1].isupper()]
    nearest = [entry.country for entry in adjectives if entry is not None and entry.country]
    country = _country(_outer(sentence, name.last)) or (nearest[-1] if nearest else _foremost(context))
    text = doc[name.first : name.last].text.removesuffix("'s").removesuffix("’s")
    if noun in _REGION_HEADS:
        return Place(text, text, country, text, None, None, 0, "admin1")
    return Place(text, text, country, "", None, None, 0, "city")


def _foremost(context: Mapping[str, int]) -> str:
    """Return the country that an article names most, if most of those it names are that one."""
    codes = {code: number for code, number in context.items() if code.isupper() and len(code) == 3}
    best = max(codes, key=lambda code: codes[code], default="")
    return best if best and 2 * codes[best] > sum(codes.values()) else ""
