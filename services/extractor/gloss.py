"""Sentences of other languages rendered word by word in English, grammar and all, so that one set of rules reads them.

A pipeline for the language parses the sentence; every word gets its English one from the language's tables; the tree
is rewritten into the scheme of the English pipelines (``schemes``). What comes out is no translation for people but
what the rules, the trigger table, the status words and the readers of times, places and numbers need. GDELT and other
event coders translate before they code (Leetaru, 2015); rendering the parse keeps each word's place in the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from spacy.tokens import Doc, Span

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables
from services.extractor.glossary import SLOTS, Entry, Glossary, plain
from services.extractor.inflection import plural, verb_form
from services.extractor.lexicon import word_classes
from services.extractor.provenance import KEY, Source
from services.extractor.schemes import Habits, Node, Tree, is_verb, to_clearnlp
from services.extractor.views import bare_word

_CLASS: Final = {
    "VERB": "v", "AUX": "v", "NOUN": "n", "PROPN": "n", "ADJ": "a", "ADV": "r", "ADP": "p", "DET": "d", "PRON": "x",
    "CCONJ": "c", "SCONJ": "c", "NUM": "m",
}  # fmt: skip
_OTHER_CLASSES: Final = {
    "v": "vna", "n": "nav", "a": "anvm", "r": "rpcq", "p": "pcr", "d": "dmxr", "x": "xdc", "c": "crp", "m": "mn",
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
_QUOTES: Final = {"«": "“", "»": "”"}
_DAYS: Final = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
_MONTHS: Final = frozenset(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december")
)  # fmt: skip
_PERIODS: Final = frozenset(
    ("day", "week", "month", "year", "hour", "night", "morning", "evening", "weekend", "summer")
)
_LABELS: Final = {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC", "MISC": "PRODUCT", "PERSON": "PERSON", "GPE": "GPE"}
"""Entity labels of the pipelines trained on WikiNER and OntoNotes, as the rules name them."""
_MOVES: Final = frozenset(
    ("travel", "go", "return", "send", "give", "deliver", "supply", "extradite", "deport", "visit", "fly", "head",
     "grant", "export", "provide", "transfer", "expel", "flee", "hand", "donate", "pledge", "aid", "sell", "sale",
     "trip", "loan", "withdraw", "apologise", "appeal", "threaten", "impose")
)  # fmt: skip
"""English words after which a place is where something goes."""
_PARTICLES: Final = frozenset(("off", "down", "up", "out", "over", "away"))
_PREPOSITIONS: Final = frozenset(("by", "on", "for", "under", "to", "in", "of", "from"))
_STATES: Final = frozenset(("guilty", "bankrupt"))
_DIGITS: Final = re.compile(r"\d[\d\s.,  ]*\d|\d")
_NO_SPACE_BEFORE: Final = frozenset((",", ".", ";", ":", "?", "!", ")", "”", "%", "…"))
_NO_NAME: Final = "-"
"""Marks a title, which taggers often take for the name of an office."""
_DEPTH: Final = 3
"""Over how many words a condition of the tables may be fulfilled."""


class Renderer:
    """Renders parsed sentences of one language."""

    def __init__(self, glossary: Glossary) -> None:
        grammar = glossary.grammar
        self._glossary = glossary
        self._grammar = grammar
        self._habits = Habits(
            negation=grammar.words("negation"),
            near_future=grammar.words("near_future"),
            modal=grammar.pairs("modal"),
            infinitive_mark=grammar.words("infinitive_mark"),
            hearsay=bool(grammar.value("conditional_is_hearsay")),
        )
        self._reflexive = grammar.words("reflexive")
        self._perfect = grammar.pairs("perfect_adjective")
        self._particles = grammar.words("negation_particle")
        self._bare = grammar.words("bare_determiner")
        self._place = grammar.words("place")
        self._from = grammar.words("from_after_verb")

    def render(self, doc: Doc) -> Doc:
        """Return ``doc``, a parsed sentence, in English words with tags and labels of the English pipelines."""
        nodes = _nodes(doc)
        if not nodes:
            return Doc(doc.vocab)
        tree = Tree(nodes)
        self._perfects(tree)
        self._idioms(tree)
        for node in tree.nodes:
            if not node.words:
                self._word(node)
            node.personal = node.upos == "NOUN" and _is_title(node)
            if node.personal and not node.entity[0]:
                node.entity = (_NO_NAME, 0)
        self._reflexives(tree)
        self._function_words(tree)
        to_clearnlp(tree, self._habits)
        return _document(doc, tree)

    def words(self, doc: Doc) -> Doc:
        """Return ``doc``, a sentence that is only cut into tokens, in English words."""
        nodes = [
            Node(
                token.text,
                self._glossary.bare(plain(token.text)),
                "X",
                {},
                "",
                float(token.i),
                token.idx,
                token.idx + len(token),
            )
            for token in doc
            if not token.is_space
        ]
        tree = Tree(nodes)
        self._idioms(tree, parsed=False)
        for node in tree.nodes:
            if not node.words:
                self._word(node)
        return _flat(doc, tree)

    def _perfects(self, tree: Tree) -> None:
        for node in tree.nodes:
            verb = self._perfect.get(plain(node.text))
            copulas = [kid for kid in node.kids if kid.dep == "cop"]
            if verb is not None and copulas:
                node.source, node.upos, node.feats = verb, "VERB", {"VerbForm": "Part", "Tense": "Past"}
                copulas[0].dep = "aux:tense"

    # Idioms: several words in a row that have one rendering.

    def _idioms(self, tree: Tree, *, parsed: bool = True) -> None:
        row = tree.ordered()
        at = 0
        while at < len(row):
            found = self._idiom(row, at)
            if found is None:
                at += 1
                continue
            entry, used, filled = found
            # A word inside that is no part of it ("ministre russe des Affaires étrangères") stays.
            head = _merge(tree, [row[number] for number in used], entry.kind if parsed else "")
            _apply(head, entry, filled)
            if entry.kind == "t":
                _settle_time(head)
            at = used[-1] + 1

    def _idiom(self, row: list[Node], at: int) -> tuple[Entry, list[int], list[str]] | None:
        first = row[at]
        keys = dict.fromkeys((plain(first.text), self._glossary.bare(plain(first.source)), *_slot(first)))
        for entry in sorted(
            (entry for key in keys for entry in self._glossary.starting(key) if len(entry.pattern) > 1),
            key=lambda entry: -len(entry.pattern),
        ):
            used, filled = self._matches(entry, row, at)
            if used and self._holds(first, entry, row[used[0] : used[-1] + 1]):
                return entry, used, filled
        return None

    def _matches(self, entry: Entry, row: list[Node], at: int) -> tuple[list[int], list[str]]:
        used: list[int] = []
        filled: list[str] = []
        skipped = False
        for wanted in entry.pattern:
            if at >= len(row):
                return [], []
            if not self._fits(row[at], wanted):
                if skipped or len(used) != 1 or entry.kind != "n" or row[at].upos != "ADJ" or at + 1 >= len(row):
                    return [], []
                skipped = True
                at += 1
                if not self._fits(row[at], wanted):
                    return [], []
            if wanted in SLOTS:
                filled.append(self._slot_word(row[at]))
            used.append(at)
            at += 1
        return used, filled

    def _fits(self, node: Node, wanted: str) -> bool:
        if wanted in SLOTS:
            return wanted in self._slots_of(node)
        lower = plain(node.text)
        return wanted in (
            lower,
            plain(node.source),
            self._glossary.bare(lower),
            self._glossary.bare(plain(node.source)),
        )

    def _slots_of(self, node: Node) -> frozenset[str]:
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
            for entry in self._glossary.starting(key):
                if entry.kind in kinds and len(entry.pattern) == 1:
                    return " ".join(entry.english).lower()
        return ""

    def _slot_word(self, node: Node) -> str:
        if node.text[:1].isdigit():
            return self._number(node.text)
        english = self._simple(node, "tm")
        return english.capitalize() if english in _DAYS | _MONTHS else english or node.text

    def _holds(self, node: Node, entry: Entry, inside: Iterable[Node] = ()) -> bool:
        """True where what the entry asks for depends on the word."""
        if entry.reflexive and not self._clitics(node):
            return False
        if not entry.needs:
            return True
        around = [*node.inside(_DEPTH), *inside]
        return any(plain(word.text) in entry.needs or plain(word.source) in entry.needs for word in around)

    def _clitics(self, node: Node) -> list[Node]:
        return [
            kid
            for kid in node.kids
            if kid.upos == "PRON" and kid.place < node.place and plain(kid.text) in self._reflexive
            and (kid.dep.startswith("expl") or plain(kid.source) == "se" or plain(kid.text) in ("se", "s'"))
        ]  # fmt: skip

    # Single words.

    def _word(self, node: Node) -> None:
        if node.upos == "PUNCT" or not any(mark.isalnum() for mark in node.text):
            node.words = [_QUOTES.get(node.text, node.text)]
            node.upos = "PUNCT" if node.upos in ("PUNCT", "X", "NOUN") else node.upos
            return
        if node.text[:1].isdigit():
            node.words, node.upos = [self._number(node.text)], "NUM"
            node.dep = "nummod" if node.dep == "det" else node.dep
            return
        entry = self._entry(node)
        if entry is not None:
            _apply(node, entry, ())
            if entry.kind == "t":
                _settle_time(node)
            return
        node.words = [node.text]

    def _entry(self, node: Node) -> Entry | None:
        own = _CLASS.get(node.upos, "")
        sure = own == "v" and bool(node.with_dep("nsubj", "aux", "obj", "xcomp"))
        keys = dict.fromkeys((plain(node.source), plain(node.text), self._glossary.bare(plain(node.text))))
        candidates = [entry for key in keys for entry in self._glossary.starting(key) if len(entry.pattern) == 1]
        classes = "v" if sure else _OTHER_CLASSES.get(own, "nxdpcravm")
        for kind in ("t" if node.upos in ("NOUN", "PROPN", "ADV", "X") else "") + classes:
            for entry in sorted(
                (entry for entry in candidates if entry.kind == kind),
                key=lambda entry: (not entry.reflexive, not entry.needs),
            ):
                if self._holds(node, entry) and not (node.upos == "PROPN" and kind in "av" and not entry.country):
                    return entry
        return None

    def _number(self, text: str) -> str:
        decimal, thousands = self._grammar.value("decimal"), self._grammar.value("thousands")
        bare = re.sub(r"[\s  ]", "", text)
        if thousands and re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", bare):
            bare = bare.replace(thousands, ",")
        elif decimal:
            bare = re.sub(rf"(?<=\d){re.escape(decimal)}(?=\d)", ".", bare)
        return f"{int(bare):,}" if bare.isdigit() and len(bare) > 4 else bare

    # What the grammar adds or leaves out.

    def _reflexives(self, tree: Tree) -> None:
        for node in list(tree.nodes):
            if node.upos in ("VERB", "AUX"):
                for clitic in self._clitics(node):
                    tree.drop(clitic)
                    for auxiliary in node.with_dep("aux"):
                        auxiliary.dep = "aux:tense"
                    for subject in node.with_dep("nsubj"):
                        subject.dep = "nsubj"

    def _function_words(self, tree: Tree) -> None:
        for node in list(tree.nodes):
            lower, label = plain(node.text), node.dep.partition(":")[0]
            negated = [
                kid
                for kid in (node.head.kids if node.head is not None else ())
                if plain(kid.text) in self._habits.negation
            ]
            if lower in self._particles and label == "advmod":
                if negated:
                    tree.drop(node)
                else:
                    node.words, node.source = ["not"], next(iter(self._habits.negation), "not")
            elif lower in self._habits.negation and label == "advmod":
                node.words = ["never"] if node.words == ["never"] else ["not"]
            elif self._says_nothing(node, lower, label):
                tree.drop(node)
            elif label == "case" and node.head is not None:
                self._choose(node, node.head)

    def _says_nothing(self, node: Node, lower: str, label: str) -> bool:
        """True for words that English leaves out: articles of names, clitics without meaning, "pas de"."""
        if label == "det":
            return lower in self._bare or (node.words == ["the"] and _is_name(node.head))
        if label == "case":
            return lower in self._bare and node.head is not None and node.head.dep in ("obj", "nsubj")
        return label == "expl" and node.dep != "expl:subj"

    def _choose(self, preposition: Node, noun: Node) -> None:
        """Choose among the English prepositions that one of the language may be."""
        lower = plain(preposition.text)
        governor = noun.head
        if governor is None:
            return
        if lower in self._place or self._glossary.bare(lower) in self._place:
            goes = " ".join(governor.words).lower() in _MOVES or governor.gloss.lower() in _MOVES
            if _is_place(noun):
                preposition.words = ["to" if goes else "in"]
        elif self._glossary.bare(lower) in self._from and is_verb(governor) and noun.dep.startswith("obl"):
            preposition.words = ["from"] if noun.dep != "obl:agent" else preposition.words


def _slot(node: Node) -> tuple[str, ...]:
    return ("<n>",) if node.text[:1].isdigit() or node.upos == "NUM" else ()


def _settle_time(node: Node) -> None:
    """Make a time no object: "se rencontreront la semaine prochaine à Kazan"."""
    if node.dep.partition(":")[0] in ("obj", "nmod", "appos") and node.head is not None and is_verb(node.head):
        node.dep = "obl:mod"
        for kid in list(node.kids):
            if kid.with_dep("case") and kid.place > node.place:
                kid.hang(node.head, "obl:mod")


def _nodes(doc: Doc) -> list[Node]:
    nodes: dict[int, Node] = {}
    for token in doc:
        if token.is_space:
            continue
        label = "root" if token.head == token else str(token.dep_)
        nodes[token.i] = Node(
            token.text, token.lemma_ or token.lower_, token.pos_, token.morph.to_dict(), label, float(token.i),
            token.idx, token.idx + len(token),
        )  # fmt: skip
    for token in doc:
        if token.i in nodes and token.head.i in nodes and token.head != token:
            nodes[token.i].hang(nodes[token.head.i], nodes[token.i].dep)
    return _figures(list(nodes.values()))


def _figures(nodes: list[Node]) -> list[Node]:
    """Join the groups of a figure that the tokenizer cut: "3 000"."""
    kept: list[Node] = []
    for node in nodes:
        before = kept[-1] if kept else None
        grouped = re.fullmatch(r"\d{3}", node.text) is not None
        if (
            before is not None
            and grouped
            and re.fullmatch(r"\d{1,3}(?: \d{3})*", before.text)
            and node.begin - before.end <= 1
        ):
            outer, inner = (node, before) if before.head is node else (before, node)
            for kid in list(inner.kids):
                if kid is not outer:
                    kid.hang(outer, kid.dep)
            if inner.head is not None:
                inner.hang(None, "dep")
            outer.text, outer.begin, outer.end = f"{before.text} {node.text}", before.begin, node.end
            kept[-1] = outer
            if inner is before:
                outer.place = before.place
            continue
        kept.append(node)
    return kept


def _merge(tree: Tree, parts: list[Node], kind: str) -> Node:
    """Make one node of several; it stands where the first of them stood in the tree."""
    tops = [part for part in parts if part.head not in parts]
    head, verb = tops[0], kind == "v"
    thing = parts[-1].head
    if verb and parts[0] is not head:
        parts[0].replace(head)
        head.hang(parts[0], "dep")
        head = parts[0]
    elif kind == "p" and len(tops) > 1 and parts[-1].dep == "case" and thing is not None and thing not in parts:
        # "en raison |des inondations": what follows takes the place of the noun inside, the words are its preposition.
        if any(thing is below for below in head.inside(3)):
            thing.replace(head)
            for kid in list(head.kids):
                if kid not in parts:
                    kid.hang(thing, kid.dep)
        head.hang(thing, "case")
        head.upos = "ADP"
    begin, end = min(part.begin for part in parts), max(part.end for part in parts)
    place = head.place if verb else min(part.place for part in parts)
    for part in parts:
        if part is not head:
            for kid in list(part.kids):
                if kid not in parts:
                    kid.hang(head, kid.dep)
            part.hang(None, "dep")
            tree.nodes.remove(part)
    head.begin, head.end, head.place = begin, end, place
    head.text = " ".join(part.text for part in parts)
    return head


def _apply(node: Node, entry: Entry, filled: Sequence[str]) -> None:
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


def _is_title(node: Node) -> bool:
    classes = word_classes()
    word = node.gloss.lower()
    return gazetteer().title(" ".join(node.words)) is not None or word in classes["person"] or word in classes["leader"]


def _is_name(node: Node | None) -> bool:
    return node is not None and node.upos == "PROPN" and (node.entity[0] in ("GPE", "PERSON") or node.entity[1] < 0)


def _is_place(node: Node) -> bool:
    if node.entity[0] in ("GPE", "LOC"):
        return True
    name = bare_word(" ".join(node.words))
    return bool(name[:1].isupper()) and (bool(gazetteer().country_of(name)) or fold(name) in place_tables().cities)


# From the tree to a Doc.


def _document(source: Doc, tree: Tree) -> Doc:
    words: list[str] = []
    tags: list[str] = []
    poses: list[str] = []
    lemmas: list[str] = []
    labels: list[str] = []
    spans: list[tuple[int, int]] = []
    owners: list[tuple[Node, int]] = []
    at: dict[int, int] = {}
    for node in tree.ordered():
        pieces = _pieces(node)
        head = 0 if node.verbal else len(pieces) - 1
        for number, (word, lemma, tag, pos, dep, under) in enumerate(pieces):
            if number == head:
                at[id(node)] = len(words)
            words.append(word)
            lemmas.append(lemma)
            tags.append(tag)
            poses.append(pos)
            labels.append(dep)
            spans.append((node.begin, node.end))
            owners.append((node, under - number))
    heads = []
    for number, (node, shift) in enumerate(owners):
        if at.get(id(node)) == number:
            heads.append(at[id(node.head)] if node.head is not None and id(node.head) in at else number)
        else:
            heads.append(number + shift)
    if words:
        labels = ["ROOT" if heads[number] == number else label for number, label in enumerate(labels)]
        labels = [label if label != "ROOT" or heads[number] == number else "dep" for number, label in enumerate(labels)]
    doc = Doc(
        source.vocab, words=words, spaces=_spaces(words), tags=tags, pos=poses, lemmas=lemmas, heads=heads, deps=labels,
        user_data={KEY: Source(source.text, tuple(spans))},
    )  # fmt: skip
    doc.user_data["nodes"] = tuple((owner.entity, owner.begin, owner.end) for owner, _ in owners)
    return doc


def _flat(source: Doc, tree: Tree) -> Doc:
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for node in tree.ordered():
        for word in node.words:
            words.append(word)
            spans.append((node.begin, node.end))
    return Doc(source.vocab, words=words, spaces=_spaces(words), user_data={KEY: Source(source.text, tuple(spans))})


def _spaces(words: Sequence[str]) -> list[bool]:
    return [
        not (following in _NO_SPACE_BEFORE or word in ("“", "(", "$", "€", "£"))
        for word, following in zip(words, [*words[1:], "."], strict=True)
    ]


_Piece = tuple[str, str, str, str, str, int]
"""Word, lemma, tag, universal part of speech, label, number of the piece it hangs on."""


def _pieces(node: Node) -> list[_Piece]:
    if not node.words:
        return []
    if node.tag.startswith("VB") and (node.verbal or node.upos in ("VERB", "AUX")):
        return _verb_pieces(node)
    pos = "PART" if node.tag == "TO" else "AUX" if node.tag == "MD" else node.upos
    last = len(node.words) - 1
    found: list[_Piece] = []
    for number, word in enumerate(node.words):
        if number == last:
            text = plural(word) if node.tag == "NNS" and word.islower() and word.isalpha() else word
            found.append((text, word.lower(), node.tag, pos, node.dep, number))
        elif word[:1].isdigit():
            found.append((word, word, "CD", "NUM", "nummod", last))
        elif word[:1].isupper():
            found.append((word, word, "NNP", "PROPN", "compound", last))
        else:
            found.append((word, word, "NN", "NOUN", "compound", last))
    if node.upos == "PROPN" and node.tag == "NN":
        found[-1] = (*found[-1][:2], "NNP", *found[-1][3:])
    return found


def _verb_pieces(node: Node) -> list[_Piece]:
    first, *rest = node.words
    lemma = first.lower() if node.verbal else plain(node.source)
    text = verb_form(first, node.tag) if node.verbal or first in ("be", "have") else first
    pos = "AUX" if node.dep in ("aux", "auxpass") or first == "be" else "VERB"
    found: list[_Piece] = [(text, lemma, node.tag, pos, node.dep, 0)]
    if not rest:
        return found
    if rest[0] in _PREPOSITIONS:
        found.append((rest[0], rest[0], "IN", "ADP", "prep", 0))
        if len(rest) > 1:
            found += _object(rest[1:], 2, "pobj", 1)
        return found
    if rest[0] in _PARTICLES:
        return [*found, (rest[0], rest[0], "RP", "ADP", "prt", 0)]
    if rest[0] in _STATES:
        return [*found, (rest[0], rest[0], "JJ", "ADJ", "acomp", 0)]
    return found + _object(rest, 1, "dobj", 0)


def _object(words: Sequence[str], begin: int, dep: str, under: int) -> list[_Piece]:
    last = begin + len(words) - 1
    found: list[_Piece] = []
    for number, word in enumerate(words, start=begin):
        if number == last:
            found.append((word, word, "NNS" if word.endswith("s") or word == "people" else "NN", "NOUN", dep, under))
        elif word[:1].isdigit():
            found.append((word, word, "CD", "NUM", "nummod", last))
        else:
            found.append((word, word, "NN", "NOUN", "compound", last))
    return found


def entities(rendered: Doc, source: Doc) -> None:
    """Set the named entities of ``rendered`` from those of its source and from the tables, in place."""
    spoken = [(span.start_char, span.end_char, _LABELS.get(span.label_, "")) for span in source.ents]
    labels: list[tuple[str, int]] = []
    for token, ((label, number), begin, end) in zip(rendered, rendered.user_data["nodes"], strict=True):
        if not label and token.pos_ in ("PROPN", "NOUN", "ADJ", "X"):
            for first, last, said in spoken:
                if first < end and begin < last:
                    label, number = said, first
                    break
        if token.pos_ == "NUM" and not label:
            label, number = "CARDINAL", -1 - begin
        if token.lower_.removesuffix("s") in _PERIODS:
            label, number = "DATE", -1 - begin
        labels.append(("", 0) if label == _NO_NAME else (label, number))
    spans = []
    first = 0
    for at in range(1, len(labels) + 1):
        if at < len(labels) and labels[at] == labels[first]:
            continue
        if labels[first][0]:
            spans.append(Span(rendered, first, at, label=_kind(rendered[first:at], labels[first][0])))
        first = at
    rendered.set_ents(spans)


def _kind(name: Span, label: str) -> str:
    """Return the label of a name, put right by what the tables know: states and towns."""
    if label in ("LOC", "PERSON") and gazetteer().country_of(name.text):
        return "GPE"
    in_place = name.root.dep_ == "pobj" and name.root.head.lower_ in ("in", "to", "at", "near")
    if (label == "LOC" or (label == "PERSON" and len(name) == 1 and in_place)) and fold(
        name.text
    ) in place_tables().cities:
        return "GPE"
    return label
