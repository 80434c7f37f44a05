"""One event while a batch is being linked: what is stored, what the batch adds and takes away, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from services.contracts.dateline.v1 import event_pb2
from services.linker import profile as profiles
from services.linker.days import told_on
from services.linker.gist import event_gist
from services.linker.merge import merge, spill
from services.linker.profile import Profile
from services.linker.record import Outline, Record, Report, Spilled

WORDS_KEPT: Final = 24
"""Telling words kept of an event."""
_READ_FOR_WORDS: Final = 4
"""Of how many of the first and of the latest reports words are taken."""


def outline_of(reports: Sequence[Report]) -> Outline:
    """Return what comparing needs besides the state: days of first and last report, and the words shared most."""
    days = [told_on(report.mention.article) for report in reports]
    read = {r.mention.id: r for r in (*reports[:_READ_FOR_WORDS], *reports[-_READ_FOR_WORDS:])}
    found = [profiles.mention_words(report.mention) for report in read.values()]
    words = found[0][:WORDS_KEPT]
    if len(found) > 1:
        # most_common keeps the order of reading among equals.
        words = tuple(word for word, _ in Counter(chain.from_iterable(found)).most_common(WORDS_KEPT))
    return Outline(min(days), max(days), words, event_gist([report.mention for report in read.values()]))


class Draft:
    """A working copy of one event; the table stays untouched."""

    def __init__(self, event_id: str, record: Record | None, copied: Callable[[str], int]) -> None:
        self.id = event_id
        self.before = record.event if record else None
        self.reports: list[Report] = list(record.reports) if record else []
        self.spilled: dict[str, Spilled] = dict(record.spilled) if record else {}
        self.added: list[event_pb2.Mention] = []
        self.withdrawn = False
        self.unheard_of = False
        """True where its date has passed without news, by the time of the batch."""
        self.merged_into = ""
        self.absorbed: list[str] = []
        self._copied = copied
        self._computed: Record | None = None
        self._profile: Profile | None = None
        self._ids = {report.mention.id for report in self.reports}

    @property
    def live(self) -> bool:
        """False once it was merged into another or has no report left."""
        return not self.merged_into and bool(self.reports)

    def has(self, mention_id: str) -> bool:
        """Tell whether a mention is among its reports."""
        return mention_id in self._ids

    def articles(self) -> set[str]:
        """Return the ids of all articles that tell it."""
        return {report.mention.article.id for report in self.reports} | self.spilled.keys()

    def add(self, mention: event_pb2.Mention, arrived_us: int) -> None:
        """Take in a report."""
        self.reports.append(Report(arrived_us, mention))
        self.added.append(mention)
        self._ids.add(mention.id)
        self._computed = self._profile = None

    def settle(self, order: Mapping[str, int]) -> None:
        """Put the reports added by one article in the order in which the article tells them, which is ``order``."""
        places = [at for at, report in enumerate(self.reports) if report.mention.id in order]
        told = sorted((self.reports[at] for at in places), key=lambda report: order[report.mention.id])
        if [self.reports[at] for at in places] == told:
            return
        for at, report in zip(places, told, strict=True):
            self.reports[at] = report
        self.added.sort(key=lambda mention: order.get(mention.id, -1))
        self._computed = self._profile = None

    def absorb(self, other: Draft) -> None:
        """Take over all reports of an event that turned out to be this one."""
        self.reports = sorted(self.reports + other.reports, key=lambda report: report.arrived_us)
        self._ids |= other._ids
        for article, spilled in other.spilled.items():
            held = self.spilled.get(article)
            mentions = spilled.mentions + (held.mentions if held else 0)
            self.spilled[article] = replace(spilled, mentions=mentions)
        self.added += other.added
        self.absorbed.append(other.id)
        other.merged_into = self.id
        self._computed = self._profile = None

    def withdraw(self, article_id: str, keep: frozenset[str]) -> None:
        """Take away the reports of an article, but for the mentions to ``keep``.

        A new report of the same status from the revision takes the withdrawn one's place and time of arrival: the
        source said so then.
        """
        gone = [r for r in self.reports if r.mention.article.id == article_id and r.mention.id not in keep]
        if not gone and article_id not in self.spilled:
            return
        self.withdrawn = True
        self.spilled.pop(article_id, None)
        new = {mention.id for mention in self.added}
        waiting = [report for report in self.reports if report.mention.id in new]
        lost = {report.mention.id for report in gone}
        kept: list[Report] = []
        placed: set[str] = set()
        for report in self.reports:
            if report.mention.id not in lost:
                kept.append(report)
                continue
            heir = next(
                (w for w in waiting if w.mention.id not in placed and w.mention.status == report.mention.status), None
            )
            if heir is not None:
                placed.add(heir.mention.id)
                kept.append(Report(report.arrived_us, heir.mention))
        self.reports = _first_of_each(kept)
        self._ids = {report.mention.id for report in self.reports}
        self._computed = self._profile = None

    def profile(self) -> Profile:
        """Return its profile with everything taken in so far. Only for live drafts."""
        if self._profile is None:
            computed = self._compute()
            days = (computed.outline.told_first, computed.outline.told_last)
            self._profile = profiles.of_event(computed.event, days, computed.outline.words, computed.outline.gist)
        return self._profile

    def finish(self) -> Record:
        """Return the record to store, without id, revision, dates and relations of the event. Only for live drafts."""
        record = self._compute()
        record.event.copies = sum(self._copied(article) for article in sorted(self.articles()))
        return record

    def _compute(self) -> Record:
        if self._computed is None:
            reports, spilled = spill(self.reports, self.spilled)
            self._computed = Record(merge(reports, spilled), outline_of(reports), reports, spilled)
        return self._computed


def _first_of_each(reports: Sequence[Report]) -> list[Report]:
    """Each mention once, at the earliest of its places."""
    found: dict[str, Report] = {}
    for report in reports:
        found.setdefault(report.mention.id, report)
    return list(found.values())
