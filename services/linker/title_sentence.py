"""A sentence as a headline: what tells the event is kept, what only the article needs is left out.

A desk that has no headline takes the sentence and cuts it: the day, who said so, what is told on the side, and whatever
does not fit. Nothing is put in but the names that the sentence's own pronouns and surnames stand for, so the result is
as true as the sentence. Where that does not read by itself there is none.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from services.contracts.dateline.v1 import event_pb2
from services.linker.title_asides import DAY, PART_OF_DAY, without_asides
from services.linker.title_clauses import clause, is_about, related, set_aside, told_aside
from services.linker.title_grammar import as_headline, points_back
from services.linker.title_length import LONGEST, fitting, is_whole
from services.linker.title_marks import AUXILIARIES, OPEN, SHUT, WORD, words_of
from services.linker.title_tense import LONG_AGO, has_verb, is_verb, present
from services.linker.words import without_dateline

_READ: Final = 700
"""A longer sentence is a list or a page that was not divided."""
_FEWEST: Final = 4
"""A headline of fewer words is a fragment."""
_HALF_QUOTE: Final = re.compile(r"\A[^“”\"]*[“\"][^“”\"]*\Z")
_JOINS: Final = re.compile(
    r"\A\W*(?:(?:and|but|so|yet|or|also|still|then)\s?,?|(?:however|meanwhile|instead|indeed|moreover|furthermore|"
    r"nevertheless|nonetheless|therefore|thus|besides|additionally|finally|in\sfact|of\scourse|for\s(?:example|"
    r"instance)|in\saddition|on\sthe\sother\shand|as\sa\sresult|as\swell|to\sthat|in\s(?:return|turn)|"
    r"at\sthe\ssame\stime|separately|earlier|later|afterwards|eventually|overall|globally|[a-z]{3,}ly)\s?,|(?:hours|days|weeks|months|minutes|years|moments|shortly)\s(?:earlier|later|before|after(?:wards)?)\b,?|(?:last|this|earlier\sthis)\s(?:year|month|week|night|weekend)\b,?)\s+(?=\w)",
    re.IGNORECASE,
)
"""What joins a sentence to the one before."""
_JOINING: Final = words_of(
    """
    and but so yet or also still then however meanwhile instead indeed moreover furthermore nevertheless nonetheless
    therefore thus besides in of for on as to at separately earlier later afterwards eventually overall
    hours days weeks months minutes years moments shortly last this
    """
)
"""What that begins with; others end in "ly"."""
_DATED: Final = re.compile(
    r"\A(?:\d{1,2}\s?/\s?\d{1,2}\s?/\s?\d{2,4}|\d{4}-\d\d-\d\d|[A-Z][a-z]{2,8}\.?\s\d{1,2},\s\d{4})"
    r"(?:,?\s\d\d?:\d\d\s?[APap]\.?[Mm]\.?(?:\s[A-Z]{2,3}\b)?)?\s+(?=[A-Z])"
)
"""The date of a page that ran into its first sentence."""
_LEADS_IN: Final = re.compile(
    rf"\A(?:In|On|At|By|During|After|Before|Following|Amid|Despite|Since|With|Under|For|From|As|When|While|Although|"
    rf"Though|Once|Because|Until|Besides|Unlike|Like|Among|Throughout|Over|Within|Through|Upon|Earlier|Late|Early|"
    rf"Last|This|Just|Nearly|About|Now|The\s(?:next|following|same)|[Aa]n?\s(?:day|week|month|year)s?\s(?:ago|later|earlier)|\w+ing|\w+ed)\b[^{OPEN}]*?,[”\"]?\s(?!\d{{4}}\b)(?=\S)"
)
"""A phrase or clause that a sentence begins with, up to a comma, before what it tells."""
_TOLD_IN_LEAD: Final = re.compile(
    rf"(?:In|At|During|With|Under|For|From|Since|Amid|Within|Upon)\s[^,{OPEN}]*{OPEN}[^,]*{SHUT}[^,]*,\s"
)
"""A phrase that leads in and names the event itself, which the sentence is thus not about."""
_LEADS: Final = re.compile(
    r"\A(?:In|On|At|By|During|After|Before|Following|Amid|Despite|Since|With|Under|For|From|As|When|While|Although|Though|"
    r"Once|Because|Until|Just|If|Whether|How|What|Where|Why)\b"
)
"""Begins what only leads in to the rest of a sentence."""
_SET_FIRST: Final = re.compile(r"(In|At|Near|Off|Across)\s((?:the\s)?(?:[A-Z]|\d{4}\b)[^,]{0,30}),\s")
"""A place or a year that a sentence begins with, which may as well stand at its end."""
_SUBORDINATE: Final = re.compile(
    r"\A(?:(?:In|By|On|After|Before|While|Since|Upon)\s\w+ing|After|Before|Following|Despite|When|While|As|Although|Though|If|"
    r"Unless|Whether|Because|Once|Until|\w+ing)\b"
)
"""Begins a sentence whose first clause is not what it tells."""
_SAID_FIRST: Final = re.compile(
    rf"\A[^,{OPEN}]{{2,90}}?\s(?:said|says|say|told\s(?:reporters|[^,{OPEN}]{{2,40}})|reported|reports|announced|"
    rf"confirmed|added|stated|noted)(?:\s(?:on\s)?{DAY}{PART_OF_DAY})?(?:\sin\sa\s(?:statement|report|news\sconference))?"
    rf"(?:\sthat)?,?\s(?!(?:no|yes|little|nothing|so|it|more|goodbye|said|(?:on\s)?\w+day)\b)(?=[^{OPEN}]*{OPEN})"
)
_GOES_ON: Final = re.compile(
    rf",\s(?:and|but)\s(?:\w+ly\s)?{OPEN}?(?:\w+ed|said|told|made|called)\b|\s(?:and|but)\s(?:said|says|told|added)\b"
)
"""Whoever said the first did the second."""
_ACCORDING: Final = re.compile(rf"\AAccording\sto\s[^{OPEN}]*?,\s")
_OWN: Final = words_of("i we my our us you your me myself ours")
_OWN_WORDS: Final = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|us|[Yy]ou|[Yy]our|me|[Mm]yself|[Oo]urs)\b")
_MARKS: Final = re.compile(r"[?!…•|#*{}<>=_@]")
_CLUTTER: Final = words_of("https http www updated posted photo click subscribe")
_CLOCK: Final = re.compile(r"\d:\d\d\s?(?:[ap]\.?m|GMT|[A-Z]{3})", re.IGNORECASE)
"""Marks of text that is no sentence of a report, or is none that tells."""
_ARTICLE: Final = re.compile(
    rf"\A(?:The|An?|Similar|Other|Further|More)\s(?!(?:few|number|lot|total|majority|same|two|three|four|five|six|first|second|third|other|former|"
    rf"dozen|hundred|thousand|than|Hague|Gambia|Bahamas|Netherlands|Philippines)\b)(?={OPEN}?[A-Za-z])"
)
_HELPED: Final = re.compile(rf"\s(?:has|have|had)\s((?:again\s|now\s|already\s|twice\s)?){OPEN}(?=\w+(?:ed|n|t)\b)")
_PASSIVE: Final = re.compile(
    rf"\s(?:(?:has|have|had)\sbeen|was|were)\s((?:\w+ly\s)?){OPEN}(?=(?:\w+(?:ed|en|wn)|shot|hit|sent|held|hurt|found|"
    rf"struck|cut|put|shut|freed|left|made|sworn|born|told|sold|lost|brought|caught|won|met|split|set)\b)"
)
_FINITE: Final = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|may|can|could|should|might|must|did|does)\b")
_WILL: Final = re.compile(rf"\s(?:will|is\sto|are\sto)\s(){OPEN}")
_SHORTER: Final = ((_PASSIVE, " "), (_HELPED, " "), (_WILL, " to "))
_BEFORE_VERB: Final = 4
"""Among the last words before a verb stand its auxiliaries: "has been deliberately | shot"."""
_WAS: Final = re.compile(
    rf" (was|were) ({OPEN}?(?:\w+(?:ing|ed|en|wn)|shot|hit|sent|held|hurt|found|struck|sworn|born|caught))\b"
)
"""The verb of a sentence that names the event by another word."""
_OF_ANOTHER: Final = re.compile(r"\b(?:how|why|what|whether|that|he|she|it|they)\b")
"""Begins a clause within, whose verb needs its auxiliary: "says how she was | attacked"."""
_AND_HAS: Final = re.compile(r"\b(?:and|but)\s(?:has|have|had|was|were|will)\b")
_UNNAMED: Final = re.compile(
    r"\A(?:The|This|That|These|Those|Such|Both|All|Another)\s(?=[a-z0-9])(?!(?:\S+\s){0,3}[“‘]?[A-Z])"
)
"""Begins with somebody or something that only the article explains, and names nobody."""
_OBJECT: Final = re.compile(
    rf"{SHUT}\s(?:him|them|it)(?=\Z|[\s,.])|{SHUT}\sher(?=\Z|[,.]|\s(?:of|for|to|in|with|as|after|by|on|at|from|over|an?|the)\s|\s[\"“‘])"
)
_ANYONE: Final = re.compile(r"\b(?:he|she|they|him|them)\b")
_SOMEONE: Final = re.compile(r"\b(?:he|she|they|him|them|his|her|their)\b")
"""Stands for somebody who is named elsewhere."""
_QUANTIFIERS: Final = words_of("some many most more few several both all any no each every another one")
_ALIKE: Final = 6
"""Letters by which two spellings of a surname are one."""
_OWNED: Final = frozenset({"his", "her", "its", "their"})


class Cut(NamedTuple):
    """A sentence cut to a headline."""

    text: str
    main: bool
    """True where it tells the event in the first place; else on the side of something else."""
    named: bool
    """True where it begins with somebody whom a reader knows without the article: not "the company"."""
    about: bool = False
    """True where it tells something of the event rather than the event: "the removal sparked a backlash"."""


_NONE: Final = Cut("", False, False)


def cut(mention: event_pb2.Mention, on_the_side: bool = False) -> Cut:
    """Return the sentence of a mention as a headline, empty where it does not read by itself.

    What a sentence tells on the side of something else is left alone unless it is asked for: it costs as much.
    """
    sentence = mention.sentence
    # Most patterns begin with a word: whether that is there at all is asked of a set first.
    words = frozenset(WORD.findall(sentence.lower()))
    broken_off = sentence.endswith(("…", "..."))
    if broken_off:
        sentence = sentence.rstrip(" .…")
    if len(sentence) > _READ or not words.isdisjoint(_CLUTTER) or _MARKS.search(sentence) or "..." in sentence:
        return _NONE
    if ":" in sentence:
        dated = _DATED.match(sentence)
        if _CLOCK.search(sentence, dated.end() if dated else 0):
            return _NONE
    whole = _marked(mention, sentence)
    if not whole:
        return _NONE
    whole = _DATED.sub("", without_dateline(whole))
    first = whole.split(" ", 1)[0].rstrip(",").lower()
    if first in _JOINING or first.endswith("ly") or not first.isalpha():
        whole = _JOINS.sub("", whole, count=1)
    whole = whole.strip(" .'‘’")
    if ", wh" in whole or f", {OPEN}" in whole:
        whole = related(whole)
    marked = _begin(whole, mention)
    before = marked.partition(OPEN)[0]
    if on_the_side and (not marked or told_aside(before, words)):
        told = clause(whole)
        if told and not _SOMEONE.search(told):
            marked = whole = told
    if not marked or OPEN not in marked:
        return _NONE
    if not on_the_side and "," not in before and "that" not in words and told_aside(before, words):
        return _NONE  # What sets it aside is not what could be left out.
    led_in = len(marked) < len(whole)
    marked = _named(without_asides(marked, words), mention)
    before = marked.partition(OPEN)[0]
    main = not told_aside(before, words)
    if not main and not on_the_side:
        return _NONE
    about = not main or is_about(marked)
    settled = not main
    if main:
        marked, settled = _helped(marked, words)
    unnamed = _UNNAMED.match(before) is not None
    if broken_off or len(marked) > LONGEST + 2:
        marked = fitting(marked, min(LONGEST + 2, len(marked) - broken_off))
    someone = _ANYONE.search(marked) if led_in else None
    if someone is not None:
        # Who that is stood in what was left out.
        marked = fitting(marked, someone.start() - 1) if SHUT in marked[: someone.start()] else ""
    if marked and not settled:
        marked = present(marked, mention)
    marked = _ARTICLE.sub("", marked, count=1)
    text = as_headline(marked.replace(OPEN, "").replace(SHUT, "").strip(" ,;:.-–—"))
    if len(text) > 2 and text[-2] in ".," and text[-1:] in "\"”’'":
        text = text[:-2] + text[-1]
    if not main and _LEADS.match(text):
        return _NONE
    if not words.isdisjoint(_OWN) and _OWN_WORDS.search(text):
        return _NONE
    if not _reads(text) or (main and _OBJECT.search(marked)) or (led_in and _ANYONE.search(text)):
        return _NONE
    return Cut(text, main, not unnamed, about)


def _marked(mention: event_pb2.Mention, sentence: str) -> str:
    """Return the sentence with marks around the words that name the event; empty where they are not in it."""
    start, trigger = mention.sentence_span.start, mention.trigger_span
    first, last = trigger.start - start, trigger.end - start
    if not 0 <= first < last <= len(sentence) or sentence[last : last + 1].isalnum():
        return ""
    return " ".join(f"{sentence[:first]}{OPEN}{sentence[first:last]}{SHUT}{sentence[last:]}".split())


def _begin(marked: str, mention: event_pb2.Mention) -> str:
    """Leave out who said it and what leads in, where the event is told after that; empty where it is told in that."""
    if mention.HasField("attribution"):
        marked = _ACCORDING.sub("", marked, count=1)
        rest = _SAID_FIRST.sub("", marked, count=1)
        if rest != marked and not points_back(rest.replace(OPEN, "")) and not _GOES_ON.search(rest):
            marked = as_headline(rest)
    first = marked[:1]
    if not (first.isupper() or first.isdigit() or first == OPEN):
        return ""
    if _TOLD_IN_LEAD.match(marked):
        return ""
    for _ in range(2):
        leads = _LEADS_IN.match(marked)
        if leads is None:
            return "" if _SUBORDINATE.match(marked.replace(OPEN, "")) else marked
        rest = marked[leads.end() :]
        place = _SET_FIRST.fullmatch(leads.group())
        if place and not set_aside(rest) and "," not in rest:
            rest = f"{rest} {place[1].lower()} {place[2]}"
        marked = as_headline(rest)
    return marked


def _named(marked: str, mention: event_pb2.Mention) -> str:
    """Put the name in for the pronoun, the bare surname or the description that a sentence begins with."""
    start = marked.startswith(OPEN)
    word = marked[start:].split(" ", 1)[0].split("'")[0].split("’")[0].rstrip(",")
    begins, bare = word[:_ALIKE].lower(), not points_back(word) and word != "The"
    for participant in mention.participants:
        entity = participant.entity
        name = entity.name
        if not name or (bare and begins not in name.lower()):
            continue
        text = participant.text
        if points_back(text) and text.lower() == word.lower():
            if entity.kind == "group":
                continue
            owner = "’s" if word.lower() in _OWNED else ""
            after = marked[start + len(word) :]
            if after[:2] in ("'s", "’s"):
                after = f" is{after[2:]}"
            return f"{marked[:start]}{name}{owner}{after}"
        if entity.kind == "person":
            after = marked[start + len(word) :].lstrip(SHUT)[:2].replace(OPEN, "")
            if _surname_of(name, word) and (after[:1] != " " or not marked[start + len(word) + 1 :][:1].isupper()):
                return marked[:start] + name + marked[start + len(word) :]
        elif entity.kind != "country" and text and name.lower().endswith(text.lower()) and name != text:
            for begun in (text, f"The {text}"):
                if marked.lower().startswith(f"{begun.lower()} "):
                    return name + marked[len(begun) :]
    return marked


def _surname_of(name: str, word: str) -> bool:
    """Tell whether a word is a surname in the spelling of one text: "Zelensky" of Volodymyr Zelenskyy."""
    *given, last = name.split()
    return bool(given) and len(word) > 2 and (word == last or (len(word) >= _ALIKE and last[:_ALIKE] == word[:_ALIKE]))


def _helped(marked: str, words: frozenset[str]) -> tuple[str, bool]:
    """Leave out the auxiliaries that headlines do without; tell whether the verb stands as it should then."""
    if words.isdisjoint(AUXILIARIES):
        return marked, False
    before = marked.partition(OPEN)[0]
    if not AUXILIARIES.isdisjoint(before.rsplit(None, _BEFORE_VERB)[1:]):
        for pattern, shown in _SHORTER:
            found = pattern.search(marked)
            if found is None:
                continue
            after = marked[found.end() :]
            if (
                _FINITE.search(marked, 0, found.start() + 1)
                or _AND_HAS.search(after, 0, LONGEST)
                or _OF_ANOTHER.search(before)
                or has_verb(before.rpartition(" and ")[0])
            ):
                return marked, True
            marked = f"{marked[: found.start()]}{shown}{found[1]}{OPEN}{after}"
            return marked, pattern is not _HELPED or found.group().startswith(" had")
    found = _WAS.search(marked)
    if found is None or has_verb(marked[: found.start()]) or _OF_ANOTHER.search(marked, 0, found.start()):
        return marked, False
    if found[2].endswith("ing"):
        if LONG_AGO.search(marked, found.end()):
            return marked, True
        return f"{marked[: found.start(1)]}{'is' if found[1] == 'was' else 'are'}{marked[found.end(1) :]}", True
    if _FINITE.search(marked, found.end()):
        return marked, True
    return marked[: found.start(1)] + marked[found.start(2) :], True


def _bare(text: str) -> bool:
    """Tell whether a text begins with a word that stands for somebody: "Several warned", but not "Several people"."""
    if not points_back(text):
        return False
    first, _, rest = text.partition(" ")
    following = rest.split(" ", 1)[0]
    return first.lower() not in _QUANTIFIERS or following in AUXILIARIES or following == "of" or is_verb(following)


def _reads(text: str) -> bool:
    return (
        len(text) <= LONGEST
        and len(text.split()) >= _FEWEST
        and not _bare(text)
        and text[:1] not in "“\"'‘"
        and (text[0].isupper() or text[0].isdigit())
        and is_whole(text)
        and not ('"' in text and _HALF_QUOTE.match(text))
    )
