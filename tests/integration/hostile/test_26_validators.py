"""Hostile inputs 26: 304 with a body, 304 that was not asked for, odd validators, an ETag that lies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.integration.fetcher_site import Reply, Request, running_site
from tests.integration.fetcher_world import Ledger, fetching, item, record, rss
from tests.integration.virtual_time import START, now, virtual_time


@virtual_time
async def test_a_body_after_304_is_ignored_and_its_connection_closed() -> None:
    async with running_site() as site:
        evil = rss(item(site, "evil"))

        async def answer(writer: asyncio.StreamWriter) -> None:
            if len(site.requests) == 1:
                body = rss(item(site, 1))
                writer.write(b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
            else:
                head = b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n" % len(evil)
                writer.write(head + evil + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                await writer.drain()
            await writer.drain()

        site.answers["/feed"] = answer
        async with fetching(site, ledger := Ledger(), "/feed") as fetcher:
            await asyncio.sleep(12 * 3600)
            known = record(fetcher, site.url("/feed"))
    assert len(site.requests) >= 3
    assert ledger.titles() == ["Story 1"]
    assert (known.last_status, known.last_error) == (304, "")


@virtual_time
async def test_304_that_was_not_asked_for_is_an_error_and_marks_nothing_as_read() -> None:
    async with running_site() as site:
        site.answers["/feed"] = Reply(status=304, headers={"ETag": '"a"'})
        async with fetching(site, ledger := Ledger(), "/feed") as fetcher:
            await asyncio.sleep(200)
            known = record(fetcher, site.url("/feed"))
            assert "though it was asked unconditionally" in known.last_error
            assert not known.validators
            site.feed("/feed", rss(item(site, 1)))
            await asyncio.sleep(1000)
    assert ledger.titles() == ["Story 1"]


@pytest.mark.parametrize("etag", ['W/"weak"', "unquoted", '""', "W/unquoted", '"a" ', '"a\tb"', "x" * 900])
@pytest.mark.parametrize("modified", ["garbage", "", "Thu, 01 Jan 1970 00:00:00 GMT", "0"])
@virtual_time
async def test_odd_validators_go_back_byte_for_byte(etag: str, modified: str) -> None:
    async with running_site() as site:
        body = rss(item(site, 1))
        headers = {"ETag": etag, **({"Last-Modified": modified} if modified else {})}
        site.answers["/feed"] = lambda _: Reply(body, headers=headers)
        async with fetching(site, Ledger(), "/feed"):
            await asyncio.sleep(4 * 3600)
    second = site.requests[1].headers
    # White space around a value is no part of it (RFC 9110, section 5.5); a tab within cannot be sent everywhere.
    assert second.get("if-none-match", "") == ("" if "\t" in etag else etag.strip())
    assert second.get("if-modified-since", "") == modified


@virtual_time
async def test_an_etag_that_lies_is_found_out_by_the_audit() -> None:
    async with running_site() as site:

        def lie(request: Request) -> Reply:
            if "if-none-match" in request.headers:
                return Reply(status=304)
            return Reply(rss(item(site, 1 if now() < START + timedelta(minutes=5) else 2)), headers={"ETag": '"same"'})

        site.answers["/feed"] = lie
        async with fetching(site, ledger := Ledger(), "/feed", audit_interval_s=86_400.0, max_interval_s=3600.0):
            await asyncio.sleep(86_400 + 2 * 3600)
    assert ledger.titles() == ["Story 1", "Story 2"]
