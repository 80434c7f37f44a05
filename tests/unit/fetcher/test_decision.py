"""What follows from an answer or a failure: the pure rules, with a clock that stands still."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.fetcher.decision import MOVE_HITS, MOVE_TIME, Answered, Failed, Verdict, audit_due, decide
from services.fetcher.feed_model import ParsedFeed, PollHints
from services.fetcher.listing import Sorted
from services.fetcher.schedule import Limits
from services.fetcher.state import QUARANTINE_ERRORS, FeedRecord
from services.fetcher.validators import Validators
from tests.unit.fetcher.feed_documents import NOW

URL = "https://news.example/feed"
NEW_URL = "https://news.example/new"
LIMITS = Limits(300, 86_400)
FEED = ParsedFeed("rss", "News", "", "", (), 0, PollHints(), "strict")
KNOWN = FeedRecord(URL, NOW, polls=1, listed=2, validators=Validators('"a"'), last_whole_at=NOW)


def listing(new: int = 0, familiar: int = 2) -> Sorted:
    return Sorted(listed=frozenset(map(str, range(new + familiar))), familiar=familiar, overlap=familiar)


def answered(**changes: object) -> Answered:
    return replace(Answered(200, {"etag": '"b"'}, 100, feed=FEED, listing=listing()), **changes)  # type: ignore[arg-type]


def after(before: FeedRecord, heard: Answered | Failed, now: datetime = NOW) -> Verdict:
    return decide(before, heard, "sent", now, LIMITS, 0.0)


def test_a_poll_leaves_one_record_of_what_was_decided() -> None:
    last = after(KNOWN, answered(published=2)).record.last
    assert last is not None
    assert (last.decision, last.status, last.bytes, last.validators, last.published) == ("new", 200, 100, "sent", 2)
    assert last.next_at > NOW
    assert last.reason
    assert last.next_because


def test_a_listing_without_anything_known_is_a_gap_and_shortens_the_wait_for_the_window() -> None:
    verdict = after(KNOWN, answered(listing=listing(new=3, familiar=0)))
    assert verdict.events == ("gap",)
    assert (verdict.record.gaps, verdict.record.last_gap_at) == (1, NOW)
    assert verdict.record.window_share == KNOWN.window_share / 2
    assert verdict.record.last is not None
    assert verdict.record.last.gap


def test_overlap_makes_up_for_a_gap_little_by_little() -> None:
    record = replace(KNOWN, window_share=0.125)
    assert 0.125 < after(record, answered()).record.window_share < 0.25


def test_a_first_or_an_empty_listing_is_no_gap() -> None:
    assert after(FeedRecord(URL, NOW), answered(listing=listing(3, 0))).events == ()
    assert after(KNOWN, answered(listing=Sorted())).events == ()
    assert after(after(KNOWN, answered(listing=Sorted())).record, answered(listing=listing(2, 0))).events == ("gap",)


def test_the_validators_of_a_listing_that_broke_off_are_not_kept() -> None:
    assert after(KNOWN, answered()).record.validators == Validators('"b"')
    assert after(KNOWN, answered(whole=False)).record.validators == Validators()
    assert after(KNOWN, answered(feed=replace(FEED, truncated=True))).record.validators == Validators()


def test_a_failure_keeps_the_validators() -> None:
    assert after(KNOWN, Failed("not-a-feed", "a web page", 200)).record.validators == KNOWN.validators


def test_failures_in_a_row_are_quarantined_once_and_an_answer_ends_it() -> None:
    record, events = KNOWN, []
    for _ in range(QUARANTINE_ERRORS + 3):
        verdict = after(record, Failed("status", "500", 500))
        record = verdict.record
        events += verdict.events
    assert (events, record.condition) == (["quarantined"], "quarantined")
    verdict = after(record, answered())
    assert (verdict.events, verdict.record.condition) == (("recovered",), "fine")


def test_a_feed_is_retired_after_three_410_on_different_days() -> None:
    gone, record, now = Failed("status", "410", 410), KNOWN, NOW
    for _ in range(2):
        verdict = after(record, gone, now)
        assert (verdict.events, verdict.record.condition) == ((), "failing")
        record, now = verdict.record, verdict.record.next_at
        assert now >= NOW + timedelta(days=1)
    verdict = after(record, gone, now)
    assert (verdict.events, verdict.record.condition) == (("retired",), "retired")


def test_410_three_times_within_an_hour_proves_nothing() -> None:
    record = KNOWN
    for minute in range(3):
        record = after(record, Failed("status", "410", 410), NOW + timedelta(minutes=20 * minute)).record
    assert record.condition == "failing"


def test_410_must_come_in_a_row() -> None:
    record = KNOWN
    for day in range(6):
        heard = answered() if day % 2 else Failed("status", "410", 410)
        record = after(record, heard, NOW + timedelta(days=2 * day)).record
    assert record.condition == "fine"


def moved(hits: int, every: timedelta, **changes: object) -> list[Verdict]:
    verdicts, record = [], KNOWN
    for n in range(hits):
        verdict = after(record, answered(redirects=((301, NEW_URL),), **changes), NOW + n * every)
        verdicts.append(verdict)
        record = verdict.record
    return verdicts


def test_a_permanent_redirect_is_followed_for_good_once_it_has_proved_stable() -> None:
    verdicts = moved(MOVE_HITS, MOVE_TIME / (MOVE_HITS - 1))
    assert [verdict.record.address for verdict in verdicts] == [URL] * (MOVE_HITS - 1) + [NEW_URL]
    assert verdicts[-1].events == ("moved",)
    assert verdicts[-1].record.url == URL


def test_many_redirects_within_an_hour_prove_nothing() -> None:
    assert moved(50, timedelta(minutes=1))[-1].record.address == URL


def test_a_temporary_redirect_is_never_stored() -> None:
    record = KNOWN
    for n in range(50):
        hops = ((301, "https://news.example/x"), (302, NEW_URL))
        record = after(record, answered(redirects=hops), NOW + n * timedelta(days=1)).record
    assert record.address == URL


def test_a_redirect_to_a_feed_that_shares_no_entries_is_never_stored() -> None:
    assert moved(50, timedelta(days=1), listing=listing(3, 0))[-1].record.address == URL


def test_one_direct_answer_starts_the_proof_of_a_redirect_anew() -> None:
    record = moved(MOVE_HITS - 1, timedelta(days=1))[-1].record
    record = after(record, answered(), NOW + timedelta(days=10)).record
    assert record.move is None


def test_a_new_address_that_stops_working_is_given_up() -> None:
    record = moved(MOVE_HITS, MOVE_TIME)[-1].record
    events: list[str] = []
    for _ in range(3):
        verdict = after(record, Failed("status", "404", 404))
        record = verdict.record
        events += verdict.events
    assert (record.address, events) == (URL, ["moved-back"])


def test_an_audit_is_due_when_no_whole_answer_came_for_long() -> None:
    assert audit_due(FeedRecord(URL, NOW), NOW, 10)
    assert not audit_due(KNOWN, NOW + timedelta(seconds=9), 10)
    assert audit_due(KNOWN, NOW + timedelta(seconds=10), 10)
