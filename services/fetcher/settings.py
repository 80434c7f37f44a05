"""What can be set about the fetcher, each through the environment variable DATELINE_FETCH_<NAME>."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.fetcher.pace import POLL_WORTH_S

USER_AGENT = "Dateline/0.1 (+https://github.com/dateline-events/dateline)"


class FetcherSettings(BaseSettings):
    """Settings of the fetcher. Durations are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="DATELINE_FETCH_", frozen=True)

    user_agent: str = USER_AGENT
    """Sent with every request; its first word is the name that robots.txt rules are looked up by."""
    allow_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """"host:port" that may be fetched though they are not public, comma-separated: the sample newsroom."""

    min_interval_s: float = Field(default=300.0, gt=0)
    """A feed is never polled more often, whatever it allows."""
    max_interval_s: float = Field(default=86_400.0, gt=0)
    """A feed is polled at least this often, whatever it asks for."""
    poll_worth_s: float = Field(default=POLL_WORTH_S, gt=0)
    """Seconds of one item's waiting that a poll is worth: a quarter of it doubles the requests and halves the delay."""
    sample_min_interval_s: float = Field(default=1.0, gt=0)
    """``min_interval_s`` for feeds that are marked as sample."""
    sample_max_interval_s: float = Field(default=10.0, gt=0)
    audit_interval_s: float = Field(default=259_200.0, gt=0)
    """A feed that only answers 304 is fetched whole this often: some servers keep an ETag while the feed changes."""
    feed_list_s: float = Field(default=2.0, gt=0)
    """How often the list of feeds is read again."""

    host_gap_s: float = Field(default=1.0, ge=0)
    """Least time between two requests to one registered domain; there is never more than one at a time."""
    address_gap_s: float = Field(default=0.25, ge=0)
    """Least time between two requests to one address, whatever names lead to it; never more than one at a time."""
    max_address_pause_s: float = Field(default=900.0, ge=0)
    """A 429 or 503 quiets everything behind the same address for at most this; its own domain for as long as asked."""
    callback_url: str = ""
    """Public address by which hubs reach ``callback_port`` here, such as https://news.example.org: with it, what is
    new is delivered by the hubs that feeds name (WebSub). Empty: feeds are only polled."""
    callback_host: str = "127.0.0.1"
    callback_port: int = Field(default=8085, ge=0, le=65535)
    feeds_obey_robots: bool = False
    """Whether robots.txt is asked before a feed as well; for pages it always is. Feeds are made for machines."""
    sample_host_gap_s: float = Field(default=0.05, ge=0)
    max_crawl_delay_s: float = Field(default=30.0, ge=0)
    """A Crawl-delay in robots.txt is honoured up to this."""
    max_concurrency: int = Field(default=64, ge=1)
    """Requests under way at once, over all hosts."""
    max_polls_per_s: float = Field(default=50.0, gt=0)
    """Polls started per second, so that a restart with thousands of overdue feeds is no stampede."""

    feed_timeout_s: float = Field(default=30.0, gt=0)
    """Deadline for a feed with all its redirects."""
    page_timeout_s: float = Field(default=20.0, gt=0)
    """Deadline for an article's page with all its redirects."""
    reading_timeout_s: float = Field(default=10.0, gt=0)
    """Deadline for parsing one document in a reading worker; then the worker is killed."""
    reading_memory_bytes: int = Field(default=1_500_000_000, ge=400_000_000)
    """Address space of a reading worker."""
    reading_workers: int = Field(default=1, ge=1)
    max_body_bytes: int = Field(default=10_000_000, ge=1)
    """Largest document, after decompression."""
    max_redirects: int = Field(default=5, ge=0)

    first_poll_items: int = Field(default=200, ge=1)
    """How many of the newest items of a feed are published when it is polled for the first time."""
    page_tries: int = Field(default=3, ge=1)
    """After so many polls at which an article's page could not be read, the feed's own summary is published."""
    seen_items: int = Field(default=4000, ge=100)
    """Items remembered per feed."""

    warc_folder: Path | None = None
    """Where every request and its answer are kept as WARC files, for `dateline replay`; empty: nowhere."""
    warc_max_bytes: int = Field(default=1_000_000_000, ge=1_000_000)
    """A new WARC file is begun when one has this size."""

    @field_validator("warc_folder", mode="before")
    @classmethod
    def _no_folder(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("allow_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
