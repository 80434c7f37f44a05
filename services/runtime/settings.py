"""Settings of a process, from environment variables that begin with DATELINE_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentSourceError


class SettingsError(Exception):
    """A setting is wrong; the text names the variable and what it may be."""


class RuntimeSettings(BaseSettings):
    """What every process of Dateline can be told."""

    model_config = SettingsConfigDict(env_prefix="DATELINE_", extra="ignore")

    data: Path = Path("data")
    """Folder for everything that must survive a restart."""
    kafka: str = ""
    """Kafka's bootstrap servers, "host:port,host:port". Empty: the embedded runtime, whose log is the Redis below."""
    redis_url: str = ""
    """Where the embedded log listens: unix:///path or redis://host:port/0. Empty: the socket in the data folder.

    On Kafka it only holds the states that the cache writes and the api reads.
    """
    worker: str = ""
    """Stable name of this worker. A process that comes back under its name takes up its unanswered messages at once."""
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    """Port of /healthz, /readyz and /metrics; 0: any free one."""
    health_note: Path | None = None
    """File to write that port into, for whoever looks after the process."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    batch: int = Field(default=64, ge=1, le=10_000)
    """Messages a stage takes at most at once."""
    max_backlog: int = Field(default=2_000, ge=1)
    """A stage waits while a topic it writes has more messages than this that its readers have not answered."""
    lease_s: float = Field(default=10.0, gt=0)
    """A stateful stage is taken over when its owner has been silent for this long. On Kafka: the session timeout."""
    takeover_s: float = Field(default=15.0, gt=0)
    """Embedded: a message of a stateless stage is taken over when its worker has not answered for this long."""
    tick_s: float = Field(default=60.0, ge=0)
    """Seconds between two looks of a stateful stage, or the cache, at what has come due without a message; 0: none."""
    standbys: int = Field(default=1, ge=0, le=8)
    """On Kafka: how many other workers follow each partition's table, so that a takeover need not read all of it."""
    quiet_days: int = Field(default=7, ge=1)
    """After so many days without a report the linker calls an event quiet (``Event.activity``)."""
    archive_days: int = Field(default=30, ge=2)
    """After so many days it is archived: only what names its people, bodies, towns or days finds it again."""
    horizon_days: int = Field(default=400, ge=3)
    """After so many days the linker forgets it, and a report of it founds a new event."""
    kept_days: int = Field(default=90, ge=1)
    """Days after its last change for which an event stays in Redis, and with it what it was before."""
    depth: Literal["full", "lead"] = "full"
    """How much of each article the extractor reads."""
    pipelines: str = ""
    """Languages the extractor reads, each with an installed spaCy pipeline: "en=en_core_web_sm,fr=fr_core_news_sm".

    Empty: English, and every other language whose tables and usual pipeline are installed.
    """
    min_confidence: float | None = Field(default=None, ge=0, le=1)
    """Mentions less sure than this are not sent. Unset: the extractor's own threshold, set by measurement."""


AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def read_settings(kind: type[AnySettings]) -> AnySettings:
    """Return the settings of one kind from the environment. Raises SettingsError naming each wrong variable."""
    prefix = kind.model_config.get("env_prefix", "")
    try:
        return kind()
    except ValidationError as error:
        wrong = [
            f"{prefix}{str(problem['loc'][0]).upper()}={problem.get('input')!r}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise SettingsError(f"Wrong settings in the environment: {'; '.join(wrong)}. Correct or unset them.") from error
    except EnvironmentSourceError as error:  # a list or table that is no JSON; the text names the field
        raise SettingsError(
            f"Wrong settings in the environment ({prefix}...): {error}. Correct or unset it."
        ) from error


def load_settings() -> RuntimeSettings:
    """Return what every process can be told. Raises SettingsError naming each wrong variable."""
    return read_settings(RuntimeSettings)
