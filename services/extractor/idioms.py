"""Several words in a row that have one rendering: "mettre en examen", "ministre des Affaires étrangères"."""

from __future__ import annotations

from services.extractor.glossary import SLOTS, Entry, plain
from services.extractor.lookup import Lookup, apply, settle_time
from services.extractor.scheme_tree import Node, Tree


class Idioms:
    """Joins the words of idioms to one."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._glossary = lookup.glossary

    def join(self, tree: Tree, *, parsed: bool = True) -> None:
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
            apply(head, entry, filled)
            if entry.kind == "t":
                settle_time(head)
            at = used[-1] + 1

    def _idiom(self, row: list[Node], at: int) -> tuple[Entry, list[int], list[str]] | None:
        first = row[at]
        keys = dict.fromkeys((plain(first.text), self._glossary.bare(plain(first.source)), *_slot(first)))
        for entry in sorted(
            (entry for key in keys for entry in self._glossary.starting(key) if len(entry.pattern) > 1),
            key=lambda entry: -len(entry.pattern),
        ):
            if entry.kind == "p" and at and row[at - 1].upos == "DET":
                continue  # "une grâce à l'opposant" has no "grâce à"
            used, filled = self._matches(entry, row, at)
            if used and self._lookup.holds(first, entry, row[used[0] : used[-1] + 1]):
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
                filled.append(self._lookup.slot_word(row[at]))
            used.append(at)
            at += 1
        return used, filled

    def _fits(self, node: Node, wanted: str) -> bool:
        if wanted in SLOTS:
            return wanted in self._lookup.slots_of(node)
        lower = plain(node.text)
        return wanted in (
            lower,
            plain(node.source),
            self._glossary.bare(lower),
            self._glossary.bare(plain(node.source)),
        )


def _slot(node: Node) -> tuple[str, ...]:
    return ("<n>",) if node.text[:1].isdigit() or node.upos == "NUM" else ()


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
