"""Read one document in a process of its own and tell what that cost: hostile input must not be measured in the tests'
own process, which it could fill or stop."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://news.example/feed.xml"


@dataclass(frozen=True)
class Read:
    """What a document gave, and what it cost beyond an empty one."""

    titles: list[str]
    guids: list[str]
    total: int
    refused: str
    cpu_s: float
    grown_mb: float


def read_apart(document: bytes, kind: str = "feed") -> Read:
    """Return what reading ``document`` as a feed or a page gave. Fails where the process ends by itself."""
    run = subprocess.run(
        [sys.executable, __file__, kind],
        input=document,
        capture_output=True,
        timeout=300,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    return Read(**json.loads(run.stdout))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _main(kind: str) -> None:
    from services.fetcher.reading_worker import answer

    document = sys.stdin.buffer.read()
    header: dict[str, Any] = {"kind": kind, "content_type": "", "url": URL, "now": NOW.isoformat()}
    empty = (
        b"<rss><channel><title>t</title></channel></rss>" if kind == "feed" else b"<html><body><p>a</p></body></html>"
    )
    answer(header, empty)  # what is loaded only once does not count
    cpu_s, peak_mb = _cpu_s(), _peak_mb()
    found = answer(header, document)
    feed = found.get("feed")
    print(
        json.dumps(
            {
                "titles": [item.title for item in feed.items]
                if feed
                else [found["page"].title]
                if "page" in found
                else [],
                "guids": [item.guid for item in feed.items] if feed else [],
                "total": feed.items_total if feed else 0,
                "refused": found.get("refused", ""),
                "cpu_s": _cpu_s() - cpu_s,
                "grown_mb": _peak_mb() - peak_mb,
            }
        )
    )


if __name__ == "__main__":
    _main(sys.argv[1])
