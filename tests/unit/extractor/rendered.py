"""Sentences with a parse after Universal Dependencies, written by hand: no trained pipeline is needed."""

from __future__ import annotations

from functools import cache
from typing import Any

import spacy
from spacy.tokens import Doc

from services.extractor.gloss import Renderer
from services.extractor.glossary import Glossary


@cache
def blank() -> Any:
    """spaCy's tokenizer for French."""
    return spacy.blank("fr")


@cache
def renderer() -> Renderer:
    """The French tables."""
    return Renderer(Glossary("fr", lambda text: [token.text for token in blank().make_doc(text)]))


def parsed(table: str) -> Doc:
    """A parse from lines of "number form lemma upos features head label", as in CoNLL-U; features "_" for none."""
    rows = [line.split() for line in table.strip().splitlines()]
    words = [row[1] for row in rows]
    heads = [int(row[5]) - 1 if row[5] != "0" else number for number, row in enumerate(rows)]
    spaces = [
        not word.endswith(("'", "’")) and following not in (".", ",")
        for word, following in zip(words, [*words[1:], "."], strict=True)
    ]
    return Doc(
        blank().vocab,
        words=words,
        spaces=spaces,
        lemmas=[row[2] for row in rows],
        pos=[row[3] for row in rows],
        morphs=["" if row[4] == "_" else row[4] for row in rows],
        heads=heads,
        deps=["ROOT" if row[6] == "root" else row[6] for row in rows],
    )


def tree(doc: Doc) -> dict[str, tuple[str, str, str]]:
    """By word of a rendered sentence: its tag, its label and the word it hangs on."""
    return {token.text: (token.tag_, token.dep_, token.head.text) for token in doc}
