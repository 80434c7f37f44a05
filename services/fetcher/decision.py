"""What a poll means: from what was known of a feed and what was heard now to its new record. Pure.

The polling side (poller.py) asks, publishes and stores; everything that is decided is decided here, so that each rule
can be tested with a clock that stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from services.fetcher import pace, schedule
from services.fetcher.feed_model import ParsedFeed
from services.fetcher.listing import Sorted, dates_of
from services.fetcher.schedule import GONE_APART_S, GONE_POLLS, WINDOW_SHARE, Known, Limits, NextPoll
from services.fetcher.state import QUARANTINE_ERRORS, Decision, FeedRecord, Move
from services.fetcher.validators import Validators, validators_of

PERMANENT: Final = frozenset({301, 308})
MOVE_HITS: Final = 5
MOVE_TIME: Final = timedelta(days=3)
"""A permanent redirect is believed after so many polls in a row over so long (a parked domain comes and goes; Feedbin's
crawler waits 72 hours as well)."""
MOVE_DOUBTED: Final = 3
"""After so many failures in a row at the new address the old one is asked again."""
PUSHED_POLL_S: Final = 14_400.0
"""While a hub delivers, a feed is polled this often, to see whether it does."""
_LEAST_WINDOW_SHARE: Final = WINDOW_SHARE / 16
_GAP_SHORTENS: Final = 2.0
_OVERLAP_LENGTHENS: Final = 1.1


@dataclass(frozen=True, slots=True)
class Answered:
    """A poll that was answered with a feed (200), or with nothing new (304)."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    wire_bytes: int = 0
    whole: bool = True
    redirects: tuple[tuple[int, str], ...] = ()
    """Status and target of each redirect on the way."""
    feed: ParsedFeed | None = None
    """None: not modified."""
    listing: Sorted = field(default_factory=Sorted)
    published: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """A poll that brought nothing."""

    kind: str
    """See metrics.POLL_ERRORS."""
    text: str
    status: int = 0
    retry_after_s: float | None = None
    wire_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The feed's new record, and what happened that people should see."""

    record: FeedRecord
    events: tuple[str, ...] = ()
    """Any of: gap, moved, moved-back, quarantined, recovered, retired."""


def decide(
    before: FeedRecord, heard: Answered | Failed, sent: str, now: datetime, limits: Limits, dice: float
) -> Verdict:
    """Return what follows from a poll. ``sent`` says what the request carried (see state.Decision.validators); ``dice``
    is a random number in [0, 1) for the jitter."""
    if isinstance(heard, Failed):
        return _after_failure(before, heard, sent, now, limits, dice)
    return _after_answer(before, heard, sent, now, limits, dice)


def delivered(before: FeedRecord, published: int, size: int, now: datetime) -> FeedRecord:
    """Return the record after a hub has delivered: nothing but the decision changes, as no server was asked."""
    last = Decision(
        at=now,
        decision="delivered",
        reason=f"its hub delivered, {published} items published",
        validators="none",
        next_at=before.next_at,
        next_because=before.reason,
        bytes=size,
        published=published,
    )
    return replace(before, last=last)


def audit_due(before: FeedRecord, now: datetime, interval_s: float) -> bool:
    """True where validators are withheld to see whether the server's ETag still tells the truth."""
    return before.last_whole_at is None or now - before.last_whole_at >= timedelta(seconds=interval_s)


def _after_answer(
    before: FeedRecord, heard: Answered, sent: str, now: datetime, limits: Limits, dice: float
) -> Verdict:
    events: list[str] = ["recovered"] if before.errors >= QUARANTINE_ERRORS else []
    gap = has_gap(before, heard)
    listed = before if heard.feed is None else _with_listing(before, heard, heard.feed, gap, now)
    known = Known(listed.rhythm, listed.newest_at, listed.window_s, listed.window_share)
    poll = schedule.after_success(now, heard.headers, listed.hints, known, limits, dice)
    if before.pushed_until is not None and now < before.pushed_until and not heard.published:
        # A poll that brings something shows that the hub does not deliver; then the feed's own pace counts.
        at = now + timedelta(seconds=limits.clamp(PUSHED_POLL_S))
        poll = max(poll, NextPoll(at, "its hub delivers what is new"), key=lambda poll: poll.at)
    word = "not-modified" if heard.feed is None else "new" if heard.published else "unchanged"
    # One copy of some thirty fields and no more: most polls bring nothing, and this is a good part of what they cost.
    record = replace(
        listed,
        next_at=poll.at,
        reason=poll.reason,
        errors=0,
        gone=0,
        first_failed_at=None,
        retired_at=None,
        last_status=heard.status,
        last_error="",
        last_success_at=now,
        validators=_validators(before, heard),
        move=_move(before, heard, now),
        last=_decision(poll, word, _told(heard, gap), sent, heard, now, gap),
    )
    if gap:
        events.append("gap")
    if record.address != before.address:
        events.append("moved" if record.address != record.url else "moved-back")
    return Verdict(record, tuple(events))


def _with_listing(record: FeedRecord, heard: Answered, feed: ParsedFeed, gap: bool, now: datetime) -> FeedRecord:
    dates = [time for time in dates_of(feed.items) if time <= now]
    if record.polls == 0 or record.last_whole_at is None:
        rhythm = pace.begun(dates, now)
    else:
        fresh = [task.item for task in heard.listing.tasks if task.known is None]
        came = [item.published.at or item.updated.at for item in fresh]
        rhythm = pace.heard(record.rhythm, came, record.last_whole_at, now)
    share = record.window_share / _GAP_SHORTENS if gap else record.window_share * _OVERLAP_LENGTHENS
    return replace(
        record,
        polls=record.polls + 1,
        listed=len(heard.listing.listed) or record.listed,
        last_whole_at=now,
        title=feed.title,
        hints=feed.hints,
        rhythm=rhythm,
        newest_at=max(dates, default=record.newest_at),
        window_s=(dates[0] - dates[-1]).total_seconds() if len(dates) > 1 else 0.0,
        window_share=min(max(share, _LEAST_WINDOW_SHARE), WINDOW_SHARE),
        gaps=record.gaps + gap,
        last_gap_at=now if gap else record.last_gap_at,
    )


def has_gap(before: FeedRecord, heard: Answered) -> bool:
    """True where a listing shares nothing with what was known: whatever came and went in between was missed."""
    return before.listed > 0 and bool(heard.listing.listed) and not heard.listing.overlap


def _validators(before: FeedRecord, heard: Answered) -> Validators:
    sent = validators_of(heard.headers)
    if heard.feed is None:
        return Validators(sent.etag or before.validators.etag, sent.last_modified or before.validators.last_modified)
    # A listing that broke off must be asked for again in full.
    # No validator speaks for what was put together from several documents.
    return sent if heard.whole and not (heard.feed.truncated or heard.feed.composed) else Validators()


def _move(before: FeedRecord, heard: Answered, now: datetime) -> Move | None:
    """Watch a permanent redirect; follow it for good once it has proved to be stable and to lead to the same feed."""
    move = before.move
    if move is not None and move.followed and not heard.redirects:
        return move
    target = heard.redirects[-1][1] if heard.redirects else ""
    if not target or any(status not in PERMANENT for status, _ in heard.redirects):
        return move if move is not None and move.followed else None
    if move is None or move.target != target:
        return Move(target, now, foreign=not heard.listing.overlap) if heard.feed is not None else None
    if move.foreign:
        return move
    hits = move.hits + 1
    return replace(move, hits=hits, followed=hits >= MOVE_HITS and now - move.since >= MOVE_TIME)


def _after_failure(before: FeedRecord, heard: Failed, sent: str, now: datetime, limits: Limits, dice: float) -> Verdict:
    events: list[str] = []
    errors = before.errors + 1
    gone = _gone(before, heard, now)
    move = before.move
    if move is not None and move.followed and (errors >= MOVE_DOUBTED or heard.status == 410):
        move = None  # back to the address its user gave; it may redirect somewhere else by now
        events.append("moved-back")
    retired_at = before.retired_at
    if heard.status == 410 and gone:
        poll = schedule.after_gone(now, gone, limits)
        word = "retired" if gone >= GONE_POLLS else "gone"
        if word == "retired":
            retired_at = now
            events.append("retired")
    else:
        poll, word = schedule.after_error(now, errors, heard.retry_after_s, limits, dice), "error"
    if errors == QUARANTINE_ERRORS:
        events.append("quarantined")
    record = replace(
        before,
        next_at=poll.at,
        reason=poll.reason,
        errors=errors,
        gone=gone,
        first_failed_at=before.first_failed_at or now,
        retired_at=retired_at,
        last_status=heard.status,
        last_error=heard.text,
        move=move if move is None or move.followed else replace(move, hits=0),
        last=_decision(poll, word, heard.text, sent, heard, now, False),
    )
    return Verdict(record, tuple(events))


def _gone(before: FeedRecord, heard: Failed, now: datetime) -> int:
    if heard.status != 410:
        return 0
    last = before.last
    soon = last is not None and before.gone > 0 and now - last.at < timedelta(seconds=GONE_APART_S / 2)
    return before.gone if soon else before.gone + 1


def _decision(
    poll: NextPoll,
    word: str,
    reason: str,
    sent: str,
    heard: Answered | Failed,
    now: datetime,
    gap: bool,
) -> Decision:
    return Decision(
        at=now,
        decision=word,
        reason=reason,
        validators=sent,
        next_at=poll.at,
        next_because=poll.reason,
        status=heard.status,
        bytes=heard.wire_bytes,
        published=heard.published if isinstance(heard, Answered) else 0,
        gap=gap,
    )


def _told(heard: Answered, gap: bool) -> str:
    if heard.feed is None:
        return "the server says that nothing has changed"
    listed = len(heard.listing.listed)
    text = f"it lists {listed} items, {heard.published} of them published" if listed else "it lists no items"
    if gap:
        text += "; none was known before, so items may have been missed in between"
    if not heard.whole or heard.feed.truncated:
        text += "; the listing broke off and will be asked for whole"
    return text
