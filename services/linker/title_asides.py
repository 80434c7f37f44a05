"""What a sentence tells on the side and a headline does without: who said it, the day, who somebody is."""

from __future__ import annotations

import re
from typing import Final

from services.linker.title_length import LONGEST
from services.linker.title_marks import OPEN, words_of
from services.linker.title_tense import has_verb

DAY: Final = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
PART_OF_DAY: Final = r"(?:\s(?:morning|afternoon|evening|night))?"
_SAYS: Final = words_of(
    """
    said says say saying told tells reported reports announced confirmed added adds stated noted wrote writes
    explained according
    """
)
_SAYING: Final = (
    r"(?:said|says|say|saying|told|tells|reported|reports|announced|confirmed|added|adds|stated|noted|wrote|writes|"
    r"explained|according\sto)"
)
_SAID_LAST: Final = re.compile(
    rf",[”\"]?\s(?:(?:and\s)?[^,{OPEN}]{{2,80}}?\s{_SAYING}(?:\s[^,{OPEN}]{{1,60}})?|{_SAYING}\s[^{OPEN}]{{2,120}})\Z"
)
_SAID_BETWEEN: Final = re.compile(
    rf",\s(?:[^,{OPEN}]{{2,50}}\s(?:said|says|reported|added)|(?:said|says)\s[^,{OPEN}]{{2,50}}|"
    rf"according\sto\s[^,{OPEN}]{{2,50}}),(?=\s)"
)
_DAYS: Final = words_of("monday tuesday wednesday thursday friday saturday sunday")
_DAY_AT: Final = words_of("on since by")
_DAY_LED: Final = words_of("late early last next")
_DAY_PART: Final = words_of("morning afternoon evening night")
_DAY_HELD: Final = words_of(
    "until least from to of than after before for and the or every each a through till between with into over during"
)
"""A day behind such a word cannot be left out."""
_TIMES: Final = words_of(
    """
    today yesterday tomorrow tonight morning night week weekend month year recently meanwhile however also now then
    subsequently earlier later same
    """
)
_THEN: Final = re.compile(
    r"\s(?:earlier\s)?(?:today|yesterday|tomorrow|tonight|(?:this|last|next|later\sthis|earlier\sthis|earlier\slast|early\sthis|late\slast)\s"
    r"(?:morning|night|week|weekend|month|year)|over\sthe\sweekend|recently|meanwhile|however|also|now|then|subsequently|a\sday\s(?:earlier|later)|the\ssame\s(?:day|week|month|year))"
    r"(?=\Z|[,.;]|\s)(?!\s[-’'])"
)
_HELD: Final = ("than", " of", "since", "from", "until", " by", " for", " and", "before", "after")
"""What such a word stands behind where it cannot be left out."""
_BRACKETS: Final = re.compile(rf"\s*\([^(){OPEN}]*\)|\s*\[[^\[\]{OPEN}]*\]")
_DASHES: Final = re.compile(rf"\s[—–]\s[^—–{OPEN}]*(?:\s[—–](?=\s)|\Z)|—[^—{OPEN}]*(?:—|\Z)|\s-\s[^{OPEN}]*\Z")
_AGE: Final = re.compile(rf",\s(?:aged\s)?\d{{1,2}}(?:,\s(?:of|from)\s[A-Z][^,{OPEN}]{{2,30}})?(?:,|(?=\Z))")
_ASIDES: Final = words_of("including such also known formerly")
_RELATIVES: Final = words_of("who which whose whom where")
_ADDED: Final = re.compile(
    rf",\s(?:(?:including|such\sas|also\sknown\sas|known\sas|formerly)\b[^,{OPEN}]*(?:,|\Z)|(?:of|from)\s[A-Z][^,{OPEN}]{{2,30}},"
    rf"|\w+(?:ed|wn)\s(?:in|by|from|on|as|at|with|to|for|of)\s[^,{OPEN}]*,(?!\s(?:and|or)\b))"
)
_ASIDE: Final = re.compile(rf",\s(?:who|which|whose|whom|where)\b[^,{OPEN}]*(?:,(?:\s\S+){{1,3}}\Z|,|\Z)")
"""What tells more of somebody than a headline needs."""
_APPOSED: Final = re.compile(
    rf",(?<=[^\W\d_],)\s(?:an?|the|of|[A-Z][\w.-]*['’]s|(?:[\w'’-]+\s){{0,3}}(?:minister|secretary-general|president|secretary|director|"
    rf"chief|head|spokesman|spokeswoman|spokesperson|manager|chairman|leader|general|governor|mayor))\b"
    rf"(?:(?!\sand\s)[^,{OPEN}]){{0,60}},(?=\s(?!and\b|or\b))"
)
"""Who somebody is, between commas."""


def without_asides(marked: str, words: frozenset[str]) -> str:
    """Leave out who said it, the day, and what is told of somebody on the side."""
    if "," in marked:
        if not words.isdisjoint(_SAYS):
            marked = _SAID_BETWEEN.sub("", _SAID_LAST.sub("", marked))
        marked = _AGE.sub("", marked)
        quoted = "“" in marked or '"' in marked
        if not quoted and (marked.count(",") > 1 or not words.isdisjoint(_ASIDES)):
            marked = _ADDED.sub("", marked)
        if not words.isdisjoint(_RELATIVES):
            marked = _ASIDE.sub("", marked)
        if not quoted and len(marked) > LONGEST and marked.count(",") > 1:
            marked = _APPOSED.sub(_apposed, marked)
    if "(" in marked or "[" in marked:
        marked = _BRACKETS.sub("", marked)
    if "—" in marked or " – " in marked or " - " in marked:
        marked = _DASHES.sub("", marked)
    if not words.isdisjoint(_DAYS):
        marked = _without_days(marked)
    if not words.isdisjoint(_TIMES):
        marked = _THEN.sub(_then, marked)
    return marked.replace(" ,", ",").replace(",,", "").strip(" ,;")


def _apposed(found: re.Match[str]) -> str:
    return found.group() if has_verb(found.group()) else ""


def _without_days(marked: str) -> str:
    """Leave out days of the week with what joins them: "on Monday evening", "late Tuesday"."""
    kept: list[str] = []
    left = iter(marked.split(" "))
    for token in left:
        if "day" not in token:
            kept.append(token)
            continue
        day = token.rstrip(",.;")
        if day.lower() not in _DAYS:
            if token[-2:] not in ("'s", "’s") or token[:-2].lower() not in _DAYS:
                kept.append(token)
            continue
        begin = len(kept)
        while begin and kept[begin - 1].lower() in _DAY_LED:
            begin -= 1
        joined = begin > 0 and kept[begin - 1].lower() in _DAY_AT
        if joined:
            begin -= 1
            if begin and kept[begin - 1].lower() in _DAY_LED:
                begin -= 1
        following = next(left, "") if token == day else ""
        if following.rstrip(",.;").lower() in _DAY_PART:
            day, token, following = f"{token} {following}", following, ""
            day = day.rstrip(",.;")
        if not begin or (not joined and (following[:1].isupper() or kept[begin - 1].lower() in _DAY_HELD)):
            kept.append(token if " " not in day else f"{day}{token[len(token.rstrip(',.;')) :]}")
        else:
            del kept[begin:]
            if token[-1] in ",;" and kept[-1][-1] not in ",;":
                kept[-1] += token[-1]
        if following:
            kept.append(following)
    return " ".join(kept)


def _then(found: re.Match[str]) -> str:
    return found.group() if found.string[: found.start()].lower().endswith(_HELD) else ""
