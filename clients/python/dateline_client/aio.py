"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self, Unpack

import httpx

from dateline_client.client import PAGE
from dateline_client.errors import ApiError, ConnectionLost
from dateline_client.models import Alert, Change, Event
from dateline_client.query import ChangeQuery, ListQuery, Parameters, Texts, check, headers, parameters
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
        """Yield all events that pass the filters, page by page. Raises ApiError, ConnectionLost."""
        cursor = ""
        while True:
            page = await self._get("/v1/events", [*parameters(filters), ("limit", str(PAGE)), ("cursor", cursor)])
            for event in page["events"]:
                yield Event.from_json(event)
            cursor = page["next_cursor"] or ""
            if not cursor:
                return

    async def event(self, event_id: str) -> Event:
        """Return one event with its evidence; of one that was merged, the event it was merged into."""
        return Event.from_json(await self._get(f"/v1/events/{event_id}", []))

    async def position(self) -> str:
        """Return where the stream of changes stands now: pass it as ``after``."""
        return str((await self._get("/v1/events", [("limit", "1"), ("view", "summary")]))["position"])

    async def changes(
        self, *, after: str = "", on_reset: OnReset = log_reset, **filters: Unpack[ChangeQuery]
    ) -> AsyncIterator[Change]:
        """Yield changes as they happen, for ever, each once, over lost connections."""
        follower = Follower("change", Change.from_json, after, on_reset)
        async for change in self._follow("/v1/changes", parameters(filters), follower):
            yield change

    async def alerts(self, *, rule: Texts = (), after: str = "", on_reset: OnReset = log_reset) -> AsyncIterator[Alert]:
        """Yield alerts as they fire, as ``changes`` does."""
        follower = Follower("alert", Alert.from_json, after, on_reset)
        async for alert in self._follow("/v1/alerts/stream", parameters({"rule": rule}), follower):
            yield alert

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

    async def _follow(self, path: str, query: Parameters, follower: Follower[Item]) -> AsyncIterator[Item]:
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
                    async for data in answer.aiter_bytes():
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
