"""Settings of the API, from environment variables that begin with DATELINE_API_."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.contracts.redis_model import DEFAULT_PREFIX


class Settings(BaseSettings):
    """What the API can be told."""

    model_config = SettingsConfigDict(env_prefix="DATELINE_API_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """0: any free port."""
    redis_url: str = "redis://127.0.0.1:6379/0"
    """Where the cache writes: redis://, rediss:// or unix://."""
    prefix: str = DEFAULT_PREFIX
    """What the cache's keys start with."""
    cors_origins: tuple[str, ...] = ("*",)
    """Sites whose pages may read the API: a JSON list such as ["https://example.org"]; ["*"] is everyone, [] nobody."""
    keys: Literal["auto", "on", "off"] = "auto"
    """Whether callers need a key (`dateline keys add`). auto: only where the API listens beyond this machine."""
    per_minute: int = Field(default=600, ge=1)
    """Requests a minute that a key is good for, unless it was made with another rate."""
    heartbeat_s: float = Field(default=15.0, gt=0)
    """A silent stream of changes says this often that it lives; proxies close what is silent for a minute."""
    queue: int = Field(default=512, ge=128)
    """Changes that may wait for one slow subscriber before it is sent away with a reset."""
    max_subscribers: int = Field(default=5_000, ge=1)
    """Subscribers that one process serves at a time."""
    send_timeout_s: float = Field(default=30.0, gt=0)
    """A subscriber that takes nothing for this long is sent away."""
    shutdown_grace_s: int = Field(default=5, ge=1)
    """How long open requests may take to end after SIGTERM."""
