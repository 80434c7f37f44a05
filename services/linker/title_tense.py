"""The tense of headlines: what a report tells in the past a headline tells in the present, where the verb is sure.

Whether "jailed" is what officials did or what was done to them only its subject tells, so a verb is changed only right
behind somebody who is known to have done it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.title_grammar import inflected, is_plural, points_back
from services.linker.title_marks import AUXILIARIES, OPEN, SHUT, words_of

TABLE: Final = "title_verbs.tsv"
_VOWELS: Final = "aeiou"
_ACTS: Final = frozenset({"source", "party"})
_BEHIND: Final = re.compile(r"\s(?:of|in|from|with|for|at|on|by|near|against|under|inside|aboard|over|into)\s")
_OTHER_VERBS: Final = re.compile(
    r"\b(?:and|but|then)\s(?:\w+\s){0,2}?(?:[a-z]+ed|was|were|had|did|said|took|made|left|gave|went|told|met|shot|found)\b"
)
"""A second verb in the past, which would stand beside the first in another tense."""
_LONG_AGO: Final = re.compile(
    r"\b(?:in|since|of|by|until)\s(?:1\d|20)\d\d\b|\bago\b|\bin\s(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)\b"
)
"""What says that it was then: "closed the consulate in 2021"."""
_NEAR: Final = 110
"""Characters in which another verb would show in a headline."""
_ADVERB: Final = re.compile(r"\s(?:\w+ly|again|also|twice)\Z")
_NOUNS: Final = AUXILIARIES | words_of("that who which whose when where while as to if")
"""Words that stand in no simple subject."""
_ACTIVE: Final = words_of(
    """
    arose ate awoke became began bore broke came chose drank drew drove fell flew forbade forgave foresaw froze gave
    grew hid knew overran overthrew ran rang rose sank sang saw shook shrank spoke sprang stole strode swam swore
    threw took tore undertook undid went withdrew wrote

    arrived climbed collapsed crashed died dipped eased emerged erupted exploded gained happened jumped perished
    plunged rallied resigned retired skyrocketed slid slipped soared stalled stepped surged tumbled
    """
)
"""Past forms that are no participle, and those of verbs without an object: nobody had it done to him."""
_PAST: Final = words_of("was were had did could would")
_JOINED_AFTER: Final = re.compile(r"\sand\s(\w+)\b")
_MEANWHILE: Final = re.compile(r",?\s(?:as|when|while)\s((?:[\w’'-]+\s){1,6}[\w’'-]+)")
"""Begins a clause that would go on in the past."""
_ENOUGH: Final = 45
"""Characters after which a headline may do without such a clause."""


@cache
def _bases() -> Mapping[str, str]:
    """Return the base forms of verbs by their past forms."""
    found: dict[str, str] = {}
    table = files("services.linker").joinpath(TABLE).read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            base, _, listed = line.partition("\t")
            pasts = listed.split(",") if listed != "-" else _regular(base)
            found.update(dict.fromkeys(pasts, base))
    # "Reimposed", "rebuilt", where the table does not have them.
    return MappingProxyType({f"re{past}": f"re{base}" for past, base in found.items()} | found)


def _regular(base: str) -> Iterator[str]:
    """Yield the past forms that rules give, British and American spelling of doubled consonants."""
    if base.endswith("e"):
        yield base + "d"
    elif base.endswith("y") and base[-2:-1] not in _VOWELS:
        yield base[:-1] + "ied"
    else:
        yield base + "ed"
        if len(base) > 2 and base[-1] not in "aeiouwxy" and base[-2] in _VOWELS and base[-3] not in _VOWELS:
            yield base + base[-1] + "ed"


def is_verb(word: str) -> bool:
    """Tell whether a word is the past of a verb known here."""
    return word in _bases()


def present(marked: str, mention: event_pb2.Mention) -> str:
    """Return a sentence with names put in, the verb that names the event in the present where that is sure to be one.

    It stays as it is where another verb in the past would stand beside; one joined to it by "and" changes along.
    """
    before, _, rest = marked.partition(OPEN)
    verb, _, after = rest.partition(SHUT)
    bases = _bases()
    base = bases.get(verb)
    if base is None or before[-1:] != " ":
        return marked
    first = ""
    if before.endswith(" and "):
        subject, _, joined = before[:-5].rpartition(" ")
        if joined in bases:
            first, before = joined, f"{subject} "
    second = _JOINED_AFTER.match(after)
    told = after
    if second is not None and second[1] in bases:
        told = after[second.end() :]
    else:
        second = None
    many = _many(_ADVERB.sub("", before.rstrip(" ,")), mention, verb in _ACTIVE)
    if many is None or _OTHER_VERBS.search(told, 0, _NEAR) or _LONG_AGO.search(told, 0, _NEAR):
        return marked
    meanwhile = _MEANWHILE.search(told, 0, _NEAR)
    if meanwhile is not None and any(word in _PAST or is_verb(word) for word in meanwhile[1].split()):
        if len(before) + meanwhile.start() < _ENOUGH:
            return marked
        told = told[: meanwhile.start()]
    if first:
        before += f"{inflected(bases[first], many)} and "
    if second is not None:
        told = f" and {inflected(bases[second[1]], many)}{told}"
    return f"{before}{OPEN}{inflected(base, many)}{SHUT}{told}"


def _many(before: str, mention: event_pb2.Mention, active: bool) -> bool | None:
    """Tell whether a subject is plural; None where it is nobody known to have done it, or cannot be told.

    ``active``: the verb leaves no doubt that whoever stands before it did it.
    """
    for participant in mention.participants:
        if participant.role not in _ACTS and not active:
            continue
        entity = participant.entity
        called = next((c for c in (participant.text, entity.name) if c and before.endswith(c)), "")
        if not called or points_back(called):
            continue
        whole = len(called) + 4 >= len(before)
        if not whole and _BEHIND.search(before):
            return is_plural(before)
        if " and " in before and not (whole and entity.kind == "organisation"):
            return True
        if entity.kind in ("person", "country"):
            return False
        if entity.kind != "organisation":
            return is_plural(called)
        if is_plural(called, "organisation"):
            return True
        # "The Raiders sign him", "Airbus cuts jobs"; of "Warriors" alone only a reader knows which it is.
        several = before.startswith("The ") and not before.endswith("Nations")
        return (True if several else None) if called[-1] == "s" and called[-2:] != "ss" else False
    if (
        not active
        or "," in before
        or not _NOUNS.isdisjoint(before.lower().split())
        or any(map(is_verb, before.split()))
    ):
        return None
    head = _BEHIND.split(before, maxsplit=1)[0]
    *rest, last = head.split()
    named = bool(rest) and last[0].isupper() and last[-1] == "s"
    return None if named or points_back(before) else " and " in head or is_plural(head)
