"""`dateline feeds`: the user's list of feeds. A running fetcher takes up changes within seconds."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from services.cli.address import api_address, api_option, get_json
from services.cli.environment import command_settings, from_environment
from services.cli.feed_progress import follow
from services.cli.feed_words import told_feed
from services.cli.subscriptions import own_list, read_list, subscribed_feeds, write_list
from services.fetcher.opml import OpmlError, read_opml, write_opml
from services.fetcher.settings import FetcherSettings
from services.fetcher.subscriptions import Subscription, valid_feed_url
from services.fetcher.web_address import names_a_document

if TYPE_CHECKING:
    from services.fetcher.check import FeedCheck


@click.group("feeds")
def command() -> None:
    """Add, list, import, export and check feeds.

    The list is feeds.opml in the data folder (DATELINE_DATA, default ./data).
    """


def _own() -> Path:
    return own_list(command_settings().data)


def _read(path: Path) -> list[Subscription]:
    try:
        return read_list(path)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _write(path: Path, feeds: list[Subscription]) -> None:
    try:
        write_list(path, feeds)
    except OSError as error:
        raise click.ClickException(str(error)) from error


@command.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--title", default="", help="A name for it; the feed's own title where left out.")
@click.option("--category", default="", help='Where it stands in the list, such as "Region/Africa".')
@click.option("--site", is_flag=True, help="The addresses are those of pages whose feeds are to be found.")
@click.option("--all", "every", is_flag=True, help="Of a site that has several feeds add all, not only the first.")
def add(urls: tuple[str, ...], title: str, category: str, site: bool, every: bool) -> None:
    """Add feeds by their addresses, or by the address of a site.

    The front page of a site ("example.org") is asked for its feeds; --site does the same with any page. Nothing is
    fetched for other addresses: `dateline feeds check` tries a feed.
    """
    feeds = {feed.url: feed for feed in _read(_own())}
    told: list[str] = []
    for url in urls:
        try:
            address = valid_feed_url(url)
        except ValueError as error:
            raise click.ClickException(f"{error}. Nothing was added.") from error
        if site or not names_a_document(address):
            found, others = _found_at(address, every)
        else:
            found, others = [Subscription(address)], []
        for feed in found:
            told.append(f"{feed.url} {'is in the list already' if feed.url in feeds else 'added'}")
            feeds.setdefault(feed.url, Subscription(feed.url, title or feed.title, category))
        told += [f"  also there: {feed.url}  {feed.title}" for feed in others]
    _write(_own(), list(feeds.values()))
    click.echo("\n".join(told))


def _found_at(site: str, every: bool) -> tuple[list[Subscription], list[Subscription]]:
    """Return the feeds of a site that are to be added, and those it has besides."""
    from services.fetcher.find_feeds import find_feeds  # it brings what reads pages, for which others need not wait

    def tell(address: str) -> None:
        click.echo(f"looking at {address}", err=True)

    found = asyncio.run(find_feeds(site, from_environment(FetcherSettings), told=tell))
    if found.problem:
        raise click.ClickException(f"{found.problem}. Nothing was added.")
    feeds = [Subscription(feed.url, feed.title) for feed in found.feeds]
    return (feeds, []) if every else (feeds[:1], feeds[1:])


@command.command("remove")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
def remove(urls: tuple[str, ...]) -> None:
    """Remove feeds by their addresses."""
    feeds = {feed.url: feed for feed in _read(_own())}
    told: list[str] = []
    for url in urls:
        try:
            address = valid_feed_url(url)
        except ValueError:
            address = url
        if feeds.pop(address, None) is None:
            raise click.ClickException(
                f"{url} is not in {_own()}; `dateline feeds list` shows what is. Nothing was removed."
            )
        told.append(f"{address} removed")
    _write(_own(), list(feeds.values()))
    click.echo("\n".join(told))


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")
def list_feeds(as_json: bool) -> None:
    """List the feeds that are polled."""
    try:
        feeds = subscribed_feeds(command_settings().data)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for feed in feeds:
        if as_json:
            click.echo(orjson.dumps(asdict(feed)).decode())
        else:
            sample = ("  [SAMPLE]" if feed.sample else "") + ("  [PAUSED]" if feed.paused else "")
            places = f"  ({', '.join(feed.places)})" if feed.places else ""
            click.echo(f"{feed.url}  {feed.title}{places}{sample}")
    if not feeds and not as_json:
        click.echo("No feeds yet: `dateline feeds add URL`, or `dateline feeds import FILE.opml`.", err=True)


@command.command("why")
@api_option
@click.argument("url")
def why(api: str | None, url: str) -> None:
    """Say how a feed does, what happened at its last poll, and when it is asked next and why."""
    try:
        address = valid_feed_url(url)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    told = {feed["url"]: feed for feed in get_json(api_address(api), "/v1/feeds")["feeds"]}
    if address in told:
        click.echo(told_feed(told[address], datetime.now(UTC)))
        return
    if address in {feed.url for feed in _read(_own())}:
        raise click.ClickException(
            f"{address} is on the list, but no fetcher has told of it yet: is one running, and does it have the same "
            "DATELINE_DATA and, on Kafka, a DATELINE_REDIS_URL?"
        )
    raise click.ClickException(f"{address} is not on the list: `dateline feeds add {address}`")


@command.command("pause")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
def pause(urls: tuple[str, ...]) -> None:
    """Leave feeds alone until `dateline feeds resume`; they stay on the list with all that is known of them."""
    _set_paused(urls, True, "paused")


@command.command("resume")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
def resume(urls: tuple[str, ...]) -> None:
    """Poll paused feeds again. A feed that had retired (410) is asked again too, if it is paused first."""
    _set_paused(urls, False, "resumed")


def _set_paused(urls: tuple[str, ...], paused: bool, word: str) -> None:
    feeds = {feed.url: feed for feed in _read(_own())}
    told: list[str] = []
    for url in urls:
        try:
            address = valid_feed_url(url)
        except ValueError:
            address = url
        if address not in feeds:
            raise click.ClickException(
                f"{url} is not in {_own()}; `dateline feeds list` shows what is. Nothing was changed."
            )
        told.append(f"{address} {f'was {word} already' if feeds[address].paused == paused else word}")
        feeds[address] = replace(feeds[address], paused=paused)
    _write(_own(), list(feeds.values()))
    click.echo("\n".join(told))


@command.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--wait", is_flag=True, help="Show how far the first polls are until every added feed has been asked.")
@api_option
def import_feeds(files: tuple[Path, ...], wait: bool, api: str | None) -> None:
    """Add all feeds of OPML files, as feed readers export them.

    A feed that is there already, if only under the address that it has moved from, is not added again.
    """
    feeds = {feed.url: feed for feed in _read(_own())}
    before = set(feeds)
    known = left_out = 0
    for path in files:
        try:
            opml = read_opml(path.read_bytes(), str(path))
        except (OSError, OpmlError) as error:
            raise click.ClickException(str(error)) from error
        for problem in opml.problems:
            click.echo(f"left out: {problem}", err=True)
        left_out += len(opml.problems)
        for feed in opml.subscriptions:
            if feed.url in feeds or opml.moved_from.get(feed.url) in feeds:
                known += 1
            else:
                feeds[feed.url] = feed
    _write(_own(), list(feeds.values()))
    added = feeds.keys() - before
    asides = [f"{known} known already"] * (known > 0) + [f"{left_out} left out"] * (left_out > 0)
    click.echo(f"{len(added)} feeds added, {len(feeds)} in the list" + "".join(f", {aside}" for aside in asides))
    if wait and added:
        address = api_address(api)
        try:
            polled = follow(lambda: get_json(address, "/v1/feeds")["feeds"], added)
        except KeyboardInterrupt:
            click.echo("Polling goes on; `dateline feeds why URL` says how a feed does.", err=True)
            return
        for url, problem in polled.failing:
            click.echo(f"{url}\n  PROBLEM  {problem}")
        click.echo(f"{polled.asked} asked, {len(polled.failing)} failing")


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--as-given", is_flag=True, help="Write the addresses as they were given, and ask no running Dateline.")
@api_option
def export(file: str, as_given: bool, api: str | None) -> None:
    """Write the list as OPML into FILE, or to standard output.

    A feed that has moved for good is written under its new address, with the old one beside it. A running Dateline
    knows that; without one the addresses are written as they were given.
    """
    feeds = _read(_own())
    document = write_opml(feeds, "Dateline feeds", {} if as_given or not feeds else _moved(api))
    if file == "-":
        sys.stdout.buffer.write(document)
    else:
        try:
            Path(file).write_bytes(document)
        except OSError as error:
            raise click.ClickException(f"{file} cannot be written ({error.strerror}): name another file") from error


def _moved(api: str | None) -> dict[str, str]:
    """Return where feeds have moved for good, by the address they were given with."""
    try:
        told = get_json(api_address(api), "/v1/feeds")["feeds"]
        return {feed["url"]: feed["address"] for feed in told if feed["address"] != feed["url"]}
    except (click.ClickException, KeyError, TypeError) as error:
        reason = error.message if isinstance(error, click.ClickException) else "what answers is no Dateline"
        click.echo(f"note: the addresses are those that were given, also of feeds that have moved: {reason}", err=True)
        return {}


@command.command("check")
@click.argument("urls", nargs=-1, metavar="[URL...]")
def check(urls: tuple[str, ...]) -> None:
    """Ask feeds once, politely, and say what they bring. Without URL: all that are polled. Ends with 1 if one fails."""
    from services.fetcher.check import check_feed  # it brings what reads pages, for which `feeds add` need not wait

    settings = from_environment(FetcherSettings)
    try:
        wanted = list(urls) or [feed.url for feed in subscribed_feeds(command_settings().data)]
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if not wanted:
        click.echo("No feeds yet: name one, or add it with `dateline feeds add URL`.", err=True)
    failed = False
    for url in wanted:
        found = asyncio.run(check_feed(url, settings))
        failed |= not found.ok
        click.echo(_told(url, found))
    if failed:
        raise SystemExit(1)


def _told(url: str, found: FeedCheck) -> str:
    if not found.ok:
        return f"{url}\n  PROBLEM  {found.problem}"
    newest = f"{found.newest_at:%Y-%m-%d %H:%M} UTC" if found.newest_at else "without a date"
    lines = [
        found.url,
        f"  {found.kind}, {found.items} items, newest {newest}: {found.newest_title}",
        f"  title: {found.title}",
        f"  text: {'in the feed' if found.full_text else 'read from the pages'}",
        f"  unchanged polls: {'cheap (validators)' if found.conditional else 'whole (no validators)'}",
        *(f"  note: {advice}" for advice in found.advice),
    ]
    return "\n".join(lines)
