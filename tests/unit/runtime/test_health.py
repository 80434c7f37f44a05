"""Health over a real socket: live, ready, metrics, and a clear answer for everything else."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from services.runtime.health import STUCK_AFTER_S, Pulse, serve_health


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Probe:
    """A served pulse and who asks it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pulse = Pulse(self.clock)
        self.server = serve_health(self.pulse, 0)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.server.server_port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe()
    yield probe
    probe.server.shutdown()
    probe.server.server_close()


def test_a_process_that_starts_is_live_but_not_ready(probe: Probe) -> None:
    assert probe.get("/healthz") == (200, '{"status":"ok"}')
    status, body = probe.get("/readyz")
    assert (status, json.loads(body)) == (503, {"status": "failing", "problem": "starting"})


def test_a_process_that_works_is_ready(probe: Probe) -> None:
    probe.pulse.ready()
    assert probe.get("/readyz") == (200, '{"status":"ok"}')


def test_a_process_that_cannot_work_says_why_and_stays_live(probe: Probe) -> None:
    probe.pulse.ready()
    probe.pulse.not_ready("the log does not answer")
    assert probe.get("/readyz")[0] == 503
    assert json.loads(probe.get("/readyz")[1])["problem"] == "the log does not answer"
    assert probe.get("/healthz")[0] == 200


def test_a_loop_that_hangs_is_neither_live_nor_ready(probe: Probe) -> None:
    probe.pulse.ready()
    probe.clock.now += STUCK_AFTER_S + 5
    for path in ("/healthz", "/readyz"):
        status, body = probe.get(path)
        assert status == 503
        assert json.loads(body)["problem"] == f"the loop has not turned for {STUCK_AFTER_S + 5:.0f} s"


def test_a_loop_that_turns_again_is_live_again(probe: Probe) -> None:
    probe.clock.now += STUCK_AFTER_S + 5
    probe.pulse.turn()
    assert probe.get("/healthz")[0] == 200


def test_a_loop_may_take_its_time_up_to_the_limit(probe: Probe) -> None:
    probe.clock.now += STUCK_AFTER_S
    assert probe.get("/healthz")[0] == 200


def test_metrics_are_prometheus_text(probe: Probe) -> None:
    status, body = probe.get("/metrics")
    assert status == 200
    assert "# HELP python_info" in body


@pytest.mark.parametrize(("accepts", "packed"), [("gzip", True), ("gzip;q=0", False), ("identity, *;q=0", False)])
def test_metrics_are_packed_for_who_takes_it(probe: Probe, accepts: str, packed: bool) -> None:
    address = f"http://127.0.0.1:{probe.server.server_port}/metrics"
    request = urllib.request.Request(address, headers={"Accept-Encoding": accepts})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert (answer.headers["Content-Encoding"] == "gzip") is packed


def test_any_other_path_is_told_what_there_is(probe: Probe) -> None:
    assert probe.get("/health") == (404, "Not here. There is /healthz, /readyz and /metrics.\n")


def test_a_slow_probe_does_not_block_the_next(probe: Probe) -> None:
    with socket.create_connection(("127.0.0.1", probe.server.server_port)) as slow:
        slow.sendall(b"GET /healthz")
        assert probe.get("/healthz")[0] == 200


def test_a_taken_port_is_an_error_at_once(probe: Probe) -> None:
    with pytest.raises(OSError, match="in use"):
        serve_health(Pulse(), probe.server.server_port)


def test_readiness_is_a_metric_too(probe: Probe) -> None:
    probe.pulse.not_ready("the log is away")
    assert "dateline_ready 0.0" in probe.get("/metrics")[1]
    probe.pulse.ready()
    assert "dateline_ready 1.0" in probe.get("/metrics")[1]
