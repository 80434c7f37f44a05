"""Settings of the API, from environment variables that begin with DATELINE_API_."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.contracts.redis_model import DEFAULT_PREFIX
from services.runtime.outbound_rules import OutboundGuard


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
    """Changes that may wait for one slow subscriber before it is sent away; it may resume."""
    max_subscribers: int = Field(default=5_000, ge=1)
    """Subscribers that one process serves at a time."""
    send_timeout_s: float = Field(default=30.0, gt=0)
    """A subscriber that takes nothing for this long is sent away."""
    deliver: bool = True
    """Whether this process takes its turn at evaluating alert rules and delivering webhooks; one at a time does."""
    lease_s: float = Field(default=10.0, gt=0)
    """Another process takes over the deliveries when the one that has them was silent for so long."""
    webhook_allow_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """"host:port" that webhooks may be sent to though they are not public, comma-separated."""
    webhook_allow_networks: Annotated[tuple[str, ...], NoDecode] = ()
    """Private networks that webhooks may be sent to: "10.20.0.0/16", comma-separated."""
    webhook_timeout_s: float = Field(default=20.0, gt=0)
    """A receiver that has not answered by then has failed."""
    webhook_disable_after_s: float = Field(default=5 * 86_400.0, gt=0)
    """A webhook whose every delivery failed for this long is disabled."""
    webhook_at_once: int = Field(default=64, ge=1)
    """Deliveries under way at a time, over all webhooks."""
    webhook_at_once_each: int = Field(default=4, ge=1)
    """Deliveries under way at a time to one webhook."""
    webhook_waiting: int = Field(default=10_000, ge=1_000)
    """Messages that may wait for one webhook; more stay in the stream of changes, as long as that keeps them."""
    webhooks_max: int = Field(default=1_000, ge=1)
    """Webhooks, and alert rules, that there may be."""
    shutdown_grace_s: int = Field(default=5, ge=1)
    """How long open requests may take to end after SIGTERM."""

    @field_validator("webhook_allow_hosts", "webhook_allow_networks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="after")
    def _guard_is_sound(self) -> Self:
        self.guard()
        return self

    def guard(self) -> OutboundGuard:
        """Return what decides where webhooks may be sent. Raises ValueError where an entry cannot be read."""
        return OutboundGuard(
            self.webhook_allow_hosts, self.webhook_allow_networks, setting="DATELINE_API_WEBHOOK_ALLOW_HOSTS"
        )
