"""kill -9 of the process that delivers webhooks and evaluates alert rules."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from redis import Redis

from services.cache.service import build
from services.contracts.redis_model import DEFAULT_PREFIX, Keys
from tests.conftest import REPO
from tests.integration.valkey_fixture import valkey
from tests.integration.webhook_receiver import receiver
from tests.unit.cache.events import START, as_message, make_event

SERVE = (
    "import socket, sys; from services.api import service; from services.api.settings import Settings; "
    "listen = service._listen; service._listen = lambda *where: tell(listen(*where));\n"
    "def tell(listening):\n    print(listening.getsockname()[1], flush=True)\n    return listening\n"
    "service.serve(Settings(port=0))"
)
EVENTS = 60


@dataclass
class Process:
    """An API as a process of its own."""

    process: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


@contextmanager
def api_process(redis_url: str) -> Iterator[Process]:
    environment = {
        **os.environ,
        "DATELINE_API_REDIS_URL": redis_url,
        "DATELINE_API_WEBHOOK_ALLOW_NETWORKS": "127.0.0.0/8",
        "DATELINE_API_LEASE_S": "1",
    }
    process = subprocess.Popen([sys.executable, "-c", SERVE], cwd=REPO, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield Process(process, f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(30)


def test_killed_in_the_middle_of_its_deliveries_it_loses_nothing_and_fires_each_alert_once() -> None:
    with valkey() as redis_url, Redis.from_url(redis_url) as redis, receiver() as hook:
        cache = build(redis_url)
        with api_process(redis_url) as api:
            wanted = {"url": hook.url, "sends": ["changes", "alerts"]}
            assert httpx.post(f"{api.url}/v1/webhooks", json=wanted).status_code == 201
            rule = {"name": "denied", "when": {"field": "status", "is": "denied"}}
            assert httpx.post(f"{api.url}/v1/alerts", json=rule).status_code == 201
            for number in range(EVENTS):
                status = "denied" if number % 3 == 0 else "agreed"
                assert cache.write([as_message(make_event(f"e {number}", status=status))], START) == [None]
                if number == EVENTS // 2:
                    hook.wait_for(5)
                    api.kill()
        with api_process(redis_url):
            changes = {"chg_" + entry.decode() for entry, _ in redis.xrange(Keys(DEFAULT_PREFIX).changes)}
            assert len(changes) == EVENTS
            hook.wait_for(EVENTS + EVENTS // 3)
            with hook.came:
                complete = hook.came.wait_for(lambda: len(ids(hook.received)) >= EVENTS + EVENTS // 3, 60)
            assert complete
            received = list(hook.received)
        assert {each for each in ids(received) if each.startswith("chg_")} == changes
        alerts = {each.id: each.message["data"]["change"]["event_id"] for each in received if each.id[:4] == "alr_"}
        assert len(alerts) == len(set(alerts.values())) == EVENTS // 3


def ids(received: list) -> set[str]:  # type: ignore[type-arg]
    """The ids of messages, each once."""
    return {each.id for each in received}
