"""Sentences of other languages rendered word by word in English, grammar and all, so that one set of rules reads them.

A pipeline for the language parses the sentence; every word gets its English one from the language's tables; the tree
is rewritten into the scheme of the English pipelines (``schemes``). What comes out is no translation for people but
what the rules, the trigger table, the status words and the readers of times, places and numbers need. GDELT and other
event coders translate before they code (Leetaru, 2015); rendering the parse keeps each word's place in the article.
"""

from __future__ import annotations

from typing import Final

from spacy.tokens import Doc

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables
from services.extractor.glossary import Glossary, plain
from services.extractor.idioms import Idioms
from services.extractor.lexicon import word_classes
from services.extractor.lookup import Lookup, apply, settle_time
from services.extractor.rendered_doc import NO_NAME, document, name_entities, unparsed
from services.extractor.scheme_tree import Habits, Node, Tree, is_verb
from services.extractor.schemes import to_clearnlp
from services.extractor.source_tree import nodes_of, repair
from services.extractor.views import bare_word

_QUOTES: Final = {"«": "“", "»": "”"}
_MOVES: Final = frozenset(
    ("travel", "go", "return", "send", "give", "deliver", "supply", "extradite", "deport", "visit", "fly", "head",
     "grant", "export", "provide", "transfer", "expel", "flee", "hand", "donate", "pledge", "aid", "sell", "sale",
     "trip", "loan", "withdraw", "apologise", "appeal", "threaten", "demand", "ask", "order", "urge")
)  # fmt: skip
"""English words after which a place is where something goes."""
_PERIODS: Final = frozenset(("quarter", "month", "year", "week", "morning", "evening", "night", "summer", "winter"))
_ONTO: Final = frozenset(("sanctions", "tariffs", "embargo", "ban", "impose"))
"""English words after which a place is what something is laid upon."""


class Renderer:
    """Renders parsed sentences of one language."""

    def __init__(self, glossary: Glossary) -> None:
        grammar = glossary.grammar
        self._glossary = glossary
        self._lookup = Lookup(glossary)
        self._idioms = Idioms(self._lookup)
        self._habits = Habits(
            negation=grammar.words("negation"),
            near_future=grammar.words("near_future"),
            modal=grammar.pairs("modal"),
            infinitive_mark=grammar.words("infinitive_mark"),
            lasting=grammar.words("lasting"),
            dative=grammar.words("dative"),
            hearsay=bool(grammar.value("conditional_is_hearsay")),
        )
        self._perfect = grammar.pairs("perfect_adjective")
        self._particles = grammar.words("negation_particle")
        self._bare = grammar.words("bare_determiner")
        self._to = grammar.words("to_before_article")
        self._place = grammar.words("place")
        self._from = grammar.words("from_after_verb")

    def render(self, doc: Doc) -> Doc:
        """Return ``doc``, a parsed sentence, in English words with tags and labels of the English pipelines."""
        nodes = nodes_of(doc)
        if not nodes:
            return Doc(doc.vocab)
        tree = Tree(nodes)
        repair(tree, self._glossary)
        self._perfects(tree)
        self._idioms.join(tree)
        for node in tree.nodes:
            if not node.words:
                self._word(node)
            node.personal = node.upos == "NOUN" and _is_title(node)
            if node.personal and not node.entity[0]:
                node.entity = (NO_NAME, 0)
        self._reflexives(tree)
        self._function_words(tree)
        to_clearnlp(tree, self._habits)
        rendered = document(doc, tree)
        name_entities(rendered, doc)
        return rendered

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
        self._idioms.join(tree, parsed=False)
        for node in tree.nodes:
            if not node.words:
                self._word(node)
        return unparsed(doc, tree)

    def _perfects(self, tree: Tree) -> None:
        for node in tree.nodes:
            verb = self._perfect.get(plain(node.text))
            copulas = [kid for kid in node.kids if kid.dep == "cop"]
            if verb is not None and copulas:
                node.source, node.upos, node.feats = verb, "VERB", {"VerbForm": "Part", "Tense": "Past"}
                copulas[0].dep = "aux:tense"

    def _word(self, node: Node) -> None:
        if node.text == "%":
            node.words, node.upos = ["percent"], "NOUN"
            return
        if node.upos == "PUNCT" or not any(mark.isalnum() for mark in node.text):
            node.words = [_QUOTES.get(node.text, node.text)]
            node.upos = "PUNCT" if node.upos in ("PUNCT", "X", "NOUN") else node.upos
            return
        if node.text[:1].isdigit():
            node.words, node.upos = [self._lookup.number(node.text)], "NUM"
            node.dep = "nummod" if node.dep == "det" else node.dep
            return
        entry = self._lookup.entry(node)
        if entry is not None:
            apply(node, entry, ())
            if entry.kind == "t":
                settle_time(node)
            return
        node.words = [node.text]

    # What the grammar adds or leaves out.

    def _reflexives(self, tree: Tree) -> None:
        for node in list(tree.nodes):
            if node.upos in ("VERB", "AUX"):
                for clitic in self._lookup.clitics(node):
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
            elif node.words == ["his"] and _of_a_body(node):
                node.words = ["its"]
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
        lost = governor.gloss == "lose" and preposition.words in (["against"], ["outside"], ["before"])
        if lost or (lower in self._to and noun.with_dep("det")):
            preposition.words = ["to"]
        elif lower in self._place or self._glossary.bare(lower) in self._place:
            around = {governor.gloss.lower(), governor.head.gloss.lower() if governor.head is not None else ""}
            goes, onto = bool(around & _MOVES), bool(around & _ONTO)
            if _is_time(noun):
                preposition.words = ["in"]
            elif _is_place(noun):
                preposition.words = ["on" if onto else "to" if goes else "in"]
        elif self._glossary.bare(lower) in self._from and is_verb(governor) and noun.dep.startswith("obl"):
            preposition.words = ["by" if noun.words == ["percent"] else "from"]


def _of_a_body(possessive: Node) -> bool:
    """True for the possessive of a country or an organisation, told by the subject of its clause."""
    verb = possessive.head
    while verb is not None and not is_verb(verb):
        verb = verb.head
    subjects = verb.with_dep("nsubj") if verb is not None else []
    return any(each.entity[0] == "GPE" or each.gloss in word_classes()["org"] for each in subjects)


def _is_title(node: Node) -> bool:
    classes = word_classes()
    word = node.gloss.lower()
    return gazetteer().title(" ".join(node.words)) is not None or word in classes["person"] or word in classes["leader"]


def _is_name(node: Node | None) -> bool:
    return node is not None and node.upos == "PROPN" and (node.entity[0] in ("GPE", "PERSON") or node.entity[1] < 0)


def _is_time(node: Node) -> bool:
    return node.entity[0] == "DATE" or node.gloss in _PERIODS


def _is_place(node: Node) -> bool:
    if node.entity[0] in ("GPE", "LOC") or node.gloss in word_classes()["site"]:
        return True
    name = bare_word(" ".join(node.words))
    return bool(name[:1].isupper()) and (bool(gazetteer().country_of(name)) or fold(name) in place_tables().cities)
