"""Where an event happens: the place that a preposition near the trigger names, resolved to coordinates.

A capital may be a town ("a blast in Moscow") or a government ("Moscow said"); only names that a preposition of place
governs count as places. Towns of the same name are told apart by the countries the article names, then by population.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from spacy.tokens import Span, Token

from services.extractor.placelookup import NO_CONTEXT
from services.extractor.placenames import NameRun, name_runs
from services.extractor.placereading import resolve_run
from services.extractor.placerecord import Place
from services.extractor.placewords import BEARINGS, CALENDAR, HOLDING, LEADING_NOUNS, LOCATING, MOVING, PERCEIVED


def find_place(
    sentence: Span,
    trigger: Token,
    publisher_country: str = "",
    *,
    context_countries: Mapping[str, int] = NO_CONTEXT,
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
    for name in name_runs(sentence):
        cost = _cost(sentence, trigger, name)
        if cost is None:
            continue
        place = resolve_run(sentence, name, context)
        if place is not None:
            fine = {"site": 0.0, "city": 0.0, "admin1": 0.15, "region": 0.2, "country": 0.3}[place.precision]
            ranked.append((cost + fine, name.first, place))
    return min(ranked, key=lambda item: item[:2])[2] if ranked else None


_DIRECTED_COST: Final = {"to": 0.3, "into": 0.3, "of": 0.3, "from": 0.9, "toward": 0.5, "towards": 0.5}


def _cost(sentence: Span, trigger: Token, name: NameRun) -> float | None:
    doc = sentence.doc
    token: Any = doc[name.preposition] if name.preposition >= 0 else doc[name.first]
    preposition = token.lower_ if name.preposition >= 0 else ""
    if _is_date_or_person(sentence, name) or _is_perceived(token, trigger):
        return None
    cost = 0.0
    town = _led(doc, name)
    if town is not None and town.dep_ in _HELD:
        token, preposition = town, ""  # "struck the |town| of Nabatieh" names what was struck
    elif name.preposition >= 0 and preposition not in LOCATING:
        governor = token.head if token.dep_ else None
        lemma = governor.lemma_.lower() if governor is not None else ""
        moved = trigger.lemma_.lower() in MOVING or trigger.lemma_.lower() in HOLDING
        if preposition == "between":
            return None
        bearing = preposition == "of" and lemma in BEARINGS  # "12 km north of |Sindirgi|"
        led = governor is not None and (governor.i == trigger.i or _inside(trigger, governor))
        named = preposition in ("of", "for", "to", "from", "over", "via", "along")
        if not bearing and named and not (led and (moved or lemma in MOVING)):
            return None
        cost += 0.1 if bearing else _DIRECTED_COST.get(preposition, 0.7)
    elif name.preposition < 0 and token.head.i != trigger.i and doc[name.first - 1].i != trigger.i:
        cost += 0.6
    if not trigger.dep_:
        return float(cost + 0.06 * abs(name.first - trigger.i) + _flat_borders(sentence, name, trigger))
    tree = _tree(token, trigger)
    return None if tree is None or cost + tree > 2.2 else cost + tree + 0.01 * abs(name.first - trigger.i)


def _led(doc: Any, name: NameRun) -> Any:
    """Return the "town" of "the town of Nabatieh"; None where no such noun leads to the name."""
    before = doc[name.first - 1] if name.first else None
    led = before is not None and before.lower_ == "of" and before.dep_ and before.head.lower_ in LEADING_NOUNS
    return before.head if before is not None and led else None


_HELD: Final = frozenset({"dobj", "nsubjpass"})
"""What something is done to."""


def _is_perceived(token: Any, trigger: Token) -> bool:
    """True for where something was only noticed: "the tremor was felt in Izmir"."""
    if not token.dep_:
        return any(
            word.lower_ in PERCEIVED for word in token.doc[max(trigger.i + 1, token.i - 4) : max(token.i, trigger.i)]
        )
    for ancestor in token.ancestors:
        if ancestor.pos_ == "VERB":
            return ancestor.i != trigger.i and ancestor.lower_ in PERCEIVED
    return False


def _inside(trigger: Token, governor: Any) -> bool:
    return any(ancestor.i == governor.i for ancestor in trigger.ancestors)


def _is_date_or_person(sentence: Span, name: NameRun) -> bool:
    head = sentence.doc[name.last - 1]
    first = sentence.doc[name.first]
    if first.lower_ in CALENDAR:
        return True
    if first.ent_type_ in ("DATE", "TIME", "MONEY", "PERCENT", "CARDINAL", "ORDINAL", "LANGUAGE"):
        return True
    after = sentence.doc[name.last] if name.last < sentence.end else None
    # "in Trump's speech", "at Moscow's request": an owner is no place; "in Kyiv's Maidan square" is read as a run.
    return after is not None and after.lower_ in ("'s", "’s", "‘s") and head.ent_type_ in ("PERSON", "ORG")


_NAMED: Final = frozenset({"PERSON", "ORG"})


def _tree(token: Any, trigger: Token) -> float | None:
    above = {trigger.i: 0, **{ancestor.i: depth + 1 for depth, ancestor in enumerate(trigger.ancestors)}}
    cost = 0.0
    while token.i not in above:
        cost += {"relcl": 2.0, "advcl": 1.5, "ccomp": 1.5, "acl": 0.9, "parataxis": 2.0, "conj": 0.4}.get(
            token.dep_, 0.0
        )
        if token.dep_ == "relcl" and token.head.ent_type_ in _NAMED:
            return None  # "Ali Nur, who leads the government in N'Djamena, agreed": it tells of him, not of the event
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


def _flat_borders(sentence: Span, name: NameRun, trigger: Token) -> float:
    low, high = sorted((name.first, trigger.i))
    between = sentence.doc[low:high]
    return sum(
        0.8
        for word in between
        if word.lower_ in ("who", "which", "that", "after", "before", "while", "when", "said", ";")
    )
