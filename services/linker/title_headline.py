"""A publisher's headline as the title of an event: without the outlet's name, labels and teasers around it.

A headline that asks, shouts or breaks off tells nothing by itself and is no title.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from services.linker.title_grammar import dangling

_LONGEST: Final = 130
"""A longer "headline" is the beginning of a text."""
_SENTENCE: Final = 90
"""So is one that is longer than this and ends like a sentence."""
_FEWEST: Final = 3
"""Words of a headline; fewer are a label."""
_SHOUTED: Final = 0.6
"""Share of words in capitals from which a headline is taken for one that shouts."""
_LABEL: Final = re.compile(
    r"\A(?:(?:live|watch|breaking(?:\snews)?|just\sin|video|photos?|pictures|exclusive|update\s?\d*|updated|opinion|analysis|"
    r"explainer|explained|fact\scheck|podcast|interview|live\supdates?|in\spictures|in\sfull|alert|developing|recap)"
    r"\s*(?:[:|!]|\s[-–—])\s*|[A-Z]{4,}!\s+|\[[^\]]{2,20}\]\s+)+",
    re.IGNORECASE,
)
_SHOUT: Final = re.compile(r"\A[A-Z]{4,}!\s+")
_BRACKETED: Final = re.compile(
    r"\s*[\[(](?:updated?|video|photos?|pictures|watch|listen|review|opinion|analysis|exclusive|live|with\svideo)[^\])]{0,20}[\])]\Z",
    re.IGNORECASE,
)
_SUFFIX: Final = re.compile(
    r"\s[-–—|:]\s*(?:live|live\supdates?|video|photos?|in\spictures|report|sources|as\sit\shappened)\Z", re.IGNORECASE
)
_TEASER: Final = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][’”\"']))\s(?:Here|What|Why|How|This\sis|See|Watch|Read|Find\sout|Now)\b.*\Z"
)
_OUTLET: Final = re.compile(r"\s*(?:\||\s[-–—•]|»|::)\s*([^|–—•»]{2,40})\Z")
_DIVIDERS: Final = ("|", " - ", " – ", " — ", " • ", "»", "::")
_AGENCIES: Final = frozenset({"reuters", "ap", "afp", "dpa", "upi", "bbc", "cnn", "npr", "pbs", "bloomberg"})
_ASKS: Final = re.compile(
    r"\A(?:how|why|what|who|where|when|which|whose|here|this|these|meet|inside|is|are|can|should|will|does|do|\d+\s(?:things|ways|"
    r"reasons|changes|facts|takeaways|charts))\b",
    re.IGNORECASE,
)


class Headline(NamedTuple):
    """A headline as a title shows it."""

    text: str
    """Empty where it is no title."""
    start: int
    """Where it begins in the headline as published."""
    states: bool
    """False where it promises to explain instead of telling: "How a carnival rescued a city"."""


_NONE: Final = Headline("", 0, False)


SENTENCE: Final = Headline("", 0, True)
"""What stands where the headline should is the first sentence of a text."""


@lru_cache(maxsize=4_096)
def headline_of(published: str, domain: str = "") -> Headline:
    """Return what of a headline is a title. ``domain`` is that of its outlet, whose name may stand at its end."""
    shown = published.rstrip()
    label = _LABEL.match(shown)
    # Ignoring case, "[A-Z]{4,}!" would take the first word of "Enough! Nurses walk out" for a label too.
    if label is not None and label.group().endswith("! ") and not _SHOUT.match(shown):
        label = None
    start = label.end() if label else len(shown) - len(shown.lstrip())
    shown = shown[start:]
    if any(divider in shown for divider in _DIVIDERS):
        outlet = _OUTLET.search(shown)
        if outlet is not None and _is_outlet(outlet, domain):
            shown = shown[: outlet.start()]
        shown = _SUFFIX.sub("", shown)
    if shown[-1:] in (")", "]"):
        shown = _BRACKETED.sub("", shown)
    if ". " in shown or "! " in shown or "? " in shown or ".’ " in shown or ".” " in shown:
        shown = _TEASER.sub("", shown)
    if shown[-2:-1] == "." and shown[-1] in "’”\"'":
        shown = shown[:-2] + shown[-1]
    if shown.endswith(".") and len(shown) > _SENTENCE:
        return SENTENCE
    if shown.endswith(".") and not shown.endswith(("..", "U.S.", "U.N.", "U.K.")):
        shown = shown[:-1]
    words = shown.split()
    shown = " ".join(words)
    if len(shown) > _LONGEST:
        return SENTENCE
    if len(words) < _FEWEST or shown.endswith(("?", "...", "…", ",", ":", ";")):
        return _NONE
    if sum(map(str.isupper, words)) > _SHOUTED * len(words) or dangling(shown):
        return _NONE
    return Headline(shown, start, _ASKS.match(shown) is None)


def _is_outlet(found: re.Match[str], domain: str) -> bool:
    """Tell whether what a headline ends with names where it was published."""
    name = found[1].strip()
    if "|" in found.group() or "»" in found.group():
        return True
    words = [word for word in re.findall(r"[a-z0-9]+", name.lower()) if word != "the"]
    if not words or not name[:1].isupper():
        return False
    squeezed = "".join(words)
    label = domain.partition(".")[0].replace("-", "")
    known = bool(label) and (label in squeezed or squeezed in label or words[0] == label)
    return known or words[0] in _AGENCIES
