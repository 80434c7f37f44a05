"""A title made of an event's fields: who does what to whom, how far it is, where, and how many were hurt.

The words are data (``title_phrases.tsv``), the grammar is ``title_grammar``; here stands which of them a state of an
event calls for. The same fields give the same title, so it changes with status, toll, participants and place alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from services.contracts.dateline.v1 import event_pb2
from services.linker.title_grammar import Who, anybody, are_many, as_headline, inflected, listed, who, with_article
from services.linker.title_phrases import Phrases, title_phrases
from services.linker.values import number_text, quantity_text

LONGEST: Final = 90
"""Characters of a title that is made; one that a publisher wrote stays as it is."""
_DONE: Final = frozenset({"ongoing", "occurred", ""})
_AHEAD_OF_SIDES: Final = {
    "considered": "consider {}",
    "requested": "ask for {}",
    "planned": "plan {}",
    "agreed": "agree on {}",
    "denied": "deny {}",
    "cancelled": "call off {}",
}
_OF_A_THING: Final = {
    "considered": "considered",
    "requested": "sought",
    "planned": "planned",
    "agreed": "agreed",
    "denied": "denied",
    "cancelled": "called off",
}
_OF_NATURE: Final = _OF_A_THING | {"considered": "possible", "requested": "expected", "planned": "expected"}
_NOT_PEOPLE: Final = ("organisation", "country")
_SIDES: Final = 2
_SHORTENED: Final = ((False, True), (False, False), (True, True), (True, False))
"""How a title is made shorter, step by step: with one name and "others"; with its place."""
_RANK: Final = {"person": 0, "organisation": 1, "country": 2}


class Made(NamedTuple):
    """A title and whether it tells enough to stand by itself."""

    text: str
    telling: bool
    bare: bool = False
    """True where it is no more than the kind of event."""
    sides: bool = False
    """True where it names who does it and whom it is done to."""


class _Told(NamedTuple):
    """What of an event its title may use."""

    phrases: Phrases
    status: str
    by: tuple[Who, ...]
    to: tuple[Who, ...]
    place: str
    near: str
    """The place with its preposition; empty where it is no part of the title."""


def make(event: event_pb2.Event, placed: bool = True) -> Made:
    """Return a title of an event's fields, at most ``LONGEST`` characters; without names and place only its kind.

    ``placed``: a sentence that tells the event names its place, which may thus stand in the title.
    """
    phrases = title_phrases()[event.type]
    by, to = _sides(event, phrases)
    place, near = _place(event) if placed else ("", "")
    named = any(each.named for each in (*by, *to))
    here = near if near and not _implied(event, (*by, *to)) else ""
    for few, with_place in _SHORTENED:
        if (few and len(by) < _SIDES and len(to) < _SIDES) or not (with_place or here):
            continue
        shown_by, shown_to = (_fewer(by), _fewer(to)) if few else (by, to)
        told = _Told(phrases, event.status, shown_by, shown_to, place, here if with_place else "")
        text, all_told = next(((t, full) for t, full in _ways(event, told) if t), ("", False))
        if text and len(text) <= LONGEST:
            vague = _says_little(phrases, by, to)
            telling = all_told and (named or bool(place)) and not vague
            sides = any(each.named for each in by) and any(each.named for each in to)
            return Made(as_headline(text), telling, sides=sides)
    return Made(as_headline(phrases.noun), False, bare=True)


def _says_little(phrases: Phrases, by: Sequence[Who], to: Sequence[Who]) -> bool:
    """Tell whether a title lacks what tells one event of its kind from another, or names what it cannot be about."""
    if "vague" in phrases.traits or ("whom" in phrases.traits and not to):
        return True
    only_people = _NOT_PEOPLE if "toll" not in phrases.traits else _NOT_PEOPLE[:1]
    if "people" in phrases.traits and any(each.kind in only_people for each in to or by):
        return True  # Only people resign, die and are arrested.
    return "sides" in phrases.traits and len(by) + len(to) < _SIDES


def _ways(event: event_pb2.Event, told: _Told) -> Iterator[tuple[str, bool]]:
    """Yield the titles that the fields allow, the most telling first, each with whether it names whoever is named."""
    clause = _clause(told)
    if "toll" in told.phrases.traits:
        yield _toll(event, told, clause), True
    if clause:
        yield _with_place(clause, told), True
    yield _nobody(event, told), not (told.by or told.to)


# Who and where


def _sides(event: event_pb2.Event, phrases: Phrases) -> tuple[tuple[Who, ...], tuple[Who, ...]]:
    """Return who does it and whom it is done to."""
    roles: dict[str, list[Who]] = {"source": [], "party": [], "target": [], "subject": []}
    for participant in event.participants:
        called = who(participant)
        if called is not None and called.kind == "organisation" and called.name == event.place.name:
            continue  # "Trump and the White House meet at the White House"
        if called is not None and participant.role in roles:
            roles[participant.role].append(called)
    by = roles["source"] or roles["party"]
    to = roles["target"] or roles["subject"]
    if "sides" in phrases.traits and not (roles["source"] and roles["target"]):
        several = [*roles["party"], *roles["source"], *roles["target"]]
        countries = [each for each in several if each.kind == "country"]
        chosen = countries if len(countries) > 1 else _opposite(_named(several), several)
        return tuple(sorted(_distinct(chosen), key=lambda each: each.name)), ()
    if "land" in phrases.traits:
        to = [each for each in to if each.kind == "country"]
    if "people" in phrases.traits:
        to = [each for each in to if each.kind != "country"]
    if "nature" in phrases.traits:
        return (), tuple(_distinct(_best(to)))
    chosen_by = _distinct(_best(by))
    if to and not any(each.named for each in chosen_by) and all(anybody(each.name) for each in chosen_by):
        # "Marc Fogel shot" says as much as "Men shoot Marc Fogel".
        chosen_by = []
    taken = {each.name for each in chosen_by}
    if "fate" in phrases.traits or not (phrases.acts or phrases.suffers):
        return tuple(chosen_by or _distinct(_best(to))), ()
    chosen_to = [each for each in _distinct(_best(to)) if each.name not in taken]
    return tuple(chosen_by), _counted(event, phrases, chosen_by, chosen_to)


def _named(people: Sequence[Who]) -> list[Who]:
    """Return those called by name, persons first; a minister's country adds nothing to the minister."""
    named = [each for each in people if each.named]
    if len(named) < _SIDES:
        return named
    named.sort(key=lambda each: _RANK.get(each.kind, 3))
    acting = {each.country for each in named if each.kind != "country" and each.country}
    return [each for each in named if each.kind != "country" or each.country not in acting]


def _opposite(named: list[Who], several: Sequence[Who]) -> list[Who]:
    """Return the named sides; where that is one or none, with those described beside them, but for their own people."""
    chosen = list(named)
    for each in several:
        if len(chosen) >= _SIDES:
            break
        own = bool(each.country) and any(each.country == other.country for other in chosen)
        if not each.named and not own and not anybody(each.name):
            chosen.append(each)
    return chosen or list(several[:1])


def _best(people: Sequence[Who]) -> list[Who]:
    """Return persons and bodies called by name, else countries, else one description."""
    named = _named(people)
    return [each for each in named if each.kind != "country"] or named or list(people[:1])


def _distinct(people: Sequence[Who]) -> list[Who]:
    """Leave out who is named twice: "Palin" beside "Sarah Palin"."""
    if len(people) < _SIDES:
        return list(people)
    found: list[Who] = []
    for each in sorted(people, key=lambda one: -len(one.name.split())):
        words = set(each.name.lower().split())
        if not any(words <= set(other.name.lower().split()) for other in found):
            found.append(each)
    return [each for each in people if each in found]


def _fewer(people: tuple[Who, ...]) -> tuple[Who, ...]:
    """Return the first and "others"."""
    return people if len(people) <= 1 else (people[0], Who("others", True, False, "group", ""))


def _place(event: event_pb2.Event) -> tuple[str, str]:
    """Return the place and the place with its preposition."""
    place = event.place
    name = " ".join((place.name or place.text).split())
    words = name.split()
    if not words or len(words) > 5 or not words[-1][:1].isupper():
        return "", ""
    name = with_article(name)
    at = place.precision == "site" or words[0] == "Lake"
    return name, f"{'at' if at else 'in'} {name}"


def _implied(event: event_pb2.Event, people: Sequence[Who]) -> bool:
    """Tell whether those named already say where."""
    place = event.place
    return place.precision == "country" and any(each.country == place.country for each in people if each.country)


# What is told


def _clause(told: _Told) -> str:
    """Who does what to whom, without the place; empty where nobody fit for it is named."""
    phrases, by, to = told.phrases, told.by, told.to
    if "sides" in phrases.traits and len(by) > 1:
        return _together(told)
    whom = listed(to) if to and phrases.acts else ""
    if by and "there" in phrases.traits and not whom and told.near and phrases.acts:
        whom = told.place
    if by:
        return _active(told, whom)
    if to:
        return _passive(told)
    return ""


def _together(told: _Told) -> str:
    done = told.status in _DONE or (told.status == "agreed" and "deal" in told.phrases.traits)
    does = told.phrases.together if done else _AHEAD_OF_SIDES[told.status].format(told.phrases.noun)
    return f"{listed(told.by)} {does}" if does else ""


def _thing(phrases: Phrases, whom: str) -> str:
    return f"{phrases.noun} {phrases.of} {whom}" if whom and phrases.of else phrases.noun


def _active(told: _Told, whom: str) -> str:
    phrases, status = told.phrases, told.status
    base = phrases.acts.format(whom) if whom else phrases.alone
    thing = _thing(phrases, whom)
    if "fate" in phrases.traits and status in ("requested", "planned", "agreed", "denied", "cancelled"):
        return f"{phrases.noun} {phrases.of or 'of'} {listed(told.by)} {_OF_NATURE[status]}"
    if status == "requested":
        # Those without a name who are told beside a wish are often those who wish.
        return f"{thing} by {listed(told.by)} sought" if any(each.named for each in told.by) else f"{thing} sought"
    if status in _DONE or (status == "agreed" and "deal" in phrases.traits):
        does = base
    elif status == "considered":
        does = f"may {base}" if base else f"consider {thing}"
    elif status == "planned":
        does = f"be to {base}" if base and "to" in phrases.traits else f"plan {thing}"
    elif status == "agreed":
        does = f"agree to {base or thing}"
    else:
        does = _AHEAD_OF_SIDES[status].format(thing)
    if not does:
        return ""
    told_so = inflected(does, are_many(told.by))
    # Headlines leave the verb out: "Rukundo to visit Oman".
    return f"{listed(told.by)} {told_so.split(' ', 1)[1] if does.startswith('be to ') else told_so}"


def _passive(told: _Told) -> str:
    phrases, status, whom = told.phrases, told.status, listed(told.to)
    thing = f"{phrases.noun} {phrases.of} {whom}" if phrases.of else ""
    if phrases.suffers and status in (*_DONE, "considered", "planned"):
        before = {"considered": "may be ", "planned": "to be " if "nature" not in phrases.traits else "may be "}
        return f"{whom} {before.get(status, '')}{phrases.suffers}"
    if not thing:
        return ""
    return f"{thing} {_OF_A_THING[status]}" if status not in _DONE else thing


def _with_place(clause: str, told: _Told) -> str:
    asked = told.status == "requested" and any(each.named for each in told.by)
    if not clause or not told.near or asked or "far" in told.phrases.traits:
        return clause
    return clause if told.place.lower() in clause.lower() else f"{clause} {told.near}"


def _measured(event: event_pb2.Event, measure: str) -> event_pb2.Quantity | None:
    return next((q.latest for q in event.quantities if q.measure == measure and q.latest.value), None)


def _noun(event: event_pb2.Event, phrases: Phrases) -> str:
    strength = _measured(event, "magnitude") if event.type == "earthquake" else None
    return f"magnitude {number_text(strength.value)} {phrases.noun}" if strength else phrases.noun


def _toll(event: event_pb2.Event, told: _Told, clause: str) -> str:
    """How many were killed or hurt, where and by whom; empty where it does not kill or nobody was."""
    phrases = told.phrases
    if told.status not in _DONE:
        return ""
    figures = ((measure, _measured(event, measure)) for measure in ("killed", "injured"))
    found = next(((measure, figure) for measure, figure in figures if figure), None)
    if found is None:
        return ""
    hurt = f"{quantity_text(found[1])} {found[0]}"
    if told.by and clause and any(each.named for each in told.by) and "sides" not in phrases.traits:
        return _with_place(f"{hurt} as {clause}", told)
    if told.near:
        return f"{hurt} in {_noun(event, phrases)} {told.near}"
    if told.place:
        return f"{hurt} in {_noun(event, phrases)} in {told.place}" if not clause else ""
    return f"{hurt} in {_noun(event, phrases)}" if not clause else ""


def _counted(event: event_pb2.Event, phrases: Phrases, by: Sequence[Who], to: Sequence[Who]) -> tuple[Who, ...]:
    """Return those it is done to as a number of people, where the number is known and their names are not."""
    figure = _measured(event, phrases.count) if phrases.count and event.status in _DONE else None
    if figure is None or any(each.named for each in to) or (by and not to):
        return tuple(to)
    many = figure.value > 1
    return (Who(f"{quantity_text(figure)} {'people' if many else 'person'}", many, False, "group", ""),)


def _nobody(event: event_pb2.Event, told: _Told) -> str:
    """What happens at a place, or how far it is, where nobody is named who is fit for a title."""
    phrases = told.phrases
    if not told.place:
        return ""
    near = told.near or f"in {told.place}"
    words = _OF_NATURE if phrases.traits & {"nature", "fate"} else _OF_A_THING
    if told.status in words:
        return f"{phrases.noun} {words[told.status]} {near}"
    noun = _noun(event, phrases)
    said = phrases.happens.replace(phrases.noun, noun, 1) if noun != phrases.noun else phrases.happens
    return said.replace("{in}", near).replace("{to}", f"to {told.place}").replace("{}", told.place)
