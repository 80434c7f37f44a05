"""Alert rules against a real Valkey: over server-sent events, by webhook, and as a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api_fixture import Running, running_api
from tests.integration.valkey_fixture import valkey
from tests.integration.webhook_receiver import receiver
from tests.unit.cache.events import make_event

WHEN = {"all": [{"field": "status", "is": "occurred"}, {"field": "sources", "gte": 2}]}
TWO = ("a.example", "b.example")


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url, webhook_allow_networks="127.0.0.0/8", lease_s=0.4) as running:
        yield running


def rule(api: Running, **body: Any) -> Any:
    answer = api.http.post("/v1/alerts", json={"name": "a rule", "when": WHEN, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def fired(api: Running, made: Any, count: int) -> list[Any]:
    """Return what fired by a rule once it is so much."""
    for _ in range(1_000):
        found = api.json(f"/v1/alerts/{made['id']}/fired")["fired"]
        if len(found) >= count:
            return found  # type: ignore[no-any-return]
    pytest.fail(f"{count} alerts did not fire: {found}")


def test_an_alert_comes_over_the_stream_once_for_each_event(api: Running) -> None:
    made = rule(api)
    with api.stream("/v1/alerts/stream") as frames:
        api.put(
            make_event("a", status="occurred", sources=TWO, title="first"),
            make_event("a", status="occurred", sources=TWO, title="still", revision=2),
            make_event("b", status="planned", sources=TWO, title="not it"),
            make_event("c", status="occurred", sources=TWO, title="second"),
        )
        alerts = frames.take(2)
    assert [alert.event for alert in alerts] == ["alert", "alert"]
    assert [alert.data["change"]["title"] for alert in alerts] == ["first", "second"]
    assert alerts[0].data["rule"]["id"] == made["id"]


def test_an_alert_is_delivered_by_webhook_with_its_change(api: Running) -> None:
    with receiver() as hook:
        assert api.http.post("/v1/webhooks", json={"url": hook.url, "sends": ["alerts"]}).status_code == 201
        rule(api)
        api.put(make_event("a", status="occurred", sources=TWO, title="told"))
        (got,) = hook.wait_for(1)
    assert got.message["type"] == "alert.fired"
    assert got.message["data"]["change"]["event"]["title"] == "told"


def test_what_fired_is_listed_newest_first(api: Running) -> None:
    made = rule(api)
    api.put(*(make_event(name, status="occurred", sources=TWO, title=name) for name in ("one", "two")))
    assert [each["change"]["title"] for each in fired(api, made, 2)] == ["two", "one"]


def test_a_stream_of_alerts_resumes_where_it_was_cut(api: Running) -> None:
    rule(api)
    with api.stream("/v1/alerts/stream") as frames:
        api.put(make_event("a", status="occurred", sources=TWO, title="seen"))
        (seen,) = frames.take(1)
    api.put(make_event("b", status="occurred", sources=TWO, title="missed"))
    with api.stream("/v1/alerts/stream", last=seen.id) as frames:
        assert frames.take(1)[0].data["change"]["title"] == "missed"


def test_a_rule_does_not_look_at_what_came_before_it(api: Running) -> None:
    first = rule(api)
    api.put(make_event("a", status="occurred", sources=TWO))
    fired(api, first, 1)
    second = rule(api)
    api.put(make_event("b", status="occurred", sources=TWO, title="after"))
    assert [each["change"]["title"] for each in fired(api, second, 1)] == ["after"]


def test_the_rules_go_on_where_the_process_before_was_killed(redis_url: str) -> None:
    with running_api(redis_url, lease_s=0.4) as api:
        made = rule(api)
        api.put(make_event("a", status="occurred", sources=TWO, title="one"))
        fired(api, made, 1)
        prefix = api.keys.prefix
    with running_api(redis_url, prefix=prefix, lease_s=0.4, deliver=False) as api:
        api.put(make_event("a", status="occurred", sources=TWO, revision=2))
        api.put(make_event("b", status="occurred", sources=TWO, title="two"))
    with running_api(redis_url, prefix=prefix, lease_s=0.4) as api:
        assert [each["change"]["title"] for each in fired(api, made, 2)] == ["two", "one"]


def test_a_condition_that_is_changed_starts_anew(api: Running) -> None:
    made = rule(api)
    changed = api.http.patch(f"/v1/alerts/{made['id']}", json={"when": {"field": "sources", "gte": 1}}).json()
    api.put(make_event("a", title="now"))
    assert [each["change"]["title"] for each in fired(api, changed, 1)] == ["now"]


def test_a_wrong_condition_is_refused_at_its_place(api: Running) -> None:
    answer = api.http.post("/v1/alerts", json={"name": "x", "when": {"all": [{"field": "status", "is": "done"}]}})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["parameter"], error["in"]) == ("when.all.0.is", "body")


def test_a_stream_of_a_rule_that_there_is_not_is_refused(api: Running) -> None:
    answer = api.http.get("/v1/alerts/stream", params={"rule": "al_unknown"})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-alert")


def test_a_removed_rule_is_gone(api: Running) -> None:
    made = rule(api)
    assert api.http.delete(f"/v1/alerts/{made['id']}").status_code == 204
    assert api.http.get(f"/v1/alerts/{made['id']}").json()["type"] == "/problems/unknown-alert"
    assert api.json("/v1/alerts") == {"alerts": []}
