"""Verbs of Universal Dependencies with the auxiliaries, infinitives and modals that English would have."""

from __future__ import annotations

from collections.abc import Mapping

from services.extractor.scheme_tree import STEP, Habits, Node, Tree, is_verb


def asked_object(tree: Tree, verb: Node, habits: Habits) -> None:
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


def modal_auxiliary(tree: Tree, node: Node, habits: Habits) -> None:
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


def english_infinitive(tree: Tree, node: Node, habits: Habits) -> None:
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


def english_verb(tree: Tree, node: Node, habits: Habits, *, hearsay: bool) -> None:
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
    place = min((kid.place for kid in auxiliaries), default=node.place) - STEP
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
            tree.add("to", "TO", "aux", node, place - STEP, like)
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
        tree.add(word, tag, dep, node, place + number * STEP / 4, like)
