"""JSON schemas of what webhooks and alert rules take and answer, for openapi.json."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from services.api.alert_rules import NewRule, RuleChanges
from services.api.body_examples import BODY_EXAMPLES, HOOK, RULE_NAME, SECRET
from services.api.conditions import SCHEMA as CONDITION
from services.api.examples import CHANGE_POSITION, RULE_ID, WEBHOOK_ID
from services.api.schema import Json, object_of, problem_answer, ref
from services.api.webhook_config import SENDS, NewWebhook, WebhookChanges
from services.api.webhook_messages import CHANGE
from services.contracts.ids import derive

JSON: Final = "application/json"

_TEXT: Final[Json] = {"type": "string"}
_NOTHING: Final[Json] = {"type": "string", "examples": [""]}
_INSTANT: Final[Json] = {"type": "string", "format": "date-time"}
_MAYBE_INSTANT: Final[Json] = {"type": ["string", "null"], "format": "date-time"}

_WEBHOOK: Final[Json] = {
    "id": {"type": "string", "examples": [WEBHOOK_ID]},
    "url": {"type": "string", "examples": [HOOK]},
    "description": {"type": "string", "examples": ["the newsroom's desk for East Africa"]},
    "sends": {"type": "array", "items": {"enum": list(SENDS)}},
    "filters": {
        "type": "object",
        "description": "As given; names and values as at GET /v1/changes.",
        "examples": [{"country": ["KEN", "UGA"], "min_sources": 2}],
    },
    "rules": {"type": "array", "items": _TEXT, "examples": [[]]},
    "enabled": {"type": "boolean", "examples": [True]},
    "disabled_reason": _NOTHING,
    "disabled_at": {**_MAYBE_INSTANT, "examples": [None]},
    "created_at": _INSTANT,
    "failing_since": {
        **_MAYBE_INSTANT,
        "description": "First failed attempt since the last that succeeded.",
        "examples": [None],
    },
    "last_success_at": _MAYBE_INSTANT,
    "last_error": _NOTHING,
    "messages_waiting": {"type": "integer"},
}
_ATTEMPT: Final[Json] = {
    "message_id": {
        "type": "string",
        "description": "What the header webhook-id said.",
        "examples": [f"{CHANGE}{CHANGE_POSITION}"],
    },
    "attempt": {"type": "integer", "description": "1 for the first attempt.", "examples": [1]},
    "outcome": {"enum": ["delivered", "retrying", "given-up"]},
    "at": _INSTANT,
    "took_ms": {"type": "integer", "examples": [48]},
    "status": {
        "type": ["integer", "null"],
        "description": "HTTP status; null where there was no answer.",
        "examples": [204],
    },
    "error": {**_NOTHING, "description": "What went wrong, in words; empty where it was delivered."},
    "next_attempt_at": {**_MAYBE_INSTANT, "examples": [None]},
}
_RULE: Final[Json] = {
    "id": {"type": "string", "examples": [RULE_ID]},
    "name": {"type": "string", "examples": [RULE_NAME]},
    "description": _NOTHING,
    "when": ref("Condition"),
    "enabled": {"type": "boolean", "examples": [True]},
    "created_at": _INSTANT,
}
_FIRED: Final[Json] = {
    "id": {
        "type": "string",
        "description": "Equal for one crossing, however often it is told.",
        "examples": [derive("fired", "example")],
    },
    "at": _INSTANT,
    "rule": object_of(
        {
            "id": {"type": "string", "examples": [RULE_ID]},
            "name": {"type": "string", "examples": [RULE_NAME]},
            "owner": {**_NOTHING, "description": "API key that made it; empty where no keys are asked for."},
        }
    ),
    "change": ref("ChangeMessage"),
}


def subscription_components() -> dict[str, Json]:
    """Return the named schemas."""
    schemas: dict[str, Json] = {
        "Condition": CONDITION,
        "Webhook": object_of(_WEBHOOK),
        "WebhookWithSecret": object_of(
            {**_WEBHOOK, "secret": {"type": "string", "description": "Told only here.", "examples": [SECRET]}}
        ),
        "WebhookList": object_of({"webhooks": {"type": "array", "items": ref("Webhook")}}),
        "Attempt": object_of(_ATTEMPT),
        "AttemptList": object_of({"deliveries": {"type": "array", "items": ref("Attempt")}}),
        "Replayed": object_of(
            {
                "queued": {"type": "integer", "description": "Messages that will be sent; those that wait anyway not."},
                "next_since": {
                    "type": ["string", "null"],
                    "description": "Where the next replay goes on, where this one did not reach the end.",
                },
            }
        ),
        "AlertRule": object_of(_RULE),
        "AlertRuleList": object_of({"alerts": {"type": "array", "items": ref("AlertRule")}}),
        "FiredAlert": object_of(_FIRED),
        "FiredAlertList": object_of({"fired": {"type": "array", "items": ref("FiredAlert")}}),
    }
    for model in (NewWebhook, WebhookChanges, NewRule, RuleChanges):
        schemas |= _definitions(model)
    return schemas


def body_of(model: type[BaseModel], *, required: bool = True) -> Json:
    """Return what OpenAPI says of an operation with such a body."""
    own = _definitions(model)
    schema = ref(model.__name__) if model in (NewWebhook, WebhookChanges, NewRule, RuleChanges) else own[model.__name__]
    examples = {
        name: {"summary": summary, "value": value} for name, (summary, value) in BODY_EXAMPLES[model.__name__].items()
    }
    return {"requestBody": {"required": required, "content": {JSON: {"schema": schema, "examples": examples}}}}


def made(
    schema: str | None,
    status: int = 200,
    *,
    missing: str = "",
    body: bool = False,
    parameters: bool = False,
    conflict: bool = False,
    media_type: str = JSON,
) -> dict[int | str, Json]:
    """Return the OpenAPI responses of an endpoint. ``missing`` is the kind of problem where the id is unknown."""
    found: dict[int | str, Json] = {status: {"description": "OK"}}
    if schema is not None:
        found[status]["content"] = {media_type: {"schema": ref(schema)}}
    if body:
        found[400] = problem_answer("invalid-body")
        found[413] = problem_answer("body-too-large")
        found[415] = problem_answer("wrong-content")
    if parameters:
        found[400] = problem_answer("invalid-parameter")
    if missing:
        found[404] = problem_answer(missing)
    if conflict or status == 201:
        found[409] = problem_answer("too-many")
    found[403] = problem_answer("other-site")
    found[503] = problem_answer("store-unavailable")
    return dict(sorted(found.items(), key=lambda pair: str(pair[0])))


def _definitions(model: type[BaseModel]) -> dict[str, Json]:
    schema: dict[str, Any] = model.model_json_schema(ref_template="#/components/schemas/{model}")
    nested: dict[str, Json] = schema.pop("$defs", {})
    found = {**nested, model.__name__: schema}
    for definition in found.values():
        for member in definition.get("properties", {}).values():
            if member.get("default") == "":
                del member["default"]  # left out is left out, and no instant is empty
    return found
