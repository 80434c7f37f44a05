"""Where a sentence too long for a headline is cut: at the end of a clause, else of a phrase, never inside one."""

from __future__ import annotations

import re
from typing import Final

from services.linker.title_grammar import dangling
from services.linker.title_marks import OPEN, SHUT, words_of
from services.linker.title_tense import has_verb

LONGEST: Final = 116
"""Characters of a headline cut from a sentence: about what publishers write."""
_TAIL: Final = 60
"""Characters before a cut that are looked at for what it left over."""
_ENOUGH: Final = 40
"""Characters after which the end of a clause is a better place to cut than a later phrase."""
_LEFT_OVER: Final = re.compile(
    r"\s(?:in\sresponse|in\sorder|as\swell|at\sleast)\Z|,\s(?:just\s)?(?:\w+\s)?(?:hour|day|week|month|year)s?\Z|(?<=[a-z])(?<!two)(?<!three)(?<!four)(?<!few)(?<!several)(?<!for)\s(?:just\s)?(?:hours|days|weeks)\Z"
)
"""What is left before a clause that was cut off: "a day after"."""
_LAST: Final = words_of("hour day week month year response order well least")
"""What that ends with, without the s of a plural."""
_HALF_SAID: Final = re.compile(r",\s[a-z]+ing(?:\s[\w’'-]+){0,2}\Z")
"""What is left of an outcome that does not fit: ", tearing roofs" from houses."""
_CLAUSE_ENDS: Final = re.compile(
    r"[,;:] (?!\d)| [—–-]+ | (?:after|as|while|because|when|amid|following|although|though|but|where|who|which|"
    r"since|until|unless|before|saying|despite|so|if|without|"
    r"and\s(?=(?:\w+ed|was|were|is|has|had|will|said|then|that)\b))\b"
)
_PHRASE_ENDS: Final = re.compile(
    r" (?:for|in|at|on|with|over|from|to|by|against|during|"
    r"under|into|about|through|across|near|between|among|towards?|around|outside|inside|along|aboard|upon) "
)
_LIST: Final = re.compile(r"\s*,\s(?:[^\s,]+\s){0,3}?[^\s,]+(?:,\s|\s(?:and|or)\s)")
"""A comma inside "A, B and C"."""
_NOUN: Final = re.compile(rf"\b(?:an?|the|his|her|its|their)\s(?:[\w-]+\s){{0,2}}{OPEN}")
_ITEM: Final = 4
"""Words of what is listed between commas."""
_WANTS_TO: Final = re.compile(
    r"\b(?:order|urg|ask|tell|told|forc|allow|permit|requir|invit|expect|compel|persuad|encourag|instruct|direct|enabl|press|"
    r"call|want)[a-z]*(?: \S+){0,6}\Z"
)
"""Ends before what somebody is to do: "orders the newspaper | to close"."""
_AIMS: Final = words_of(
    "effort attempt plan bid move decision right ability agreement failure proposal pledge promise threat way need call"
)
"""Nouns that say little without what is aimed at, in the singular."""
_AND: Final = re.compile(r",\s(?:and|or)\s")
_ENCLOSES: Final = re.compile('[(“”‘"]')
_GOES_ON: Final = re.compile(r"\s(?:for|of|in|on|against)\s(?:the\s)?[A-Z]")


def fitting(marked: str, limit: int) -> str:
    """Return the longest beginning that fits and ends with a clause or a phrase, empty where none tells the event."""
    told = marked.index(SHUT)
    ends = [found.start() for found in _CLAUSE_ENDS.finditer(marked, told, limit + 2)]
    for end in reversed(ends):
        shown = marked[:end]
        if (
            _ENOUGH <= end <= limit
            and is_whole(shown)
            and not _in_list(marked, end)
            and _has_verb(shown)
            and not _lacks_its_verb(shown[told:])
        ):
            return _trimmed(shown)
    # Only what stands right before can make a noun of it.
    first = told + 2 if _NOUN.search(marked, max(0, told - _TAIL)) is None else told
    ends = [found.start() for found in _PHRASE_ENDS.finditer(marked, told, limit + 2)]
    for end in reversed(ends):
        shown = marked[:end]
        if first < end <= limit and is_whole(shown) and not _goes_on(marked, end) and not _lacks_its_verb(shown[told:]):
            return _trimmed(shown)
    return ""


def _trimmed(shown: str) -> str:
    """Leave out what a cut left over of the clause behind it."""
    if shown.rpartition(" ")[2].rstrip("s") in _LAST:
        found = _LEFT_OVER.search(shown, max(0, len(shown) - _TAIL))
        if found is not None:
            shown = shown[: found.start()]
    last = shown.rfind(", ")
    return shown[:last] if last > 0 and _HALF_SAID.match(shown, last) else shown


def _in_list(text: str, end: int) -> bool:
    """Tell whether a comma stands inside "A, B and C"."""
    last = text.rfind(", ", 0, end)
    return _LIST.match(text, end) is not None or (
        last > 0 and _AND.match(text, end) is not None and len(text[last:end].split()) <= _ITEM
    )


def _has_verb(marked: str) -> bool:
    """Tell whether a beginning tells something: a subject alone does not."""
    told = marked[marked.index(OPEN) + 1 :].partition(SHUT)[0].split(" ", 1)[0]
    return has_verb(marked) or told.endswith("s") or f" to {OPEN}" in marked


def _lacks_its_verb(after: str) -> bool:
    """Tell whether what follows "that" is no clause yet: "demands that the owner"."""
    _, that, clause = after.rpartition(" that ")
    return bool(that) and not has_verb(clause)


def _goes_on(text: str, end: int) -> bool:
    """Tell whether the last word wants what follows: "Movement | for the Liberation", "property seized | by rebels"."""
    last = text[:end].rpartition(" ")[2]
    if text.startswith(" to ", end) and (last.rstrip("s") in _AIMS or _WANTS_TO.search(text, 0, end)):
        return True
    return last.endswith(("ed", "ing")) or (last[:1].isupper() and _GOES_ON.match(text, end) is not None)


def is_whole(text: str) -> bool:
    """Tell whether a beginning leaves no quotation or bracket open."""
    if _ENCLOSES.search(text) is None:
        return not dangling(text)
    return not (
        text.count("(") > text.count(")")
        or text.count("“") != text.count("”")
        or text.count("‘") > text.count("’")
        or text.count('"') % 2
        or dangling(text)
    )
