"""One batch: what the mentions of one article, or a notice about it, do to the events of its topic family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.contracts.dateline.v1 import event_pb2
from services.contracts.ids import event_id, split_id
from services.linker import ledger
from services.linker import weights as w
from services.linker.activity import AT_ONCE
from services.linker.dividing import division
from services.linker.draft import Draft
from services.linker.gist import article_gist, gist_by_names
from services.linker.keys import telling_facts
from services.linker.ledger import ArticleEntry
from services.linker.matching import SCORED, aside, fits_whole, matches, rarity_in, told_as_one
from services.linker.profiling import profile_of_report
from services.linker.record import FaultyRecord
from services.linker.report import report_of
from services.linker.reports import LEAD
from services.linker.table import EVENT, Table, article_key, day_of_us
from services.linker.telling import Telling
from services.linker.timing import told_apart
from services.runtime.stage import Message, Outcome, Write

_CHAIN: int = 50
"""Revisions followed from a copied article to its latest one."""

_COUNTERPART = {"title": "lead", "lead": "title"}


def _age(draft: Draft) -> tuple[bool, int, str]:
    """Sort key: the event that was known first, so that its id stays."""
    return draft.before is None, draft.before.first_seen.ToMicroseconds() if draft.before else 0, draft.id


def _place_in_article(mention: event_pb2.Mention) -> str:
    span = mention.sentence_span
    return "title" if span.in_title else "lead" if span.start < LEAD else ""


class Batch:
    """The work on one message. Reads the table, changes nothing in it, and answers with an outcome."""

    def __init__(self, table: Table, message: Message, batch: event_pb2.MentionBatch) -> None:
        self._table = table
        self._message = message
        self._batch = batch
        self._topic = batch.topic
        self._article = batch.article.id
        self._now_us = round(message.time.timestamp() * 1_000_000)
        self._day = day_of_us(self._now_us)
        self._rarity = rarity_in(table)
        self._drafts: dict[str, Draft] = {}
        self._entries: dict[str, ArticleEntry] = {}
        self._told: dict[str, None] = {}
        self._unreadable: dict[str, None] = {}

    def outcome(self) -> Outcome:
        """Work through the batch. The same message on the same table gives the same outcome, to the byte."""
        held = self._entry(self._article)
        if held.batch == (self._message.id or self._article):
            return Outcome()
        superseded = self._batch.supersedes if self._batch.supersedes != self._article else ""
        if held.replaced_by:
            # Its next revision came first: what this one says no longer counts, and what it replaces neither.
            if superseded:
                self._withdraw(superseded, frozenset())
                self._replace(superseded)
            self._repeated_by(self._latest(self._article))
            self._put(self._article, self._entry(self._article)._replace(batch=self._message.id or self._article))
            return self._finish()
        repeated = self._events_of(superseded) if superseded else ()
        if not self._batch.copy_of:
            self._link(self._batch.mentions, repeated)
        if superseded:
            self._withdraw(superseded, frozenset())
            self._replace(superseded)
        if held.batch:
            # The same revision was read anew, by another extractor say: what it told then and not now is withdrawn.
            self._withdraw(self._article, frozenset(m.id for m in self._batch.mentions))
        self._divide()
        entry = self._entry(self._article)._replace(batch=self._message.id or self._article, events=tuple(self._told))
        if self._batch.copy_of:
            entry = entry._replace(copy_of=self._count_copy(self._batch.copy_of))
        self._put(self._article, entry)
        for told in self._told:
            self._draft(told)
        return self._finish()

    # Articles

    def _entry(self, article_id: str) -> ArticleEntry:
        held = self._entries.get(article_id)
        return held or self._table.article(self._topic, article_id) or ArticleEntry(self._day)

    def _put(self, article_id: str, entry: ArticleEntry) -> None:
        self._entries[article_id] = entry._replace(day=max(self._day, entry.day))

    def _events_of(self, article_id: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._table.resolve(known) for known in self._entry(article_id).events))

    def _latest(self, article_id: str) -> str:
        """Return the latest revision of an article that is known."""
        for _ in range(_CHAIN):
            following = self._entry(article_id).replaced_by
            if not following:
                break
            article_id = following
        return article_id

    def _count_copy(self, original: str) -> str:
        """Count this article as a copy of the latest revision of ``original``; return that revision's id."""
        original = self._latest(original)
        entry = self._entry(original)
        if self._article != original and self._article not in entry.copies:
            if len(entry.copies) < ledger.COPIES_KEPT:
                entry = entry._replace(copies=(*entry.copies, self._article))
            else:
                entry = entry._replace(further_copies=entry.further_copies + 1)
            self._put(original, entry)
        for told in self._events_of(original):
            self._draft(told)
        return original

    def _replace(self, superseded: str) -> None:
        """Hand over what is known about the superseded revision to this one, or to the latest after it."""
        old = self._entry(superseded)
        if old.copy_of:
            # It is counted no longer as a copy: the revision tells for itself (or will be counted as a copy by itself).
            original = self._entry(old.copy_of)
            copies = tuple(copy for copy in original.copies if copy != superseded)
            self._put(old.copy_of, original._replace(copies=copies))
            for told in self._events_of(old.copy_of):
                self._draft(told)
        heir = self._latest(self._article)
        own = self._entry(heir)
        copies = tuple(dict.fromkeys((*own.copies, *old.copies)))
        self._put(heir, own._replace(copies=copies, further_copies=own.further_copies + old.further_copies))
        if heir != self._article:
            for told in self._events_of(heir):
                self._draft(told)
        self._put(
            superseded,
            old._replace(events=(), copies=(), further_copies=0, copy_of="", replaced_by=self._article),
        )

    def _copied(self, article_id: str) -> int:
        entry = self._entries.get(article_id)
        return entry.copied if entry is not None else self._table.copied(self._topic, article_id)

    # Events

    def _draft(self, known: str) -> Draft | None:
        known = self._table.resolve(known)
        draft = self._drafts.get(known)
        if draft is None:
            try:
                stored = self._table.record(known)
            except FaultyRecord:
                self._unreadable[known] = None
                return None
            if stored is None:
                return None  # it has been forgotten
            draft = self._drafts[known] = Draft(known, stored, self._copied)
        return draft

    def _link(self, mentions: Sequence[event_pb2.Mention], repeated: Sequence[str]) -> None:
        for told in self._events_of(self._article):
            draft = self._draft(told)
            if draft is not None and any(draft.has(mention.id) for mention in mentions):
                self._told[told] = None
        named = self._gist()
        reports = [report_of(self._now_us, mention, named) for mention in mentions]
        gist = named or article_gist([report.gist for report in reports])
        led: dict[str, set[str]] = {}
        profiles = [profile_of_report(report, gist) for report in reports]
        # What names somebody or a place goes first: what names nothing can then join what its article tells.
        for at in sorted(range(len(mentions)), key=lambda at: profiles[at].bare):
            mention, mine = mentions[at], profiles[at]
            if any(draft.has(mention.id) for draft in self._drafts.values()):
                continue
            place = _place_in_article(mention)
            promised = led.get(_COUNTERPART[place], ()) if place in _COUNTERPART else ()
            near = self._table.index.candidates(mine, SCORED)
            fitting = matches(
                mine, near, self._table, self._rarity, self._drafts, self._told, repeated, self._now_us, promised
            )
            own = bool(fitting) and fitting[0].event_id in (*self._told, *repeated)
            if mine.bare and aside(mention) and not (own or (fitting and not mention.sentence_span.in_title)):
                # Which one is meant "over takeover" only the article itself could say, and it does not.
                continue
            draft = self._draft(fitting[0].event_id) if fitting else None
            if draft is None:
                draft = self._found(mention)
            if not draft.has(mention.id):
                draft.add(reports[at], near)
            self._told[draft.id] = None
            led.setdefault(place, set()).add(draft.id)
            for other in fitting[1:]:
                draft = self._merge(draft, other.event_id)
        order = {mention.id: at for at, mention in enumerate(mentions)}
        for draft in self._drafts.values():
            draft.settle(order)
        for draft in list(self._drafts.values()):
            if draft.live and draft.added and draft.before is not None:
                self._merge_late(draft)

    def _gist(self) -> tuple[int, ...]:
        """Return the gist of the article by the names it tells; () where it tells none."""
        batch = self._batch
        if not batch.names:
            return ()
        told = (
            country
            for m in batch.mentions
            for country in (*(p.entity.country for p in m.participants), m.place.country)
        )
        return gist_by_names(batch.article.title, batch.names, told)

    def _found(self, mention: event_pb2.Mention) -> Draft:
        founded = event_id(mention.id)
        draft = self._drafts[founded] = Draft(founded, None, self._copied)
        return draft

    def _merge(self, one: Draft, other_id: str, least: float = w.MERGE_AT) -> Draft:
        """Make one event of two, if what the new report says of the first makes the second fit it; return the event."""
        held = self._drafts.get(other_id) or self._table.known(other_id)
        if held is None or (isinstance(held, Draft) and not held.live):
            return one
        theirs = held.profile() if isinstance(held, Draft) else held.profile
        mine = one.profile()
        # One that this article founded has been told to nobody yet: nothing is taken back by calling it the other. But
        # of what was told months ago it may as well be the sequel.
        founded = one.before is None and told_apart(mine, theirs) <= w.STORY_DAYS
        if not fits_whole(theirs, mine, self._rarity, w.JOIN_AT if founded else least):
            return one
        other = self._draft(other_id)
        if other is None or other is one or not told_as_one(one, other, self._rarity):
            return one
        older, younger = sorted((one, other), key=_age)
        older.absorb(younger)
        self._told = dict.fromkeys(older.id if told == younger.id else told for told in self._told)
        return older

    def _merge_late(self, draft: Draft) -> None:
        """Merge an event with another one that it fits only by all it has told by now, not by any report alone."""
        mine = draft.profile()
        assert draft.before_profile is not None
        if telling_facts(mine) - telling_facts(draft.before_profile):
            near: Iterable[str] = self._table.index.candidates(mine, SCORED)
        elif len(draft.reports) <= w.YOUNG_REPORTS:
            # What shares with it what it told before was looked at then.
            near = draft.near
        else:
            return
        for other_id in near:
            if other_id in self._drafts:
                continue  # it was compared, or the article tells both
            known = self._table.known(other_id)
            if known is None:
                continue
            # What was told months ago may as well be the last one of its kind.
            least = w.MERGE_LATE_AT if told_apart(mine, known.profile) <= w.STORY_DAYS else w.MERGE_OLD_AT
            if fits_whole(mine, known.profile, self._rarity, least):
                self._merge(draft, other_id, least)
                if not draft.live:
                    return

    def _divide(self) -> None:
        """Make two events of one whose reports turn out to tell two."""
        for draft in list(self._drafts.values()):
            if not draft.live or draft.before is None or not draft.touched:
                continue
            other = division(draft.reports, self._rarity)
            if not other:
                continue
            first = next(report.id for report in draft.reports if report.id in other)
            part = draft.divide(split_id(draft.id, draft.before.revision, first), other)
            self._drafts[part.id] = part
            for article in sorted(part.articles()):
                self._redirect(article, draft, part)

    def _redirect(self, article_id: str, draft: Draft, part: Draft) -> None:
        """Note that an article tells what was divided from an event, and whether it still tells that."""
        here = {report.article_id for report in draft.reports}
        if article_id == self._article:
            events = [*self._told, part.id]
            self._told = dict.fromkeys(each for each in events if each != draft.id or article_id in here)
        elif self._table.article(self._topic, article_id) or article_id in self._entries:
            events = [*self._events_of(article_id), part.id]
            events = [each for each in events if each != draft.id or article_id in here]
            self._put(article_id, self._entry(article_id)._replace(events=tuple(dict.fromkeys(events))))

    def _withdraw(self, article_id: str, keep: frozenset[str]) -> None:
        heir = self._latest(self._article)
        for told in self._events_of(article_id):
            draft = self._draft(told)
            if draft is not None:
                draft.withdraw(article_id, keep, heir)

    def _repeated_by(self, heir: str) -> None:
        """Date what the latest revision says by this earlier one, which said it before but came after it."""
        for told in self._events_of(heir):
            draft = self._draft(told)
            if draft is not None:
                draft.repeats(heir, self._batch.mentions)

    def _finish(self) -> Outcome:
        for due in self._table.due(self._topic, self._day, AT_ONCE):
            alone = due not in self._drafts
            draft = self._draft(due)
            if draft is not None:
                draft.looked_at, draft.only_looked_at = True, alone
        telling = Telling(self._table, self._message, self._batch, self._drafts)
        for draft in self._drafts.values():
            telling.finish(draft)
        articles = (Write(article_key(self._topic, a), ledger.encode(entry)) for a, entry in self._entries.items())
        unreadable = (Write(f"{EVENT}{known}", None) for known in self._unreadable)
        outcome = Outcome(tuple(telling.emits), (*telling.writes, *articles, *unreadable))
        # They ask the batch for copies: what holds each other in a ring waits for the garbage collector.
        self._drafts.clear()
        return outcome
