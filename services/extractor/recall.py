"""Sentences parsed before, so that revisions and shared wire paragraphs are not parsed again.

A parse is kept as numbers, not as a Doc: that takes a fraction of the memory, does not tie it to a vocabulary that is
renewed meanwhile, and gives every article a Doc of its own.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import DEP, ENT_IOB, ENT_TYPE, HEAD, TAG
from spacy.tokens import Doc

MAX_TOKENS: Final = 400_000
"""Tokens remembered: some 16,000 sentences, 25 MB."""
_PARSE: Final = [TAG, DEP, HEAD]
_ENTITIES: Final = [ENT_IOB, ENT_TYPE]


@dataclass(slots=True)
class Known:
    """What the pipeline made of one sentence."""

    parse: NDArray[np.uint64]
    """Tag, label and distance to the head of each token."""
    entities: NDArray[np.uint64] | None = None
    """Place in an entity and label of each token; None where nothing asked for entities."""

    @classmethod
    def of(cls, doc: Doc) -> Known:
        """Return the parse of ``doc``, whose entities are not known yet."""
        return cls(doc.to_array(_PARSE))

    def parse_into(self, tokens: Doc) -> Doc:
        """Give ``tokens``, the same sentence without a parse, its parse."""
        tokens.from_array(_PARSE, self.parse)
        return tokens

    def entities_into(self, doc: Doc) -> None:
        """Give ``doc`` its entities."""
        doc.from_array(_ENTITIES, self.entities)

    def learn_entities(self, doc: Doc) -> None:
        """Remember the entities of ``doc``."""
        self.entities = doc.to_array(_ENTITIES)


class Recall:
    """The sentences parsed last, up to a number of tokens; those not met for longest go first."""

    def __init__(self, max_tokens: int = MAX_TOKENS) -> None:
        """Remember sentences of ``max_tokens`` tokens together; with 0 nothing is remembered."""
        self._max_tokens = max_tokens
        self._known: OrderedDict[str, Known] = OrderedDict()
        self.tokens = 0
        """Tokens of all sentences remembered."""
        self.hits = 0
        self.misses = 0

    def get(self, sentence: str) -> Known | None:
        """Return what is known of ``sentence``; None where it is new or forgotten."""
        found = self._known.get(sentence)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._known.move_to_end(sentence)
        return found

    def put(self, sentence: str, known: Known) -> None:
        """Remember ``sentence``, which must be new, and forget what no longer fits."""
        self._known[sentence] = known
        self.tokens += len(known.parse)
        while self.tokens > self._max_tokens:
            _, forgotten = self._known.popitem(last=False)
            self.tokens -= len(forgotten.parse)
