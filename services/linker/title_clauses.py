"""Which clause of a sentence tells an event: the first one, or one on the side of something else.

"Talks began after Kenya freed the sailors" is about talks. As the title of the release, what follows "after"
will do.
"""

from __future__ import annotations

import re
from typing import Final

from services.linker.title_grammar import as_headline, points_back
from services.linker.title_marks import AUXILIARIES, OPEN, SHUT, words_of
from services.linker.title_tense import has_verb, is_verb

_SIDES: Final = words_of(
    """
    who which whose whom where when while after before because if until whether amid despite following since than
    including as although though that unless like
    """
)
_ON_THE_SIDE: Final = re.compile(rf"\b(?:{'|'.join(sorted(_SIDES))})\b")
_PARTICIPLE: Final = re.compile(r",\s\w+ing\b")
_PARTS: Final = (";", ":", "—", " – ")
"""What comes after such a word or mark is not what the sentence tells in the first place."""
_REPORTS_THAT: Final = re.compile(
    r"\s(?:denie[ds]|recommend(?:ed|s)|warn(?:ed|s)|demand(?:ed|s)|sa(?:id|ys)|agree[ds]|announce[ds]|declare[ds]|rule[ds]|"
    r"found|insist(?:ed|s)|allege[ds]|claim(?:ed|s)|reiterate[ds]|confirm(?:ed|s)|promise[ds]|vow(?:ed|s)|"
    r"threaten(?:ed|s)|propose[ds]|urge[ds]|report(?:ed|s)|argue[ds]|decide[ds]|order(?:ed|s)|suggest(?:ed|s)|"
    r"predict(?:ed|s)|fear(?:ed|s)|hope[ds]|told\s\w+)(?:\son\s[A-Z]\w+\s\d{1,2})?\sthat\s(?!(?:he|she|it|they)\b)"
)
"""Joins what somebody says, wants or denies to his name: that is what the sentence tells."""
_CLAUSE: Final = re.compile(
    rf"(?:\A|[\s,])(?:(?:[Aa]fter|[Ww]hen|[Ww]hile|[Bb]ecause)\s|[Aa]s\s(?=[A-Z0-9]|(?:the|an?|two|three|four|five)\s))"
    rf"(?=[^,;:{OPEN}]+{OPEN})"
)
"""Begins a clause that tells what did take place."""
_CLAUSE_END: Final = re.compile(r",\s(?!\d)|;\s|\s(?:who|which)\s")
_RELATIVE: Final = re.compile(
    rf"(?:,\s\d{{1,2}})?,\s(?:(?:who|which)\s(?=[^,;{OPEN}]*{OPEN})|(?={OPEN}\w+(?:ed|wn){SHUT}\s(?:in|by|from|on|as|at|with|to|for|of)\b))"
)
"""Begins the relative clause, or the participle in its place, that tells the event."""
_CALLED: Final = re.compile(r"(?:[A-Z][\w.’'-]*\s)*[A-Z][\w.’'-]*\Z")
"""Somebody called by name."""


def set_aside(text: str) -> bool:
    """Tell whether a text has a word that sets what follows it on the side of what stands before."""
    return _ON_THE_SIDE.search(text) is not None


def told_aside(before: str, words: frozenset[str]) -> bool:
    """Tell whether what comes after the beginning of a sentence is told on the side of something else.

    ``words`` are those of the sentence, in lower case.
    """
    if not words.isdisjoint(_SIDES):
        if "that" in words:
            before = _REPORTS_THAT.sub(" ", before, count=1)
        if _ON_THE_SIDE.search(before):
            return True
    return any(mark in before for mark in _PARTS) or (", " in before and _PARTICIPLE.search(before) is not None)


def clause(marked: str) -> str:
    """Return the clause on the side that tells the event, empty where it lacks a subject of its own or a verb."""
    begins = [found.end() for found in _CLAUSE.finditer(marked)]
    if not begins:
        return ""
    told = marked[begins[-1] :]
    end = _CLAUSE_END.search(told, told.index(SHUT))
    told = told[: end.start()] if end else told
    subject, _, rest = told.partition(OPEN)
    verb = rest.partition(SHUT)[0].split(" ", 1)[0]
    if points_back(told) or subject.split(" ", 1)[0].endswith("ing") or not (is_verb(verb) or has_verb(subject)):
        return ""
    return as_headline(told)


def related(marked: str) -> str:
    """Return what a relative clause tells of somebody, where it is that which tells the event."""
    found = _RELATIVE.search(marked)
    called = _CALLED.search(marked[: found.start()]) if found else None
    if found is None or called is None:
        return marked
    return f"{called.group()} {marked[found.end() :]}".partition(", ")[0]


def is_about(marked: str) -> bool:
    """Tell whether a sentence tells something of the event rather than the event.

    That is where what names it is the subject of another verb ("the removal | sparked a backlash") or what a gerund
    within is done to ("condemned them for escalating their | strikes").
    """
    before, _, rest = marked.partition(OPEN)
    told, _, after = rest.partition(SHUT)
    if is_verb(told):
        return False
    following = after[1:].split(" ", 1)[0]
    if following in AUXILIARIES or is_verb(following):
        return not has_verb(before)
    return _GERUND.search(before) is not None


_GERUND: Final = re.compile(r"\s(?:for|of|by|from|about)\s[a-z]+ing\s(?:\w+\s){0,2}\Z")
