"""From Universal Dependencies to the scheme that the rules read, in place, whatever the language.

spaCy's pipelines for Spanish, French, Russian and most other languages label their parses after Universal
Dependencies (https://universaldependencies.org/u/dep/): content words are heads, prepositions and copulas hang on
them. The rules read ClearNLP's scheme, that of the English pipelines (Choi and Palmer, 2012): prepositions and copulas
are heads, tags are those of the Penn Treebank. Tense, mood and voice, which UD has as features, become the auxiliaries
and tags that English would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.extractor.attribution import REPORTING_VERBS

_TO_VERB: Final = frozenset(
    ("nsubj", "nsubj:pass", "csubj", "csubj:pass", "aux", "mark", "advcl", "cc", "punct", "parataxis", "ccomp",
     "vocative", "discourse", "expl", "dislocated")
)  # fmt: skip
"""Dependents of a nominal predicate that belong to its copula."""
_LABELS: Final[Mapping[str, str]] = {
    "nsubj:pass": "nsubjpass", "csubj:pass": "csubjpass", "obj": "dobj", "iobj": "dative", "acl:relcl": "relcl",
    "aux:pass": "auxpass", "obl": "npadvmod", "nmod": "nmod", "nmod:poss": "poss", "flat": "compound",
    "compound": "compound", "fixed": "dep", "expl": "expl", "case": "prep", "cop": "aux", "orphan": "dep",
    "dislocated": "dep", "list": "dep", "goeswith": "dep", "reparandum": "dep", "discourse": "intj",
    "vocative": "npadvmod", "root": "ROOT", "clf": "dep",
}  # fmt: skip
_TAGS: Final[Mapping[str, str]] = {
    "NOUN": "NN", "PROPN": "NNP", "ADJ": "JJ", "ADV": "RB", "ADP": "IN", "DET": "DT", "PRON": "PRP", "CCONJ": "CC",
    "SCONJ": "IN", "NUM": "CD", "PART": "RP", "INTJ": "UH", "SYM": "SYM", "X": "FW", "PUNCT": ",", "SPACE": "_SP",
    "VERB": "VB", "AUX": "VB",
}  # fmt: skip
_RELATIVE: Final[Mapping[str, str]] = {"who": "WP", "whose": "WP$", "which": "WDT", "that": "WDT", "where": "WRB"}
_STEP: Final = 0.01


@dataclass(slots=True, eq=False)
class Node:
    """One word of a sentence with what the source language's pipeline says of it."""

    text: str
    """As it stands in the sentence."""
    source: str
    """Its lemma."""
    upos: str
    feats: Mapping[str, str]
    dep: str
    place: float
    """Where it stands among the others; words move by changing it."""
    begin: int
    """Offset in the sentence of its first character."""
    end: int
    head: Node | None = None
    kids: list[Node] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """What it is in English; empty where English has no word for it."""
    tag: str = ""
    entity: tuple[str, int] = ("", 0)
    """Label and number of the named entity it is part of."""
    verbal: bool = False
    """True where it is rendered by a verb."""
    personal: bool = False
    """True for a noun that is a title or says what a person is."""

    @property
    def gloss(self) -> str:
        """Its English word; the first of several for a verb, else the last."""
        if not self.words:
            return ""
        return self.words[0] if self.verbal else self.words[-1]

    def hang(self, head: Node | None, dep: str) -> None:
        """Make the node a dependent of ``head``, which first takes its place if it depends on the node itself."""
        if head is self:
            return
        above = head
        while above is not None and above is not self:
            above = above.head
        if head is not None and above is self:
            head.hang(self.head, self.dep)
        if self.head is not None:
            self.head.kids.remove(self)
        self.head, self.dep = head, dep
        if head is not None:
            head.kids.append(self)

    def replace(self, other: Node) -> None:
        """Take the place of ``other`` in the tree; ``other`` is left without a head."""
        head, dep = other.head, other.dep
        if self.head is not None:
            self.head.kids.remove(self)
            self.head = None
        other.hang(None, "dep")
        self.hang(head, dep)

    def with_dep(self, *labels: str) -> list[Node]:
        """Return its dependents with one of ``labels``; a label without a subtype matches all subtypes."""
        return [kid for kid in self.kids if kid.dep in labels or kid.dep.partition(":")[0] in labels]

    def inside(self, depth: int) -> Iterator[Node]:
        """Yield what depends on it over at most ``depth`` words."""
        for kid in self.kids:
            yield kid
            if depth > 1:
                yield from kid.inside(depth - 1)


@dataclass(frozen=True, slots=True)
class Habits:
    """What the language's grammar leaves to its tables."""

    negation: frozenset[str] = frozenset()
    near_future: frozenset[str] = frozenset()
    modal: Mapping[str, str] = field(default_factory=dict)
    infinitive_mark: frozenset[str] = frozenset()
    lasting: frozenset[str] = frozenset()
    """Verbs whose present tense says that something goes on."""
    dative: frozenset[str] = frozenset()
    """Prepositions before whom somebody asks, orders or allows to do something."""
    hearsay: bool = False
    """True where a conditional outside "if" tells what is said to be."""


class Tree:
    """The nodes of one sentence. After ``to_clearnlp`` their labels and tags are those that the rules read."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    def ordered(self) -> list[Node]:
        """Return the nodes as they are to stand."""
        return sorted(self.nodes, key=lambda node: node.place)

    def add(self, word: str, tag: str, dep: str, head: Node | None, place: float, like: Node) -> Node:
        """Insert an English word that the sentence has no word of its own for; ``like`` tells its offsets."""
        node = Node(
            like.text, word, "AUX" if tag.startswith(("VB", "MD")) else "PART", {}, dep, place, like.begin, like.end
        )
        node.words, node.tag = [word], tag
        self.nodes.append(node)
        node.hang(head, dep)
        return node

    def drop(self, node: Node) -> None:
        """Take a node out; what depends on it hangs on its head."""
        for kid in list(node.kids):
            kid.hang(node.head, kid.dep)
        node.hang(None, "dep")
        self.nodes.remove(node)


def to_clearnlp(tree: Tree, habits: Habits) -> None:
    """Rewrite a UD tree, whose words are in English already, into the scheme that the rules read."""
    for node in list(tree.nodes):
        _join_name(node)
    for node in list(tree.nodes):
        _title(node)
    for node in list(tree.nodes):
        _copula(node)
    for node in list(tree.nodes):
        _inverted_speech(node)
    for node in list(tree.nodes):
        _false_relative(node)
        _bare_object(node)
        _asked(tree, node, habits)
    for node in list(tree.nodes):
        _modal(tree, node, habits)
    for node in sorted(tree.nodes, key=lambda node: node.place):
        _infinitive(tree, node, habits)
    for node in sorted(tree.nodes, key=lambda node: node.place):
        _preposition(tree, node)
    if_clause = any(node.words == ["if"] for node in tree.nodes)
    for node in list(tree.nodes):
        if is_verb(node):
            _verb(tree, node, habits, hearsay=habits.hearsay and not if_clause)
    for node in tree.nodes:
        _label(node, habits)
    for node in tree.nodes:
        _adjectives(node)


def is_verb(node: Node) -> bool:
    """True for a verb or for a copula that has become one; not for an auxiliary."""
    if node.tag or node.dep.startswith(("aux", "cop")):
        return False
    return node.upos in ("VERB", "AUX")


def _join_name(node: Node) -> None:
    """Make the last word of a name its head: UD has the first."""
    parts = [kid for kid in node.with_dep("flat") if kid.upos in ("PROPN", "NOUN", "X", "ADJ", "NUM")]
    if not parts or not _named(node):
        return
    last = max(parts, key=lambda kid: kid.place)
    if last.place < node.place:
        return
    last.replace(node)
    for kid in list(node.kids):
        kid.hang(last, "compound" if kid in parts else kid.dep)
    node.hang(last, "compound")


def _named(node: Node) -> bool:
    return node.upos in ("PROPN", "X") or (
        node.upos == "NOUN" and node.text[:1].isupper() and bool(node.with_dep("flat"))
    )


def _title(node: Node) -> None:
    """Hang a title before a name on the name: "le président Costea"; other nouns keep the name as a part of theirs."""
    if node.upos != "NOUN":
        return
    for kid in list(node.kids):
        named = kid.upos in ("PROPN", "X") and kid.dep.partition(":")[0] in ("appos", "nmod", "flat", "conj", "dep")
        if not named or kid.with_dep("case") or kid.place < node.place:
            continue
        if any(word.upos == "PUNCT" for word in node.kids if node.place < word.place < kid.place) or any(
            word.upos == "PUNCT" for word in kid.kids if node.place < word.place < kid.place
        ):
            continue
        if node.personal:
            kid.replace(node)
            for other in list(node.kids):
                if other.dep == "amod" and other.place > node.place:
                    other.place = node.place - _STEP
                other.hang(kid, other.dep)
            node.hang(kid, "compound")
        else:
            kid.hang(node, "compound")
            kid.place = node.place - _STEP / 2
            for word in kid.with_dep("compound"):
                word.place = kid.place - _STEP / 4
        return


def _copula(node: Node) -> None:
    """Make a copula the head of its clause."""
    copulas = [kid for kid in node.kids if kid.dep == "cop"]
    if not copulas:
        return
    verb = copulas[0]
    if node.upos == "VERB" and node.feats.get("VerbForm") == "Part":
        verb.dep = "aux:pass"
        return
    verb.replace(node)
    for kid in list(node.kids):
        joined_clause = kid.dep == "conj" and (kid.upos in ("VERB", "AUX") or bool(kid.with_dep("cop")))
        adverb = kid.dep == "advmod" and kid.place < node.place
        if kid.dep.partition(":")[0] in _TO_VERB or adverb or joined_clause:
            kid.hang(verb, kid.dep)
    if node.with_dep("case"):
        node.hang(verb, "obl")
    else:
        node.hang(verb, {"ADJ": "acomp", "VERB": "acomp", "ADV": "advmod"}.get(node.upos, "attr"))


def _inverted_speech(verb: Node) -> None:
    """Make the noun behind a verb of saying its subject: "..., a annoncé sa famille"."""
    if not is_verb(verb) or verb.gloss not in REPORTING_VERBS or verb.with_dep("nsubj"):
        return
    before = [
        kid
        for kid in verb.kids
        if kid.place < verb.place and kid.upos in ("VERB", "AUX") and not kid.dep.startswith("aux")
    ]
    speakers = [kid for kid in verb.kids if kid.dep == "obj" and kid.place > verb.place and not kid.with_dep("case")]
    after = verb.dep == "parataxis" or (verb.dep == "conj" and not verb.with_dep("cc"))
    if speakers and (before or after):
        speakers[0].dep = "nsubj"
        host = verb.head
        if after and host is not None:
            verb.replace(host)
            host.hang(verb, "ccomp")
        for clause in before:
            if clause.dep in ("advcl", "xcomp", "parataxis", "dep"):
                clause.dep = "ccomp"


def _false_relative(clause: Node) -> None:
    """Make a complement of a "relative" clause that lacks nothing: "exiger de la Chine qu'elle retire ses navires"."""
    if clause.dep != "acl:relcl" or clause.head is None:
        return
    marks = [kid for kid in clause.kids if kid.dep == "obj" and kid.words == ["that"]]
    if not marks or not any(kid.dep == "obj" and kid not in marks for kid in clause.kids):
        return
    verb: Node | None = clause.head
    while verb is not None and not is_verb(verb):
        verb = verb.head
    if verb is not None:
        marks[0].dep, marks[0].upos = "mark", "SCONJ"
        clause.hang(verb, "ccomp")


def _bare_object(verb: Node) -> None:
    """Make an object of the noun behind a verb that has neither object nor preposition, whatever its label."""
    if (
        not is_verb(verb)
        or verb.with_dep("obj", "cop", "aux:pass", "ccomp")
        or verb.gloss in ("be", "become", "remain")
    ):
        return
    subject = any(kid.place < verb.place for kid in verb.with_dep("nsubj"))
    for kid in sorted(verb.kids, key=lambda kid: kid.place):
        base = kid.dep.partition(":")[0]
        loose = base in ("xcomp", "obl", "dep", "advmod", "amod", "nmod") or (base == "nsubj" and subject)
        noun = kid.upos in ("NOUN", "PROPN") and kid.place > verb.place and not kid.with_dep("case", "mark", "cop")
        if loose and noun and kid.entity[0] != "DATE":
            kid.dep = "obj"
            return


def _asked(tree: Tree, verb: Node, habits: Habits) -> None:
    """Make who is asked to do something the object: "demande à l'Iran de libérer"."""
    if not is_verb(verb) or verb.with_dep("obj") or not verb.with_dep("xcomp"):
        return
    for kid in verb.with_dep("obl", "nmod"):
        marks = [mark for mark in kid.with_dep("case") if mark.text.lower() in habits.dative]
        if marks and kid.place < verb.with_dep("xcomp")[0].place:
            tree.drop(marks[0])
            kid.dep = "obj"
            return


def _finite(node: Node) -> Mapping[str, str]:
    """Return the features of the word that carries tense and mood."""
    auxiliaries = sorted(node.with_dep("aux"), key=lambda kid: kid.place)
    return auxiliaries[0].feats if auxiliaries else node.feats


def _modal(tree: Tree, node: Node, habits: Habits) -> None:
    """Make a modal verb the auxiliary of its infinitive: "peut frapper", "va racheter", "doit se rendre"."""
    future = node.source in habits.near_future
    if not is_verb(node) or not (future or node.source in habits.modal):
        return
    inner = [
        kid
        for kid in node.kids
        if kid.upos in ("VERB", "AUX") and kid.dep.partition(":")[0] in ("xcomp", "ccomp", "obj")
    ]
    if (
        len(inner) != 1
        or inner[0].feats.get("VerbForm", "Inf") != "Inf"
        or (future and inner[0].with_dep("mark", "case"))
    ):
        return
    finite = _finite(node)
    if future and (finite.get("Tense") not in ("Pres", "Imp") or node.with_dep("aux")):
        return
    verb = inner[0]
    auxiliaries = sorted(node.with_dep("aux"), key=lambda kid: kid.place)
    verb.replace(node)
    for kid in list(node.kids):
        kid.hang(verb, kid.dep)
    if auxiliaries and finite.get("Mood") == "Ind":
        # "a pu", "a dû": what could or had to be done was done.
        verb.feats = {**node.feats, "VerbForm": "Part", "Tense": "Past"}
        tree.drop(node)
        return
    for auxiliary in auxiliaries:
        tree.drop(auxiliary)
    node.words, node.tag = ["will" if future else habits.modal[node.source]], "MD"
    node.upos = "AUX"
    node.hang(verb, "aux:modal")


def _infinitive(tree: Tree, node: Node, habits: Habits) -> None:
    """Give an infinitive its "to", or make it what follows a preposition: "avant de partir", "accusé d'avoir tué"."""
    if not is_verb(node) or (_finite(node).get("VerbForm") not in ("Inf", "Ger") and not _gerund(node)):
        return
    marks = sorted((kid for kid in node.kids if kid.dep in ("mark", "case")), key=lambda kid: kid.place)
    perfect = bool(node.with_dep("aux")) and any(kid.feats.get("VerbForm") == "Inf" for kid in node.with_dep("aux"))
    to = [kid for kid in marks if kid.source in habits.infinitive_mark or kid.text.lower() in habits.infinitive_mark]
    others = [kid for kid in marks if kid not in to and kid.words]
    if others or (perfect and to) or (_gerund(node) and marks):
        first = (others or to or marks)[0]
        for kid in marks:
            if kid is not first:
                tree.drop(kid)
        first.words = first.words or ["by"]
        if node.head is not None:
            first.hang(node.head, "prep")
            node.hang(first, "pcomp")
        first.tag = "IN"
        return
    for kid in to[1:]:
        tree.drop(kid)
    if to:
        to[0].words, to[0].tag, to[0].upos = ["to"], "TO", "PART"
        to[0].hang(node, "aux:to")
        if node.head is not None and node.dep.partition(":")[0] in ("obl", "obj", "nmod", "ccomp"):
            node.dep = "acl" if node.head.upos in ("NOUN", "PROPN") else "xcomp"


def _gerund(node: Node) -> bool:
    return node.feats.get("VerbForm") in ("Part", "Ger") and node.feats.get("Tense", "Pres") == "Pres"


def _preposition(tree: Tree, node: Node) -> None:
    """Make a preposition the head of what follows it."""
    marks = sorted((kid for kid in node.kids if kid.dep == "case"), key=lambda kid: kid.place)
    if not marks:
        return
    for extra in marks[1:]:
        if extra.words and not marks[0].words:
            marks[0].words = extra.words
        tree.drop(extra)
    first = marks[0]
    if not first.words:
        tree.drop(first)
        return
    if node.dep == "conj" and node.head is not None and node.head.dep == "pobj":
        governor = node.head.head
        if governor is not None and governor.words == first.words:
            tree.drop(first)
            return
        first.hang(governor.head if governor is not None else node.head, "prep")
    else:
        agent = node.dep == "obl:agent" and first.words == ["by"]
        root = node.head is None
        first.replace(node)
        if not root:
            first.dep = "agent" if agent else "prep"
    node.hang(first, "pobj")
    first.tag = "IN"
    inner = first
    for word in first.words[1:]:
        outer, inner = inner, tree.add(word, "IN", "prep", inner, inner.place + _STEP, first)
        node.hang(inner, "pobj")
        del outer
    first.words = first.words[:1]


def _verb(tree: Tree, node: Node, habits: Habits, *, hearsay: bool) -> None:
    """Give a verb the auxiliaries and the tag that English would have for its tense, mood and voice."""
    finite = dict(_finite(node))
    groups = {name: node.with_dep(name) for name in ("aux",)}
    auxiliaries = sorted((kid for kid in groups["aux"] if not kid.tag), key=lambda kid: kid.place)
    set_already = [kid for kid in groups["aux"] if kid.tag]
    modal = next((kid for kid in set_already if kid.tag == "MD"), None)
    to = next((kid for kid in set_already if kid.tag == "TO"), None)
    participle = node.feats.get("VerbForm") == "Part" or bool(auxiliaries)
    passive = any(kid.dep == "aux:pass" for kid in auxiliaries) or bool(node.with_dep("expl:pass"))
    perfect = participle and any(kid.dep != "aux:pass" for kid in auxiliaries)
    place = min((kid.place for kid in auxiliaries), default=node.place) - _STEP
    like = auxiliaries[0] if auxiliaries else node
    for kid in auxiliaries:
        tree.drop(kid)
    chain: list[tuple[str, str, str]] = []
    form = finite.get("VerbForm", "Fin")
    mood, tense = finite.get("Mood", "Ind"), finite.get("Tense", "Pres")
    plural = finite.get("Number") == "Plur"
    present = "VBP" if plural else "VBZ"
    if node.dep == "pcomp":
        base = "VBG"
    elif modal is not None or to is not None:
        base = "VB"
    elif form == "Inf":
        base = "VB"
        if node.dep not in ("root", "ROOT") and node.head is not None:
            tree.add("to", "TO", "aux", node, place - _STEP, like)
    elif form in ("Part", "Ger") and not auxiliaries and not passive:
        node.tag = "VBG" if tense == "Pres" and finite.get("Voice") != "Pass" else "VBN"
        return
    elif mood == "Cnd" and not (hearsay and perfect):
        chain.append(("would", "MD", "aux"))
        base = "VB"
    elif tense == "Fut":
        chain.append(("will", "MD", "aux"))
        base = "VB"
    elif mood == "Imp":
        base = "VB"
    elif tense in ("Imp", "Past", "Pqp") and form == "Fin":
        base = "VBD"
    else:
        base = present
        if node.source in habits.lasting and not perfect and not passive:
            chain.append(("be", present, "aux"))
            base = "VBG"
    if perfect:
        chain.append(("have", base, "aux"))
        base = "VBN"
    if passive:
        chain.append(("be", base, "auxpass"))
        base = "VBN"
    node.tag = base
    for number, (word, tag, dep) in enumerate(chain):
        tree.add(word, tag, dep, node, place + number * _STEP / 4, like)


def _label(node: Node, habits: Habits) -> None:
    dep, base = node.dep, node.dep.partition(":")[0]
    if node.head is None:
        node.dep = "ROOT"
    elif base == "det":
        node.dep = "poss" if node.feats.get("Poss") == "Yes" else "det"
    elif base == "advmod":
        node.dep = "neg" if node.source in habits.negation or node.text.lower() in habits.negation else "advmod"
    elif base == "xcomp" and not node.tag.startswith(("VB", "MD")) and node.upos in ("NOUN", "PROPN", "ADJ"):
        node.dep = "oprd"
    elif base == "nsubj" and any(kid.dep in ("auxpass", "aux:pass") for kid in node.head.kids):
        node.dep = "nsubjpass"
    elif dep == "nsubj:pass":
        # Taggers say so of every verb whose perfect has "to be": "est arrivé".
        node.dep = "nsubj"
    elif base in ("nsubj", "obj") and dep != base and dep not in _LABELS:
        node.dep = _LABELS.get(base, base)
    else:
        node.dep = _LABELS.get(dep, _LABELS.get(base, base))
    if not node.tag:
        node.tag = _tag(node)


def _tag(node: Node) -> str:
    word = node.gloss
    if node.upos == "PRON":
        return _RELATIVE.get(word, "PRP")
    if node.upos == "DET" and node.feats.get("Poss") == "Yes":
        return "PRP$"
    if node.upos == "NOUN" and node.words:
        return "NNS" if node.feats.get("Number") == "Plur" else "NN"
    if node.upos == "PUNCT":
        return {
            ".": ".",
            "?": ".",
            "!": ".",
            "-": "HYPH",
            "(": "-LRB-",
            ")": "-RRB-",
            "“": "``",
            "”": "''",
            ":": ":",
        }.get(word, ",")
    return _TAGS.get(node.upos, "NN")


def _adjectives(noun: Node) -> None:
    """Put adjectives before their noun."""
    if noun.upos not in ("NOUN", "PROPN"):
        return
    after = sorted(
        (kid for kid in noun.kids if kid.dep == "amod" and kid.place > noun.place), key=lambda kid: kid.place
    )
    first = min([noun.place, *(kid.place for kid in noun.kids if kid.dep == "compound" and kid.place < noun.place)])
    for number, adjective in enumerate(after, start=1):
        if len(adjective.kids) > 1 or adjective.tag.startswith("VB"):
            continue
        adjective.place = first - number * _STEP / 10
        for kid in adjective.kids:
            kid.place = adjective.place - _STEP / 100
