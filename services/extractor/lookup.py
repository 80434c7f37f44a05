"""What a word of another language is in English: the entries of its tables, tried on a word and what hangs on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from services.extractor.gazetteer import gazetteer
from services.extractor.glossary import Entry, Glossary, plain
from services.extractor.scheme_tree import Node, is_verb

_CLASS: Final = {
    "VERB": "v", "AUX": "v", "NOUN": "n", "PROPN": "n", "ADJ": "a", "ADV": "r", "ADP": "p", "DET": "d", "PRON": "x",
    "CCONJ": "c", "SCONJ": "c", "NUM": "m",
}  # fmt: skip
_OTHER_CLASSES: Final = {
    "v": "vna", "n": "nav", "a": "anvm", "r": "rpcqna", "p": "pcrna", "d": "dmxrn", "x": "xdcn", "c": "crpn", "m": "mn",
}  # fmt: skip
"""Classes that a word is looked up in, the tagger's own first: taggers confuse neighbours."""
_UPOS: Final = {
    "v": "VERB",
    "n": "NOUN",
    "a": "ADJ",
    "r": "ADV",
    "p": "ADP",
    "t": "NOUN",
    "q": "ADV",
    "c": "SCONJ",
    "x": "PRON",
}
_DAYS: Final = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
_MONTHS: Final = frozenset(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december")
)  # fmt: skip
_DEPTH: Final = 4
"""Over how many words a condition of the tables may be fulfilled."""


class Lookup:
    """Finds the entry of a word."""

    def __init__(self, glossary: Glossary) -> None:
        self.glossary = glossary
        self._grammar = glossary.grammar
        self._reflexive = glossary.grammar.words("reflexive")

    def entry(self, node: Node) -> Entry | None:
        own = _CLASS.get(node.upos, "")
        sure = own == "v" and bool(node.with_dep("nsubj", "aux", "obj", "xcomp"))
        lower = plain(node.text)
        closed = own in ("x", "d", "p", "c")
        keys = dict.fromkeys((lower, plain(node.source)) if closed else (plain(node.source), lower))
        keys[self.glossary.bare(lower)] = None
        candidates = [entry for key in keys for entry in self.glossary.starting(key) if len(entry.pattern) == 1]
        classes = "v" if sure else _OTHER_CLASSES.get(own, "nxdpcravm")
        for kind in ("t" if own not in ("v", "p", "d", "x", "c") else "") + classes:
            for entry in sorted(
                (entry for entry in candidates if entry.kind == kind),
                key=lambda entry: (not entry.reflexive, not entry.needs),
            ):
                if self.holds(node, entry) and not (node.upos == "PROPN" and kind in "av" and not entry.country):
                    return entry
        if own == "v":
            # The lemmatizer may not know the form.
            likely = self.glossary.starting(self.glossary.lemma(lower))
            single = [entry for entry in likely if len(entry.pattern) == 1 and entry.kind == "v"]
            return next((entry for entry in single if self.holds(node, entry)), None)
        return None

    def holds(self, node: Node, entry: Entry, inside: Iterable[Node] = ()) -> bool:
        """True where what the entry asks for depends on the word."""
        if entry.reflexive and not self.clitics(node):
            return False
        if not entry.needs:
            return True
        around = [*node.inside(_DEPTH), *inside]
        return any(plain(word.text) in entry.needs or plain(word.source) in entry.needs for word in around)

    def clitics(self, node: Node) -> list[Node]:
        return [
            kid
            for kid in node.kids
            if kid.upos == "PRON" and kid.place < node.place and plain(kid.text) in self._reflexive
            and (kid.dep.startswith("expl") or plain(kid.source) == "se" or plain(kid.text) in ("se", "s'"))
        ]  # fmt: skip

    def number(self, text: str) -> str:
        decimal, thousands = self._grammar.value("decimal"), self._grammar.value("thousands")
        bare = re.sub(r"[\s  ]", "", text)
        if thousands and re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", bare):
            bare = bare.replace(thousands, ",")
        elif decimal:
            bare = re.sub(rf"(?<=\d){re.escape(decimal)}(?=\d)", ".", bare)
        return f"{int(bare):,}" if bare.isdigit() and len(bare) > 4 else bare

    def slots_of(self, node: Node) -> frozenset[str]:
        found = set()
        english = self._simple(node, "tm")
        if node.text[:1].isdigit() or node.upos == "NUM" or self._simple(node, "m"):
            found.add("<n>")
        if english in _DAYS:
            found.add("<d>")
        if english in _MONTHS:
            found.add("<m>")
        if node.feats.get("Poss") == "Yes":
            found.add("<p>")
        return frozenset(found)

    def _simple(self, node: Node, kinds: str) -> str:
        for key in (plain(node.text), plain(node.source)):
            for entry in self.glossary.starting(key):
                if entry.kind in kinds and len(entry.pattern) == 1:
                    return " ".join(entry.english).lower()
        return ""

    def slot_word(self, node: Node) -> str:
        if node.text[:1].isdigit():
            return self.number(node.text)
        english = self._simple(node, "tm")
        return english.capitalize() if english in _DAYS | _MONTHS else english or node.text


def apply(node: Node, entry: Entry, filled: Sequence[str]) -> None:
    left = list(filled)
    node.words = [
        left.pop(0) if word == "0" and left else word.replace("0", left.pop(0)) if "-0" in word and left else word
        for word in entry.english
    ]
    upos = _UPOS.get(entry.kind, node.upos)
    if entry.country:
        people = entry.kind == "a" and node.text[:1].isupper() and node.upos in ("NOUN", "PROPN", "X")
        upos = "PROPN" if entry.kind == "n" or people else "ADJ"
        if people and node.words:
            node.words = [*node.words[:-1], _people(entry.country, node.words[-1])]
        node.entity = ("NORP" if entry.kind == "a" else "GPE", -1 - node.begin)
        if upos == "ADJ" and node.dep.partition(":")[0] in ("acl", "nmod", "appos") and not node.kids:
            node.dep = "amod"
    elif entry.kind == "n" and node.words[0][:1].isupper():
        upos = "PROPN"
    elif entry.kind == "t":
        node.entity = ("DATE", -1 - node.begin)
        upos = "PROPN" if node.words[-1][:1].isupper() else "ADV" if node.upos == "ADV" else "NOUN"
    if entry.kind in "vnatrp" and not (entry.kind == "v" and node.upos == "AUX"):
        node.upos = upos
    node.verbal = entry.kind == "v"
    if node.verbal:
        node.source = node.source if len(entry.pattern) == 1 else entry.pattern[0]


def settle_time(node: Node) -> None:
    """Make a time no object: "se rencontreront la semaine prochaine à Kazan"."""
    if node.dep == "amod" and node.head is not None and not is_verb(node.head):
        # "à |Gaza lundi|" with the day as an adjective
        above: Node | None = node.head
        while above is not None and not is_verb(above):
            above = above.head
        node.hang(above if above is not None else node.head, "obl:mod")
    elif (
        node.dep.partition(":")[0] in ("obj", "nmod", "appos", "amod") and node.head is not None and is_verb(node.head)
    ):
        node.dep = "obl:mod"
        for kid in list(node.kids):
            if kid.with_dep("case") and kid.place > node.place:
                kid.hang(node.head, "obl:mod")


@cache
def _people_names() -> Mapping[str, str]:
    known = gazetteer()
    names = {}
    for alpha3, country in known.countries.items():
        for candidate in (country.demonym + "s", country.demonym):
            entry = known.lookup(candidate)
            if entry is not None and entry.country == alpha3:
                names[alpha3] = candidate
                break
    return names


def _people(alpha3: str, adjective: str) -> str:
    return _people_names().get(alpha3, adjective)
