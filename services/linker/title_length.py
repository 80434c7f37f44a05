"""Where a sentence too long for a headline is cut: at the end of a clause, else of a phrase, never inside one."""

from __future__ import annotations

import re
from typing import Final

from services.linker.title_grammar import dangling
from services.linker.title_marks import OPEN, SHUT
from services.linker.title_tense import has_verb

LONGEST: Final = 110
"""Characters of a headline cut from a sentence: about what publishers write."""
_ENOUGH: Final = 40
"""Characters after which the end of a clause is a better place to cut than a later phrase."""
_LEFT_OVER: Final = re.compile(
    r"\s(?:in\sresponse|in\sorder|as\swell|at\sleast)\Z|,\s(?:just\s)?(?:\w+\s)?(?:hour|day|week|month|year)s?\Z|(?<=[a-z])(?<!two)(?<!three)(?<!four)(?<!few)(?<!several)(?<!for)\s(?:just\s)?(?:hours|days|weeks)\Z"
)
"""What is left before a clause that was cut off: "a day after"."""
_HALF_SAID: Final = re.compile(r",\s[a-z]+ing(?:\s[\w’'-]+){0,2}\Z")
"""What is left of an outcome that does not fit: ", tearing roofs" from houses."""
_CLAUSE_ENDS: Final = re.compile(
    r"\s*[,;:]\s(?!\d)|\s[—–-]+\s|\s(?:after|as|while|because|when|amid|following|although|though|but|where|who|which|"
    r"since|until|unless|before|saying|despite|so|if|without|"
    r"and\s(?=(?:\w+ed|was|were|is|has|had|will|said|then|that)\b))\b"
)
_PHRASE_ENDS: Final = re.compile(
    r"\s(?:for|in|at|on|with|over|from|to|by|against|during|under|into|about|through|across|near|between|among|"
    r"towards?|around|outside|inside|along|aboard|upon)\s"
)
_LIST: Final = re.compile(r"\s*,\s(?:[^\s,]+\s){0,3}?[^\s,]+(?:,\s|\s(?:and|or)\s)")
"""A comma inside "A, B and C"."""
_NOUN: Final = re.compile(rf"\b(?:an?|the|his|her|its|their)\s(?:[\w-]+\s){{0,2}}{OPEN}")
_ITEM: Final = 4
"""Words of what is listed between commas."""
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
            return _HALF_SAID.sub("", _LEFT_OVER.sub("", shown))
    first = told + 2 if _NOUN.search(marked) is None else told
    ends = [found.start() for found in _PHRASE_ENDS.finditer(marked, told, limit + 2)]
    for end in reversed(ends):
        shown = marked[:end]
        if first < end <= limit and is_whole(shown) and not _goes_on(marked, end) and not _lacks_its_verb(shown[told:]):
            return _HALF_SAID.sub("", _LEFT_OVER.sub("", shown))
    return ""


def _in_list(text: str, end: int) -> bool:
    """Tell whether a comma stands inside "A, B and C"."""
    last = text.rfind(", ", 0, end)
    return _LIST.match(text, end) is not None or (
        last > 0 and _AND.match(text, end) is not None and len(text[last:end].split()) <= _ITEM
    )


def _has_verb(marked: str) -> bool:
    """Tell whether a beginning tells something: a subject alone does not."""
    told = marked[marked.index(OPEN) + 1 :].partition(SHUT)[0].split(" ", 1)[0]
    return has_verb(marked.replace(OPEN, "")) or told.endswith("s")


def _lacks_its_verb(after: str) -> bool:
    """Tell whether what follows "that" is no clause yet: "demands that the owner"."""
    _, that, clause = after.rpartition(" that ")
    return bool(that) and not has_verb(clause)


def _goes_on(text: str, end: int) -> bool:
    """Tell whether the last word wants what follows: "Movement | for the Liberation", "property seized | by rebels"."""
    last = text[:end].rpartition(" ")[2]
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
