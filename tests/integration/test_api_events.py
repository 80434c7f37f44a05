"""Reading events over HTTP from a real Valkey."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from openapi_schema_validator import validate

from services.api import ranking, ranks
from services.api.filters import EventFilters
from services.api.schema import components
from services.api.store import EventStore
from services.cache.service import build
from services.cache.sink import Cache
from services.contracts.dateline.v1.event_pb2 import Event
from services.contracts.ids import event_id
from services.contracts.ontology import event_types
from tests.integration.api_fixture import Running, ids, running_api
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


def walk(api: Running, **parameters: Any) -> Iterator[list[dict[str, Any]]]:
    """Read page after page."""
    cursor = ""
    while True:
        page = api.json("/v1/events", **parameters, **({"cursor": cursor} if cursor else {}))
        yield page["events"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def test_events_come_newest_change_first(api: Running) -> None:
    for number in (2, 0, 1):
        api.put(make_event(f"event {number}", at=START + timedelta(seconds=number)))
    listed = api.json("/v1/events")["events"]
    assert ids(listed) == [event_id(f"event {number}") for number in (2, 1, 0)]


def test_pages_give_every_event_once_although_all_changed_at_the_same_instant(api: Running) -> None:
    api.put(*(make_event(f"event {number}") for number in range(250)))
    pages = list(walk(api, limit=40, view="summary"))
    seen = [identity for page in pages for identity in ids(page)]
    assert len(seen) == len(set(seen)) == 250
    assert [len(page) for page in pages] == [40] * 6 + [10]


def test_pages_miss_and_double_nothing_while_events_arrive_and_change(api: Running) -> None:
    chance = random.Random(5)
    api.put(*(make_event(f"old {number}", at=START + timedelta(seconds=number)) for number in range(120)))
    seen: list[str] = []
    changed: set[str] = set()
    first = api.json("/v1/events", limit=1)
    for step, page in enumerate(walk(api, limit=10, view="summary")):
        seen += ids(page)
        later = START + timedelta(hours=1, seconds=step)
        name = f"old {chance.randrange(120)}"
        changed.add(event_id(name))
        api.put(make_event(f"new {step}", at=later), make_event(name, revision=step + 2, at=later))
    assert len(seen) == len(set(seen)), "an event came twice"
    untouched = {event_id(f"old {number}") for number in range(120)} - changed
    assert untouched <= set(seen), "an event that stood still was missed"
    with api.stream(last_event_id=first["position"]) as frames:
        watched = {frame.data["event_id"] for frame in frames.take(2 * 12)}
    assert changed <= watched, "the list's position does not lead to what changed since"


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"type": "visit"}, {"b"}),
        ({"type": "visit,agreement"}, {"a", "b"}),
        ({"type": ["visit", "prisoner-exchange"]}, {"b", "c"}),
        ({"topic": "conflict-war-peace"}, {"c"}),
        ({"status": "occurred"}, {"c"}),
        ({"country": "KEN"}, {"a", "b"}),
        ({"country": "ven"}, {"c"}),
        ({"country": "KEN,VEN"}, {"a", "b", "c"}),
        ({"country": "KEN,UGA", "type": "agreement"}, {"a"}),
        ({"entity": "country:COL"}, {"c"}),
        ({"entity": "colombia"}, {"c"}),
        ({"place": "kisumu"}, {"a", "b"}),
        ({"place": "1850147"}, {"c"}),
        ({"box": "100,-10,110,0"}, {"c"}),
        ({"box": "100,-10,40,0"}, {"a", "b", "c"}),
        ({"time_from": "2031-12-01"}, {"c"}),
        ({"time_to": "2031-12-01"}, {"a", "b"}),
        ({"min_sources": 2}, {"c"}),
        ({"min_sources": 2, "type": "visit"}, set()),
        ({"activity": "live"}, {"a", "b", "c"}),
        ({"activity": "quiet,archived"}, set()),
        ({"source": "b.example"}, {"b", "c"}),
        ({"source": "b.example", "status": "agreed"}, {"b"}),
        ({"q": "fishing ACCORD"}, {"a"}),
        ({"q": "accord prisoners"}, set()),
        ({"sample": "true"}, {"c"}),
        ({"sample": "false"}, {"a", "b"}),
        ({"since": "2031-11-19T09:00:01Z"}, {"b", "c"}),
        ({"until": "2031-11-19T09:00:01Z"}, {"a"}),
        ({"since": "2031-11-19T09:00:01Z", "until": "2031-11-19T09:00:02Z"}, {"b"}),
        ({"since": "2031-11-20"}, set()),
    ],
)
def test_filters(api: Running, parameters: dict[str, Any], names: set[str]) -> None:
    c = make_event(
        "c",
        type="prisoner-exchange",
        status="occurred",
        title="Prisoners exchanged",
        countries=("COL", "VEN"),
        place_country="COL",
        sources=("b.example", "c.example"),
        sample=True,
        at=START + timedelta(seconds=2),
        place="Jakarta",
    )
    c.place.lat, c.place.lon, c.place.geonames_id, c.time.start = -6.2, 106.8, 1850147, "2032-01-02"
    api.put(
        make_event("a", at=START),
        make_event("b", type="visit", title="Visit", at=START + timedelta(seconds=1), sources=("b.example",)),
        c,
    )
    wanted = sorted(event_id(name) for name in names)
    assert sorted(ids(api.json("/v1/events", **parameters)["events"])) == wanted
    fed = api.json("/v1/events.json", **parameters)["items"]
    assert sorted(item["_dateline"]["event_id"] for item in fed) == wanted
    api.put(*(_turned_into_something_else(name) for name in "abc"))
    for path, listed in (("/v1/events", "events"), ("/v1/events.json", "items")):
        then = api.json(path, as_of=(START + timedelta(minutes=1)).isoformat(), **parameters)
        assert sorted(each.get("_dateline", {}).get("event_id") or each["id"] for each in then[listed]) == wanted


def _turned_into_something_else(name: str) -> Event:
    """Return a later state of an event, in which each filter would decide otherwise."""
    event = make_event(
        name,
        revision=2,
        type="earthquake",
        status="cancelled",
        title="Quake",
        countries=("IDN",),
        place_country="IDN",
        place="Nowhere",
        lon=0.0,
        lat=50.0,
        sources=[f"s{number}.example" for number in range(9)],
        sample=name != "c",
        at=START + timedelta(hours=1),
    )
    event.activity, event.time.start, event.place.geonames_id = "archived", "2020-01-01", 1
    return event


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, "dcba"),
        ({"order": "asc"}, "abcd"),
        ({"sort": "sources"}, "bdca"),
        ({"sort": "sources", "order": "asc"}, "acdb"),
        ({"sort": "time"}, "acdb"),
        ({"sort": "time", "order": "asc"}, "bdca"),
        ({"sort": "first_seen"}, "cabd"),
    ],
)
@pytest.mark.parametrize("sorted_least", [0, 1_000])
def test_events_come_in_the_order_asked_for_however_many_they_are(
    api: Running, monkeypatch: pytest.MonkeyPatch, parameters: dict[str, Any], names: str, sorted_least: int
) -> None:
    monkeypatch.setattr(ranking, "SORTED_LEAST", sorted_least)
    monkeypatch.setattr(ranking, "isqrt", lambda _: 0)
    for number, (name, sources, day, seen) in enumerate(
        (("a", 1, 9, 2), ("b", 3, 2, 1), ("c", 1, 8, 3), ("d", 2, 5, 0))
    ):
        event = make_event(
            name, at=START + timedelta(seconds=number), sources=[f"s{n}.example" for n in range(sources)]
        )
        event.time.start = f"2031-11-{day:02}"
        event.first_seen.FromDatetime(START + timedelta(minutes=seen))
        api.put(event)
    pages = list(walk(api, **parameters, limit=1))
    assert [identity for page in pages for identity in ids(page)] == [event_id(name) for name in names]


def test_an_event_is_read_as_it_stood_at_any_moment(api: Running) -> None:
    hours = [START + timedelta(hours=number) for number in range(4)]
    for revision in (1, 2, 3):
        api.put(make_event("a", revision=revision, title=f"Title {revision}", at=hours[revision]))
    path = f"/v1/events/{event_id('a')}"
    for moment, title in ((hours[1], 1), (hours[2] - timedelta(microseconds=1), 1), (hours[2], 2), (hours[3], 3)):
        assert api.json(path, as_of=moment.isoformat())["title"] == f"Title {title}"
    before = api.http.get(path, params={"as_of": hours[0].isoformat()})
    assert (before.status_code, before.json()["type"]) == (404, "/problems/unknown-event")
    assert "was first told at 2031-11-19T10:00:00Z" in before.json()["detail"]


def test_a_state_between_two_that_are_kept_is_not_made_up(api: Running) -> None:
    api.put(make_event("a", revision=1), make_event("a", revision=4, at=START + timedelta(hours=4)))
    answer = api.http.get(f"/v1/events/{event_id('a')}", params={"as_of": (START + timedelta(hours=2)).isoformat()})
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/state-not-kept")


def test_a_list_of_a_moment_that_is_no_longer_kept_says_from_when_on_lists_are(api: Running) -> None:
    old, kept = make_event("old", at=START + timedelta(days=1)), make_event("kept", at=START)
    api.put(kept, old, make_event("kept", revision=2, at=START + timedelta(days=9)))
    build(api.redis_url, api.keys.prefix, kept_days=5).due(START + timedelta(days=10))
    for path in ("/v1/events", "/v1/events.atom", "/v1/events.json", "/"):
        answer = api.http.get(path, params={"as_of": (START + timedelta(hours=23)).isoformat()})
        assert answer.status_code == 410
        assert "kept from 2031-11-20T09:00:00Z on" in answer.text
    page = api.json("/v1/events", as_of=(START + timedelta(days=1)).isoformat())
    assert ([event["revision"] for event in page["events"]], page["not_kept"]) == ([1], 0)


def test_a_list_of_a_moment_leaves_out_and_counts_what_is_not_known_of_it(api: Running) -> None:
    hours = [START + timedelta(hours=number) for number in range(9)]
    api.put(make_event("whole", at=hours[1]), make_event("whole", revision=2, at=hours[7]))
    api.put(make_event("late", revision=3, at=hours[5]), make_event("late", revision=4, at=hours[6]))
    api.put(make_event("between", at=hours[1]), make_event("between", revision=4, at=hours[4]))
    short = Cache(api.redis, api.keys, history_kept=2)
    many = [make_event("many", revision=number, at=hours[number]) for number in range(1, 6)]
    short.write([as_message(event) for event in many], START)
    for moment, names, not_kept in (
        (hours[2], {"whole"}, 3),
        (hours[3], {"whole", "many"}, 2),
        (hours[4], {"whole", "many", "between"}, 1),
        (hours[5], {"whole", "many", "between", "late"}, 0),
    ):
        page = api.json("/v1/events", as_of=moment.isoformat())
        assert (set(ids(page["events"])), page["not_kept"]) == ({event_id(name) for name in names}, not_kept), moment
    assert "not_kept" not in api.json("/v1/events")
    assert "Of up to 3 events it is not kept" in api.http.get("/", params={"as_of": hours[2].isoformat()}).text


def test_a_slot_that_was_left_takes_no_hole_along(api: Running) -> None:
    api.put(make_event("old", revision=2))
    build(api.redis_url, api.keys.prefix, kept_days=5).due(START + timedelta(days=10))
    assert api.redis.zcard(api.keys.holes) == 0


def test_lists_of_a_past_moment_are_those_that_were_answered_then(api: Running) -> None:
    chance = random.Random(8)
    asked = [{}, {"status": "agreed"}, {"type": "visit", "country": "KEN"}, {"min_sources": 2}, {"q": "three"}]
    told: list[tuple[str, list[list[str]]]] = []
    revisions: dict[str, int] = {}
    for step in range(60):
        name = f"event {chance.randrange(15)}"
        revisions[name] = revisions.get(name, 0) + 1
        at = START + timedelta(minutes=step)
        api.put(
            make_event(
                name,
                revision=revisions[name],
                at=at,
                type=chance.choice(["visit", "agreement"]),
                status=chance.choice(["planned", "agreed"]),
                title=f"Number {chance.choice(['one', 'two', 'three'])}",
                sources=[f"s{n}.example" for n in range(chance.randrange(1, 4))],
                retracted=chance.random() < 0.1,
            )
        )
        if step % 6 == 5:
            told.append((at.isoformat(), [titles_of(api, **parameters) for parameters in asked]))
    for moment, then in told:
        assert [titles_of(api, as_of=moment, **parameters) for parameters in asked] == then, moment


def titles_of(api: Running, **parameters: Any) -> list[str]:
    pages = walk(api, limit=4, **parameters)
    return [f"{event['id']} {event['revision']} {event['title']}" for page in pages for event in page]


def test_an_event_that_fits_several_values_of_a_filter_comes_once(api: Running) -> None:
    api.put(make_event("both"), *(make_event(f"n{n}", countries=(), place_country="IDN") for n in range(20)))
    assert ids(api.json("/v1/events", country="KEN,UGA")["events"]) == [event_id("both")]


def test_a_rare_combination_of_frequent_terms_is_found_at_once(api: Running) -> None:
    api.put(*(make_event(f"m{number}", countries=()) for number in range(600)))
    api.put(*(make_event(f"v{number}", type="visit", countries=(), place_country="UGA") for number in range(600)))
    api.put(make_event("needle", type="visit", countries=(), at=START - timedelta(days=1)))
    page = api.json("/v1/events", type="visit", country="KEN", view="summary")
    assert (ids(page["events"]), page["next_cursor"]) == ([event_id("needle")], None)


def test_a_list_knows_what_was_written_a_moment_ago_however_much_that_was(
    api: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "CAUGHT_UP_AT_ONCE", 3)
    for first in range(0, 30, 10):
        names = [f"e{number}" for number in range(first, first + 10)]
        api.put(*(make_event(name, at=START + timedelta(seconds=first + n)) for n, name in enumerate(names)))
        assert ids(api.json("/v1/events", limit=10)["events"]) == [event_id(name) for name in reversed(names)]
    api.put(make_event("e0", revision=2, at=START + timedelta(minutes=2)))
    assert ids(api.json("/v1/events", limit=2)["events"]) == [event_id("e0"), event_id("e29")]


def test_the_first_list_need_not_wait_for_the_orders(api: Running, redis_url: str) -> None:
    api.put(make_event("a"))

    async def prepared() -> bool:
        store = EventStore(redis_url, api.keys.prefix)
        await store.prepare()
        await store.close()
        return bool(store._ranks.since)

    assert asyncio.run(prepared())


def test_a_state_that_was_written_while_it_was_read_is_not_kept(api: Running, redis_url: str) -> None:
    api.put(make_event("a", title="old"))

    async def listed() -> list[bytes]:
        store = EventStore(redis_url, api.keys.prefix)
        asked = EventFilters().asked
        read: Any = store._states

        async def slow(*question: Any) -> Any:
            answer = await read(*question)
            store._states = read
            await asyncio.to_thread(api.put, make_event("a", revision=2, title="new"))
            await store.page(asked, "")  # another reader learns of it first
            return answer

        store._states = slow  # type: ignore[assignment]
        pages = [(await store.page(asked, "")).events for _ in range(2)]
        await store.close()
        return pages

    first, second = asyncio.run(listed())
    assert b'"title":"old"' in first
    assert b'"title":"new"' in second


def test_a_list_is_right_after_more_was_written_than_is_noted(api: Running) -> None:
    api.put(make_event("a"))
    assert ids(api.json("/v1/events")["events"]) == [event_id("a")]
    api.put(make_event("a", revision=2, at=START + timedelta(seconds=5)), make_event("b"))
    api.redis.xtrim(api.keys.touched, maxlen=1, approximate=False)
    assert ids(api.json("/v1/events")["events"]) == [event_id("a"), event_id("b")]


def test_a_list_is_right_after_redis_was_emptied_and_filled_with_other_events(api: Running) -> None:
    api.put(*(make_event(f"e{number}", at=START + timedelta(seconds=number)) for number in range(9)))
    assert len(api.json("/v1/events")["events"]) == 9
    for key in api.redis.scan_iter(match=f"{api.keys.base}*"):
        api.redis.delete(key)
    api.put(*(make_event(f"f{number}", at=START - timedelta(seconds=number)) for number in range(9)))
    assert ids(api.json("/v1/events")["events"]) == [event_id(f"f{number}") for number in range(9)]


def test_events_that_an_older_cache_wrote_are_in_order_too(api: Running) -> None:
    api.put(*(make_event(f"e{number}", at=START + timedelta(seconds=number)) for number in range(3)))
    api.redis.delete(api.keys.touched)
    assert ids(api.json("/v1/events")["events"]) == [event_id(f"e{number}") for number in (2, 1, 0)]
    api.put(make_event("e0", revision=2, at=START + timedelta(seconds=9)))
    assert ids(api.json("/v1/events")["events"]) == [event_id(f"e{number}") for number in (0, 2, 1)]


@pytest.mark.parametrize("sorted_least", [0, 1_000])
def test_ranges_give_every_event_inside_once(api: Running, monkeypatch: pytest.MonkeyPatch, sorted_least: int) -> None:
    monkeypatch.setattr(ranking, "SORTED_LEAST", sorted_least)
    monkeypatch.setattr(ranking, "isqrt", lambda _: 0)
    inside = []
    for number in range(40):
        event = make_event(
            f"e{number}",
            at=START + timedelta(seconds=number // 3),
            sources=["a.example", "b.example"][: 1 + number % 2],
        )
        event.place.lat, event.place.lon = number % 7 * 10.0, number % 5 * 10.0
        api.put(event)
        if event.place.lat <= 30 and event.place.lon <= 20 and number % 2:
            inside.append(event)
    found = [
        identity
        for page in walk(api, box="0,0,20,30", min_sources=2, limit=2, view="summary")
        for identity in ids(page)
    ]
    assert set(found) == {event.id for event in inside}
    assert len(found) == len(inside)


def test_merged_and_retracted_events_are_left_out_unless_asked_for(api: Running) -> None:
    api.put(make_event("live"), make_event("gone", merged_into=event_id("live")), make_event("void", retracted=True))
    assert ids(api.json("/v1/events")["events"]) == [event_id("live")]
    assert ids(api.json("/v1/events", state="merged")["events"]) == [event_id("gone")]
    assert ids(api.json("/v1/events", state="retracted")["events"]) == [event_id("void")]
    assert len(api.json("/v1/events", state="all")["events"]) == 3


def test_a_merged_event_leads_to_the_one_it_was_merged_into(api: Running) -> None:
    api.put(make_event("live"), make_event("gone", merged_into=event_id("live")))
    answer = api.http.get(f"/v1/events/{event_id('gone')}")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"/v1/events/{event_id('live')}"
    assert answer.json()["merged_into"] == event_id("live")


def test_a_retracted_event_can_still_be_read(api: Running) -> None:
    api.put(make_event("void", retracted=True))
    assert api.json(f"/v1/events/{event_id('void')}")["retracted"] is True


def test_answers_fit_their_schemas(api: Running) -> None:
    api.put(make_event("a", killed=[("a.example", 3), ("b.example", 5)], fields=[("status", "", '"agreed"')]))
    schemas = components()
    identity = event_id("a")
    for name, document in (
        ("Event", api.json(f"/v1/events/{identity}")),
        ("EventPage", api.json("/v1/events")),
        ("History", api.json(f"/v1/events/{identity}/history")),
        ("Ontology", api.json("/v1/types")),
        ("Problem", api.http.get("/v1/events", params={"limit": 0}).json()),
    ):
        validate(document, {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}})


def test_history_tells_every_change_oldest_first(api: Running) -> None:
    api.put(*(make_event("a", revision=number) for number in (1, 2, 3)))
    history = api.json(f"/v1/events/{event_id('a')}/history")["changes"]
    assert [change["revision"] for change in history] == [1, 2, 3]


def test_history_as_of_a_moment_tells_what_had_changed_by_then(api: Running) -> None:
    hours = [START + timedelta(hours=number) for number in range(3)]
    for revision, at in enumerate(hours, 1):
        api.put(make_event("a", revision=revision, at=at))
    path = f"/v1/events/{event_id('a')}/history"
    for told, at in enumerate(hours, 1):
        moment = (at + timedelta(minutes=30)).isoformat()
        assert [change["revision"] for change in api.json(path, as_of=moment)["changes"]] == list(range(1, told + 1))
    before = api.http.get(path, params={"as_of": (START - timedelta(hours=1)).isoformat()})
    assert (before.status_code, before.json()["type"]) == (404, "/problems/unknown-event")


def test_types_are_those_of_the_ontology(api: Running) -> None:
    assert [row["name"] for row in api.json("/v1/types")["types"]] == list(event_types())


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/{id}", "/v1/types", "/"])
def test_what_the_client_has_already_is_not_sent_again(api: Running, path: str) -> None:
    api.put(make_event("a"))
    path = path.format(id=event_id("a"))
    etag = api.http.get(path).headers["etag"]
    for sent in ([etag], [f'"other", {etag}'], [etag.removeprefix("W/")], ['"other"', etag]):
        answer = api.http.get(path, headers=[("If-None-Match", each) for each in sent])
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
        assert "Accept-Encoding" in answer.headers["vary"]


def test_a_list_that_did_not_change_is_not_sent_again_although_other_events_changed(api: Running) -> None:
    api.put(make_event("a", type="visit"))
    first = api.http.get("/v1/events", params={"type": "visit"})
    api.put(make_event("b", type="agreement"))
    again = {"If-None-Match": first.headers["etag"]}
    assert api.http.get("/v1/events", params={"type": "visit"}, headers=again).status_code == 304
    with api.stream(last_event_id=first.json()["position"]) as frames:
        assert frames.take(1)[0].data["event_id"] == event_id("b"), "the position of the list still leads on"


def test_a_new_revision_has_a_new_etag(api: Running) -> None:
    api.put(make_event("a"))
    path = f"/v1/events/{event_id('a')}"
    etag = api.http.get(path).headers["etag"]
    api.put(make_event("a", revision=2))
    assert api.http.get(path, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "kind", "says"),
    [
        ("/v1/events?type=vizit", 400, "invalid-parameter", "did you mean visit?"),
        ("/v1/events?limit=many", 400, "invalid-parameter", "limit: "),
        ("/v1/events?colour=red", 400, "invalid-parameter", "colour: /v1/events has no such parameter"),
        ("/v1/events?satus=agreed", 400, "invalid-parameter", "did you mean status?"),
        ("/v1/events?participant=x", 400, "invalid-parameter", "did you mean entity?"),
        ("/v1/events?as_of=2031-11-19&sort=sources", 400, "invalid-parameter", "leave sort and order out"),
        ("/v1/events?topic=war", 400, "invalid-parameter", "did you mean conflict-war-peace?"),
        ("/v1/events?country=UA", 400, "invalid-parameter", "did you mean UKR?"),
        ("/v1/events?q=%E2%80%A6", 400, "invalid-parameter", "holds no word to look for"),
        ("/v1/events?since=2031-11-20&until=2031-11-19", 400, "invalid-parameter", "does not lie after since"),
        (
            "/v1/events?time_from=2031-11-20&time_to=2031-11-20",
            400,
            "invalid-parameter",
            "does not lie after time_from",
        ),
        (
            "/v1/changes?time_from=2031-11-20&time_to=2031-11-19",
            400,
            "invalid-parameter",
            "does not lie after time_from",
        ),
        ("/v1/events/unknown/history?view=full", 400, "invalid-parameter", "no such parameter"),
        ("/v1/types?topic=health", 400, "invalid-parameter", "/v1/types has no such parameter"),
        ("/v1/topics?topic=health", 400, "invalid-parameter", "/v1/topics has no such parameter"),
        ("/v1/stats?country=KEN", 400, "invalid-parameter", "/v1/stats has no such parameter"),
        ("/v1/feeds?condition=failing", 400, "invalid-parameter", "/v1/feeds has no such parameter"),
        ("/v1/articles/unknown?as_of=2031-11-19", 400, "invalid-parameter", "no such parameter"),
        ("/v1/webhooks?enabled=true", 400, "invalid-parameter", "/v1/webhooks has no such parameter"),
        ("/v1/alerts?enabled=true", 400, "invalid-parameter", "/v1/alerts has no such parameter"),
        ("/v1/events?cursor=abc", 400, "invalid-parameter", "cursor: not a cursor of this API"),
        ("/v1/events/unknown", 404, "unknown-event", "GET /v1/events"),
        ("/v1/events/unknown/history", 404, "unknown-event", "GET /v1/events"),
        ("/v1/changes?kind=born", 400, "invalid-parameter", "status-changed"),
        ("/v1/changes?last_event_id=x", 400, "invalid-parameter", "last_event_id: not an id of this stream"),
        ("/v1/nothing", 404, "not-found", "/openapi.json"),
        ("/v1/events/", 404, "not-found", "/openapi.json"),
    ],
)
def test_errors_are_problem_details_that_say_what_to_do(
    api: Running, path: str, status: int, kind: str, says: str
) -> None:
    answer = api.http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"/problems/{kind}"
    assert says in answer.json()["detail"]
    assert api.http.get(answer.json()["type"]).status_code == 200


def test_another_method_is_refused_with_the_one_to_use(api: Running) -> None:
    answer = api.http.post("/v1/events")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert "use GET" in answer.json()["detail"]


def test_all_methods_that_an_address_takes_are_named(api: Running) -> None:
    assert api.http.put("/v1/webhooks/one").headers["allow"] == "DELETE, GET, HEAD, PATCH"


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events.atom", "/v1/types", "/", "/openapi.json", "/v1/changes"])
def test_head_is_answered_as_get_without_its_body(api: Running, path: str) -> None:
    with api.http.stream("GET", path) as answer:
        told = {name: value for name, value in answer.headers.items() if name in ("content-type", "etag", "link")}
    head = api.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert told.items() <= head.headers.items()


def test_any_site_may_read_and_every_answer_is_guarded(api: Running) -> None:
    answer = api.http.get("/v1/events", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    for path in ("/", "/v1/events", "/v1/nothing", "/static/board.js"):
        headers = api.http.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"


def test_metrics_count_requests_by_route_and_not_by_id(api: Running) -> None:
    api.http.get("/v1/events/one")
    api.http.get("/v1/events/two")
    text = api.http.get("/metrics").text
    assert 'dateline_api_requests_total{route="/v1/events/{event_id}",status="404"} 2.0' in text


def test_without_redis_the_process_lives_but_is_not_ready_and_says_so() -> None:
    with running_api("unix:///nowhere/valkey.sock") as api:
        assert api.http.get("/healthz").status_code == 200
        ready = api.http.get("/readyz")
        assert (ready.status_code, "Redis cannot be reached" in ready.json()["problem"]) == (503, True)
        for path in ("/v1/events", "/v1/changes"):
            answer = api.http.get(path)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/store-unavailable")
            assert answer.headers["retry-after"] == "5"
