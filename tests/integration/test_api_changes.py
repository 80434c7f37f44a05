"""Following changes over server-sent events from a real Valkey."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from redis import Redis

from services.cache.service import build
from services.contracts.ids import event_id
from tests.integration.api_fixture import Frames, Running, running_api
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, as_message, make_event


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url) as running:
        yield running


def test_a_change_arrives_with_the_event_as_it_stands_after_it(api: Running) -> None:
    with api.stream() as frames:
        api.put(make_event("a", revision=2, kind="status-changed", fields=[("status", '"planned"', '"agreed"')]))
        (frame,) = frames.take(1)
    assert frame.event == "change"
    assert (frame.data["kind"], frame.data["event"]["status"]) == ("status-changed", "agreed")


def test_ids_are_positions_in_the_stream(api: Running) -> None:
    with api.stream() as frames:
        api.put(make_event("a"), make_event("b"))
        sent = [frame.id for frame in frames.take(2)]
    assert sent == [entry.decode() for entry, _ in api.redis.xrange(api.keys.changes)]


def test_all_subscribers_get_every_change_in_order(api: Running) -> None:
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(api.stream()) for _ in range(5)]
        api.put(*(make_event(f"event {number}", title=f"Event {number}") for number in range(300)))
        for frames in streams:
            assert frames.titles(300) == [f"Event {number}" for number in range(300)]


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "visit"},
        {"topic": "conflict-war-peace"},
        {"status": "denied"},
        {"country": "COL"},
        {"kind": "retracted"},
        {"event": event_id("wanted")},
        {"sample": "true"},
        {"entity": "colombia"},
        {"place": "cucuta"},
        {"box": "170,-20,-170,-10"},
        {"min_sources": "2"},
        {"q": "asked for"},
    ],
)
def test_a_subscriber_gets_what_it_asked_for_and_nothing_else(api: Running, wanted: dict[str, str]) -> None:
    special = {
        "type": {"type": "visit"},
        "topic": {"type": "prisoner-exchange"},
        "status": {"status": "denied"},
        "country": {"countries": ("COL",)},
        "kind": {"kind": "retracted", "retracted": True},
        "event": {},
        "sample": {"sample": True},
        "entity": {"countries": ("COL",)},
        "place": {"place": "Cúcuta"},
        "box": {"lon": 178.5, "lat": -17.5},
        "min_sources": {"sources": ("a.example", "b.example")},
        "q": {},
    }[next(iter(wanted))]
    with api.stream(**wanted) as frames:
        api.put(
            make_event("first", title="something else"),
            make_event("wanted", title="asked for", **special),  # type: ignore[arg-type]
            make_event("last", title="something else again"),
            make_event("wanted", revision=2, title="asked for again", **special),  # type: ignore[arg-type]
        )
        assert frames.titles(2) == ["asked for", "asked for again"]


@pytest.mark.parametrize("how", ["header", "parameter"])
def test_a_subscriber_that_comes_back_gets_what_it_missed_and_then_what_happens(api: Running, how: str) -> None:
    with api.stream() as frames:
        api.put(make_event("a", title="seen"))
        last = frames.take(1)[0].id
    api.put(make_event("b", title="missed 1"), make_event("c", title="missed 2"))
    again = api.stream(last=last) if how == "header" else api.stream(last_event_id=last)
    with again as frames:
        api.put(make_event("d", title="live"))
        assert frames.titles(3) == ["missed 1", "missed 2", "live"]


def test_the_header_of_a_reconnecting_browser_goes_before_the_parameter_of_the_first_time(api: Running) -> None:
    api.put(make_event("a", title="one"), make_event("b", title="two"))
    first, second = (entry.decode() for entry, _ in api.redis.xrange(api.keys.changes))
    with api.stream(last=second, last_event_id=first) as frames:
        api.put(make_event("c", title="three"))
        assert frames.titles(1) == ["three"]


def test_nothing_is_lost_or_doubled_at_the_seam_between_missed_and_live(api: Running) -> None:
    api.put(make_event("event 0", title="0"))
    (first, _), *_ = api.redis.xrange(api.keys.changes)
    writing = threading.Thread(
        target=lambda: [api.put(make_event(f"event {number}", title=str(number))) for number in range(1, 400)]
    )
    writing.start()
    seen: list[list[str]] = []
    for _ in range(8):
        with api.stream(last=first.decode()) as frames:
            seen.append(frames.titles(399))
    writing.join()
    assert seen == [[str(number) for number in range(1, 400)]] * 8


def test_the_position_of_a_list_leads_on_without_a_gap(api: Running) -> None:
    empty = api.json("/v1/events")["position"]
    api.put(make_event("a", title="one"))
    after = api.json("/v1/events")["position"]
    api.put(make_event("b", title="two"))
    with api.stream(last_event_id=empty) as frames:
        assert frames.titles(2) == ["one", "two"]
    with api.stream(last_event_id=after) as frames:
        assert frames.titles(1) == ["two"]


def test_a_position_that_is_no_longer_kept_gets_a_reset_and_then_what_happens(api: Running) -> None:
    api.put(make_event("a"), make_event("b"), make_event("c"))
    entries = [entry.decode() for entry, _ in api.redis.xrange(api.keys.changes)]
    api.redis.xtrim(api.keys.changes, maxlen=1, approximate=False)
    with api.stream(last=entries[0]) as frames:
        (reset,) = frames.take(1)
        assert (reset.event, reset.data) == ("reset", {"reason": "trimmed", "position": entries[2]})
        assert reset.id == entries[2]
        api.put(make_event("d", title="live"))
        assert frames.titles(1) == ["live"]


def test_a_subscriber_may_begin_at_the_beginning_of_what_is_kept(api: Running) -> None:
    api.put(make_event("a", title="gone"), make_event("b", title="kept"))
    api.redis.xtrim(api.keys.changes, maxlen=1, approximate=False)
    with api.stream(last_event_id="beginning") as frames:
        assert frames.greeting.id == "0-0"
        api.put(make_event("c", title="live"))
        assert frames.titles(2) == ["kept", "live"]


def test_a_position_of_another_stream_gets_a_reset(api: Running) -> None:
    api.put(make_event("a"))
    with api.stream(last="99999999999999-0") as frames:
        assert frames.take(1)[0].event == "reset"


def test_subscribers_of_a_stream_that_was_rebuilt_get_a_reset(redis_url: str) -> None:
    with running_api(redis_url) as api, api.stream() as frames:
        api.put(make_event("a", title="before"))
        assert frames.titles(1) == ["before"]
        with api.redis.pipeline(transaction=True) as pipeline:  # what a rebuild on a younger server looks like
            pipeline.delete(api.keys.changes)
            pipeline.xadd(api.keys.changes, {"change": b"{}"}, id="5-0")
            pipeline.execute()
        (frame,) = frames.take(1)
        assert (frame.event, frame.id) == ("reset", "5-0")


def test_a_silent_stream_gives_signs_of_life_that_move_the_last_event_id_on(redis_url: str) -> None:
    with running_api(redis_url, heartbeat_s=0.05) as api, api.stream(type="visit") as frames:
        api.put(make_event("a"))
        (entry, _), *_ = api.redis.xrange(api.keys.changes)
        beats = iter(frames.next, None)
        moved = next(frame for frame in beats if frame.id == entry.decode())
        assert (moved.comment, moved.event) == ("heartbeat", "")


def test_a_subscriber_that_reads_nothing_is_told_and_sent_away_and_does_not_hold_up_the_others(redis_url: str) -> None:
    with running_api(redis_url, queue=128, send_timeout_s=300) as api, api.stream() as quick:
        address = urlsplit(api.url)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((address.hostname, address.port))
            slow.sendall(b"GET /v1/changes HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"retry:" in slow.recv(2048) + slow.recv(2048)
            long = "word " * 6_000
            for number in range(350):
                api.put(make_event(f"event {number}", title=f"{number} {long}"))
                assert quick.take(1)[0].data["title"].startswith(f"{number} ")
            slow.settimeout(20)
            received = bytearray()
            while data := slow.recv(1 << 20):
                received += data
                if b"0\r\n\r\n" in received[-10:]:
                    break
        assert (
            bytes(received[-2_000:]).partition(b"event: too-slow")[2].count(b"\nid:") == 0
        )  # it resumes where it stood
        assert b'"reason":"too-slow"' in received[-2_000:]
        assert 'dateline_api_resets_total{reason="too-slow"} 1.0' in api.http.get("/metrics").text


def test_a_subscriber_that_left_is_forgotten(api: Running) -> None:
    with api.stream(), api.stream():
        assert "dateline_api_subscribers 2.0" in api.http.get("/metrics").text
    for _ in range(200):
        if "dateline_api_subscribers 0.0" in api.http.get("/metrics").text:
            return
    pytest.fail("subscribers are still counted after they left")


def test_one_subscriber_too_many_is_told_to_come_back_later(redis_url: str) -> None:
    with running_api(redis_url, max_subscribers=1) as api, api.stream():
        answer = api.http.get("/v1/changes")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/too-many-subscribers")
        assert answer.headers["retry-after"] == "60"


def test_an_entry_of_another_layout_is_left_out_and_the_stream_goes_on(api: Running) -> None:
    with api.stream() as frames:
        api.redis.xadd(api.keys.changes, {"change": b"not json"})
        api.redis.xadd(api.keys.changes, {"other": b"field"})
        api.put(make_event("a", title="good"))
        assert frames.titles(1) == ["good"]


def test_a_stream_goes_on_where_it_stood_after_redis_dropped_every_connection(api: Running) -> None:
    with api.stream() as frames:
        api.put(make_event("a", title="before"))
        assert frames.titles(1) == ["before"]
        api.redis.client_kill_filter(_type="normal", skipme=True)
        cache = build(f"unix://{api.redis.connection_pool.connection_kwargs['path']}", api.keys.prefix)
        cache.write([as_message(make_event("b", title="after"))], START)
        assert frames.titles(1) == ["after"]


def test_streams_end_when_the_server_stops(redis_url: str) -> None:
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(running_api(redis_url))
        client = stack.enter_context(httpx.Client(base_url=api.url, timeout=20))
        answer = stack.enter_context(client.stream("GET", "/v1/changes"))
        frames = Frames(answer)
        frames.next()
        api.stop()
        with pytest.raises(StopIteration):
            frames.next()


def test_the_boards_stream_carries_cards_and_what_to_take_away(api: Running) -> None:
    with api.stream("/board/changes", status="planned") as frames:
        api.put(make_event("a", status="planned", title="A <b>plan</b>"), make_event("a", revision=2, status="denied"))
        planned, denied = (frame.data for frame in frames.take(2))
    assert f'id="event-{event_id("a")}"' in planned["card"]
    assert "A &lt;b&gt;plan&lt;/b&gt;" in planned["card"]
    assert "A &lt;b&gt;plan&lt;/b&gt;" in planned["tick"]
    assert denied == {"event_id": event_id("a")}


def test_the_board_takes_a_merged_event_away_and_tells_of_it(api: Running) -> None:
    with api.stream("/board/changes") as frames:
        api.put(make_event("a", merged_into="e" * 32, kind="merged", fields=[("merged_into", "", '"e"')]))
        (frame,) = frames.take(1)
    assert frame.data["card"] is None
    assert "Merged into another event" in frame.data["tick"]


def test_the_stream_begins_with_its_position_so_that_a_first_break_loses_nothing(api: Running, redis_url: str) -> None:
    api.put(make_event("a"))
    with Redis.from_url(redis_url) as redis:
        last = redis.xinfo_stream(api.keys.changes)["last-generated-id"].decode()
    for _ in range(200):
        with api.stream() as frames:
            if frames.greeting.id == last:
                return
    pytest.fail("the greeting does not name the position")
