"""Webhooks against a real Valkey and a real receiver."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from services.api import webhook_retries
from tests.integration.api_fixture import Running, running_api
from tests.integration.valkey_fixture import valkey
from tests.integration.webhook_receiver import Receiver, receiver
from tests.unit.cache.events import make_event

LOOPBACK = "127.0.0.0/8"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str) -> Iterator[Running]:
    with running_api(redis_url, webhook_allow_networks=LOOPBACK, lease_s=0.4) as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come after milliseconds."""
    monkeypatch.setattr(webhook_retries, "RETRY_AFTER_S", (0.02,) * 9)


def made(api: Running, hook: Receiver, **body: Any) -> Any:
    answer = api.http.post("/v1/webhooks", json={"url": hook.url, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def deliveries(api: Running, webhook: Any, count: int) -> list[Any]:
    """Return the last attempts once there are so many."""
    for _ in range(500):
        found = api.json(f"/v1/webhooks/{webhook['id']}/deliveries")["deliveries"]
        if len(found) >= count:
            return found  # type: ignore[no-any-return]
    pytest.fail(f"{count} attempts were not noted: {found}")


def test_a_change_is_delivered_with_a_signature_that_the_reference_library_accepts(
    api: Running, hook: Receiver
) -> None:
    webhook = made(api, hook)
    api.put(make_event("a", title="A signed message"))
    (got,) = hook.wait_for(1)
    verified = Verifier(webhook["secret"]).verify(got.body, got.headers)
    assert verified["type"] == "change.created"
    assert verified["data"]["event"]["title"] == "A signed message"
    assert got.id == "chg_" + api.redis.xrange(api.keys.changes)[-1][0].decode()


def test_a_webhook_gets_what_its_filters_ask_for_and_nothing_else(api: Running, hook: Receiver) -> None:
    made(api, hook, filters={"status": ["denied"], "q": "accord"})
    api.put(
        make_event("a", status="denied", title="Another thing"),
        make_event("b", status="denied", title="The accord"),
        make_event("c", title="An accord"),
        make_event("d", status="denied", title="Last accord"),
    )
    titles = [each.message["data"]["title"] for each in hook.wait_for(2)]
    assert sorted(titles) == ["Last accord", "The accord"]


def test_what_a_receiver_refuses_is_sent_again_under_the_same_id(api: Running, hook: Receiver, soon: None) -> None:
    hook.answer = lambda number: (503, {}) if number < 2 else (200, {})
    webhook = made(api, hook)
    api.put(make_event("a"))
    assert len({each.id for each in hook.wait_for(3)}) == 1
    outcomes = [each["outcome"] for each in deliveries(api, webhook, 3)]
    assert outcomes == ["delivered", "retrying", "retrying"]


def test_a_message_that_is_refused_to_the_end_is_given_up_and_can_be_replayed(
    api: Running, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_retries, "RETRY_AFTER_S", (0.02,))
    hook.answer = lambda number: (500, {}) if number < 2 else (200, {})
    webhook = made(api, hook)
    api.put(make_event("a"))
    first, second = hook.wait_for(2)
    assert deliveries(api, webhook, 2)[0]["outcome"] == "given-up"
    answer = api.http.post(f"/v1/webhooks/{webhook['id']}/replay", json={"messages": [first.id]})
    assert (answer.status_code, answer.json()["queued"]) == (202, 1)
    assert hook.wait_for(3)[2].id == first.id == second.id


def test_a_receiver_that_is_gone_disables_its_webhook_and_operators_are_told(api: Running, hook: Receiver) -> None:
    with receiver() as operator:
        made(api, operator, sends=["operations"])
        hook.answer = lambda number: (410, {})
        webhook = made(api, hook)
        api.put(make_event("a"))
        (told,) = operator.wait_for(1)
        assert (told.message["type"], told.message["data"]["webhook_id"]) == ("webhook.disabled", webhook["id"])
    shown = api.json(f"/v1/webhooks/{webhook['id']}")
    assert shown["enabled"] is False
    assert "410 Gone" in shown["disabled_reason"]


def test_a_webhook_that_failed_for_too_long_is_disabled_and_goes_on_once_it_is_enabled(
    redis_url: str, hook: Receiver, soon: None
) -> None:
    with running_api(redis_url, webhook_allow_networks=LOOPBACK, lease_s=0.4, webhook_disable_after_s=0.001) as api:
        hook.answer = lambda number: (500, {})
        webhook = made(api, hook)
        api.put(make_event("a", title="before"))
        deliveries(api, webhook, 2)
        for _ in range(500):
            if not (shown := api.json(f"/v1/webhooks/{webhook['id']}"))["enabled"]:
                break
        assert "every delivery failed" in shown["disabled_reason"]
        hook.answer = lambda number: (200, {})
        api.put(make_event("b", title="meanwhile"))
        sent = len(hook.received)
        assert api.http.patch(f"/v1/webhooks/{webhook['id']}", json={"enabled": True}).json()["enabled"] is True
        api.put(make_event("c", title="after"))
        titles = [each.message["data"]["title"] for each in hook.wait_for(sent + 2)[sent:]]
        assert sorted(titles) == ["after", "before"]


def test_after_a_rotation_both_secrets_verify(api: Running, hook: Receiver) -> None:
    webhook = made(api, hook)
    new = api.http.post(f"/v1/webhooks/{webhook['id']}/rotate-secret", json={}).json()["secret"]
    assert new != webhook["secret"]
    api.put(make_event("a"))
    (got,) = hook.wait_for(1)
    assert len(got.headers["webhook-signature"].split()) == 2
    for secret in (webhook["secret"], new):
        Verifier(secret).verify(got.body, got.headers)


def test_a_rotation_needs_no_body(api: Running, hook: Receiver) -> None:
    webhook = made(api, hook)
    answer = api.http.post(f"/v1/webhooks/{webhook['id']}/rotate-secret")
    assert answer.status_code == 200, answer.text
    assert answer.json()["secret"] != webhook["secret"]


def test_a_test_message_says_how_the_receiver_took_it(api: Running, hook: Receiver) -> None:
    webhook = made(api, hook)
    hook.answer = lambda number: (418, {})
    answer = api.http.post(f"/v1/webhooks/{webhook['id']}/test").json()
    assert (answer["status"], answer["outcome"]) == (418, "given-up")
    assert hook.wait_for(1)[0].message["type"] == "webhook.test"


def test_what_was_missed_is_replayed_from_a_time_on(api: Running, hook: Receiver) -> None:
    api.put(make_event("a", title="one"), make_event("b", title="two"))
    webhook = made(api, hook)
    answer = api.http.post(f"/v1/webhooks/{webhook['id']}/replay", json={"since": "2020-01-01"})
    assert answer.json() == {"queued": 2, "next_since": None}
    assert sorted(each.message["data"]["title"] for each in hook.wait_for(2)) == ["one", "two"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"since": "1970-01-01"}, 202, '"queued":1'),
        ({"since": "0001-01-01"}, 202, '"queued":1'),
        ({"since": "1900-01-01", "until": "1950-01-01"}, 202, '"queued":0'),
        ({"since": "2999-01-01"}, 202, '"queued":0'),
        ({"since": "2031-01-01", "until": "2030-01-01"}, 400, "does not lie after since"),
        ({"messages": ["chg_0-0"]}, 409, "chg_0-0"),
        ({"messages": ["chg_99999999999999999999-0"]}, 400, "not an id of this stream"),
    ],
)
def test_no_time_and_no_id_is_too_strange_for_a_replay(
    api: Running, hook: Receiver, body: Any, status: int, says: str
) -> None:
    api.put(make_event("a"))
    webhook = made(api, hook)
    answer = api.http.post(f"/v1/webhooks/{webhook['id']}/replay", json=body)
    assert answer.status_code == status, answer.text
    assert says in answer.text


def test_a_message_that_was_taken_is_not_sent_again_for_what_follows_the_answers_head(
    api: Running, hook: Receiver
) -> None:
    hook.answer = lambda number: (200, {"content-length": "5", "connection": "close"})  # and no byte of the five
    webhook = made(api, hook)
    api.put(make_event("a"))
    (attempt,) = deliveries(api, webhook, 1)
    assert (attempt["status"], attempt["outcome"]) == (200, "delivered")


def test_a_redirect_is_a_failure_and_is_not_followed(api: Running, hook: Receiver) -> None:
    hook.answer = lambda number: (302, {"location": "http://127.0.0.1:1/"})
    webhook = made(api, hook)
    api.put(make_event("a"))
    (attempt,) = deliveries(api, webhook, 1)
    assert (attempt["status"], attempt["outcome"]) == (302, "retrying")
    assert "not followed" in attempt["error"]


def test_a_private_address_is_refused_with_the_setting_that_would_permit_it(redis_url: str) -> None:
    with running_api(redis_url) as api:
        answer = api.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/x"})
    assert answer.status_code == 400
    assert "DATELINE_API_WEBHOOK_ALLOW_HOSTS" in answer.json()["errors"][0]["detail"]


def test_secrets_are_told_once_only(api: Running, hook: Receiver) -> None:
    webhook = made(api, hook)
    assert webhook["secret"].startswith("whsec_")
    for text in (api.http.get("/v1/webhooks").text, api.http.get(f"/v1/webhooks/{webhook['id']}").text):
        assert webhook["secret"] not in text


def test_of_two_replicas_one_delivers_and_the_other_takes_over(redis_url: str, hook: Receiver) -> None:
    settings: dict[str, Any] = {"webhook_allow_networks": LOOPBACK, "lease_s": 4}  # longer than any stall of a machine
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(running_api(redis_url, **settings))
        second = stack.enter_context(running_api(redis_url, prefix=first.keys.prefix, **settings))
        made(first, hook)
        first.put(*(make_event(f"event {number}") for number in range(20)))
        hook.wait_for(20)
        leading, other = (
            (first, second) if "dateline_api_delivering 1.0" in first.http.get("/metrics").text else (second, first)
        )
        leading.stop()
        for _ in range(1_000):
            if "dateline_api_delivering 1.0" in other.http.get("/metrics").text:
                break
        other.put(*(make_event(f"later {number}") for number in range(20)))
        got = hook.wait_for(40)
    assert len({each.id for each in got}) == len(got) == 40


def test_a_removed_webhook_gets_nothing_more(api: Running, hook: Receiver) -> None:
    webhook = made(api, hook)
    assert api.http.delete(f"/v1/webhooks/{webhook['id']}").status_code == 204
    assert api.http.get(f"/v1/webhooks/{webhook['id']}").status_code == 404
    assert not list(api.redis.scan_iter(f"*{webhook['id']}*"))


def test_a_page_of_another_site_may_not_make_a_webhook(api: Running, hook: Receiver) -> None:
    answer = api.http.post("/v1/webhooks", json={"url": hook.url}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/other-site")


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"url": "ftp://a.example/"}, "url"),
        ({"url": "https://a.example/", "sends": []}, "sends"),
        ({"url": "https://a.example/", "filters": {"type": "vizit"}}, "filters.type"),
        ({"url": "https://a.example/", "secret": "whsec_c2hvcnQ="}, "secret"),
        ({"url": "https://a.example/", "colour": "red"}, "colour"),
        ({"url": "https://a.example/", "filters": {"box": [1, 2, 3]}}, "filters.box"),
        ({"url": "https://a.example/", "rules": ["al_unknown"]}, "rules.0"),
        ({}, "url"),
        ([], "body"),
    ],
)
def test_a_wrong_member_is_named_with_what_it_may_be(api: Running, body: Any, member: str) -> None:
    answer = api.http.post("/v1/webhooks", json=body)
    assert answer.status_code == 400, answer.text
    assert [each["parameter"] for each in answer.json()["errors"]] == [member]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"url": "https://a.example/", "filter": {}}, "did you mean filters?"),
        ({"url": "https://a.example/", "filters": {"contry": "KEN"}}, "did you mean country?"),
        ({}, "url: is missing"),
        ([], "is a JSON object, not '[]'"),
    ],
)
def test_a_slip_in_a_body_is_answered_with_what_was_meant(api: Running, body: Any, says: str) -> None:
    assert says in api.http.post("/v1/webhooks", json=body).json()["detail"]


def test_a_body_that_is_no_json_is_a_wrong_body_and_not_one_of_another_type(api: Running) -> None:
    answer = api.http.post("/v1/webhooks", content=b"{url}", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-body")


def test_filters_of_a_body_may_be_written_as_json_has_them(api: Running, hook: Receiver) -> None:
    webhook = made(api, hook, filters={"box": [28, -5.5, 42, 6], "sample": False})
    assert webhook["filters"] == {"box": "28,-5.5,42,6", "sample": "false"}
