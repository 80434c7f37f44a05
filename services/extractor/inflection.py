"""English forms by Penn tag, for words that another language's words are rendered by."""

from __future__ import annotations

from typing import Final

from services.extractor.forms import irregular, noun_forms, verb_forms

_BE: Final = {"VB": "be", "VBZ": "is", "VBP": "are", "VBD": "was", "VBN": "been", "VBG": "being"}
_HAVE: Final = {"VB": "have", "VBZ": "has", "VBP": "have", "VBD": "had", "VBN": "had", "VBG": "having"}
_IRREGULAR: Final = {"do": ("did", "done"), "go": ("went", "gone"), "agree": ("agreed", "agreed")}
_SAME: Final = frozenset(("hit", "put", "cut", "let", "set", "shut", "hurt", "spread", "burst", "cost", "quit", "bet"))
"""Verbs whose past has no form of its own."""
_VOWELS: Final = "aeiou"


def plural(noun: str) -> str:
    """Return the plural of a noun; one that ends in a single "s" already is one, and "people"."""
    if noun == "people" or (noun.endswith("s") and not noun.endswith("ss")):
        return noun
    others = sorted(noun_forms(noun) - {noun}, key=len)
    irregular = [form for form in others if form not in (noun + "s", noun + "es")]
    return (irregular or others or [noun])[0]


def verb_form(lemma: str, tag: str) -> str:
    """Return the form of a verb that a Penn tag (VB, VBZ, VBP, VBD, VBN, VBG) asks for."""
    if lemma in ("be", "have"):
        return (_BE if lemma == "be" else _HAVE).get(tag, lemma)
    if tag in ("VB", "VBP"):
        return lemma
    forms = verb_forms(lemma)
    if tag == "VBG":
        return _one(forms, "ing", lemma)
    if tag == "VBZ":
        return _one(forms, "s", lemma)
    if lemma in _IRREGULAR:
        return _IRREGULAR[lemma][tag == "VBN"]
    if lemma in _SAME:
        return lemma
    listed = [form for form in irregular(lemma) if not form.endswith(("ing", "s"))]
    if listed:
        return listed[-1] if tag == "VBN" and len(listed) > 1 and listed[-1].endswith("n") else listed[0]
    return _one(forms, "ed", lemma)


def _one(forms: frozenset[str], ending: str, lemma: str) -> str:
    fitting = sorted((form for form in forms if form.endswith(ending) and form != lemma), key=len)
    if not fitting:
        return lemma
    doubled = len(lemma) <= 4 and lemma[-1:] not in "aeiouwxy" and lemma[-2:-1] in _VOWELS
    return fitting[-1] if doubled and lemma[-3:-2] not in _VOWELS else fitting[0]
