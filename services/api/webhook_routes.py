"""The endpoints under /v1/webhooks. A webhook belongs to the API key that made it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from starlette.responses import Response

from services.api import parameters
from services.api.access import Access, caller
from services.api.alert_rules import Rule
from services.api.alerts import Fired
from services.api.bodies import read_body, refuse_other_sites, wrong_member
from services.api.changes import Entry
from services.api.problem import Problem
from services.api.sse import LARGEST, START, Position
from services.api.stream_reader import StreamReader
from services.api.subscription_schema import body_of, made
from services.api.values import Instant, after
from services.api.webhook_config import NewWebhook, Secret, Webhook, WebhookChanges, with_new_secret
from services.api.webhook_messages import (
    ALERT,
    Message,
    alert_message,
    change_message,
    instant,
    place_of,
    test_message,
)
from services.api.webhook_sender import WebhookSender
from services.api.webhook_signing import NEW_BYTES, format_secret, parse_secret
from services.api.webhook_store import FULL, Attempt, Outcome, WebhookStore
from services.contracts.api_keys import ADMIN, SUBSCRIBE
from services.runtime.outbound_rules import OutboundError

JSON: Final = "application/json"
READ_AT_ONCE: Final = 500
MOST_REPLAYED: Final = 5_000
"""Messages that one replay queues; the answer says where to go on."""


def _ids(values: list[str]) -> list[str]:
    for value in values:
        place_of(value)
    return values


class NewSecret(BaseModel):
    """Body of POST /v1/webhooks/{id}/rotate-secret."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[str, AfterValidator(lambda text: parse_secret(text) and text)] | None = Field(
        default=None, description="whsec_ and base64 of 24 to 64 random bytes; made where it is left out."
    )


class Replay(BaseModel):
    """Body of POST /v1/webhooks/{id}/replay: a time from which on, or single messages."""

    model_config = ConfigDict(extra="forbid")

    since: Instant = Field(default="", validate_default=False, description="Everything from this instant on.")
    until: Instant = Field(default="", validate_default=False, description="Only what came before this instant.")
    messages: Annotated[list[str], Field(max_length=1_000), AfterValidator(_ids)] = Field(
        default_factory=list, description="Ids of messages, as webhook-id and the list of deliveries have them."
    )

    @field_validator("until")
    @classmethod
    def _after_since(cls, value: str, info: ValidationInfo) -> str:
        return after(value, info.data, "since")

    @model_validator(mode="after")
    def _one_way(self) -> Replay:
        if bool(self.since) == bool(self.messages):
            raise ValueError("say either since, an instant from which on, or messages, a list of ids")
        return self


class AttemptFilters(BaseModel):
    """Parameters of GET /v1/webhooks/{id}/deliveries."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=1_000, description="Attempts to list, newest first.")


@dataclass(frozen=True, slots=True)
class WebhookParts:
    """What the endpoints need."""

    store: WebhookStore
    sender: WebhookSender
    changes: StreamReader[Entry]
    alerts: StreamReader[Fired]
    rule: Callable[[str], Awaitable[Rule | None]]
    """Returns the alert rule of an id."""
    most: int
    most_waiting: int


def webhook_routes(parts: WebhookParts, access: Access) -> APIRouter:
    """Return the endpoints of webhooks."""
    router = APIRouter(
        prefix="/v1/webhooks",
        tags=["webhooks"],
        dependencies=[Depends(_no_other_sites), access.require(SUBSCRIBE)],
    )
    store = parts.store

    async def mine(request: Request, webhook_id: str) -> Webhook:
        webhook = await store.get(webhook_id)
        if webhook is None or not _is_of(webhook, request):
            raise Problem("unknown-webhook", f"No webhook has the id {webhook_id!r}: GET /v1/webhooks lists them.")
        return webhook

    async def check_rules(request: Request, rule_ids: list[str]) -> None:
        who = caller(request)
        for number, rule_id in enumerate(rule_ids):
            rule = await parts.rule(rule_id)
            if rule is None or not (who.key is None or rule.owner == who.id or who.may(ADMIN)):
                detail = f"no alert rule of yours has the id {rule_id!r}: GET /v1/alerts lists them"
                raise wrong_member(f"rules.{number}", detail)

    @router.get("", summary="All webhooks, the oldest first", responses=made("WebhookList", parameters=True))
    async def list_webhooks(request: Request) -> Response:
        parameters.refuse_all(request)
        found = [webhook for webhook in await store.all() if _is_of(webhook, request)]
        waiting = await store.waiting([webhook.id for webhook in found])
        return _json({"webhooks": [shown(each, count) for each, count in zip(found, waiting, strict=True)]})

    @router.post(
        "",
        summary="Make a webhook",
        description="The answer is the only one that tells the secret. Messages are signed as the Standard Webhooks "
        "specification has it; asyncapi.yaml describes them.",
        status_code=201,
        responses=made("WebhookWithSecret", 201, body=True),
        openapi_extra=body_of(NewWebhook),
    )
    async def make(request: Request) -> Response:
        wanted = await read_body(NewWebhook, request)
        _check_url(parts.sender, wanted.url)
        await check_rules(request, wanted.rules)
        if await store.count() >= parts.most:
            raise Problem("too-many", f"There may be {parts.most} webhooks.")
        webhook = Webhook(
            id=f"wh_{secrets.token_hex(12)}",
            url=wanted.url,
            description=wanted.description,
            sends=tuple(dict.fromkeys(wanted.sends)),
            filters=wanted.filters.model_dump(exclude_defaults=True),
            rules=tuple(wanted.rules),
            secrets=(Secret(wanted.secret or _new_secret()),),
            owner=caller(request).id,
            created_ms=_now_ms(),
            changes=(await parts.changes.state()).last,
            alerts=(await parts.alerts.state()).last,
        )
        await store.add(webhook)
        document = {**shown(webhook, 0), "secret": webhook.secrets[0].text}
        return _json(document, 201, {"Location": f"/v1/webhooks/{webhook.id}"})

    @router.get(
        "/{webhook_id}",
        summary="One webhook",
        responses=made("Webhook", missing="unknown-webhook", parameters=True),
    )
    async def get(request: Request, webhook_id: str) -> Response:
        parameters.refuse_all(request)
        return await _one(store, await mine(request, webhook_id))

    @router.patch(
        "/{webhook_id}",
        summary="Change a webhook, or enable it again",
        responses=made("Webhook", missing="unknown-webhook", body=True),
        openapi_extra=body_of(WebhookChanges),
    )
    async def change(request: Request, webhook_id: str) -> Response:
        webhook = await mine(request, webhook_id)
        wanted = await read_body(WebhookChanges, request)
        if wanted.url is not None:
            _check_url(parts.sender, wanted.url)
        await check_rules(request, [rule for rule in wanted.rules or () if rule not in webhook.rules])
        changed = replace(
            webhook,
            url=webhook.url if wanted.url is None else wanted.url,
            description=webhook.description if wanted.description is None else wanted.description,
            sends=webhook.sends if wanted.sends is None else tuple(dict.fromkeys(wanted.sends)),
            filters=webhook.filters if wanted.filters is None else wanted.filters.model_dump(exclude_defaults=True),
            rules=webhook.rules if wanted.rules is None else tuple(wanted.rules),
        )
        if changed != webhook:
            await store.write_settings(changed)
        if (wanted.enabled is True and not webhook.enabled) or set(changed.sends) - set(webhook.sends):
            enabled = wanted.enabled is True or webhook.enabled
            changes, alerts = (await parts.changes.state()).last, (await parts.alerts.state()).last
            if enabled:
                await store.enable(webhook_id, changes, alerts)
        if wanted.enabled is False and webhook.enabled:
            await store.disable(webhook_id, "by request", _now_ms())
        return await _one(store, await mine(request, webhook_id))

    @router.delete(
        "/{webhook_id}",
        summary="Remove a webhook with all that waits for it",
        status_code=204,
        responses=made(None, 204, missing="unknown-webhook"),
    )
    async def remove(request: Request, webhook_id: str) -> Response:
        await mine(request, webhook_id)
        await store.remove(webhook_id)
        return Response(status_code=204)

    @router.post(
        "/{webhook_id}/rotate-secret",
        summary="Replace the secret",
        description="For a day messages carry two signatures, one by the secret before.",
        responses=made("WebhookWithSecret", missing="unknown-webhook", body=True),
        openapi_extra=body_of(NewSecret, required=False),
    )
    async def rotate(request: Request, webhook_id: str) -> Response:
        webhook = await mine(request, webhook_id)
        text = (await read_body(NewSecret, request, optional=True)).secret or _new_secret()
        changed = replace(webhook, secrets=with_new_secret(webhook.secrets, text, _now_ms()))
        await store.write_settings(changed)
        return _json({**shown(changed, (await store.waiting([webhook_id]))[0]), "secret": text})

    @router.post(
        "/{webhook_id}/test",
        summary="Send a test message now",
        description="The answer tells how the receiver took it. Nothing is tried again.",
        responses=made("Attempt", missing="unknown-webhook"),
    )
    async def test(request: Request, webhook_id: str) -> Response:
        webhook = await mine(request, webhook_id)
        now_ms = _now_ms()
        message = test_message(webhook_id, secrets.token_hex(12), now_ms)
        answer = await parts.sender.send(webhook.url, webhook.signing(now_ms), message)
        outcome: Outcome = "given-up" if answer.error else "delivered"
        attempt = Attempt(message.id, 1, outcome, now_ms, answer.took_ms, answer.status, answer.error)
        return _json(attempt.document())

    @router.get(
        "/{webhook_id}/deliveries",
        summary="The last attempts, newest first",
        responses=made("AttemptList", missing="unknown-webhook", parameters=True),
        openapi_extra=parameters.describe(AttemptFilters),
    )
    async def deliveries(request: Request, webhook_id: str) -> Response:
        filters = parameters.read(AttemptFilters, request)
        await mine(request, webhook_id)
        attempts = await store.attempts(webhook_id, filters.limit)
        return Response(b'{"deliveries":[' + b",".join(attempts) + b"]}", media_type=JSON)

    @router.post(
        "/{webhook_id}/replay",
        summary="Send messages again",
        description="Everything the webhook asks for from an instant on, or single messages by their ids. They keep "
        "their ids, so a receiver that has one already can tell.",
        status_code=202,
        responses=made("Replayed", 202, missing="unknown-webhook", body=True, conflict=True),
        openapi_extra=body_of(Replay),
    )
    async def replay(request: Request, webhook_id: str) -> Response:
        webhook = await mine(request, webhook_id)
        wanted = await read_body(Replay, request)
        if wanted.messages:
            messages, following = await _by_id(parts, wanted.messages), ""
        else:
            messages, following = await _by_time(parts, webhook, wanted)
        answer = await store.queue(webhook_id, messages, _now_ms(), parts.most_waiting)
        if answer == FULL:
            raise Problem("too-many", f"More than {parts.most_waiting} messages would wait: replay a shorter time.")
        await store.stir()
        return _json({"queued": max(answer, 0), "next_since": following or None}, 202)

    return router


def shown(webhook: Webhook, waiting: int) -> dict[str, Any]:
    """Return a webhook as the API shows it: without its secrets."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "sends": webhook.sends,
        "filters": webhook.filters,
        "rules": webhook.rules,
        "enabled": webhook.enabled,
        "disabled_reason": webhook.disabled_reason,
        "disabled_at": instant(webhook.disabled_ms) if webhook.disabled_ms else None,
        "created_at": instant(webhook.created_ms),
        "failing_since": instant(webhook.failing_since_ms) if webhook.failing_since_ms else None,
        "last_success_at": instant(webhook.last_success_ms) if webhook.last_success_ms else None,
        "last_error": webhook.last_error,
        "messages_waiting": waiting,
    }


async def _no_other_sites(request: Request) -> None:
    if request.method != "GET":
        refuse_other_sites(request)


def _is_of(webhook: Webhook, request: Request) -> bool:
    """True where the webhook belongs to whoever asks; where keys are off everything belongs to everybody."""
    who = caller(request)
    return who.key is None or webhook.owner == who.id or who.may(ADMIN)


async def _one(store: WebhookStore, webhook: Webhook) -> Response:
    (waiting,) = await store.waiting([webhook.id])
    return _json(shown(webhook, waiting))


def _check_url(sender: WebhookSender, url: str) -> None:
    try:
        sender.guard.check(url)
    except OutboundError as error:
        raise wrong_member("url", str(error)) from error


async def _by_id(parts: WebhookParts, ids: list[str]) -> list[Message]:
    messages, gone = [], []
    for message_id in dict.fromkeys(ids):
        kind, position = place_of(message_id)
        if position == START:
            gone.append(message_id)
            continue
        before = (position[0], position[1] - 1) if position[1] else (position[0] - 1, LARGEST)
        if kind == ALERT:
            fired = (await parts.alerts.between(before, position, 1)).entries
            found = [alert_message(each) for each in fired]
        else:
            found = [change_message(each) for each in (await parts.changes.between(before, position, 1)).entries]
        messages += found
        if not found:
            gone.append(message_id)
    if gone:
        raise Problem("no-longer-kept", f"{', '.join(gone)}: the streams hold nothing there (any more).")
    return messages


async def _by_time(parts: WebhookParts, webhook: Webhook, wanted: Replay) -> tuple[list[Message], str]:
    """Return what the webhook asks for of a time, and where to go on where that is more than one replay takes."""
    begin = _just_before(wanted.since)
    upto = _just_before(wanted.until) if wanted.until else None
    if upto == START:
        return [], ""  # streams began after 1970
    state = await parts.changes.state()
    if "changes" in webhook.sends and state.trimmed and state.first is not None and begin < state.first:
        kept = instant(state.first[0])
        raise Problem("no-longer-kept", f"Changes are kept since {kept}: replay from then on, or read GET /v1/events.")
    found: list[tuple[Position, Message]] = []
    if "alerts" in webhook.sends:
        found += [
            (each.position, alert_message(each))
            for each in await _all(parts.alerts, begin, upto)
            if webhook.owner in ("", each.owner) and (not webhook.rules or each.rule_id in webhook.rules)
        ]
    if "changes" in webhook.sends:
        selection = webhook.selection()
        position = begin
        while len(found) <= MOST_REPLAYED:
            part = await parts.changes.between(position, upto, READ_AT_ONCE)
            if part.upto is None:
                break
            position = part.upto
            found += [(each.position, change_message(each)) for each in part.entries if selection.takes(each.facets)]
    found.sort(key=lambda pair: pair[0])
    following = instant(found[MOST_REPLAYED][0][0]) if len(found) > MOST_REPLAYED else ""
    return [message for _, message in found[:MOST_REPLAYED]], following


def _just_before(moment: str) -> Position:
    """Return the last position of a stream before an instant."""
    ms = round(datetime.fromisoformat(moment).timestamp() * 1_000)
    return (ms - 1, LARGEST) if ms > 0 else START


async def _all(stream: StreamReader[Fired], begin: Position, upto: Position | None) -> list[Fired]:
    found: list[Fired] = []
    while (part := await stream.between(begin, upto, READ_AT_ONCE)).upto is not None:
        found += part.entries
        begin = part.upto or START
    return found


def _new_secret() -> str:
    return format_secret(secrets.token_bytes(NEW_BYTES))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)
