"""How fast changes reach webhooks, and how fast alert rules judge them: Valkey, API and receivers on one machine.

Rates of judging are per second of CPU time, so that a busy machine does not change them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx

from services.api.alert_rules import Judge, Rule
from services.api.change_filters import ChangeFilters, change_selection
from services.api.changes import read_entry
from services.cache.projection import project
from services.cache.service import build
from tests.bench.serving import _api, _quantile
from tests.integration.valkey_fixture import valkey
from tests.unit.cache.events import START, as_message, make_event

WEBHOOKS: Final = 20
CHANGES: Final = 200
PACED: Final = 60
PACE_S: Final = 0.1
RULES: Final = 200
JUDGED: Final = 500
WHEN: Final = {
    "all": [
        {"field": "status", "becomes": "occurred"},
        {"field": "sources", "gte": 3},
        {"field": "country", "is": "UKR"},
        {"not": {"field": "title", "contains": "exercise"}},
    ]
}


def benchmark() -> Iterator[dict[str, Any]]:
    """Yield deliveries/s to webhooks, time from change to receiver, judgements and selections/s."""
    yield from judging()
    with valkey() as redis_url:
        os.environ["DATELINE_API_WEBHOOK_ALLOW_NETWORKS"] = "127.0.0.0/8"
        with _api(redis_url) as (port, _), _receivers() as (url, arrived):
            yield from delivering(redis_url, port, url, arrived)


def judging() -> Iterator[dict[str, Any]]:
    """Yield how many (rule, change) and (filter, change) pairs a second of CPU decides."""
    entries = [
        read_entry(b"%d-0" % number, project(make_event(f"event {number}", status="occurred")).changes[0])
        for number in range(1, JUDGED + 1)
    ]
    judges = [Judge(Rule(f"r{number}", "n", WHEN, 0, (0, 0))) for number in range(RULES)]
    began = time.process_time()
    for entry in entries:
        for judge in judges:
            judge.judge(entry, lambda _: False)
    rate = len(entries) * len(judges) / (time.process_time() - began)
    selection = change_selection(ChangeFilters.model_validate({"country": "UKR", "min_sources": 2, "q": "accord"}))
    began = time.process_time()
    for _ in range(RULES):
        for entry in entries:
            selection.takes(entry.facets)
    chosen = len(entries) * RULES / (time.process_time() - began)
    yield {"name": "alerts.judged_per_cpu_s", "value": round(rate), "unit": "pairs of rule and change"}
    yield {"name": "filters.chosen_per_cpu_s", "value": round(chosen), "unit": "pairs of filter and change"}


class _Arrivals:
    """When each change came to each webhook."""

    def __init__(self) -> None:
        self.times: list[tuple[bytes, float]] = []
        self.more = threading.Condition()

    def wait_for(self, count: int) -> float:
        with self.more:
            assert self.more.wait_for(lambda: len(self.times) >= count, 300)
        return time.perf_counter()


class _receivers:
    """A server that takes everything."""

    def __enter__(self) -> tuple[str, _Arrivals]:
        arrived = _Arrivals()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with arrived.more:
                    arrived.times.append((body, time.perf_counter()))
                    arrived.more.notify_all()
                self.send_response(204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}/", arrived

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def delivering(redis_url: str, port: int, url: str, arrived: _Arrivals) -> Iterator[dict[str, Any]]:
    """Yield deliveries/s of a burst, and the time from a change's writing to a receiver at a steady pace."""
    for number in range(WEBHOOKS):
        made = httpx.post(f"http://127.0.0.1:{port}/v1/webhooks", json={"url": f"{url}{number}"})
        assert made.status_code == 201, made.text
    cache = build(redis_url)
    cache.write([as_message(make_event("warm"))], START)
    arrived.wait_for(WEBHOOKS)
    began = time.perf_counter()
    cache.write([as_message(make_event(f"burst {number}")) for number in range(CHANGES)], START)
    ended = arrived.wait_for(WEBHOOKS * (1 + CHANGES))
    yield {
        "name": f"webhooks.deliveries_per_s.{WEBHOOKS}",
        "value": round(WEBHOOKS * CHANGES / (ended - began)),
        "unit": f"messages/s, {CHANGES} changes at once to {WEBHOOKS} webhooks, receivers in Python on the same cores",
    }
    sent: dict[bytes, float] = {}
    before = len(arrived.times)
    for number in range(PACED):
        mark = b'"title":"paced %d"' % number
        sent[mark] = time.perf_counter()
        cache.write([as_message(make_event(f"paced {number}", title=f"paced {number}"))], START)
        time.sleep(PACE_S)
    arrived.wait_for(before + WEBHOOKS * PACED)
    latencies = [at - next(sent[mark] for mark in sent if mark in body) for body, at in arrived.times[before:]]
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        yield {
            "name": f"webhooks.delivery_ms_to_{WEBHOOKS}.{name}",
            "value": round(_quantile(latencies, share) * 1_000, 1),
            "unit": f"ms from before the cache write to the receiver, {1 / PACE_S:.0f} changes/s",
        }


if __name__ == "__main__":
    for figure in benchmark():
        print(figure)
