"""Keys, scopes and rates of the API, with keys that the command line made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from services.cli import main
from services.contracts.redis_model import DEFAULT_PREFIX
from tests.integration.api_fixture import Running, running_api
from tests.integration.valkey_fixture import valkey


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def api(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("DATELINE_REDIS_URL", redis_url)
    with running_api(redis_url, keys="on", prefix=DEFAULT_PREFIX) as running:
        running.redis.flushall()
        yield running


def keys(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["keys", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def asked(api: Running, path: str, key: str) -> int:
    return api.http.get(path, headers={"Authorization": f"Bearer {key}"} if key else {}).status_code


def test_without_a_key_one_is_told_how_to_send_it(api: Running) -> None:
    answer = api.http.get("/v1/events")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-needed")
    assert "dateline keys add" in answer.json()["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_opens_what_its_scopes_name_and_nothing_else(api: Running) -> None:
    key = keys("add", "reader", "--scope", "read")
    assert asked(api, "/v1/events", key) == 200
    refused = api.http.get("/v1/changes", headers={"Authorization": f"Bearer {key}"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/scope-missing")
    assert "needs subscribe" in refused.json()["detail"]


def test_a_browser_sends_the_key_as_password(api: Running) -> None:
    assert api.http.get("/", auth=("anybody", keys("add", "browser"))).status_code == 200


def test_a_wrong_secret_under_a_right_id_is_refused(api: Running) -> None:
    key = keys("add", "reader")
    assert asked(api, "/v1/events", key[:-1] + ("A" if key[-1] != "A" else "B")) == 401


def test_a_revoked_key_is_refused_at_once(api: Running) -> None:
    key = keys("add", "reader")
    assert asked(api, "/v1/events", key) == 200
    keys("revoke", key.split("_")[1])
    assert asked(api, "/v1/events", key) == 401


def test_who_asks_too_often_is_told_how_long_to_wait(api: Running) -> None:
    headers = {"Authorization": f"Bearer {keys('add', 'eager', '--per-minute', '2')}"}
    first = api.http.get("/v1/types", headers=headers)
    assert first.headers["ratelimit-policy"] == '"key";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"key";r=1;t=')
    api.http.get("/v1/types", headers=headers)
    third = api.http.get("/v1/types", headers=headers)
    assert (third.status_code, third.json()["type"]) == (429, "/problems/too-many-requests")
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert third.headers["ratelimit"].startswith('"key";r=0;')


def test_probes_and_the_description_need_no_key(api: Running) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/problems/key-needed"):
        assert asked(api, path, "") == 200


def test_keys_are_listed_without_their_secrets(api: Running) -> None:
    key = keys("add", "the newsroom", "--scope", "admin")
    listed = keys("list")
    assert key.split("_")[1] in listed
    assert "the newsroom" in listed
    assert key.split("_", 2)[2] not in listed


def test_revoking_what_is_no_key_is_told(api: Running) -> None:
    result = CliRunner().invoke(main, ["keys", "revoke", "00000000"])
    assert (result.exit_code, "dateline keys list" in result.stderr) == (1, True)
