"""Which of a sentence's time expressions dates an event: the one with the fewest clause borders between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from spacy.tokens import Span, Token

from services.extractor.times import find_times, utc_day
from services.extractor.timespans import TimedExpression, TimeSpan

MAX_COST: Final = 1.9
"""An expression that stands further from the event than this, in clause borders, does not date it."""


def event_time(
    sentence: Span,
    trigger: Token,
    published: datetime,
    *,
    past: bool | None = None,
    anchor: TimeSpan | None = None,
    ahead: bool = False,
) -> TimeSpan | None:
    """Return when the event that ``trigger`` names takes or took place; None where its clause does not tell.

    ``ahead``: it has not begun on the day of the report, so earlier days date something else. Raises nothing: an odd
    date ("31 February") is no date.
    """
    expressions = find_times(sentence, published, past=past, anchor=anchor)
    if not expressions:
        return None
    best: TimeSpan | None = None
    best_cost = MAX_COST
    parsed = bool(trigger.dep_)
    today = utc_day(published).isoformat()
    for expression in expressions:
        if ahead and expression.time.end < today:
            continue
        if expression.relative:
            cost = _relative_cost(sentence, expression, trigger)
        elif parsed:
            cost = _tree_cost(sentence, expression, trigger)
        else:
            cost = _flat_cost(sentence, expression, trigger)
        if cost < best_cost:
            best, best_cost = expression.time, cost
    return best


_BORDERS: Final[Mapping[str, float]] = {
    "relcl": 2.5, "advcl": 2.0, "ccomp": 2.0, "acl": 1.2, "csubj": 2.0, "parataxis": 2.0, "xcomp": 0.8, "conj": 0.6,
    "pcomp": 0.6, "appos": 1.0,
}  # fmt: skip
"""What it costs to leave a clause of each kind, on the way from the event up to what the expression belongs to."""
_WHILE: Final = frozenset({"as", "when", "while", "where", "whereas"})
"""Words that join clauses about the same time."""
_SEQUENCE: Final = frozenset({"follow", "precede", "trigger", "prompt", "cause", "spark", "lead"})
"""Lemmas of verbs that join an event to a later or an earlier one, which is what they date."""


def _tree_cost(sentence: Span, expression: TimedExpression, trigger: Token) -> float:
    doc = sentence.doc
    if expression.start <= trigger.i < expression.end:
        return MAX_COST
    head = doc[expression.start : expression.end].root
    above = {token.i: distance for distance, token in enumerate([trigger, *trigger.ancestors])}
    if doc[expression.end - 1].i in above and doc[expression.end - 1].lower_ in ("after", "before", "to"):
        return MAX_COST  # "two days after the |crash|" dates its own clause
    cost, token = 0.0, head
    while token.i not in above:
        if token.dep_ == "advcl" and any(child.lower_ in _WHILE for child in token.lefts):
            cost += 1.0
        elif token.dep_ == "relcl" and token.head.i == trigger.i:
            cost += 1.0  # "a fire that killed nine last week"
        elif token.dep_ in ("relcl", "advcl", "ccomp", "csubj", "parataxis"):
            cost += 2.5
        elif token.dep_ == "acl":
            cost += 1.2
        elif token.dep_ == "conj":
            cost += 0.5
        elif token.i == head.i and token.dep_ in ("nmod", "compound", "nummod", "amod") and token.head.i not in above:
            cost += 2.5  # "the 1950s |model|": the expression says of which time another noun is
        elif token.dep_ == "pobj" and token.i != head.i and token.pos_ in ("NOUN", "PROPN"):
            # The expression qualifies another noun: "in an interview on Tuesday".
            cost += 0.5
        if token.head.i == token.i:
            return MAX_COST
        token = token.head
    meeting = token
    token = trigger
    while token.i != meeting.i:
        border = _BORDERS.get(token.dep_, 0.0)
        if token.dep_ == "advcl" and any(child.lower_ in _WHILE for child in token.lefts):
            border = 1.0
        elif token.dep_ == "advcl" and token.tag_ == "VB" and any(child.lower_ == "to" for child in token.lefts):
            border = 0.8  # "left on Monday to |visit|": a purpose is of the time of what serves it
        elif token.dep_ == "conj" and expression.start > token.i:
            border = 0.4
        elif token.dep_ == "acl" and any(child.dep_ == "mark" for child in token.lefts):
            border = 2.0
        cost += border
        token = token.head
    if meeting.i == trigger.i:
        cost -= 0.3
    if meeting.lemma_.lower() in _SEQUENCE and trigger.dep_ in ("nsubj", "nsubjpass") and trigger.head.i == meeting.i:
        cost += 2.0  # "the quake was followed by aftershocks on Monday"
    lower, upper = sorted((trigger.i, head.i))
    return float(cost + 0.015 * (upper - lower))


def _relative_cost(sentence: Span, expression: TimedExpression, trigger: Token) -> float:
    """Cost for "two days after <clause>": it dates what follows it, up to the end of that clause."""
    if trigger.i < expression.end:
        return MAX_COST
    doc = sentence.doc
    between = doc[expression.end : trigger.i]
    if any(token.text in (";", "—", "–") for token in between):
        return MAX_COST
    borders = sum(token.lower_ in ("who", "which", "while", "before", "when", "where") for token in between)
    commas = sum(token.text == "," for token in between)
    return float(0.5 + borders * 0.8 + commas * 0.5 + 0.015 * len(between))


_FLAT_BORDERS: Final = frozenset({
    "who", "which", "that", "after", "before", "while", "when", "if", "because", "although", "but", "said", ";",
    "where",
})  # fmt: skip


def _flat_cost(sentence: Span, expression: TimedExpression, trigger: Token) -> float:
    between: Any
    if expression.start >= trigger.i:
        between = sentence.doc[trigger.i + 1 : expression.start]
        cost = 0.0
    else:
        between = sentence.doc[expression.end : trigger.i]
        cost = 0.4
    cost += sum(1.0 for token in between if token.lower_ in _FLAT_BORDERS)
    cost += sum(0.4 for token in between if token.text == ",")
    return float(cost + 0.08 * len(between))
