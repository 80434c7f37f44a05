"""From Universal Dependencies to the scheme that the rules read, in place, whatever the language.

spaCy's pipelines for Spanish, French, Russian and most other languages label their parses after Universal
Dependencies (https://universaldependencies.org/u/dep/): content words are heads, prepositions and copulas hang on
them. The rules read ClearNLP's scheme, that of the English pipelines (Choi and Palmer, 2012): prepositions and copulas
are heads, tags are those of the Penn Treebank. Tense, mood and voice, which UD has as features, become the auxiliaries
and tags that English would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.extractor.attribution import REPORTING_VERBS
from services.extractor.scheme_tree import STEP, Habits, Node, Tree, is_verb
from services.extractor.scheme_verbs import asked_object, english_infinitive, english_verb, modal_auxiliary

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
        asked_object(tree, node, habits)
    for node in list(tree.nodes):
        modal_auxiliary(tree, node, habits)
    for node in sorted(tree.nodes, key=lambda node: node.place):
        english_infinitive(tree, node, habits)
    for node in sorted(tree.nodes, key=lambda node: node.place):
        _preposition(tree, node)
    if_clause = any(node.words == ["if"] for node in tree.nodes)
    for node in list(tree.nodes):
        if is_verb(node):
            english_verb(tree, node, habits, hearsay=habits.hearsay and not if_clause)
    for node in tree.nodes:
        _label(node, habits)
    for node in tree.nodes:
        _adjectives(node)


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
                    other.place = node.place - STEP
                other.hang(kid, other.dep)
            node.hang(kid, "compound")
        else:
            kid.hang(node, "compound")
            kid.place = node.place - STEP / 2
            for word in kid.with_dep("compound"):
                word.place = kid.place - STEP / 4
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
        outer, inner = inner, tree.add(word, "IN", "prep", inner, inner.place + STEP, first)
        node.hang(inner, "pobj")
        del outer
    first.words = first.words[:1]


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
        adjective.place = first - number * STEP / 10
        for kid in adjective.kids:
            kid.place = adjective.place - STEP / 100
