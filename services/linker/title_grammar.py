"""The English that titles need: verbs that agree, names with their article, lists, people without a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker.profile import called_by_name
from services.linker.title_marks import words_of

_WORDS_SHOWN: Final = 6
"""A longer "name" has swallowed a clause."""
_NAMES_SHOWN: Final = 2
_PERSON_WORDS: Final = 5
_TAKES_THE: Final = re.compile(
    r"(?:.* )?(?:States|Kingdom|Emirates|Islands|Republic|Sea|Ocean|Strip|Peninsula|Mountains|Desert)"
    r"|(?:Gulf|Strait|Bay|Horn) of .*|West Bank|White House|Kremlin|Capitol"
    r"|Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros|Seychelles"
)
"""Names of countries and places that English gives an article."""
_IRREGULAR: Final = {"be": "is", "have": "has", "go": "goes", "do": "does", "may": "may"}
_PLURAL: Final = words_of(
    """
    police people men women children troops forces rebels guards militia crew staff fighters houthis taliban
    cattle youth
    """
)
"""Words that take a plural verb without ending in an s, and bodies that are many."""
_SINGULAR: Final = words_of("gas biogas news series chaos canvas atlas")
_ARTICLE: Final = re.compile(r"\A(?:the|an?)\s+", re.IGNORECASE)
_PRONOUN: Final = words_of(
    """
    i me my mine you your yours he him his she her hers it its we us our ours they them their theirs this
    that these those who whom whose which what one ones someone somebody anyone anybody everyone everybody
    nobody none other others another each both either neither all any some many most more few several such
    same there here himself herself itself themselves
    """
)
"""What points at somebody instead of naming him; so does a phrase that begins with such a word."""
_ANYBODY: Final = words_of(
    """
    man men woman women people person persons suspect suspects victim victims group groups company companies firm
    state leader leaders official officials source sources analyst analysts teenager teenagers boy boys girl girls
    member members rescuer rescuers
    """
)
"""Words that tell of somebody no more than that he is one."""
_NUMERAL: Final = words_of(
    """
    two three four five six seven eight nine ten eleven twelve dozens scores hundreds thousands
    """
)
_CLAUSE: Final = re.compile(
    r"\s*[,;:()\[\]\"“”]|\s[-–—]\s|\s(?:who|whom|whose|which|that|where|when|while|as|after|before|because|to|and|or|"
    r"accused|arrested|charged|convicted|suspected|wanted|including|being|was|were|is|are|has|had)\s",
    re.IGNORECASE,
)
"""Where a description of somebody goes over into what he does or did."""
_PREPOSITION: Final = re.compile(r"\s(?:of|in|from|with|for|at|on|by|near|against|under|inside|aboard|over|into)\s")
_ENDS_BADLY: Final = words_of(
    """
    a an the of in on at to for from with by and or against into under over near as than that is are was
    were be his her its their through during after before between including while who which whose until since
    even only just both all such not because if whether when where
    """
)
"""A title does not end on such a word."""
_HYPHEN: Final = re.compile(r"(?<=\w) - (?=\w)")
_DEMONYM: Final = re.compile(r"\w+(?:ish|[ai]n|ese|ch|ians?|[rgmn]i|ek|ss)s?\Z")


def anybody(name: str) -> bool:
    """Tell whether a description could be of anybody: "men", "suspect"."""
    return name.lower() in _ANYBODY


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody as a title calls him."""

    name: str
    plural: bool
    named: bool
    """By a name of his own: not "two men"."""
    kind: str
    country: str


def who(participant: event_pb2.Participant) -> Who | None:
    """Return how a title calls a participant, or None where nothing fit to print is known of him."""
    entity = participant.entity
    return _called(entity.name or participant.text, entity.kind, entity.country)


@lru_cache(maxsize=16_384)
def _called(name: str, kind: str, country: str) -> Who | None:
    name = " ".join(name.split()).replace(" '", "'").replace(" ’", "’")
    if kind == "country":
        return Who(with_article(name), False, True, kind, country) if name else None
    if called_by_name(name, kind) and not any(w.lower() in _PRONOUN for w in name.split()[:1]):
        most = _PERSON_WORDS if kind == "person" else _WORDS_SHOWN
        if len(name.split()) <= most and not _CLAUSE.search(name.replace(" and ", " ")):
            bare = _ARTICLE.sub("", name, count=1) if _ARTICLE.match(name) else name
            return Who(bare, is_plural(bare, kind), True, kind, country)
    described = _described(name, kind)
    return Who(described, is_plural(described), False, "group", country) if described else None


def _described(text: str, kind: str) -> str:
    """Return a description of people or things, cut to what tells who they are; empty where nothing is left."""
    text = _HYPHEN.sub("-", text)
    text = _ARTICLE.sub("", _CLAUSE.split(text, maxsplit=1)[0], count=1).strip(" .'’-")
    words = text.split()
    if len(words) > _WORDS_SHOWN:
        text = _PREPOSITION.split(text, maxsplit=1)[0]
        words = text.split()
    if not words or len(words) > _WORDS_SHOWN or not text[0].isalnum() or text.isdigit():
        return ""
    if words[0].lower() in _PRONOUN or words[-1].lower() in _ENDS_BADLY:
        return ""
    first = words[0]
    # A capital that is only that of the sentence: "Three employees", "Divers".
    common = len(words) > 1 or is_plural(text)
    if common and first[1:].islower() and not _DEMONYM.match(first) and (kind != "group" or first.lower() in _NUMERAL):
        text = text[0].lower() + text[1:]
    return text


def is_plural(name: str, kind: str = "group") -> bool:
    """Tell whether a verb after a name or description stands in the plural."""
    if kind in ("person", "country"):
        return False
    head = _PREPOSITION.split(name, maxsplit=1)[0]
    words = head.lower().split()
    if not words:
        return False
    if kind == "organisation":
        return words[-1] in _PLURAL
    number = words[0].replace(",", "")
    if number.isdigit():
        return float(number) != 1
    last = words[-1]
    if last in _PLURAL or words[0] in _NUMERAL or last.endswith("men"):
        return True
    # "Israelis", but "crisis".
    return (
        last.endswith("s")
        and last not in _SINGULAR
        and (not last.endswith(("ss", "us", "is")) or (last.endswith("is") and head[-len(last)].isupper()))
    )


def with_article(name: str) -> str:
    """Return the name of a country as English prints it in a sentence: "the Netherlands"."""
    return f"the {name}" if _TAKES_THE.fullmatch(name) and not name.startswith("the ") else name


def listed(people: Sequence[Who]) -> str:
    """Return at most two names and "others": "Kenya, Uganda and others"."""
    names = [each.name for each in people]
    if len(names) > _NAMES_SHOWN:
        return f"{', '.join(names[:_NAMES_SHOWN])} and others"
    return " and ".join(names)


def are_many(people: Sequence[Who]) -> bool:
    """Tell whether a verb after these stands in the plural."""
    return len(people) > 1 or people[0].plural


def inflected(phrase: str, many: bool) -> str:
    """Return a phrase that begins with a verb in its base form as it stands after its subject: "plans to visit"."""
    verb, space, rest = phrase.partition(" ")
    if many:
        return ("are" if verb == "be" else verb) + space + rest
    if verb in _IRREGULAR:
        verb = _IRREGULAR[verb]
    elif verb.endswith(("s", "x", "z", "ch", "sh")):
        verb += "es"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        verb = verb[:-1] + "ies"
    else:
        verb += "s"
    return verb + space + rest


def points_back(text: str) -> bool:
    """Tell whether a sentence begins with a word that only what stands before it explains: "They also vowed"."""
    first = text.split(" ", 1)[0].strip("“”\"'‘’").split("'")[0].split("’")[0]
    # "US" and "WHO" are names.
    return first.lower() in _PRONOUN and (len(first) == 1 or not first.isupper())


def dangling(text: str) -> bool:
    """Tell whether a text ends on a word that wants another."""
    words = text.rstrip("….").split()
    return bool(words) and words[-1].lower() in _ENDS_BADLY


def as_headline(text: str) -> str:
    """Return a text in one line with a capital first."""
    plain = " ".join(text.split())
    return plain[:1].upper() + plain[1:]
