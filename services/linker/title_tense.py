"""The tense of headlines: what a report tells in the past a headline tells in the present, where the verb is sure.

Whether "jailed" is what officials did or what was done to them only its subject tells, or what follows: so a verb is
changed only right behind somebody who is known to have done it, or before somebody to whom it was done.
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
_LISTED: Final = re.compile(rf",\s{OPEN}?([a-z]+){SHUT}?\s(?!(?:in|by|from|on|as|at|with|to|for|of|after)\s)")
"""A verb in a list: "renamed the country, offered amnesty and left"."""
_AND_VERB: Final = re.compile(rf"\s(?:and|but)\s{OPEN}?([a-z]+)\b")
LONG_AGO: Final = re.compile(
    r"\b(?:in|of|by|until)\s(?:1\d|20)\d\d\b|\bsince\b|\bago\b|\bat\sthe\stime\b|\bin\s(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)\b"
)
"""What says that it was then: "closed the consulate in 2021"."""
_NEAR: Final = 110
"""Characters in which another verb would show in a headline."""
_DETERMINERS: Final = words_of("the a an his her its their this that these those")
_BETWEEN: Final = str.maketrans({",": " ", OPEN: None, SHUT: None})
_SOME: Final = ("Only", "number", "majority", "total", "lot", "couple", "media", "data")
"""Subjects that are one or many as those who write think."""
_ADVERB: Final = re.compile(r"\s(?:\w+ly|again|also|twice)\Z")
_NOUNS: Final = AUXILIARIES | words_of("that who which whose when where while as to if")
"""Words that stand in no simple subject."""
_ACTIVE: Final = words_of(
    """
    arose ate awoke became began bore broke came chose drank drew drove fell flew forbade forgave foresaw froze gave
    grew hid knew overran overthrew ran rang rose sank sang saw shook shrank spoke sprang stole strode swam swore
    threw took tore undertook undid went withdrew wrote

    agreed apologised apologized appeared arrived clashed climbed collapsed complained crashed demonstrated died dipped
    drowned eased emerged ended erupted escaped expired exploded fled gained gathered happened insisted jumped landed
    lasted marched perished plunged protested rallied remained resigned retired returned rioted said skyrocketed slid
    slipped soared stalled stayed stepped surged surrendered travelled traveled tumbled voted walked
    """
)
"""Past forms that are no participle, and those of verbs without an object: nobody had it done to him."""
_ACTIVE_TO: Final = words_of(
    """
    aimed attempted continued decided declined failed hoped managed moved offered opted planned pledged prepared
    promised proposed refused sought struggled threatened tried vowed wanted
    """
)
"""The same before "to": "promised to", but "forced to"."""
_CALLED: Final = words_of("aged armed based called dated dubbed entitled left named numbered titled valued worth")
"""What is no deed of whom it follows: "a man called Okello"."""
_OBJECT: Final = re.compile(
    rf"{SHUT}?\s(?:the|an?|his|her|its|their|that|more|at\sleast|two|three|four|five|six|seven|eight|nine|ten|dozens|hundreds|"
    rf"thousands|all|several|some|many|[A-Z0-9“$£€]\S*)(?=[\s{OPEN}]|\Z)"
)
"""Follows a verb whose subject did it to somebody, or said it."""
_VERB: Final = re.compile(rf" {OPEN}?([a-z]+){SHUT}?(?=[\s,]|\Z)")
_PAST: Final = words_of("was were had did could would")
_MEANWHILE: Final = re.compile(
    rf",?\s(?:as|when|while|before|until|because|although|though)\s((?:[\w’'{OPEN}{SHUT}-]+\s){{1,6}}[\w’'{OPEN}{SHUT}-]+)"
)
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


@cache
def _present() -> frozenset[str]:
    """Return the verbs as they stand in the present."""
    bases = frozenset(_bases().values())
    return bases | {inflected(base, many=False) for base in bases}


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


def has_verb(text: str) -> bool:
    """Tell whether a text has a finite verb known here."""
    words = text.translate(_BETWEEN).split()
    return not (AUXILIARIES.isdisjoint(words) and _bases().keys().isdisjoint(words))


def present(marked: str, mention: event_pb2.Mention) -> str:
    """Return a sentence with names put in, its first verb in the present where that is sure to be one in the past.

    It stays as it is where another verb in the past would stand beside; those joined to it by "and" change along.
    """
    bases = _bases()
    unsure = False
    for found in _VERB.finditer(marked, 0, _NEAR):
        verb = found[1]
        if verb in _NOUNS:
            return marked
        if verb not in bases:
            unsure = unsure or (marked[found.start() + 1] == OPEN and verb in _present())
            continue
        told = marked[found.end(1) :]
        subject = _ADVERB.sub("", marked[: found.start()].replace(OPEN, "").replace(SHUT, "").rstrip(" ,"))
        active = _is_active(verb, told)
        if not active and marked[found.start() + 1] != OPEN and not _AND_VERB.match(told):
            continue
        if unsure and verb not in _ACTIVE and told[:1] == " " and told[1:2].isupper():
            return marked  # "Fire killed Okello", but "Kenya rejects proposed Ugandan changes".
        many = _many(subject, mention, active)
        if many is not None:
            changed = _changed(told, len(subject), many)
            return f"{marked[: found.start(1)]}{inflected(bases[verb], many)}{changed}" if changed else marked
    return marked


def _is_active(verb: str, told: str) -> bool:
    """Tell whether what follows a verb leaves no doubt that whoever stands before it did it."""
    if verb in _ACTIVE:
        return True
    if verb in _ACTIVE_TO and told.lstrip(SHUT).startswith(" to "):
        return True
    return verb not in _CALLED and _OBJECT.match(told) is not None


def _changed(told: str, before: int, many: bool) -> str:
    """Return what follows a verb that was put into the present, empty where that cannot be.

    ``before``: how many characters stand before the verb.
    """
    bases = _bases()
    if LONG_AGO.search(told, 0, _NEAR):
        return ""
    joined = _AND_VERB.search(told, 0, _NEAR)
    if joined is not None and joined[1] in bases:
        after = told[joined.end() :]
        if joined.start() <= len(SHUT) or _is_active(joined[1], after):
            told = f"{told[: joined.start(1)]}{inflected(bases[joined[1]], many)}{after}"
    if _OTHER_VERBS.search(told.replace(OPEN, "").replace(SHUT, ""), 0, _NEAR):
        return ""
    listed = _LISTED.search(told, 0, _NEAR)
    if listed is not None and listed[1] in bases:
        return ""
    meanwhile = _MEANWHILE.search(told, 0, _NEAR)
    if meanwhile is not None and any(
        word in _PAST or is_verb(word) for word in meanwhile[1].replace(OPEN, "").replace(SHUT, "").split()
    ):
        if before + meanwhile.start() < _ENOUGH or OPEN in told[meanwhile.start() :]:
            return ""
        told = told[: meanwhile.start()]
    return told


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
            # "The two countries" that one of them is called by.
            return called[0].islower() and is_plural(called)
        if entity.kind != "organisation":
            return is_plural(called)
        if is_plural(called, "organisation"):
            return True
        # "The Raiders sign him", "Airbus cuts jobs"; of "Warriors" alone only a reader knows which it is.
        several = before.startswith("The ") and not before.endswith("Nations")
        return (True if several else None) if called[-1] == "s" and called[-2:] != "ss" else False
    if not active:
        return None
    if "," in before:
        # Who somebody is: "Ann Okello, the mayor, said".
        before, _, aside = before.partition(", ")
        if " and " in aside or has_verb(aside):
            return None
        if any(p.entity.kind == "person" and before in (p.text, p.entity.name) for p in mention.participants):
            return False
    if has_verb(before) or not _NOUNS.isdisjoint(before.lower().split()):
        return None
    head = _BEHIND.split(before, maxsplit=1)[0]
    if not head or head.endswith(_SOME):
        return None
    *rest, last = head.split()
    if last.lower() in _DETERMINERS or (not rest and last.endswith("ly")):
        return None  # "The newly | appointed ..." is no subject.
    named = bool(rest) and last[0].isupper() and last[-1] == "s"
    return None if named or points_back(before) else " and " in head or is_plural(head)
