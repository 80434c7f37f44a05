"""Collective actors: "Ukrainian forces", "the foreign ministry", "gunmen", and whom "the company" means later on.

A body of state that the text gives no country is that of the country the article is about ("police", "parliament").
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from services.extractor.entities import Actor, fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables, us_states
from services.extractor.plurals import PHRASE_ENDS
from services.extractor.references import POSSESSIVES, History, Reference, is_modifier
from services.extractor.views import SentenceView, bare_word

GROUP_REACH: Final = 6
"""How many sentences back "the company" may point."""
HOME_SHARE: Final = 0.6
"""An article is about one country if this share of all countries that it names is that one."""
MIN_TOWN: Final = 50_000
"""Inhabitants of a town whose police is of its country; smaller ones share their names with too many words."""
_OF_STATE: Final = frozenset({"GOV", "MIL", "COP", "JUD", "LEG", "SPY"})
_SINGULAR_BODIES: Final = frozenset(
    {"GOV", "JUD", "LEG", "BUS", "SPY", "PTY", "NGO", "LAB", "MED", "EDU", "OPP", "IGO"}
)
_OFFSHOOTS: Final = frozenset({"backed", "based", "born", "linked", "made", "funded", "aligned"})
_LATER: Final[Mapping[str, frozenset[str]]] = {
    "BUS": frozenset({"BUS"}),
    "JUD": frozenset({"JUD"}),
    "LEG": frozenset({"LEG"}),
    "MED": frozenset({"MED"}),
    "EDU": frozenset({"EDU"}),
    "NGO": frozenset({"NGO"}),
    "LAB": frozenset({"LAB"}),
    "PTY": frozenset({"PTY", "OPP"}),
    "REB": frozenset({"REB", "CRM"}),
    "CRM": frozenset({"CRM", "REB"}),
}
"""Sectors of organisations that a noun of each sector may point back to."""
_LATER_NOUNS: Final[Mapping[str, frozenset[str]]] = {
    "group": frozenset({"REB", "NGO", "CRM", "OPP", "BUS", "IGO", ""}),
    "organisation": frozenset({"NGO", "IGO", "REB", ""}),
    "organization": frozenset({"NGO", "IGO", "REB", ""}),
    "alliance": frozenset({"IGO", ""}),
    "bloc": frozenset({"IGO", ""}),
    "agency": frozenset({"IGO", "MED", "SPY", "GOV", ""}),
    "union": frozenset({"LAB"}),
    "service": frozenset({"SPY"}),
    "company": frozenset({"BUS", "MED", ""}),
    "firm": frozenset({"BUS", ""}),
    "league": frozenset({"BUS"}),
    "movement": frozenset({"OPP", "REB", "PTY", ""}),
}
"""The same for nouns that may stand for more."""


@lru_cache(maxsize=8_192)
@lru_cache(maxsize=16_384)
def singular(noun: str) -> str:
    """Return the singular of a lower-case English noun as far as collective nouns need it."""
    if noun in ("people", "police", "children"):
        return {"children": "child"}.get(noun, noun)
    if (noun.endswith("men") and len(noun) > 4) or noun == "men":
        return noun[:-3] + "man"
    if noun.endswith("thieves"):
        return "thief"
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "ches", "shes", "xes")):
        return noun[:-2]
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is", "cs")):
        return noun[:-1]
    return noun


class Groups:
    """Resolves collective nouns of one article."""

    def __init__(self, history: History, countries: Mapping[str, int]) -> None:
        """``countries``: how often the article names each (alpha-3)."""
        self._history = history
        self._names = gazetteer()
        self._countries = countries
        total = sum(countries.values())
        foremost = max(countries, key=lambda code: countries[code]) if countries else ""
        self.home = foremost if foremost and countries[foremost] >= HOME_SHARE * total else ""
        """The country that the article is about; empty where there is none or several are."""

    def read(self, sentence: SentenceView, number: int) -> int:
        """Resolve a collective noun that begins at word ``number``: return where it ends, 0 where there is none."""
        lower = sentence.lower[number]
        if not lower.isalpha():
            return 0
        end, noun, sector = self._noun(sentence, number)
        if sector is None or sentence.span[end - 1].pos_ in ("VERB", "ADJ", "ADV", "AUX"):
            return 0
        last = end - 1
        if sentence.span[last].ent_type_ in ("GPE", "LOC", "FAC") and sentence.words[last][:1].isupper():
            return 0  # "the West Bank"
        if is_modifier(sentence, sentence.start + last):
            return 0
        start, country, owner = self._phrase(sentence, number, end)
        plural = noun.split()[-1] != sentence.lower[last] or noun in ("police", "people")
        if not country and not owner and not plural:
            before = self._earlier(sentence, number, noun, sector)
            if before is not None:
                self._history.refer(sentence, start, end, "group", (before,))
                return end
        if not country and not owner and noun in ("country", "nation"):
            country = self.home if number and sentence.lower[number - 1] == "the" else ""
        elif not country and not owner and sector in _OF_STATE and noun not in self._names.owned_nouns:
            country = self.home
        if not country and not owner and noun in self._names.owned_nouns:
            return 0
        words = " ".join(sentence.words[start:end])
        self._history.refer(
            sentence, start, end, "group", (self._actor(noun, sector, country, owner, words, plural=plural),)
        )
        return end

    def _noun(self, sentence: SentenceView, number: int) -> tuple[int, str, str | None]:
        """Return (end, noun in the singular, sector) of the longest collective noun that begins at ``number``."""
        several = sentence.lower[number] in self._names.group_starts
        for length in (4, 3, 2) if several else ():
            if number + length <= len(sentence.lower):
                words = sentence.lower[number : number + length]
                for joined in (" ".join([*words[:-1], singular(words[-1])]), " ".join(words)):
                    sector = self._names.group_sector(joined)
                    if sector is not None:
                        return number + length, joined, sector
        noun = singular(sentence.lower[number])
        return number + 1, noun, self._names.group_sector(noun)

    def _earlier(self, sentence: SentenceView, number: int, noun: str, sector: str) -> Actor | None:
        """Return the organisation named before that "the company" or "the ministry" means; None where there is none."""
        at = number
        while at > 0 and number - at < 2 and sentence.span[at - 1].pos_ in ("ADJ", "NOUN"):
            at -= 1
        if at == 0 or sentence.lower[at - 1] not in ("the", "this", "that"):
            return None
        last = noun.split()[-1]
        fitting = _LATER_NOUNS.get(noun) or _LATER.get(sector, frozenset())
        for reference in reversed(self._history.recent(sentence.index, GROUP_REACH)):
            actor = reference.actors[0]
            if len(reference.actors) != 1 or actor.kind != "organisation" or _is_bare(reference, actor):
                continue
            if last in fold(actor.name).split() or actor.sector in fitting:
                return actor
        return None

    def _country_of(self, sentence: SentenceView, at: int) -> str:
        """Return the country that a possessive pronoun stands for, or whose that is: "|its| forces"."""
        found = self._history.at(sentence.span.doc, sentence.start + at)
        return found.actors[0].country if found is not None and len(found.actors) == 1 else ""

    def _owner(self, sentence: SentenceView, at: int, number: int) -> tuple[int, str, str]:
        """Return (start, country, owner) of a body that a name stands before: "Osaka |police|"."""
        first = at
        while first > 0 and sentence.words[first - 1][:1].isupper() and number - first < 3:
            first -= 1
        for begin in range(first, at + 1):
            name = " ".join(bare_word(word) for word in sentence.words[begin : at + 1] if bare_word(word))
            country = self._town(name) if self._may_be_place(sentence, begin) else ""
            if country:
                return begin, country, name
        return at, "", sentence.words[at]

    @staticmethod
    def _may_be_place(sentence: SentenceView, number: int) -> bool:
        token = sentence.span[number]
        return (
            number > 0 if not token.doc.has_annotation("ENT_IOB") else token.ent_type_ in ("GPE", "LOC", "FAC", "ORG")
        )

    def _town(self, name: str) -> str:
        """Return the country of a town or state of the United States; of several, one that the article names."""
        key = fold(name)
        if key in us_states() and (key != "georgia" or not self._countries.get("GEO")):
            return "USA"
        towns = [town for town in place_tables().cities.get(key, ()) if town.population >= MIN_TOWN]
        named = [town for town in towns if self._countries.get(town.country)]
        return (named or towns)[0].country if towns else ""

    def _phrase(self, sentence: SentenceView, number: int, end: int) -> tuple[int, str, str]:
        """Return where the phrase around a collective noun begins, its country and whom it belongs to."""
        country, owner, start = "", "", number
        at = number
        while at > 0 and number - at < 5:
            at -= 1
            lower = sentence.lower[at]
            if lower in POSSESSIVES and number - at <= 2:
                country = self._country_of(sentence, at)
            if lower in PHRASE_ENDS or lower in ("the", "his", "her", "their", "its", "some", "many", "several"):
                break
            found = self._history.at(sentence.span.doc, sentence.start + at)
            first = next((back for back in range(at, max(at - 4, -1), -1) if back in sentence.entries), -1)
            entry = sentence.entries[first] if first >= 0 and sentence.entries[first][0] > at else None
            if entry is not None and entry[1].country:
                joint = sentence.lower[entry[0] : entry[0] + 2]
                if not (len(joint) == 2 and joint[0] == "-" and joint[1] in _OFFSHOOTS):
                    country = entry[1].country
                    owner = entry[1].name if entry[1].kind == "institution" else ""
                return first, country, owner
            party = self._names.parties.get(lower)
            if party and sentence.words[at][:1].isupper():
                return at, party, sentence.words[at]
            if found is not None and found.form in ("name", "title"):
                return at, found.actors[0].country, found.actors[0].name.split()[-1]
            token = sentence.span[at]
            if token.pos_ in ("VERB", "AUX", "ADP", "PRON", "NUM") and lower not in ("'s", "’s"):
                break
            if sentence.words[at][:1].isupper() and (at or self._may_be_place(sentence, at)):
                return self._owner(sentence, at, number)
            start = at if token.pos_ in ("ADJ", "NOUN", "PROPN") and number - at <= 2 else start
        if sentence.lower[end : end + 1] == ["of"] or sentence.lower[end : end + 1] == ["in"]:
            after = end + 1 + (sentence.lower[end + 1 : end + 2] == ["the"])
            entry = sentence.entries.get(after)
            if entry is not None and entry[1].kind in ("country", "capital") and sentence.lower[end] == "of":
                country = entry[1].country
        return start, country, owner

    def _actor(self, noun: str, sector: str, country: str, owner: str, words: str, *, plural: bool) -> Actor:
        demonym = self._names.countries[country].demonym if country else ""
        label = f"{noun}s" if plural and noun not in ("police", "people") else noun
        label = {"forcess": "forces", "mans": "men", "womans": "women", "childs": "children"}.get(label, label)
        if label.endswith("ys") and not label.endswith(("ays", "eys", "oys")):
            label = label[:-2] + "ies"
        if label.endswith("mans"):
            label = label[:-4] + "men"
        name = f"{owner or demonym} {label}".strip()
        body = not plural and (sector in _SINGULAR_BODIES or noun.endswith(("ministry", "department")))
        if noun in ("country", "nation", "state") and country:
            return self._names.country_actor(country)
        if body:
            return Actor(f"org:{fold(name)}", name, "organisation", country, sector)
        # "Ukrainian troops" and "Ukrainian forces" are one actor: state forces are named by country and sector.
        key = (
            f"{country.lower()} {sector.lower()}" if country and sector in ("MIL", "COP") and not owner else fold(name)
        )
        return Actor(f"group:{key}", name or words, "group", country, sector)


def _is_bare(reference: Reference, actor: Actor) -> bool:
    """True for an organisation that was itself only called "the company"."""
    return reference.form == "group" and not actor.country and len(actor.name.split()) == 1
