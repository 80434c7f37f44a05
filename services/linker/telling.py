"""What is sent and stored of the events that a batch touched: their latest state, what changed, and their record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.contracts.dateline.v1 import event_pb2
from services.contracts.ids import change_id, derive
from services.contracts.instants import set_instant
from services.contracts.topics import CHANGES, EVENTS
from services.linker import changes, record, relations
from services.linker.activity import ARCHIVED, FORGOTTEN, LIVE, QUIET, activity_on, next_day
from services.linker.draft import Draft
from services.linker.entry import entry_of
from services.linker.merge import ARCHIVED_REPORTS_KEPT, shown_evidence, spill
from services.linker.overdue import overdue_from
from services.linker.record import Record
from services.linker.table import EVENT, Table, alias_write, day_of_us
from services.runtime.stage import Emit, Message, Write


class Telling:
    """Collects the emits and writes of one batch. Reads the table, changes nothing in it but what it may expect."""

    def __init__(
        self, table: Table, message: Message, batch: event_pb2.MentionBatch, drafts: Mapping[str, Draft]
    ) -> None:
        self.emits: list[Emit] = []
        self.writes: list[Write] = []
        self._table = table
        self._message = message
        self._batch = batch
        self._topic = batch.topic
        self._drafts = drafts
        self._now_us = round(message.time.timestamp() * 1_000_000)
        self._day = day_of_us(self._now_us)
        table.expect_nothing()

    def finish(self, draft: Draft) -> None:
        """Tell and store what became of a draft."""
        before = draft.before
        if not draft.live:
            if before is not None:
                self._end(draft, before)
            return
        heard = draft.touched or (before is not None and not draft.only_looked_at and draft.copies() != before.copies)
        if not heard and not draft.looked_at:
            return
        stored = draft.finish()
        state = stored.event
        if before is not None:
            _carry_over(before, state)
        if not heard and before is not None:
            self._rest(draft, before, stored)
            return
        if before is not None and (draft.looked_at or before.overdue):
            self._mark_overdue(stored)
        told = changes.changes_between(before, state, draft.added)
        if before is not None and not told and not draft.added and not draft.withdrawn and not draft.parts:
            if draft.looked_at:
                self._rest(draft, before, stored)
            return
        told = changes.of_identity(draft) + told
        if before is not None and before.activity not in ("", LIVE):
            told.append(changes.activity(before.activity, LIVE))
        state.activity = LIVE
        self._set_splits(draft, state)
        self._relate(draft, state)
        set_instant(state.first_seen, self._now_us if draft.first_seen_us is None else draft.first_seen_us)
        set_instant(state.last_changed, self._now_us)
        self._store(draft, stored, sorted(told, key=lambda change: changes.ORDER.index(change.kind)))

    def _rest(self, draft: Draft, before: event_pb2.Event, stored: Record) -> None:
        """Do what is due of an event of which nothing was heard: overdue, quiet, archived or forgotten."""
        state, first = stored.event, stored.profile.told_first
        memory, changed_day = self._table.memory, day_of_us(before.last_changed.ToMicroseconds())
        told: list[event_pb2.Change] = []
        if not before.overdue:
            self._mark_overdue(stored)
        if state.overdue and not before.overdue:
            set_instant(state.last_changed, self._now_us)
            changed_day = self._day
            told = changes.changes_between(before, state, ())
        activity = activity_on(self._day, state, first, changed_day, memory)
        if activity == FORGOTTEN:
            if before.activity == ARCHIVED:
                self.writes.append(Write(f"{EVENT}{draft.id}", None))
                return
            activity = ARCHIVED
        state.activity = activity
        if activity != (before.activity or LIVE):
            told.append(changes.activity(before.activity or LIVE, activity))
        state.related.extend(before.related)
        self._store(draft, stored, told)

    def _mark_overdue(self, stored: Record) -> None:
        due = overdue_from(stored.event, stored.profile)
        stored.event.overdue = due is not None and due <= self._day

    def _store(self, draft: Draft, stored: Record, told: Sequence[event_pb2.Change]) -> None:
        """Store a record, and send its state if anything is told or heard."""
        state = stored.event
        state.id, state.topic = draft.id, self._topic
        sent = bool(told) or draft.touched or draft.before is None
        state.revision = (draft.before.revision if draft.before is not None else 0) + sent
        changed_day = day_of_us(state.last_changed.ToMicroseconds())
        entry = entry_of(
            stored.profile,
            self._topic,
            first_seen_us=state.first_seen.ToMicroseconds(),
            changed_day=changed_day,
            next_day=next_day(
                self._day if draft.looked_at else self._day - 1, state, stored.profile, changed_day, self._table.memory
            ),
            quiet=state.activity == QUIET,
            archived=state.activity == ARCHIVED,
            divided=bool(state.split_from),
        )
        kept = stored
        if entry.archived:
            kept = Record(state, stored.profile, *spill(stored.reports, stored.spilled, ARCHIVED_REPORTS_KEPT))
        value = record.encode(kept, entry)
        self._table.expect(draft.id, value, entry, kept)
        self.writes.append(Write(f"{EVENT}{draft.id}", value))
        if sent:
            self._send(state, told, shown_evidence(state, draft.ordered(), draft.copied))

    def _end(self, draft: Draft, before: event_pb2.Event) -> None:
        """Tell the last state of an event that was merged into another, or of which every report was withdrawn."""
        last = event_pb2.Event()
        last.CopyFrom(before)
        last.revision = before.revision + 1
        set_instant(last.last_changed, self._now_us)
        if draft.merged_into:
            last.merged_into = draft.merged_into
            told = [changes.merged("merged_into", "", draft.merged_into)]
            self.writes.append(alias_write(draft.id, draft.merged_into, self._day))
        else:
            last.retracted = True
            last.evidence_total = 0
            last.confidence = 0.0
            last.ClearField("independent_sources")
            last.ClearField("origins")
            told = [changes.retracted()]
        self.writes.append(Write(f"{EVENT}{draft.id}", None))
        self._send(last, told)

    def _send(
        self, state: event_pb2.Event, told: Sequence[event_pb2.Change], evidence: Sequence[event_pb2.Evidence] = ()
    ) -> None:
        """Send a state with its evidence, and its changes."""
        state.evidence.extend(evidence)
        for position, change in enumerate(told):
            change.id = change_id(state.id, state.revision, position)
            change.event_id, change.revision = state.id, state.revision
            set_instant(change.at, self._now_us)
            change.topic, change.type, change.title = state.topic, state.type, state.title
            change.status, change.sample = state.status, state.sample
            if not change.article_id and change.kind in ("retracted", "detail-changed", "corroborated"):
                change.article_id, change.article_url = self._batch.article.id, self._batch.article.url
        state.changes.extend(told)
        time = self._message.time
        self.emits.append(Emit(EVENTS, state.id, state, derive("event-state", state.id, state.revision), time))
        self.emits.extend(Emit(CHANGES[self._topic], state.id, change, change.id, time) for change in told)

    def _set_splits(self, draft: Draft, state: event_pb2.Event) -> None:
        state.split_from = draft.split_from
        del state.split_into[:]
        state.split_into.extend(draft.split_into)

    def _relate(self, draft: Draft, state: event_pb2.Event) -> None:
        divided = [self._table.resolve(each) for each in (state.split_from, *state.split_into) if each]
        divided = [each for each in dict.fromkeys(divided) if each != draft.id]
        held = [self._table.resolve(r.event_id) for r in draft.before.related] if draft.before else []
        held = [each for each in held if each != draft.id and each not in divided]
        found: list[str] = []
        if len(held) < relations.MOST and state.story_ids:
            found = [each for each in self._near(draft, state) if each not in divided]
        state.related.extend(relations.related(divided, held, found))

    def _near(self, draft: Draft, state: event_pb2.Event) -> list[str]:
        """Return the ids of events that its stories tell and that share a participant."""
        mine = draft.profile()
        near = [d.id for d in self._drafts.values() if d.live and d is not draft and d.profile().stories & mine.stories]
        for story in state.story_ids:
            near += self._table.index.of_story(story, relations.LOOKED_AT)
        found: list[str] = []
        for known in dict.fromkeys(near):
            drafted = self._drafts.get(known)
            if known == draft.id or (drafted is not None and not drafted.live):
                continue
            other = self._table.known(known) if drafted is None else None
            profile_of = drafted.profile() if drafted is not None else other.profile if other else None
            if profile_of is not None and relations.overlap(mine, profile_of):
                found.append(known)
        return found


def _carry_over(before: event_pb2.Event, state: event_pb2.Event) -> None:
    """Give a state what its reports do not make."""
    state.revision, state.activity = before.revision, before.activity
    state.first_seen.CopyFrom(before.first_seen)
    state.last_changed.CopyFrom(before.last_changed)
    state.overdue = before.overdue
