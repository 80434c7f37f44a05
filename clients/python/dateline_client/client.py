"""The client for ordinary code; ``aio`` has the same for asyncio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, Unpack
from urllib.parse import quote

import httpx

from dateline_client.errors import ApiError, ConnectionLost
from dateline_client.models import Alert, Change, Event, PastChange
from dateline_client.query import (
    ChangeQuery,
    ListQuery,
    Moment,
    Parameters,
    Texts,
    check,
    headers,
    page_size,
    parameters,
)
from dateline_client.stream import Follower, Item, OnReset, log_reset


class Client:
    """Asks one server. Use it as ``with Client(url) as dateline``."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8080",
        *,
        api_key: str = "",
        timeout_s: float = 30.0,
        silence_s: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``silence_s``: a stream that says nothing for so long, no heartbeat even, is connected to again."""
        self._http = httpx.Client(base_url=base_url, headers=headers(api_key), timeout=timeout_s, follow_redirects=True)
        self._stream_timeout = httpx.Timeout(timeout_s, read=silence_s)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def events(self, **filters: Unpack[ListQuery]) -> Iterator[Event]:
        """Yield all events that pass the filters, or the first ``limit`` of them, page by page.

        Raises ApiError, ConnectionLost.
        """
        left = filters.pop("limit", None)
        query, cursor = [*parameters(filters), ("limit", str(page_size(left)))], ""
        while True:
            page = self._get("/v1/events", [*query, ("cursor", cursor)])
            yield from map(Event.from_json, page["events"][:left])
            cursor = page["next_cursor"] or ""
            left = None if left is None else left - len(page["events"])
            if not cursor or (left is not None and left <= 0):
                return

    def event(self, event_id: str, *, as_of: Moment | None = None) -> Event:
        """Return one event with its evidence, as it stands or stood; of one that was merged, the event it was merged
        into.
        """
        return Event.from_json(self._get(f"/v1/events/{quote(event_id, safe='')}", parameters({"as_of": as_of})))

    def history(self, event_id: str, *, as_of: Moment | None = None) -> list[PastChange]:
        """Return the changes of one event that are kept, or those up to a moment, the oldest first."""
        path = f"/v1/events/{quote(event_id, safe='')}/history"
        return [PastChange.from_json(each) for each in self._get(path, parameters({"as_of": as_of}))["changes"]]

    def position(self) -> str:
        """Return where the stream of changes stands now: pass it as ``after``."""
        return str(self._get("/v1/events", [("limit", "1"), ("view", "summary")])["position"])

    def changes(
        self, *, after: str = "", on_reset: OnReset = log_reset, **filters: Unpack[ChangeQuery]
    ) -> Iterator[Change]:
        """Yield changes as they happen, for ever, each once, over lost connections.

        ``after`` goes on after a position of an earlier change; else it begins now. Raises ConnectionLost where the
        server never answered, ApiError where it refuses.
        """
        follower = Follower("change", Change.from_json, after, on_reset)
        yield from self._follow("/v1/changes", parameters(filters), follower)

    def alerts(self, *, rule: Texts = (), after: str = "", on_reset: OnReset = log_reset) -> Iterator[Alert]:
        """Yield alerts as they fire, as ``changes`` does."""
        follower = Follower("alert", Alert.from_json, after, on_reset)
        yield from self._follow("/v1/alerts/stream", parameters({"rule": rule}), follower)

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Make any other request, such as those of /v1/webhooks and /v1/alerts, and return its JSON (None: no body)."""
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ConnectionLost(f"{self._http.base_url} cannot be reached: {error}") from error
        check(answer)
        return answer.json() if answer.content else None

    def _get(self, path: str, query: Parameters) -> Any:
        try:
            answer = self._http.get(path, params=[(name, value) for name, value in query if value])
        except httpx.HTTPError as error:
            raise ConnectionLost(f"{self._http.base_url} cannot be reached: {error}") from error
        check(answer)
        return answer.json()

    def _follow(self, path: str, query: Parameters, follower: Follower[Item]) -> Iterator[Item]:
        stood = False
        while True:
            asked_s: float | None = None
            try:
                with self._http.stream(
                    "GET", path, params=query, headers=follower.headers, timeout=self._stream_timeout
                ) as answer:
                    if not answer.is_success:
                        answer.read()
                        check(answer)
                    follower.connected()
                    stood = True
                    for data in answer.iter_bytes():
                        yield from follower.feed(data)
            except ApiError as error:
                if not error.passes:
                    raise
                asked_s = error.retry_after_s
            except httpx.HTTPError as error:
                if not stood:
                    raise ConnectionLost(f"{self._http.base_url} cannot be reached: {error}") from error
            self._sleep(follower.wait_s(asked_s))
