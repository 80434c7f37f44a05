"""What a webhook is told to do: as a client writes it, and as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.api.change_filters import ChangeFilters, ChangeSelection, change_selection
from services.api.sse import START, Position, format_position, parse_position
from services.api.webhook_signing import parse_secret

Json = dict[str, Any]

SENDS: Final = ("changes", "alerts", "operations")

OLD_SECRET_S: Final = 24 * 3600
"""A replaced secret signs for so long beside the new one."""


def _secret(value: str) -> str:
    parse_secret(value)
    return value


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


Url = Annotated[str, Field(min_length=1, max_length=2_000)]
Sends = Annotated[
    list[Literal["changes", "alerts", "operations"]],
    Field(
        min_length=1,
        description="changes: each change that passes the filters. alerts: each alert that fires. operations: that "
        "another webhook was disabled.",
    ),
]
Rules = Annotated[list[str], Field(max_length=100, description="Alert rules to be told of; empty: all of them.")]


class NewWebhook(_Body):
    """Body of POST /v1/webhooks."""

    url: Url = Field(description="Where messages are posted to: https, or http.")
    description: str = Field(default="", max_length=500)
    sends: Sends = Field(default=["changes"])
    filters: ChangeFilters = Field(
        default_factory=ChangeFilters, description="Which changes: names and values as at GET /v1/changes."
    )
    rules: Rules = Field(default_factory=list)
    secret: Annotated[str, AfterValidator(_secret)] | None = Field(
        default=None, description="whsec_ and base64 of 24 to 64 random bytes; made where it is left out."
    )


class WebhookChanges(_Body):
    """Body of PATCH /v1/webhooks/{id}: what is left out stays as it is."""

    url: Url | None = None
    description: str | None = Field(default=None, max_length=500)
    sends: Sends | None = None
    filters: ChangeFilters | None = None
    rules: Rules | None = None
    enabled: bool | None = Field(
        default=None, description="true: begin again with what happens from now on; what waits is sent too."
    )


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret and how long it signs; ``until_ms`` 0: until it is replaced."""

    text: str
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook as it is kept. Times are milliseconds since 1970, 0 where there was none."""

    id: str
    url: str
    description: str = ""
    sends: tuple[str, ...] = ("changes",)
    filters: Mapping[str, Any] = field(default_factory=dict)
    """As the client wrote them."""
    rules: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    """The newest first."""
    owner: str = ""
    """Id of the API key that made it; empty where keys were off."""
    created_ms: int = 0
    enabled: bool = True
    disabled_reason: str = ""
    disabled_ms: int = 0
    failing_since_ms: int = 0
    """First failed attempt since the last that succeeded."""
    last_success_ms: int = 0
    last_error: str = ""
    changes: Position = START
    """Up to where its changes were looked at."""
    alerts: Position = START

    def selection(self) -> ChangeSelection:
        """Return what decides about changes. Raises pydantic's ValidationError where a filter is known no more."""
        return change_selection(ChangeFilters.model_validate(dict(self.filters)))

    def signing(self, now_ms: int) -> tuple[str, ...]:
        """Return the secrets that sign now."""
        return tuple(secret.text for secret in self.secrets if not secret.until_ms or secret.until_ms > now_ms)


def with_new_secret(secrets: tuple[Secret, ...], text: str, now_ms: int) -> tuple[Secret, ...]:
    """Return the secrets after a rotation: the new one, and the one before for a day more."""
    return (Secret(text), *(Secret(old.text, now_ms + OLD_SECRET_S * 1_000) for old in secrets[:1]))


def settings_json(webhook: Webhook) -> bytes:
    """Return what the field ``settings`` of a webhook's hash holds."""
    return orjson.dumps(
        {
            "url": webhook.url,
            "description": webhook.description,
            "sends": webhook.sends,
            "filters": webhook.filters,
            "rules": webhook.rules,
            "secrets": [[secret.text, secret.until_ms] for secret in webhook.secrets],
            "created_ms": webhook.created_ms,
            "owner": webhook.owner,
        }
    )


def read_webhook(webhook_id: str, fields: Mapping[bytes, bytes]) -> Webhook:
    """Return a webhook from its hash. Raises KeyError or ValueError where it is of another layout."""
    held = orjson.loads(fields[b"settings"])
    return Webhook(
        id=webhook_id,
        url=held["url"],
        description=held["description"],
        sends=tuple(held["sends"]),
        filters=held["filters"],
        rules=tuple(held["rules"]),
        secrets=tuple(Secret(text, until_ms) for text, until_ms in held["secrets"]),
        created_ms=held["created_ms"],
        owner=held["owner"],
        enabled=fields[b"enabled"] == b"1",
        disabled_reason=fields.get(b"disabled_reason", b"").decode(),
        disabled_ms=int(fields.get(b"disabled_ms", b"0")),
        failing_since_ms=int(fields.get(b"failing_since_ms", b"0")),
        last_success_ms=int(fields.get(b"last_success_ms", b"0")),
        last_error=fields.get(b"last_error", b"").decode(),
        changes=parse_position(fields[b"changes"].decode()),
        alerts=parse_position(fields[b"alerts"].decode()),
    )


def webhook_fields(webhook: Webhook) -> dict[str, str | bytes | int]:
    """Return the hash of a new webhook."""
    return {
        "settings": settings_json(webhook),
        "enabled": int(webhook.enabled),
        "changes": format_position(webhook.changes),
        "alerts": format_position(webhook.alerts),
    }
