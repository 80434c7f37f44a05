"""Write what was fetched into WARC files, and read it back (WARC 1.1, ISO 28500:2017), with warcio.

Bodies are kept unpacked, as they were read: the headers that speak of the transfer (Content-Encoding, Content-Length,
Transfer-Encoding) are therefore kept under the names that web archives use for that. A request that brought nothing is
a metadata record, because a replay has to fail where the live run failed. Another kind of metadata record says which
articles were published, so that a replay can tell in which order those of several feeds came.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

import structlog
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.fetcher.exchange import Exchange
from services.fetcher.settings import FetcherSettings

PURPOSE: Final = "WARC-Dateline-Purpose"
PUBLISHED: Final = "urn:dateline:published"
"""Target of the records that say what was published."""
_ORIGINAL: Final = "X-Archive-Orig-"
_OF_THE_TRANSFER: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_FIELDS: Final = "application/warc-fields"


class WarcError(ValueError):
    """A file that is no WARC file. The text names it and says what to do."""


class WarcRecorder:
    """Keeps exchanges in files of ``folder``; a new file is begun when one has ``max_bytes``."""

    def __init__(self, folder: Path, software: str, max_bytes: int, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._software = software
        self._max_bytes = max_bytes
        self._now = now
        self._file: BinaryIO | None = None
        self._writer: Any = None
        self._serial = 0
        self._log = structlog.get_logger("fetcher")

    def record(self, exchange: Exchange) -> None:
        """Keep one exchange. What cannot be written is told in the log and left out."""
        try:
            writer = self._open()
            for record in _records(writer, exchange):
                writer.write_record(record)
            if self._file is not None:
                self._file.flush()  # a kill loses nothing that came before
        except (OSError, ValueError) as error:
            self._log.error("not captured", url=exchange.url, reason=str(error), folder=str(self._folder))

    def published(self, ids: Sequence[str]) -> None:
        """Note that messages of these ids have been published, in this order. Never raises."""
        try:
            writer = self._open()
            fields = "".join(f"published: {name}\r\n" for name in ids).encode()
            about = {"WARC-Date": _date(self._now())}
            writer.write_record(
                writer.create_warc_record(
                    PUBLISHED, "metadata", payload=BytesIO(fields), warc_content_type=_FIELDS, warc_headers_dict=about
                )
            )
            if self._file is not None:
                self._file.flush()
        except (OSError, ValueError) as error:
            self._log.error("not captured", url=PUBLISHED, reason=str(error), folder=str(self._folder))

    def close(self) -> None:
        """End the file that is open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> Any:
        if self._file is not None and self._file.tell() >= self._max_bytes:
            self.close()
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._serial += 1
            name = f"dateline-{self._now():%Y%m%d%H%M%S}-{os.getpid()}-{self._serial:05}.warc.gz"
            self._file = (self._folder / name).open("ab")
            self._writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
            self._writer.write_record(
                self._writer.create_warcinfo_record(
                    name, {"software": self._software, "format": "WARC File Format 1.1"}
                )
            )
        return self._writer


def recorder_of(settings: FetcherSettings, now: Callable[[], datetime]) -> WarcRecorder | None:
    """Return what keeps the exchanges of a fetcher with these settings; None where they are not to be kept."""
    if settings.warc_folder is None:
        return None
    return WarcRecorder(settings.warc_folder, settings.user_agent, settings.warc_max_bytes, now)


@dataclass(frozen=True, slots=True)
class Published:
    """What was published at some moment of a capture."""

    at: datetime
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    at: datetime
    path: Path
    offset: int


class Capture:
    """What WARC files hold, in the order of time whichever file it is in. Read twice, once to know what is where and
    once to give it out, so that no more than one answer is in memory at a time.

    Raises WarcError, OSError.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.requests: Counter[str] = Counter()
        """How often each address was asked."""
        self.published: set[str] = set()
        """Ids of the messages that the capture says were published."""
        self._places: list[_Place] = []
        for path in paths:
            for offset, found in _located(path):
                self._places.append(_Place(found.at, path, offset))
                if isinstance(found, Published):
                    self.published.update(found.ids)
                else:
                    self.requests[found.url] += 1
        self._places.sort(key=lambda place: place.at)

    @property
    def begins_at(self) -> datetime | None:
        """When the first of it came; None where there is nothing."""
        return self._places[0].at if self._places else None

    def __iter__(self) -> Iterator[Exchange | Published]:
        with ExitStack() as files:
            opened: dict[Path, BinaryIO] = {}
            for place in self._places:
                file = opened.get(place.path) or files.enter_context(place.path.open("rb"))
                opened[place.path] = file
                file.seek(place.offset)
                found = _found(next(iter(ArchiveIterator(file))))
                if found is not None:
                    yield found


def _located(path: Path) -> Iterator[tuple[int, Exchange | Published]]:
    """Yield what a file holds and where it stands. A record that a kill cut off ends it; raises WarcError, OSError."""
    with path.open("rb") as file:
        any_record = False
        try:
            records = ArchiveIterator(file)
            for record in records:
                any_record = True
                found = _found(record)
                offset = records.get_record_offset()  # known only once the record has been read
                if found is not None:
                    yield offset, found
        except (ArchiveLoadFailed, EOFError, ValueError) as error:
            if not any_record:
                raise WarcError(
                    f"{path} is no WARC file ({str(error).strip()[:200]}): name a .warc or .warc.gz"
                ) from error


def _records(writer: Any, exchange: Exchange) -> Iterator[Any]:
    about = {"WARC-Date": _date(exchange.at), PURPOSE: exchange.purpose}
    if exchange.error is not None:
        kind, text = exchange.error
        fields = f"fetchError: {kind}\r\nmessage: {' '.join(text.split())}\r\n".encode()
        yield writer.create_warc_record(
            exchange.url, "metadata", payload=BytesIO(fields), warc_content_type=_FIELDS, warc_headers_dict=about
        )
        return
    if not exchange.whole:
        about["WARC-Truncated"] = "disconnect"
    headers = [
        (_ORIGINAL + name if name.lower() in _OF_THE_TRANSFER else name, value) for name, value in exchange.headers
    ]
    response = writer.create_warc_record(
        exchange.url,
        "response",
        payload=BytesIO(exchange.body),
        http_headers=StatusAndHeaders(
            str(exchange.status), [*headers, ("Content-Length", str(len(exchange.body)))], protocol="HTTP/1.1"
        ),
        warc_headers_dict=about,
    )
    target = exchange.url.split("/", 3)
    request = writer.create_warc_record(
        exchange.url,
        "request",
        http_headers=StatusAndHeaders(
            f"GET /{target[3] if len(target) > 3 else ''} HTTP/1.1", list(exchange.request), is_http_request=True
        ),
        warc_headers_dict={
            "WARC-Date": _date(exchange.at),
            "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
        },
    )
    yield request
    yield response


def _found(record: Any) -> Exchange | Published | None:
    """What a record says; None for requests and everything that Dateline does not write."""
    about = record.rec_headers
    url, at = about.get_header("WARC-Target-URI"), about.get_header("WARC-Date")
    if record.rec_type not in ("response", "metadata") or not url or not at:
        return None
    purpose, seen_at = about.get_header(PURPOSE) or "page", _instant(at)
    if record.rec_type == "metadata":
        text = record.content_stream().read().decode("utf-8", "replace")
        if url == PUBLISHED:
            return Published(seen_at, tuple(line.removeprefix("published: ") for line in text.splitlines()))
        fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
        if "fetchError" not in fields:
            return None
        return Exchange(url, purpose, seen_at, error=(fields["fetchError"], fields.get("message", "")))
    if record.http_headers is None or not record.http_headers.get_statuscode().isdigit():
        return None
    body = record.content_stream().read()
    return Exchange(
        url,
        purpose,
        seen_at,
        status=int(record.http_headers.get_statuscode()),
        headers=list(record.http_headers.headers),
        body=body,
        whole=about.get_header("WARC-Truncated") != "disconnect",
    )


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
