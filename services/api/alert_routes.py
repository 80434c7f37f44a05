"""The endpoints under /v1/alerts: rules, what fired, and the stream of what fires. A rule belongs to the API key that
made it.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from services.api import parameters
from services.api.access import Access, caller
from services.api.alert_rules import NewRule, Rule, RuleChanges
from services.api.alert_store import FIRED_KEPT_EACH, AlertStore
from services.api.alerts import Fired
from services.api.bodies import read_body, refuse_other_sites, wrong_member
from services.api.changes import Entry
from services.api.conditions import ConditionError, read_condition
from services.api.event_stream import Streams, resume_position
from services.api.problem import Problem
from services.api.sse import Position
from services.api.stream_reader import StreamReader
from services.api.subscription_schema import body_of, made
from services.api.values import split_commas
from services.contracts.api_keys import ADMIN, SUBSCRIBE

JSON: Final = "application/json"


class FiredFilters(BaseModel):
    """Parameters of GET /v1/alerts/{id}/fired."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=FIRED_KEPT_EACH, description="Alerts to list, newest first.")


class AlertStreamFilters(BaseModel):
    """Parameters of GET /v1/alerts/stream."""

    model_config = ConfigDict(extra="forbid")

    rule: Annotated[list[str], BeforeValidator(split_commas), Field(max_length=50)] = Field(
        default_factory=list, description="Ids of rules; any of them. Left out: all of yours."
    )
    last_event_id: str = Field(
        default="",
        max_length=50,
        description="Id of the last alert received: what came after it is sent first; "
        "`beginning`: everything that is kept. The header Last-Event-ID goes before it.",
    )


@dataclass(frozen=True, slots=True)
class AlertParts:
    """What the endpoints need."""

    store: AlertStore
    streams: Streams[Fired]
    changes: StreamReader[Entry]
    most: int


def alert_routes(parts: AlertParts, access: Access) -> APIRouter:
    """Return the endpoints of alert rules."""
    router = APIRouter(
        prefix="/v1/alerts", tags=["alerts"], dependencies=[Depends(_no_other_sites), access.require(SUBSCRIBE)]
    )
    store = parts.store

    async def mine(request: Request, rule_id: str) -> Rule:
        rule = await store.get(rule_id)
        if rule is None or not _is_of(rule, request):
            raise Problem("unknown-alert", f"No alert rule has the id {rule_id!r}: GET /v1/alerts lists them.")
        return rule

    @router.get("", summary="All alert rules, the oldest first", responses=made("AlertRuleList", parameters=True))
    async def list_rules(request: Request) -> Response:
        parameters.refuse_all(request)
        return _json({"alerts": [rule.shown() for rule in await store.all() if _is_of(rule, request)]})

    @router.post(
        "",
        summary="Make an alert rule",
        description="It fires once for each event that comes to meet the condition, and again for the same event only "
        "after that met it no more in between. Fired alerts come over /v1/alerts/stream and by webhooks that send "
        "alerts.",
        status_code=201,
        responses=made("AlertRule", 201, body=True),
        openapi_extra=body_of(NewRule),
    )
    async def make(request: Request) -> Response:
        wanted = await read_body(NewRule, request)
        _check(wanted.when)
        if len(await store.all()) >= parts.most:
            raise Problem("too-many", f"There may be {parts.most} alert rules.")
        rule = Rule(
            id=f"al_{secrets.token_hex(12)}",
            name=wanted.name,
            description=wanted.description,
            when=wanted.when,
            enabled=wanted.enabled,
            created_ms=_now_ms(),
            since=await _end(parts),
            owner=caller(request).id,
        )
        await store.put(rule, anew=True)
        return _json(rule.shown(), 201, {"Location": f"/v1/alerts/{rule.id}"})

    @router.get(
        "/stream",
        summary="Alerts as they fire (server-sent events)",
        description="Events named `alert` carry one fired alert; `reset` says that some were missed. Resumes as "
        "/v1/changes does.",
        responses=made("FiredAlert", media_type="text/event-stream", missing="unknown-alert", parameters=True),
        openapi_extra=parameters.describe(AlertStreamFilters),
    )
    async def stream(request: Request) -> Response:
        filters = parameters.read(AlertStreamFilters, request)
        resume = resume_position(request, filters.last_event_id)
        wanted = frozenset(filters.rule)
        who = caller(request)
        for rule_id in filters.rule:
            await mine(request, rule_id)  # a slip would wait for ever

        def choose(fired: Fired) -> bytes | None:
            own = who.key is None or fired.owner == who.id or who.may(ADMIN)
            return fired.frame() if own and (not wanted or fired.rule_id in wanted) else None

        return parts.streams.open(choose, resume)

    @router.get(
        "/{rule_id}",
        summary="One alert rule",
        responses=made("AlertRule", missing="unknown-alert", parameters=True),
    )
    async def get(request: Request, rule_id: str) -> Response:
        parameters.refuse_all(request)
        return _json((await mine(request, rule_id)).shown())

    @router.patch(
        "/{rule_id}",
        summary="Change an alert rule",
        responses=made("AlertRule", missing="unknown-alert", body=True),
        openapi_extra=body_of(RuleChanges),
    )
    async def change(request: Request, rule_id: str) -> Response:
        rule = await mine(request, rule_id)
        wanted = await read_body(RuleChanges, request)
        changed = replace(
            rule,
            name=rule.name if wanted.name is None else wanted.name,
            description=rule.description if wanted.description is None else wanted.description,
            enabled=rule.enabled if wanted.enabled is None else wanted.enabled,
        )
        anew = wanted.when is not None and wanted.when != rule.when
        if wanted.when is not None and anew:
            _check(wanted.when)
            changed = replace(changed, when=wanted.when, created_ms=_now_ms(), since=await _end(parts))
        elif changed.enabled and not rule.enabled:
            changed = replace(changed, since=await _end(parts))
        await store.put(changed, anew=anew)
        return _json(changed.shown())

    @router.delete(
        "/{rule_id}",
        summary="Remove an alert rule and the list of what fired by it",
        status_code=204,
        responses=made(None, 204, missing="unknown-alert"),
    )
    async def remove(request: Request, rule_id: str) -> Response:
        await mine(request, rule_id)
        await store.remove(rule_id)
        return Response(status_code=204)

    @router.get(
        "/{rule_id}/fired",
        summary="The last alerts of a rule, newest first",
        responses=made("FiredAlertList", missing="unknown-alert", parameters=True),
        openapi_extra=parameters.describe(FiredFilters),
    )
    async def fired(request: Request, rule_id: str) -> Response:
        filters = parameters.read(FiredFilters, request)
        await mine(request, rule_id)
        found = await store.fired_by(rule_id, filters.limit)
        return Response(b'{"fired":[' + b",".join(found) + b"]}", media_type=JSON)

    return router


async def _end(parts: AlertParts) -> Position:
    return (await parts.changes.state()).last


async def _no_other_sites(request: Request) -> None:
    if request.method != "GET":
        refuse_other_sites(request)


def _is_of(rule: Rule, request: Request) -> bool:
    """True where the rule belongs to whoever asks; where keys are off everything belongs to everybody."""
    who = caller(request)
    return who.key is None or rule.owner == who.id or who.may(ADMIN)


def _check(condition: dict[str, Any]) -> None:
    try:
        read_condition(condition)
    except ConditionError as error:
        raise wrong_member(f"when.{error.path}".rstrip("."), str(error)) from error


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)
