"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
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


class AsyncClient:
    """Asks one server. Use it as ``async with AsyncClient(url) as dateline``; methods as those of ``Client``."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8080",
        *,
        api_key: str = "",
        timeout_s: float = 30.0,
        silence_s: float = 60.0,
    ) -> None:
        """``silence_s``: a stream that says nothing for so long, no heartbeat even, is connected to again."""
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=headers(api_key), timeout=timeout_s, follow_redirects=True
        )
        self._stream_timeout = httpx.Timeout(timeout_s, read=silence_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def events(self, **filters: Unpack[ListQuery]) -> AsyncIterator[Event]:
        """Yield all events that pass the filters, or the first ``limit`` of them, page by page.

        Raises ApiError, ConnectionLost.
        """
        left = filters.pop("limit", None)
        query, cursor = [*parameters(filters), ("limit", str(page_size(left)))], ""
        while True:
            page = await self._get("/v1/events", [*query, ("cursor", cursor)])
            for event in page["events"][:left]:
                yield Event.from_json(event)
            cursor = page["next_cursor"] or ""
            left = None if left is None else left - len(page["events"])
            if not cursor or (left is not None and left <= 0):
                return

    async def event(self, event_id: str, *, as_of: Moment | None = None) -> Event:
        """Return one event with its evidence, as it stands or stood; of one that was merged, the event it was merged
        into.
        """
        return Event.from_json(await self._get(f"/v1/events/{quote(event_id, safe='')}", parameters({"as_of": as_of})))

    async def history(self, event_id: str, *, as_of: Moment | None = None) -> list[PastChange]:
        """Return the changes of one event that are kept, or those up to a moment, the oldest first."""
        path = f"/v1/events/{quote(event_id, safe='')}/history"
        answer = await self._get(path, parameters({"as_of": as_of}))
        return [PastChange.from_json(each) for each in answer["changes"]]

    async def position(self) -> str:
        """Return where the stream of changes stands now: pass it as ``after``."""
        return str((await self._get("/v1/events", [("limit", "1"), ("view", "summary")]))["position"])

    def changes(
        self, *, after: str = "", on_reset: OnReset = log_reset, **filters: Unpack[ChangeQuery]
    ) -> AsyncGenerator[Change]:
        """Yield changes as they happen, for ever, each once, over lost connections."""
        follower = Follower("change", Change.from_json, after, on_reset)
        return self._follow("/v1/changes", parameters(filters), follower)

    def alerts(self, *, rule: Texts = (), after: str = "", on_reset: OnReset = log_reset) -> AsyncGenerator[Alert]:
        """Yield alerts as they fire, as ``changes`` does."""
        follower = Follower("alert", Alert.from_json, after, on_reset)
        return self._follow("/v1/alerts/stream", parameters({"rule": rule}), follower)

    async def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Make any other request, such as those of /v1/webhooks and /v1/alerts, and return its JSON (None: no body)."""
        try:
            answer = await self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ConnectionLost(f"{self._http.base_url} cannot be reached: {error}") from error
        check(answer)
        return answer.json() if answer.content else None

    async def _get(self, path: str, query: Parameters) -> Any:
        try:
            answer = await self._http.get(path, params=[(name, value) for name, value in query if value])
        except httpx.HTTPError as error:
            raise ConnectionLost(f"{self._http.base_url} cannot be reached: {error}") from error
        check(answer)
        return answer.json()

    async def _follow(self, path: str, query: Parameters, follower: Follower[Item]) -> AsyncGenerator[Item]:
        stood = False
        while True:
            asked_s: float | None = None
            try:
                async with self._http.stream(
                    "GET", path, params=query, headers=follower.headers, timeout=self._stream_timeout
                ) as answer:
                    if not answer.is_success:
                        await answer.aread()
                        check(answer)
                    follower.connected()
                    stood = True
                    async with aclosing(answer.aiter_bytes()) as pieces:  # type: ignore[type-var]  # is a generator
                        async for data in pieces:
                            for item in follower.feed(data):
                                yield item
            except ApiError as error:
                if not error.passes:
                    raise
                asked_s = error.retry_after_s
            except httpx.HTTPError as error:
                if not stood:
                    raise ConnectionLost(f"{self._http.base_url} cannot be reached: {error}") from error
            await asyncio.sleep(follower.wait_s(asked_s))
