"""One event while a batch is being linked: what is stored, what the batch adds and takes away, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from services.contracts.dateline.v1 import event_pb2
from services.linker.merge import Identity, identify, spill, state_of
from services.linker.profile import Profile
from services.linker.profiling import profile_of, profile_of_report
from services.linker.record import Record, Spilled
from services.linker.report import Report, told_us
from services.linker.reports import told_in_order
from services.linker.traits import traits_of


class Draft:
    """A working copy of one event; the table stays untouched."""

    def __init__(self, event_id: str, record: Record | None, copied: Callable[[str], int]) -> None:
        self.id = event_id
        self.before = record.event if record else None
        self.before_profile = record.profile if record else None
        self.reports: list[Report] = list(record.reports) if record else []
        self.spilled: dict[str, Spilled] = dict(record.spilled) if record else {}
        self.added: list[event_pb2.Mention] = []
        self.near: dict[str, None] = {}
        """Ids of the events that share most with the mentions added."""
        self.withdrawn = False
        self.looked_at = False
        """True where a day has come on which something was due if nothing was heard of it."""
        self.only_looked_at = False
        """True where the batch has no other reason to touch it."""
        self.merged_into = ""
        self.absorbed: list[str] = []
        self.first_seen_us: int | None = record.event.first_seen.ToMicroseconds() if record else None
        """When its first report became known, microseconds since 1970; None for an event founded just now."""
        self.split_from = record.event.split_from if record else ""
        self.split_into = list(record.event.split_into) if record else []
        self.parts: list[str] = []
        """Ids of the events divided from it just now."""
        self.copied = copied
        """Tells how many articles copy one, by its id."""
        self._kept = (tuple(self.reports), self.spilled)
        self._packed = record.packed if record else b""
        self._ordered: Sequence[Report] = ()
        self._identified: Identity | None = None
        self._profile = self.before_profile
        self._ids = {report.id for report in self.reports}

    @property
    def live(self) -> bool:
        """False once it was merged into another or has no report left."""
        return not self.merged_into and bool(self.reports)

    @property
    def touched(self) -> bool:
        """True where its reports are others than those stored."""
        return self.before is None or self._profile is not self.before_profile

    def may_be(self, types: Collection[str]) -> bool:
        """Tell whether it can be of one of ``types``: without working out of which it is."""
        if self._profile is not None:
            return self._profile.type in types
        return any(report.type in types for report in self.reports)

    def has(self, mention_id: str) -> bool:
        """Tell whether a mention is among its reports."""
        return mention_id in self._ids

    def articles(self) -> set[str]:
        """Return the ids of all articles that tell it."""
        return {report.article_id for report in self.reports} | self.spilled.keys()

    def told_by(self, article_id: str) -> list[Profile]:
        """Return the profiles of what an article tells of it; none where that is only counted any more."""
        told = (report for report in self.reports if report.article_id == article_id)
        return [profile_of_report(report) for report in told]

    def add(self, report: Report, near: Iterable[str] = ()) -> None:
        """Take in a report; ``near`` are the ids of the events that share most with it."""
        self.near.update(dict.fromkeys(near))
        self.reports.append(report)
        self.added.append(report.mention)
        self._ids.add(report.id)
        self._forget()

    def settle(self, order: Mapping[str, int]) -> None:
        """Put the mentions added by one article in the order in which the article tells them, which is ``order``."""
        self.added.sort(key=lambda mention: order.get(mention.id, -1))

    def absorb(self, other: Draft) -> None:
        """Take over all reports of an event that turned out to be this one."""
        self.reports = sorted(self.reports + other.reports, key=lambda report: report.arrived_us)
        self._ids |= other._ids
        for article, spilled in other.spilled.items():
            held = self.spilled.get(article)
            mentions = spilled.mentions + (held.mentions if held else 0)
            self.spilled[article] = replace(spilled, mentions=mentions)
        self.added += other.added
        self.near.update(other.near)
        if other.before is not None:
            self.absorbed.append(other.id)
        other.merged_into = self.id
        if other.first_seen_us is not None and self.first_seen_us is not None:
            self.first_seen_us = min(self.first_seen_us, other.first_seen_us)
        both = (self.id, other.id)
        self.split_from = next((each for each in (self.split_from, other.split_from) if each and each not in both), "")
        self.split_into = [each for each in (*self.split_into, *other.split_into) if each not in both]
        self._forget()

    def divide(self, new_id: str, mentions: Collection[str]) -> Draft:
        """Hand some reports, by the ids of their mentions, to a new event; return that."""
        part = Draft(new_id, None, self.copied)
        part.reports = [report for report in self.reports if report.id in mentions]
        part.first_seen_us = min(report.arrived_us for report in part.reports)
        part.added = [mention for mention in self.added if mention.id in mentions]
        part.split_from = self.id
        part._ids = {report.id for report in part.reports}
        self.reports = [report for report in self.reports if report.id not in mentions]
        self.added = [mention for mention in self.added if mention.id not in mentions]
        self._ids -= part._ids
        self.split_into.append(new_id)
        self.parts.append(new_id)
        self._forget()
        return part

    def withdraw(self, article_id: str, keep: frozenset[str], heir: str) -> None:
        """Take away the reports of an article, but for the mentions to ``keep``.

        Reports of the same status by ``heir``, its latest revision, take the withdrawn ones' times: the source said so
        then.
        """
        gone = [r for r in self.reports if r.article_id == article_id and r.id not in keep]
        if not gone and article_id not in self.spilled:
            return
        self.withdrawn = True
        self.spilled.pop(article_id, None)
        lost = {report.id for report in gone}
        self.reports = [r for r in self.reports if r.id not in lost]
        new = {r.id for r in self.reports if r.article_id == heir}
        for report in gone:
            self._backdate(report.status, report.first_told_us, report.arrived_us, new)
        self._ids = {report.id for report in self.reports}
        self._forget()

    def repeats(self, article_id: str, earlier: Sequence[event_pb2.Mention]) -> None:
        """Note what an earlier revision of an article said, which became known only after the article itself."""
        mine = {r.id for r in self.reports if r.article_id == article_id}
        types = {self.profile().type, *traits_of(self.profile().type).confusable} if mine else set()
        for mention in earlier:
            if mention.type in types:
                self._backdate(mention.status, told_us(mention.article), None, mine)

    def _backdate(self, status: str, since: int, arrived: int | None, among: Collection[str]) -> None:
        """Give the reports of a status their earlier times, where a source said the same before."""
        for at, report in enumerate(self.reports):
            if report.id in among and report.status == status:
                first = since if since < report.first_told_us else report.since_us
                seen = report.arrived_us if arrived is None else min(arrived, report.arrived_us)
                if (first, seen) != (report.since_us, report.arrived_us):
                    self.reports[at] = report.dated(seen, first)
                    self.withdrawn = True
                    self._forget()

    def profile(self) -> Profile:
        """Return its profile with everything taken in so far. Only for live drafts."""
        if self._profile is None:
            self._profile = profile_of(self._identify(), self._ordered)
        return self._profile

    def finish(self) -> Record:
        """Return the record to store, without evidence, id, revision, dates and relations. Only for live drafts.

        Where its reports are those stored, so is its state, whatever rules have changed since.
        """
        profile = self.profile()
        if self.touched:
            fewer = self.withdrawn or bool(self.parts)
            event = state_of(self._identify(), self._ordered, self._kept[1], self.before, fewer)
        else:
            assert self.before is not None
            event = event_pb2.Event()
            event.CopyFrom(self.before)
            event.ClearField("related")
        event.copies = self.copies()
        return Record(event, profile, *self._kept, b"" if self.touched else self._packed)

    def ordered(self) -> Sequence[Report]:
        """Return the reports it is stored with, in the order told."""
        return self._ordered if self._identified is not None else told_in_order(self._kept[0])

    def copies(self) -> int:
        """Return how many articles copy one that tells it."""
        return sum(map(self.copied, self.articles()))

    def _forget(self) -> None:
        self._identified = self._profile = None

    def _identify(self) -> Identity:
        if self._identified is None:
            self._kept = spill(self.reports, self.spilled)
            self._ordered = told_in_order(self._kept[0])
            self._identified = identify(self._ordered)
        return self._identified
