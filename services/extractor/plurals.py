"""Whom "the two leaders", "both countries" and "each side" stand for: the most salient actors of the kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.extractor.entities import Actor, Kind
from services.extractor.gazetteer import gazetteer
from services.extractor.references import History
from services.extractor.views import SentenceView

PLURAL_REACH: Final = 4
"""How many sentences back "the two leaders" and "both countries" may point."""
NUMBERS: Final = {"two": 2, "both": 2, "three": 3, "four": 4, "each": 2, "either": 2, "neither": 2}
PHRASE_ENDS: Final = frozenset({
    "a", "an", "and", "or", "but", "in", "on", "at", "to", "by", "for", "from", "with", "as", "that", "which",
    "who", ",", ";", ":", "(", ")", "“", "”", '"', "‘", "—", "–", "of", "said", "is", "was", "were", "are", "has",
    "had",
})  # fmt: skip
"""Words that end a noun phrase, "of" among them."""
_PERSONS_PLURAL: Final = frozenset({
    "leaders", "presidents", "men", "women", "politicians", "premiers", "ministers", "counterparts", "pair", "duo",
    "officials", "diplomats", "monarchs", "chancellors", "statesmen", "candidates", "suspects", "defendants",
})  # fmt: skip
_COUNTRIES_PLURAL: Final = frozenset({
    "countries", "nations", "sides", "parties", "governments", "capitals", "neighbours", "neighbors", "powers",
    "states", "allies", "foes", "rivals", "enemies", "adversaries", "superpowers", "side", "country",
    "delegations",
})  # fmt: skip


class Plurals:
    """Resolves phrases that stand for several actors at once."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._names = gazetteer()

    def read(self, sentence: SentenceView, number: int) -> int:
        """Resolve "the two leaders", "both countries", "each side", "the leaders"; 0 where there is no such phrase."""
        lower = sentence.lower
        at, wanted = number, 0
        if lower[at] == "the":
            at += 1
        if at < len(lower) and lower[at] in NUMBERS:
            wanted = NUMBERS[lower[at]]
            at += 1
            if lower[at : at + 1] == ["of"] or lower[at : at + 1] == ["the"]:
                at += 1
        end = at
        while end < len(lower) and end - at < 3:
            word = lower[end]
            if word in _PERSONS_PLURAL or word in _COUNTRIES_PLURAL:
                break
            if end in sentence.inside or not (word.isalpha() or word == "-") or word in PHRASE_ENDS:
                end = len(lower)
                break
            end += 1
        bare = end >= len(lower) or end - at >= 3
        if bare:
            if wanted and lower[number] == "the" and sentence.span[at - 1].dep_ in ("nsubj", "pobj", "nsubjpass"):
                actors = self._salient("person", wanted, sentence)
                if actors:
                    self._history.refer(sentence, number, at, "plural", actors)
                    return at
            return 0
        noun = lower[end]
        if not wanted:
            if (end != at and noun not in ("nations", "countries", "sides", "leaders")) or noun in ("side", "country"):
                return 0
            wanted = 2
        if noun in ("pair", "duo") and wanted == 2 and lower[number] != "the":
            return 0
        sort: Kind = "person" if noun in _PERSONS_PLURAL else "country"
        actors = self._salient(sort, wanted, sentence)
        if not actors and noun in ("sides", "parties", "rivals", "allies", "enemies", "foes", "side"):
            actors = self._salient("organisation", wanted, sentence)
        if not actors:
            return 0
        self._history.refer(sentence, number, end + 1, "plural", actors)
        return end + 1

    def _salient(self, sort: Kind, wanted: int, sentence: SentenceView) -> tuple[Actor, ...]:
        """Return the ``wanted`` most salient actors of a kind that were named before; empty where there are fewer."""
        index = sentence.index
        here = [reference for reference in self._history.recent(index, 0) if reference.sentence == index]
        for coordination in reversed([*self._history.coordinations, *self._history.joined(sentence, here)]):
            if index - coordination.sentence > 2:
                break
            if len(coordination.actors) == wanted and all(
                actor.kind == sort or (sort == "organisation" and actor.kind == "country")
                for actor in coordination.actors
            ):
                return coordination.actors
        scores: dict[str, float] = {}
        actors: dict[str, Actor] = {}
        for reference in self._history.recent(index, PLURAL_REACH):
            weight = 1.0 / (1 + index - reference.sentence)
            weight *= 1.6 if reference.subject else 0.6 if reference.modifier else 1.0
            for actor in reference.actors:
                for fitting, share in self._as_kind(actor, sort):
                    actors[fitting.entity_id] = fitting
                    scores[fitting.entity_id] = scores.get(fitting.entity_id, 0.0) + weight * share
        if len(scores) < wanted:
            return ()
        best = sorted(scores, key=lambda key: -scores[key])[:wanted]
        return tuple(actors[key] for key in best)

    def _as_kind(self, actor: Actor, sort: Kind) -> Iterable[tuple[Actor, float]]:
        if sort == "person":
            if actor.kind == "person" and actor.sector in ("GOV", "", "MIL", "LEG", "OPP", "REB", "PTY", "IGO"):
                yield actor, 1.0
        elif sort == "country":
            if actor.kind == "country":
                yield actor, 1.0
            elif actor.country and actor.sector in ("GOV", "MIL"):
                yield self._names.country_actor(actor.country), 0.8
        elif actor.kind in ("organisation", "country"):
            yield actor, 1.0
