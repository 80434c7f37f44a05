"""Whoever walks up a parse must arrive: the one place where circles among heads are opened.

The parser itself makes trees; what turns words round afterwards might not, and every walk of the rules trusts them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import DEP, HEAD
from spacy.tokens import Doc


def open_circles(doc: Doc) -> bool:
    """Make the first word of every circle among the heads of ``doc`` a root, in place; True where there was one."""
    if not len(doc):
        return False
    parse = doc.to_array([HEAD, DEP])
    heads = np.arange(len(doc)) + parse[:, 0].astype(np.int64)
    root = doc.vocab.strings.add("ROOT")
    opened = False
    while (circle := _in_circle(heads)) is not None:
        heads[circle] = circle
        parse[circle] = (0, root)
        opened = True
    if opened:
        doc.from_array([HEAD, DEP], parse)
    return opened


def _in_circle(heads: NDArray[np.int64]) -> int | None:
    """Return the first word of a circle; None where every word reaches a root."""
    above = heads
    for _ in range(len(heads).bit_length()):  # each turn doubles how far up it looks
        above = above[above]
    around = above[heads[above] != above]
    return int(around.min()) if len(around) else None
