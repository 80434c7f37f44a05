"""Reading articles: from text to settled drafts, many articles at a time, parsing only what can hold an event.

No text fails or stalls: what is read of it is limited by counting, so that every run reads the same; what an article
may take in all is limited by a clock, and a guard ends a step that does not come back. Whatever is found by then is
returned, with a note of what was left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, Literal, TypeVar

from spacy.tokens import Doc

from services.extractor.actors import ActorResolver
from services.extractor.arguments import objects
from services.extractor.drafts import Context, Draft, draft
from services.extractor.headlines import sentence_case
from services.extractor.kinds import is_proper
from services.extractor.languages import Reader
from services.extractor.merging import settle
from services.extractor.nounphrases import widen
from services.extractor.placelookup import dateline_place, named_places
from services.extractor.provenance import as_printed, offsets
from services.extractor.sentences import Sentence, Sentences, read_sentences
from services.extractor.setting import Scene, furnish
from services.extractor.times import find_times
from services.extractor.timespans import TimeSpan
from services.extractor.triggers import Trigger, find
from services.runtime.guard import Guard, NoGuard, StuckError

Depth = Literal["full", "lead"]
Note = Literal["text-cut", "triggers-cut", "out-of-time", "sentence-stuck"]
Clock = Callable[[], float]
"""Returns seconds of computing; only differences count."""
LEAD_SENTENCES: Final = 8
"""How many sentences with a trigger are read at lead depth, beside the title."""
MAX_TRIGGERS: Final = 12
"""Events read of one sentence; the longest sentences of news tell of half as many."""
MAX_EVENTS: Final = 200
"""Events read of one article."""
BUDGET_S: Final = 10.0
"""Seconds of computing that one article may take after the parse, which is limited by counting; news takes a
hundredth."""
SENTENCE_S: Final = 5.0
"""Seconds of computing after which a sentence is given up: a step of it does not end."""
T = TypeVar("T")
_HELD: Final = frozenset(
    {"release", "arrest", "sentencing", "charge", "prisoner-exchange", "hostage-taking", "conviction"}
)
_ANYBODY: Final = None
_LEANING = re.compile(
    r"\b(?:next|later|earlier|previous|following|same|that|day before|day after"
    r"|(?:hour|day|week|month|year)s? (?:after|before|prior))\b",
    re.IGNORECASE,
)
"""Words of expressions that lean on a date told before: "the next day"."""
_LEAD: Final = 3
"""The headline and the sentences of the lead tell what an article is about."""
_HISTORY: Final = 2
"""An expression such as "the next day" leans on the date of one of this many sentences before."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is read of one article."""

    title: str
    body: str
    published: datetime
    country: str = ""
    """ISO 3166-1 alpha-3 of its publisher; empty where unknown."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one article tells."""

    drafts: list[Draft]
    notes: tuple[Note, ...] = ()
    """What of it was left out, in alphabetical order."""
    agency: str = ""
    """News agency of its dateline, as printed: "AP"; empty where it names none."""


@dataclass(slots=True)
class _Page:
    """One article on its way through the passes."""

    text: Text
    read: Sentences
    sentences: list[Sentence]
    docs: list[Doc | None]
    """The parse of each sentence that may hold an event."""
    hopeful: list[int]
    """Numbers of the sentences whose words may hold an event."""
    live: list[int] = field(default_factory=list)
    """Numbers of the sentences whose parse confirmed a trigger."""
    notes: set[Note] = field(default_factory=set)
    headline: str = ""
    """The title as it is parsed."""

    def wording(self, number: int) -> str:
        """Return a sentence as it is parsed, each character at its place."""
        sentence = self.sentences[number]
        return self.headline if sentence.in_title else sentence.text


def _open(text: Text, parser: Reader, depth: Depth) -> _Page:
    read = read_sentences(text.title, text.body)
    sentences = ([read.title] if read.title is not None else []) + read.body
    hopeful: list[int] = []
    wanted = LEAD_SENTENCES if depth == "lead" else len(sentences)
    for number, sentence in enumerate(sentences):
        if not parser.may_hold(sentence.telling):
            continue
        hopeful.append(number)
        wanted -= not sentence.in_title
        if wanted == 0:
            sentences = sentences[: number + 1]
            break
    page = _Page(text, read, sentences, [None] * len(sentences), hopeful)
    if read.title is not None:
        page.headline = sentence_case(read.title.text, (sentence.text for sentence in read.body))
    if read.cut and depth == "full":
        page.notes.add("text-cut")
    return page


def read(
    texts: Sequence[Text], parser: Reader, depth: Depth, clock: Clock | None = None, guard: Guard | None = None
) -> list[Reading | Exception]:
    """Return the events each text tells of, or why it could not be read; one bad text does not spoil the others.

    ``clock`` measures what each article takes; without one only counting limits it. ``guard`` ends what does not end.
    """
    guard = guard if guard is not None else NoGuard()
    pages: list[_Page | Reading | Exception] = []
    for text in texts:
        try:
            pages.append(guard.run(partial(_open, text, parser, depth), BUDGET_S))
        except StuckError:
            pages.append(Reading([], ("out-of-time",)))
        except Exception as error:  # a hostile text must not take the batch with it
            pages.append(error)
    good = [page for page in pages if isinstance(page, _Page)]
    try:
        _parse(good, parser, guard)
    except Exception:
        return [_alone(page, parser, clock, guard) if isinstance(page, _Page) else page for page in pages]
    return [_finish(page, parser, clock, guard) if isinstance(page, _Page) else page for page in pages]


def _alone(page: _Page, parser: Reader, clock: Clock | None, guard: Guard) -> Reading | Exception:
    try:
        _parse([page], parser, guard)
    except Exception as error:
        return error
    return _finish(page, parser, clock, guard)


def _parse(pages: Sequence[_Page], parser: Reader, guard: Guard) -> None:
    places = [(page, number) for page in pages for number in page.hopeful]
    docs = parser.parse([page.wording(number) for page, number in places])
    for (page, number), doc in zip(places, docs, strict=True):
        page.docs[number] = doc
    live = []
    for page in pages:
        page.live = [number for number in page.hopeful if _sentence(page, guard, partial(_told, page, number))]
        live += [doc for number in page.live if (doc := page.docs[number]) is not None]
    parser.enrich(live)


def _sentence(page: _Page, guard: Guard, work: Callable[[], T]) -> T | None:
    """Return what a step inside a sentence returns; None where it does not end."""
    try:
        return guard.run(work, SENTENCE_S)
    except StuckError:
        page.notes.add("sentence-stuck")
        return None


def _told(page: _Page, number: int) -> list[Trigger]:
    """Return what a sentence that is parsed and no more may tell of."""
    return _triggers(page, number, page.docs[number], _ANYBODY)


def _triggers(
    page: _Page, number: int, doc: Doc | None, detainees: frozenset[str] | None = frozenset()
) -> list[Trigger]:
    """Return the triggers of a sentence, without those that boilerplate holds."""
    if doc is None:
        return []
    found = find(doc, detainees)
    mute = page.sentences[number].mute
    if mute:
        found = [each for each in found if not any(start <= offsets(each.token)[0] < end for start, end in mute)]
    if len(found) > MAX_TRIGGERS:
        page.notes.add("triggers-cut")
    return found[:MAX_TRIGGERS]


def _finish(page: _Page, parser: Reader, clock: Clock | None, guard: Guard) -> Reading | Exception:
    found: list[Draft] = []
    until = clock() + BUDGET_S if clock is not None else 0.0

    def late() -> bool:
        return clock is not None and clock() > until

    try:
        docs = _all_docs(page, parser) if page.live else []
        triggers = _confirmed(page, docs, guard)
        if any(triggers.values()):
            context, scene = guard.run(partial(_setting, page, docs), BUDGET_S)
            drafts = _drafts(page, docs, triggers, context, guard, late)
            found = guard.run(partial(settle, drafts), BUDGET_S)
            found = guard.run(partial(furnish, found, scene), BUDGET_S)
    except StuckError:
        page.notes.add("out-of-time")
    except Exception as error:
        return error
    agency = page.read.dateline.agency if page.read.dateline is not None else ""
    return Reading(found, tuple(sorted(page.notes)), agency)


def _detainees(triggers: Iterable[Trigger]) -> frozenset[str]:
    """Return the lower-case surnames of those whom the article tells to be held, charged or freed."""
    names: set[str] = set()
    for trigger in triggers:
        if trigger.type in _HELD and not trigger.is_noun:
            for thing in objects(trigger.token):
                names |= {word.lower_ for word in widen(thing) if is_proper(word) and word.ent_type_ in ("PERSON", "")}
        elif trigger.type in _HELD:
            names |= {word.lower_ for word in trigger.token.subtree if word.ent_type_ == "PERSON" and is_proper(word)}
    return frozenset(names)


def _confirmed(page: _Page, docs: Sequence[Doc], guard: Guard) -> dict[int, list[Trigger]]:
    """Return the triggers of each sentence that holds some, now that its words and names are known."""

    def told(number: int, detainees: frozenset[str]) -> list[Trigger]:
        return _sentence(page, guard, partial(_triggers, page, number, docs[number], detainees)) or []

    triggers = {number: told(number, frozenset()) for number in page.live}
    detainees = _detainees(trigger for found in triggers.values() for trigger in found)
    for number in page.live:
        if detainees and any(token.lower_ in detainees for token in docs[number]):
            triggers[number] = told(number, detainees)
    return triggers


def _setting(page: _Page, docs: Sequence[Doc]) -> tuple[Context, Scene]:
    """Return what holds for the whole article: who is named, where and when it was written."""
    title = page.read.title.text if page.read.title is not None else ""
    resolver = ActorResolver([doc[:] for doc in docs], title, page.text.published)
    dateline = page.read.dateline
    published = (dateline.written(page.text.published) if dateline is not None else None) or page.text.published
    countries = resolver.context_countries()
    here = dateline_place(dateline.place, countries) if dateline is not None and dateline.place else None
    if here is not None:
        for name in (here.country, here.admin1):
            if name:
                countries[name] = countries.get(name, 0) + 1
    lead = [docs[number] for number in page.live if number < _LEAD]
    named = [place for doc in lead for place in named_places(doc[:], countries)]
    context = Context(published, resolver, page.text.country, countries)
    return context, Scene(published, here, countries, _title_day(page, docs, published), named)


def _drafts(
    page: _Page,
    docs: Sequence[Doc],
    triggers: Mapping[int, Sequence[Trigger]],
    context: Context,
    guard: Guard,
    late: Callable[[], bool],
) -> list[Draft]:
    """Return what the sentences tell, until ``late`` says that there is no more time."""
    drafts: list[Draft] = []

    def tell(number: int) -> None:
        leaning = triggers[number] and _LEANING.search(docs[number].text)
        anchor = _anchor(docs[max(0, number - _HISTORY) : number], context.published) if leaning else None
        for trigger in triggers[number]:
            told = draft(trigger, page.sentences[number], docs[number], context, anchor)
            if told is not None:
                drafts.append(as_printed(told))

    for number, found in triggers.items():
        if len(drafts) + len(found) > MAX_EVENTS:
            page.notes.add("triggers-cut")
            break
        if late():
            page.notes.add("out-of-time")
            break
        _sentence(page, guard, partial(tell, number))
    return drafts


def _title_day(page: _Page, docs: Sequence[Doc], published: datetime) -> date | None:
    """Return the day of the week before that the headline gives; None where it gives none or several."""
    if page.read.title is None or not docs:
        return None
    found = {each.time.start for each in find_times(docs[0][:], published, past=True) if each.time.granularity == "day"}
    day = date.fromisoformat(found.pop()) if len(found) == 1 else None
    return day if day is not None and timedelta() <= published.date() - day < timedelta(days=7) else None


def _all_docs(page: _Page, parser: Reader) -> list[Doc]:
    missing = [number for number, doc in enumerate(page.docs) if doc is None]
    tokens = parser.tokenize([page.wording(number) for number in missing])
    for number, doc in zip(missing, tokens, strict=True):
        page.docs[number] = doc
    return [doc for doc in page.docs if doc is not None]


def _anchor(before: Sequence[Doc], published: datetime) -> TimeSpan | None:
    """Return the date that the sentences before speak of last."""
    for doc in reversed(before):
        found = [each for each in find_times(doc[:], published) if each.time.granularity == "day"]
        if found:
            return found[-1].time
    return None
