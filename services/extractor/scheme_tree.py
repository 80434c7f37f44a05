"""The nodes and the tree of one sentence that is being rewritten from Universal Dependencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

STEP: Final = 0.01


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


def is_verb(node: Node) -> bool:
    """True for a verb or for a copula that has become one; not for an auxiliary."""
    if node.tag or node.dep.startswith(("aux", "cop")):
        return False
    return node.upos in ("VERB", "AUX")
